/*
 * import.h - keeper of import batches, staged rows and their results.
 */
#ifndef LEADS_IMPORT_H
#define LEADS_IMPORT_H

#include "core/leads.h"

typedef struct LeadsBatch
{
	int64		id;
	const char *code;
	const char *channel;		/* code */
	const char *state;			/* staged, running, committed */
} LeadsBatch;

/* a staged row as it lies in the table; NULL = empty */
typedef struct LeadsStaged
{
	int64		id;
	int64		row_no;			/* 0 = not given */
	const char *name;
	const char *phone;
	const char *contact;
	const char *email;
	const char *region;
	const char *industry;
	const char *amount;
	const char *need;
	const char *line;
	const char *project;
	const char *uscc;
	const char *kind;
	const char *owner;
	const char *created_by;
	const char *created_at;
	const char *customer_id;
	Jsonb	   *extra;
} LeadsStaged;

typedef struct LeadsImportTally
{
	int64		done;
	int64		created;
	int64		duplicates;
	int64		rejected;
	int64		updated;
} LeadsImportTally;

#define LEADS_MATCHED_MOST 16

/* what became of a row that was to update a customer */
typedef struct LeadsImportUpdate
{
	int64		row_id;
	const char *batch;
	int64		customer_id;	/* 0 = none found */
	const char *outcome;		/* updated, unchanged, repeated, rejected */
	const char *code;
	const char *column;
	const char *value;
	const char *message;
	int64		matched[LEADS_MATCHED_MOST];	/* 0 = not to be shown */
	int			nmatched;
	int64		decision_id;
} LeadsImportUpdate;

/* make the batch if it is not there, at f->now */
extern void leads_batch_make(LeadsFrame *f, const char *code, int64 channel_id);
/* read it, and lock it for the transaction if asked; false if there is none */
extern bool leads_batch_read(LeadsFrame *f, const char *code, bool lock, LeadsBatch *out);
/* rows staged under the code, whether or not the batch has been made */
extern int64 leads_batch_rows(LeadsFrame *f, const char *code);
extern void leads_batch_start(LeadsFrame *f, int64 id, const char *mode, int64 total, TimestampTz at);
extern void leads_batch_progress(LeadsFrame *f, int64 id, const LeadsImportTally *t, int gate_ms, TimestampTz at);
extern void leads_batch_finish(LeadsFrame *f, int64 id, TimestampTz at);

/* stage the objects of an array; mapping: header -> column, NULL = keys are columns; returns how many */
extern int64 leads_staged_insert(LeadsFrame *f, const char *batch, Jsonb *rows, Jsonb *mapping);
/* before all ids */
#define LEADS_ROWS_START PG_INT64_MIN

/* rows without outcome after an id, at most so many, in order; all = those with an outcome, too */
extern LeadsResult leads_staged_rows(LeadsFrame *f, const char *batch, int64 after, int most, bool all);
/* before all ids, from the last on: those without outcome before an id, backwards */
#define LEADS_ROWS_END PG_INT64_MAX
extern LeadsResult leads_staged_rows_back(LeadsFrame *f, const char *batch, int64 before, int most);
/* one of them, copied into the current memory */
extern void leads_staged_row(LeadsResult *r, uint64 row, LeadsStaged *out);
extern void leads_import_result_insert(LeadsFrame *f, int64 row_id, int64 registration_id, const char *outcome,
									   const char *code, const char *column, const char *value);
extern void leads_import_update_insert(LeadsFrame *f, const LeadsImportUpdate *u);
/* a row of the batch has updated this customer, or found it as it should be */
extern bool leads_import_updated_before(LeadsFrame *f, const char *batch, int64 customer_id);

#endif							/* LEADS_IMPORT_H */
