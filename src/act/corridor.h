/*
 * corridor.h - the one way through a mutation (design.md): who, lock, now, settle, decide, record, answer.
 */
#ifndef LEADS_CORRIDOR_H
#define LEADS_CORRIDOR_H

#include "core/leads.h"
#include "core/actor.h"
#include "record/customer.h"
#include "record/decision.h"
#include "record/event.h"
#include "record/ownership.h"

typedef struct LeadsHold
{
	LeadsCustomer customer;
	LeadsOwnership own;			/* open interval of the scope after settling */
	bool		has_own;		/* false: no ownership in this scope (pending, or another scope) */
} LeadsHold;

/*
 * Steps 2 to 4: lock the customer (following merges), read the clock into f->now, write down
 * what is already due (all scopes), read the open interval of the scope.  LD001 if there is no such
 * customer; LD010.
 */
extern void leads_corridor_begin(LeadsFrame *f, int64 customer_id, const char *scope, LeadsHold *h);
/* the same for a customer that the caller has locked already (register, tick) */
extern void leads_corridor_settle(LeadsFrame *f, LeadsCustomer *c);
/* end of step 6: customer.last_event_at, counters in ascending order */
extern void leads_corridor_end(LeadsFrame *f, int64 customer_id);

/* the actor may work on what it owns; a boss on what its team owns; the system on all.  LD050. */
extern void leads_corridor_require_owner(LeadsFrame *f, const LeadsHold *h);

#endif							/* LEADS_CORRIDOR_H */
