/*
 * protection_due.c - the judge of deadlines: the arithmetic.
 *
 * Purpose: from anchors, pauses and calendar to an instant.
 * Invariants: values in, values out, no clock; a calendar day is the same time of day on a later date of the
 * business zone; what pauses take away is added, once where they overlap, as working time where a span counts
 * working time; the earliest of "any", the latest of "all"; who is exempt has no deadline
 * but that of an owner who left.
 * Called by: act/deadline, read/deadline, read/verify.
 */
#include "postgres.h"

#include "pgtime.h"
#include "utils/datetime.h"

#include "decide/protection.h"

#define NEVER DT_NOEND

/* local date and time + n days, or the beginning of that day */
static TimestampTz
local_days(TimestampTz at, int32 days, bool midnight, const char *zone)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			tz;
	pg_tz	   *tzone = pg_tzset(zone);
	TimestampTz result;

	if (TIMESTAMP_NOT_FINITE(at))
		return at;
	if (tzone == NULL || timestamp2tm(at, &tz, &tm, &fsec, NULL, tzone) != 0)
		elog(ERROR, "cannot count days in time zone \"%s\"", zone);
	j2date(date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) + days, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	if (midnight)
	{
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		fsec = 0;
	}
	tz = DetermineTimeZoneOffset(&tm, tzone);
	if (tm2timestamp(&tm, fsec, &tz, &result) != 0)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
	return result;
}

TimestampTz
leads_protection_days_after(TimestampTz at, int32 days, const char *zone)
{
	return local_days(at, days, false, zone);
}

TimestampTz
leads_protection_day_start(TimestampTz at, const char *zone)
{
	return local_days(at, 0, true, zone);
}

TimestampTz
leads_protection_span_after(TimestampTz at, LeadsSpan span, const LeadsProtectionFacts *facts)
{
	switch (span.unit)
	{
		case LEADS_DAYS:
			break;
		case LEADS_HOURS:
			return at + span.n * USECS_PER_HOUR;
		case LEADS_WORKING_DAYS:
			return leads_calendar_add_days(facts->calendar, at, span.n);
		case LEADS_WORKING_HOURS:
			return leads_calendar_add(facts->calendar, at, span.n * USECS_PER_HOUR);
	}
	return leads_protection_days_after(at, span.n, facts->zone);
}

/* pauses since the anchor do not count */
static TimestampTz
paused(const LeadsProtectionFacts *facts, LeadsSpan span, TimestampTz anchor, TimestampTz due)
{
	bool		working = span.unit == LEADS_WORKING_DAYS || span.unit == LEADS_WORKING_HOURS;

	return leads_calendar_pause(working ? facts->calendar : NULL, anchor, due, facts->pauses, facts->npauses);
}

TimestampTz
leads_protection_extended(const LeadsProtection *p, const LeadsProtectionFacts *facts, TimestampTz base, int32 days)
{
	LeadsSpan	span = {days, LEADS_DAYS};

	if (p->period.unit == LEADS_WORKING_DAYS || p->period.unit == LEADS_WORKING_HOURS)
		span.unit = LEADS_WORKING_DAYS;
	return leads_protection_span_after(base, span, facts);
}

/* pauses left out; computed anew each time, since a calendar may have changed */
static TimestampTz
base_of(const LeadsProtection *p, const LeadsProtectionFacts *facts)
{
	TimestampTz end;

	if (facts->protect_base != DT_NOBEGIN || p->period.n == 0)
		return facts->protect_base;
	end = leads_protection_span_after(facts->protect_from, p->period, facts);
	return facts->extended_days > 0 ? leads_protection_extended(p, facts, end, facts->extended_days) : end;
}

TimestampTz
leads_protection_end(const LeadsProtection *p, const LeadsProtectionFacts *facts)
{
	TimestampTz base = base_of(p, facts);
	TimestampTz end = base == DT_NOBEGIN ? base : paused(facts, p->period, facts->protect_from, base);

	/* on leave until further notice: nobody knows the end */
	return end == NEVER ? DT_NOBEGIN : end;
}

