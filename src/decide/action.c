/*
 * action.c - the judge of what a found duplicate means: outcome by channel, band and state.
 *
 * Purpose: spec section 4, "Action", as one table, so that it can be read and
 * tested exhaustively.
 * Invariants: an inbound channel never blocks, queues or offers, because what a
 * customer sends is never discarded; a weak match never takes a customer from
 * anybody; PostgreSQL-free.
 * Called by: act/register.
 */
#include <string.h>

#include "decide/action.h"

#define STRONG 1				/* likely or certain */
#define WEAK 2					/* possible */
#define ANY (STRONG | WEAK)

typedef struct Rule
{
	bool		inbound;
	int			bands;
	LeadsCounterpart state;
	LeadsOutcome outcome;
	const char *code;
} Rule;

static const Rule rules[] = {
	/* reps and partners */
	{false, STRONG, LEADS_IS_OWN, LEADS_ATTACHED, "register.attached_own"},
	/* nobody's right is hurt, and a company that only looks like one's own must not be lost in it */
	{false, WEAK, LEADS_IS_OWN, LEADS_CREATED, "register.created"},
	{false, STRONG, LEADS_IS_OTHERS, LEADS_BLOCKED, "register.blocked"},
	{false, WEAK, LEADS_IS_OTHERS, LEADS_QUEUED, "register.queued_possible"},
	{false, ANY, LEADS_IS_POOLED, LEADS_OFFERED, "register.offered"},
	{false, ANY, LEADS_IS_POOLED_ELSEWHERE, LEADS_QUEUED, "register.queued_pool"},
	{false, STRONG, LEADS_IS_NOBODYS, LEADS_CREATED, "register.created_scope"},
	{false, WEAK, LEADS_IS_NOBODYS, LEADS_CREATED, "register.created"},
	/* who comes second waits behind who came first (section 6) */
	{false, STRONG, LEADS_IS_PENDING, LEADS_QUEUED, "register.queued_contender"},
	{false, WEAK, LEADS_IS_PENDING, LEADS_QUEUED, "register.queued_possible"},
	{false, STRONG, LEADS_IS_PENDING_OWN, LEADS_ATTACHED, "register.attached_pending"},
	{false, WEAK, LEADS_IS_PENDING_OWN, LEADS_CREATED, "register.created"},
	/* what the customer sent by itself: a weak match is a customer of its own, with a note */
	{true, STRONG, LEADS_IS_OWN, LEADS_ATTACHED, "register.attached_inbound"},
	{true, STRONG, LEADS_IS_OTHERS, LEADS_ATTACHED, "register.attached_inbound"},
	{true, STRONG, LEADS_IS_POOLED, LEADS_CREATED, "register.created_from_pool"},
	{true, STRONG, LEADS_IS_POOLED_ELSEWHERE, LEADS_CREATED, "register.created_from_pool"},
	{true, STRONG, LEADS_IS_NOBODYS, LEADS_CREATED, "register.created_scope"},
	/* it will be the lead's of whoever gets the customer */
	{true, STRONG, LEADS_IS_PENDING, LEADS_ATTACHED, "register.attached_waiting"},
	{true, STRONG, LEADS_IS_PENDING_OWN, LEADS_ATTACHED, "register.attached_waiting"},
	{true, WEAK, LEADS_IS_PENDING, LEADS_CREATED, "register.created"},
	{true, WEAK, LEADS_IS_PENDING_OWN, LEADS_CREATED, "register.created"},
	{true, WEAK, LEADS_IS_OWN, LEADS_CREATED, "register.created"},
	{true, WEAK, LEADS_IS_OTHERS, LEADS_CREATED, "register.created"},
	{true, WEAK, LEADS_IS_POOLED, LEADS_CREATED, "register.created"},
	{true, WEAK, LEADS_IS_POOLED_ELSEWHERE, LEADS_CREATED, "register.created"},
	{true, WEAK, LEADS_IS_NOBODYS, LEADS_CREATED, "register.created"},
};

static LeadsAction
meet(const LeadsActionInput *in)
{
	LeadsAction a = {LEADS_CREATED, "register.created", true};
	int			band = in->band == LEADS_BAND_POSSIBLE ? WEAK : STRONG;
	bool		pooled = in->state == LEADS_IS_POOLED || in->state == LEADS_IS_POOLED_ELSEWHERE;

	if (in->band == LEADS_BAND_NEW)
		return a;
	/* lost or won long ago, nobody's since: it comes back */
	if (pooled && in->closed && band == STRONG)
	{
		if (in->inbound || in->unowned_days >= in->returning_days)
		{
			a.outcome = LEADS_RETURNING;
			a.code = "register.returning";
			return a;
		}
		a.outcome = LEADS_QUEUED;
		a.code = "register.queued_closed";
		return a;
	}
	for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].inbound == in->inbound && (rules[i].bands & band) && rules[i].state == in->state)
		{
			a.outcome = rules[i].outcome;
			a.code = rules[i].code;
			return a;
		}
	return a;
}

LeadsAction
leads_action_decide(const LeadsActionInput *in)
{
	LeadsAction a = meet(in);

	a.beside = strcmp(a.code, "register.created") == 0;
	if (in->band != LEADS_BAND_NEW && in->state == LEADS_IS_PENDING && !in->queue &&
		strcmp(a.code, "register.queued_contender") == 0)
	{
		a.outcome = LEADS_BLOCKED;
		a.code = "register.blocked_pending";
	}
	if (!in->approval)
		return a;
	/* where registrations are approved, one's own protection is prolonged, not registered again (LD042) */
	if (a.outcome == LEADS_ATTACHED && in->state == LEADS_IS_OWN && in->protected)
	{
		a.outcome = LEADS_REJECTED;
		a.code = "LD042";
	}
	else if (a.outcome == LEADS_CREATED || a.outcome == LEADS_RETURNING)
	{
		a.outcome = LEADS_PENDING;
		a.code = "register.pending";
	}
	return a;
}

const char *
leads_outcome_name(LeadsOutcome outcome)
{
	static const char *const names[] = {
		"created", "attached", "returning", "offered", "queued", "blocked", "rejected", "pending"
	};

	return names[outcome];
}

const char *
leads_band_name(LeadsBand band)
{
	static const char *const names[] = {"new", "possible", "likely", "certain"};

	return names[band];
}
