/*-------------------------------------------------------------------------
 *
 * test_fold.c
 *		Folding and NFKC: examples, the Unicode conformance file, properties.
 *
 *-------------------------------------------------------------------------
 */
#include "fold.h"
#include "tap.h"

static const struct
{
	const char *in;
	const char *want;
}			folds[] = {
	{"", ""},
	{"   ", ""},
	{"ABC", "abc"},
	{"ＡＢＣ１２３", "abc123"},
	{"重慶鴻源商貿有限公司", "重庆鸿源商贸有限公司"},
	{"重庆鸿源商贸（有限）公司", "重庆鸿源商贸(有限)公司"},
	{"【重庆】鸿源〔一〕《甲》<乙>[丙]{丁}〈戊〉〖己〗", "(重庆)鸿源(一)(甲)(乙)(丙)(丁)(戊)(己)"},
	{" 重庆 鸿源　商贸 ", "重庆鸿源商贸"},
	{"「鸿源」", "鸿源"},
	{"鸿源 ABC Trading 公司", "鸿源abc trading公司"},
	{"Acme  Trading\tLtd", "acme trading ltd"},
	{"S.A.", "sa"},
	{"S.A", "sa"},
	{"Foo S. A.", "foo s a"},
	{"U.S.Steel", "us steel"},
	{"U.S. Steel", "us steel"},
	{"A.B.C.Company", "abc company"},
	{"Co.,Ltd.", "co ltd"},
	{"CO.LTD", "co ltd"},
	{"O'Neil’s", "oneils"},
	{"Johnson & Johnson", "johnson&johnson"},
	{"AT&T", "at&t"},
	{"& Sons &", "sons"},
	{"张三&李四", "张三李四"},
	{"Coca-Cola/China_Ltd", "coca cola china ltd"},
	{"Acme (China) Ltd.", "acme(china)ltd"},
	{"阿里·巴巴", "阿里巴巴"},
	{"甲、乙。丙，丁", "甲乙丙丁"},
	{"3.5", "3 5"},
	{"7-11便利店", "7 11便利店"},
	{"STRASSE Straße", "strasse strasse"},
	{"㈱東芝", "(株)东芝"},
	{"①號店", "1号店"},
	{"ｶﾞｽ", "ガス"},
	{"e\u0301t\u00c9", "été"},
	{"乾坤", "乾坤"},
	{"著名", "著名"},
	{"瞭望藉口", "瞭望藉口"},
	{"甲乙（有限合夥）", "甲乙(有限合伙)"},
	{"淳於", "淳于"},
	{"徵信祕書", "征信秘书"},
	{"後藤鐘錶", "后藤钟表"},
	{"臺灣體育會館", "台湾体育会馆"},
	{"裏面麵餐廳", "里面面餐厅"},
	{"鍾麗華", "钟丽华"},
	{"葛\U000E0100城", "葛城"},
	{"한국 전자", "한국전자"},
	{"Ä\u0323", "\u1EA1\u0308"},
	{"\u0345", "ι"},
	{"\u0301", ""},
	{"ΑΣ ας", "ασ ασ"},
	{"No.1", "no 1"},
	{"ООО «Ромашка»", "ооо ромашка"},
};

static int
fold_text(const char *s, size_t len, char *out, size_t cap, unsigned *flags)
{
	uint32_t	cp[LEADS_TEXT_MAX];
	int			n = leads_fold(s, len, cp, LEADS_TEXT_MAX, flags);

	return leads_utf8_encode(cp, n, out, cap);
}

static void
test_examples(void)
{
	char		got[2100];
	unsigned	flags;

	for (size_t i = 0; i < sizeof(folds) / sizeof(folds[0]); i++)
	{
		fold_text(folds[i].in, strlen(folds[i].in), got, sizeof(got), &flags);
		is_str(got, folds[i].want, folds[i].in);
	}
}

