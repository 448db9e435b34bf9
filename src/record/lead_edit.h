/*
 * lead_edit.h - the fields of a lead that people edit.
 */
#ifndef LEADS_LEAD_EDIT_H
#define LEADS_LEAD_EDIT_H

#include "core/leads.h"

typedef struct LeadsLeadFields
{
	Datum		amount;			/* numeric, 0 = none */
	const char *need;			/* NULL = none */
	const char *line;			/* '' = none */
	const char *project;		/* NULL = none */
	int32		expected_on;	/* DateADT, PG_INT32_MIN = none */
	Jsonb	   *extra;
} LeadsLeadFields;

/* as they are; the customer must be locked for a change */
extern void leads_lead_fields(LeadsFrame *f, int64 lead_id, LeadsLeadFields *out);
/* write all of them; row_version + 1 */
extern void leads_lead_edit(LeadsFrame *f, int64 lead_id, const LeadsLeadFields *fields);
/* the amount alone, beside a stage move: row_version stays */
extern void leads_lead_amount(LeadsFrame *f, int64 lead_id, Datum amount);
/* another lead of the scope is won */
extern bool leads_lead_other_won(LeadsFrame *f, int64 customer_id, const char *scope, int64 lead_id);
/* the latest note that an author (0 = the system) wrote about a customer in a scope; NULL if there is none */
extern char *leads_activity_last_note(LeadsFrame *f, int64 customer_id, const char *scope, int64 author_id);
/* does an effective one lie nearer than gap to an instant, from since on? */
extern bool leads_activity_near(LeadsFrame *f, int64 customer_id, const char *scope, TimestampTz at, int64 gap, TimestampTz since);

#endif							/* LEADS_LEAD_EDIT_H */
