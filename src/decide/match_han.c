/*-------------------------------------------------------------------------
 *
 * match_han.c
 *		Features of two company names in Han.
 *
 * Purpose: how alike are core, trade, region, numerals and branch, and is one
 * name a short form of the other.  Where a typing error has moved the parser's
 * cut in one name, the cut is moved to meet the other's first.
 *
 * Invariants: symmetric in the two names; pure; sets features of the first part
 * of match_weights.h only.
 * Called by match_features.c.
 *
 *-------------------------------------------------------------------------
 */
#include "decide/match.h"

#include <math.h>
#include <string.h>

#include "lib/company_parse.h"
#include "lib/keys.h"
#include "lib/pinyin.h"
#include "lib/similarity.h"

/* a name as it is compared: the parser's cut may be moved to meet the other's */
typedef struct View
{
	const LeadsName *name;
	const uint32_t *s;			/* core, then industry */
	const uint16_t *syl;
	int			ncore;
	int			n;
	int			region;			/* -1 = unknown */
} View;

double
leads_sound_distance(const uint32_t *a, const uint16_t *sa, int na,
		 const uint32_t *b, const uint16_t *sb, int nb)
{
	LeadsSyllables x = {a, sa, na};
	LeadsSyllables y = {b, sb, nb};

	return leads_pinyin_distance(x, y);
}

static double
core_distance(const View *a, const View *b)
{
	return leads_sound_distance(a->s, a->syl, a->ncore, b->s, b->syl, b->ncore);
}

static void
behead(View *v, int cut)
{
	v->s += cut;
	v->syl += cut;
	v->n -= cut;
	v->ncore = v->ncore > cut ? v->ncore - cut : 0;
}

/*
 * A slip of the pen in the region makes it part of the core (内蒙估华贯): if
 * what stands before the other's core reads nearly like its region, drop it.
 */
static void
drop_region(View *a, const View *b)
{
	uint32_t	region[18];
	uint16_t	syl[18];
	int			n;
	double		best = 1.01;
	int			cut = 0;

	if (a->region >= 0 || b->region < 0 || a->n <= b->n || a->ncore < 4)
		return;
	n = leads_region_short(b->region, region, 18);
	for (int i = 0; i < n; i++)
		syl[i] = leads_pinyin(region[i]);
	for (int p = 2; p <= n + 1 && p + 2 <= a->ncore; p++)
	{
		double		d = leads_sound_distance(a->s, a->syl, p, region, syl, n);

		if (d < best && leads_sound_distance(a->s + p, a->syl + p, a->ncore - p, b->s, b->syl, b->ncore) <= 1)
		{
			best = d;
			cut = p;
		}
	}
	behead(a, cut);
}

/*
 * Places that may not head a name alone (三河, 河口: they are brands as well),
 * 中国, and a town: if what stands behind is the other's core, they were no
 * part of it.  Returns true if a place was found whose unit is unknown.
 */
static bool
cut_place(View *a, const View *b)
{
	bool		town = (b->name->flags & LEADS_NAME_TOWN) && !(a->name->flags & LEADS_NAME_TOWN);

	if (a->n <= b->n || (a->name->flags & LEADS_NAME_TOOK_REGION))
		return false;
	for (int p = 2; p <= 6 && p + b->ncore <= a->n; p++)
	{
		int			unit;

		if (memcmp(a->s + p, b->s, b->ncore * sizeof(uint32_t)) != 0)
			continue;
		if (p == 2 && a->s[0] == 0x4E2D && a->s[1] == 0x56FD)	/* 中国 */
		{
			if (b->region >= 0)
				return false;
			behead(a, p);
			a->ncore = b->ncore;
			return true;
		}
		unit = a->region < 0 ? leads_region_any(a->s, p, b->region) : -1;
		if (unit >= 0)
			a->region = unit;
		else if (!(town && (a->s[p - 1] == 0x9547 || a->s[p - 1] == 0x4E61 || a->s[p - 1] == 0x9053)))	/* 镇乡道 */
			continue;
		behead(a, p);
		a->ncore = a->ncore < b->ncore ? b->ncore : a->ncore;
		return unit < 0;
	}
	return false;
}

