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
#include "decide/match_han.h"

#include <math.h>
#include <string.h>

#include "lib/company_parse.h"
#include "lib/keys.h"
#include "lib/pinyin.h"
#include "lib/similarity.h"

double
leads_sound_distance(const uint32_t *a, const uint16_t *sa, int na,
		 const uint32_t *b, const uint16_t *sb, int nb)
{
	LeadsSyllables x = {a, sa, na};
	LeadsSyllables y = {b, sb, nb};

	return leads_pinyin_distance(x, y);
}

static double
core_distance(const LeadsHanView *a, const LeadsHanView *b)
{
	return leads_sound_distance(a->s, a->syl, a->ncore, b->s, b->syl, b->ncore);
}

static void
behead(LeadsHanView *v, int cut)
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
drop_region(LeadsHanView *a, const LeadsHanView *b)
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
cut_place(LeadsHanView *a, const LeadsHanView *b)
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
cut_both_places(LeadsHanView *a, LeadsHanView *b)
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

/*
 * 东方餐饮, 东方红餐饮: both trades are whole words, so that nothing is misspelt there, and a core that many bear is
 * told from another one by its last character.  A character written twice, and one too few of a rare core, is a slip.
 */
static bool
another_core(const LeadsHanView *a, const LeadsHanView *b)
{
	const LeadsHanView *s = a->ncore < b->ncore ? a : b,
			   *l = s == a ? b : a;
	int			trade = s->n - s->ncore;

	return trade > 0 && s->ncore >= 2 && l->ncore > s->ncore && l->n - l->ncore == trade &&
		memcmp(l->s + l->ncore, s->s + s->ncore, (size_t) trade * sizeof(uint32_t)) == 0 &&
		l->s[s->ncore] != l->s[s->ncore - 1] && leads_han_rarity(s) < 0.15;
}

