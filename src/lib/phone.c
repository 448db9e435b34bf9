/*-------------------------------------------------------------------------
 *
 * phone.c
 *		Telephone numbers: what people type -> one comparable form.
 *
 * Purpose: "＋86 138-1234-5678", "0086 13812345678" and "电话：138 1234 5678"
 * are one number; a number typed badly must not become a key that ties
 * strangers together.  Called by: intake, contact points, keys, may_call.
 *
 * Invariants: pure; any bytes accepted; norm is "" unless the number may be
 * compared; the norm of a norm is itself (kind too).
 *
 * How it reads, in order:
 *	 - full-width forms are ASCII; words before the number are labels and go, as
 *	   do digits before a colon ("电话2：...");
 *	 - of several numbers ("a/b", "a、b", "a 或 b") the first complete one counts;
 *	   "310/246-1501" is one number because "310" is none;
 *	 - an extension follows 转, 分机, ext, x, # or *, or is a last group of up to
 *	   six digits after a complete number ("023-67890123-801");
 *	 - "(0)" inside an international number goes.
 *
 * What it then is (n digits):
 *	 1. "+..." or "00...": 86 -> national, below; others E.164, 7..15 digits:
 *		FOREIGN.
 *	 2. 86 before 11 digits starting 1, or before a landline: national.
 *	 3. 1[3-9] + 9: MOBILE (also with a trunk 0 before it).  1[0-2] + 9 is
 *		assigned to nobody but has the shape of a mobile: LANDLINE, a strong key;
 *		only MOBILE proves a person.
 *	 4. 400 or 800 + 7, 95 + 3..6 (also after an area code): SERVICE, weak.
 *	 5. 0 + area + number, 010 and 02x with 8 (or old 7) digits, 03xx-09xx with
 *		7 or 8: LANDLINE.  The trunk 0 may be missing: it is added.
 *	 6. 852, 853 + 8, 886 + 8 or 9 without "+": FOREIGN.
 *	 7. 7 or 8 digits, first 2-9: LANDLINE without area, weak (another city has
 *		the same).
 *	 8. 12..15 digits that are none of these and do not look like a mobile with a
 *		digit too many: FOREIGN.
 * INVALID: anything else; fewer than 7 digits (but 95xxx); all digits the same;
 * 123456... (0123...) throughout, or as the whole number after an area code; a subscriber
 * number of zeros.
 *
 *-------------------------------------------------------------------------
 */
#include "phone.h"

#include <string.h>

#include "utf8.h"

#define MAX_CHARS 128
#define MAX_DIGITS 32
#define MAX_GROUPS 12

/* the input, one ASCII character for each of it */
typedef struct Chars
{
	int			n;
	bool		visible;		/* a letter, a digit, a word */
	char		c[MAX_CHARS];
} Chars;

typedef struct Number
{
	bool		plus;
	int			n;
	char		d[MAX_DIGITS + 1];
	int			ngroup;
	int			group[MAX_GROUPS];	/* where each run of digits starts */
	char		ext[12];
} Number;

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || c == 'W';
}

/* ------------------------------------------------------------ reading */

/*
 * One ASCII character for cp: digits and lower-case letters are themselves, '|'
 * parts two numbers, '#' starts an extension, 'W' is a letter of any other
 * script, ' ' anything that merely separates, 0 nothing at all.
 */
