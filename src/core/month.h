/*
 * month.h - months of a business zone.
 */
#ifndef LEADS_MONTH_H
#define LEADS_MONTH_H

#include "core/leads.h"

#include "pgtime.h"

typedef struct LeadsMonths
{
	pg_tz	   *zone;
	TimestampTz start;			/* the month looked at last: [start, until) */
	TimestampTz until;
	int32		number;			/* months since the year 0; 12 * year + month - 1 */
	int			ndays;
	TimestampTz day[33];		/* when its days begin; day[ndays] = until */
} LeadsMonths;

extern void leads_months_begin(LeadsMonths *m, const char *zone);
extern void leads_months_load(LeadsMonths *m, TimestampTz at);
/* the month of that number becomes the one looked at */
extern void leads_months_load_number(LeadsMonths *m, int32 number);
/* 0 = the first of the month looked at; at lies in it */
extern int	leads_months_day(const LeadsMonths *m, TimestampTz at);
/* "2025-03", palloc'd */
extern char *leads_months_name(int32 number);

/* the month of an instant becomes the one looked at */
static inline int32
leads_months_of(LeadsMonths *m, TimestampTz at)
{
	if (at < m->start || at >= m->until)
		leads_months_load(m, at);
	return m->number;
}

#endif							/* LEADS_MONTH_H */
