/*
 * registration.h - keeper of attempts to register.
 */
#ifndef LEADS_REGISTRATION_H
#define LEADS_REGISTRATION_H

#include "core/leads.h"

typedef struct LeadsRegistration
{
	int64		id;
	int64		channel_id;
	const char *request_key;
	const char *request_hash;
	Jsonb	   *payload;
	const char *name;
	const char *scope;
	const char *outcome;
	const char *state;
	const char *reason;			/* code, NULL = none */
	const char *message;
	int64		customer_id;	/* 0 = none; so for all ids */
	int64		lead_id;
	int64		owner_id;
	int64		pool_id;
	TimestampTz protected_until;
	Jsonb	   *matches;		/* NULL = [] */
	int64		decision_id;
	int64		partner_id;		/* of the registrant; not read back by key, nor are the next two */
	int64		rival_id;		/* queued: behind which one */
	int64		resubmits_id;	/* earlier attempt that had failed */
	int64		registrant_id;	/* 0 = the actor of the call */
	bool		test;			/* its channel is for tests */
} LeadsRegistration;

/* a stored attempt, to go on with */
typedef struct LeadsAttempt
{
	int64		id;
	int64		channel_id;
	const char *channel;		/* code */
	int64		actor_id;		/* registrant, 0 = the system */
	int64		partner_id;
	TimestampTz submitted_at;
	Jsonb	   *payload;
	const char *name;
	const char *scope;
	const char *outcome;
	const char *state;
	const char *reason;
	int64		customer_id;
	int64		rival_id;
	int64		decision_id;
	bool		test;
} LeadsAttempt;

/* by the latest snapshot; false if there is none */
extern bool leads_attempt_read(LeadsFrame *f, int64 id, LeadsAttempt *out);
/* the one that waits for approval in a (customer, scope); the customer is locked, or it is an advisory look */
extern bool leads_attempt_pending(LeadsFrame *f, int64 customer_id, const char *scope, LeadsAttempt *out);
/* who waits behind another, the first one first */
extern int	leads_attempts_behind(LeadsFrame *f, int64 rival_id, int64 **ids);
/* how many wait behind it */
extern int	leads_attempts_waiting(LeadsFrame *f, int64 rival_id);
/* inquiries that came by themselves while it waited, kept for whoever gets the customer */
extern int	leads_attempts_kept(LeadsFrame *f, int64 customer_id, const char *scope, int64 **ids);
/* the registrant's last attempt there that failed, 0 = none; of a partner, the organisation's */
extern int64 leads_attempt_failed(LeadsFrame *f, int64 customer_id, const char *scope, int64 actor_id, int64 partner_id);
/* from one state to another, under the customer's lock; 40001 if it is not in it any more */
extern void leads_attempt_move(LeadsFrame *f, const LeadsAttempt *a, const char *state, const char *reason,
							   int64 decision_id);
/* it waits behind, or fell to, another one */
extern void leads_attempt_set_rival(LeadsFrame *f, int64 id, int64 rival_id);
/* judged to be another customer than the one met */
extern void leads_attempt_set_customer(LeadsFrame *f, int64 id, int64 customer_id);
/* its inquiry is on a lead now */
extern void leads_attempt_set_lead(LeadsFrame *f, int64 id, int64 lead_id);

/* an objection to a refusal */
typedef struct LeadsConflict
{
	int64		id;
	int64		registration_id;
	int64		holder_id;		/* who had the customer, or whose registration was first; 0 = the system */
	int64		rival_id;		/* its registration, 0 = unknown */
	const char *ruling;			/* NULL = open */
} LeadsConflict;

extern bool leads_conflict_read(LeadsFrame *f, int64 id, LeadsConflict *out);
extern bool leads_conflict_open(LeadsFrame *f, int64 registration_id, LeadsConflict *out);
extern int64 leads_conflict_insert(LeadsFrame *f, const LeadsAttempt *a, int64 customer_id, const LeadsConflict *x,
								   const char *reason, int64 decision_id);
extern void leads_conflict_rule(LeadsFrame *f, int64 id, const char *ruling, const char *reason, int64 granted_id,
								int64 decision_id);

/* the id is drawn first (lock order = id order), the row is written last */
extern int64 leads_registration_next(LeadsFrame *f);
extern void leads_registration_insert(LeadsFrame *f, const LeadsRegistration *r);
/* the stored answer under a request key, by the latest snapshot; false if there is none */
extern bool leads_registration_by_key(LeadsFrame *f, int64 channel_id, const char *key, LeadsRegistration *out);

#endif							/* LEADS_REGISTRATION_H */
