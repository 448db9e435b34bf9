/*-------------------------------------------------------------------------
 *
 * keys.h
 *		64-bit keys: two records that could be one must share one of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_KEYS_H
#define LEADS_KEYS_H

#include "company_name.h"

typedef enum LeadsKeyKind
{
	LEADS_KEY_BIGRAM = 1,
	LEADS_KEY_BIGRAM_CITY,
	LEADS_KEY_PINYIN,
	LEADS_KEY_EXACT_NAME,
	LEADS_KEY_PHONE,
	LEADS_KEY_EMAIL,
	LEADS_KEY_DOMAIN,
	LEADS_KEY_USCC,
	LEADS_KEY_LATIN,
	LEADS_KEY_PERSON
} LeadsKeyKind;

typedef struct LeadsKey
{
	int64_t		key;
	uint8_t		kind;			/* LeadsKeyKind */
	bool		exact;			/* exact keys are never capped */
	uint8_t		common;			/* how many may have it, as a frequency below; for the order of reading only */
	uint8_t		reach;			/* LeadsKeyReach */
	uint32_t	stored;			/* 32 bits that are stored of it */
} LeadsKey;

/*
 * A bigram, and a stem, is stored once, as 24 bits of its key and 8 bits of the place; so the same bigram in the
 * same city, a key of its own, needs no row of its own: it is what begins with all 32 bits.
 */
typedef enum LeadsKeyReach
{
	LEADS_KEY_ALONE,			/* stored; found by all 32 bits */
	LEADS_KEY_ANYWHERE,			/* stored with its place; found by the first 24 bits, wherever it is */
	LEADS_KEY_WITHIN			/* not stored; found by all 32 bits of the one above */
} LeadsKeyReach;

/* keys of one record at most: of all its names, numbers and addresses (identity.h) */
#define LEADS_KEYS_MAX 288

/* keys of one name at most */
#define LEADS_NAME_KEYS_MAX 12

/* key of a short text of the given kind; exact as the kind says */
extern LeadsKey leads_key_text(LeadsKeyKind kind, const char *s, size_t len);

/* keys of one parsed name; returns their count (<= LEADS_NAME_KEYS_MAX), in order of use */
extern int	leads_name_keys(const LeadsName *n, LeadsKey *out);

/* sort by key and drop doubles (an exact one stays); returns the new count */
extern int	leads_keys_sort(LeadsKey *keys, int n);

/* do two sorted lists share a key? */
extern bool leads_keys_meet(const LeadsKey *a, int na, const LeadsKey *b, int nb);

/*
 * An entry of the index: 32 bits of the key, 32 of the customer.  Rarely two keys look alike; the judge compares
 * whole ones.  Bigrams and words of Latin names have a column of their own, for they come in threes.
 */
#define LEADS_KEY_COLUMNS 2
#define LEADS_KEY_CUSTOMERS INT64_C(4294967295)

extern int	leads_key_column(const LeadsKey *key);
/* of a key that is stored */
extern int64_t leads_key_entry(const LeadsKey *key, int64_t customer_id);
/* first and last entry under a key */
extern void leads_key_range(const LeadsKey *key, int64_t *first, int64_t *last);

/*
 * Frequencies: 8 * log2 of the names in a million that have the character or
 * the bigram, 0 = rare.  A table is LEADS_DF_SIZE bytes; leads_df_use(NULL)
 * goes back to the shipped one.  Keys made over different tables do not meet:
 * who switches must re-key (spec: rekey()).
 */
#define LEADS_DF_SIZE	65536

extern int	leads_df_char(uint32_t c);
extern int	leads_df_bigram(uint32_t a, uint32_t b);
extern void leads_df_use(const uint8_t *table);
/* the same for the choice of keys alone, not for scores; NULL = as the others; the caller keeps the table */
extern void leads_keys_use(const uint8_t *table);
extern uint32_t leads_df_slot(uint32_t a, uint32_t b);	/* for who builds a table */

#endif							/* LEADS_KEYS_H */
