/*-------------------------------------------------------------------------
 *
 * calendar.c
 *		Working time in closed form.
 *
 * Purpose: add working time or working days to an instant, measure it between two,
 * leave pauses out.
 * Invariants: adding and measuring are inverse; work up to a date is weeks times
 * the work of a week plus what the exceptional dates before it change, so a cost
 * is that of a search among the exceptions, whatever the span; a date on which
 * the clocks change inside a slot is an exceptional date like any other.
 * Called by: decide/calendar, decide/protection.
 *
 *-------------------------------------------------------------------------
 */
#include "calendar.h"

#include <stdlib.h>
#include <string.h>

static int32_t
weekday(int32_t date)
{
	int32_t		w = (date + 6) % 7;

	return w < 0 ? w + 7 : w;
}

static int32_t
floor_div(int32_t a, int32_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/* the first exceptional date not before this one */
static int
first_day(const LeadsCalendar *c, int32_t date)
{
	int			lo = 0;
	int			hi = c->ndays;

	while (lo < hi)
	{
		int			mid = lo + (hi - lo) / 2;

		if (c->days[mid].date < date)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* the slots of a date */
static const LeadsCalSlot *
slots_of(const LeadsCalendar *c, int32_t date, int *n)
{
	int			i = first_day(c, date);
	int32_t		like = i < c->ndays && c->days[i].date == date ? c->days[i].like : weekday(date);

	if (like < 0)
	{
		*n = 0;
		return c->slots;
	}
	*n = c->first_slot[like + 1] - c->first_slot[like];
	return c->slots + c->first_slot[like];
}

static int64_t
instant(const LeadsCalendar *c, int32_t date, int64_t time_of_day)
{
	return c->zone.to_instant(c->zone.arg, date + (int32_t) (time_of_day / LEADS_CAL_DAY), time_of_day % LEADS_CAL_DAY);
}

/* as the clocks really run */
static int64_t
work_of(const LeadsCalendar *c, int32_t date)
{
	int			n;
	const LeadsCalSlot *s = slots_of(c, date, &n);
	int64_t		sum = 0;

	for (int i = 0; i < n; i++)
		sum += instant(c, date, s[i].to) - instant(c, date, s[i].from);
	return sum;
}

/* what comes before a date: of the exceptions, those up to the last one before it */
static int64_t
work_before(const LeadsCalendar *c, int32_t date)
{
	int32_t		weeks = floor_div(date, 7);
	int			i = first_day(c, date);
	int64_t		sum = weeks * c->week;

	for (int32_t d = weeks * 7; d < date; d++)
		sum += c->base[weekday(d)];
	if (i > 0)
		sum += c->days[i - 1].extra_before + c->days[i - 1].work - c->base[weekday(c->days[i - 1].date)];
	return sum;
}

static int32_t
days_before(const LeadsCalendar *c, int32_t date)
{
	int32_t		weeks = floor_div(date, 7);
	int			i = first_day(c, date);
	int32_t		sum = weeks * c->week_days;

	for (int32_t d = weeks * 7; d < date; d++)
		sum += c->base[weekday(d)] > 0;
	if (i > 0)
		sum += c->days[i - 1].days_before + (c->days[i - 1].work > 0) - (c->base[weekday(c->days[i - 1].date)] > 0);
	return sum;
}

/* the last date before which there is less than so much */
static int32_t
date_of_work(const LeadsCalendar *c, int32_t from, int64_t work)
{
	int32_t		lo = from;
	int32_t		hi;
	int32_t		step = 8;

	while (work_before(c, lo) >= work)
		lo -= 7;
	for (hi = lo + step; work_before(c, hi) < work; hi += step)
	{
		lo = hi;
		step *= 2;
	}
	while (hi - lo > 1)
	{
		int32_t		mid = lo + (hi - lo) / 2;

		if (work_before(c, mid) < work)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* the n-th working date after one, n > 0 */
static int32_t
date_of_day(const LeadsCalendar *c, int32_t from, int32_t n)
{
	int32_t		wanted = days_before(c, from + 1) + n;
	int32_t		lo = from + 1;
	int32_t		hi;
	int32_t		step = 8;

	for (hi = lo + step; days_before(c, hi) < wanted; hi += step)
	{
		lo = hi;
		step *= 2;
	}
	while (hi - lo > 1)
	{
		int32_t		mid = lo + (hi - lo) / 2;

		if (days_before(c, mid) < wanted)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* all work up to an instant, counted from the calendar's own zero */
static int64_t
work_until(const LeadsCalendar *c, int64_t at)
{
	int32_t		date;
	int64_t		time_of_day;
	int64_t		sum;

	c->zone.to_local(c->zone.arg, at, &date, &time_of_day);
	sum = work_before(c, date - 1);
	for (int32_t d = date - 1; d <= date; d++)
	{
		int			n;
		const LeadsCalSlot *s = slots_of(c, d, &n);

		for (int i = 0; i < n; i++)
		{
			int64_t		from = instant(c, d, s[i].from);
			int64_t		to = instant(c, d, s[i].to);

			if (at > from)
				sum += (at < to ? at : to) - from;
		}
	}
	return sum;
}

/* the slot that holds an instant, else the next one: its date and bounds */
static void
slot_at(const LeadsCalendar *c, int64_t at, int32_t *date, int64_t *from, int64_t *to)
{
	int64_t		time_of_day;
	int32_t		local;
	int32_t		d;

	c->zone.to_local(c->zone.arg, at, &local, &time_of_day);
	for (d = local - 1;; d = d <= local ? d + 1 : date_of_day(c, d, 1))
	{
		int			n;
		const LeadsCalSlot *s = slots_of(c, d, &n);

		for (int i = 0; i < n; i++)
		{
			*from = instant(c, d, s[i].from);
			*to = instant(c, d, s[i].to);
			*date = d;
			if (*to > at && *to > *from)
				return;
		}
	}
}

int64_t
leads_calendar_next(const LeadsCalendar *c, int64_t at)
{
	int32_t		date;
	int64_t		from;
	int64_t		to;

	slot_at(c, at, &date, &from, &to);
	return at > from ? at : from;
}

int64_t
leads_calendar_add(const LeadsCalendar *c, int64_t at, int64_t work)
{
	int32_t		date;
	int64_t		time_of_day;
	int64_t		sum;
	int			n;
	const LeadsCalSlot *s;

	if (work <= 0)
		return leads_calendar_next(c, at);
	c->zone.to_local(c->zone.arg, at, &date, &time_of_day);
	work += work_until(c, at);
	date = date_of_work(c, date, work);
	sum = work_before(c, date);
	s = slots_of(c, date, &n);
	for (int i = 0; i < n; i++)
	{
		int64_t		from = instant(c, date, s[i].from);
		int64_t		length = instant(c, date, s[i].to) - from;

		if (work <= sum + length)
			return from + (work - sum);
		sum += length;
	}
	return at;					/* cannot be: the date has the rest */
}

int64_t
leads_calendar_between(const LeadsCalendar *c, int64_t a, int64_t b)
{
	return a < b ? work_until(c, b) - work_until(c, a) : 0;
}

int64_t
leads_calendar_add_days(const LeadsCalendar *c, int64_t at, int32_t n)
{
	int32_t		date;
	int32_t		local;
	int64_t		time_of_day;
	int64_t		from;
	int64_t		to;

	slot_at(c, at, &date, &from, &to);
	if (at < from)
		at = from;
	if (n <= 0)
		return at;
	c->zone.to_local(c->zone.arg, at, &local, &time_of_day);
	return instant(c, date_of_day(c, date, n), time_of_day + (local - date) * LEADS_CAL_DAY);
}

/* ---------------------------------------------------------------- pauses */

static int
by_since(const void *a, const void *b)
{
	const LeadsCalRange *x = a;
	const LeadsCalRange *y = b;

	return x->since < y->since ? -1 : x->since > y->since;
}

int
leads_calendar_union(LeadsCalRange *ranges, int n)
{
	int			out = 0;

	if (n > 1)
		qsort(ranges, (size_t) n, sizeof(LeadsCalRange), by_since);
	for (int i = 0; i < n; i++)
	{
		if (ranges[i].until <= ranges[i].since)
			continue;
		if (out > 0 && ranges[i].since <= ranges[out - 1].until)
		{
			if (ranges[i].until > ranges[out - 1].until)
				ranges[out - 1].until = ranges[i].until;
		}
		else
			ranges[out++] = ranges[i];
	}
	return out;
}

int64_t
leads_calendar_pause(const LeadsCalendar *working, int64_t since, int64_t due, const LeadsCalRange *ranges, int n)
{
	for (int i = 0; i < n && ranges[i].since < due; i++)
	{
		int64_t		from = ranges[i].since > since ? ranges[i].since : since;
		int64_t		lost;

		if (ranges[i].until <= from)
			continue;
		/* nobody knows until when */
		if (ranges[i].until == INT64_MAX)
			return INT64_MAX;
		if (working == NULL)
			due += ranges[i].until - from;
		else if ((lost = leads_calendar_between(working, from, ranges[i].until)) > 0)
			due = leads_calendar_add(working, due, lost);
	}
	return due;
}

/* ---------------------------------------------------------------- the build */

static int
by_weekday(const void *a, const void *b)
{
	const LeadsCalSlot *x = a;
	const LeadsCalSlot *y = b;

	if (x->weekday != y->weekday)
		return x->weekday < y->weekday ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

static int
by_date(const void *a, const void *b)
{
	const LeadsCalDay *x = a;
	const LeadsCalDay *y = b;

	return x->date < y->date ? -1 : x->date > y->date;
}

/* where the last slot of a date ends, where the first one of the next begins */
static bool
runs_into_next(const LeadsCalendar *c, int32_t date)
{
	int			n;
	const LeadsCalSlot *s = slots_of(c, date, &n);
	int			m;
	const LeadsCalSlot *t = slots_of(c, date + 1, &m);

	return n > 0 && m > 0 && s[n - 1].to > LEADS_CAL_DAY + t[0].from;
}

/* dates on which the clocks change inside a slot */
static void
add_changes(LeadsCalendar *c, int32_t first, int32_t last)
{
	int64_t		at = instant(c, first, 0);
	int64_t		end = instant(c, last, 0);

	while (c->zone.next_change && c->zone.next_change(c->zone.arg, at, &at) && at < end)
	{
		int32_t		date;
		int64_t		time_of_day;

		c->zone.to_local(c->zone.arg, at, &date, &time_of_day);
		for (int32_t d = date - 2; d <= date + 1; d++)
		{
			int			i = first_day(c, d);

			if ((i < c->ndays && c->days[i].date == d) || c->ndays >= c->maxdays ||
				work_of(c, d) == c->base[weekday(d)])
				continue;
			memmove(&c->days[i + 1], &c->days[i], sizeof(LeadsCalDay) * (size_t) (c->ndays - i));
			c->days[i].date = d;
			c->days[i].like = weekday(d);
			c->ndays++;
		}
	}
}

const char *
leads_calendar_build(LeadsCalendar *c, int32_t first, int32_t last)
{
	int64_t		extra = 0;
	int32_t		days = 0;
	int			slot = 0;

	if (c->nslots == 0)
		return "has no working slot";
	qsort(c->slots, (size_t) c->nslots, sizeof(LeadsCalSlot), by_weekday);
	for (int w = 0; w < 7; w++)
	{
		c->first_slot[w] = slot;
		c->base[w] = 0;
		for (; slot < c->nslots && c->slots[slot].weekday == w; slot++)
		{
			if (slot > c->first_slot[w] && c->slots[slot].from < c->slots[slot - 1].to)
				return "has slots that overlap";
			c->base[w] += c->slots[slot].to - c->slots[slot].from;
		}
	}
	c->first_slot[7] = slot;
	c->week = c->week_days = 0;
	for (int w = 0; w < 7; w++)
	{
		c->week += c->base[w];
		c->week_days += c->base[w] > 0;
	}
	if (c->ndays > 1)
		qsort(c->days, (size_t) c->ndays, sizeof(LeadsCalDay), by_date);
	for (int i = 1; i < c->ndays; i++)
		if (c->days[i].date == c->days[i - 1].date)
			return "names a date twice";
	for (int32_t d = 0; d < 7; d++)
	{
		const LeadsCalSlot *s = c->slots + c->first_slot[weekday(d)];
		int			n = c->first_slot[weekday(d) + 1] - c->first_slot[weekday(d)];
		const LeadsCalSlot *t = c->slots + c->first_slot[weekday(d + 1)];

		if (n > 0 && c->base[weekday(d + 1)] > 0 && s[n - 1].to > LEADS_CAL_DAY + t[0].from)
			return "has slots that overlap";
	}
	for (int i = 0; i < c->ndays; i++)
		if (runs_into_next(c, c->days[i].date - 1) || runs_into_next(c, c->days[i].date))
			return "has a working day whose slots overlap those of the day beside it";
	add_changes(c, first, last);
	for (int i = 0; i < c->ndays; i++)
	{
		LeadsCalDay *d = &c->days[i];

		d->work = work_of(c, d->date);
		d->extra_before = extra;
		d->days_before = days;
		extra += d->work - c->base[weekday(d->date)];
		days += (d->work > 0) - (c->base[weekday(d->date)] > 0);
	}
	return NULL;
}