/* both may begin with such a place: 三门伟益, 象山伟益 */
static void
cut_both_places(View *a, View *b)
{
	if (a->region >= 0 || b->region >= 0 ||
		((a->name->flags | b->name->flags) & LEADS_NAME_TOOK_REGION))
		return;
	for (int p = 2; p <= 5 && p + 2 <= a->ncore; p++)
		for (int q = 2; q <= 5 && q + 2 <= b->ncore; q++)
			if (a->ncore - p == b->ncore - q &&
				memcmp(a->s + p, b->s + q, (size_t) (a->ncore - p) * sizeof(uint32_t)) == 0)
			{
				int			ra = leads_region_any(a->s, p, -1),
							rb = leads_region_any(b->s, q, ra);

				if (ra < 0 || rb < 0 || ra == rb)
					continue;
				a->region = ra;
				b->region = rb;
				behead(a, p);
				behead(b, q);
				return;
			}
}

/* a typing error in a word of the trade makes it part of the core: move the cut; true if moved */
static bool
align(View *a, View *b)
{
	double		d = core_distance(a, b);
	double		da,
				db;
	int			na = a->ncore,
				nb = b->ncore;

	if (d == 0 || na == nb || na < 2 || nb < 2)
		return false;
	da = nb > na ? leads_sound_distance(a->s, a->syl, na, b->s, b->syl, na) : 9;
	db = na > nb ? leads_sound_distance(a->s, a->syl, nb, b->s, b->syl, nb) : 9;
	if (da < d && da <= 1 && da <= db)
		b->ncore = na;
	else if (db < d && db <= 1)
		a->ncore = nb;
	else
		return false;
	return true;
}

/* how rare is a core: 1 = as rare as four unusual characters in a row */
static double
rarity(const View *v)
{
	int			sum = 0;

	for (int i = 0; i + 1 < v->ncore; i++)
		sum += 160 - leads_df_bigram(v->s[i], v->s[i + 1]);
	return sum > 480 ? 1 : sum < 0 ? 0 : sum / 480.0;
}

/* the same of core and trade: 1 = as eight such characters */
static double
stem_rarity(const View *v)
{
	int			sum = 0;

	for (int i = 0; i + 1 < v->n; i++)
		sum += 160 - leads_df_bigram(v->s[i], v->s[i + 1]);
	return sum > 960 ? 1 : sum < 0 ? 0 : sum / 960.0;
}

/* ---- region, numerals, branch ------------------------------------------------ */

/* sets one of the region features; true: the regions exclude each other */
static bool
compare_regions(const View *va, const View *vb, double *f)
{
	const LeadsName *a = va->name,
			   *b = vb->name;
	int			ra = va->region,
				rb = vb->region;
	int			ca,
				cb;

	if ((a->place >= 0) != (b->place >= 0))
	{
		/* 上海鸿源(重庆): its place is what the other may call its region */
		f[LEADS_F_PLACE_ONE_SIDE] = 1;
		if (a->place >= 0 && rb >= 0 && leads_region_inside(rb, a->place))
			ra = a->place;
		else if (b->place >= 0 && ra >= 0 && leads_region_inside(ra, b->place))
			rb = b->place;
	}
	else if (a->place >= 0 && a->place != b->place &&
			 !leads_region_inside(a->place, b->place) && !leads_region_inside(b->place, a->place))
	{
		ra = a->place;
		rb = b->place;
	}
	if (ra < 0 && rb < 0)
		return false;
	if (ra < 0 || rb < 0)
	{
		f[LEADS_F_REGION_UNKNOWN] = 1;
		return false;
	}
	ca = leads_region_city(ra);
	cb = leads_region_city(rb);
	if (ra == rb)
		f[LEADS_F_REGION_SAME] = 1;
	else if (leads_region_inside(ra, rb) || leads_region_inside(rb, ra))
	{
		if (ca == cb && ca >= 0)
			f[LEADS_F_REGION_SAME] = 1;
		else
			f[LEADS_F_REGION_PROVINCE] = 1;
	}
	else if (ca >= 0 && ca == cb)
		f[LEADS_F_REGION_DISTRICT] = 1;
	else if (leads_region_province(ra) == leads_region_province(rb))
	{
		f[LEADS_F_REGION_CITY] = 1;
		return true;
	}
	else
	{
		f[LEADS_F_REGION_CONFLICT] = 1;
		return true;
	}
	return false;
}

void
leads_compare_numbers(const int16_t *a, int na, const int16_t *b, int nb, double *f)
{
	if (na == 0 && nb == 0)
		return;
	if (na == nb && memcmp(a, b, (size_t) na * sizeof(int16_t)) == 0)
		return;
	if (na == nb)
		f[LEADS_F_NUMBER_CONFLICT] = 1;
	else
		f[LEADS_F_NUMBER_ONE_SIDE] = 1;
}

