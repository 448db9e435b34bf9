/*
 * month.h - months of a business zone.
 */
#ifndef LEADS_MONTH_H
#define LEADS_MONTH_H

#include "core/leads.h"

#include "pgtime.h"
#include "utils/date.h"

typedef struct LeadsMonth
{
	TimestampTz start;			/* [start, until) */
	TimestampTz until;
	int32		number;			/* months since the year 0: 12 * year + month - 1 */
	int			ndays;
	TimestampTz day[32];		/* when its days begin; day[ndays] = until */
} LeadsMonth;

#define LEADS_MONTHS_KEPT 128

typedef struct LeadsMonths
{
	pg_tz	   *zone;
	LeadsMonth *now;			/* the one looked at last, NULL = none yet */
	LeadsMonth *kept[LEADS_MONTHS_KEPT];
} LeadsMonths;

/* months are kept in the current memory context */
extern void leads_months_begin(LeadsMonths *m, const char *zone);
extern const LeadsMonth *leads_months_find(LeadsMonths *m, TimestampTz at);
extern const LeadsMonth *leads_months_number(LeadsMonths *m, int32 number);
/* 0 = the first of the month; at lies in it */
extern int	leads_month_day(const LeadsMonth *m, TimestampTz at);
/* "2025-03", palloc'd */
extern char *leads_month_name(int32 number);
/* its first day, and back */
extern DateADT leads_month_date(int32 number);
extern int32 leads_month_of_date(DateADT date);

/* the month of an instant */
static inline const LeadsMonth *
leads_months_of(LeadsMonths *m, TimestampTz at)
{
	if (m->now && at >= m->now->start && at < m->now->until)
		return m->now;
	return leads_months_find(m, at);
}

#endif							/* LEADS_MONTH_H */
