/*
 * tick_work.h - private to act/tick.
 */
#ifndef LEADS_TICK_WORK_H
#define LEADS_TICK_WORK_H

#include "core/leads.h"

/* what a retry cures is no fault of the customer's */
extern bool leads_tick_passing(int sqlstate);
extern bool leads_tick_must_stop(int sqlstate);

/*
 * tick_many.c: settle customers, ascending, in one subtransaction; how many were.  -1 if there was an error: nothing
 * is written, and they are to be taken one by one.
 */
extern int	leads_tick_many(LeadsFrame *f, const int64 *ids, int n);

#endif							/* LEADS_TICK_WORK_H */