static void
test_flags(void)
{
	char		got[2100];
	unsigned	flags;
	uint32_t	cp[4];

	fold_text("鸿\u200b源\u202e", strlen("鸿\u200b源\u202e"), got, sizeof(got), &flags);
	is_str(got, "鸿源", "zero-width and bidi go");
	is_int(flags, LEADS_FOLD_STRIPPED, "and are flagged");
	fold_text("a\0b\x07" "c", 5, got, sizeof(got), &flags);
	is_str(got, "abc", "controls go, NUL too");
	is_int(flags, LEADS_FOLD_STRIPPED, "and are flagged");
	fold_text("a\xff\xc3z\xe9\xb8\xed\xa0\x80\xc0\x80", 11, got, sizeof(got), &flags);
	is_str(got, "az", "damaged bytes are skipped");
	is_int(flags, LEADS_FOLD_BADUTF8, "and flagged");
	is_int(leads_fold("abcd", 4, cp, 4, &flags), 4, "exactly full");
	is_int(flags, 0, "is not truncated");
	is_int(leads_fold("abcd...", 7, cp, 4, &flags), 4, "exactly full with trailing dots");
	is_int(flags, 0, "is not truncated either");
	is_int(leads_fold("abcde", 5, cp, 4, &flags), 4, "one too many");
	is_int(flags, LEADS_FOLD_TRUNCATED, "is truncated");
	is_int(leads_fold("abc def", 7, cp, 4, &flags), 3, "no space at a cut end");
	is_int(flags, LEADS_FOLD_TRUNCATED, "and it is truncated");
	is_int(leads_fold("abc", 3, cp, 0, &flags), 0, "no room at all");
	is_int(leads_fold("abc", 3, cp, 4, NULL), 3, "flags may be NULL");
	is_int(leads_utf8_decode("重a\xff", 5, cp, 4, &flags), 2, "decode");
	is_int(flags, LEADS_FOLD_BADUTF8, "decode flags");
	is_int(leads_utf8_encode(cp, 2, got, 4), 3, "encode keeps whole characters");
	is_str(got, "重", "encode ends with NUL");
	is_int(leads_utf8_encode(cp, 2, got, 0), 0, "encode into nothing");
	ok(leads_is_han(0x91CD) && leads_is_han(0x20000) && !leads_is_han('a') && !leads_is_han(0x3042),
	   "leads_is_han");
}

static void
test_nfkc(void)
{
	char		got[64];
	unsigned	flags;

	leads_nfkc("  Ａb\tc鸿\u200b 源 ", strlen("  Ａb\tc鸿\u200b 源 "), got, sizeof(got), &flags);
	is_str(got, "Ab c鸿 源", "nfkc trims, strips, keeps case and inner spaces");
	is_int(flags, LEADS_FOLD_STRIPPED, "and flags");
	is_int(leads_nfkc("重庆", 6, got, 6, &flags), 3, "nfkc cuts at a whole character");
	is_int(flags, LEADS_FOLD_TRUNCATED, "and says so");
	is_int(leads_nfkc("ab  ", 4, got, 3, &flags), 2, "nfkc: trailing white space needs no room");
	is_int(flags, 0, "and is no truncation");
	is_int(leads_nfkc("ab c", 4, got, 3, &flags), 2, "nfkc: more after the white space");
	is_int(flags, LEADS_FOLD_TRUNCATED, "is a truncation");
	is_int(leads_nfkc("ab", 2, got, 0, &flags), 0, "nfkc into nothing");
}

/* remove what leads_nfkc strips by design from an expected value */
static int
expected(const uint32_t *in, int n, char *out, size_t cap)
{
	uint32_t	cp[256];
	int			m = 0;
	int			first = 0;

	for (int i = 0; i < n; i++)
		if (in[i] != 0xAD && in[i] != 0x200D && in[i] != 0x200C && in[i] != 0x200B)
			cp[m++] = in[i];
	while (m > 0 && cp[m - 1] == ' ')
		m--;
	while (first < m && cp[first] == ' ')
		first++;
	return leads_utf8_encode(cp + first, m - first, out, cap);
}

static int
parse_hex(const char *s, uint32_t *cp)
{
	int			n = 0;

	for (;;)
	{
		char	   *end;
		unsigned long v = strtoul(s, &end, 16);

		if (end == s)
			return n;
		cp[n++] = (uint32_t) v;
		s = end;
	}
}

