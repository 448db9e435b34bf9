/*
 * action.h - the judge of what a found duplicate means: outcome by channel, band and state.
 *
 * Values in, decision out; never SPI.
 */
#ifndef LEADS_ACTION_H
#define LEADS_ACTION_H

#include <stdbool.h>

#include "lib/identity.h"

/* in whose hands the counterpart is, seen from the caller */
typedef enum LeadsCounterpart
{
	LEADS_IS_NOBODYS,			/* no ownership in this scope yet */
	LEADS_IS_OWN,
	LEADS_IS_OTHERS,
	LEADS_IS_POOLED,			/* in a pool the caller may claim from */
	LEADS_IS_POOLED_ELSEWHERE,	/* in a pool closed to the caller */
	LEADS_IS_PENDING,			/* nobody's yet: another's registration waits for approval */
	LEADS_IS_PENDING_OWN		/* the caller's own registration does */
} LeadsCounterpart;

typedef enum LeadsOutcome
{
	LEADS_CREATED, LEADS_ATTACHED, LEADS_RETURNING, LEADS_OFFERED, LEADS_QUEUED, LEADS_BLOCKED, LEADS_REJECTED,
	LEADS_PENDING
} LeadsOutcome;

typedef struct LeadsActionInput
{
	bool		inbound;		/* the channel: such a one never blocks */
	LeadsBand	band;			/* of the best match; NEW = nothing found */
	LeadsCounterpart state;
	bool		closed;			/* has leads, and all are won or lost */
	int			unowned_days;	/* full days in the pool */
	bool		approval;		/* a registration of this one waits for a manager before it counts */
	bool		queue;			/* policy: who comes second waits; false: is blocked */
	bool		protected;		/* OWN: the protection of the scope stands */
	int			returning_days; /* policy: from then on a closed customer comes back as new */
} LeadsActionInput;

typedef struct LeadsAction
{
	LeadsOutcome outcome;
	const char *code;			/* message code of the reason */
	bool		beside;			/* not the one met: a customer of its own */
} LeadsAction;

extern LeadsAction leads_action_decide(const LeadsActionInput *in);
extern const char *leads_outcome_name(LeadsOutcome outcome);
extern const char *leads_band_name(LeadsBand band);

#endif							/* LEADS_ACTION_H */
