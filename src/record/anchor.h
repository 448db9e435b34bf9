/*
 * anchor.h - keeper of pauses and contracts, and reader of all that a deadline counts from.
 */
#ifndef LEADS_ANCHOR_H
#define LEADS_ANCHOR_H

#include "core/leads.h"
#include "decide/calendar.h"
#include "decide/protection.h"
#include "record/ownership.h"

/* the calendar that rules now; in the memory of the caller */
extern void leads_anchor_calendar(LeadsFrame *f, LeadsWorkCalendar *out);
/*
 * What the judge asks about an interval in a member's hands, as far as these rules need it.  calendar: NULL =
 * read it if it is needed.  The caller holds the customer's lock, or reads.
 */
extern void leads_anchor_read(LeadsFrame *f, const LeadsOwnership *o, const LeadsProtection *p,
							  const LeadsWorkCalendar *calendar, LeadsProtectionFacts *out);

typedef struct LeadsPause
{
	int64		id;
	int64		customer_id;
	TimestampTz since;
	TimestampTz until;
} LeadsPause;

extern int64 leads_pause_insert(LeadsFrame *f, const LeadsPause *p, const char *reason, int64 decision_id);
/* one that ends after an instant; false if there is none with this id of this customer, or of one merged into it */
extern bool leads_pause_read(LeadsFrame *f, int64 id, int64 customer_id, LeadsPause *out);
extern void leads_pause_end(LeadsFrame *f, int64 id, TimestampTz until);
extern void leads_contract_insert(LeadsFrame *f, int64 customer_id, const char *scope, TimestampTz ends_at, const char *reason,
								  int64 decision_id);

#endif							/* LEADS_ANCHOR_H */
