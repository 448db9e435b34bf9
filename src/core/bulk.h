/*
 * bulk.h - rows written one by one, or gathered and written many at a time.
 *
 * A keeper declares an insert once (LEADS_INSERT) and calls leads_insert() for a row; LEADS_CHANGE and leads_change()
 * do the same for an UPDATE.  Outside of a bulk that is one
 * INSERT statement.  Between leads_bulk_begin() and leads_bulk_end() rows are gathered, with ids drawn in blocks, and
 * written by one statement a table, in the order of their ranks, before the next statement that might read them:
 * whatever leads_run() is asked to do that is not marked LEADS_QUERY_STEADY or LEADS_QUERY_ASIDE.
 */
#ifndef LEADS_BULK_H
#define LEADS_BULK_H

#include "core/spi.h"

typedef enum LeadsInsertId
{
	LEADS_ID_NONE,				/* nobody asks for it */
	LEADS_ID_MADE,				/* column id, from its sequence; returned */
	LEADS_ID_GIVEN				/* column id is the first of the columns; leads_insert_id() drew it */
} LeadsInsertId;

/* in this order tables are written: each after those that it refers to, and an interval ends before the next begins */
typedef enum LeadsRank
{
	LEADS_RANK_CUSTOMER, LEADS_RANK_CONTACT, LEADS_RANK_POINT, LEADS_RANK_KEY, LEADS_RANK_DECISION,
	LEADS_RANK_REGISTRATION, LEADS_RANK_OWNERSHIP_END, LEADS_RANK_OWNERSHIP, LEADS_RANK_LEAD, LEADS_RANK_EVENT,
	LEADS_RANK_JOURNEY, LEADS_RANK_JOURNEY_APPEND, LEADS_RANK_OUTBOX, LEADS_RANK_TOUCH, LEADS_RANK_IMPORT_RESULT,
	LEADS_RANK_IMPORT_UPDATE, LEADS_RANKS
} LeadsRank;

typedef struct LeadsInsert
{
	const char *table;
	const char *columns;		/* without a made id */
	const char *format;			/* of the columns, as in spi.h */
	LeadsInsertId id;
	LeadsRank	rank;
	const char *one_text;		/* of another statement than a plain INSERT: for one row … */
	const char *many_text;		/* … and for arrays of the same parameters */
	bool		exact;			/* each row must meet one, or somebody else changed it: 40001 */
	bool		last;			/* of rows with the same first value, an int8, the last one counts */
	LeadsQuery	one;			/* texts are made at first use */
	LeadsQuery	many;
	LeadsQuery	ids;
} LeadsInsert;

#define LEADS_INSERT(name, rnk, how, tbl, cols, fmt) \
	static LeadsInsert name = {.table = (tbl), .columns = (cols), .format = (fmt), .id = (how), .rank = (rnk)}

/* any other statement that writes, with the same parameters for one row and for many */
#define LEADS_CHANGE(name, rnk, must, fmt, one, many) \
	static LeadsInsert name = {.format = (fmt), .rank = (rnk), .one_text = (one), .many_text = (many), .exact = (must)}

#define LEADS_CHANGE_LAST(name, rnk, fmt, one, many) \
	static LeadsInsert name = {.format = (fmt), .rank = (rnk), .one_text = (one), .many_text = (many), .last = true}

/* how many rows it wrote; 1 if it was gathered */
extern uint64 leads_change(LeadsFrame *f, LeadsInsert *change, ...);
/* insert, now or later in the bulk; the id if it is made, else 0 */
extern int64 leads_insert(LeadsFrame *f, LeadsInsert *insert, ...);
/* the next id of a table whose insert is LEADS_ID_GIVEN */
extern int64 leads_insert_id(LeadsFrame *f, LeadsInsert *insert);

/* rows: how many are expected, for the blocks of ids; the gate must be held, or ids would stand out of order */
extern void leads_bulk_begin(LeadsFrame *f, MemoryContext cxt, int rows);
/* write what is gathered */
extern void leads_bulk_flush(LeadsFrame *f);
extern void leads_bulk_end(LeadsFrame *f);
/* after an error: nothing is written */
extern void leads_bulk_forget(LeadsFrame *f);
/*
 * A value that a gathered row holds and a statement could not see yet: note it, ask for it.  False outside of a bulk.
 */
extern void leads_bulk_note(LeadsFrame *f, const char *kind, const char *value);
extern bool leads_bulk_noted(LeadsFrame *f, const char *kind, const char *value);

/* for spi.c: before a statement; true if the answer is remembered */
extern bool leads_bulk_before(LeadsFrame *f, LeadsQuery *q, const Datum *values, const char *nulls, LeadsResult *r);
/* for spi.c: after it */
extern void leads_bulk_after(LeadsFrame *f, LeadsQuery *q, const Datum *values, const char *nulls, LeadsResult *r);

#endif							/* LEADS_BULK_H */