/* one condition: from where it counts, DT_NOBEGIN = it waits for nothing */
static TimestampTz
anchor_of(const LeadsProtection *p, LeadsTriggerKind kind, const LeadsProtectionFacts *facts)
{
	/* what was taken over, or carried on by a merge, begins with the later of the two */
	TimestampTz since = Max(facts->since, facts->protect_from);

	switch (kind)
	{
		case LEADS_TRIGGER_PROTECTION_END:
			return base_of(p, facts) == DT_NOBEGIN ? DT_NOBEGIN : facts->protect_from;
		case LEADS_TRIGGER_NO_FOLLOWUP:
			/* never followed up counts from the beginning, not as due at once */
			return Max(since, facts->followed_at);
		case LEADS_TRIGGER_NO_FIRST_CONTACT:
			return facts->contacted ? DT_NOBEGIN : since;
		case LEADS_TRIGGER_NO_STAGE_PROGRESS:
			return Max(since, facts->progressed_at);
		case LEADS_TRIGGER_NO_OPPORTUNITY:
			return facts->opportunity ? DT_NOBEGIN : since;
		case LEADS_TRIGGER_NO_DEAL:
			return since;
		case LEADS_TRIGGER_CONTRACT_END:
			/* one that ended before this owner came is as if it ended then */
			return facts->contract_end == DT_NOBEGIN ? DT_NOBEGIN : Max(since, facts->contract_end);
		case LEADS_TRIGGER_OWNER_LEFT:
			return facts->left_at;
		case LEADS_TRIGGER_ANY:
		case LEADS_TRIGGER_ALL:
			break;
	}
	return DT_NOBEGIN;
}

static LeadsAnchor
leaf(const LeadsProtection *p, const LeadsTrigger *t, const LeadsProtectionFacts *facts)
{
	LeadsAnchor a = {t->kind, 0, t->span, anchor_of(p, t->kind, facts), NEVER, NEVER};

	if (a.anchor == DT_NOBEGIN)
		return a;
	switch (t->kind)
	{
		case LEADS_TRIGGER_PROTECTION_END:
			a.span = p->period;
			a.plain = base_of(p, facts);
			a.due = paused(facts, p->period, a.anchor, a.plain);
			break;
		case LEADS_TRIGGER_OWNER_LEFT:
			a.plain = a.due = a.anchor;
			break;
		default:
			a.plain = leads_protection_span_after(a.anchor, t->span, facts);
			a.due = paused(facts, t->span, a.anchor, a.plain);
	}
	return a;
}

typedef struct Looking
{
	const LeadsProtection *p;
	const LeadsProtectionFacts *facts;
	LeadsAnchor *anchors;
	int			n;
} Looking;

/* the instant of one node with all in it; by: the condition that gives it */
static TimestampTz
look(Looking *l, int node, int depth, LeadsTriggerKind *by)
{
	const LeadsTrigger *t = &l->p->triggers[node];
	bool		all = t->kind == LEADS_TRIGGER_ALL;
	TimestampTz due = all ? DT_NOBEGIN : NEVER;
	LeadsTriggerKind inner;
	int			mine = l->n;

	*by = t->kind;
	if (l->anchors)
	{
		LeadsAnchor a = {t->kind, depth, t->span, DT_NOBEGIN, NEVER, NEVER};

		l->anchors[l->n++] = a;
	}
	if (t->kind != LEADS_TRIGGER_ANY && t->kind != LEADS_TRIGGER_ALL)
	{
		LeadsAnchor a = leaf(l->p, t, l->facts);

		a.depth = depth;
		if (l->anchors)
			l->anchors[mine] = a;
		return a.due;
	}
	for (int i = node + 1; i < node + t->size; i += l->p->triggers[i].size)
	{
		TimestampTz at = look(l, i, depth + 1, &inner);

		if (all ? at > due : at < due)
		{
			due = at;
			*by = inner;
		}
	}
	if (l->anchors)
		l->anchors[mine].due = due;
	return due;
}

/* the deadline of the conditions, and that of an owner who left; each NEVER if there is none */
static void
both(const LeadsProtection *p, const LeadsProtectionFacts *facts, TimestampTz *due, TimestampTz *left,
	 LeadsTriggerKind *by, LeadsAnchor *anchors, int *nanchors)
{
	Looking		l = {p, facts, anchors, 0};

	*by = LEADS_TRIGGER_ANY;
	*due = p->ntriggers > 0 ? look(&l, 0, 0, by) : NEVER;
	if (facts->exempt || facts->stage_reached)
		*due = NEVER;
	*left = p->owner_left && facts->left_at != DT_NOBEGIN ? facts->left_at : NEVER;
	if (nanchors)
		*nanchors = l.n;
}

static LeadsDeadline
answer(const LeadsProtection *p, const LeadsProtectionFacts *facts, TimestampTz due, TimestampTz left, LeadsTriggerKind by)
{
	LeadsDeadline d;

	d.protected_until = leads_protection_end(p, facts);
	d.due_by = NULL;
	if (left < due)
	{
		due = left;
		by = LEADS_TRIGGER_OWNER_LEFT;
	}
	d.next_due_at = due == NEVER ? DT_NOBEGIN : due;
	if (due != NEVER)
		d.due_by = leads_trigger_name(by);
	d.remind_at = leads_protection_notice(p, d.next_due_at, Max(facts->since, facts->protect_from), facts->zone, NULL);
	return d;
}

