/*
 * meter.h - keeper of the meters: what a ROLLBACK must not undo.
 */
#ifndef LEADS_METER_H
#define LEADS_METER_H

#include "core/leads.h"

/* counts of a day end here; no quota may be larger */
#define LEADS_METER_MOST 900000

/*
 * One more of this sort by the actor: counted at once, whatever becomes of the transaction, and written to
 * the server log.  The system has no meter and is only logged.  Result: how many today, 0 for the system and
 * for a member that has no meter.
 */
extern int64 leads_meter_count(LeadsFrame *f, const char *what, const char *verdict);
/* install(): the meters of members that came without their trigger (replication, data-only restore) */
extern void leads_meter_mend(LeadsFrame *f);

#endif							/* LEADS_METER_H */