/* 支行, 营业部 */
static bool
is_bank_branch(const LeadsName *n)
{
	uint32_t	last = n->branch[n->nbranch - 1];

	return last == 0x884C || (last == 0x90E8 && n->nbranch > 3 && n->branch[n->nbranch - 2] == 0x4E1A);
}

static void
compare_branches(const LeadsName *a, const LeadsName *b, double whole, double *f)
{
	const uint32_t *ba = a->bcore,
			   *bb = b->bcore;
	uint16_t	sa[LEADS_NAME_BRANCH_MAX],
				sb[LEADS_NAME_BRANCH_MAX];
	double		d;
	int			na,
				nb,
				longer;
	bool		drop_a,
				drop_b;

	if ((a->nbranch == 0 && b->nbranch == 0) || whole == 0)
		return;
	if (a->nbranch == 0 || b->nbranch == 0)
	{
		if (whole > 1.01)
			f[LEADS_F_BRANCH_ONE_SIDE] = 1;
		return;
	}
	na = a->nbcore;
	nb = b->nbcore;
	longer = na > nb ? na : nb;
	for (int i = 0; i < na; i++)
		sa[i] = leads_pinyin(ba[i]);
	for (int i = 0; i < nb; i++)
		sb[i] = leads_pinyin(bb[i]);
	d = longer > 0 ? leads_sound_distance(ba, sa, na, bb, sb, nb) : 0;
	/* of a bank, its own town again: 青岛银行青岛香港花园支行 */
	drop_a = a->bregion >= 0 && (b->bregion < 0 || a->bregion == a->region);
	drop_b = b->bregion >= 0 && (a->bregion < 0 || b->bregion == b->region);
	if (d > 0 && drop_a != drop_b && is_bank_branch(a) && is_bank_branch(b))
	{
		/* 农业路支行, 郑州农业路支行 */
		uint32_t	place[18];
		int			n = leads_region_short(drop_a ? a->bregion : b->bregion, place, 18);

		if (n < (drop_a ? na : nb) && (drop_a ? nb : na) > 1 &&
			(drop_a ? leads_sound_distance(ba + n, sa + n, na - n, bb, sb, nb) :
			 leads_sound_distance(ba, sa, na, bb + n, sb + n, nb - n)) == 0)
		{
			d = 0;
			f[LEADS_F_BRANCH_PLACE_ONE_SIDE] = 1;
		}
	}
	if (d > 0 && a->bregion >= 0 && b->bregion >= 0 &&
		!leads_region_inside(a->bregion, b->bregion) && !leads_region_inside(b->bregion, a->bregion))
		f[LEADS_F_BRANCH_REGION_CONFLICT] = 1;	/* 河南分公司, 河北分公司: no slip of the pen */
	if (d == 0)
	{
		const LeadsWord *ka = leads_dict_tail(&leads_legal_dict, a->branch, a->nbranch, LEADS_WORD_MAX),
				   *kb = leads_dict_tail(&leads_legal_dict, b->branch, b->nbranch, LEADS_WORD_MAX);

		/* 支行, 分行; one that is no word is a slip of the pen */
		if (ka != NULL && kb != NULL && ka != kb)
			f[LEADS_F_BRANCH_KIND] = 1;
		else
			f[LEADS_F_BRANCH_EQUAL] = f[LEADS_F_OVERLAP];	/* of the same parent, as far as it is */
	}
	else
	{
		f[LEADS_F_BRANCH_DISTANCE] = d / longer;
		f[LEADS_F_BRANCH_EDITS] = d > 3 ? 3 : d;
	}
	if (d / (longer ? longer : 1) >= 0.4 || (na == nb && d >= 0.95))
		f[LEADS_F_BRANCH_CONFLICT] = 1;
	leads_compare_numbers(a->bnumbers, a->nbnumbers, b->bnumbers, b->nbnumbers, f);
}

/* ---- company names in Han ---------------------------------------------------- */

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

static void
compare_industries(const View *a, const View *b, bool core_equal, bool moved, double *f)
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

/*
 * The whole name, region and branch included, but for brackets, the words of
 * legal forms wherever they stand, and the suffixes of places.
 */
