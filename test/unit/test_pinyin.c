/*-------------------------------------------------------------------------
 *
 * test_pinyin.c
 *		Readings and classes of readings that are mixed up.
 *
 *-------------------------------------------------------------------------
 */
#include "fold.h"
#include "pinyin.h"
#include "tap.h"

static uint32_t
first(const char *s)
{
	uint32_t	cp = 0;

	leads_utf8_decode(s, strlen(s), &cp, 1, NULL);
	return cp;
}

static const struct
{
	const char *han;
	const char *pinyin;
}			readings[] = {
	{"重", "zhong"}, {"庆", "qing"}, {"慶", "qing"}, {"长", "chang"}, {"長", "chang"},
	{"行", "xing"}, {"会", "hui"}, {"绿", "lv"}, {"女", "nv"}, {"略", "lve"}, {"儿", "er"},
	{"都", "du"}, {"地", "di"}, {"曾", "zeng"}, {"厦", "xia"}, {"鑫", "xin"}, {"昇", "sheng"},
	{"〇", "ling"}, {"泓", "hong"}, {"乾", "qian"}, {"嗯", "en"}, {"一", "yi"}, {"藏", "cang"},
	{"㐀", "qiu"}, {"a", ""}, {"あ", ""},
};

/* pairs that are mixed up, and pairs that are not */
static const struct
{
	const char *a;
	const char *b;
	int			same;
}			classes[] = {
	{"中", "宗", 1}, {"陈", "岑", 1}, {"生", "森", 1}, {"宁", "林", 1}, {"南", "兰", 1},
	{"方", "汉", 1}, {"陈", "程", 1}, {"林", "凌", 1}, {"湖", "福", 1}, {"江", "坚", 1},
	{"中", "中", 1}, {"中", "东", 0}, {"张", "江", 0}, {"宏", "洪", 1}, {"宏", "黄", 0},
};

int
main(void)
{
	int			missing = 0,
				wrong = 0;

	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++)
		is_str(leads_pinyin_text(leads_pinyin(first(readings[i].han))), readings[i].pinyin,
			   readings[i].han);
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		ok((leads_pinyin_fuzzy(leads_pinyin(first(classes[i].a))) ==
			leads_pinyin_fuzzy(leads_pinyin(first(classes[i].b)))) == classes[i].same,
		   "%s and %s sound %s", classes[i].a, classes[i].b, classes[i].same ? "alike" : "different");

	for (int i = 0; i < 3; i++)
	{
		static const char *const several[][2] = {{"盛", "cheng"}, {"万", "mo"}, {"行", "hang"}};
		uint16_t	other[LEADS_PINYIN_OTHERS];
		int			n = leads_pinyin_others(first(several[i][0]), other);
		bool		found = false;

		for (int j = 0; j < n; j++)
			found |= strcmp(leads_pinyin_text(other[j]), several[i][1]) == 0;
		ok(found, "%s reads %s as well", several[i][0], several[i][1]);
	}
	is_int(leads_pinyin_others(first("鑫"), (uint16_t[LEADS_PINYIN_OTHERS]) {0}), 0, "鑫 has one reading");
	is_int(leads_pinyin_fuzzy(0), 0, "no reading has no class");
	is_int(leads_pinyin_fuzzy(65535), 0, "an unknown id has no class");
	is_str(leads_pinyin_text(65535), "", "an unknown id has no text");
	is_int(leads_pinyin(0x10FFFF), 0, "nothing at the end of Unicode");

	for (uint32_t c = 0x4E00; c <= 0x9FA5; c++)
		missing += (leads_pinyin(c) == 0);
	ok(missing < 30, "%d of 20902 characters of the first block have no reading", missing);

	for (uint32_t c = 0; c < 0x40000; c++)
	{
		uint16_t	s = leads_pinyin(c);
		uint16_t	k = leads_pinyin_fuzzy(s);

		if (k > s || (s != 0 && k == 0) || leads_pinyin_fuzzy(k) != k)
			wrong++;
	}
	ok(wrong == 0, "a class is named by its smallest syllable");
	return done();
}
