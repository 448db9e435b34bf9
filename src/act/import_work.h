/*
 * import_work.h - private to act/import: one call of import_commit() at work.
 */
#ifndef LEADS_IMPORT_WORK_H
#define LEADS_IMPORT_WORK_H

#include "act/import_row.h"

#define LEADS_IMPORT_CHUNK_MOST 10000	/* rows of a chunk, and of an import that is all or nothing */
#define LEADS_IMPORT_CHUNK_FIRST 100

typedef struct LeadsImport
{
	LeadsCall  *c;				/* frame, channel and match policy; the rest is of the row at hand */
	const char *batch;
	const char *mode;
	bool		updates;		/* customers that are there, instead of registering */
	bool		latest;			/* of rows that are one company the last one counts: from the last on */
	bool		whole;			/* one transaction */
	int			chunk;			/* most rows the user wants in a chunk */
	int			limit;			/* rows of the next one */
	int			careful;		/* so many rows are taken one by one: there was an error among them */
	const char *fault;			/* error that the next row met, NULL = none */
	int64		start;			/* LEADS_ROWS_START, or LEADS_ROWS_END */
	int64		after;			/* last row done, or start */
	/* nobody registered at that moment: all customers up to this id are there, others came since */
	int64		horizon;
	int64		turn;			/* of the gate, then */
	MemoryContext cxt;			/* of one chunk */
	LeadsImportRow *rows;
	int			n;
	LeadsImportTally tally;		/* of one chunk */
	int			gate_ms;
	bool		held;			/* the gate, by the attempt at hand */
	bool		again;			/* the chunk is to be read again */
} LeadsImport;

/* import_chunk.c: the next rows, looked up and registered; false if none is left */
extern bool leads_import_chunk(LeadsImport *im);
/* before the first chunk: the moment in which nobody registers */
extern void leads_import_fence(LeadsImport *im);

/* import_update.c: a row changes its customer; the outcome.  changed: customers that earlier rows changed */
extern const char *leads_import_update_row(LeadsImport *im, LeadsImportRow *row, LeadsNewcomers *changed);

/* a SPI connection of its own: what a step reads goes with it */
extern void leads_import_step(LeadsImport *im);

#endif							/* LEADS_IMPORT_WORK_H */
