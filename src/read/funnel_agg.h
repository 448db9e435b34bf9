/*
 * funnel_agg.h - counts of a funnel as aggregates give them.
 */
#ifndef LEADS_FUNNEL_AGG_H
#define LEADS_FUNNEL_AGG_H

#include "core/leads.h"
#include "lib/funnel.h"

typedef struct LeadsFunnelCounts
{
	LeadsFunnelMode mode;
	int			n;				/* steps */
	int64		entered[LEADS_FUNNEL_STEPS];
	int64		advanced[LEADS_FUNNEL_STEPS];
	int64		next[LEADS_FUNNEL_STEPS];	/* what the conversion to the next step divides */
	int64		lost[LEADS_FUNNEL_STEPS];
	int64		open[LEADS_FUNNEL_STEPS];
} LeadsFunnelCounts;

/* a count is no more, so that two of them can be added up */
#define LEADS_FUNNEL_COUNT_MOST (PG_INT64_MAX / 4)

extern bytea *leads_funnel_counts_write(const LeadsFunnelCounts *c);
/* LD095 if they are no such bytes */
extern void leads_funnel_counts_read(bytea *b, LeadsFunnelCounts *c);
/* part / whole with four digits; whole must not be 0 */
extern Datum leads_funnel_rate(int64 part, int64 whole);

/* within and mode, arguments within and within + 1 of an aggregate, as in its first row; else 22023 */
extern void leads_same_rule(FunctionCallInfo fcinfo, int within, int64 within_before, LeadsFunnelMode mode_before);

#endif							/* LEADS_FUNNEL_AGG_H */
