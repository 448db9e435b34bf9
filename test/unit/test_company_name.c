/* The company-name parser: regions, cores, legal forms, branches, Latin words. */
#include "company_name.h"
#include "tap.h"

static const char *
part(const char *name, LeadsNamePart p)
{
	static char buf[8][1024];
	static int	at;
	LeadsName	n;

	at = (at + 1) % 8;
	leads_name_parse(name, strlen(name), &n);
	leads_name_text(&n, p, buf[at], sizeof(buf[at]));
	return buf[at];
}

static void
name_is(const char *name, const char *region, const char *core, const char *industry,
		const char *legal, const char *branch)
{
	char		got[4096],
				want[4096];

	snprintf(got, sizeof(got), "%s|%s|%s|%s|%s", part(name, LEADS_NAME_REGION), part(name, LEADS_NAME_CORE),
			 part(name, LEADS_NAME_INDUSTRY), part(name, LEADS_NAME_LEGAL), part(name, LEADS_NAME_BRANCH));
	snprintf(want, sizeof(want), "%s|%s|%s|%s|%s", region, core, industry, legal, branch);
	is_str(got, want, name);
}

static bool
within(const char *a, const char *b)
{
	return leads_region_within(a, strlen(a), b, strlen(b));
}

static void
parses(void)
{
	name_is("重庆鸿源商贸有限公司", "重庆市", "鸿源", "商贸", "有限公司", "");
	name_is("重慶市鴻源商貿", "重庆市", "鸿源", "商贸", "", "");
	name_is("鸿源", "", "鸿源", "", "", "");
	name_is("鸿源商贸（重庆）有限公司", "重庆市", "鸿源", "商贸", "有限公司", "");
	name_is("重庆啤酒股份有限公司", "重庆市", "重庆啤酒", "", "股份有限公司", "");
	name_is("锦州银行股份有限公司大连分行", "锦州市", "锦州银行", "", "股份有限公司", "大连分行");
	name_is("*ST康美", "", "康美", "", "", "");
	name_is("ST康美", "", "康美", "", "", "");
	name_is("万科A", "", "万科", "", "", "");
	name_is("百度集团-SW", "", "百度", "", "", "");
	name_is("TCL科技集团股份有限公司", "", "tcl", "科技", "集团股份有限公司", "");
	name_is("深圳市振业(集团)股份有限公司", "深圳市", "振业", "", "股份有限公司", "");
	name_is("招商银行深圳分行", "", "招商", "银行", "银行", "深圳分行");
	name_is("中国建设银行股份有限公司廊坊燕郊燕顺路支行", "", "中国建设银行", "", "股份有限公司", "廊坊燕郊燕顺路支行");
	name_is("中国移动重庆分公司", "", "中国移动", "", "", "重庆分公司");
	name_is("重庆鸿源商贸有限公司渝北分公司", "重庆市", "鸿源", "商贸", "有限公司", "渝北分公司");
	name_is("北京东方红科技有限公司", "北京市", "东方红", "科技", "有限公司", "");
	name_is("东方科技有限公司", "", "东方", "科技", "有限公司", "");
	name_is("吉林省吉林市大河商贸有限公司", "吉林市", "大河", "商贸", "有限公司", "");
	name_is("朝阳市易通广告装饰有限公司", "朝阳市", "易通", "广告装饰", "有限公司", "");
	name_is("北京朝阳大鹏科技有限公司", "朝阳区", "大鹏", "科技", "有限公司", "");
	name_is("杭锦旗惠农养殖专业合作社", "杭锦旗", "惠农", "养殖", "专业合作社", "");
	name_is("宁波博远新轩股权投资合伙企业(有限合伙)", "宁波市", "博远新轩", "股权投资", "合伙企业", "");
	name_is("济宁嘉和纺织助 剂有限公司", "济宁市", "嘉和", "纺织助剂", "有限公司", "");
	/* a town behind the region is left out, unless only a trade would remain */
	name_is("建瓯市迪口镇宏源竹业有限公司", "建瓯市", "宏源", "竹业", "有限公司", "");
	name_is("迪口镇宏源竹业（建瓯）有限公司", "建瓯市", "宏源", "竹业", "有限公司", "");
	name_is("西安市颠拧最镇物流有限公司", "西安市", "颠拧最镇", "物流", "有限公司", "");
	name_is("成都市丧拥乡友化工有限公司", "成都市", "丧拥乡友", "化工", "有限公司", "");
	/* a character that slipped into the legal form */
	name_is("宁波联达绞有盘限公司", "宁波市", "联达绞盘", "", "有限公司", "");
	name_is("天津市文集光团有限公司", "天津市", "文光", "", "有限公司", "");
	name_is("THE Coca-Cola Company, Inc.", "", "coca cola", "", "inc", "");
	name_is("Société Générale S.A.", "", "societe generale", "", "sa", "");
	name_is("Siemens Aktiengesellschaft", "", "siemens", "", "aktiengesellschaft", "");
	name_is("", "", "", "", "", "");
	name_is("（）", "", "", "", "", "");
	is_str(part("重庆市渝北区鸿源商贸", LEADS_NAME_REGION), "渝北区", "the most specific unit");
	is_str(part("重庆市渝北区鸿源商贸", LEADS_NAME_CITY), "重庆市", "a municipality is its own city");
	is_str(part("四川成都鸿源商贸", LEADS_NAME_PROVINCE), "四川省", "province");
	is_str(part("四川成都鸿源商贸", LEADS_NAME_CITY), "成都市", "city");
	is_str(part("四川鸿源商贸", LEADS_NAME_CITY), "", "no city");
}

