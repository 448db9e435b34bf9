/*-------------------------------------------------------------------------
 *
 * company_name.h
 *		Names of companies and persons, taken apart for comparison.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_COMPANY_NAME_H
#define LEADS_COMPANY_NAME_H

#include "lib.h"

#define LEADS_NAME_FOLDED_MAX	200
#define LEADS_NAME_STEM_MAX		100
#define LEADS_NAME_BRANCH_MAX	40
#define LEADS_NAME_LEGAL_MAX	32
#define LEADS_NAME_NUMBERS_MAX	6
#define LEADS_NAME_TOKENS_MAX	12

typedef enum LeadsNameKind
{
	LEADS_NAME_NONE,			/* blank */
	LEADS_NAME_CJK,				/* a company, written in Han or another script
								 * without spaces */
	LEADS_NAME_LATIN,			/* a company, written in words */
	LEADS_NAME_PERSON
} LeadsNameKind;

typedef enum LeadsNamePart
{
	LEADS_NAME_FOLDED,
	LEADS_NAME_CORE,			/* 字号 */
	LEADS_NAME_REGION,			/* official name of the most specific unit */
	LEADS_NAME_PROVINCE,
	LEADS_NAME_CITY,
	LEADS_NAME_INDUSTRY,
	LEADS_NAME_LEGAL,
	LEADS_NAME_BRANCH
} LeadsNamePart;

#define LEADS_NAME_GROUP		1u	/* 集团, group, holding */
#define LEADS_NAME_TRUNCATED	2u	/* longer than the buffers: only the hash
									 * of the folded text is whole */
#define LEADS_NAME_TOOK_REGION	4u	/* the core is an industry word and took
									 * its region back */
#define LEADS_NAME_GIVEN_REGION 8u	/* the region came from set_region */
#define LEADS_NAME_TOWN			16u /* a town or village was left out of the
									 * core */

/*
 * One parsed name; a plain value, no pointers, valid for one LEADS_NORM_VERSION.
 * The parts are read with leads_name_text() or, within the library, directly.
 * Arrays are filled only as far as their count.
 */
typedef struct LeadsName
{
	uint8_t		kind;			/* LeadsNameKind */
	uint8_t		flags;
	char		legal_class;	/* see gen/data/legal_cn.txt; 0 = none found */
	uint8_t		nfolded;
	uint8_t		nstem;			/* core and industry */
	uint8_t		ncore;
	uint8_t		nbranch;		/* text of the branch */
	uint8_t		nbcore;			/* its distinguishing part */
	uint8_t		nlegal;
	uint8_t		nnumbers;		/* of the stem */
	uint8_t		nbnumbers;		/* of the branch */
	uint8_t		ntokens;		/* Latin: words of the core */
	int16_t		region;			/* most specific unit, -1 = unknown */
	int16_t		place;			/* a second one, in brackets; -1 = none */
	int16_t		bregion;		/* the branch's, -1 = none */
	int16_t		numbers[LEADS_NAME_NUMBERS_MAX];
	int16_t		bnumbers[LEADS_NAME_NUMBERS_MAX];
	uint64_t	hash;			/* of the whole folded text */
	uint32_t	folded[LEADS_NAME_FOLDED_MAX];
	uint32_t	stem[LEADS_NAME_STEM_MAX];
	uint16_t	syl[LEADS_NAME_STEM_MAX];	/* syllables of the stem */
	uint32_t	branch[LEADS_NAME_BRANCH_MAX];
	uint32_t	bcore[LEADS_NAME_BRANCH_MAX];
	uint32_t	legal[LEADS_NAME_LEGAL_MAX];
	struct
	{
		uint64_t	hash;
		uint8_t		start,		/* in stem */
					len,
					df;			/* 8 log2 of names in a million, 0 = rare */
	}			token[LEADS_NAME_TOKENS_MAX];
} LeadsName;

extern void leads_name_parse(const char *utf8, size_t len, LeadsName *out);

/* a person: the core is the folded name, nothing else is looked for */
extern void leads_person_parse(const char *utf8, size_t len, LeadsName *out);

/*
 * One part as UTF-8 into the caller's buffer, "" when absent.  NUL-terminated
 * if cap > 0; returns bytes without the NUL, always whole characters.
 */
extern int	leads_name_text(const LeadsName *n, LeadsNamePart part, char *buf, size_t cap);

/*
 * A region given separately ("重庆", "重庆市渝北区") fills an unknown region
 * and refines a known one that contains it; anything else is ignored.
 */
extern void leads_name_set_region(LeadsName *n, const char *utf8, size_t len);

/*
 * Is region, in any spelling ("重庆市渝北区"), inside prefix ("重庆")?  By the
 * table of units where it knows both, else by their folded texts.
 */
extern bool leads_region_within(const char *region, size_t rlen,
								const char *prefix, size_t plen);

#endif							/* LEADS_COMPANY_NAME_H */
