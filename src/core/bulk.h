/*
 * bulk.h - rows inserted one by one, or gathered and inserted many at a time.
 *
 * A keeper declares an insert once (LEADS_INSERT) and calls leads_insert() for a row.  Outside of a bulk that is one
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

typedef struct LeadsInsert
{
	const char *table;
	const char *columns;		/* without a made id */
	const char *format;			/* of the columns, as in spi.h */
	LeadsInsertId id;
	int			rank;			/* after the tables it refers to */
	LeadsQuery	one;			/* texts are made at first use */
	LeadsQuery	many;
	LeadsQuery	ids;
} LeadsInsert;

#define LEADS_INSERT(name, rnk, how, tbl, cols, fmt) \
	static LeadsInsert name = {.table = (tbl), .columns = (cols), .format = (fmt), .id = (how), .rank = (rnk)}

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
