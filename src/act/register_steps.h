/*
 * register_steps.h - private to act/register: one call on its way through the corridor.
 */
#ifndef LEADS_REGISTER_STEPS_H
#define LEADS_REGISTER_STEPS_H

#include "act/corridor.h"
#include "act/register_input.h"
#include "decide/action.h"
#include "decide/match_policy.h"
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
	LeadsEvidence evidence;
	const char *scope;
	int32		match_version;
	int32		routing_version;
	int32		protection_version;
	LeadsMatchPolicy match;
	int			ncandidates;
	LeadsFound	found[LEADS_CANDIDATES + 1];	/* best first */
	int			nfound;
	int			most;			/* as many as are wanted of them */
	int64		self_id;		/* a customer that is compared with the others, 0 = none */
	bool		advisory;		/* check_duplicate, matches: no locks, nothing is decided */
	bool		withheld;		/* over the quota: what was met is not shown */
	LeadsRegistration reg;
	/* the customer acted on: met or made */
	LeadsCustomer customer;
	LeadsOwnership own;
	bool		has_own;
	bool		made;			/* by this call */
	int64		settled_id;		/* whose lapse was written on the way, 0 = nobody's */
	LeadsCounterpart counterpart;	/* in whose hands the one met is */
	LeadsAction action;
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
extern void leads_register_look(LeadsCall *c);
/* one more customer to compare with, not stored or not findable yet; kept if it ranks among the best */
extern void leads_register_compare(int64 id, const char *name, const LeadsRecord *record, void *call);
/* lock and settle the best one, decide */
extern void leads_register_meet(LeadsCall *c);
/*
 * Look at one of those found as it is at f->now, lapsed but unwritten ownership counted as lapsed; no locks.
 * Fills customer, own, counterpart, shown_name and action as if it were the best one; false if it is gone.
 */
extern bool leads_register_peek(LeadsCall *c, int i);
/* shares of a score: {"core_equal": 3.10, ...} */
extern Jsonb *leads_register_shares(const LeadsMatchScore *score);
extern void leads_register_note_matches(LeadsCall *c);
extern Jsonb *leads_register_matches(LeadsCall *c);
extern const char *leads_register_why(LeadsCall *c);
/* may the caller see whose customer it is by name */
extern bool leads_register_sees(LeadsCall *c, int64 owner_id);

/* register_write.c: carry out the action decided */
extern void leads_register_write_decision(LeadsCall *c, const char *verdict);
extern void leads_register_act(LeadsCall *c);
extern void leads_register_name_holder(LeadsCall *c, int64 member_id, int64 pool_id);

#endif							/* LEADS_REGISTER_STEPS_H */
