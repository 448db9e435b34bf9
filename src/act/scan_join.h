/*
 * scan_join.h - private to act/scan: all rows of a table against each other.
 *
 * begin, add each row, ready, compare until it is done, group, describe each result, end.
 */
#ifndef LEADS_SCAN_JOIN_H
#define LEADS_SCAN_JOIN_H

#include "act/scan_pile.h"
#include "decide/cluster.h"
#include "decide/match_policy.h"
#include "decide/sieve.h"

#define LEADS_SCAN_ROW_BITS 28	/* of a row number: 268 million rows */
#define LEADS_SCAN_ROW_MASK ((UINT64CONST(1) << LEADS_SCAN_ROW_BITS) - 1)
#define LEADS_SCAN_PAIR(a, b) (((uint64) (a) << LEADS_SCAN_ROW_BITS) | (uint64) (b))
/* in the pile of keys: the upper bits of the key, the row, two flags */
#define LEADS_SCAN_KEY_SHIFT (LEADS_SCAN_ROW_BITS + 2)
#define LEADS_SCAN_EXACT 1
#define LEADS_SCAN_ALWAYS 2		/* nothing that the sieve understands */

/* what a text of a row is */
typedef enum LeadsScanTag
{
	LEADS_SCAN_ID = 'I',
	LEADS_SCAN_PERSON = 'K',
	LEADS_SCAN_NAME = 'N',
	LEADS_SCAN_FORMER = 'F',
	LEADS_SCAN_REGION = 'R',
	LEADS_SCAN_PHONE = 'P',
	LEADS_SCAN_EMAIL = 'E',
	LEADS_SCAN_USCC = 'U',
	LEADS_SCAN_CONTACT = 'C'
} LeadsScanTag;

typedef struct LeadsScan
{
	MemoryContext cxt;
	LeadsMatchModel model;
	LeadsBand	least;
	uint8	   *df;				/* frequencies that keys follow, NULL = the shipped ones */
	uint64		checksum;

	/* rows: their texts one after the other, in memory or in a file */
	int32		n,
				room;
	uint64	   *at;				/* where the texts of a row begin; n + 1 entries */
	LeadsSieve *sieve;
	int64	   *ids;			/* of customers, ascending; NULL for other tables */
	char	   *texts;
	Size		texts_room,
				texts_most;
	uint64		used;
	BufFile    *file;
	char	   *line;			/* one row read from the file */
	Size		line_room;
	StringInfoData row;			/* the row that is being added */

	/* pairs that a person told apart, sorted */
	uint64	   *parted;
	Size		nparted,
				parted_room;

	LeadsPile	keys;
	LeadsPile	pairs;

	/* comparing */
	int			part;
	Size		part_at;
	uint64		done;			/* entries of the pile of pairs */
	LeadsMatched *found;
	int64		nfound,
				found_room;
	LeadsRecord *record[2];
	int32		loaded[2];		/* rows in record, -1 = none */

	/* grouping */
	int32	   *head,
			   *next;
	int64		clusters;
} LeadsScan;

/* one line of the answer; match -1: the head itself; cluster 0: in none */
typedef struct LeadsScanResult
{
	int64		cluster;
	int32		row,
				match;
	float		score;
	LeadsBand	band;
} LeadsScanResult;

extern LeadsScan *leads_scan_begin(MemoryContext cxt, const LeadsMatchModel *model, const uint8 *df, LeadsBand least);
/* a row: begin, its texts (NULL and blank are ignored), end */
extern void leads_scan_row_begin(LeadsScan *s);
extern void leads_scan_row_text(LeadsScan *s, LeadsScanTag tag, const char *text);
extern void leads_scan_row_end(LeadsScan *s, int64 customer_id);
extern void leads_scan_part_pair(LeadsScan *s, int64 low_id, int64 high_id);
/* all rows are there: make the pairs */
extern void leads_scan_ready(LeadsScan *s);
/* compare until so many milliseconds are over; false if none is left */
extern bool leads_scan_compare_some(LeadsScan *s, int ms);
/* the first so many entries were compared before, and this was found among them */
extern void leads_scan_skip(LeadsScan *s, uint64 done);
extern void leads_scan_known(LeadsScan *s, int32 a, int32 b, float score, LeadsBand band);
extern LeadsScanResult *leads_scan_group_rows(LeadsScan *s, Size *n);
/* the first text of this sort, or NULL; in the current memory */
extern char *leads_scan_text(LeadsScan *s, int32 row, LeadsScanTag tag);
extern LeadsBand leads_scan_score(LeadsScan *s, int32 a, int32 b, LeadsMatchScore *out);

/* between scan_rows.c and scan_join.c */
extern const char *leads_scan_line(LeadsScan *s, int32 row, Size *len);
extern void leads_scan_parse(const char *line, Size len, LeadsRecord *r);
extern bool leads_scan_parted(LeadsScan *s, int32 a, int32 b);
extern void *leads_scan_enlarged(MemoryContext cxt, void *p, Size size);
/* closes its files; also after an error */
extern void leads_scan_end(LeadsScan *s);

#endif							/* LEADS_SCAN_JOIN_H */
