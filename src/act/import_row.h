/*
 * import_row.h - private to act/import: a staged row on its way to a registration.
 */
#ifndef LEADS_IMPORT_ROW_H
#define LEADS_IMPORT_ROW_H

#include "act/register_steps.h"
#include "record/import.h"

typedef struct LeadsImportRow
{
	LeadsStaged staged;
	LeadsInput	in;				/* in.reason: bad row */
	LeadsHistory history;
	/* what the look among the stored customers found */
	LeadsFound	found[LEADS_SHOWN];
	int			nfound;
	int			ncandidates;
	int64		target;			/* customer named by the row, 0 = none (update_by_id) */
} LeadsImportRow;

/* members by code, for the rows of one chunk */
typedef struct LeadsImportMembers
{
	struct LeadsImportMember *first;
	MemoryContext cxt;
} LeadsImportMembers;

/*
 * Check a staged row and make it what register() would have read; everything in the current memory.
 * A fault is in.reason.
 */
extern void leads_import_read(LeadsFrame *f, const LeadsChannel *channel, LeadsImportMembers *members,
							  LeadsImportRow *row);
/* the same for a row that updates a customer: what is not given is not missed, history is not read */
extern void leads_import_read_update(LeadsFrame *f, const LeadsChannel *channel, LeadsImportRow *row);
/* such a row once more, with the name and the region of the customer where it has none */
extern void leads_import_reread(LeadsFrame *f, const LeadsChannel *channel, const LeadsImportRow *row,
								const LeadsCustomer *customer, LeadsInput *out);
/* column at fault of a bad row, and what it held as far as it may be shown; NULL if none is to blame */
extern const char *leads_import_column(const LeadsImportRow *row, const char **value);

/*
 * Customers that no statement could find when the rows were looked up: those that earlier rows of the chunk made, and
 * those that others registered since; found by their keys, in memory.
 */
typedef struct LeadsNewcomers LeadsNewcomers;

extern LeadsNewcomers *leads_newcomers_begin(MemoryContext cxt);
/* name, record and keys are copied */
extern void leads_newcomers_add(LeadsNewcomers *all, int64 customer_id, const char *name, const LeadsRecord *record,
								const LeadsKey *keys, int nkeys);
/* compare the call's input with them */
extern void leads_newcomers_look(LeadsNewcomers *all, LeadsCall *c);

/* its texts, at load */
extern void leads_import_update_init(void);

#endif							/* LEADS_IMPORT_ROW_H */
