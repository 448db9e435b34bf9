/*
 * corridor.h - the one way through a mutation (design.md): who, lock, now, settle, decide, record, answer.
 */
#ifndef LEADS_CORRIDOR_H
#define LEADS_CORRIDOR_H

#include "core/leads.h"
#include "core/actor.h"
#include "decide/protection.h"
#include "record/customer.h"
#include "record/decision.h"
#include "record/event.h"
#include "record/org.h"
#include "record/ownership.h"

typedef struct LeadsHold
{
	LeadsCustomer customer;
	LeadsOwnership own;			/* open interval of the scope after settling */
	int64		asked_id;		/* the customer that the call named: it, or one merged into it */
	int64		lead_id;		/* the call named this lead of it; 0 = the customer itself */
	bool		has_own;		/* false: no ownership in this scope (pending, or another scope) */
} LeadsHold;

/*
 * Steps 2 to 4: lock the customer (following merges), read the clock into f->now, write down
 * what is already due (all scopes), read the open interval of the scope.  LD001 if there is no such
 * customer; LD010.
 */
extern void leads_corridor_begin(LeadsFrame *f, int64 customer_id, const char *scope, LeadsHold *h);
/* as that, of a customer that was listed with the latest snapshot: 40001 if the transaction's own is older than it */
extern void leads_corridor_begin_listed(LeadsFrame *f, int64 customer_id, const char *scope, LeadsHold *h);
/* the same for several customers, ascending, at one instant (claim) */
extern void leads_corridor_begin_all(LeadsFrame *f, const int64 *ids, int n, const char *scope, LeadsHold **holds);
/* step 4 for a customer that the caller has locked already (register, tick); true if something was due */
extern bool leads_corridor_settle(LeadsFrame *f, LeadsCustomer *c);
/*
 * One interval that is due, from its owner's hands to the pool, at its due instant; the customer is locked, and what
 * is due earlier of it is written.
 */
extern void leads_corridor_lapse(LeadsFrame *f, LeadsOwnership *own);
/* end of step 6: customer.last_event_at, counters in ascending order; several customers: end each */
extern void leads_corridor_end(LeadsFrame *f, int64 customer_id);

/*
 * The actor may work on what it owns; a boss on what its reach owns and on what lies in pools that it may see.  LD050, with the instant of the
 * lapse if the actor was the owner until then.
 */
/*
 * May the actor know that this customer is there: it, or who it reaches, has or had it, it lay in a pool that
 * it may see, or one of its own registrations was told its id.  If not, an id is as unknown as one that is not there.
 */
extern bool leads_corridor_knows(LeadsFrame *f, int64 customer_id);
extern void leads_corridor_require_owner(LeadsFrame *f, const LeadsHold *h);
/* the same, or a collaborator who works along */
extern void leads_corridor_require_worker(LeadsFrame *f, const LeadsHold *h);
/* a boss may decide over all of the held customer: everybody who holds it in any scope is in its reach; LD001 */
/* is the customer, locked and settled, in every scope in hands or a pool that the caller reaches? */
extern bool leads_corridor_reaches_whole(LeadsFrame *f, int64 customer_id);
extern void leads_corridor_require_whole(LeadsFrame *f, const LeadsHold *h);
/* the lead is the held customer's: it may have changed customers (unmerge) while we waited; 40001 */
extern void leads_corridor_require_lead(LeadsFrame *f, LeadsHold *h, int64 lead_id);
/*
 * May the actor decide over what others own?  The system; a role with profile manager or admin acting
 * as itself; a member named by another role (by_member, leads.actor) only if it is a manager.
 */
extern bool leads_corridor_is_boss(LeadsFrame *f);
/* LD004 "no right to %s" */
extern void leads_corridor_require_boss(LeadsFrame *f, const char *what);
/* the pool of a code that the actor named: one that it may not see is as one that is not there, but for own_id; LD001 */
extern void leads_corridor_pool(LeadsFrame *f, const char *code, int64 own_id, LeadsPool *out);
/* the same, and over this customer: a manager with a team decides over what that and the teams below hold */
extern bool leads_corridor_is_boss_of(LeadsFrame *f, const LeadsHold *h);
/* the same, of an interval that is lapsed at f->now or is not, and of nobody's: false */
extern bool leads_corridor_reaches(LeadsFrame *f, const LeadsOwnership *own);

/* the protection policy of a version (0 = the one that rules at f->now); returns the pool it lapses to */
extern int64 leads_corridor_protection(LeadsFrame *f, int32 version, LeadsProtection *p);
/*
 * Begin an interval at f->now in the hands of o->member_id, or in o->pool_id.  The caller sets customer_id,
 * scope, one of the two, cause, decision_id, and if they apply registration_id and exempt; deadlines,
 * lapse pool and policy version are filled in from the policy that rules now.
 */
extern void leads_corridor_begin_interval(LeadsFrame *f, LeadsOwnership *o);
/* the same in two steps: for a decision that names the protection */
extern void leads_corridor_fill_interval(LeadsFrame *f, LeadsOwnership *o);
extern void leads_corridor_write_interval(LeadsFrame *f, LeadsOwnership *o);

/* the same in the hands of o->member_id, with what is left of the protection of the interval before */
extern void leads_corridor_carry_interval(LeadsFrame *f, LeadsOwnership *o, const LeadsOwnership *before);

extern void leads_corridor_init(void);

#endif							/* LEADS_CORRIDOR_H */