static char
simplify(uint32_t cp)
{
	if (cp >= 0xFF01 && cp <= 0xFF5E)
		cp -= 0xFEE0;
	if (cp >= '0' && cp <= '9')
		return (char) cp;
	if (cp >= 'A' && cp <= 'Z')
		return (char) (cp + 32);
	if (cp >= 'a' && cp <= 'z')
		return (char) cp;
	switch (cp)
	{
		case '+':
		case '-':
		case '(':
		case ')':
		case ':':
		case '#':
			return (char) cp;
		case '*':
		case 0x8F6C:			/* 转 */
		case 0x8F49:			/* 轉 */
			return '#';
		case '[':
		case 0x3010:			/* 【 */
		case 0x3014:
			return '(';
		case ']':
		case 0x3011:
		case 0x3015:
			return ')';
		case '/':
		case ',':
		case ';':
		case '|':
		case '\\':
		case '\n':
		case 0x3001:			/* 、 */
		case 0x6216:			/* 或 */
		case 0x548C:			/* 和 */
			return '|';
		case 0x2010:
		case 0x2011:
		case 0x2012:
		case 0x2013:
		case 0x2014:
		case 0x2015:
		case 0x2212:
		case '_':
		case '~':
			return '-';
		case 0xFEFF:
		case 0xAD:
			return 0;
	}
	if (cp < 0x80 || (cp >= 0xA0 && cp < 0xC0) || (cp >= 0x2000 && cp < 0x2C00) ||
		(cp >= 0x3000 && cp < 0x3005) || (cp >= 0x3008 && cp < 0x3020) || cp == 0x30FB)
	{
		/* zero-width and bidi characters come along when a number is copied */
		if ((cp >= 0x200B && cp <= 0x200F) || (cp >= 0x202A && cp <= 0x202E) ||
			(cp >= 0x2060 && cp <= 0x206F) || (cp < 0x20 && cp != '\t' && cp != '\r'))
			return 0;
		return ' ';
	}
	return 'W';
}

static void
read_chars(const char *s, size_t len, Chars *b)
{
	const unsigned char *p = (const unsigned char *) s;
	const unsigned char *end = p + len;
	uint32_t	before = 0;

	b->n = 0;
	b->visible = false;
	while (p < end && b->n < MAX_CHARS)
	{
		uint32_t	cp;
		int			l = leads_utf8_get(p, end, &cp);
		char		c;

		if (l == 0)
		{
			p++;
			continue;
		}
		p += l;
		c = simplify(cp);
		if (c == 0 || (c == ' ' && b->n == 0))
			continue;
		/* 分机, 分機, 内线, 內線: the second half turns the first into a mark */
		if (((cp == 0x673A || cp == 0x6A5F) && before == 0x5206) ||
			((cp == 0x7EBF || cp == 0x7DDA) && (before == 0x5185 || before == 0x5167)))
		{
			b->c[b->n - 1] = '#';
			before = cp;
			continue;
		}
		before = cp;
		b->visible |= is_digit(c) || is_letter(c);
		b->c[b->n++] = c;
	}
}

/* Length of an extension mark at c[i], 0 if there is none. */
static int
extension_mark(const char *c, int i, int end)
{
	static const char *const mark[] = {"extension", "extn", "ext", "ex", "x", "#"};

	for (size_t k = 0; k < sizeof(mark) / sizeof(mark[0]); k++)
	{
		int			l = (int) strlen(mark[k]);

		if (i + l <= end && memcmp(c + i, mark[k], (size_t) l) == 0 &&
			(i + l == end || !is_letter(c[i + l])))
			return l;
	}
	return 0;
}

/* Collect the digits of c[i .. end) into *num. */
static void
read_number(const char *c, int i, int end, Number *num)
{
	bool		apart = true;	/* the next digit starts a group */

	memset(num, 0, sizeof(*num));
	for (; i < end; i++)
	{
		int			l;

		if (is_digit(c[i]))
		{
			/* +44 (0)20 ... */
			if (c[i] == '0' && i > 0 && c[i - 1] == '(' && i + 1 < end && c[i + 1] == ')' &&
				num->n > 0)
				continue;
			if (apart && num->ngroup < MAX_GROUPS)
				num->group[num->ngroup++] = num->n;
			apart = false;
			if (num->n < MAX_DIGITS)
				num->d[num->n++] = c[i];
			continue;
		}
		apart = true;
		if (c[i] == '+' && num->n == 0)
			num->plus = true;
		else if (c[i] == ':' && num->n < 7)
			memset(num, 0, sizeof(*num));
		else if (num->n >= 5 && (l = extension_mark(c, i, end)) > 0)
		{
			int			n = 0;

			for (i += l; i < end && !is_digit(c[i]); i++)
				;
			for (; i < end && is_digit(c[i]) && n < (int) sizeof(num->ext) - 1; i++)
				num->ext[n++] = c[i];
			return;
		}
		else if (is_letter(c[i]) && num->n >= 7)
			return;				/* "13812345678 张经理" */
	}
}

