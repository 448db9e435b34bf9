/*-------------------------------------------------------------------------
 *
 * similarity.c
 *		How alike are two sequences of characters?
 *
 * Purpose: people type names by their sound, so a wrong character is most
 * often one that sounds the same; and a rare character in common says more
 * than a common one.
 *
 * Invariants: symmetric, except subsequence; pure; bounded work (48 x 48).
 * Called by decide/match.c.
 *
 *-------------------------------------------------------------------------
 */
#include "similarity.h"

#include "keys.h"
#include "pinyin.h"

#define SAME_SYLLABLE	3
#define CONFUSABLE		5
#define SWAP			6
#define EDIT			10

static inline int
min2(int a, int b)
{
	return a < b ? a : b;
}

/* do two characters share a reading, or the class of one, if a rare one? */
static bool
share_a_reading(uint32_t a, uint16_t main_a, uint32_t b, uint16_t main_b)
{
	uint16_t	x[LEADS_PINYIN_OTHERS + 1],
				y[LEADS_PINYIN_OTHERS + 1];
	int			nx = leads_pinyin_others(a, x),
				ny = leads_pinyin_others(b, y);

	if (nx + ny == 0)
		return false;
	x[nx++] = main_a;
	y[ny++] = main_b;
	for (int i = 0; i < nx; i++)
		for (int j = 0; j < ny; j++)
			if (leads_pinyin_fuzzy(x[i]) == leads_pinyin_fuzzy(y[j]))
				return true;
	return false;
}

/* what the inner loop asks of the characters, found once */
typedef struct Sounds
{
	uint16_t	class[LEADS_SIMILARITY_MAX];
	bool		several[LEADS_SIMILARITY_MAX];
} Sounds;

static void
listen(LeadsSyllables x, Sounds *out)
{
	for (int i = 0; x.syl && i < x.n; i++)
	{
		out->class[i] = leads_pinyin_fuzzy(x.syl[i]);
		out->several[i] = leads_pinyin_several(x.s[i]);
	}
}

static inline int
substitution(LeadsSyllables a, const Sounds *sa, int i, LeadsSyllables b, const Sounds *sb, int j)
{
	uint16_t	x,
				y;

	if (a.s[i] == b.s[j])
		return 0;
	if (a.syl == NULL || b.syl == NULL)
		return EDIT;
	x = a.syl[i];
	y = b.syl[j];
	if (x == 0 || y == 0)
		return EDIT;
	if (x == y)
		return SAME_SYLLABLE;
	if (sa->class[i] == sb->class[j])
		return CONFUSABLE;
	/* only where the two could lie side by side: this is the inner loop */
	if (i - j <= 1 && j - i <= 1 && (sa->several[i] || sb->several[j]) && share_a_reading(a.s[i], x, b.s[j], y))
		return CONFUSABLE;
	return EDIT;
}

/* optimal string alignment, in tenths */
static int
distance(LeadsSyllables a, LeadsSyllables b, int swap)
{
	int			row[3][LEADS_SIMILARITY_MAX + 1];
	Sounds		sa,
				sb;
	int			extra = 0;
	int		   *before = row[0],
			   *prev = row[1],
			   *cur = row[2];

	/* equal ends cost nothing */
	while (a.n > 0 && b.n > 0 && a.s[a.n - 1] == b.s[b.n - 1])
		a.n--, b.n--;
	while (a.n > 0 && b.n > 0 && a.s[0] == b.s[0])
	{
		a.s++, b.s++, a.n--, b.n--;
		if (a.syl)
			a.syl++;
		if (b.syl)
			b.syl++;
	}
	if (a.n > LEADS_SIMILARITY_MAX)
	{
		extra += a.n - LEADS_SIMILARITY_MAX;
		a.n = LEADS_SIMILARITY_MAX;
	}
	if (b.n > LEADS_SIMILARITY_MAX)
	{
		extra += b.n - LEADS_SIMILARITY_MAX;
		b.n = LEADS_SIMILARITY_MAX;
	}
	if (a.n == 0 || b.n == 0)
		return (a.n + b.n + extra) * EDIT;

	listen(a, &sa);
	listen(b, &sb);
	for (int j = 0; j <= b.n; j++)
		prev[j] = j * EDIT;
	for (int i = 1; i <= a.n; i++)
	{
		int		   *t;

		cur[0] = i * EDIT;
		for (int j = 1; j <= b.n; j++)
		{
			int			d = prev[j - 1] + substitution(a, &sa, i - 1, b, &sb, j - 1);

			d = min2(d, min2(prev[j], cur[j - 1]) + EDIT);
			if (i > 1 && j > 1 && a.s[i - 1] == b.s[j - 2] && a.s[i - 2] == b.s[j - 1])
				d = min2(d, before[j - 2] + swap);
			cur[j] = d;
		}
		t = before;
		before = prev;
		prev = cur;
		cur = t;
	}
	return prev[b.n] + extra * EDIT;
}

