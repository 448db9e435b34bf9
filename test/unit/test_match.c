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
	/* a core that many bear is not misspelt for another one; a numeral more is no slip; a bank is not what else bears its name */
	exactly("北京东方红餐饮有限公司", "北京东方餐饮有限公司", LEADS_BAND_POSSIBLE);
	exactly("东方红电气股份有限公司", "东方电气股份有限公司", LEADS_BAND_POSSIBLE);
	at_least("上海融谷件软件有限公司", "上海融谷软件有限公司", LEADS_BAND_LIKELY);
	at_least("北京东方方餐饮有限公司", "北京东方餐饮有限公司", LEADS_BAND_LIKELY);
	/* what is noted behind a name is no branch of it; ordinals in digits are ordinals */
	exactly("重庆鸿源商贸有限公司王经理", "重庆鸿源商贸有限公司", LEADS_BAND_POSSIBLE);
	exactly("重庆鸿源商贸有限公司13912345678", "重庆鸿源商贸有限公司", LEADS_BAND_POSSIBLE);
	exactly("重庆鸿源商贸有限公司(总部)", "重庆鸿源商贸有限公司", LEADS_BAND_POSSIBLE);
	exactly("重庆鸿源商贸有限公司采购部", "重庆鸿源商贸有限公司", LEADS_BAND_POSSIBLE);
	exactly("重庆鸿源商贸有限公司渝北分公司", "重庆鸿源商贸有限公司", LEADS_BAND_NEW);
	exactly("重庆鸿源商贸有限公司第二门市部", "重庆鸿源商贸有限公司", LEADS_BAND_NEW);
	exactly("重庆鸿源商贸有限公司长寿加油站", "重庆鸿源商贸有限公司", LEADS_BAND_NEW);
	exactly("北京市第5建筑工程有限公司", "北京市第五建筑工程有限公司", LEADS_BAND_CERTAIN);
	exactly("中铁15局集团有限公司", "中铁十五局集团有限公司", LEADS_BAND_CERTAIN);
	exactly("中铁15局集团有限公司", "中铁十六局集团有限公司", LEADS_BAND_NEW);
	exactly("重庆市第20中学", "重庆市第二十中学", LEADS_BAND_CERTAIN);
	exactly("重庆市第15中学", "重庆市第五中学", LEADS_BAND_NEW);
	exactly("正常三有限公司", "正常有限公司", LEADS_BAND_POSSIBLE);
	exactly("重庆正常三商贸有限公司", "重庆正常商贸有限公司", LEADS_BAND_POSSIBLE);
	exactly("Apple Inc", "Apple Bank", LEADS_BAND_POSSIBLE);
	/* years, and funds that are counted in Roman */
	exactly("Vision 2000 Inc", "Vision 2020 Inc", LEADS_BAND_NEW);
	exactly("Blackstone Capital Partners V LP", "Blackstone Capital Partners VI LP", LEADS_BAND_NEW);
	at_least("Apollo Fund 3", "Apollo Fund III", LEADS_BAND_LIKELY);
	at_least("Malcolm X Center", "Malcolm X Centre", LEADS_BAND_LIKELY);
	exactly("Bank of China", "Bank of China Ltd", LEADS_BAND_CERTAIN);
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

/* ---- what differs, named ------------------------------------------------------------ */

static void
named(void)
{
	static const struct
	{
		const char *a,
				   *b,
				   *share;
	}			pair[] = {
		{"四川都江堰铁合金冶炼有限公司", "四川都江堰海棠铁合金冶炼有限公司", "word_inserted"},
		{"常熟市起重机械厂", "常熟市起重机械配件厂", "word_appended"},
		{"深圳市富鼎投资担保有限公司", "深圳市富鼎担保投资有限公司", "word_moved"},
		{"安徽瑞泰瑞泰新材料科技有限公司", "安徽瑞泰新材料科技有限公司", "word_repeated"},
		{"宁波惠联投资控股有限公司", "宁波惠联控股有限公司", "equal_but_holding"},
		{"长沙市商业银行建湘支行", "长沙银行股份有限公司建湘支行", "bank_renamed"},
		{"民生银行股份有限公司", "中国民生银行股份有限公司", "china_dropped"},
		{"余姚网络服务有限公司", "武汉余姚网络服务有限公司", "region_dropped"},
		{"中国工商银行鄂州支行", "中国工商银行股份有限公司鄂州鄂城支行", "branch_contained"},
		{"河南曙光印务有限公司", "郑州曙光印务有限公司", "core_common_same_province"},
		{"东方证券资产管理有限公司", "上海东方证券资产管理有限公司", "equal_region_unknown"},
		{"孟州市豫丰皮业有限公司", "孟州市泰丰皮业有限公司", "slip_in_head"},
		{"孟州市豫丰皮业有限公司", "孟州市泰丰皮业有限公司", "slip_context_usual"},
	};

	for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++)
	{
		band(pair[i].a, pair[i].b);
		ok(has_share(pair[i].share), "%s, %s: %s", pair[i].a, pair[i].b, pair[i].share);
	}
	band("天长市食品公司", "长沙天长食品有限公司");
	ok(!has_share("region_dropped"), "what says itself that it is a city is no core");
	at_most("京东方", "京东集团股份有限公司", LEADS_BAND_POSSIBLE);
	at_most("农业银行北海市分行", "兴业银行股份有限公司北海分行", LEADS_BAND_LIKELY);
	/* the name of a country is no rare word */
	exactly("ASML Netherlands B.V.", "Alcoa Netherlands B.V.", LEADS_BAND_NEW);
	exactly("Whirlpool Europe B.V.", "Canon Europe N.V.", LEADS_BAND_NEW);
}