/* NFKC(c1..c5) = c4 for every line, and every character not listed is itself */
static void
test_conformance(void)
{
	static unsigned char listed[0x110000];
	const char *path = "/usr/share/unicode/NormalizationTest.txt";
	char		command[200];
	char		line[2000];
	FILE	   *f;
	int			lines = 0,
				bad = 0,
				part1 = 0;

	snprintf(command, sizeof(command), "cat %s 2>/dev/null || bzcat %s.bz2 2>/dev/null", path, path);
	f = popen(command, "r");
	while (f && fgets(line, sizeof(line), f))
	{
		char	   *field = line;
		uint32_t	cp[5][64];
		int			n[5];
		char		want[512];

		if (strncmp(line, "@Part", 5) == 0)
			part1 = (line[5] == '1');
		if (line[0] == '#' || line[0] == '@' || line[0] == '\n')
			continue;
		for (int i = 0; i < 5; i++)
		{
			n[i] = parse_hex(field, cp[i]);
			field = strchr(field, ';') + 1;
		}
		if (part1 && n[0] == 1)
			listed[cp[0][0]] = 1;
		expected(cp[3], n[3], want, sizeof(want));
		for (int i = 0; i < 5; i++)
		{
			char		in[512];
			char		got[512];
			int			len = leads_utf8_encode(cp[i], n[i], in, sizeof(in));

			leads_nfkc(in, (size_t) len, got, sizeof(got), NULL);
			if (strcmp(got, want) != 0 && bad++ < 5)
				diag("line %s#   column %d: got %s want %s", line, i + 1, got, want);
		}
		lines++;
	}
	if (f)
		pclose(f);
	if (lines == 0)
	{
		printf("ok %d # skip no NormalizationTest.txt here (Debian: unicode-data)\n", ++tap_count);
		printf("ok %d # skip the same\n", ++tap_count);
		return;
	}
	ok(bad == 0, "NormalizationTest.txt: %d lines, all five columns", lines);

	bad = 0;
	for (uint32_t c = 0x21; c < 0x110000; c++)
	{
		char		in[5];
		char		got[16];
		int			len;
		unsigned	flags;

		if (listed[c] || (c >= 0xD800 && c < 0xE000))
			continue;
		len = leads_utf8_encode(&c, 1, in, sizeof(in));
		leads_nfkc(in, (size_t) len, got, sizeof(got), &flags);
		if (flags & LEADS_FOLD_STRIPPED || c == 0x1680 || c == 0x2028 || c == 0x2029)
			continue;
		if (strcmp(in, got) != 0 && bad++ < 5)
			diag("U+%04X changed to %s", c, got);
	}
	ok(bad == 0, "every character that is not in Part 1 normalises to itself");
}

/* fold, encode, fold again: the same */
static int
idempotent(const char *s, size_t len, int cap)
{
	uint32_t	a[LEADS_TEXT_MAX];
	uint32_t	b[LEADS_TEXT_MAX];
	char		text[LEADS_TEXT_MAX * 4 + 1];
	int			n = leads_fold(s, len, a, cap, NULL);
	int			bytes = leads_utf8_encode(a, n, text, sizeof(text));
	int			m = leads_fold(text, (size_t) bytes, b, cap, NULL);

	return n == m && memcmp(a, b, (size_t) n * sizeof(uint32_t)) == 0;
}

static void
show_bytes(const char *s, size_t len)
{
	printf("#   bytes:");
	for (size_t i = 0; i < len; i++)
		printf(" %02x", (unsigned char) s[i]);
	printf("\n");
}

