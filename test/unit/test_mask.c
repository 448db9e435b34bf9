/*-------------------------------------------------------------------------
 *
 * test_mask.c
 *		What is shown of a name, a number, an address.
 *
 *-------------------------------------------------------------------------
 */
#include "mask.h"
#include "tap.h"

typedef int (*mask_fn) (const char *, size_t, char *);

static const struct
{
	char		kind;			/* n, p, e */
	const char *in;
	const char *want;
}			cases[] = {
	{'n', "重庆鸿源商贸有限公司", "重庆****公司"},
	{'n', "阿里巴巴集", "阿里****巴集"},
	{'n', "张伟", "张*"},
	{'n', "张三丰", "张**"},
	{'n', "欧阳小明", "欧**"},
	{'n', "张", "张*"},
	{'n', "", ""},
	{'n', " \t", ""},
	{'n', "  张伟  ", "张*"},
	{'n', "\u3000张伟\u3000", "张*"},
	{'n', "Acme Trading Ltd", "Ac****td"},
	{'n', "A B Corp", "A****rp"},
	{'n', "\u202e重庆鸿源商贸有限公司\u200b", "重庆****公司"},
	{'n', "\xff\xfe张三丰", "张**"},
	{'n', "𠮷野家餐饮公司", "𠮷野****公司"},
	{'p', "13812345678", "138****5678"},
	{'p', "+86 138-1234-5678", "138****5678"},
	{'p', "138****5678", "****78"},
	{'p', "023-67890123", "023****0123"},
	{'p', "12345678", "****5678"},
	{'p', "1234567", "****67"},
	{'p', "123", "****"},
	{'p', "无", "****"},
	{'p', "", ""},
	{'e', "zhang.wei@example.com", "z***@example.com"},
	{'e', " zhang@example.com\n", "z***@example.com"},
	{'e', "z@example.com", "***@example.com"},
	{'e', "@example.com", "***@example.com"},
	{'e', "13812345678", "***"},
	{'e', "a b@c d", "a***"},
	{'e', "张伟@example.com", "***@example.com"},
	{'e', "x@y@13812345678 手机", "x***"},
	{'e', "", ""},
};

int
main(void)
{
	char		out[LEADS_MASK_MAX];
	char		big[4096];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		mask_fn		f = cases[i].kind == 'n' ? leads_mask_name :
			cases[i].kind == 'p' ? leads_mask_phone : leads_mask_email;
		int			n = f(cases[i].in, strlen(cases[i].in), out);

		ok(strcmp(out, cases[i].want) == 0 && n == (int) strlen(out),
		   "%c \"%s\" -> \"%s\" (got \"%s\")", cases[i].kind, cases[i].in, cases[i].want, out);
	}
	/* never longer than promised, whatever comes */
	for (int c = 0; c < 256; c++)
	{
		memset(big, c, sizeof(big));
		big[1] = '@';
		ok(leads_mask_name(big, sizeof(big), out) < LEADS_MASK_MAX &&
		   leads_mask_phone(big, sizeof(big), out) < LEADS_MASK_MAX &&
		   leads_mask_email(big, sizeof(big), out) < LEADS_MASK_MAX, "4096 bytes of %d", c);
	}
	return done();
}
