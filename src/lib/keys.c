/*-------------------------------------------------------------------------
 *
 * keys.c
 *		64-bit keys: two records that could be one must share one of them.
 *
 * Purpose: a probe reads the rows that share a key and nothing else, and two
 * registrations that share a key queue on one stripe; so keys decide both what
 * is found and what is safe at once.
 *
 * A Chinese name gets its three rarest bigrams (core and industry, and branch),
 * the same three with the city, its syllables in sorted order, of core and
 * industry and, without 公司, of all of it, and the exact core + industry, once
 * with the place.  A Latin one its rarest words, their first letters and its initials.  A person the folded name.
 *
 * Invariants: a key depends on the name's text, LEADS_NORM_VERSION and the
 * table of frequencies, never on the locale or the machine; ties between
 * bigrams are broken by their hash, so that both sides break them alike.
 * Called by decide/match.c and, through it, by the keepers.
 *
 *-------------------------------------------------------------------------
 */
#include "keys.h"

#include <string.h>

#include "company_parse.h"
#include "pinyin.h"

#define RAREST 3

/* by how much rarer a bigram is within one city; how common are syllables, initials, beginnings (8 * log2) */
#define IN_A_CITY 60
#define SOUND 20
#define BEGINNING 16

/* of a name, at most */
#define SYLLABLES 48

#define PLACE_MASK UINT32_C(0xFF)

static const uint8_t *df_table = leads_df_shipped;
static const uint8_t *key_table;	/* NULL = df_table */

void
leads_df_use(const uint8_t *table)
{
	df_table = table ? table : leads_df_shipped;
}

uint32_t
leads_df_slot(uint32_t a, uint32_t b)
{
	return (uint32_t) leads_hash_step(leads_hash_step(LEADS_HASH_START, a), b) & (LEADS_DF_SIZE - 1);
}

int
leads_df_char(uint32_t c)
{
	return df_table[leads_df_slot(c, 0)];
}

/* the table's own entry, or what the two characters let expect */
static int
bigram_of(const uint8_t *table, uint32_t a, uint32_t b)
{
	int			own = table[leads_df_slot(a, b)];
	int			expected = table[leads_df_slot(a, 0)] + table[leads_df_slot(b, 0)] - 150;

	return own > expected ? own : expected < 0 ? 0 : expected;
}

int
leads_df_bigram(uint32_t a, uint32_t b)
{
	return bigram_of(df_table, a, b);
}

void
leads_keys_use(const uint8_t *table)
{
	key_table = table;
}

/* what keys go by */
static int
rarity(uint32_t a, uint32_t b)
{
	const uint8_t *table = key_table ? key_table : df_table;

	return b ? bigram_of(table, a, b) : table[leads_df_slot(a, 0)];
}

/* ---- making one ------------------------------------------------------------ */

static uint64_t
finish(uint64_t h)
{
	h ^= h >> 33;
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	h ^= h >> 33;
	return h;
}

static LeadsKey
make(LeadsKeyKind kind, uint64_t h, bool exact, int common)
{
	LeadsKey	k;

	k.key = (int64_t) finish(leads_hash_step(h, 0xF0000000u + kind));
	k.kind = (uint8_t) kind;
	k.exact = exact;
	k.common = (uint8_t) (common < 0 ? 0 : common > UINT8_MAX ? UINT8_MAX : common);
	k.reach = LEADS_KEY_ALONE;
	k.stored = (uint32_t) ((uint64_t) k.key >> 32);
	return k;
}

/* one that is stored with its place, 0 = unknown */
static LeadsKey
anywhere(LeadsKey k, int place)
{
	k.reach = LEADS_KEY_ANYWHERE;
	k.stored &= ~PLACE_MASK;
	if (place != 0)
		k.stored |= 1 + (uint32_t) place * UINT32_C(2654435761) % PLACE_MASK;
	return k;
}

/* the same in its place */
static LeadsKey
within(LeadsKey k, LeadsKey wide)
{
	k.reach = LEADS_KEY_WITHIN;
	k.stored = wide.stored;
	return k;
}

static uint64_t
hash_run(uint64_t h, const uint32_t *s, int n)
{
	for (int i = 0; i < n; i++)
		h = leads_hash_step(h, s[i]);
	return h;
}

LeadsKey
leads_key_text(LeadsKeyKind kind, const char *s, size_t len)
{
	uint64_t	h = LEADS_HASH_START;

	for (size_t i = 0; i < len; i++)
		h = leads_hash_step(h, (unsigned char) s[i]);
	return make(kind, h, kind == LEADS_KEY_PHONE || kind == LEADS_KEY_EMAIL || kind == LEADS_KEY_USCC, 0);
}

/* ---- Chinese names --------------------------------------------------------- */

typedef struct Gram
{
	uint64_t	hash;
	int			df;
} Gram;

