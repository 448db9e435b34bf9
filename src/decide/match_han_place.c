/*-------------------------------------------------------------------------
 *
 * match_han_place.c
 *		Region, numerals and branch of two company names in Han.
 *
 * Purpose: where two names are of the same place, of two, or one does not say; and
 * whether they mean the same branch.
 *
 * Invariants: symmetric; pure; sets only its own features.
 * Called by match_han.c; leads_compare_numbers by match_features.c, too.
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

/* sets one of the region features; true: the regions exclude each other */
bool
leads_han_regions(const LeadsHanView *va, const LeadsHanView *vb, double *f)
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

/*
 * Is what follows 公司 a place where people work: 渝北分公司, 长寿加油站, 第一门市部?  Anything else was noted there about
 * the company itself: 王经理, 13912345678, 总部, 采购部.
 */
static bool
is_establishment(const LeadsName *n)
{
	/* last characters of 99 in 100 branches of registries that end in no word of a branch */
	static const uint16_t last[] = u"站店部所厂心房场市司点处亭厅馆矿局队城库会社院行楼段区校园庄厦组室吧屋地家间井柜号堂汇村池坊栈寓苑铺";
	/* 总部, 采购部 ...: the company's own */
	static const uint16_t own[][2] = {
		{u'总', 0}, {u'本', 0}, {u'采', u'购'}, {u'财', u'务'}, {u'人', u'事'}, {u'行', u'政'}, {u'技', u'术'}, {u'研', u'发'},
		{u'信', u'息'}, {u'法', u'务'}
	};
	const LeadsWord *w = leads_dict_tail(&leads_legal_dict, n->branch, n->nbranch, LEADS_WORD_MAX);
	const uint32_t *s = n->branch;
	int			len = n->nbranch;

	if (w != NULL && w->kind == 'h')
		return true;
	for (size_t i = 0; len >= 2 && s[len - 1] == 0x90E8 && i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i][1] == 0 ? s[len - 2] == own[i][0] : len >= 3 && s[len - 3] == own[i][0] && s[len - 2] == own[i][1])
			return false;
	for (size_t i = 0; last[i] != 0; i++)
		if (s[len - 1] == last[i])
			return true;
	return false;
}

/* 支行, 营业部 */
static bool
is_bank_branch(const LeadsName *n)
{
	uint32_t	last = n->branch[n->nbranch - 1];

	return last == 0x884C || (last == 0x90E8 && n->nbranch > 3 && n->branch[n->nbranch - 2] == 0x4E1A);
}

/* 嘉兴支行, 嘉兴嘉善支行: one says more exactly where in the town */
static bool
place_more(const LeadsName *a, const LeadsName *b)
{
	const LeadsName *s = a->nbranch < b->nbranch ? a : b,
			   *l = s == a ? b : a;
	int			p = 0,
				q = 0;

	if (l->nbranch - s->nbranch < 2 || s->nbranch < 4)
		return false;
	while (p < s->nbranch && s->branch[p] == l->branch[p])
		p++;
	while (q < s->nbranch && s->branch[s->nbranch - 1 - q] == l->branch[l->nbranch - 1 - q])
		q++;
	return p + q >= s->nbranch;
}

void
leads_han_branches(const LeadsName *a, const LeadsName *b, double whole, double *f)
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
		/* a person has to judge whether a note tells another company */
		if (whole > 1.01)
			f[LEADS_F_BRANCH_ONE_SIDE] = is_establishment(a->nbranch ? a : b) ? 1 : 0.3;
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
		f[LEADS_F_BRANCH_CONTAINED] = is_bank_branch(a) && is_bank_branch(b) && place_more(a, b);
		f[LEADS_F_BRANCH_DISTANCE] = d / longer;
		f[LEADS_F_BRANCH_EDITS] = d > 3 ? 3 : d;
	}
	if (d / (longer ? longer : 1) >= 0.4 || (na == nb && d >= 0.95))
		f[LEADS_F_BRANCH_CONFLICT] = 1;
	leads_compare_numbers(a->bnumbers, a->nbnumbers, b->bnumbers, b->nbnumbers, f);
}

