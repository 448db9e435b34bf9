/*-------------------------------------------------------------------------
 *
 * match_features.c
 *		What is alike and what is not about a pair of records, as numbers.
 *
 * Purpose: the judge weighs features; here they are measured.  Most are 0 or 1,
 * distances are in edits, relative ones, overlaps and rarities run from 0 to 1.
 * Products stand where two facts together say more than their sum: an equal
 * core in another region, an equal core in another trade.
 *
 * Invariants: symmetric in the two records; pure; a feature that does not apply
 * is 0; no more than LEADS_MATCH_FEATURES_MAX are set for one pair of Han
 * names with all contact fields.
 * Called by match.c (score) and the training program of test/accuracy.
 *
 *-------------------------------------------------------------------------
 */
#include "decide/match.h"

#include <math.h>
#include <string.h>

#include "lib/company_parse.h"
#include "lib/fold.h"
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
	bool		known;			/* the region is */
} View;

static double
distance(const uint32_t *a, const uint16_t *sa, int na,
		 const uint32_t *b, const uint16_t *sb, int nb)
{
	LeadsSyllables x = {a, sa, na};
	LeadsSyllables y = {b, sb, nb};

	return leads_pinyin_distance(x, y);
}

static double
core_distance(const View *a, const View *b)
{
	return distance(a->s, a->syl, a->ncore, b->s, b->syl, b->ncore);
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

	if (a->name->region >= 0 || b->name->region < 0 || a->n <= b->n || a->ncore < 4)
		return;
	n = leads_region_short(b->name->region, region, 18);
	for (int i = 0; i < n; i++)
		syl[i] = leads_pinyin(region[i]);
	for (int p = 2; p <= n + 1 && p + 2 <= a->ncore; p++)
	{
		double		d = distance(a->s, a->syl, p, region, syl, n);

		if (d < best && distance(a->s + p, a->syl + p, a->ncore - p, b->s, b->syl, b->ncore) <= 1)
		{
			best = d;
			cut = p;
		}
	}
	a->s += cut;
	a->syl += cut;
	a->n -= cut;
	a->ncore -= cut;
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
	da = nb > na ? distance(a->s, a->syl, na, b->s, b->syl, na) : 9;
	db = na > nb ? distance(a->s, a->syl, nb, b->s, b->syl, nb) : 9;
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

/* ---- region, numerals, branch ------------------------------------------------ */

/* sets one of the region features; true: the regions exclude each other */
static bool
compare_regions(const LeadsName *a, const LeadsName *b, double *f)
{
	int			ra = a->region,
				rb = b->region;
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

static void
compare_numbers(const int16_t *a, int na, const int16_t *b, int nb, double *f)
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

static void
compare_branches(const LeadsName *a, const LeadsName *b, double whole, double *f)
{
	double		d;
	int			longer;

	if ((a->nbranch == 0 && b->nbranch == 0) || whole == 0)
		return;
	if (a->nbranch == 0 || b->nbranch == 0)
	{
		if (whole > 1.01)
			f[LEADS_F_BRANCH_ONE_SIDE] = 1;
		return;
	}
	longer = a->nbcore > b->nbcore ? a->nbcore : b->nbcore;
	d = 0;
	if (longer > 0)
	{
		uint16_t	sa[LEADS_NAME_BRANCH_MAX],
					sb[LEADS_NAME_BRANCH_MAX];

		for (int i = 0; i < a->nbcore; i++)
			sa[i] = leads_pinyin(a->bcore[i]);
		for (int i = 0; i < b->nbcore; i++)
			sb[i] = leads_pinyin(b->bcore[i]);
		d = distance(a->bcore, sa, a->nbcore, b->bcore, sb, b->nbcore);
	}
	if (d == 0)
	{
		int			ta = a->nbranch > 2 ? 2 : a->nbranch;

		if (b->nbranch >= ta && memcmp(a->branch + a->nbranch - ta, b->branch + b->nbranch - ta,
									   (size_t) ta * sizeof(uint32_t)) == 0)
			f[LEADS_F_BRANCH_EQUAL] = 1;
		else
			f[LEADS_F_BRANCH_KIND] = 1;
	}
	else
	{
		f[LEADS_F_BRANCH_DISTANCE] = d / longer;
		f[LEADS_F_BRANCH_EDITS] = d > 3 ? 3 : d;
	}
	if (d / (longer ? longer : 1) >= 0.4)
		f[LEADS_F_BRANCH_CONFLICT] = 1;
	compare_numbers(a->bnumbers, a->nbnumbers, b->bnumbers, b->nbnumbers, f);
}

/* ---- company names in Han ---------------------------------------------------- */

static void
compare_industries(const View *a, const View *b, bool core_equal, bool moved, double *f)
{
	int			na = a->n - a->ncore,
				nb = b->n - b->ncore;
	const uint32_t *sa = a->s + a->ncore,
			   *sb = b->s + b->ncore;
	int			common;
	int			shorter = na < nb ? na : nb;
	int			longer = na < nb ? nb : na;

	if (na == 0 && nb == 0)
		return;
	if (na == 0 || nb == 0)
	{
		f[LEADS_F_INDUSTRY_ONE_SIDE] = 1;
		return;
	}
	common = leads_common(sa, na, sb, nb);
	if (common == longer)
		f[LEADS_F_INDUSTRY_EQUAL] = 1;
	else if (common == shorter)
		f[LEADS_F_INDUSTRY_CONTAINED] = 1;
	else if (distance(sa, a->syl + a->ncore, na, sb, b->syl + b->ncore, nb) <= (moved ? 1.01 : 0.65))
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
	d = distance(wa, sa, na, wb, sb, nb);
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

static void
compare_cjk(const LeadsName *x, const LeadsName *y, double *f)
{
	View		a = {x, x->stem, x->syl, x->ncore, x->nstem, x->region >= 0};
	View		b = {y, y->stem, y->syl, y->ncore, y->nstem, y->region >= 0};
	double		d,
				ds,
				dw,
				contained;
	int			longer,
				shorter,
				longest;
	bool		excluded,
				crossed = false,
				moved;

	drop_region(&a, &b);
	drop_region(&b, &a);
	moved = align(&a, &b);

	if (x->hash == y->hash)
		f[LEADS_F_NAME_EQUAL] = 1;

	d = core_distance(&a, &b);
	ds = distance(a.s, a.syl, a.n, b.s, b.syl, b.n);
	dw = whole_distance(x, y, f);

	/* a slip across the cut between core and trade: 丰实宇业, 丰宇实业 */
	if (ds < d && ds <= 1.01)
	{
		d = ds;
		crossed = true;
	}
	/* one name keeps its parent's legal form and the other does not */
	if (dw == 0 && (x->nbranch > 0) != (y->nbranch > 0))
	{
		d = ds = 0;
		crossed = true;
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
	f[LEADS_F_STEM_RELATIVE] = longest > 0 ? ds / longest : 0;
	if (ds > 0 && ds <= 1.01)
		f[LEADS_F_STEM_NEAR] = 1;
	f[LEADS_F_OVERLAP] = leads_overlap(a.s, a.n, b.s, b.n, &contained);
	f[LEADS_F_CONTAINED] = contained;

	excluded = compare_regions(x, y, f);
	if (excluded && d == 0)
	{
		f[LEADS_F_EQUAL_CONFLICT] = 1;
		f[LEADS_F_EQUAL_CONFLICT_RARITY] = f[LEADS_F_CORE_RARITY];
	}
	compare_numbers(x->numbers, x->nnumbers, y->numbers, y->nnumbers, f);
	compare_branches(x, y, dw, f);
	if (!crossed)
		compare_industries(&a, &b, d == 0, moved, f);
	compare_short(&a, &b, f);

	if ((x->flags ^ y->flags) & LEADS_NAME_GROUP)
		f[LEADS_F_GROUP_DIFFERS] = 1;
	if (x->nlegal > 0 && x->nlegal == y->nlegal &&
		memcmp(x->legal, y->legal, x->nlegal * sizeof(uint32_t)) == 0)
		f[LEADS_F_LEGAL_EQUAL] = 1;
	else if (x->legal_class && y->legal_class && x->legal_class != y->legal_class)
		f[LEADS_F_LEGAL_CONFLICT] = 1;
}

/* ---- company names in words -------------------------------------------------- */

static double
token_weight(const LeadsName *n, int i)
{
	int			df = n->token[i].df;
	double		w = df > 140 ? 0.1 : (160 - df) / 160.0;

	return n->token[i].len == 1 ? w * 0.5 : w;
}

static bool
initials_of(const LeadsName *s, const LeadsName *l)
{
	if (s->ntokens != 1 || l->ntokens < 2 || s->token[0].len != l->ntokens)
		return false;
	for (int i = 0; i < l->ntokens; i++)
		if (s->stem[i] != l->stem[l->token[i].start])
			return false;
	return true;
}

static int
joined(const LeadsName *n, uint32_t *out)
{
	int			m = 0;

	for (int i = 0; i < n->nstem; i++)
		if (n->stem[i] != ' ')
			out[m++] = n->stem[i];
	return m;
}

static void
compare_latin(const LeadsName *x, const LeadsName *y, double *f)
{
	uint32_t	ja[LEADS_NAME_STEM_MAX],
				jb[LEADS_NAME_STEM_MAX];
	int			na = joined(x, ja),
				nb = joined(y, jb);
	int			longest = na > nb ? na : nb;
	double		wx = 0,
				wy = 0,
				shared = 0,
				extra = 0;
	bool		used[LEADS_NAME_TOKENS_MAX] = {false};

	if (x->nstem == y->nstem && memcmp(x->stem, y->stem, x->nstem * sizeof(uint32_t)) == 0)
		f[LEADS_F_LATIN_EQUAL] = 1;
	else if (na == nb && memcmp(ja, jb, (size_t) na * sizeof(uint32_t)) == 0)
		f[LEADS_F_LATIN_JOINED] = 1;
	for (int j = 0; j < y->ntokens; j++)
		wy += token_weight(y, j);
	for (int i = 0; i < x->ntokens; i++)
	{
		double		w = token_weight(x, i);
		double		best = 0;
		int			at = -1;

		wx += w;
		for (int j = 0; j < y->ntokens; j++)
		{
			double		sim = 0;
			int			lx = x->token[i].len,
						ly = y->token[j].len;

			if (used[j])
				continue;
			if (x->token[i].hash == y->token[j].hash)
				sim = 1;
			else if (lx >= 4 && ly >= 4)
			{
				int			d = leads_edit_distance(x->stem + x->token[i].start, lx,
													y->stem + y->token[j].start, ly);

				sim = 1 - (double) d / (lx > ly ? lx : ly);
				sim = sim >= 0.75 ? sim * 0.9 : 0;
			}
			else if (lx == 1 || ly == 1)
				sim = x->stem[x->token[i].start] == y->stem[y->token[j].start] ? 0.5 : 0;
			if (sim > best)
			{
				best = sim;
				at = j;
			}
		}
		if (at >= 0)
		{
			used[at] = true;
			shared += best * (w + token_weight(y, at)) / 2;
		}
		else if (w > extra)
			extra = w;
	}
	for (int j = 0; j < y->ntokens; j++)
		if (!used[j] && token_weight(y, j) > extra)
			extra = token_weight(y, j);
	if (wx + wy > 0)
	{
		f[LEADS_F_LATIN_OVERLAP] = 2 * shared / (wx + wy);
		f[LEADS_F_LATIN_CONTAINED] = fmin(1, shared / (wx < wy ? wx : wy));
	}
	f[LEADS_F_LATIN_EXTRA] = extra;
	f[LEADS_F_LATIN_DISTANCE] = longest > 0 ?
		(double) leads_edit_distance(ja, na, jb, nb) / longest : 0;
	if (x->ntokens > 0 && y->ntokens > 0 && x->token[0].hash == y->token[0].hash)
		f[LEADS_F_LATIN_FIRST] = 1;
	if (initials_of(x, y) || initials_of(y, x))
		f[LEADS_F_LATIN_INITIALS] = 1;
	compare_numbers(x->numbers, x->nnumbers, y->numbers, y->nnumbers, f);
}

/* ---- persons and contact fields ---------------------------------------------- */

/* 0 equal, 1 similar, 2 different */
static int
person_relation(const uint32_t *a, int na, const uint32_t *b, int nb)
{
	uint16_t	sa[LEADS_NAME_STEM_MAX],
				sb[LEADS_NAME_STEM_MAX];
	double		d;
	int			longer = na > nb ? na : nb;

	for (int i = 0; i < na; i++)
		sa[i] = leads_pinyin(a[i]);
	for (int i = 0; i < nb; i++)
		sb[i] = leads_pinyin(b[i]);
	d = distance(a, sa, na, b, sb, nb);
	if (d == 0)
		return 0;
	if (leads_is_han(a[0]) || leads_is_han(b[0]))
		return d <= 0.6 || (d <= 1.01 && longer >= 3) ? 1 : 2;
	return d / longer <= 0.3 ? 1 : 2;
}

static void
compare_contacts(const LeadsRecord *q, const LeadsRecord *s, double *f)
{
	bool		phone = false,
				weak = false,
				mobile = false,
				domain = false;
	bool		mail = false;

	for (int i = 0; i < q->nphones; i++)
		for (int j = 0; j < s->nphones; j++)
			if (strcmp(q->phone[i].norm, s->phone[j].norm) == 0)
			{
				if (q->phone[i].weak || s->phone[j].weak)
					weak = true;
				else
				{
					phone = true;
					mobile |= q->phone[i].mobile;
				}
			}
	for (int i = 0; i < q->nemails; i++)
		for (int j = 0; j < s->nemails; j++)
		{
			mail |= q->email[i].norm == s->email[j].norm;
			domain |= q->email[i].domain == s->email[j].domain && !q->email[i].free;
		}

	if (q->person)
	{
		f[LEADS_F_PERSON_MOBILE] = mobile;
		f[LEADS_F_PERSON_PHONE] = phone && !mobile;
		f[LEADS_F_PERSON_EMAIL] = mail;
	}
	else
	{
		f[LEADS_F_PHONE_EQUAL] = phone;
		f[LEADS_F_EMAIL_EQUAL] = mail;
		f[LEADS_F_EMAIL_DOMAIN_EQUAL] = domain;
		if (q->ncontact > 0 && s->ncontact > 0)
		{
			int			rel = person_relation(q->contact, q->ncontact, s->contact, s->ncontact);

			f[rel == 0 ? LEADS_F_CONTACT_EQUAL : rel == 1 ? LEADS_F_CONTACT_SIMILAR : LEADS_F_CONTACT_DIFFERS] = 1;
		}
	}
	f[LEADS_F_PHONE_WEAK_EQUAL] = weak && !phone;
	f[LEADS_F_PHONE_DIFFERS] = q->nphones > 0 && s->nphones > 0 && !phone && !weak;
	f[LEADS_F_EMAIL_DIFFERS] = q->nemails > 0 && s->nemails > 0 && !mail && !domain;
	if (q->has_uscc && s->has_uscc)
		f[strcmp(q->uscc, s->uscc) == 0 ? LEADS_F_USCC_EQUAL : LEADS_F_USCC_DIFFERS] = 1;
}

/* ---- the pair ------------------------------------------------------------------ */

static void
compare_names(const LeadsName *a, const LeadsName *b, double *f)
{
	if (a->kind == LEADS_NAME_CJK && b->kind == LEADS_NAME_CJK)
		compare_cjk(a, b, f);
	else if (a->kind == LEADS_NAME_LATIN && b->kind == LEADS_NAME_LATIN)
		compare_latin(a, b, f);
	else if (a->kind == LEADS_NAME_PERSON && b->kind == LEADS_NAME_PERSON)
	{
		int			rel = person_relation(a->stem, a->nstem, b->stem, b->nstem);

		f[rel == 0 ? LEADS_F_PERSON_EQUAL : rel == 1 ? LEADS_F_PERSON_SIMILAR : LEADS_F_PERSON_DIFFERS] = 1;
	}
	else
	{
		f[LEADS_F_STEM_RELATIVE] = 1;
		f[LEADS_F_CORE_RELATIVE] = 1;
	}
}

void
leads_match_features(const LeadsRecord *q, const LeadsRecord *s,
					 const LeadsMatchModel *m, double *value)
{
	double		best = -1e9;
	double		near;

	memset(value, 0, LEADS_MATCH_WEIGHTS * sizeof(double));
	for (int i = 0; i < q->nnames; i++)
		for (int j = 0; j < s->nnames; j++)
		{
			double		f[LEADS_MATCH_WEIGHTS];
			double		sum = 0;

			memset(f, 0, sizeof(f));
			compare_names(&q->name[i], &s->name[j], f);
			for (int k = 0; k < LEADS_MATCH_WEIGHTS; k++)
				sum += m->w[k] * f[k];
			if (sum > best)
			{
				best = sum;
				memcpy(value, f, sizeof(f));
			}
		}
	value[q->person ? LEADS_F_PERSON_BASE :
		  q->nnames > 0 && q->name[0].kind == LEADS_NAME_LATIN ? LEADS_F_LATIN_BASE : LEADS_F_BASE] = 1;
	if (q->person != s->person)
		return;
	compare_contacts(q, s, value);
	near = value[LEADS_F_CORE_EQUAL] + value[LEADS_F_STEM_NEAR] + value[LEADS_F_SUBSEQUENCE] +
		value[LEADS_F_CORE_SOUND] + value[LEADS_F_LATIN_EQUAL] + value[LEADS_F_LATIN_JOINED];
	if (!q->person && near == 0 && value[LEADS_F_OVERLAP] < 0.4 && value[LEADS_F_LATIN_OVERLAP] < 0.5 &&
		(value[LEADS_F_PHONE_EQUAL] + value[LEADS_F_EMAIL_EQUAL] + value[LEADS_F_CONTACT_EQUAL] > 0))
		value[LEADS_F_FAR_CONTACT] = 1;
}
