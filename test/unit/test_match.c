/* The judge: the examples of the specification, its rules, and its properties. */
#include <math.h>

#include "decide/match.h"
#include "tap.h"

static LeadsMatchScore last;

static void
fill(LeadsRecord *r, bool person, const char *name)
{
	leads_record_init(r, person);
	leads_record_add_name(r, name, strlen(name));
}

static LeadsBand
band(const char *a, const char *b)
{
	static LeadsRecord q,
				s;

	fill(&q, false, a);
	fill(&s, false, b);
	leads_match_score(&q, &s, &leads_match_default, &last);
	return last.band;
}

#define at_least(a, b, want) ok(band(a, b) >= want, "%s, %s: %d %.2f, at least %d", a, b, last.band, last.score, want)
#define at_most(a, b, want) ok(band(a, b) <= want, "%s, %s: %d %.2f, at most %d", a, b, last.band, last.score, want)
#define exactly(a, b, want) ok(band(a, b) == want, "%s, %s: %d %.2f, just %d", a, b, last.band, last.score, want)

static bool
has_share(const char *name)
{
	for (int i = 0; i < last.nshares; i++)
		if (strcmp(last.share[i].name, name) == 0)
			return true;
	return false;
}

static void
examples(void)
{
	at_least("重庆鸿源商贸有限公司", "重慶市鴻源商貿", LEADS_BAND_LIKELY);
	exactly("鸿源", "重庆鸿源商贸有限公司", LEADS_BAND_POSSIBLE);
	exactly("重庆市甲乙商贸有限公司", "重庆市丙丁商贸有限公司", LEADS_BAND_NEW);
	at_most("重庆鸿源商贸有限公司", "成都鸿源商贸有限公司", LEADS_BAND_POSSIBLE);
	exactly("重庆第一建筑有限公司", "重庆第二建筑有限公司", LEADS_BAND_NEW);
	exactly("第一建筑工程公司", "第二建筑工程公司", LEADS_BAND_NEW);
	at_most("招商银行股份有限公司深圳分行", "招商银行股份有限公司广州分行", LEADS_BAND_POSSIBLE);
	at_most("重庆鸿源商贸有限公司渝北分公司", "重庆鸿源商贸有限公司万州分公司", LEADS_BAND_POSSIBLE);
	at_least("万科A", "万科企业股份有限公司", LEADS_BAND_POSSIBLE);
	at_least("*ST康美", "康美药业股份有限公司", LEADS_BAND_POSSIBLE);
	at_least("深振业", "深圳市振业(集团)股份有限公司", LEADS_BAND_POSSIBLE);
	exactly("重庆鸿源商贸有限公司", "重庆鸿源商贸有限公司", LEADS_BAND_CERTAIN);
	at_least("重庆弘源商贸有限公司", "重庆鸿源商贸有限公司", LEADS_BAND_POSSIBLE);
	at_least("鸿源商贸(重庆)有限公司", "重庆鸿源商贸有限公司", LEADS_BAND_LIKELY);
	at_least("天津市兆酒旗业有限公司", "天津市兆旗酒业有限公司", LEADS_BAND_LIKELY);
	at_least("Coca-Cola Company", "THE COCA COLA CO., LTD.", LEADS_BAND_LIKELY);
	exactly("Acme Holdings Inc", "Zenith Holdings Inc", LEADS_BAND_NEW);
}

