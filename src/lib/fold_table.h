/*-------------------------------------------------------------------------
 *
 * fold_table.h
 *		Shape of the generated tables in fold_table.c.  Only
 *		fold*.c read them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_FOLD_TABLE_H
#define LEADS_FOLD_TABLE_H

#include "lib.h"

/* tables end here; nothing above decomposes or folds */
#define LEADS_TABLE_LIMIT	0x30000
#define LEADS_TABLE_SHIFT	6
#define LEADS_TABLE_MASK	((1u << LEADS_TABLE_SHIFT) - 1)

/* values LEADS_SEQ .. LEADS_SEQ_END - 1 are sequence numbers */
#define LEADS_SEQ			0xD800
#define LEADS_SEQ_END		0xF900

/* algorithmic Hangul */
#define HANGUL_S 0xAC00u
#define HANGUL_L 0x1100u
#define HANGUL_V 0x1161u
#define HANGUL_T 0x11A7u
#define HANGUL_NL 19u
#define HANGUL_NV 21u
#define HANGUL_NT 28u
#define HANGUL_NS (HANGUL_NL * HANGUL_NV * HANGUL_NT)

/* what a character is for folding */
typedef enum LeadsCharKind
{
	LEADS_CHAR_LETTER,			/* of a script that puts spaces between words */
	LEADS_CHAR_DIGIT,
	LEADS_CHAR_CJK,				/* Han, kana, bopomofo, hangul, private use */
	LEADS_CHAR_MARK,			/* combining */
	LEADS_CHAR_SPACE,
	LEADS_CHAR_SPACE_CONTROL,	/* tab, line feed ... */
	LEADS_CHAR_PUNCT,			/* other punctuation and symbols */
	LEADS_CHAR_DOT,
	LEADS_CHAR_APOSTROPHE,
	LEADS_CHAR_AMPERSAND,
	LEADS_CHAR_OPEN,			/* brackets */
	LEADS_CHAR_CLOSE,
	LEADS_CHAR_CONTROL,			/* control, zero-width, bidi: never kept */
	LEADS_CHAR_IGNORABLE		/* invisible, e.g. variation selectors: folded away */
} LeadsCharKind;

typedef struct LeadsCharProp
{
	uint8_t		kind;			/* LeadsCharKind */
	uint8_t		ccc;			/* canonical combining class */
	uint8_t		back;			/* may compose with the character before it */
} LeadsCharProp;

/* The primary composite of a and b, or 0 (fold_compose.c). */
extern uint32_t leads_compose_pair(uint32_t a, uint32_t b);

/* two-stage tables: see gen/make_tables.py */
extern const uint8_t leads_nfkd_index[];
extern const uint16_t leads_nfkd_block[];
extern const uint16_t leads_foldto_index[];
extern const uint16_t leads_foldto_block[];
extern const uint16_t leads_seq_offset[];
extern const uint32_t leads_seq[];
extern const uint16_t leads_prop_index[];
extern const uint8_t leads_prop_block[];
extern const LeadsCharProp leads_prop_value[];
extern const uint16_t leads_pair[];
extern const int leads_npair;
extern const uint32_t leads_pair_large[];
extern const int leads_npair_large;

static inline uint16_t
leads_nfkd_value(uint32_t cp)
{
	if (cp >= LEADS_TABLE_LIMIT)
		return 0;
	return leads_nfkd_block[(uint32_t) leads_nfkd_index[cp >> LEADS_TABLE_SHIFT]
							<< LEADS_TABLE_SHIFT | (cp & LEADS_TABLE_MASK)];
}

static inline uint16_t
leads_foldto_value(uint32_t cp)
{
	if (cp >= LEADS_TABLE_LIMIT)
		return 0;
	return leads_foldto_block[(uint32_t) leads_foldto_index[cp >> LEADS_TABLE_SHIFT]
							  << LEADS_TABLE_SHIFT | (cp & LEADS_TABLE_MASK)];
}

static inline LeadsCharProp
leads_char_prop(uint32_t cp)
{
	if (cp < LEADS_TABLE_LIMIT)
		return leads_prop_value[leads_prop_block[(uint32_t) leads_prop_index[cp >> LEADS_TABLE_SHIFT]
												 << LEADS_TABLE_SHIFT | (cp & LEADS_TABLE_MASK)]];
	/* plane 14: tags are controls, the rest of its first 4096 is ignorable */
	if (cp >= 0xE0000 && cp <= 0xE0FFF)
		return (LeadsCharProp) {cp < 0xE0100 ? LEADS_CHAR_CONTROL : LEADS_CHAR_IGNORABLE, 0, 0};
	return (LeadsCharProp) {LEADS_CHAR_CJK, 0, 0};
}

/* a sequence value's characters */
static inline const uint32_t *
leads_sequence(uint16_t v, int *len)
{
	int			i = v - LEADS_SEQ;

	*len = leads_seq_offset[i + 1] - leads_seq_offset[i];
	return leads_seq + leads_seq_offset[i];
}

static inline bool
leads_is_sequence(uint16_t v)
{
	return v >= LEADS_SEQ && v < LEADS_SEQ_END;
}

#endif							/* LEADS_FOLD_TABLE_H */