/* insert into the list of the rarest, ascending by frequency, then hash */
static int
keep_rarest(Gram *best, int n, uint32_t a, uint32_t b)
{
	Gram		g;
	int			at;

	g.hash = leads_hash_step(leads_hash_step(LEADS_HASH_START, a), b);
	g.df = rarity(a, b);
	for (int i = 0; i < n; i++)
		if (best[i].hash == g.hash)
			return n;
	for (at = n; at > 0 && (best[at - 1].df > g.df ||
							(best[at - 1].df == g.df && best[at - 1].hash > g.hash)); at--)
		if (at < RAREST)
			best[at] = best[at - 1];
	if (at < RAREST)
		best[at] = g;
	return n < RAREST ? n + 1 : n;
}

/* into the sorted list, by the class of what sounds alike; returns the new length */
static int
add_syllable(uint16_t *syl, int n, uint16_t syllable)
{
	uint16_t	s = leads_pinyin_fuzzy(syllable);
	int			at;

	if (s == 0 || n == SYLLABLES)
		return n;
	for (at = n; at > 0 && syl[at - 1] > s; at--)
		syl[at] = syl[at - 1];
	syl[at] = s;
	return n + 1;
}

static uint64_t
hash_syllables(uint64_t h, const uint16_t *syl, int n)
{
	for (int i = 0; i < n; i++)
		h = leads_hash_step(h, syl[i]);
	return h;
}

/* of the whole name as it is written, but for the suffixes of places and the words of legal forms */
static int
whole_syllables(const LeadsName *n, uint16_t *syl)
{
	static const uint16_t drop[][2] = {
		{0x6709, 0x9650}, {0x8D23, 0x4EFB}, {0x80A1, 0x4EFD}, {0x516C, 0x53F8}, {0x96C6, 0x56E2},
	};							/* 有限 责任 股份 公司 集团 */
	int			m = 0;

	for (int i = 0; i < n->nfolded; i++)
	{
		uint32_t	c = n->folded[i];
		bool		skip = c == 0x5E02 || c == 0x7701 || c == 0x53BF;	/* 市省县 */

		for (int d = 0; d < 5 && i + 1 < n->nfolded && !skip; d++)
			if (c == drop[d][0] && n->folded[i + 1] == drop[d][1])
			{
				skip = true;
				i++;
			}
		if (!skip)
			m = add_syllable(syl, m, leads_pinyin(c));
	}
	return m;
}

static int
cjk_keys(const LeadsName *n, LeadsKey *out)
{
	Gram		best[RAREST];
	int			nbest = 0;
	int			k = 0;
	int			city = leads_region_city(n->region);
	int			place = city >= 0 ? leads_regions[city].code :
		n->region >= 0 ? leads_regions[n->region].code : 0;
	uint16_t	syl[SYLLABLES];
	int			nsyl = 0;
	int			over;
	LeadsKey	wide;
	uint64_t	h;

	for (int i = 0; i + 1 < n->nstem; i++)
		nbest = keep_rarest(best, nbest, n->stem[i], n->stem[i + 1]);
	if (n->nstem == 1)
		nbest = keep_rarest(best, nbest, n->stem[0], 0);
	for (int i = 0; i + 1 < n->nbcore; i++)
		nbest = keep_rarest(best, nbest, n->bcore[i], n->bcore[i + 1]);

	/* core + industry (+ branch), with the place and without */
	h = hash_run(LEADS_HASH_START, n->stem, n->nstem);
	h = hash_run(leads_hash_step(h, 0x1F), n->bcore, n->nbcore);
	wide = anywhere(make(LEADS_KEY_EXACT_NAME, leads_hash_step(h, 0), place == 0, 0), place);
	out[k++] = wide;
	if (place != 0)
		out[k++] = within(make(LEADS_KEY_EXACT_NAME, leads_hash_step(h, (uint32_t) place), true, 0), wide);

	for (int i = 0; i < nbest; i++)
	{
		wide = anywhere(make(LEADS_KEY_BIGRAM, best[i].hash, false, best[i].df), place);
		out[k++] = wide;
		if (place != 0)
			out[k++] = within(make(LEADS_KEY_BIGRAM_CITY, leads_hash_step(best[i].hash, (uint32_t) place), false,
								   best[i].df - IN_A_CITY), wide);
	}

	/* syllables of core and trade: a swap may cross the cut between them */
	over = n->nstem < 24 ? n->nstem : 24;
	for (int i = 0; i < over; i++)
		nsyl = add_syllable(syl, nsyl, n->syl[i]);
	if (nsyl > 1)
		out[k++] = make(LEADS_KEY_PINYIN, hash_syllables(LEADS_HASH_START, syl, nsyl), false, SOUND);
	/*
	 * And of the whole name where 公司 does not say where the rest ends: a slip in 合作社, or in the place before
	 * it, moves every cut.  For all names it would cost 30 bytes each.
	 */
	nsyl = n->legal_class == 'c' ? 0 : whole_syllables(n, syl);
	if (nsyl > 2)
		out[k++] = make(LEADS_KEY_PINYIN, hash_syllables(leads_hash_step(LEADS_HASH_START, 0x2D), syl, nsyl), false, 0);
	return k;
}

/* ---- Latin names ----------------------------------------------------------- */

