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

typedef struct LeadsFound
{
	int64		customer_id;
	const char *name;
	LeadsMatchScore score;
} LeadsFound;

typedef struct LeadsCall
{
	LeadsFrame	f;
	LeadsInput	in;
	LeadsChannel channel;
	LeadsEvidence evidence;
	const char *scope;
	int32		match_version;
	int32		routing_version;
	int32		protection_version;
	LeadsMatchPolicy match;
	int			ncandidates;
	LeadsFound	found[LEADS_SHOWN + 1]; /* best first */
	int			nfound;
	LeadsRegistration reg;
	/* the customer acted on: met or made */
	LeadsCustomer customer;
	LeadsOwnership own;
	bool		has_own;
	bool		made;
	LeadsAction action;
	const char *shown_name;		/* of the one met, masked if need be */
	const char *owner_code;
	const char *owner_name;
	const char *pool_code;
	const char *pool_name;
} LeadsCall;

/* register_match.c: look for duplicates, meet the best one, say what was found */
extern void leads_register_look(LeadsCall *c);
extern void leads_register_meet(LeadsCall *c);
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
