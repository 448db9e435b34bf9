/*
 * month.c - months of a business zone.
 *
 * Purpose: reports by month, and whole months in a period.
 * Invariants: a month is [midnight of its first, midnight of the next month's first) in the zone, whatever its
 * clocks do: the instants whose date there is in it; months are kept, because reports come to millions of instants in few months.
 * Called by: read/funnel, record/rollup.
 */
#include "core/leads.h"

#include "utils/datetime.h"
#include "utils/memutils.h"

#include "core/month.h"

static void
out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
}

void
leads_months_begin(LeadsMonths *m, const char *zone)
{
	memset(m, 0, sizeof(*m));
	m->zone = zone ? pg_tzset(zone) : NULL;
	if (m->zone == NULL)
		m->zone = session_timezone;
}

static TimestampTz
midnight(LeadsMonths *m, int32 number, int day)
{
	struct pg_tm tm;
	struct pg_tm before;
	fsec_t		fsec;
	int			tz;
	TimestampTz at;

	memset(&tm, 0, sizeof(tm));
	tm.tm_year = number / 12;
	tm.tm_mon = number % 12 + 1;
	tm.tm_mday = day;
	tz = DetermineTimeZoneOffset(&tm, m->zone);
	if (tm2timestamp(&tm, 0, &tz, &at) != 0)
		out_of_range();
	/* clocks that go back from one to midnight (Havana) come there twice: the day begins with the first */
	if (timestamp2tm(at - 1, &tz, &before, &fsec, NULL, m->zone) == 0 && before.tm_mday == tm.tm_mday)
		(void) tm2timestamp(&tm, 0, &tz, &at);
	return at;
}

const LeadsMonth *
leads_months_number(LeadsMonths *m, int32 number)
{
	LeadsMonth **slot;
	int			year = number / 12;

	if (number < 0)
		out_of_range();
	slot = &m->kept[number % LEADS_MONTHS_KEPT];
	if (*slot == NULL)
	{
		*slot = palloc(sizeof(LeadsMonth));
		(*slot)->number = -1;
	}
	if ((*slot)->number != number)
	{
		(*slot)->ndays = day_tab[isleap(year)][number % 12];
		for (int d = 0; d < (*slot)->ndays; d++)
			(*slot)->day[d] = midnight(m, number, d + 1);
		(*slot)->start = (*slot)->day[0];
		(*slot)->until = (*slot)->day[(*slot)->ndays] = midnight(m, number + 1, 1);
		(*slot)->number = number;
	}
	return m->now = *slot;
}

const LeadsMonth *
leads_months_find(LeadsMonths *m, TimestampTz at)
{
	const LeadsMonth *month;
	int64		days;
	int			y,
				mon,
				d;

	if (TIMESTAMP_NOT_FINITE(at) || !IS_VALID_TIMESTAMP(at))
		out_of_range();
	/* the date in UTC, which is the zone's or next to it */
	days = at / USECS_PER_DAY - (at % USECS_PER_DAY < 0 ? 1 : 0);
	j2date((int) (days + POSTGRES_EPOCH_JDATE), &y, &mon, &d);
	month = leads_months_number(m, y * 12 + mon - 1);
	if (at < month->start)
		month = leads_months_number(m, month->number - 1);
	else if (at >= month->until)
		month = leads_months_number(m, month->number + 1);
	return month;
}

int
leads_month_day(const LeadsMonth *m, TimestampTz at)
{
	int			d = (int) ((at - m->start) / USECS_PER_DAY);

	d = Min(Max(d, 0), m->ndays - 1);
	while (d > 0 && at < m->day[d])
		d--;
	while (d < m->ndays - 1 && at >= m->day[d + 1])
		d++;
	return d;
}

char *
leads_month_name(int32 number)
{
	return psprintf("%04d-%02d", number / 12, number % 12 + 1);
}

DateADT
leads_month_date(int32 number)
{
	return date2j(number / 12, number % 12 + 1, 1) - POSTGRES_EPOCH_JDATE;
}

int32
leads_month_of_date(DateADT date)
{
	int			y,
				mon,
				d;

	j2date(date + POSTGRES_EPOCH_JDATE, &y, &mon, &d);
	return y * 12 + mon - 1;
}
