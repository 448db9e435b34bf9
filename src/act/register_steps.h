/*
 * register_steps.h - private to act/register: one call on its way through the corridor.
 */
#ifndef LEADS_REGISTER_STEPS_H
#define LEADS_REGISTER_STEPS_H

#include "act/corridor.h"
#include "act/register_input.h"
#include "decide/action.h"
#include "core/actor.h"
#include "core/policy.h"
#include "decide/match_policy.h"
#include "decide/registration.h"
#include "record/org.h"
#include "record/registration.h"

#define LEADS_SHOWN 5			/* matches in the answer */
#define LEADS_CANDIDATES 24		/* compared in full */

typedef struct LeadsFound
{
	int64		customer_id;
	const char *name;
	LeadsMatchScore score;
} LeadsFound;

/* one of those found, as peek() sees it */
typedef struct LeadsGlance
{
	LeadsCustomer customer;		/* id 0: gone */
	LeadsOwnership own;			/* id 0: nobody's */
	const char *owner_code;
} LeadsGlance;

typedef struct LeadsVeil
{
	bool		owner;			/* not who has it */
	bool		until;			/* nor until when */
	const char *team_code;		/* but which team, NULL = not even that */
	const char *team_name;
} LeadsVeil;

/* what an import row says of the time before it came: no reminder, no message for that */
typedef struct LeadsHistory
{
	int64		owner_id;		/* 0 = rules decide */
	int64		creator_id;		/* 0 = none */
	TimestampTz created_at;		/* LEADS_NO_TIME = now */
} LeadsHistory;

typedef struct LeadsCall
{
	LeadsFrame	f;
	LeadsInput	in;
	LeadsChannel channel;
	const LeadsHistory *history;	/* NULL = it happens now */
	int64		registrant_id;	/* whose registration it is: the actor, or, gone on with later, who sent it; 0 = the system */
	LeadsPartner partner;		/* its organisation; id 0 = the company itself */
	bool		outsider;		/* a partner's person: is told of a refusal, not of who stands behind it */
	LeadsPolicy protection;		/* that rules now */
	LeadsContestPolicy contest;
	const char *verb;			/* kind of the decision, NULL = register */
	TimestampTz submitted_at;	/* of a registration gone on with, LEADS_NO_TIME = now */
	const char *end_cause;		/* of the interval that the grant ends, NULL = routed or moved */
	bool		must_hold;		/* the registrant gets it or the call fails: LD031, LD032 */
	LeadsEvidence evidence;
	const char *scope;
	int32		match_version;
	int32		routing_version;
	int32		protection_version;
	LeadsMatchPolicy match;
	int			ncandidates;
	LeadsFound	found[LEADS_CANDIDATES + 1];	/* best first */
	int			nfound;
	LeadsGlance *glances;		/* of those found, once one of them was peeked at */
	int			most;			/* as many as are wanted of them */
	int64		self_id;		/* a customer that is compared with the others, 0 = none */
	bool		advisory;		/* check_duplicate, matches: no locks, nothing is decided */
	LeadsReach	reach;			/* of the actor, once reach_known */
	bool		reach_known;
	LeadsVeil	veil;			/* of a refusal */
	bool		withheld;		/* over the quota: what was met is not shown */
	LeadsRegistration reg;
	/* the customer acted on: met or made */
	LeadsCustomer customer;
	LeadsOwnership own;
	bool		has_own;
	bool		made;			/* by this call */
	int64		settled_id;		/* whose lapse was written on the way, 0 = nobody's */
	LeadsCounterpart counterpart;	/* in whose hands the one met is */
	bool		project_met;	/* the one met has the project: it is no matter whose name was sent */
	LeadsAttempt rival;			/* PENDING: the one that waits for approval there; id 0 = none */
	int			position;		/* place in the queue behind it */
	LeadsAction action;
	bool		learned;		/* contacts of the one met were confirmed: its keys change */
	const char *shown_name;		/* of the one met, masked if need be */
	bool		met_clear;		/* the caller may see the one met by name */
	const char *owner_code;
	const char *owner_name;
	const char *pool_code;
	const char *pool_name;
} LeadsCall;