static int
squeeze(const LeadsName *n, uint32_t *out)
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

		if (c == '(' || c == ')' || c == 0x5E02 || c == 0x7701) /* 市省 */
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
static double
whole_distance(const LeadsName *a, const LeadsName *b, double *f)
{
	uint32_t	wa[LEADS_SIMILARITY_MAX],
				wb[LEADS_SIMILARITY_MAX];
	uint16_t	sa[LEADS_SIMILARITY_MAX],
				sb[LEADS_SIMILARITY_MAX];
	int			na = squeeze(a, wa),
				nb = squeeze(b, wb);
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
is_short(const View *v)
{
	return (v->name->nlegal == 0 || (v->name->nlegal == 2 && is_stock(v->name))) &&
		v->name->region < 0 && v->n <= 4;
}

/* is the shorter one, all of it, a short form of the other? */
static void
compare_short(const View *a, const View *b, double *f)
{
	const View *s = a->n <= b->n ? a : b;
	const View *l = s == a ? b : a;
	uint32_t	all[LEADS_SIMILARITY_MAX];
	int			n;
	int			runs;

	if (is_short(s) || is_short(l))
	{
		f[LEADS_F_SHORT_FORM] = 1;
		if (is_stock((is_short(s) ? l : s)->name) || (is_short(l) && is_stock(s->name)))
			f[LEADS_F_SHORT_STOCK] = 1;
	}
	if (f[LEADS_F_CORE_EQUAL] > 0 || s->n < 2 || s->n >= l->n)
		return;
	runs = leads_subsequence(s->s, s->n, l->s, l->n);
	if (runs == 0)
	{
		n = squeeze(l->name, all);
		runs = leads_subsequence(s->s, s->n, all, n);
	}
	if (runs > 0 && runs <= 4)
	{
		f[LEADS_F_SUBSEQUENCE] = 1;
		f[LEADS_F_SUBSEQUENCE_RUNS] = (runs - 1) / 3.0;
	}
}

/* how usual is a character where it stands */
static int
context(const View *v, int at)
{
	int			left = at > 0 ? leads_df_bigram(v->s[at - 1], v->s[at]) : 0,
				right = at + 1 < v->n ? leads_df_bigram(v->s[at], v->s[at + 1]) : 0;

	return left > right ? left : right;
}

/*
 * Where one character is another: two that are both usual in names (鑫, 新)
 * make two companies, an odd one (估 for 古) is a slip of the pen.
 */
static void
compare_slip(const View *a, const View *b, double *f)
{
	int			at = -1;
	int			ca,
				cb,
				low,
				ga,
				gb;

	if (a->n != b->n)
		return;
	for (int i = 0; i < a->n; i++)
		if (a->s[i] != b->s[i])
		{
			if (at >= 0)
				return;
			at = i;
		}
	if (at < 0)
		return;
	ca = leads_df_char(a->s[at]);
	cb = leads_df_char(b->s[at]);
	low = ca < cb ? ca : cb;
	f[a->syl[at] != b->syl[at] ? LEADS_F_SLIP_USUAL : LEADS_F_SLIP_SOUND_USUAL] = low / 128.0;
	ga = context(a, at);
	gb = context(b, at);
	f[LEADS_F_SLIP_CONTEXT] = fabs((ga - gb) / 128.0);
	f[LEADS_F_SLIP_TRADE] = at >= a->ncore && at >= b->ncore;
}

void
leads_compare_han(const LeadsName *x, const LeadsName *y, double *f)
{
	View		a = {x, x->stem, x->syl, x->ncore, x->nstem, x->region};
	View		b = {y, y->stem, y->syl, y->ncore, y->nstem, y->region};
	double		d,
				ds,
				dw,
				contained;
	int			longer,
				shorter,
				longest;
	bool		excluded,
				crossed = false,
				recut = false,
				moved;

	drop_region(&a, &b);
	drop_region(&b, &a);
	if (cut_place(&a, &b) || cut_place(&b, &a))
		f[LEADS_F_PLACE_ONE_SIDE] = 1;
	cut_both_places(&a, &b);
	moved = align(&a, &b);

	if (x->hash == y->hash)
		f[LEADS_F_NAME_EQUAL] = 1;

	d = core_distance(&a, &b);
	ds = leads_sound_distance(a.s, a.syl, a.n, b.s, b.syl, b.n);
	dw = whole_distance(x, y, f);

	/* a slip across the cut between core and trade: 丰实宇业, 丰宇实业 */
	if (ds < d && ds <= 1.01)
	{
		d = ds;
		crossed = true;
	}
	/* a slip that made the parser cut elsewhere, or one name keeps its parent's legal form: the whole decides */
	if (dw < d && dw <= 1.01)
	{
		d = ds = dw;
		crossed = recut = true;
	}
	longer = a.ncore > b.ncore ? a.ncore : b.ncore;
	shorter = a.ncore < b.ncore ? a.ncore : b.ncore;
	longest = a.n > b.n ? a.n : b.n;
	if (d == 0)
	{
		/* what still differs, the parser explains */
		f[LEADS_F_WHOLE_RELATIVE] = 0;
		f[LEADS_F_CORE_EQUAL] = 1;
		f[LEADS_F_CORE_RARITY] = fmin(rarity(&a), rarity(&b));
	}
	else
	{
		f[LEADS_F_CORE_DISTANCE] = d > 4 ? 4 : d;
		f[LEADS_F_CORE_RELATIVE] = longer > 0 ? d / longer : 1;
		if (d < 0.55)
			f[LEADS_F_CORE_SOUND] = 1;
		else if (d < 0.65 && a.ncore == b.ncore)
			f[LEADS_F_CORE_SWAP] = 1;
		else if (d <= 1.01)
			f[a.ncore == b.ncore ? LEADS_F_CORE_OTHER : LEADS_F_CORE_MORE] = 1;
		if (d <= 1.01)
		{
			double		ra = rarity(&a),
						rb = rarity(&b);

			f[LEADS_F_CORE_NEAR_RARITY] = ra < rb ? ra : rb;
			if (shorter <= 2)
				f[LEADS_F_CORE_SHORT_EDIT] = 1;
		}
	}
	if (ds > 0 && ds <= 1.01)
		compare_slip(&a, &b, f);
	f[LEADS_F_STEM_RELATIVE] = longest > 0 ? ds / longest : 0;
	if (ds > 0 && ds <= 1.01)
		f[LEADS_F_STEM_NEAR] = 1;
	if (recut)
	{
		uint32_t	wa[LEADS_SIMILARITY_MAX],
					wb[LEADS_SIMILARITY_MAX];
		int			na = squeeze(x, wa),
					nb = squeeze(y, wb);

		f[LEADS_F_OVERLAP] = leads_overlap(wa, na, wb, nb, &contained);
	}
	else
		f[LEADS_F_OVERLAP] = leads_overlap(a.s, a.n, b.s, b.n, &contained);
	f[LEADS_F_CONTAINED] = contained;

	excluded = compare_regions(&a, &b, f);
	if (recut)
		f[LEADS_F_REGION_UNKNOWN] = 0;	/* it is in the text of both */
	if (excluded && d == 0)
	{
		f[LEADS_F_EQUAL_CONFLICT] = 1;
		f[LEADS_F_EQUAL_CONFLICT_RARITY] = f[LEADS_F_CORE_RARITY];
	}
	leads_compare_numbers(x->numbers, x->nnumbers, y->numbers, y->nnumbers, f);
	compare_branches(x, y, dw, f);
	if (d == 0 && (a.n == b.n || recut))
		f[LEADS_F_STEM_RARITY] = fmin(stem_rarity(&a), stem_rarity(&b));
	if (!crossed)
		compare_industries(&a, &b, d == 0, moved, f);
	compare_short(&a, &b, f);
	if (f[LEADS_F_NUMBER_CONFLICT] > 0)
	{
		/* 第三, 第十三: one character is all the difference in the world */
		f[LEADS_F_BRANCH_EQUAL] = f[LEADS_F_WHOLE_NEAR] = f[LEADS_F_STEM_NEAR] = 0;
		f[LEADS_F_CORE_MORE] = f[LEADS_F_CORE_SOUND] = f[LEADS_F_SUBSEQUENCE] = f[LEADS_F_SUBSEQUENCE_RUNS] = 0;
	}

	if ((x->flags ^ y->flags) & LEADS_NAME_GROUP)
		f[LEADS_F_GROUP_DIFFERS] = 1;
	if (x->nlegal > 0 && x->nlegal == y->nlegal &&
		memcmp(x->legal, y->legal, x->nlegal * sizeof(uint32_t)) == 0)
		f[LEADS_F_LEGAL_EQUAL] = 1;
	else if (x->legal_class && y->legal_class && x->legal_class != y->legal_class)
		f[LEADS_F_LEGAL_CONFLICT] = 1;
}
