/*-------------------------------------------------------------------------
 *
 * test_uscc.c
 *		Unified social credit codes.  The codes are made up: check characters are
 *		right, organisations are none.
 *
 *-------------------------------------------------------------------------
 */
#include "tap.h"
#include "uscc.h"

static void
check(const char *in, const char *norm)
{
	LeadsUscc	u;

	leads_uscc_parse(in, strlen(in), &u);
	if (!ok(u.present && u.valid == (norm != NULL) && strcmp(u.norm, norm ? norm : "") == 0, "<%s>", in))
		diag("present %d valid %d norm \"%s\"", u.present, u.valid, u.norm);
}

int
main(void)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	static const char good[] = "91500000MA5UTEQ7X@";
	char		code[19];
	LeadsUscc	u;
	int			valid = 0,
				single = 0,
				swapped = 0;

	/* the one right check character of made-up codes, found by trying all */
	strcpy(code, good);
	for (int i = 0; i < 31; i++)
	{
		code[17] = alphabet[i];
		leads_uscc_parse(code, 18, &u);
		if (u.valid)
		{
			valid++;
			single = i;
		}
	}
	is_int(valid, 1, "exactly one check character is right");
	code[17] = alphabet[single];

	check(code, code);
	is_str(code, "91500000MA5UTEQ7XL", "and it is the one computed by hand");
	check("91500000ma5uteq7xl", code);
	check("９１５０００００ＭＡ５ＵＴＥＱ７ＸＬ", code);
	check("91-500000 MA5UTEQ7X-L", code);
	check("统一社会信用代码：91500000MA5UTEQ7XL", code);
	check("税号91500000MA5UTEQ7XL", code);
	check("USCC: 91500000MA5UTEQ7XL", code);
	check("91500000MA5UTEQ7XL\u200b", code);
	check("Y1110000MA01ABCD23", "Y1110000MA01ABCD23");
	check("91500000MA5UTEQ7XL0", NULL);
	check("91500000MA5UTEQ7XL（公司）", NULL);
	check("91500000MA5UTEQ7X", NULL);
	check("000000000000000000", NULL);
	check("9150000AMA5UTEQ7X5", NULL);
	check("500000123456789", NULL);
	check("无", NULL);
	check("9150000OMA5UTEQ7X0", NULL);
	leads_uscc_parse(" \u200b", 4, &u);
	ok(!u.present && !u.valid, "blank is not present");
	leads_uscc_parse("", 0, &u);
	ok(!u.present && !u.valid, "nothing is not present");

	/* every single wrong character and every swap of neighbours is refused */
	single = 0;
	for (int i = 0; i < 18; i++)
		for (int j = 0; j < 31; j++)
		{
			char		t[19];

			strcpy(t, code);
			t[i] = alphabet[j];
			leads_uscc_parse(t, 18, &u);
			if (t[i] != code[i] && u.valid)
				single++;
		}
	is_int(single, 0, "single errors accepted");
	for (int i = 0; i < 17; i++)
	{
		char		t[19];

		strcpy(t, code);
		t[i] = code[i + 1];
		t[i + 1] = code[i];
		leads_uscc_parse(t, 18, &u);
		if (t[i] != code[i] && u.valid)
			swapped++;
	}
	is_int(swapped, 0, "swapped neighbours accepted");

	for (int i = 0; i < 300000; i++)
	{
		size_t		len = tap_random() % 30;
		char	   *s = malloc(len ? len : 1);

		for (size_t j = 0; j < len; j++)
		{
			uint64_t	r = tap_random();

			s[j] = (r & 0x700) ? alphabet[(r >> 12) % 31] : (char) r;
		}
		leads_uscc_parse(s, len, &u);
		if (u.valid != (strlen(u.norm) == 18) || (u.valid && !u.present))
			single++;
		free(s);
	}
	is_int(single, 0, "300000 random byte strings");
	return done();
}
