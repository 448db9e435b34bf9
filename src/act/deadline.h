/*
 * deadline.h - when an interval lapses: computed, and computed anew when something moves.
 */
#ifndef LEADS_ACT_DEADLINE_H
#define LEADS_ACT_DEADLINE_H

#include "core/leads.h"
#include "core/policy.h"
#include "decide/document.h"
#include "decide/protection.h"
#include "record/ownership.h"

/* the protection policy that an interval lives under; returns the pool it lapses to */
extern int64 leads_deadline_rules(LeadsFrame *f, const LeadsOwnership *o, LeadsProtection *p);
/* a version of it; 0, or one that is not there: the one that rules at f->now */
extern LeadsPolicy leads_deadline_policy(LeadsFrame *f, int32 version);
/*
 * Fill in what a new interval in the hands of o->member_id has: policy version and entry that rule at f->now,
 * protection, deadline, lapse pool.  o has customer_id, scope, member_id, since, and if they apply exempt and
 * followed_at.  lead: channel, line, project, amount and extra of an inquiry that is not stored yet, or NULL.  from:
 * where the protection began if that was before now, else LEADS_NO_TIME.  For a pool: nothing.  Returns the
 * protection period.
 */
extern LeadsSpan leads_deadline_begin(LeadsFrame *f, LeadsOwnership *o, const LeadsDocument *lead, TimestampTz from);
/* deadlines of an interval that goes on elsewhere (merge): o has all but what is computed; old_due as in the judge */
extern void leads_deadline_carry(LeadsFrame *f, LeadsOwnership *o, TimestampTz old_due);
/*
 * The deadline of an interval that stands once nobody waits for its extension any more: the one without the hold, unless that
 * is over already.
 */
extern TimestampTz leads_deadline_stands(LeadsFrame *f, const LeadsOwnership *o);
/*
 * The deadline of an interval that ended, had its anchors been known in time: counts_from and since are where it began.
 * False if it would have lapsed by now all the same.
 */
extern bool leads_deadline_revive(LeadsFrame *f, LeadsOwnership *o);
/*
 * Around what changes next_due_at itself: before, the deadline without what a notice makes of it; after, the release,
 * which waits for a notice of the deadline that stands now.
 */
extern void leads_deadline_nominal(LeadsOwnership *o);
extern void leads_deadline_release(LeadsFrame *f, LeadsOwnership *o, const LeadsProtection *p);
/* an anchor or the exemption changed: compute anew, write; what had none gets the grace of the policy at least */
extern void leads_deadline_move(LeadsFrame *f, LeadsOwnership *o);
/* the same, if its rules ask for one of these (LEADS_NEED_*) */
extern void leads_deadline_touch(LeadsFrame *f, LeadsOwnership *o, uint32 needs);
/*
 * All intervals in somebody's hands of one locked customer, for a reason with its message code; a decision
 * for each deadline that moves.  Returns how many moved.
 */
extern int	leads_deadline_customer(LeadsFrame *f, int64 customer_id, const char *code, int64 decision_id);

/*
 * Does an absence of a member stop clocks by any version of the protection policy?  Then its caller holds the lock of
 * the rules exclusively, before that of the member, and computes anew what the member has.
 */
extern bool leads_deadline_leave_counts(LeadsFrame *f);
extern void leads_deadline_leave(LeadsFrame *f, int64 member_id);

/*
 * What an interval would have under another version: o gets it, version, entry and pool included, with the grace of
 * that version; returns what its conditions give without.  Writes nothing.
 */
extern LeadsDeadline leads_deadline_under(LeadsFrame *f, LeadsOwnership *o, const LeadsPolicy *policy);

/* the policies of a new company */
extern void leads_deadline_seed(LeadsFrame *f);
/* with those of the room's other files, and of act/pause */
extern void leads_deadline_init(void);
extern void leads_deadline_read_init(void);
extern void leads_deadline_apply_init(void);

#endif							/* LEADS_ACT_DEADLINE_H */