/* ----------------------------------------------------------- judging */

static bool
all_same(const char *d, int n)
{
	for (int i = 1; i < n; i++)
		if (d[i] != d[0])
			return false;
	return true;
}

/* 123456..., 0123...: each digit follows the one before, 9 before 0 */
static bool
counts_up(const char *d, int n)
{
	if (d[0] > '1')
		return false;
	for (int i = 1; i < n; i++)
		if ((d[i] - '0') != (d[i - 1] - '0' + 1) % 10)
			return false;
	return true;
}

static bool
placeholder(const char *d, int n)
{
	return all_same(d, n) || counts_up(d, n);
}

/* digits of the area code of d, which starts with the trunk 0; 0 = none */
static int
area_length(const char *d, int n)
{
	if (n < 3)
		return 0;
	if (d[1] == '1')
		return d[2] == '0' ? 3 : 0;
	if (d[1] == '2')
		return 3;
	return d[1] >= '3' ? 4 : 0;
}

static bool
is_service(const char *d, int n)
{
	if (n == 10 && (memcmp(d, "400", 3) == 0 || memcmp(d, "800", 3) == 0))
		return !all_same(d + 3, 7) || d[3] != '0';
	return n >= 5 && n <= 8 && memcmp(d, "95", 2) == 0;
}

static void
set(LeadsPhone *out, LeadsPhoneKind kind, bool weak, const char *prefix,
	const char *d, int n)
{
	int			p = (int) strlen(prefix);
	int			tail;

	out->kind = kind;
	out->weak = weak;
	memcpy(out->norm, prefix, (size_t) p);
	memcpy(out->norm + p, d, (size_t) n);
	out->norm[p + n] = '\0';
	tail = p + n - 8 > (prefix[0] == '+') ? p + n - 8 : (prefix[0] == '+');
	strcpy(out->tail, out->norm + tail);
}

/* A number with its trunk 0. */
static bool
judge_landline(const char *d, int n, LeadsPhone *out)
{
	int			area = area_length(d, n);
	int			local = n - area;

	if (area == 0)
		return false;
	if (local >= 5 && local <= 6 && is_service(d + area, local))
	{
		set(out, LEADS_PHONE_SERVICE, true, "", d + area, local);
		return true;
	}
	if (local != 7 && local != 8)
		return false;
	if (counts_up(d + area, local) || (d[area] <= '1' && all_same(d + area, local)))
		return false;
	set(out, LEADS_PHONE_LANDLINE, false, "", d, n);
	return true;
}

/* 11 digits that start with 1 */
static bool
judge_mobile(const char *d, int n, LeadsPhone *out)
{
	if (n != 11 || d[0] != '1' || (all_same(d + 3, 8) && d[3] == '0'))
		return false;
	set(out, d[1] >= '3' ? LEADS_PHONE_MOBILE : LEADS_PHONE_LANDLINE, false, "", d, n);
	return true;
}

/* A number inside China, as dialled there or without its trunk 0. */
static bool
judge_national(const char *d, int n, LeadsPhone *out)
{
	char		trunk[MAX_DIGITS + 2];

	if (n < 5 || placeholder(d, n))
		return false;
	if (judge_mobile(d, n, out))
		return true;
	if (is_service(d, n))
	{
		set(out, LEADS_PHONE_SERVICE, true, "", d, n);
		return true;
	}
	if (n < 7)
		return false;
	if (d[0] == '0')
	{
		if (n == 12 && d[1] == '1' && d[2] >= '3' && judge_mobile(d + 1, n - 1, out))
			return true;
		return judge_landline(d, n, out);
	}
	if (n == 7 || n == 8)
	{
		if (d[0] == '1')
			return false;
		set(out, LEADS_PHONE_LANDLINE, true, "", d, n);
		return true;
	}
	if (n == 10 || (n == 11 && d[0] >= '3'))
	{
		trunk[0] = '0';
		memcpy(trunk + 1, d, (size_t) n);
		return judge_landline(trunk, n + 1, out);
	}
	return false;
}

