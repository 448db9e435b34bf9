/*
 * lock.h - gate and stripes of the duplicate check, and the other locks that are no rows.
 *
 * Order of all locks: gate and stripes (ascending) -> rules -> claim -> customer rows
 * (ascending id) -> ring -> member counters (ascending).
 */
#ifndef LEADS_LOCK_H
#define LEADS_LOCK_H

#include "core/leads.h"

#define LEADS_STRIPES 1024

/* shared: I register; exclusive: nobody registers, and what was found before is looked up again by who found it */
extern void leads_lock_gate(LeadsFrame *f, bool exclusive);
/* exclusive, if nobody is in; never waits, so that nobody waits behind it */
extern bool leads_try_lock_gate(LeadsFrame *f);
/* exclusive for who only adds customers, with new ids: found before is found still */
extern void leads_lock_gate_registering(LeadsFrame *f);
/* before the end of the transaction: for a look that decides nothing yet */
extern void leads_unlock_gate(LeadsFrame *f, bool exclusive);
/* how often somebody had the gate for itself; exact under the gate */
extern int64 leads_gate_turn(LeadsFrame *f);
/*
 * What deadlines are computed from for many customers at once (calendar, leaving members, policies applied to
 * what runs): shared by every mutation, taken with the gate or before the customer, exclusively by who changes it.
 */
extern void leads_lock_rules(LeadsFrame *f, bool exclusive);
/* gate shared, then the stripes of the keys, ascending; held to the end of the transaction */
extern void leads_lock_stripes(LeadsFrame *f, const int64 *keys, int nkeys);
/* two calls of install() on one name */
extern void leads_lock_install(const char *schema);
/* grants of the parameter leads.actor: a row of the whole cluster, so a lock across databases */
extern void leads_lock_parameter(void);
/* two runs of tick(): false if another one has it; held to the end of the transaction */
extern bool leads_try_lock_job(Oid nsp, uint32 job);
/* the same, waiting: nothing else may be held that a job could want */
extern void leads_lock_job(Oid nsp, uint32 job);

/*
 * Who is the first to claim a customer, before its row, to the end of the transaction: false if another one is.  Those who
 * want it, too, wait for that end side by side and hold nothing then; in the line of the row each would wait for the
 * refusals of those before it.  Only the first 64 claims of a transaction take such a lock.
 */
extern bool leads_try_lock_claim(LeadsFrame *f, int64 customer_id);
extern void leads_wait_claim(LeadsFrame *f, int64 customer_id);

/* a moment's lock, given back at once: the first use of a day on a meter */
extern void leads_lock_meter(Oid sequence);
extern void leads_unlock_meter(Oid sequence);

#endif							/* LEADS_LOCK_H */
