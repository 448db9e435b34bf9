/*-------------------------------------------------------------------------
 *
 * test_email.c
 *		E-mail addresses.
 *
 *-------------------------------------------------------------------------
 */
#include "email.h"
#include "tap.h"

static const struct
{
	const char *in;
	const char *norm;			/* NULL: present but not valid */
	int			weak;
	int			freemail;
}			cases[] = {
	{"li.si@hongyuan.example", "li.si@hongyuan.example", 0, 0},
	{" Li.Si@HongYuan.Example ", "li.si@hongyuan.example", 0, 0},
	{"ｌｉ＠ｈｙ．ｅｘａｍｐｌｅ", "li@hy.example", 0, 0},
	{"li+crm@hy.example", "li@hy.example", 0, 0},
	{"li+a+b@hy.example", "li@hy.example", 0, 0},
	{"+tag@hy.example", "+tag@hy.example", 0, 0},
	{"li.+tag@hy.example", "li.+tag@hy.example", 0, 0},
	{"mailto:li@hy.example", "li@hy.example", 0, 0},
	{"李四 <li@hy.example>", "li@hy.example", 0, 0},
	{"\"Li, Si\" <LI@hy.example>;", "li@hy.example", 0, 0},
	{"<li@hy.example", "li@hy.example", 0, 0},
	{"li@hy.example.", "li@hy.example", 0, 0},
	{"li\u200b@hy.example\n", "li@hy.example", 0, 0},
	{"o'neil_a-b@hy.example", "o'neil_a-b@hy.example", 0, 0},
	{"li@xn--fiqs8s.example", "li@xn--fiqs8s.example", 0, 0},
	/* role boxes */
	{"info@hy.example", "info@hy.example", 1, 0},
	{"Sales02@hy.example", "sales02@hy.example", 1, 0},
	{"kefu@hy.example", "kefu@hy.example", 1, 0},
	{"zongjingli@hy.example", "zongjingli@hy.example", 1, 0},
	{"abuse@hy.example", "abuse@hy.example", 1, 0},
	{"no-reply+7@hy.example", "no-reply@hy.example", 1, 0},
	{"informer@hy.example", "informer@hy.example", 0, 0},
	{"inf@hy.example", "inf@hy.example", 0, 0},
	{"sales.li@hy.example", "sales.li@hy.example", 0, 0},
	{"123456@hy.example", "123456@hy.example", 0, 0},
	/* free mail */
	{"10001@qq.com", "10001@qq.com", 0, 1},
	{"li@VIP.163.com", "li@vip.163.com", 0, 1},
	{"li@10086.cn", "li@10086.cn", 0, 1},
	{"li@zoho.com", "li@zoho.com", 0, 1},
	{"li@yahoo.com.hk", "li@yahoo.com.hk", 0, 1},
	{"li@outlook.com", "li@outlook.com", 0, 1},
	{"info@gmail.com", "info@gmail.com", 1, 1},
	{"li@yahoo.example.com", "li@yahoo.example.com", 0, 0},
	{"li@notqq.com", "li@notqq.com", 0, 0},
	{"li@qq.com.example", "li@qq.com.example", 0, 0},
	/* not addresses */
	{"-", NULL, 0, 0},
	{"无", NULL, 0, 0},
	{"li", NULL, 0, 0},
	{"@", NULL, 0, 0},
	{"li@", NULL, 0, 0},
	{"@hy.example", NULL, 0, 0},
	{"li@hy", NULL, 0, 0},
	{"li@@hy.example", NULL, 0, 0},
	{"li@wang@hy.example", NULL, 0, 0},
	{"li si@hy.example", NULL, 0, 0},
	{"li..si@hy.example", NULL, 0, 0},
	{".li@hy.example", NULL, 0, 0},
	{"li.@hy.example", NULL, 0, 0},
	{"li@hy..example", NULL, 0, 0},
	{"li@-hy.example", NULL, 0, 0},
	{"li@hy-.example", NULL, 0, 0},
	{"li@.hy.example", NULL, 0, 0},
	{"li@hy.e", NULL, 0, 0},
	{"li@192.0.2.1", NULL, 0, 0},
	{"li@[192.0.2.1]", NULL, 0, 0},
	{"\"li si\"@hy.example", NULL, 0, 0},
	{"李@hy.example", NULL, 0, 0},
	{"li@公司.example", NULL, 0, 0},
	{"li@hy.example,wang@hy.example", NULL, 0, 0},
	{"\xff@hy.example", NULL, 0, 0},
	{"a234567890123456789012345678901234567890123456789012345678901234@hy.example",
	"a234567890123456789012345678901234567890123456789012345678901234@hy.example", 0, 0},
	{"a2345678901234567890123456789012345678901234567890123456789012345@hy.example", NULL, 0, 0},
};

