/* Keys: which names meet, which do not, and that nothing else decides it. */
#include "keys.h"
#include "tap.h"

static int
keys_of(const char *name, LeadsKey *out)
{
	LeadsName	n;
	int			k;

	leads_name_parse(name, strlen(name), &n);
	k = leads_name_keys(&n, out);
	return leads_keys_sort(out, k);
}

static bool
meet(const char *a, const char *b)
{
	LeadsKey	x[LEADS_NAME_KEYS_MAX],
				y[LEADS_NAME_KEYS_MAX];
	int			nx = keys_of(a, x),
				ny = keys_of(b, y);

	return leads_keys_meet(x, nx, y, ny);
}

/* every key that two names share finds the one among the stored entries of the other; how many they share */
static int
found_by_each(const char *a, const char *b, int *missed)
{
	LeadsKey	x[64],
				y[64];
	int			nx = keys_of(a, x),
				ny = keys_of(b, y),
				shared = 0;

	for (int i = 0; i < nx; i++)
	{
		bool		same = false;
		bool		found = false;
		int64_t		first,
					last;

		leads_key_range(&x[i], &first, &last);
		for (int j = 0; j < ny; j++)
		{
			int64_t		entry = leads_key_entry(&y[j], 4711);

			same |= x[i].key == y[j].key;
			found |= y[j].reach != LEADS_KEY_WITHIN && leads_key_column(&x[i]) == leads_key_column(&y[j]) &&
				entry >= first && entry <= last && (entry & LEADS_KEY_CUSTOMERS) == 4711;
		}
		shared += same;
		*missed += same && !found;
	}
	return shared;
}

/* how many keys of one find the other */
static int
keys_that_find(const char *a, const char *b)
{
	LeadsKey	x[64],
				y[64];
	int			nx = keys_of(a, x),
				ny = keys_of(b, y),
				n = 0;

	for (int i = 0; i < nx; i++)
	{
		int64_t		first,
					last;
		bool		found = false;

		leads_key_range(&x[i], &first, &last);
		for (int j = 0; j < ny; j++)
			found |= y[j].reach != LEADS_KEY_WITHIN && leads_key_column(&x[i]) == leads_key_column(&y[j]) &&
				leads_key_entry(&y[j], LEADS_KEY_CUSTOMERS) >= first && leads_key_entry(&y[j], 1) <= last;
		n += found;
	}
	return n;
}

/* the exact key with the place, as the server would look for equals */
static bool
exact(const char *a, const char *b)
{
	LeadsKey	x[LEADS_NAME_KEYS_MAX],
				y[LEADS_NAME_KEYS_MAX];
	int			nx = keys_of(a, x),
				ny = keys_of(b, y);

	for (int i = 0; i < nx; i++)
		for (int j = 0; j < ny; j++)
			if (x[i].exact && y[j].exact && x[i].key == y[j].key)
				return true;
	return false;
}