static void
test_properties(void)
{
	/* pieces that meet badly: separators, initials, marks, jamo, kana, brackets */
	static const char *const piece[] = {
		"a", "B", "Z", "1", "é", "e\u0301", "\u0301", "\u0345", "\u0323", ".", ".", "'", "&", " ", ",",
		"-", "(", "）", "<", "\u0338", "中", "國", "麼", "か", "\u3099", "ｶ", "ﾞ", "\u1100", "\u1161",
		"\u11A8", "가", "\u200b", "\u034f", "ß", "İ", "ﬃ", "\ufdfa", "½", "\U0001F600", "ς", "α", "\u3164",
		"\u0dd9", "\u0dca", "\u0ddc", "\u1025", "\u102e", "\U00011131", "\U00011127", "\xff", "\u02bc", "ŉ",
	};
	int			bad = 0;
	double		t = tap_seconds();

	for (uint32_t c = 1; c < 0x110000; c++)
	{
		char		b[5];
		int			len = leads_utf8_encode(&c, 1, b, sizeof(b));

		if (!idempotent(b, (size_t) len, LEADS_TEXT_MAX) && bad++ < 5)
			diag("U+%04X", c);
	}
	ok(bad == 0, "fold(fold(x)) = fold(x) for every character");

	bad = 0;
	for (int i = 0; i < 600000; i++)
	{
		char		s[128];
		size_t		len = 0;
		int			n = (int) (tap_random() % 10);
		int			cap = (tap_random() % 4 == 0) ? 1 + (int) (tap_random() % 8) : LEADS_TEXT_MAX;

		while (n-- > 0)
		{
			const char *p = piece[tap_random() % (sizeof(piece) / sizeof(piece[0]))];

			memcpy(s + len, p, strlen(p));
			len += strlen(p);
		}
		if (!idempotent(s, len, cap) && bad++ < 5)
		{
			diag("cap %d", cap);
			show_bytes(s, len);
		}
	}
	ok(bad == 0, "fold(fold(x)) = fold(x) for 600000 awkward texts, a quarter of them cut");

	bad = 0;
	for (int i = 0; i < 400000; i++)
	{
		char	   *s;
		size_t		len = tap_random() % 24;
		char		out[40];

		/* on the heap, exactly as long: the sanitizer sees every byte too far */
		s = malloc(len ? len : 1);
		for (size_t j = 0; j < len; j++)
		{
			uint64_t	r = tap_random();

			s[j] = (char) ((r & 0x300) == 0 ? 0xE0 + (r & 0x1F) : r);
		}
		if (!idempotent(s, len, LEADS_TEXT_MAX) && bad++ < 5)
			show_bytes(s, len);
		leads_nfkc(s, len, out, 1 + tap_random() % sizeof(out), NULL);
		free(s);
	}
	ok(bad == 0, "400000 random byte strings: no crash, idempotent");
	diag("properties: %.1f s", tap_seconds() - t);
}

static void
test_bounds(void)
{
	static char s[60000];
	uint32_t	out[LEADS_TEXT_MAX];
	unsigned	flags;
	size_t		len = 0;

	s[len++] = 'e';
	while (len + 2 <= sizeof(s))
	{
		memcpy(s + len, len % 3 ? "\u0301" : "\u0323", 2);
		len += 2;
	}
	ok(leads_fold(s, len, out, LEADS_TEXT_MAX, &flags) <= 31, "no more than 30 marks on a letter");
	is_int(flags, LEADS_FOLD_TRUNCATED, "which is flagged");
	ok(idempotent(s, len, LEADS_TEXT_MAX), "and idempotent");
}

static void
test_speed(void)
{
	static const char *const name[] = {
		"重庆鸿源商贸有限公司", "重慶鴻源商貿有限公司", "Shenzhen Huaxin Technology Co., Ltd.",
		"北京（中关村）某某信息技术股份有限公司第一分公司", "ＡＢＣ国际贸易（上海）有限公司",
	};
	uint32_t	out[LEADS_TEXT_MAX];
	long		chars = 0;
	double		t = tap_seconds();

	for (int i = 0; i < 100000; i++)
		chars += leads_fold(name[i % 5], strlen(name[i % 5]), out, LEADS_TEXT_MAX, NULL);
	t = tap_seconds() - t;
	diag("fold: %.1f ns a character, %.0f ns a name", t * 1e9 / (double) chars, t * 1e9 / 100000);
}

int
main(void)
{
	test_examples();
	test_flags();
	test_nfkc();
	test_conformance();
	test_properties();
	test_bounds();
	test_speed();
	return done();
}
