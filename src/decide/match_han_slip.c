/*-------------------------------------------------------------------------
 *
 * match_han_slip.c
 *		A slip of the pen, or another company?
 *
 * Purpose: where two names in Han differ a little, what the differing characters
 * say about why; and how rare names are.
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

/* how rare is a core: 1 = as rare as four unusual characters in a row */
double
leads_han_rarity(const LeadsHanView *v)
{
	int			sum = 0;

	for (int i = 0; i + 1 < v->ncore; i++)
		sum += 160 - leads_df_bigram(v->s[i], v->s[i + 1]);
	return sum > 480 ? 1 : sum < 0 ? 0 : sum / 480.0;
}

/* the same of core and trade: 1 = as eight such characters */
double
leads_han_stem_rarity(const LeadsHanView *v)
{
	int			sum = 0;

	for (int i = 0; i + 1 < v->n; i++)
		sum += 160 - leads_df_bigram(v->s[i], v->s[i + 1]);
	return sum > 960 ? 1 : sum < 0 ? 0 : sum / 960.0;
}

/* how usual is a character where it stands */
static int
context(const uint32_t *s, int n, int at)
{
	int			left = at > 0 ? leads_df_bigram(s[at - 1], s[at]) : 0,
				right = at + 1 < n ? leads_df_bigram(s[at], s[at + 1]) : 0;

	return left > right ? left : right;
}

/*
 * Where one character is another: two that are both usual in names (鑫, 新)
 * make two companies, an odd one (估 for 古) is a slip of the pen.  A slip falls
 * anywhere; companies are told apart by the first characters of their cores.
 */
void
leads_han_slip(const LeadsHanView *a, const LeadsHanView *b, double *f)
{
	int			at = -1;
	int			ca,
				cb,
				ga,
				gb;
	double		low;
	bool		sound;

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
	sound = a->syl[at] == b->syl[at];
	ca = leads_df_char(a->s[at]);
	cb = leads_df_char(b->s[at]);
	low = (ca < cb ? ca : cb) / 128.0;
	f[sound ? LEADS_F_SLIP_SOUND_USUAL : LEADS_F_SLIP_USUAL] = low;
	f[LEADS_F_SLIP_BOTH_USUAL] = low > 0.6 ? low - 0.6 : 0;
	ga = context(a->s, a->n, at);
	gb = context(b->s, b->n, at);
	f[LEADS_F_SLIP_CONTEXT] = fabs((ga - gb) / 128.0);
	f[LEADS_F_SLIP_CONTEXT_LOW] = (ga < gb ? ga : gb) / 128.0;
	if (at >= a->ncore && at >= b->ncore)
		f[LEADS_F_SLIP_TRADE] = 1;
	else if (at < 2 && !sound)
		f[LEADS_F_SLIP_HEAD] = 1;
}

/* the same characters, in another order */
static bool
anagram(const uint32_t *a, const uint32_t *b, int n)
{
	uint64_t	used = 0;

	for (int i = 0; i < n; i++)
	{
		int			j = 0;

		while (j < n && (b[j] != a[i] || (used >> j & 1)))
			j++;
		if (j == n)
			return false;
		used |= UINT64_C(1) << j;
	}
	return true;
}

/* does the name say itself that its head is a place: 天长市, not 天长 */
static bool
names_a_place(const LeadsName *n)
{
	int			unit,
				before;
	int			t = leads_region_head(n->folded, n->nfolded, &unit, &before);
	uint32_t	last = t > 2 ? n->folded[t - 1] : 0;

	return last == 0x5E02 || last == 0x7701 || last == 0x53BF || last == 0x533A;	/* 市省县区 */
}

/*
 * One name, as it is written, is the other with a word put in: 四川都江堰(海棠)
 * 铁合金冶炼, or with its words in another order.  Returns true if all that was
 * put in is a region at the head, before what may be a place or a core.
 */
bool
leads_han_inserted(const LeadsName *x, const LeadsName *y, double *f)
{
	uint32_t	wx[LEADS_SIMILARITY_MAX],
				wy[LEADS_SIMILARITY_MAX];
	int			nx = leads_han_squeeze(x, wx),
				ny = leads_han_squeeze(y, wy);
	const uint32_t *s = nx < ny ? wx : wy,
			   *l = nx < ny ? wy : wx;
	int			ns = nx < ny ? nx : ny,
				nl = nx < ny ? ny : nx;
	int			more = nl - ns;
	int			p = 0,
				q = 0;
	int			unit,
				before;
	int			sum = 0;

	if (more == 0 && ns >= 4)
		f[LEADS_F_WORD_MOVED] = anagram(s, l, ns);
	if (ns < 3 || more < 2 || more > 6)
		return false;
	while (q < ns && s[ns - 1 - q] == l[nl - 1 - q])
		q++;
	while (p < ns - q && s[p] == l[p])
		p++;
	if (p + q < ns)
		return false;
	if (p == 0 && more == 2 && l[0] == 0x4E2D && l[1] == 0x56FD)	/* 中国 */
	{
		f[LEADS_F_CHINA_DROPPED] = 1;
		return false;
	}
	if (p == 0)
		return leads_region_head(l, more, &unit, &before) == more &&
			!names_a_place(nx < ny ? x : y);
	if (q >= more && memcmp(l + p, l + p + more, (size_t) more * sizeof(uint32_t)) == 0)
	{
		f[LEADS_F_WORD_REPEATED] = 1;
		return false;
	}
	if (x->nbranch > 0 || y->nbranch > 0)
		return false;			/* a branch's name has features of its own */
	for (int i = 0; i + 1 < ns; i++)
		sum += 160 - leads_df_bigram(s[i], s[i + 1]);
	/* what stands before the one character of 厂, 店 and the like is at the end, too */
	f[q > 1 ? LEADS_F_WORD_INSERTED : LEADS_F_WORD_APPENDED] = sum > 960 ? 1 : sum < 0 ? 0 : sum / 960.0;
	return false;
}
