/*
 * assign.h - a customer goes from one hand to another: the move itself, and who may receive it.
 */
#ifndef LEADS_ACT_ASSIGN_H
#define LEADS_ACT_ASSIGN_H

#include "core/leads.h"
#include "act/corridor.h"
#include "record/org.h"

typedef struct LeadsHandOver
{
	int64		member_id;		/* to whom, or … */
	int64		pool_id;		/* … into which pool */
	const char *cause;			/* why the new interval begins: assigned, routed, left … */
	const char *end_cause;		/* why the old one ends */
	const char *event;			/* assigned, owned, pooled */
	int64		decision_id;
	bool		inherit;		/* what is left of the protection goes along; otherwise it begins anew */
	const char *reason;			/* told to who receives it; may be NULL */
} LeadsHandOver;

/*
 * End the held interval and begin the next at f->now; the leads of the scope stay as they are.  h->own is the new one.
 * Both sides are told.
 */
extern void leads_hand_over(LeadsFrame *f, LeadsHold *h, const LeadsHandOver *o);
/* may this member have n more?  Locks counters: those with deltas and its own.  LD031, LD032 */
extern void leads_assign_check(LeadsFrame *f, const LeadsMember *m, int n, bool force, LeadsEvidence *e);
/* does protection go along: as said, else as the routing policy says; 22023 */
extern bool leads_assign_inherits(LeadsFrame *f, const char *said);
/* LD001 unless the actor decides over the held customer; LD002 if it is in nobody's hands and in no pool */
extern void leads_assign_require(LeadsFrame *f, const LeadsHold *h);

extern void leads_assign_init(void);

#endif							/* LEADS_ACT_ASSIGN_H */
