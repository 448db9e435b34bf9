/*-------------------------------------------------------------------------
 *
 * uscc.c
 *		Unified social credit code (统一社会信用代码), GB 32100-2015.
 *
 * Purpose: the one number that identifies a Chinese organisation for life.  Its
 * check character catches every single wrong character and every swap of two
 * neighbours, so a wrong one is refused, never repaired: a repaired code could
 * be another company's.  Called by: intake, contact points, keys.
 *
 * Invariants: pure; any bytes accepted; norm is "" unless valid.
 *
 * The code: 18 of 0-9 A-Z without I O S V Z; place 1 the registering authority
 * (never 0), place 2 the kind, 3-8 the region (digits), 9-17 the organisation,
 * 18 = (31 - sum(value[i] * 3^i mod 31)) mod 31.  Full-width forms, lower case,
 * white space, hyphens and words before it ("税号：") are accepted.
 *
 *-------------------------------------------------------------------------
 */
#include "uscc.h"

#include <string.h>

#include "utf8.h"

#define CODE_LENGTH 18

static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int
value(char c)
{
	const char *p = c ? strchr(alphabet, c) : NULL;

	return p ? (int) (p - alphabet) : -1;
}

static bool
valid(const char *code)
{
	int			sum = 0,
				weight = 1;

	if (code[0] == '0')
		return false;
	for (int i = 0; i < CODE_LENGTH; i++)
	{
		int			v = value(code[i]);

		if (v < 0 || (i >= 2 && i < 8 && v > 9))
			return false;
		if (i < CODE_LENGTH - 1)
			sum += v * weight;
		weight = weight * 3 % 31;
	}
	return value(code[CODE_LENGTH - 1]) == (31 - sum % 31) % 31;
}

void
leads_uscc_parse(const char *s, size_t len, LeadsUscc *out)
{
	const unsigned char *p = (const unsigned char *) s;
	const unsigned char *end = p + len;
	char		code[CODE_LENGTH + 1];
	int			n = 0;
	bool		bad = false;

	memset(out, 0, sizeof(*out));
	while (p < end)
	{
		uint32_t	cp;
		int			l = leads_utf8_get(p, end, &cp);

		if (l == 0)
		{
			cp = 0xFFFD;
			l = 1;
		}
		p += l;
		if (cp >= 0xFF01 && cp <= 0xFF5E)
			cp -= 0xFEE0;
		if (cp >= 'a' && cp <= 'z')
			cp -= 32;
		if ((cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z'))
		{
			out->present = true;
			if (n < CODE_LENGTH)
				code[n] = (char) cp;
			n++;
		}
		else if (cp == ':')
		{
			/* a label ends here */
			n = 0;
			bad = false;
		}
		else if (cp <= ' ' || cp == 0x7F || cp == '-' || cp == 0xA0 || cp == 0xAD || cp == 0x3000 ||
				 cp == 0xFEFF || (cp >= 0x2000 && cp <= 0x206F))
			;					/* white space, hyphens, controls, zero-width, bidi */
		else
		{
			/* words before the code are a label, anything later a mistake */
			out->present = true;
			bad |= (n > 0);
		}
	}
	code[CODE_LENGTH] = '\0';
	if (bad || n != CODE_LENGTH || !valid(code))
		return;
	out->valid = true;
	memcpy(out->norm, code, sizeof(code));
}
