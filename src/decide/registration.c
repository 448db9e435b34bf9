/*
 * registration.c - the judge of what may become of a registration: the state machine of 报备.
 *
 * Purpose: spec section 6 as one table of states and events, so that it can be read
 * and tested whole.
 * Invariants: a terminal state has no way out; what is not in the table is refused;
 * the table says who else is touched: the owner to be made, the queue behind.
 * Called by: act/register, act/contest.
 */
#include "core/leads.h"

#include "decide/registration.h"

typedef struct Way
{
	LeadsAttemptState from;
	LeadsAttemptEvent event;
	LeadsAttemptState to;
	int			actions;
} Way;

#define GRANT LEADS_ATTEMPT_GRANT
#define CLOSE LEADS_ATTEMPT_CLOSE_QUEUE
#define PROMOTE LEADS_ATTEMPT_PROMOTE

static const Way ways[] = {
	{LEADS_ATTEMPT_SUBMITTED, LEADS_ATTEMPT_BLOCK, LEADS_ATTEMPT_BLOCKED, 0},
	{LEADS_ATTEMPT_SUBMITTED, LEADS_ATTEMPT_QUEUE, LEADS_ATTEMPT_QUEUED, 0},
	{LEADS_ATTEMPT_SUBMITTED, LEADS_ATTEMPT_OFFER, LEADS_ATTEMPT_OFFERED, 0},
	{LEADS_ATTEMPT_SUBMITTED, LEADS_ATTEMPT_ATTACH, LEADS_ATTEMPT_ATTACHED, 0},
	{LEADS_ATTEMPT_SUBMITTED, LEADS_ATTEMPT_RETURN, LEADS_ATTEMPT_RETURNING, GRANT},
	{LEADS_ATTEMPT_SUBMITTED, LEADS_ATTEMPT_WAIT, LEADS_ATTEMPT_PENDING, 0},
	{LEADS_ATTEMPT_SUBMITTED, LEADS_ATTEMPT_APPROVE, LEADS_ATTEMPT_APPROVED, GRANT},
	{LEADS_ATTEMPT_SUBMITTED, LEADS_ATTEMPT_REJECT, LEADS_ATTEMPT_REJECTED, 0},
	{LEADS_ATTEMPT_PENDING, LEADS_ATTEMPT_APPROVE, LEADS_ATTEMPT_APPROVED, GRANT | CLOSE},
	{LEADS_ATTEMPT_PENDING, LEADS_ATTEMPT_REJECT, LEADS_ATTEMPT_REJECTED, PROMOTE},
	{LEADS_ATTEMPT_PENDING, LEADS_ATTEMPT_WITHDRAW, LEADS_ATTEMPT_WITHDRAWN, PROMOTE},
	{LEADS_ATTEMPT_QUEUED, LEADS_ATTEMPT_WAIT, LEADS_ATTEMPT_PENDING, 0},
	{LEADS_ATTEMPT_QUEUED, LEADS_ATTEMPT_APPROVE, LEADS_ATTEMPT_APPROVED, GRANT | CLOSE},
	{LEADS_ATTEMPT_QUEUED, LEADS_ATTEMPT_BLOCK, LEADS_ATTEMPT_BLOCKED, 0},
	{LEADS_ATTEMPT_QUEUED, LEADS_ATTEMPT_WITHDRAW, LEADS_ATTEMPT_WITHDRAWN, 0},
	{LEADS_ATTEMPT_APPROVED, LEADS_ATTEMPT_SUPERSEDE, LEADS_ATTEMPT_SUPERSEDED, 0},
};

static const char *const names[LEADS_ATTEMPT_STATES] = {
	"submitted", "blocked", "queued", "offered", "attached", "returning", "pending", "approved", "rejected",
	"withdrawn", "superseded"
};

LeadsAttemptStep
leads_attempt_step(LeadsAttemptState state, LeadsAttemptEvent event)
{
	LeadsAttemptStep refused = {false, state, 0};

	for (int i = 0; i < lengthof(ways); i++)
		if (ways[i].from == state && ways[i].event == event)
			return (LeadsAttemptStep) {true, ways[i].to, ways[i].actions};
	return refused;
}

const char *
leads_attempt_name(LeadsAttemptState state)
{
	return names[state];
}

bool
leads_attempt_state(const char *name, LeadsAttemptState *state)
{
	for (int i = 0; i < LEADS_ATTEMPT_STATES; i++)
		if (strcmp(names[i], name) == 0)
		{
			*state = i;
			return true;
		}
	return false;
}

const char *
leads_attempt_next(LeadsAttemptState state)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < lengthof(ways); i++)
		if (ways[i].from == state)
			appendStringInfo(&buf, "%s%s", buf.len ? ", " : "", names[ways[i].to]);
	return buf.len ? buf.data : NULL;
}