/* register.c: enter, channel, actor, what was sent; LD001, LD004, 22023 */
extern void leads_register_open(LeadsCall *c, const char *schema, const LeadsRegisterArgs *args);
/*
 * register.c: decide and write one registration whose input is read and whose duplicates have been looked
 * for, at f->now, under the locks that keep that look true.  Counters are left to the caller.
 */
extern void leads_register_finish(LeadsCall *c, LeadsRegisterAnswer *out);
/* register_call.c: the arguments of register(), and of check_duplicate(), which lacks the last one */
extern void leads_register_args(FunctionCallInfo fcinfo, LeadsRegisterArgs *out);

/* register_match.c: look for duplicates, meet the best one, say what was found */
extern void leads_register_policy(LeadsCall *c);
/* the scope asked for, by the match policy */
extern const char *leads_register_scope(const LeadsMatchPolicy *policy, const LeadsRegisterArgs *a);
/* put who has the project first among those found; meet() does it by itself */
extern void leads_register_meet_project(LeadsCall *c);
extern void leads_register_look(LeadsCall *c);
/* one more customer to compare with, not stored or not findable yet; kept if it ranks among the best */
extern void leads_register_compare(int64 id, const char *name, const LeadsRecord *record, void *call);
/* lock and settle the best one, decide */
extern void leads_register_meet(LeadsCall *c);
/*
 * Look at one of those found as it is at f->now, lapsed but unwritten ownership counted as lapsed; no locks.
 * Fills customer, own, counterpart, shown_name, owner and pool code and action as if it were the best one; false if
 * it is gone.  The first call reads them all: whoever is found is complete by then.
 */
extern bool leads_register_peek(LeadsCall *c, int i);
/* shares of a score: {"core_equal": 3.10, ...} */
extern Jsonb *leads_register_shares(const LeadsMatchScore *score);
extern void leads_register_note_matches(LeadsCall *c);
extern Jsonb *leads_register_matches(LeadsCall *c);
extern const char *leads_register_why(LeadsCall *c);
/* what the match policy does not let the caller be told of whose the customer met (c->own) is; all false for who sees it */
extern LeadsVeil leads_register_veil(LeadsCall *c);
/* may the caller see whose customer it is by name */
extern bool leads_register_sees(LeadsCall *c, int64 owner_id);

/* register_wait.c: registrations that wait for a manager, and those gone on with later */
extern void leads_register_evidence(LeadsCall *c);	/* what the policy wants sent and was not is a reason to reject */
/* does this registration wait for a manager, by the policy that rules now */
extern bool leads_register_needs_approval(LeadsCall *c);
/* the call as it was for a stored attempt: what was sent, its channel, registrant and partner; nothing is looked for */
extern void leads_register_reload(LeadsCall *c, const LeadsAttempt *a);
/* it waits: the customer exists, so that rivals find it */
extern void leads_register_pend(LeadsCall *c);
/* it came by itself for a customer that waits: kept for whoever gets it */
extern void leads_register_keep(LeadsCall *c);
/*
 * A reloaded attempt whose customer (c->customer, c->own) is locked and settled, or that makes one beside the one met
 * (c->customer.id = 0): owner, lead, events, outbox.  The evidence is begun; writes the decision.
 */
extern void leads_register_grant(LeadsCall *c);
/* there is something to decide */
extern void leads_register_tell_judges(LeadsCall *c);
/* inquiries kept meanwhile go on the new lead */
extern void leads_register_take_kept(LeadsCall *c, int64 customer_id);

/* register_contact.c: contacts sent for the customer met, which is in c->own's hands by now; relearn: its keys, at the end */
extern void leads_register_learn(LeadsCall *c);
extern void leads_register_relearn(LeadsCall *c);

/* register_write.c: carry out the action decided */
extern void leads_register_make_customer(LeadsCall *c);
extern void leads_register_name_project(LeadsCall *c);
extern void leads_register_write_event(LeadsCall *c, const char *kind, int64 lead_id, int64 stage, Datum amount);
extern void leads_register_create(LeadsCall *c);
extern void leads_register_write_decision(LeadsCall *c, const char *verdict);
extern void leads_register_act(LeadsCall *c);
extern void leads_register_name_holder(LeadsCall *c, int64 member_id, int64 pool_id);

#endif							/* LEADS_REGISTER_STEPS_H */
