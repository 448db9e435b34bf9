/*
 * ownership.h - keeper of the intervals in which a customer is in somebody's hands.
 */
#ifndef LEADS_OWNERSHIP_H
#define LEADS_OWNERSHIP_H

#include "core/leads.h"

typedef struct LeadsOwnership
{
	int64		id;
	int64		customer_id;
	const char *scope;
	int64		member_id;		/* 0 = in a pool */
	int64		pool_id;		/* 0 = owned */
	TimestampTz since;
	TimestampTz protected_until;	/* LEADS_NO_TIME = none; so for all instants */
	TimestampTz next_due_at;
	TimestampTz remind_at;
	TimestampTz followed_at;
	int64		lapse_pool_id;
	int32		policy_version;
	int32		policy_entry;	/* 0 = the document itself */
	TimestampTz protect_from;	/* where the protection began */
	TimestampTz protect_base;	/* where it ends without pauses, if not where the period says */
	const char *due_by;			/* condition that gives next_due_at */
	int32		extended_times;
	int32		extended_days;
	const char *exempt;			/* NULL, won, locked */
	int64		registration_id;
	const char *cause;
	int64		decision_id;
	int64		partner_id;		/* organisation whose right it is, 0 = the member's own */
	int64		extension_id;	/* extension that waits for approval, 0 = none */
	TimestampTz extension_due;	/* while it waits: the deadline that would stand if nobody had asked */
	bool		newborn;		/* the customer was made by this very call: it has no pauses */
	TimestampTz counts_from;	/* conditions count from here, if that is before since (a late follow-up gave it back) */
	TimestampTz deadline_at;	/* where the policy asks for a notice: the deadline; next_due_at is the release */
	TimestampTz noticed_at;		/* its owner was told of that deadline */
	TimestampTz told_due;		/* deadline_at as it is stored */
	bool		waits;			/* either is stored */
} LeadsOwnership;

/* the deadline that the policy gives, whether it waits for a notice or not */
static inline TimestampTz
leads_ownership_deadline(const LeadsOwnership *o)
{
	return o->deadline_at != LEADS_NO_TIME ? o->deadline_at : o->next_due_at;
}

/* the open interval of (customer, scope) as it is stored: the caller settles first; false if there is none */
extern bool leads_ownership_open(LeadsFrame *f, int64 customer_id, const char *scope, LeadsOwnership *out);
/* the same for many at once; id 0: it has none */
extern void leads_ownerships_open(LeadsFrame *f, const int64 *customers, int n, const char *scope, LeadsOwnership *out);
/* the open interval by its own id */
extern bool leads_ownership_by_id(LeadsFrame *f, int64 id, LeadsOwnership *out);
/* one that has ended, by its id; its deadlines went with it */
extern bool leads_ownership_ended(LeadsFrame *f, int64 id, LeadsOwnership *out);
/*
 * Open intervals of customers (int8[]) that are due by an instant, by customer, deadline, scope; a few that are due
 * a little later are among them, and all that are due by the customer's last event.
 */
extern int	leads_ownership_due(LeadsFrame *f, Datum customers, TimestampTz by, LeadsOwnership **out);
/* begin at o->since; sets o->id; counts for the member */
extern void leads_ownership_begin(LeadsFrame *f, LeadsOwnership *o);
/* end it at an instant; counts for the member */
extern void leads_ownership_end(LeadsFrame *f, const LeadsOwnership *o, TimestampTz at, const char *cause, int64 decision_id);
/* write protected_until … exempt and the extension that waits of an open interval */
extern void leads_ownership_update(LeadsFrame *f, const LeadsOwnership *o);
/* the right is a partner's: rare, so a statement of its own */
extern void leads_ownership_set_partner(LeadsFrame *f, LeadsOwnership *o, int64 partner_id);
/* what a late follow-up gave back: rarer still */
extern void leads_ownership_set_counts_from(LeadsFrame *f, LeadsOwnership *o, TimestampTz from);

#endif							/* LEADS_OWNERSHIP_H */