LeadsDeadline
leads_protection_due(const LeadsProtection *p, const LeadsProtectionFacts *facts, LeadsAnchor *anchors, int *nanchors)
{
	TimestampTz due;
	TimestampTz left;
	LeadsTriggerKind by;

	both(p, facts, &due, &left, &by, anchors, nanchors);
	return answer(p, facts, due, left, by);
}

LeadsDeadline
leads_protection_move(const LeadsProtection *p, const LeadsProtectionFacts *facts, TimestampTz old_due, TimestampTz now)
{
	LeadsDeadline d;
	TimestampTz floor = leads_protection_days_after(now, p->grace_days, facts->zone);
	TimestampTz due;
	TimestampTz left;
	LeadsTriggerKind by;

	both(p, facts, &due, &left, &by, NULL, NULL);
	/* what stood nearer already was no surprise: it is neither postponed nor brought forward */
	if (old_due != DT_NOBEGIN && old_due < floor)
		floor = old_due;
	if (due < floor)
		due = floor;
	/* who has left has no right to a grace, but what is done is done */
	if (left < now)
		left = now;
	d = answer(p, facts, due, left, by);
	/* "protected until" is a promise to the owner: it is never before the lapse it stands for */
	if (due == floor && d.protected_until != DT_NOBEGIN && d.protected_until < floor)
		d.protected_until = floor;
	return d;
}

LeadsDeadline
leads_protection_hold(const LeadsProtection *p, const LeadsProtectionFacts *facts, LeadsDeadline d)
{
	TimestampTz due = d.next_due_at;

	if (due == DT_NOBEGIN || strcmp(d.due_by, leads_trigger_name(LEADS_TRIGGER_PROTECTION_END)) != 0 || p->hold_hours == 0)
		return d;
	d.next_due_at = leads_calendar_add(facts->calendar, due, p->hold_hours * USECS_PER_HOUR);
	d.next_due_at = leads_calendar_pause(facts->calendar, due, d.next_due_at, facts->pauses, facts->npauses);
	/* nothing is held for an owner who has left */
	if (p->owner_left && facts->left_at != DT_NOBEGIN && facts->left_at < d.next_due_at)
	{
		d.next_due_at = Max(due, facts->left_at);
		d.due_by = leads_trigger_name(LEADS_TRIGGER_OWNER_LEFT);
	}
	d.remind_at = leads_protection_notice(p, d.next_due_at, Max(facts->since, facts->protect_from), facts->zone, NULL);
	return d;
}

/* days or hours on, or back */
static TimestampTz
notice_span(TimestampTz at, LeadsSpan span, int sign, const char *zone)
{
	if (span.unit == LEADS_HOURS)
		return at + sign * span.n * USECS_PER_HOUR;
	return leads_protection_days_after(at, sign * span.n, zone);
}

TimestampTz
leads_protection_refused(const LeadsProtection *p, TimestampTz due, TimestampTz now, const char *zone)
{
	return due == DT_NOBEGIN ? due : Max(due, p->min_notice.n > 0 ? notice_span(now, p->min_notice, 1, zone) : now);
}

TimestampTz
leads_protection_notice_at(const LeadsProtection *p, int notice, TimestampTz due, const char *zone)
{
	return notice_span(due, p->notices[notice], -1, zone);
}

TimestampTz
leads_protection_release(const LeadsProtection *p, TimestampTz due, const char *due_by, TimestampTz noticed_at, const char *zone)
{
	if (p->min_notice.n == 0 || due == DT_NOBEGIN ||
		(due_by && strcmp(due_by, leads_trigger_name(LEADS_TRIGGER_OWNER_LEFT)) == 0))
		return due;
	return noticed_at == DT_NOBEGIN ? NEVER : Max(due, notice_span(noticed_at, p->min_notice, 1, zone));
}

/* a period shorter than the notice has none: the owner has just been told */
TimestampTz
leads_protection_notice(const LeadsProtection *p, TimestampTz due, TimestampTz after, const char *zone, int *offset)
{
	if (due == DT_NOBEGIN)
		return DT_NOBEGIN;
	for (int i = 0; i < p->nnotices; i++)
	{
		TimestampTz at = leads_protection_notice_at(p, i, due, zone);

		if (at > after)
		{
			if (offset)
				*offset = i;
			return at;
		}
	}
	return DT_NOBEGIN;
}