static void
rules(void)
{
	static LeadsRecord q,
				s;
	LeadsMatchModel easy = leads_match_default;

	/* a short core without a region: possible at most on its name alone */
	exactly("华为", "华为技术有限公司", LEADS_BAND_POSSIBLE);
	exactly("华为", "华为", LEADS_BAND_POSSIBLE);
	ok(has_share("cap_short_name"), "and the answer says why");
	exactly("华为公司", "华为公司", LEADS_BAND_POSSIBLE);
	/* the whole of a company's name, to the letter, is more than a short core; yet two may bear it */
	exactly("华为技术有限公司", "华为技术有限公司", LEADS_BAND_LIKELY);
	ok(has_share("cap_short_name"), "and the answer says why");
	exactly("鸿源商贸有限公司", "重庆鸿源商贸有限公司", LEADS_BAND_POSSIBLE);
	exactly("鸿源", "重庆鸿源商贸有限公司", LEADS_BAND_POSSIBLE);
	/* the region moved into brackets */
	exactly("鸿源商贸(重庆)有限公司", "重庆鸿源商贸有限公司", LEADS_BAND_LIKELY);
	/* what people say for 投资, 控股, 集团; places that are brands too; a reading less usual; numerals */
	exactly("广博投资控股有限公司", "广博控股集团有限公司", LEADS_BAND_POSSIBLE);
	exactly("上海农商银行南汇支行", "上海农村商业银行股份有限公司南汇支行", LEADS_BAND_CERTAIN);
	exactly("宜丰县程达工艺品有限公司", "宜丰县盛达工艺品有限公司", LEADS_BAND_LIKELY);
	exactly("中国化学工程第三建设有限公司云南分公司", "中国化学工程第十三建设有限公司云南分公司", LEADS_BAND_NEW);
	exactly("三河汇福生物科技有限公司", "东营汇福生物科技有限公司", LEADS_BAND_NEW);
	exactly("Coca-Cola Company", "Cocacola Co", LEADS_BAND_CERTAIN);
	exactly("Siemens AG", "Siemens Energy AG", LEADS_BAND_LIKELY);
	exactly("N.V. Nutricia", "Nutricia BV", LEADS_BAND_CERTAIN);
	fill(&q, false, "华为技术有限公司");
	fill(&s, false, "华为技术有限公司");
	leads_record_set_region(&q, "深圳", strlen("深圳"));
	leads_match_score(&q, &s, &leads_match_default, &last);
	ok(last.band > LEADS_BAND_POSSIBLE, "with a region it rises");
	fill(&q, false, "华为技术有限公司");
	leads_record_add_phone(&q, "13812345678", 11);
	leads_record_add_phone(&s, "+86 138-1234-5678", 17);
	leads_match_score(&q, &s, &leads_match_default, &last);
	ok(last.band > LEADS_BAND_POSSIBLE && has_share("phone_equal"), "so it does with a telephone number");

	/* contact alone never decides a company */
	fill(&q, false, "重庆甲乙酒业有限公司");
	fill(&s, false, "成都丙丁建筑有限公司");
	leads_record_add_phone(&q, "13812345678", 11);
	leads_record_add_phone(&s, "13812345678", 11);
	leads_record_set_contact(&q, "李雷", strlen("李雷"));
	leads_record_set_contact(&s, "李雷", strlen("李雷"));
	leads_record_add_email(&q, "lilei@acme.cn", 13);
	leads_record_add_email(&s, "lilei@acme.cn", 13);
	easy.w[LEADS_F_PHONE_EQUAL] = 50;
	leads_match_score(&q, &s, &easy, &last);
	is_int(last.band, LEADS_BAND_POSSIBLE, "a company's contact alone: possible at most, whatever the weights");
	ok(has_share("cap_contact_only"), "and the answer says why");

	/* USCC */
	leads_record_set_uscc(&q, "91350100M000100Y43", 18);
	leads_record_set_uscc(&s, "91350100M000100Y43", 18);
	leads_match_score(&q, &s, &leads_match_default, &last);
	ok(!q.has_uscc || last.band == LEADS_BAND_CERTAIN, "an equal USCC is certain");

	/* persons */
	fill(&q, true, "张伟");
	fill(&s, true, "张伟");
	leads_match_score(&q, &s, &leads_match_default, &last);
	ok(last.band <= LEADS_BAND_POSSIBLE, "a person's name alone does not decide");
	leads_record_add_phone(&q, "13812345678", 11);
	leads_record_add_phone(&s, "138 1234 5678", 13);
	leads_match_score(&q, &s, &leads_match_default, &last);
	is_int(last.band, LEADS_BAND_CERTAIN, "an equal mobile is certain");
	leads_record_init(&q, true);
	leads_record_add_phone(&q, "13812345678", 11);
	leads_match_score(&q, &s, &leads_match_default, &last);
	is_int(last.band, LEADS_BAND_CERTAIN, "even without a name");
	fill(&q, false, "张伟");
	leads_record_add_phone(&q, "13812345678", 11);
	leads_match_score(&q, &s, &leads_match_default, &last);
	is_int(last.band, LEADS_BAND_NEW, "a person is never a company");

	/* former names */
	fill(&q, false, "重庆鸿源商贸有限公司");
	fill(&s, false, "重庆宏图实业有限公司");
	leads_match_score(&q, &s, &leads_match_default, &last);
	is_int(last.band, LEADS_BAND_NEW, "another name");
	leads_record_add_name(&s, "重庆鸿源商贸有限公司", strlen("重庆鸿源商贸有限公司"));
	leads_match_score(&q, &s, &leads_match_default, &last);
	is_int(last.band, LEADS_BAND_CERTAIN, "but a former one");
}

static void
codes(void)
{
	int			bad = 0;

	is_int(leads_match_weight_index("no such"), -1, "unknown code");
	is_int(leads_match_weight_index("core_equal"), LEADS_F_CORE_EQUAL, "known code");
	is_str(leads_match_feature_text("no such", true), "", "no text for an unknown code");
	is_str(leads_match_feature_text("core_equal", true), "字号相同", "Chinese");
	band("重庆鸿源商贸有限公司", "重庆弘源商贸有限公司渝北分公司");
	for (int i = 0; i < last.nshares; i++)
		bad += leads_match_weight_index(last.share[i].name) < 0 ||
			leads_match_feature_text(last.share[i].name, true)[0] == 0 ||
			leads_match_feature_text(last.share[i].name, false)[0] == 0;
	is_int(bad, 0, "every share has its code and texts");
}

/* ---- properties over random pairs of variants ---------------------------------- */