int
main(void)
{
	LeadsKey	k[LEADS_NAME_KEYS_MAX];
	int			bad = 0;
	static uint8_t df[LEADS_DF_SIZE];

	ok(meet("重庆鸿源商贸有限公司", "重慶市鴻源商貿"), "two spellings");
	ok(exact("重庆鸿源商贸有限公司", "重慶市鴻源商貿"), "two spellings: exact");
	ok(exact("重庆鸿源商贸有限公司", "鸿源商贸（重庆）有限责任公司"), "region in brackets: exact");
	ok(meet("鸿源", "重庆鸿源商贸有限公司"), "a short form");
	ok(meet("重庆弘源商贸有限公司", "重庆鸿源商贸有限公司"), "a homophone");
	ok(meet("天津市兆酒旗业有限公司", "天津市兆旗酒业有限公司"), "a swap across the cut");
	ok(meet("金湖县前供锋销合作社", "金湖县前锋供销合作社"), "a swap before the legal form");
	ok(meet("常州市金坛区儒林供销合社作", "常州市金坛区儒林供销合作社"), "a swap at the end");
	ok(meet("万科A", "万科企业股份有限公司"), "a listed short name");
	ok(meet("深振业", "深圳市振业(集团)股份有限公司"), "深振业");
	ok(!meet("重庆甲乙酒业有限公司", "成都丙丁建筑有限公司"), "strangers do not meet");
	ok(!exact("重庆鸿源商贸有限公司", "成都鸿源商贸有限公司"), "another city is not exact");
	ok(!exact("招商银行深圳分行", "招商银行广州分行"), "another branch is not exact");
	ok(meet("Coca-Cola Company", "THE COCA COLA CO., LTD."), "Latin words");
	ok(meet("CocaCola Inc", "Coca Cola GmbH"), "Latin: spaces");
	ok(meet("IBM", "International Business Machines Corp"), "Latin: initials");

	for (int i = 0; i < keys_of("重庆鸿源商贸有限公司", k); i++)
		bad += k[i].kind == 0 || (i > 0 && k[i].key <= k[i - 1].key) ||
			k[i].exact != (k[i].kind == LEADS_KEY_EXACT_NAME && k[i].exact);
	is_int(bad, 0, "sorted and distinct");
	is_int(keys_of("", k), 0, "no name, no key");
	ok(keys_of("重庆", k) > 0, "a bare region still has keys");
	ok(leads_key_text(LEADS_KEY_PHONE, "12345678", 8).exact, "phone keys are exact");
	ok(!leads_key_text(LEADS_KEY_DOMAIN, "a.example", 9).exact, "domain keys are not");
	ok(leads_key_text(LEADS_KEY_PHONE, "1", 1).key != leads_key_text(LEADS_KEY_EMAIL, "1", 1).key, "the kind counts");

	/* stored keys must not drift unnoticed: a change here raises LEADS_NORM_VERSION */
	{
		LeadsKey	p = leads_key_text(LEADS_KEY_PHONE, "13812345678", 11);
		LeadsKey	q = leads_key_text(LEADS_KEY_PHONE, "13812345678", 11);

		ok(p.key == q.key && p.key != 0, "a key is a function of its text");
	}

	/* as stored: an entry a stem and a bigram, and every shared key finds it */
	{
		static const char *const name[] = {
			"重庆鸿源商贸有限公司", "重慶市鴻源商貿", "鸿源商贸有限公司", "成都鸿源商贸有限公司", "重庆鸿原商贸公司",
			"中国银行股份有限公司成都高新技术产业开发区支行", "中国银行成都高新支行", "Acme Machinery Ltd", "ACME Machinary Co", "重庆"
		};
		int			missed = 0;
		int			shared = 0;

		for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
			for (size_t j = 0; j < sizeof(name) / sizeof(name[0]); j++)
				shared += found_by_each(name[i], name[j], &missed);
		ok(shared > 100, "%d keys shared", shared);
		is_int(missed, 0, "each of them finds who has it");
		ok(keys_that_find("重庆鸿源商贸有限公司", "重庆市鸿源商贸公司") > keys_that_find("重庆鸿源商贸有限公司", "成都鸿源商贸有限公司"),
		   "the same in another city is not found by the keys of the city");
	}

	/* another table of frequencies gives other keys, and back */
	{
		LeadsKey	a[LEADS_NAME_KEYS_MAX],
					b[LEADS_NAME_KEYS_MAX];
		int			na = keys_of("重庆鸿源达商贸发展有限公司", a),
					nb;

		for (int i = 0; i < LEADS_DF_SIZE; i++)
			df[i] = (uint8_t) (i * 37);
		leads_df_use(df);
		keys_of("重庆鸿源达商贸发展有限公司", b);
		leads_df_use(NULL);
		nb = keys_of("重庆鸿源达商贸发展有限公司", b);
		ok(na == nb && memcmp(&a[0].key, &b[0].key, sizeof(a[0].key)) == 0, "back to the shipped table");
	}
	if (getenv("UNIT_FAST"))
	{
		LeadsName	n;
		double		t = tap_seconds();

		for (int i = 0; i < 200000; i++)
		{
			leads_name_parse("重庆市渝北区鸿源达商贸发展有限公司", strlen("重庆市渝北区鸿源达商贸发展有限公司"), &n);
			leads_name_keys(&n, k);
		}
		t = (tap_seconds() - t) / 200000;
		ok(t < 3e-6, "parse + keys in %.2f us", t * 1e6);
	}
	return done();
}
