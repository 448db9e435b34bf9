/*-------------------------------------------------------------------------
 *
 * match_han_trade.c
 *		Trade, short forms and the whole of two company names in Han.
 *
 * Purpose: do the trades exclude each other, is one name a short form of the
 * other, and how far apart are the names as they are written.
 *
 * Invariants: symmetric; pure; sets only its own features.
 * Called by match_han.c.
 *
 *-------------------------------------------------------------------------
 */
#include "decide/match_han.h"

#include <math.h>
#include <string.h>

#include "lib/company_parse.h"
#include "lib/keys.h"
#include "lib/pinyin.h"
#include "lib/similarity.h"

/* 投资, 控股, 投资控股, 集团: one group gives itself any of these */
static int
without_holding(const uint32_t *s, int n, uint32_t *out)
{
	static const uint16_t words[][2] = {
		{0x6295, 0x8D44}, {0x63A7, 0x80A1}, {0x96C6, 0x56E2}, {0x80A1, 0x6743},
	};							/* 投资 控股 集团 股权 */
	int			m = 0;

	for (int i = 0; i < n; i++)
	{
		bool		skip = false;

		for (int w = 0; w < 4 && i + 1 < n && !skip; w++)
			skip = s[i] == words[w][0] && s[i + 1] == words[w][1];
		if (skip)
			i++;
		else
			out[m++] = s[i];
	}
	return m;
}

void
leads_han_industries(const LeadsHanView *a, const LeadsHanView *b, bool core_equal, bool moved, double *f)
{
	int			na = a->n - a->ncore,
				nb = b->n - b->ncore;
	const uint32_t *sa = a->s + a->ncore,
			   *sb = b->s + b->ncore;
	uint32_t	ha[LEADS_NAME_STEM_MAX],
				hb[LEADS_NAME_STEM_MAX];
	int			common;
	int			shorter = na < nb ? na : nb;
	int			longer = na < nb ? nb : na;

	if (na == 0 && nb == 0)
		return;
	if (na == 0 || nb == 0)
	{
		bool		holding = without_holding(na ? sa : sb, na ? na : nb, ha) == 0;

		f[holding ? LEADS_F_INDUSTRY_HOLDING : LEADS_F_INDUSTRY_ONE_SIDE] = 1;
		return;
	}
	common = leads_common(sa, na, sb, nb);
	if (common < longer && without_holding(sa, na, ha) == without_holding(sb, nb, hb) &&
		memcmp(ha, hb, (size_t) without_holding(sa, na, ha) * sizeof(uint32_t)) == 0)
		f[LEADS_F_INDUSTRY_HOLDING] = 1;
	else if (common == longer)
		f[LEADS_F_INDUSTRY_EQUAL] = 1;
	else if (common == shorter)
		f[LEADS_F_INDUSTRY_CONTAINED] = 1;
	else if (leads_sound_distance(sa, a->syl + a->ncore, na, sb, b->syl + b->ncore, nb) <= (moved ? 1.01 : 0.65))
		f[LEADS_F_INDUSTRY_NEAR] = 1;	/* two trades that the parser knows are two, not a slip */
	else
	{
		f[LEADS_F_INDUSTRY_CONFLICT] = 1;
		f[LEADS_F_INDUSTRY_SHARED] = (double) common / longer;
		if (core_equal)
			f[LEADS_F_EQUAL_INDUSTRY_CONFLICT] = 1;
	}
}

/* 商业银行, 城市商业银行, 农村商业银行, as 银行; 0: no bank */
static int
without_bank_kind(const uint32_t *s, int n, uint32_t *out)
{
	static const uint16_t words[][2] = {
		{0x5546, 0x4E1A}, {0x57CE, 0x5E02}, {0x519C, 0x6751}, {0x57CE, 0x5546}, {0x519C, 0x5546},
	};							/* 商业 城市 农村 城商 农商 */
	int			m = 0;
	int			bank = -1;

	for (int i = 0; i + 1 < n && bank < 0; i++)
		if (s[i] == 0x94F6 && s[i + 1] == 0x884C)	/* 银行 */
			bank = i;
	if (bank < 2)
		return 0;
	for (int i = 0; i < n; i++)
	{
		bool		skip = false;

		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]) && i + 1 < bank && i > 1 && !skip; w++)
			skip = s[i] == words[w][0] && s[i + 1] == words[w][1];
		if (skip)
			i++;
		else
			out[m++] = s[i];
	}
	return m;
}

/*
 * The whole name, region and branch included, but for brackets, the words of
 * legal forms wherever they stand, and the suffixes of places.
 */
int
leads_han_squeeze(const LeadsName *n, uint32_t *out)
{
	static const uint16_t drop[][2] = {
		{0x6709, 0x9650}, {0x8D23, 0x4EFB}, {0x80A1, 0x4EFD}, {0x516C, 0x53F8}, {0x96C6, 0x56E2},
	};							/* 有限 责任 股份 公司 集团 */
	int			m = 0;
	int			start = 0,
				end = n->nfolded;

	/* marks of the stock exchange that the parser took off */
	if (n->nstem > 0 && !leads_is_letter(n->stem[0]))
		while (start < end && leads_is_letter(n->folded[start]))
			start++;
	if (n->nlegal == 0 && n->nbranch == 0 && n->nstem > 0 && !leads_is_letter(n->stem[n->nstem - 1]))
		while (end > start && leads_is_letter(n->folded[end - 1]))
			end--;
	for (int i = start; i < end && m < LEADS_SIMILARITY_MAX; i++)
	{
		uint32_t	c = n->folded[i];
		bool		skip = false;

		if (c == '(' || c == ')' || c == 0x5E02 || c == 0x7701 || c == 0x53BF)	/* 市省县 */
			continue;
		for (int d = 0; d < 5 && i + 1 < n->nfolded && !skip; d++)
			skip = c == drop[d][0] && n->folded[i + 1] == drop[d][1];
		if (skip)
			i++;
		else
			out[m++] = c;
	}
	return m;
}