static bool
judge_foreign(const char *d, int n, LeadsPhone *out)
{
	if (n < 7 || n > 15 || d[0] == '0' || placeholder(d, n))
		return false;
	set(out, LEADS_PHONE_FOREIGN, false, "+", d, n);
	return true;
}

/* All digits together: what are they?  False: INVALID. */
static bool
judge(const char *d, int n, bool plus, LeadsPhone *out)
{
	if (!plus && n >= 2 && memcmp(d, "00", 2) == 0)
	{
		if (all_same(d, n))
			return false;
		d += 2;
		n -= 2;
		plus = true;
	}
	if (plus)
	{
		if (n >= 2 && memcmp(d, "86", 2) == 0)
			return n - 2 >= 9 && judge_national(d + 2, n - 2, out);
		return judge_foreign(d, n, out);
	}
	if (n >= 12 && memcmp(d, "86", 2) == 0 &&
		(d[2] != '1' || n == 13 || memcmp(d + 2, "10", 2) == 0) &&
		judge_national(d + 2, n - 2, out))
		return true;
	if ((n == 11 && (memcmp(d, "852", 3) == 0 || memcmp(d, "853", 3) == 0)) ||
		((n == 11 || n == 12) && memcmp(d, "886", 3) == 0))
		return judge_foreign(d, n, out);
	if (judge_national(d, n, out))
		return true;
	if (n >= 12 && d[0] != '0' && !(d[0] == '1' && d[1] >= '3') && memcmp(d, "86", 2) != 0)
		return judge_foreign(d, n, out);
	return false;
}

/*
 * One piece of the input.  True: a complete number.  An extension set off by a
 * dash is tried first where the group before it is a whole number already,
 * because "0731-1234567-8" would pass as one with eight digits, too.
 */
static bool
parse_piece(const char *c, int start, int end, LeadsPhone *out)
{
	Number		num;
	bool		good = false;

	memset(out, 0, sizeof(*out));
	out->kind = LEADS_PHONE_INVALID;
	read_number(c, start, end, &num);
	if (num.n == 0)
		return false;

	if (num.ngroup >= 2 && num.ext[0] == '\0' && num.ngroup < MAX_GROUPS)
	{
		int			last = num.group[num.ngroup - 1];
		int			llen = num.n - last;
		int			before = last - num.group[num.ngroup - 2];

		if (llen <= 6 && (before >= 7 || last == 10) &&
			judge(num.d, last, num.plus, out) &&
			(before >= 7 || out->kind == LEADS_PHONE_SERVICE))
		{
			memcpy(out->ext, num.d + last, (size_t) llen);
			return true;
		}
		memset(out, 0, sizeof(*out));
		out->kind = LEADS_PHONE_INVALID;
	}

	good = judge(num.d, num.n, num.plus, out);
	if (good)
		strcpy(out->ext, num.ext);
	return good;
}

void
leads_phone_parse(const char *s, size_t len, LeadsPhone *out)
{
	Chars		b;
	LeadsPhone	spare = {.kind = LEADS_PHONE_NONE};

	memset(out, 0, sizeof(*out));
	read_chars(s, len, &b);
	if (!b.visible)
		return;

	/*
	 * The first of several that is complete by itself; a number without area
	 * is so only in front: "246-1501" in "310/246-1501" is the rest of one.
	 */
	for (int start = 0, i = 0; i <= b.n; i++)
	{
		if (i < b.n && b.c[i] != '|')
			continue;
		if (parse_piece(b.c, start, i, out))
		{
			if (start == 0 || out->kind != LEADS_PHONE_LANDLINE || !out->weak)
				return;
			if (spare.kind == LEADS_PHONE_NONE)
				spare = *out;
		}
		start = i + 1;
	}
	/* none is: perhaps the separators belong to the number */
	if (!parse_piece(b.c, 0, b.n, out) && spare.kind != LEADS_PHONE_NONE)
		*out = spare;
}