static void
regions(void)
{
	LeadsName	n;
	char		buf[64];

	leads_name_parse("鸿源商贸", strlen("鸿源商贸"), &n);
	leads_name_set_region(&n, "重庆", strlen("重庆"));
	leads_name_text(&n, LEADS_NAME_REGION, buf, sizeof(buf));
	is_str(buf, "重庆市", "a given region fills an unknown one");
	leads_name_set_region(&n, "重庆市渝北区", strlen("重庆市渝北区"));
	leads_name_text(&n, LEADS_NAME_REGION, buf, sizeof(buf));
	is_str(buf, "渝北区", "and refines one that contains it");
	leads_name_set_region(&n, "成都", strlen("成都"));
	leads_name_text(&n, LEADS_NAME_REGION, buf, sizeof(buf));
	is_str(buf, "渝北区", "but does not replace it");
	leads_name_set_region(&n, "火星", strlen("火星"));
	leads_name_text(&n, LEADS_NAME_REGION, buf, sizeof(buf));
	is_str(buf, "渝北区", "an unknown place is ignored");

	ok(within("重庆市渝北区", "重庆"), "渝北区 in 重庆");
	ok(within("重庆 渝北", "重庆市"), "spaces do not matter");
	ok(within("渝北区", "重庆"), "渝北区 alone is in 重庆");
	ok(within("重慶市", "重庆"), "traditional characters");
	ok(!within("重庆", "重庆市渝北区"), "重庆 not in 渝北区");
	ok(!within("成都市", "重庆"), "成都 not in 重庆");
	ok(within("四川省成都市武侯区", "四川"), "武侯区 in 四川");
	ok(within("重庆市渝北区龙溪街道", "渝北区"), "a street goes on behind the unit");
	ok(within("火星基地", "火星"), "unknown places compare as text");
	ok(!within("火", "火星"), "unknown, shorter");
	ok(within("重庆", ""), "everything is inside nothing");
}

static void
bytes(void)
{
	LeadsName	n;
	char		text[1200];
	char		out[16];
	int			bad = 0;
	static const char *const bits[] = {"重庆", "市", "(", ")", "（", "公司", "有限", "银行", "分行", "st", "*", "a",
		" ", "一", "第", "集团", "中国", "镇", "\xE9", "\xF0\x9F", "é", "股份", "建行", "商贸", "合作社"};

	for (int round = 0; round < 20000; round++)
	{
		int			len = 0;
		int			k = (int) (tap_random() % 40);

		for (int i = 0; i < k; i++)
		{
			if (tap_random() % 8 == 0)
				text[len++] = (char) tap_random();
			else
			{
				const char *b = bits[tap_random() % (sizeof(bits) / sizeof(bits[0]))];

				memcpy(text + len, b, strlen(b));
				len += (int) strlen(b);
			}
		}
		if (round % 100 == 0)
			for (len = 0; len < 1200; len++)
				text[len] = (char) (round % 200 ? 'a' + len % 3 : 0xE4 + len % 3 * 0x40);
		leads_name_parse(text, (size_t) len, &n);
		bad += n.ncore > n.nstem || n.nstem > LEADS_NAME_STEM_MAX || n.nbcore > LEADS_NAME_BRANCH_MAX;
		bad += n.kind == LEADS_NAME_CJK && n.nstem == 0 && n.nfolded > 2;
		for (int p = 0; p <= LEADS_NAME_BRANCH; p++)
			bad += leads_name_text(&n, (LeadsNamePart) p, out, sizeof(out)) >= (int) sizeof(out);
		leads_name_set_region(&n, text, (size_t) len);
		leads_person_parse(text, (size_t) len, &n);
		bad += n.ncore != n.nstem;
	}
	is_int(bad, 0, "20,000 random texts");
	ok(sizeof(LeadsName) < 4096, "a parse is smaller than 4 kB");
}

int
main(void)
{
	parses();
	regions();
	bytes();
	return done();
}