/* distance of the squeezed names */
double
leads_han_whole(const LeadsName *a, const LeadsName *b, double *f)
{
	uint32_t	wa[LEADS_SIMILARITY_MAX],
				wb[LEADS_SIMILARITY_MAX];
	uint16_t	sa[LEADS_SIMILARITY_MAX],
				sb[LEADS_SIMILARITY_MAX];
	int			na = leads_han_squeeze(a, wa),
				nb = leads_han_squeeze(b, wb);
	int			longer = na > nb ? na : nb;
	double		d;

	for (int i = 0; i < na; i++)
		sa[i] = leads_pinyin(wa[i]);
	for (int i = 0; i < nb; i++)
		sb[i] = leads_pinyin(wb[i]);
	d = leads_sound_distance(wa, sa, na, wb, sb, nb);
	f[LEADS_F_WHOLE_RELATIVE] = longer > 0 ? d / longer : 0;
	if (d == 0)
		f[LEADS_F_WHOLE_EQUAL] = 1;
	else if (d <= 1.01)
		f[LEADS_F_WHOLE_NEAR] = 1;
	return d;
}

/*
 * What is left of the whole names without 投资, 控股, 集团 (a group gives itself
 * any of these), or without 市商业, 农村商业 of a bank (大连市商业银行 became
 * 大连银行).  Sets at most one feature, and only if what is left is the same.
 */
void
leads_han_renamed(const LeadsName *a, const LeadsName *b, double *f)
{
	uint32_t	wa[LEADS_SIMILARITY_MAX],
				wb[LEADS_SIMILARITY_MAX],
				ra[LEADS_SIMILARITY_MAX],
				rb[LEADS_SIMILARITY_MAX];
	int			na = leads_han_squeeze(a, wa),
				nb = leads_han_squeeze(b, wb);
	int			ma = without_holding(wa, na, ra),
				mb = without_holding(wb, nb, rb);

	if (ma == mb && ma >= 2 && memcmp(ra, rb, (size_t) ma * sizeof(uint32_t)) == 0)
	{
		f[LEADS_F_HOLDING_EQUAL] = 1;
		return;
	}
	ma = without_bank_kind(wa, na, ra);
	mb = without_bank_kind(wb, nb, rb);
	if (ma > 0 && ma == mb && memcmp(ra, rb, (size_t) ma * sizeof(uint32_t)) == 0)
		f[LEADS_F_BANK_RENAMED] = 1;
}

/* 股份: listed companies, the ones that go by short names, are */
static bool
is_stock(const LeadsName *n)
{
	for (int i = 0; i + 1 < n->nlegal; i++)
		if (n->legal[i] == 0x80A1 && n->legal[i + 1] == 0x4EFD)
			return true;
	return false;
}

/* as people say it: no region, no legal form, a few characters */
static bool
is_short(const LeadsHanView *v)
{
	return (v->name->nlegal == 0 || (v->name->nlegal == 2 && is_stock(v->name))) &&
		v->name->region < 0 && v->n <= 4;
}

/* is the shorter one, all of it, a short form of the other? */
void
leads_han_short(const LeadsHanView *a, const LeadsHanView *b, double *f)
{
	const LeadsHanView *s = a->n <= b->n ? a : b;
	const LeadsHanView *l = s == a ? b : a;
	uint32_t	all[LEADS_SIMILARITY_MAX];
	int			n;
	int			runs;

	if (is_short(s) || is_short(l))
		f[LEADS_F_SHORT_FORM] = 1;
	if (f[LEADS_F_CORE_EQUAL] == 0 && s->n >= 2 && s->n < l->n)
	{
		/* 深振业 is one of 深圳振业集团 for its region's sake; 京东方 is none of 京东集团 */
		if (is_short(l) && !is_short(s))
		{
			const LeadsHanView *t = s;

			s = l;
			l = t;
		}
		runs = leads_subsequence(s->s, s->n, l->s, l->n);
		if (runs == 0)
		{
			n = leads_han_squeeze(l->name, all);
			runs = leads_subsequence(s->s, s->n, all, n);
		}
		if (runs > 0 && runs <= 4)
		{
			f[LEADS_F_SUBSEQUENCE] = 1;
			f[LEADS_F_SUBSEQUENCE_RUNS] = (runs - 1) / 3.0;
		}
	}
	if (f[LEADS_F_SHORT_FORM] > 0 && f[LEADS_F_CORE_EQUAL] + f[LEADS_F_SUBSEQUENCE] > 0 &&
		(is_stock((is_short(s) ? l : s)->name) || (is_short(l) && is_stock(s->name))))
		f[LEADS_F_SHORT_STOCK] = 1;
}

