/*-------------------------------------------------------------------------
 *
 * company_table.h
 *		The generated tables behind the company-name parser and the keys.
 *
 * Only company_name.c and keys.c look at these.  company_table.c comes from
 * gen/gen_company_table.py; the hash functions there and here must agree.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_COMPANY_TABLE_H
#define LEADS_COMPANY_TABLE_H

#include "keys.h"

#define LEADS_WORD_MAX	16

/* one administrative unit; the table is sorted by code, so a unit's children follow it */
typedef struct LeadsRegion
{
	int32_t		code;			/* GB/T 2260 */
	int16_t		parent;			/* index, -1 = none */
	uint8_t		level;			/* 1 province, 2 city, 3 district or county */
	uint8_t		shortlen;		/* length of the short name if it begins the
								 * full one, else 0 */
	uint16_t	name[18];
} LeadsRegion;

extern const LeadsRegion leads_regions[];
extern const int leads_nregions;
extern const uint16_t leads_region_refs[];	/* lists of units by name */

#define LEADS_REGION_FULL	1	/* an official name, suffix included */
#define LEADS_REGION_ALONE	2	/* may head a name without its parent */
#define LEADS_REGION_NEVER	4	/* brand-like: not even under its parent */

/* a word of a dictionary; kind: region flags, or a legal class letter */
typedef struct LeadsWord
{
	uint16_t	w[LEADS_WORD_MAX];
	uint8_t		len;
	uint8_t		kind;
	uint16_t	first;			/* regions: first of leads_region_refs */
	uint16_t	n;				/* and how many */
} LeadsWord;

typedef struct LeadsDict
{
	const LeadsWord *words;
	const uint32_t *slots;		/* upper 16 bits of the hash, index + 1; 0 = free */
	uint32_t	mask;
	int			longest;
} LeadsDict;

extern const LeadsDict leads_region_dict;	/* hashed forwards */
extern const LeadsDict leads_legal_dict;	/* hashed backwards */
extern const LeadsDict leads_industry_dict; /* hashed backwards */

typedef struct LeadsLatinWord
{
	uint64_t	hash;
	uint8_t		value;
} LeadsLatinWord;

extern const LeadsLatinWord leads_latin_legal[];
extern const int leads_nlatin_legal;
extern const LeadsLatinWord leads_latin_df[];
extern const int leads_nlatin_df;

extern const uint8_t leads_df_shipped[LEADS_DF_SIZE];

#define LEADS_HASH_START	UINT64_C(0x9E3779B97F4A7C15)

static inline uint64_t
leads_hash_step(uint64_t h, uint32_t c)
{
	h = (h ^ c) * UINT64_C(0xff51afd7ed558ccd);
	return h ^ (h >> 32);
}

#endif							/* LEADS_COMPANY_TABLE_H */