/* ---- a key for every pair that may be called a match -------------------------------- */

/* how people write a name that they have read: one change, sometimes two */
static const char *
change(int kind, char *out, size_t cap)
{
	static const char *const town[] = {"重庆", "成都", "昆山", "宁波", "常熟"};
	static const char *const brand[] = {"鸿源", "瑞泰新", "云岭", "永通达", "腾盛", "三江口", "佳成"};
	static const char *const sound[] = {"弘源", "锐泰新", "云领", "永通答", "腾胜", "三疆口", "嘉成"};
	static const char *const other[] = {"鸿元宝", "瑞太", "云山", "永达", "海盛", "三河口", "佳远"};
	static const char *const swapped[] = {"源鸿", "泰瑞新", "岭云", "通永达", "盛腾", "江三口", "成佳"};
	static const char *const work[] = {"商贸", "新材料科技", "建筑工程", "物流", "生物技术"};
	static const char *const fan[] = {"商貿", "新材料科技", "建築工程", "物流", "生物技術"};
	static char query[200];
	uint32_t	i = tap_random() % 7,
				t = tap_random() % 5,
				w = tap_random() % 5;
	const char *r = town[t],
			   *c = brand[i],
			   *trade = work[w];
	const char *legal = "有限公司";

	snprintf(out, cap, "%s市%s%s有限公司", r, c, trade);
	switch (kind)
	{
		case 0: legal = tap_random() % 2 ? "有限责任公司" : ""; break;
		case 1: r = ""; break;
		case 2: c = sound[i]; break;
		case 3: c = swapped[i]; break;
		case 4: c = other[i]; break;
		case 5: trade = fan[w]; break;
		case 6: trade = ""; break;
		case 7: r = town[(t + 1) % 5]; break;
		case 8: c = sound[i]; r = ""; break;
		default: c = brand[(i + 1) % 7]; break;
	}
	snprintf(query, sizeof(query), "%s%s%s%s", r, c, trade, legal);
	return query;
}

static void
keys_of_matches(void)
{
	static const char *const what[] = {"legal form", "no region", "same sound", "swap", "another character", "traditional",
		"no trade", "another region", "sound and region", "another core"};
	static LeadsRecord q,
				s;
	int			of[10] = {0},
				called[10] = {0},
				alone[10] = {0};
	int			missed = 0,
				skew = 0;
	LeadsMatchModel free_of_keys = leads_match_default;

	for (int i = 0; i < 2000; i++)
	{
		int			kind = i % 10;
		char		name[200];
		LeadsMatchScore x,
					y;
		LeadsKey	kq[LEADS_KEYS_MAX],
					ks[LEADS_KEYS_MAX];
		bool		meet;

		fill(&q, false, change(kind, name, sizeof(name)));
		fill(&s, false, name);
		leads_match_score(&q, &s, &free_of_keys, &x);
		leads_match_score(&s, &q, &free_of_keys, &y);
		meet = leads_keys_meet(kq, leads_record_keys(&q, kq, LEADS_KEYS_MAX), ks, leads_record_keys(&s, ks, LEADS_KEYS_MAX));
		of[kind]++;
		called[kind] += x.band > LEADS_BAND_NEW;
		/* what the numbers alone would call a match, and no key leads to */
		alone[kind] += x.score >= leads_match_default.possible && !meet;
		missed += x.band > LEADS_BAND_NEW && !meet;
		skew += fabs(x.score - y.score) > 1e-9;
	}
	for (int k = 0; k < 10; k++)
		diag("%-18s %d pairs, %d called a match, %d that only the numbers would", what[k], of[k], called[k], alone[k]);
	is_int(missed, 0, "2,000 pairs of variants: every match shares a key");
	is_int(skew, 0, "and has one score from both sides");
	is_int(alone[0] + alone[1] + alone[5] + alone[3], 0, "no key is missing where only the writing differs");
	ok(called[0] + called[5] == of[0] + of[5], "another legal form or script is always a match");
	ok(called[9] < of[9] / 10, "another core is hardly ever one");
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
	named();
	keys_of_matches();
	bytes();
	return done();
}