double
leads_pinyin_distance(LeadsSyllables a, LeadsSyllables b)
{
	return distance(a, b, SWAP) / 10.0;
}

int
leads_edit_distance(const uint32_t *a, int na, const uint32_t *b, int nb)
{
	LeadsSyllables x = {a, NULL, na};
	LeadsSyllables y = {b, NULL, nb};

	return distance(x, y, EDIT) / EDIT;
}

/* ---- overlap ------------------------------------------------------------- */

/* rarity of a character (b = 0) or bigram as a weight */
static int
weight(uint32_t a, uint32_t b)
{
	int			df = b ? leads_df_bigram(a, b) : leads_df_char(a);

	return df > 150 ? 10 : 160 - df;
}

double
leads_overlap(const uint32_t *a, int na, const uint32_t *b, int nb, double *contained)
{
	int			wa = 0,
				wb = 0,
				shared = 0;
	uint64_t	used1 = 0,
				used2 = 0;
	int			lighter;

	na = min2(na, LEADS_SIMILARITY_MAX);
	nb = min2(nb, LEADS_SIMILARITY_MAX);
	for (int j = 0; j < nb; j++)
		wb += weight(b[j], 0) + (j + 1 < nb ? weight(b[j], b[j + 1]) : 0);
	for (int i = 0; i < na; i++)
	{
		int			w = weight(a[i], 0);

		wa += w;
		for (int j = 0; j < nb; j++)
			if (b[j] == a[i] && !(used1 >> j & 1))
			{
				used1 |= UINT64_C(1) << j;
				shared += w;
				break;
			}
		if (i + 1 == na)
			break;
		w = weight(a[i], a[i + 1]);
		wa += w;
		for (int j = 0; j + 1 < nb; j++)
			if (b[j] == a[i] && b[j + 1] == a[i + 1] && !(used2 >> j & 1))
			{
				used2 |= UINT64_C(1) << j;
				shared += w;
				break;
			}
	}
	lighter = min2(wa, wb);
	if (contained)
		*contained = lighter > 0 ? (double) shared / lighter : 0;
	return wa + wb > 0 ? 2.0 * shared / (wa + wb) : 0;
}

int
leads_subsequence(const uint32_t *a, int na, const uint32_t *b, int nb)
{
	int			runs = 0;
	int			last = -2;
	int			j = 0;

	for (int i = 0; i < na; i++)
	{
		/* stay in the run if the next character goes on with it */
		while (j < nb && b[j] != a[i])
			j++;
		if (j == nb)
			return 0;
		if (j != last + 1)
			runs++;
		last = j++;
	}
	return runs;
}

int
leads_common(const uint32_t *a, int na, const uint32_t *b, int nb)
{
	int			row[2][LEADS_SIMILARITY_MAX + 1] = {{0}};

	na = min2(na, LEADS_SIMILARITY_MAX);
	nb = min2(nb, LEADS_SIMILARITY_MAX);
	for (int i = 1; i <= na; i++)
	{
		int		   *prev = row[(i - 1) & 1];
		int		   *cur = row[i & 1];

		cur[0] = 0;
		for (int j = 1; j <= nb; j++)
		{
			if (a[i - 1] == b[j - 1])
				cur[j] = prev[j - 1] + 1;
			else
				cur[j] = prev[j] > cur[j - 1] ? prev[j] : cur[j - 1];
		}
	}
	return row[na & 1][nb];
}
