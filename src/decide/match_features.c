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

/* ---- company names in words -------------------------------------------------- */

/* countries and parts of the world: no word of a name says less, however rare it is in the lists */
static const char *const place_words[] = {
	"africa", "america", "american", "argentina", "asia", "asian", "australia", "australian", "austria",
	"austrian", "belgie", "belgique", "belgium", "brasil", "brazil", "britain", "british", "bulgaria",
	"canada", "canadian", "chile", "china", "chinese", "colombia", "czech", "danish", "danmark",
	"denmark", "deutsche", "deutschland", "dutch", "eastern", "egypt", "england", "english", "espana",
	"estonia", "europa", "europaische", "europe", "european", "europeenne", "finland", "finnish",
	"france", "french", "german", "germany", "great", "greece", "greek", "holland", "hong", "hungary",
	"india", "indian", "indonesia", "ireland", "irish", "israel", "italia", "italian", "italiana",
	"italy", "japan", "japanese", "kingdom", "kong", "korea", "korean", "latvia", "lithuania",
	"luxembourg", "malaysia", "mexico", "nederland", "nederlands", "nederlandse", "netherlands", "nippon",
	"northern", "norway", "norwegian", "osterreich", "pacific", "philippines", "poland", "polish",
	"polska", "portugal", "romania", "russia", "russian", "schweiz", "scotland", "scottish", "singapore",
	"slovakia", "slovenia", "southern", "spain", "sverige", "sweden", "swedish", "swiss", "switzerland",
	"taiwan", "thailand", "turkey", "uk", "ukraine", "united", "usa", "vietnam", "western", "worldwide",
};

/* what is a company of its own under whatever name: Apple Bank is no Apple */
static const char *const trade_words[] = {
	"academy", "airline", "airlines", "airways", "bancorp", "bancshares", "bank", "cathedral", "church", "clinic",
	"college", "foundation", "fund", "hospital", "institute", "insurance", "ministry", "museum", "railroad",
	"railway", "railways", "school", "trust", "universitat", "universite", "universiteit", "university",
};

static bool
is_word_of(const char *const *words, int hi, const LeadsName *n, int i)
{
	const uint32_t *s = n->stem + n->token[i].start;
	int			lo = 0;

	while (lo < hi)
	{
		int			mid = (lo + hi) / 2;
		const char *w = words[mid];
		int			k = 0;

		while (k < n->token[i].len && w[k] && s[k] == (unsigned char) w[k])
			k++;
		if (k == n->token[i].len && w[k] == 0)
			return true;
		if (k < n->token[i].len && s[k] > (unsigned char) w[k])
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

static bool
is_place_word(const LeadsName *n, int i)
{
	return is_word_of(place_words, (int) (sizeof(place_words) / sizeof(place_words[0])), n, i);
}

/* it is said behind the name: Apple Bank, not Bank of America */
static bool
names_trade(const LeadsName *n)
{
	for (int i = 1; i < n->ntokens; i++)
		if (is_word_of(trade_words, (int) (sizeof(trade_words) / sizeof(trade_words[0])), n, i))
			return true;
	return false;
}

static double
token_weight(const LeadsName *n, int i)
{
	int			df = n->token[i].df;
	double		w = df > 140 || is_place_word(n, i) ? 0.1 : (160 - df) / 160.0;

	return n->token[i].len == 1 ? w * 0.5 : w;
}

/* 2020, or behind the first word II: a number, 0 = none; what has another one is another fund, phase, year */
static int
number_of(const LeadsName *n, int i)
{
	const uint32_t *s = n->stem + n->token[i].start;
	int			value = 0;
	int			last = 0;

	if (s[0] >= '0' && s[0] <= '9')
	{
		for (int k = 0; k < n->token[i].len; k++)
		{
			if (s[k] < '0' || s[k] > '9')
				return 0;
			value = (value * 10 + (int) (s[k] - '0')) % 1000000;
		}
		return value + 1;
	}
	if (i == 0 || n->token[i].len > 5)
		return 0;
	for (int k = n->token[i].len - 1; k >= 0; k--)
	{
		int			d = s[k] == 'i' ? 1 : s[k] == 'v' ? 5 : s[k] == 'x' ? 10 : 0;

		if (d == 0)
			return 0;
		value += d < last ? -d : d;
		last = d;
	}
	return value > 0 ? value + 1 : 0;
}

/* the last one of each differs */
static bool
numbers_differ(const LeadsName *x, const LeadsName *y)
{
	int			a = 0,
				b = 0;

	for (int i = 0; i < x->ntokens; i++)
		a = number_of(x, i) ? number_of(x, i) : a;
	for (int i = 0; i < y->ntokens; i++)
		b = number_of(y, i) ? number_of(y, i) : b;
	return a != 0 && b != 0 && a != b;
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
			else if (number_of(x, i) && number_of(y, j))
				sim = number_of(x, i) == number_of(y, j);	/* 2000, 2020: no slip */
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
		f[LEADS_F_LATIN_FIRST] = token_weight(x, 0);
	if (initials_of(x, y) || initials_of(y, x))
	{
		f[LEADS_F_LATIN_INITIALS] = 1;
		f[LEADS_F_LATIN_DISTANCE] = f[LEADS_F_LATIN_EXTRA] = 0;
	}
	if (f[LEADS_F_LATIN_JOINED] > 0)
	{
		f[LEADS_F_LATIN_OVERLAP] = 1;
		f[LEADS_F_LATIN_EXTRA] = 0;
	}
	f[LEADS_F_LATIN_TRADE] = names_trade(x) != names_trade(y);
	leads_compare_numbers(x->numbers, x->nnumbers, y->numbers, y->nnumbers, f);
	if (numbers_differ(x, y))
		f[LEADS_F_NUMBER_CONFLICT] = 1;
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
	d = leads_sound_distance(a, sa, na, b, sb, nb);
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
		leads_compare_han(a, b, f);
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

static bool
is_latin(const LeadsRecord *r)
{
	return r->nnames > 0 && r->name[0].kind == LEADS_NAME_LATIN;
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
		  is_latin(q) && is_latin(s) ? LEADS_F_LATIN_BASE : LEADS_F_BASE] = 1;
	if (q->person != s->person)
		return;
	compare_contacts(q, s, value);
	near = value[LEADS_F_CORE_EQUAL] + value[LEADS_F_STEM_NEAR] + value[LEADS_F_SUBSEQUENCE] +
		value[LEADS_F_CORE_SOUND] + value[LEADS_F_LATIN_EQUAL] + value[LEADS_F_LATIN_JOINED];
	if (!q->person && near == 0 && value[LEADS_F_OVERLAP] < 0.4 && value[LEADS_F_LATIN_OVERLAP] < 0.5 &&
		(value[LEADS_F_PHONE_EQUAL] + value[LEADS_F_EMAIL_EQUAL] + value[LEADS_F_CONTACT_EQUAL] > 0))
		value[LEADS_F_FAR_CONTACT] = 1;
}