static const char *const region[] = {"重庆", "重庆市", "成都市", "四川省成都市", "北京朝阳区", "", "昆山", "内蒙古"};
static const char *const core[] = {"鸿源", "弘源", "宏远", "东方红", "第一", "第二", "三一", "天箭", "五常山", "甲", "tcl", "金"};
static const char *const trade[] = {"商贸", "建筑工程", "科技", "啤酒", "", "投资管理", "酒业", "银行"};
static const char *const legal[] = {"有限公司", "有限责任公司", "股份有限公司", "", "(集团)有限公司", "厂", "合作社"};
static const char *const branch[] = {"", "", "", "渝北分公司", "第三分公司", "广州分行"};

#define PICK(a) a[tap_random() % (sizeof(a) / sizeof(a[0]))]

static void
variant(char *out, size_t cap)
{
	static const char *c,
			   *t;
	const char *r = PICK(region),
			   *l = PICK(legal),
			   *b = PICK(branch);

	/* half of them keep the core and the trade of the one before */
	if (c == NULL || tap_random() % 2)
	{
		c = PICK(core);
		t = PICK(trade);
	}
	if (tap_random() % 6 == 0 && r[0])
		snprintf(out, cap, "%s%s(%s)%s%s", c, t, r, l, b);
	else
		snprintf(out, cap, "%s%s%s%s%s", r, c, t, l, b);
}

static void
properties(void)
{
	static LeadsRecord q,
				s;
	LeadsKey	kq[LEADS_KEYS_MAX],
				ks[LEADS_KEYS_MAX];
	char		a[256],
				b[256];
	int			missed = 0,
				unsummed = 0,
				risen = 0,
				skew = 0,
				matches = 0,
				unequal = 0;

	for (int i = 0; i < 20000; i++)
	{
		LeadsMatchScore x,
					y;
		double		sum = 0;
		bool		meet;

		variant(a, sizeof(a));
		variant(b, sizeof(b));
		fill(&q, false, a);
		fill(&s, false, b);
		if (tap_random() % 4 == 0)
			leads_record_add_phone(&q, "13812345678", 11);
		if (tap_random() % 4 == 0)
			leads_record_add_phone(&s, "13812345678", 11);
		leads_match_score(&q, &s, &leads_match_default, &x);
		leads_match_score(&s, &q, &leads_match_default, &y);
		meet = leads_keys_meet(kq, leads_record_keys(&q, kq, LEADS_KEYS_MAX),
							   ks, leads_record_keys(&s, ks, LEADS_KEYS_MAX));
		matches += x.band > LEADS_BAND_NEW;
		missed += x.band > LEADS_BAND_NEW && !meet;
		for (int k = 0; k < x.nshares; k++)
			sum += x.share[k].weight;
		unsummed += fabs(sum - x.score) > 1e-6;
		skew += fabs(x.score - y.score) > 1e-6;
		if (fabs(x.score - y.score) > 1e-6)
			diag("%s | %s: %.3f %.3f", a, b, x.score, y.score);
		if (q.nnames == 1 && q.name[0].kind == LEADS_NAME_CJK && q.name[0].ncore < 3 && q.name[0].region < 0 &&
			(q.nphones == 0 || s.nphones == 0))
			risen += x.band > (q.name[0].hash == s.name[0].hash ? LEADS_BAND_LIKELY : LEADS_BAND_POSSIBLE);
		leads_record_prepare(&q);
		leads_record_prepare(&s);
		leads_match_score(&q, &s, &leads_match_default, &y);
		unequal += x.band != y.band || x.score != y.score;
	}
	is_int(missed, 0, "every match shares a key");
	ok(matches > 500, "%d of 20,000 random pairs are matches", matches);
	is_int(unsummed, 0, "the shares add to the score");
	is_int(skew, 0, "the score is symmetric");
	is_int(risen, 0, "a short core without a region never rises above possible on its name alone, unless it is the whole name");
	is_int(unequal, 0, "prepared records score alike");
}

static void
bytes(void)
{
	static LeadsRecord q,
				s;
	char		text[300];

	for (int i = 0; i < 3000; i++)
	{
		LeadsMatchScore x;
		LeadsRecord *r = i & 1 ? &q : &s;

		leads_record_init(r, i % 5 == 0);
		for (int k = 0; k < 6; k++)
		{
			int			n = (int) (tap_random() % sizeof(text));

			for (int j = 0; j < n; j++)
				text[j] = (char) (tap_random() % 3 ? tap_random() : "13812345678@.cn "[tap_random() % 16]);
			leads_record_add_name(r, text, (size_t) n);
			leads_record_add_phone(r, text, (size_t) n);
			leads_record_add_email(r, text, (size_t) n);
			leads_record_set_contact(r, text, (size_t) n);
			leads_record_set_region(r, text, (size_t) n);
			leads_record_set_uscc(r, text, (size_t) n);
		}
		if (i > 0)
			leads_match_score(&q, &s, &leads_match_default, &x);
		else
			leads_record_init(&q, false);
	}
	ok(1, "3,000 records of random bytes");
}

int
main(void)
{
	examples();
	rules();
	codes();
	properties();
	bytes();
	return done();
}
