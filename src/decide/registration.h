/*
 * registration.h - the judge of what may become of a registration: the state machine of 报备.
 *
 * Values in, decision out; never SPI.
 */
#ifndef LEADS_DECIDE_REGISTRATION_H
#define LEADS_DECIDE_REGISTRATION_H

#include "core/leads.h"

typedef enum LeadsAttemptState
{
	LEADS_ATTEMPT_SUBMITTED,	/* never stored: what a call begins with */
	LEADS_ATTEMPT_BLOCKED, LEADS_ATTEMPT_QUEUED, LEADS_ATTEMPT_OFFERED, LEADS_ATTEMPT_ATTACHED,
	LEADS_ATTEMPT_RETURNING, LEADS_ATTEMPT_PENDING, LEADS_ATTEMPT_APPROVED, LEADS_ATTEMPT_REJECTED,
	LEADS_ATTEMPT_WITHDRAWN, LEADS_ATTEMPT_SUPERSEDED
} LeadsAttemptState;

#define LEADS_ATTEMPT_STATES (LEADS_ATTEMPT_SUPERSEDED + 1)

typedef enum LeadsAttemptEvent
{
	LEADS_ATTEMPT_BLOCK,		/* it is another's */
	LEADS_ATTEMPT_QUEUE,		/* behind one that waits, or for a person to judge */
	LEADS_ATTEMPT_OFFER,
	LEADS_ATTEMPT_ATTACH,
	LEADS_ATTEMPT_RETURN,
	LEADS_ATTEMPT_WAIT,			/* for approval */
	LEADS_ATTEMPT_APPROVE,
	LEADS_ATTEMPT_REJECT,
	LEADS_ATTEMPT_WITHDRAW,
	LEADS_ATTEMPT_SUPERSEDE		/* a ruling gave the customer to another */
} LeadsAttemptEvent;

#define LEADS_ATTEMPT_EVENTS (LEADS_ATTEMPT_SUPERSEDE + 1)

/* what a transition asks to be done besides */
#define LEADS_ATTEMPT_GRANT 1	/* the registrant becomes the owner */
#define LEADS_ATTEMPT_CLOSE_QUEUE 2	/* who waited behind it is blocked */
#define LEADS_ATTEMPT_PROMOTE 4	/* the first one behind it takes its place */

typedef struct LeadsAttemptStep
{
	bool		allowed;
	LeadsAttemptState next;
	int			actions;
} LeadsAttemptStep;

extern LeadsAttemptStep leads_attempt_step(LeadsAttemptState state, LeadsAttemptEvent event);
extern const char *leads_attempt_name(LeadsAttemptState state);
/* false if there is no such state */
extern bool leads_attempt_state(const char *name, LeadsAttemptState *state);
/* the states that it may still go to, as words: "approved, rejected, withdrawn"; NULL = none */
extern const char *leads_attempt_next(LeadsAttemptState state);

/* ---- the part "registration" of a protection document ---- */

#define LEADS_PROOF_CONTACT 1
#define LEADS_PROOF_NEED 2
#define LEADS_PROOF_AMOUNT 4
#define LEADS_PROOF_FILE 8

typedef struct LeadsContestPolicy
{
	bool		approval;		/* what reps and partners register waits for a manager */
	const char *when;			/* only if this predicate holds; NULL = always */
	bool		from_submit;	/* the protection counts from the submit, not from the approval */
	bool		queue;			/* who comes second waits; false: is blocked at once */
	int			evidence;		/* LEADS_PROOF_*: what must be sent */
} LeadsContestPolicy;

/* check it: LD014 with the JSON path of the first fault */
extern void leads_contest_validate(const JsonbValue *part);
/* body: the whole protection document; NULL, or no such part: no approval, a queue, no evidence */
extern void leads_contest_read(Jsonb *body, LeadsContestPolicy *out);
/* the part as a document, to publish it; NULL if it says nothing */
extern Jsonb *leads_contest_part(const LeadsContestPolicy *p);
/* contact, need, amount, proof; 0 if it is none of them */
extern int	leads_contest_proof(const char *name, int len);

#endif							/* LEADS_DECIDE_REGISTRATION_H */