static int
latin_keys(const LeadsName *n, LeadsKey *out)
{
	int			order[LEADS_NAME_TOKENS_MAX];
	int			k = 0;
	uint64_t	h;

	/* rarest first; ties by hash */
	for (int i = 0; i < n->ntokens; i++)
	{
		int			at;

		for (at = i; at > 0; at--)
		{
			int			o = order[at - 1];

			if (n->token[o].df < n->token[i].df ||
				(n->token[o].df == n->token[i].df && n->token[o].hash <= n->token[i].hash))
				break;
			order[at] = o;
		}
		order[at] = i;
	}
	out[k++] = make(LEADS_KEY_EXACT_NAME, hash_run(LEADS_HASH_START, n->stem, n->nstem), true, 0);
	for (int i = 0; i < n->ntokens && i < RAREST; i++)
		out[k++] = make(LEADS_KEY_LATIN, n->token[order[i]].hash, false, n->token[order[i]].df);

	/* the beginnings of the two rarest words, where typing errors are rare */
	for (int i = 0; i < n->ntokens && i < 2; i++)
	{
		int			o = order[i];

		if (n->token[o].len >= 5)
			out[k++] = make(LEADS_KEY_LATIN,
							leads_hash_step(hash_run(LEADS_HASH_START, n->stem + n->token[o].start, 4), 0x2A), false,
							n->token[o].df + BEGINNING);
	}

	/* all letters without spaces: coca cola, cocacola */
	h = LEADS_HASH_START;
	for (int i = 0; i < n->nstem; i++)
		if (n->stem[i] != ' ')
			h = leads_hash_step(h, n->stem[i]);
	out[k++] = make(LEADS_KEY_LATIN, leads_hash_step(h, 0x2B), false, 0);

	/* initials, or the one short word that may be some */
	h = LEADS_HASH_START;
	if (n->ntokens >= 2)
	{
		for (int i = 0; i < n->ntokens; i++)
			h = leads_hash_step(h, n->stem[n->token[i].start]);
		out[k++] = make(LEADS_KEY_LATIN, leads_hash_step(h, 0x2C), false, SOUND);
	}
	else if (n->ntokens == 1 && n->token[0].len >= 2 && n->token[0].len <= 5)
		out[k++] = make(LEADS_KEY_LATIN,
						leads_hash_step(hash_run(h, n->stem, n->nstem), 0x2C), false, SOUND);
	return k;
}

int
leads_name_keys(const LeadsName *n, LeadsKey *out)
{
	switch (n->kind)
	{
		case LEADS_NAME_CJK:
			return n->nstem > 0 ? cjk_keys(n, out) : 0;
		case LEADS_NAME_LATIN:
			return n->nstem > 0 ? latin_keys(n, out) : 0;
		case LEADS_NAME_PERSON:
			out[0] = make(LEADS_KEY_PERSON, hash_run(LEADS_HASH_START, n->stem, n->nstem), false, 0);
			return 1;
	}
	return 0;
}

/* ---- lists of keys --------------------------------------------------------- */

int
leads_keys_sort(LeadsKey *keys, int n)
{
	int			m = 0;

	for (int i = 1; i < n; i++)
	{
		LeadsKey	k = keys[i];
		int			at;

		for (at = i; at > 0 && (keys[at - 1].key > k.key ||
							 (keys[at - 1].key == k.key && keys[at - 1].stored > k.stored)); at--)
			keys[at] = keys[at - 1];
		keys[at] = k;
	}
	for (int i = 0; i < n; i++)
	{
		/* the same stem in two places is two entries */
		if (m > 0 && keys[m - 1].key == keys[i].key && keys[m - 1].stored == keys[i].stored)
			keys[m - 1].exact |= keys[i].exact;
		else
			keys[m++] = keys[i];
	}
	return m;
}

int
leads_key_column(const LeadsKey *key)
{
	if (key->kind == LEADS_KEY_LATIN)
		return (int) (key->stored % LEADS_KEY_COLUMNS);
	return key->kind == LEADS_KEY_BIGRAM || key->kind == LEADS_KEY_BIGRAM_CITY ? 0 : 1;
}

int64_t
leads_key_entry(const LeadsKey *key, int64_t customer_id)
{
	return (int64_t) ((uint64_t) key->stored << 32) | customer_id;
}

void
leads_key_range(const LeadsKey *key, int64_t *first, int64_t *last)
{
	uint32_t	open = key->reach == LEADS_KEY_ANYWHERE ? PLACE_MASK : 0;

	*first = (int64_t) ((uint64_t) (key->stored & ~open) << 32);
	*last = (int64_t) ((uint64_t) (key->stored | open) << 32) | LEADS_KEY_CUSTOMERS;
}

bool
leads_keys_meet(const LeadsKey *a, int na, const LeadsKey *b, int nb)
{
	int			i = 0,
				j = 0;

	while (i < na && j < nb)
	{
		if (a[i].key == b[j].key)
			return true;
		if (a[i].key < b[j].key)
			i++;
		else
			j++;
	}
	return false;
}