/* a typing error in a word of the trade makes it part of the core: move the cut; true if moved */
static bool
align(LeadsHanView *a, LeadsHanView *b)
{
	double		d = core_distance(a, b);
	double		da,
				db;
	int			na = a->ncore,
				nb = b->ncore;

	if (d == 0 || na == nb || na < 2 || nb < 2)
		return false;
	/* 京东方, 京东: without a word of the trade there is nothing to be misspelt */
	if ((na < nb ? a->n : b->n) == (na < nb ? na : nb))
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

void
leads_compare_han(const LeadsName *x, const LeadsName *y, double *f)
{
	LeadsHanView		a = {x, x->stem, x->syl, x->ncore, x->nstem, x->region};
	LeadsHanView		b = {y, y->stem, y->syl, y->ncore, y->nstem, y->region};
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
				dropped,
				other,
				moved;

	drop_region(&a, &b);
	drop_region(&b, &a);
	if (cut_place(&a, &b) || cut_place(&b, &a))
		f[LEADS_F_PLACE_ONE_SIDE] = 1;
	cut_both_places(&a, &b);
	other = another_core(&a, &b);
	moved = !other && align(&a, &b);

	if (x->hash == y->hash)
		f[LEADS_F_NAME_EQUAL] = 1;

	d = core_distance(&a, &b);
	ds = leads_sound_distance(a.s, a.syl, a.n, b.s, b.syl, b.n);
	dw = leads_han_whole(x, y, f);

	/* 余姚网络 is a place or a core: if only a region is more, the names are equal but for it */
	dropped = dw > 1.01 && dw < 6.01 && leads_han_inserted(x, y, f);
	if (dw > 0.55 && dw < 6.01)
		leads_han_renamed(x, y, f);
	if (dropped && d > 0)
	{
		d = ds = 0;
		crossed = recut = true;
	}

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
		f[LEADS_F_CORE_RARITY] = dropped ? fmax(leads_han_rarity(&a), leads_han_rarity(&b)) :
			fmin(leads_han_rarity(&a), leads_han_rarity(&b));
	}
	else
	{
		f[LEADS_F_CORE_DISTANCE] = d > 4 ? 4 : d;
		f[LEADS_F_CORE_RELATIVE] = longer > 0 ? d / longer : 1;
		if (d < 0.55)
			f[LEADS_F_CORE_SOUND] = 1;
		else if (d < 0.65 && (a.ncore == b.ncore || crossed))
			f[LEADS_F_CORE_SWAP] = 1;
		else if (d <= 1.01)
			f[a.ncore == b.ncore ? LEADS_F_CORE_OTHER : LEADS_F_CORE_MORE] = 1;
		if (d <= 1.01)
		{
			double		ra = leads_han_rarity(&a),
						rb = leads_han_rarity(&b);

			f[LEADS_F_CORE_NEAR_RARITY] = ra < rb ? ra : rb;
			if (shorter <= 2)
				f[LEADS_F_CORE_SHORT_EDIT] = 1;
		}
	}
	if (ds > 0 && ds <= 1.01)
		leads_han_slip(&a, &b, f);
	f[LEADS_F_STEM_RELATIVE] = longest > 0 ? ds / longest : 0;
	if (ds > 0 && ds <= 1.01)
		f[LEADS_F_STEM_NEAR] = 1;
	if (recut)
	{
		uint32_t	wa[LEADS_SIMILARITY_MAX],
					wb[LEADS_SIMILARITY_MAX];
		uint16_t	sa[LEADS_SIMILARITY_MAX],
					sb[LEADS_SIMILARITY_MAX];
		int			na = leads_han_squeeze(x, wa),
					nb = leads_han_squeeze(y, wb);

		if (a.n != b.n && na == nb && ds > 0)
		{
			/* 农业银行北海分行, 兴业银行北海分行 */
			LeadsHanView va = {x, wa, sa, na, na, -1};
			LeadsHanView vb = {y, wb, sb, nb, nb, -1};

			for (int i = 0; i < na; i++)
			{
				sa[i] = leads_pinyin(wa[i]);
				sb[i] = leads_pinyin(wb[i]);
			}
			leads_han_slip(&va, &vb, f);
		}
		f[LEADS_F_OVERLAP] = leads_overlap(wa, na, wb, nb, &contained);
	}
	else
		f[LEADS_F_OVERLAP] = leads_overlap(a.s, a.n, b.s, b.n, &contained);
	f[LEADS_F_CONTAINED] = contained;

	excluded = !dropped && leads_han_regions(&a, &b, f);
	if (dropped)
		f[LEADS_F_REGION_DROPPED] = f[LEADS_F_REGION_UNKNOWN] = 1;
	else if (recut)
		f[LEADS_F_REGION_UNKNOWN] = 0;	/* it is in the text of both */
	if (excluded && d == 0)
	{
		f[LEADS_F_EQUAL_CONFLICT] = 1;
		f[LEADS_F_EQUAL_CONFLICT_RARITY] = f[LEADS_F_CORE_RARITY];
	}
	if (d == 0 && f[LEADS_F_REGION_PROVINCE] > 0)
		f[LEADS_F_PROVINCE_COMMON] = 1 - f[LEADS_F_CORE_RARITY];
	leads_compare_numbers(x->numbers, x->nnumbers, y->numbers, y->nnumbers, f);
	leads_han_branches(x, y, dw, f);
	if (d == 0 && (a.n == b.n || recut))
	{
		f[LEADS_F_STEM_RARITY] = dropped ? fmax(leads_han_stem_rarity(&a), leads_han_stem_rarity(&b)) :
			fmin(leads_han_stem_rarity(&a), leads_han_stem_rarity(&b));
		if (f[LEADS_F_REGION_UNKNOWN] > 0)
			f[LEADS_F_EQUAL_NO_REGION] = f[LEADS_F_STEM_RARITY];
	}
	if (!crossed)
		leads_han_industries(&a, &b, d == 0, moved, f);
	leads_han_short(&a, &b, f);
	if (other && f[LEADS_F_SHORT_FORM] == 0)
		f[LEADS_F_SUBSEQUENCE] = f[LEADS_F_SUBSEQUENCE_RUNS] = 0;
	/* 正常, 正常三: nearly equal is no slip where the difference is a numeral */
	if (f[LEADS_F_NUMBER_ONE_SIDE] > 0 && a.n != b.n && !other)
		f[LEADS_F_WHOLE_NEAR] = 0;
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
