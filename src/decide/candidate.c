/*
 * candidate.c - the judge of candidates.
 *
 * Purpose: say of one member whether it may receive a customer at this instant and,
 * if not, which check is the first that fails; say which of two goes first.
 * Invariants: values in, verdict out, no SPI; the order of the checks is that of the
 * verdicts; limits are half-open: at its cap a member is full.
 * Called by: act/route_seats, act/route, act/backtest.
 */
#include "core/leads.h"

#include "decide/candidate.h"

const char *
leads_candidate_lacks(const LeadsSeat *s, const LeadsWanted *w)
{
	for (int i = 0; i < w->nskills; i++)
	{
		bool		has = false;

		for (int k = 0; k < s->nskills && !has; k++)
			has = strcmp(s->skills[k], w->skills[i]) == 0;
		if (!has)
			return w->skills[i];
	}
	return NULL;
}

LeadsSeatVerdict
leads_candidate_present(const LeadsSeat *s, const LeadsWanted *w)
{
	if (!s->active)
		return LEADS_SEAT_INACTIVE;
	if (s->left_at != LEADS_NO_TIME && s->left_at <= w->now)
		return LEADS_SEAT_LEFT;
	/* who registers or holds it is at work, whatever its calendar says */
	if (s->leave && !w->keeps && !w->own_wish)
		return LEADS_SEAT_LEAVE;
	if (leads_candidate_lacks(s, w))
		return LEADS_SEAT_SKILL;
	if (s->member_id == w->exclude_id)
		return LEADS_SEAT_PREVIOUS;
	return LEADS_SEAT_FITS;
}

bool
leads_candidate_limited(const LeadsSeat *s, const LeadsWanted *w)
{
	if (w->keeps)
		return false;
	return s->cap >= 0 || (!w->own_wish && (s->daily_cap >= 0 || w->rule_cap >= 0));
}

LeadsSeatVerdict
leads_candidate_judge(const LeadsSeat *s, const LeadsWanted *w)
{
	LeadsSeatVerdict v = leads_candidate_present(s, w);

	if (v != LEADS_SEAT_FITS || w->keeps)
		return v;
	if (s->cap >= 0 && s->held >= s->cap)
		return LEADS_SEAT_FULL;
	if (w->own_wish)
		return LEADS_SEAT_FITS;
	if (s->daily_cap >= 0 && s->given >= s->daily_cap)
		return LEADS_SEAT_DAY_FULL;
	if (w->rule_cap >= 0 && s->rule_given >= w->rule_cap)
		return LEADS_SEAT_RULE_FULL;
	return LEADS_SEAT_FITS;
}

bool
leads_candidate_lighter(const LeadsSeat *a, const LeadsSeat *b)
{
	/* held / weight, without a division; a weight below 1 is none */
	int64		x = a->held * Max(b->weight, 1);
	int64		y = b->held * Max(a->weight, 1);

	if (x != y)
		return x < y;
	/* never assigned is DT_NOBEGIN: before every instant */
	if (a->last_assigned_at != b->last_assigned_at)
		return a->last_assigned_at < b->last_assigned_at;
	if (a->position != b->position)
		return a->position < b->position;
	return a->member_id < b->member_id;
}
