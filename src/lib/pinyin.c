/*-------------------------------------------------------------------------
 *
 * pinyin.c
 *		The most common Mandarin reading of a Han character, without tone.
 *
 * Purpose: people who hear a name write another character of the same sound
 * (鸿源, 宏源), and people who speak with an accent mix up neighbouring sounds
 * (陈, 程).  One character has one main reading: the most frequent one in
 * running text, or the one usual in names (list in gen/make_tables.py);
 * context is not looked at.  The other readings that a modern dictionary has
 * stand apart: an input method offers the character under each of them.
 * Data: Unihan, Unicode licence.
 *
 * Invariants: id 0 is "no reading"; ids are stable within one
 * LEADS_NORM_VERSION, because keys contain classes; a traditional form has the
 * reading of its simplified one.  Called by: keys and similarity.
 *
 *-------------------------------------------------------------------------
 */
#include "pinyin.h"

#include "pinyin_table.h"

#define DENSE_FIRST 0x3400u
#define DENSE_END 0xA000u
#define SHIFT 6
#define MASK ((1u << SHIFT) - 1)

/* in the table, beside the syllable: the character has other readings */
#define SEVERAL 0x8000u

static inline uint16_t
block(uint32_t i)
{
	return leads_reading_block[(uint32_t) leads_reading_index[i >> SHIFT] << SHIFT | (i & MASK)];
}

bool
leads_pinyin_several(uint32_t cp)
{
	uint32_t	i = cp - DENSE_FIRST;

	return i < DENSE_END - DENSE_FIRST && (block(i) & SEVERAL) != 0;
}

int
leads_pinyin_others(uint32_t cp, uint16_t *out)
{
	int			lo = 0,
				hi = leads_nreading_other;
	int			n = 0;

	if (!leads_pinyin_several(cp))
		return 0;
	while (lo < hi)
	{
		int			mid = (lo + hi) / 2;

		if (leads_reading_other[2 * mid] < cp)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < leads_nreading_other && leads_reading_other[2 * lo] == cp && n < LEADS_PINYIN_OTHERS; lo++)
		out[n++] = leads_reading_other[2 * lo + 1];
	return n;
}

uint16_t
leads_pinyin(uint32_t cp)
{
	uint32_t	i = cp - DENSE_FIRST;
	int			lo = 0,
				hi = leads_nreading_rare;

	if (i < DENSE_END - DENSE_FIRST)
		return block(i) & ~SEVERAL;
	if (cp < 0x3007)
		return 0;
	while (lo < hi)
	{
		int			mid = (lo + hi) / 2;

		if (leads_reading_rare[2 * mid] < cp)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < leads_nreading_rare && leads_reading_rare[2 * lo] == cp)
		return (uint16_t) leads_reading_rare[2 * lo + 1];
	return 0;
}

uint16_t
leads_pinyin_fuzzy(uint16_t syl)
{
	return syl < leads_nsyllable ? leads_syllable_class[syl] : 0;
}

const char *
leads_pinyin_text(uint16_t syl)
{
	return syl < leads_nsyllable ? leads_syllable[syl] : "";
}