int
main(void)
{
	LeadsEmail	e,
				f;
	char		big[3000];
	int			bad = 0;

	leads_email_parse("", 0, &e);
	ok(!e.present && !e.valid, "nothing is not present");
	leads_email_parse(" \u200b\t", 5, &e);
	ok(!e.present && !e.valid, "blank is not present");
	leads_email_parse("a\0b@hy.example", 14, &e);
	is_str(e.norm, "ab@hy.example", "NUL is a control character like others");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const char *want = cases[i].norm ? cases[i].norm : "";
		const char *at;

		leads_email_parse(cases[i].in, strlen(cases[i].in), &e);
		at = strchr(e.norm, '@');
		if (!ok(e.present && e.valid == (cases[i].norm != NULL) && strcmp(e.norm, want) == 0 &&
				strcmp(e.domain, at ? at + 1 : "") == 0 &&
				e.weak_local == cases[i].weak && e.free_domain == cases[i].freemail,
				"<%.*s>", (int) strcspn(cases[i].in, "\n\xff"), cases[i].in))
			diag("valid %d norm \"%s\" domain \"%s\" weak %d free %d", e.valid, e.norm, e.domain,
				 e.weak_local, e.free_domain);
	}

	/* the longest that fits and one more */
	memset(big, 'a', sizeof(big));
	big[64] = '@';
	for (int i = 65 + 50; i < 65 + 253; i += 50)
		big[i] = '.';
	leads_email_parse(big, 65 + 253, &e);
	ok(e.valid && strlen(e.norm) == 318 && strlen(e.domain) == 253, "the longest address");
	leads_email_parse(big, 65 + 254, &e);
	ok(!e.valid, "one character more");
	leads_email_parse(big, sizeof(big), &e);
	ok(e.present && !e.valid, "far too long");

	for (int i = 0; i < 500000; i++)
	{
		static const char *const piece[] = {
			"a", "li", "info", "1", ".", "-", "+", "@", "@", "hy", "com", "example", ".com", "<", ">", " ",
			"\"", ",", "mailto:", "qq.com", "\xff", "李", "＠", "Z", "\u200b", "xn--", "_", ";", "yahoo.",
		};
		char		t[160];
		char	   *s;
		size_t		len = 0;
		int			n = (int) (tap_random() % 10);

		while (n-- > 0)
		{
			const char *w = piece[tap_random() % (sizeof(piece) / sizeof(piece[0]))];

			memcpy(t + len, w, strlen(w));
			len += strlen(w);
		}
		s = malloc(len ? len : 1);
		memcpy(s, t, len);
		leads_email_parse(s, len, &e);
		free(s);
		if (!e.valid)
		{
			bad += (e.norm[0] || e.domain[0] || e.weak_local || e.free_domain);
			continue;
		}
		leads_email_parse(e.norm, strlen(e.norm), &f);
		if ((!f.valid || strcmp(e.norm, f.norm) != 0 || e.weak_local != f.weak_local ||
			 e.free_domain != f.free_domain) && bad++ < 5)
			diag("%.*s -> %s -> %s", (int) len, t, e.norm, f.norm);
	}
	ok(bad == 0, "the norm of a norm is itself, for 500000 random addresses");
	return done();
}
