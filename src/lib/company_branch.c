/*-------------------------------------------------------------------------
 *
 * company_branch.c
 *		Marks, numerals and branches of company names.
 *
 * Purpose: what surrounds the name proper: marks of the stock exchange (*ST, A),
 * short names of banks (建行), numerals (第十九), and the branch that follows the
 * first inner 公司 or 银行.
 *
 * Invariants: as for company_name.c, whose order of work calls these; nothing
 * here knows the core.
 * Called by company_name.c only.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "company_parse.h"
#include "fold.h"

#define C_GONG 0x516C			/* 公 */
#define C_SI 0x53F8				/* 司 */
#define C_YIN 0x94F6			/* 银 */
#define C_HANG 0x884C			/* 行 */
#define C_JI 0x96C6				/* 集 */
#define C_TUAN 0x56E2			/* 团 */
#define C_DI 0x7B2C				/* 第 */

bool
leads_is_letter(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* a script that writes without spaces: Han, kana, Hangul, bopomofo */
bool
leads_is_cjk(uint32_t c)
{
	return leads_is_han(c) || (c >= 0x3040 && c <= 0x31FF) || (c >= 0xAC00 && c <= 0xD7AF);
}

static bool
ends_with(const uint32_t *s, int n, uint32_t a, uint32_t b)
{
	return n >= 2 && s[n - 2] == a && s[n - 1] == b;
}

/* ---- marks of the stock exchange ------------------------------------------ */

/* *ST康美, N万科, 万科A, 百度-SW: marks around a Han name that has no legal form */
int
leads_strip_listing(uint32_t *w, int n)
{
	static const char *const head[] = {"sst", "st", "xd", "xr", "dr", "pt", "n", NULL};
	static const char *const tail[] = {"a", "b", "h", "w", "u", "sw", "uw", "r", NULL};
	int			lead = 0;
	int			end = n;

	while (lead < n && leads_is_letter(w[lead]))
		lead++;
	if (lead > 0 && lead <= 3 && lead < n && leads_is_cjk(w[lead]))
	{
		for (int k = 0; head[k] != NULL; k++)
		{
			int			len = (int) strlen(head[k]);
			bool		same = len == lead;

			for (int i = 0; same && i < len; i++)
				same = w[i] == (uint32_t) head[k][i];
			if (same && n - lead >= 2)
			{
				memmove(w, w + lead, (size_t) (n - lead) * sizeof(uint32_t));
				n -= lead;
				break;
			}
		}
	}
	end = n;
	while (end > 0 && leads_is_letter(w[end - 1]))
		end--;
	if (end < n && n - end <= 2 && end >= 2 && leads_is_cjk(w[end - 1]))
	{
		for (int k = 0; tail[k] != NULL; k++)
		{
			int			len = (int) strlen(tail[k]);
			bool		same = len == n - end;

			for (int i = 0; same && i < len; i++)
				same = w[end + i] == (uint32_t) tail[k][i];
			if (same)
				return end;
		}
	}
	return n;
}

/* 建行, 中行 ... at the head of a branch's name */
int
leads_expand_bank(uint32_t *w, int n)
{
	static const struct
	{
		uint16_t	c;
		uint16_t	full[7];
	}			banks[] = {
		{u'建', u"中国建设银行"}, {u'工', u"中国工商银行"}, {u'农', u"中国农业银行"},
		{u'中', u"中国银行"}, {u'交', u"交通银行"}, {u'招', u"招商银行"},
	};

	/* 农商银行, 农商行: 农村商业银行 */
	for (int i = 0; i + 2 < n && n < LEADS_NAME_WORK_MAX - 8; i++)
		if (w[i] == 0x519C && w[i + 1] == 0x5546 && (w[i + 2] == C_YIN || w[i + 2] == C_HANG))
		{
			static const uint16_t full[] = u"农村商业银行";
			int			old = w[i + 2] == C_HANG ? 3 : i + 3 < n && w[i + 3] == C_HANG ? 4 : 0;

			if (old == 0)
				break;
			memmove(w + i + 6, w + i + old, (size_t) (n - i - old) * sizeof(uint32_t));
			for (int j = 0; j < 6; j++)
				w[i + j] = full[j];
			n += 6 - old;
			break;
		}
	/* 建设银行, 工商银行, 农业银行: their words are of a trade, so the state's name belongs to them */
	if (n >= 4 && n < LEADS_NAME_WORK_MAX - 8 && w[2] == C_YIN && w[3] == C_HANG &&
		((w[0] == 0x5EFA && w[1] == 0x8BBE) || (w[0] == 0x5DE5 && w[1] == 0x5546) || (w[0] == 0x519C && w[1] == 0x4E1A)))
	{
		memmove(w + 2, w, (size_t) n * sizeof(uint32_t));
		w[0] = 0x4E2D;
		w[1] = 0x56FD;
		return n + 2;
	}
	if (n < 5 || n > LEADS_NAME_WORK_MAX - 8 || w[1] != C_HANG || w[n - 1] != C_HANG)
		return n;
	for (size_t b = 0; b < sizeof(banks) / sizeof(banks[0]); b++)
		if (w[0] == banks[b].c)
		{
			int			len = 0;

			while (len < 7 && banks[b].full[len] != 0)
				len++;
			memmove(w + len, w + 2, (size_t) (n - 2) * sizeof(uint32_t));
			for (int i = 0; i < len; i++)
				w[i] = banks[b].full[i];
			return n - 2 + len;
		}
	return n;
}

/* ---- numerals ---------------------------------------------------------------- */

static int
numeral(uint32_t c)
{
	switch (c)
	{
		case 0x3007: case 0x96F6:
			return 0;			/* 〇零 */
		case 0x4E00: case 0x58F9:
			return 1;			/* 一壹 */
		case 0x4E8C: case 0x8D30:
			return 2;			/* 二贰 */
		case 0x4E09: case 0x53C1:
			return 3;			/* 三叁 */
		case 0x56DB: case 0x8086:
			return 4;			/* 四肆 */
		case 0x4E94: case 0x4F0D:
			return 5;			/* 五伍 */
		case 0x516D: case 0x9646:
			return c == 0x516D ? 6 : -1;	/* 六; 陆 is a surname and a land */
		case 0x4E03: case 0x67D2:
			return 7;			/* 七柒 */
		case 0x516B: case 0x634C:
			return 8;			/* 八捌 */
		case 0x4E5D: case 0x7396:
			return 9;			/* 九玖 */
		case 0x5341: case 0x62FE:
			return 10;			/* 十拾 */
	}
	return -1;
}

/* 第十九, 三, 2008 ... in order of appearance */
int
leads_read_numbers(const uint32_t *s, int n, int16_t *out)
{
	int			k = 0;

	for (int i = 0; i < n && k < LEADS_NAME_NUMBERS_MAX;)
	{
		int			value = 0;
		int			digit = 0;
		int			start = i;

		if (s[i] >= '0' && s[i] <= '9')
		{
			while (i < n && s[i] >= '0' && s[i] <= '9')
				value = (value * 10 + (int) (s[i++] - '0')) % 30000;
		}
		else
		{
			while (i < n && numeral(s[i]) >= 0)
			{
				int			d = numeral(s[i++]);

				if (d == 10)
				{
					value += (digit == 0 ? 1 : digit) * 10;
					digit = 0;
				}
				else
					digit = (digit * 10 + d) % 30000;
			}
			value = (value + digit) % 30000;
		}
		if (i == start)
			i++;
		else
			out[k++] = (int16_t) value;
	}
	return k;
}

/* what a small number counts where no 第 stands before it: 中铁15局, 18中学 */
static bool
is_counted(const uint32_t *s, int n)
{
	static const uint16_t one[] = u"局厂院处队冶航";

	if (n >= 2 && (s[0] == 0x4E2D || s[0] == 0x5C0F) && s[1] == 0x5B66)
		return true;			/* 中学, 小学 */
	for (int i = 0; n >= 1 && one[i] != 0; i++)
		if (s[0] == one[i])
			return true;
	return false;
}

/* 第15, 15局 as registries write them: 第十五, 十五局; new length, at most cap */
int
leads_spell_numerals(uint32_t *w, int n, int cap)
{
	static const uint16_t digits[] = u"〇一二三四五六七八九";

	for (int i = 0; i < n; i++)
	{
		uint32_t	out[3];
		int			k = 0;
		int			value = 0;
		int			end = i;

		if (w[i] < '1' || w[i] > '9' || (i > 0 && leads_is_letter(w[i - 1])))
			continue;
		while (end < n && w[end] >= '0' && w[end] <= '9' && end - i < 3)
			value = value * 10 + (int) (w[end++] - '0');
		if (end - i > 2 || (end < n && leads_is_letter(w[end])) ||
			!((i > 0 && w[i - 1] == C_DI) || is_counted(w + end, n - end)))
			continue;
		if (value >= 20)
			out[k++] = digits[value / 10];
		if (value >= 10)
			out[k++] = 0x5341;	/* 十 */
		if (value % 10 != 0)
			out[k++] = digits[value % 10];
		if (n + k - (end - i) > cap)
			return n;
		memmove(w + i + k, w + end, (size_t) (n - end) * sizeof(uint32_t));
		memcpy(w + i, out, (size_t) k * sizeof(uint32_t));
		n += k - (end - i);
	}
	return n;
}

/* ---- branch ------------------------------------------------------------------ */

/* start of the branch part of s, n = none; *cut = end of the head */
int
leads_find_branch(const uint32_t *s, int n)
{
	for (int i = 2; i + 2 < n; i++)
	{
		const LeadsWord *w;

		if (s[i] == C_GONG && s[i + 1] == C_SI)
		{
			w = leads_dict_find(&leads_legal_dict, s + i + 2, n - i - 2);
			if (w != NULL && w->kind == 'c')
				continue;
			if (n - i - 2 == 2 && ends_with(s, n, C_JI, C_TUAN))
				continue;
			return i + 2;
		}
	}
	for (int i = 1; i + 4 < n; i++)
	{
		if (s[i] == C_YIN && s[i + 1] == C_HANG)
		{
			const LeadsWord *w = leads_dict_find(&leads_legal_dict, s + i + 2, n - i - 2);

			if (w != NULL && w->kind == 'c')
				continue;
			w = leads_dict_tail(&leads_legal_dict, s, n, n - i - 2);
			if (w != NULL && w->kind == 'h')
				return i + 2;
		}
	}
	return n;
}

/*
 * A branch without its parent's legal form: 鸿源商贸渝北分公司.  The tail word
 * says that it is one; the region right before it is where.
 */
int
leads_find_bare_branch(const uint32_t *s, int n)
{
	const LeadsWord *w = leads_dict_tail(&leads_legal_dict, s, n, LEADS_WORD_MAX);
	int			end;

	if (w == NULL || w->kind != 'h' || n - w->len < 2)
		return n;
	end = n - w->len;
	while (end > 2 && (numeral(s[end - 1]) >= 0 || s[end - 1] == C_DI ||
					   (s[end - 1] >= '0' && s[end - 1] <= '9')))
		end--;
	for (int start = end - 6 > 2 ? end - 6 : 2; start + 2 <= end; start++)
		if (leads_region_whole(s + start, end - start) >= 0)
			return start;
	return end;
}

void
leads_parse_branch(LeadsName *n, const uint32_t *s, int len)
{
	const LeadsWord *w;
	uint32_t	plain[LEADS_NAME_BRANCH_MAX];
	int			taken,
				unit,
				before;
	int			m = 0;
	int			k = 0;

	if (len > LEADS_NAME_BRANCH_MAX)
	{
		len = LEADS_NAME_BRANCH_MAX;
		n->flags |= LEADS_NAME_TRUNCATED;
	}
	memcpy(n->branch, s, (size_t) len * sizeof(uint32_t));
	n->nbranch = (uint8_t) len;
	n->nbnumbers = (uint8_t) leads_read_numbers(s, len, n->bnumbers);

	/* 绍兴分行越城支行: the bank in between tells nobody apart */
	for (int i = 0; i < len; i++)
	{
		if (i > 0 && i + 2 < len && s[i] == 0x5206 && s[i + 1] == C_HANG)
			i++;
		else
			plain[k++] = s[i];
	}
	s = plain;
	len = k;

	taken = leads_region_head(s, len, &unit, &before);
	if (taken > 0 && unit >= 0)
	{
		n->bregion = (int16_t) unit;
		m = leads_region_short(unit, n->bcore, LEADS_NAME_BRANCH_MAX);
	}
	else
		taken = 0;
	w = leads_dict_tail(&leads_legal_dict, s + taken, len - taken, LEADS_WORD_MAX);
	if (w != NULL)
		len -= w->len;
	for (int i = taken; i < len && m < LEADS_NAME_BRANCH_MAX; i++)
		n->bcore[m++] = s[i];
	n->nbcore = (uint8_t) m;
}
