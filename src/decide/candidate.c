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

#include "pgtime.h"
#include "utils/datetime.h"

#include "decide/candidate.h"

#define MINUTES_A_DAY 1440
#define MINUTES_A_WEEK (7 * MINUTES_A_DAY)

/* one slot: days, from, to; adds one for each day */
static int
add_slots(const char *text, LeadsSlot *out)
{
	int			first,
				last,
				h1,
				m1,
				h2,
				m2;
	int			n = 0;

	if (sscanf(text, "%1d-%1d %2d:%2d-%2d:%2d", &first, &last, &h1, &m1, &h2, &m2) != 6)
	{
		if (sscanf(text, "%1d %2d:%2d-%2d:%2d", &first, &h1, &m1, &h2, &m2) != 5)
			return 0;
		last = first;
	}
	if (first < 1 || first > 7 || last < 1 || last > 7)
		return 0;
	/* 6-1 is Saturday to Monday; what ends before it begins ends on the next day */
	for (int day = first;; day = day % 7 + 1)
	{
		int			from = (day - 1) * MINUTES_A_DAY + h1 * 60 + m1;
		int			to = (day - 1) * MINUTES_A_DAY + h2 * 60 + m2;

		if (to <= from)
			to += MINUTES_A_DAY;
		out[n++] = (LeadsSlot) {from, to};
		if (day == last)
			return n;
	}
}

int
leads_candidate_slots(const char *hours, LeadsSlot **slots)
{
	int			parts = 1;
	int			n = 0;

	for (const char *c = hours; *c; c++)
		parts += *c == ',';
	*slots = palloc(sizeof(LeadsSlot) * 7 * parts);
	for (const char *c = hours; c; c = strchr(c, ',') ? strchr(c, ',') + 1 : NULL)
		n += add_slots(c, *slots + n);
	return n;
}

int
leads_candidate_minute(TimestampTz at, const char *zone)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			tz;
	pg_tz	   *tzone = pg_tzset(zone);

	if (TIMESTAMP_NOT_FINITE(at) || tzone == NULL || timestamp2tm(at, &tz, &tm, &fsec, NULL, tzone) != 0)
		elog(ERROR, "no time of the week in time zone \"%s\"", zone);
	/* j2day counts from Sunday */
	return (j2day(date2j(tm.tm_year, tm.tm_mon, tm.tm_mday)) + 6) % 7 * MINUTES_A_DAY + tm.tm_hour * 60 + tm.tm_min;
}

/* its own slots, but for holidays; who has none works when the company does */
static bool
at_work(const LeadsSeat *s, const LeadsWanted *w)
{
	if (s->hours == NULL)
		return w->open;
	for (int i = 0; i < s->nslots && !w->holiday; i++)
		if ((w->minute >= s->slots[i].from && w->minute < s->slots[i].to) ||
			(w->minute + MINUTES_A_WEEK >= s->slots[i].from && w->minute + MINUTES_A_WEEK < s->slots[i].to))
			return true;
	return false;
}

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
	if (w->minute >= 0 && !w->keeps && !w->own_wish && !at_work(s, w))
		return LEADS_SEAT_HOURS;
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
	/* load / weight, without a division; a weight below 1 is none */
	int64		x = a->load * Max(b->weight, 1);
	int64		y = b->load * Max(a->weight, 1);

	if (x != y)
		return x < y;
	/* never assigned is DT_NOBEGIN: before every instant */
	if (a->last_assigned_at != b->last_assigned_at)
		return a->last_assigned_at < b->last_assigned_at;
	if (a->position != b->position)
		return a->position < b->position;
	return a->member_id < b->member_id;
}
