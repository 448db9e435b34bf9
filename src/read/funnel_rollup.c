/*
 * funnel_rollup.c - aggregate rollup: results of funnel_agg or funnel_of_events as one.
 *
 * Purpose: figures that were counted by day, by partition or by server, kept as bytes,
 * are added up without counting again.
 * Invariants: only results of the same mode and number of steps are added; damaged
 * bytes raise LD095; a sum too large for a count is an error.
 * Called by: users.
 */
#include "core/leads.h"

#include "read/funnel_agg.h"

static void
add_counts(LeadsFunnelCounts *a, const LeadsFunnelCounts *b)
{
	if (a->n != b->n || a->mode != b->mode)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("results of other steps or another mode cannot be added up")));
	for (int i = 0; i < a->n; i++)
	{
		a->entered[i] += b->entered[i];
		a->advanced[i] += b->advanced[i];
		a->next[i] += b->next[i];
		a->lost[i] += b->lost[i];
		a->open[i] += b->open[i];
		/* each is a quarter of the largest number at most, and the others are not more than entered */
		if (a->entered[i] > LEADS_FUNNEL_COUNT_MOST)
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("a count of a funnel is out of range")));
	}
}

static LeadsFunnelCounts *
added(FunctionCallInfo fcinfo, LeadsFunnelCounts *a, const LeadsFunnelCounts *b)
{
	MemoryContext cxt;

	if (!AggCheckCallContext(fcinfo, &cxt))
		elog(ERROR, "rollup called outside of an aggregate");
	if (b == NULL)
		return a;
	if (a == NULL)
	{
		a = MemoryContextAlloc(cxt, sizeof(LeadsFunnelCounts));
		*a = *b;
	}
	else
		add_counts(a, b);
	return a;
}

PG_FUNCTION_INFO_V1(leads_rollup_step);
Datum
leads_rollup_step(PG_FUNCTION_ARGS)
{
	LeadsFunnelCounts *a = PG_ARGISNULL(0) ? NULL : (LeadsFunnelCounts *) PG_GETARG_POINTER(0);
	LeadsFunnelCounts b;

	if (!PG_ARGISNULL(1))
		leads_funnel_counts_read(PG_GETARG_BYTEA_PP(1), &b);
	a = added(fcinfo, a, PG_ARGISNULL(1) ? NULL : &b);
	if (a == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(a);
}

PG_FUNCTION_INFO_V1(leads_rollup_combine);
Datum
leads_rollup_combine(PG_FUNCTION_ARGS)
{
	LeadsFunnelCounts *a = PG_ARGISNULL(0) ? NULL : (LeadsFunnelCounts *) PG_GETARG_POINTER(0);

	a = added(fcinfo, a, PG_ARGISNULL(1) ? NULL : (LeadsFunnelCounts *) PG_GETARG_POINTER(1));
	if (a == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(a);
}

PG_FUNCTION_INFO_V1(leads_rollup_out);
Datum
leads_rollup_out(PG_FUNCTION_ARGS)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "rollup_out called outside of an aggregate");
	PG_RETURN_BYTEA_P(leads_funnel_counts_write((LeadsFunnelCounts *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(leads_rollup_in);
Datum
leads_rollup_in(PG_FUNCTION_ARGS)
{
	LeadsFunnelCounts *a = palloc(sizeof(LeadsFunnelCounts));

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "rollup_in called outside of an aggregate");
	leads_funnel_counts_read(PG_GETARG_BYTEA_PP(0), a);
	PG_RETURN_POINTER(a);
}
