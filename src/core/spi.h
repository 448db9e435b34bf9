/*
 * spi.h - SPI made short.
 *
 * A statement is a static LeadsQuery: a text in which "@." stands for the data
 * schema, and a format that names its parameters, one letter each:
 *
 *   l int64        L int64, 0 = NULL
 *   i int32        I int32, 0 = NULL
 *   f double
 *   b bool         j Jsonb *, NULL = NULL
 *   t const char * (text), NULL = NULL
 *   z TimestampTz  Z TimestampTz, LEADS_NO_TIME = NULL
 *   n Datum numeric, 0 = NULL
 *   d Datum date as int32 DateADT; D the same, PG_INT32_MIN = NULL
 *   K Datum int8[]  S Datum text[]   H Datum int2[]
 *   B Datum bytea
 *
 * Plans are prepared once per data schema with a generic plan, kept, and
 * dropped when the schema changes.  Results live in SPI's memory until the
 * frame is left.
 */
#ifndef LEADS_SPI_H
#define LEADS_SPI_H

#include "postgres.h"
#include "executor/spi.h"
#include "utils/jsonb.h"
#include "utils/snapshot.h"
#include "utils/timestamp.h"

#define LEADS_NO_TIME DT_NOBEGIN
#define LEADS_SPI_SCHEMAS 4		/* plans of so many companies are kept per statement */

typedef struct LeadsPlan
{
	Oid			nsp;
	uint64		generation;
	SPIPlanPtr	plan;
} LeadsPlan;

typedef struct LeadsQuery
{
	const char *text;
	const char *format;
	bool		steady;			/* reads only what administrators keep: remembered within a bulk */
	bool		aside;			/* touches no table that a bulk fills */
	bool		arrays;			/* parameters are arrays of what the format says */
	LeadsPlan	plans[LEADS_SPI_SCHEMAS];
	int			next;			/* slot to give up next */
} LeadsQuery;

#define LEADS_QUERY(name, fmt, txt) \
	static LeadsQuery name = {.text = (txt), .format = (fmt)}

/* see core/bulk.h: what is not marked so has everything written first that is gathered */
#define LEADS_QUERY_STEADY(name, fmt, txt) \
	static LeadsQuery name = {.text = (txt), .format = (fmt), .steady = true}
#define LEADS_QUERY_ASIDE(name, fmt, txt) \
	static LeadsQuery name = {.text = (txt), .format = (fmt), .aside = true}

#define LEADS_SPI_ARGS 32		/* parameters at most */

typedef struct LeadsResult
{
	uint64		n;				/* rows returned or touched */
	SPITupleTable *table;		/* NULL if no rows are returned */
} LeadsResult;

/* run in the innermost frame; the row count and rows come back */
extern LeadsResult leads_run(LeadsQuery *q, ...);
/* read-only with the latest snapshot, whatever the isolation level */
extern LeadsResult leads_run_latest(LeadsQuery *q, ...);
/* for core/bulk: parameters as they are, nulls 'n' or ' ' */
extern LeadsResult leads_run_values(LeadsQuery *q, Datum *values, char *nulls);
/* the same with the latest snapshot: for who makes the parameters itself */
extern LeadsResult leads_run_latest_values(LeadsQuery *q, Datum *values, char *nulls);
extern void leads_read_args(const char *format, va_list ap, Datum *values, char *nulls);
extern Oid	leads_letter_type(char c);
/* at most one row wanted */
#define leads_found(r) ((r).n > 0)

extern bool leads_isnull(LeadsResult *r, uint64 row, int col);		/* col counts from 1 */
extern Datum leads_datum(LeadsResult *r, uint64 row, int col, Oid type, bool *isnull);	/* 42804 if it is of another type */
extern int64 leads_int(LeadsResult *r, uint64 row, int col);		/* int2, int4, int8; 0 if NULL */
extern bool leads_bool(LeadsResult *r, uint64 row, int col);		/* false if NULL */
extern double leads_float(LeadsResult *r, uint64 row, int col);	/* float8, 0 if NULL */
extern char *leads_text(LeadsResult *r, uint64 row, int col);		/* any type, by its output function; NULL if NULL */
extern TimestampTz leads_time(LeadsResult *r, uint64 row, int col); /* LEADS_NO_TIME if NULL */
extern Jsonb *leads_jsonb(LeadsResult *r, uint64 row, int col);	/* NULL if NULL */
extern Datum leads_numeric(LeadsResult *r, uint64 row, int col);	/* 0 if NULL */

/* a document that is not NULL: j, or what the text says */
extern Jsonb *leads_jsonb_or(Jsonb *j, const char *text);

/* number of the column of a trigger's row that is to be of this type; 42703, 42804 */
extern int	leads_row_column(TupleDesc desc, const char *name, Oid type);

/* a text made at run time (install, DDL); "@." and @schema@ are replaced; not kept */
extern LeadsResult leads_run_text(const char *text);
/* the same with nothing replaced: for a text that holds names of others, which may hold anything */
extern LeadsResult leads_run_sql(const char *sql);
/*
 * text with "@schema@" and "@." (the quoted schema) and "@company@" (an expression that gives the
 * schema's name as text; for views that call leads.sees_all(@company@)) replaced, palloc'd
 */
extern char *leads_qualify(const char *text, const char *qschema);

extern void leads_spi_init(void);
extern void leads_spi_forget(void);	/* all kept plans are prepared anew at next use */

#endif							/* LEADS_SPI_H */
