/*
 * month.c - months of a business zone.
 *
 * Purpose: reports by month, and whole months in a period.
 * Invariants: a month is [midnight of its first, midnight of the next month's first) in the zone, whatever its
 * clocks do; the month looked at last is kept, because reports come to millions of instants in about their order.
 * Called by: read/funnel, record/rollup.
 */
#include "core/leads.h"

#include "utils/date.h"
#include "utils/datetime.h"

#include "core/month.h"

void
leads_months_begin(LeadsMonths *m, const char *zone)
{
	memset(m, 0, sizeof(*m));
	m->zone = zone ? pg_tzset(zone) : NULL;
	if (m->zone == NULL)
		m->zone = session_timezone;
	m->start = m->until = 0;	/* holds nothing */
}

static TimestampTz
midnight(LeadsMonths *m, int year, int month, int day)
{
	struct pg_tm tm;
	int			tz;
	TimestampTz at;

	memset(&tm, 0, sizeof(tm));
	tm.tm_year = year;
	tm.tm_mon = month;
	tm.tm_mday = day;
	tz = DetermineTimeZoneOffset(&tm, m->zone);
	if (tm2timestamp(&tm, 0, &tz, &at) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
	return at;
}

void
leads_months_load_number(LeadsMonths *m, int32 number)
{
	int			year = number / 12;
	int			month = number % 12 + 1;

	m->number = number;
	m->ndays = day_tab[isleap(year)][month - 1];
	for (int d = 0; d < m->ndays; d++)
		m->day[d] = midnight(m, year, month, d + 1);
	m->start = m->day[0];
	m->until = month == 12 ? midnight(m, year + 1, 1, 1) : midnight(m, year, month + 1, 1);
	m->day[m->ndays] = m->until;
}

void
leads_months_load(LeadsMonths *m, TimestampTz at)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			tz;

	if (TIMESTAMP_NOT_FINITE(at) || timestamp2tm(at, &tz, &tm, &fsec, NULL, m->zone) != 0 || tm.tm_year < 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
	leads_months_load_number(m, tm.tm_year * 12 + tm.tm_mon - 1);
	/* where midnight is left out or comes twice, the day's first instant is a matter of taste: keep ours */
	if (at < m->start)
		leads_months_load_number(m, m->number - 1);
	else if (at >= m->until)
		leads_months_load_number(m, m->number + 1);
}

int
leads_months_day(const LeadsMonths *m, TimestampTz at)
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
leads_months_name(int32 number)
{
	return psprintf("%04d-%02d", number / 12, number % 12 + 1);
}
