/*
 * guard.h - keys anew after what a customer is found by has changed.
 */
#ifndef LEADS_GUARD_H
#define LEADS_GUARD_H

#include "core/leads.h"

/*
 * Keys of a live customer from its names, region and contact points as they are now; the caller holds the
 * gate exclusively.  Returns the live customer that is certainly the same one, 0 = none; 40001 if it was
 * committed after the transaction's snapshot.
 */
extern int64 leads_guard_keys(LeadsFrame *f, int64 id);
/*
 * What a customer is matched by was changed by the caller, who holds the gate exclusively and its lock: keys anew, pairs
 * told apart end, a twin is written down.
 */
extern void leads_guard_changed(LeadsFrame *f, int64 id);
/* write down at f->now that the two met */
extern void leads_guard_collided(LeadsFrame *f, int64 id, int64 twin);

#endif							/* LEADS_GUARD_H */
