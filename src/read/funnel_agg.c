/*
 * funnel_agg.c - aggregate funnel_agg over journeys, and funnel_steps().
 *
 * Purpose: a funnel over all leads in one scan of a narrow table, by any number of
 * workers.
 * Invariants: nothing is allocated a row; the answer does not depend on the order
 * of rows or on the plan; the steps are those of the first row, others are refused
 * (a constant needs no second look);
 * a state read from bytes is checked, because its bytes are the result, too, and
 * come back through funnel_steps().
 * Called by: users.
 */
#include "core/leads.h"

#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "read/funnel_agg.h"
#include "read/journey.h"
#include "record/journey.h"

typedef struct JourneyFunnel
{
	LeadsFunnelCounts counts;
	LeadsFunnelRule rule;
	ArrayType  *steps;			/* NULL = from bytes */
	bool		steps_const;
	LeadsFunnelCell *cell;		/* all modes but cohort without a limit */
	LeadsWalk	walk;
	/* cohort without a limit: leads by state and by step + 1 where they ended, 0 = in no step */
	bool		quick;
	int64		ended[4][LEADS_FUNNEL_STEPS + 1];
	LeadsFunnelQuick table;
} JourneyFunnel;

/* ---------------------------------------------------------------- one row */

/* argument n of the aggregate says the same in every row */
static bool
is_const(FunctionCallInfo fcinfo, int n)
{
	Aggref	   *agg = AggGetAggref(fcinfo);

	return agg && list_length(agg->args) > n && IsA(((TargetEntry *) list_nth(agg->args, n))->expr, Const);
}

static JourneyFunnel *
first_row(FunctionCallInfo fcinfo, MemoryContext cxt)
{
	MemoryContext old = MemoryContextSwitchTo(cxt);
	JourneyFunnel   *s = palloc0(sizeof(JourneyFunnel));

	if (PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a funnel has at least one step")));
	s->steps = PG_GETARG_ARRAYTYPE_P_COPY(2);
	s->steps_const = is_const(fcinfo, 1) && is_const(fcinfo, 2) && is_const(fcinfo, 3);
	leads_read_steps(s->steps, &s->rule.steps);
	s->rule.mode = leads_read_mode(PG_ARGISNULL(4) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(4)));
	s->rule.within = leads_read_within(PG_ARGISNULL(3) ? NULL : PG_GETARG_INTERVAL_P(3));
	s->rule.since = LEADS_JOURNEY_FIRST;
	s->rule.until = LEADS_FUNNEL_EVER;
	s->rule.as_of = LEADS_JOURNEY_LAST;
	s->quick = s->rule.mode == LEADS_FUNNEL_COHORT && s->rule.within == LEADS_FUNNEL_EVER;
	if (s->quick)
		leads_funnel_quick_begin(&s->table, &s->rule.steps);
	s->cell = palloc0(sizeof(LeadsFunnelCell));
	s->counts.mode = s->rule.mode;
	s->counts.n = s->rule.steps.n;
	MemoryContextSwitchTo(old);
	return s;
}

void
leads_same_rule(FunctionCallInfo fcinfo, int within, int64 within_before, LeadsFunnelMode mode_before)
{
	if (leads_read_within(PG_ARGISNULL(within) ? NULL : PG_GETARG_INTERVAL_P(within)) != within_before ||
		leads_read_mode(PG_ARGISNULL(within + 1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(within + 1))) != mode_before)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("within and mode of a funnel are the same in every row")));
}

/* a list made anew for each row may be another one, even at the same address */
static inline void
check_steps(FunctionCallInfo fcinfo, JourneyFunnel *s)
{
	ArrayType  *a = PG_ARGISNULL(2) ? NULL : PG_GETARG_ARRAYTYPE_P(2);

	if (a == NULL || VARSIZE(a) != VARSIZE(s->steps) || memcmp(a, s->steps, VARSIZE(a)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the steps of a funnel are the same in every row")));
	leads_same_rule(fcinfo, 3, s->rule.within, s->rule.mode);
	if ((Pointer) a != DatumGetPointer(PG_GETARG_DATUM(2)))
		pfree(a);
}

/* one that is not plain, or not good */
static pg_noinline void
careful(JourneyFunnel *s, const void *bytes, size_t len)
{
	if (!leads_walk(&s->walk, bytes, len, &s->rule.steps, s->rule.as_of, LEADS_FUNNEL_EVER,
					s->rule.mode == LEADS_FUNNEL_COHORT ? s->rule.within : LEADS_FUNNEL_EVER))
	{
		if (s->walk.fault)
			leads_journey_damaged(s->walk.fault);
	}
	else if (s->quick)
		s->ended[s->walk.state][leads_funnel_level(&s->rule, &s->walk)]++;
	else
		leads_funnel_tally(&s->rule, &s->walk, 1, s->cell, NULL, NULL, NULL);
}

PG_FUNCTION_INFO_V1(leads_funnel_agg_step);
Datum
leads_funnel_agg_step(PG_FUNCTION_ARGS)
{
	MemoryContext cxt = NULL;
	JourneyFunnel *s = PG_ARGISNULL(0) ? NULL : (JourneyFunnel *) PG_GETARG_POINTER(0);
	LeadsJourneyState state;
	bytea	   *b;
	int			far = -1;

	/* who has a state has been asked */
	if ((s == NULL || !s->quick) && !AggCheckCallContext(fcinfo, &cxt))
		elog(ERROR, "funnel_agg_step called outside of an aggregate");
	if (PG_ARGISNULL(1))
	{
		if (s == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(s);
	}
	if (s == NULL)
		s = first_row(fcinfo, cxt);
	else if (!s->steps_const)
		check_steps(fcinfo, s);
	b = (bytea *) PG_GETARG_POINTER(1);
	leads_journey_prefetch(b);
	if (unlikely(VARATT_IS_COMPRESSED(b) || VARATT_IS_EXTERNAL(b)))
		b = pg_detoast_datum_packed(b);
	if (likely(s->quick))
		far = leads_funnel_quick(&s->table, VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b), &state);
	if (likely(far >= 0))
		s->ended[state][far]++;
	else
	{
		MemoryContext old;

		if (cxt == NULL)
			(void) AggCheckCallContext(fcinfo, &cxt);
		old = MemoryContextSwitchTo(cxt);
		careful(s, VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b));
		MemoryContextSwitchTo(old);
	}
	PG_RETURN_POINTER(s);
}

/* ---------------------------------------------------------------- states */

/* what was counted by rows goes to the counts */
static void
settle(JourneyFunnel *s)
{
	int64		beyond = 0;
	LeadsFunnelCounts *c = &s->counts;

	/* from the last step back: who is beyond has passed */
	for (int i = c->n - 1; s->quick && i >= 0; i--)
	{
		int64		lost = s->ended[LEADS_JOURNEY_IS_LOST][i + 1];
		int64		open = s->ended[LEADS_JOURNEY_OPEN][i + 1];
		int64		advanced = beyond + s->ended[LEADS_JOURNEY_IS_WON][i + 1];

		beyond = advanced + lost + open;
		c->entered[i] += beyond;
		c->advanced[i] += advanced;
		c->next[i] += advanced;
		c->lost[i] += lost;
		c->open[i] += open;
	}
	memset(s->ended, 0, sizeof(s->ended));
	if (!s->quick && s->cell)
	{
		for (int i = 0; i < c->n; i++)
		{
			c->entered[i] += s->cell->entered[i];
			c->advanced[i] += s->cell->advanced[i];
			c->next[i] += s->cell->next[i];
			c->lost[i] += s->cell->lost[i];
			c->open[i] += s->cell->open[i];
		}
		memset(s->cell, 0, sizeof(LeadsFunnelCell));
	}
}

PG_FUNCTION_INFO_V1(leads_funnel_agg_combine);
Datum
leads_funnel_agg_combine(PG_FUNCTION_ARGS)
{
	MemoryContext cxt;
	JourneyFunnel   *a = PG_ARGISNULL(0) ? NULL : (JourneyFunnel *) PG_GETARG_POINTER(0);
	JourneyFunnel   *b = PG_ARGISNULL(1) ? NULL : (JourneyFunnel *) PG_GETARG_POINTER(1);

	if (!AggCheckCallContext(fcinfo, &cxt))
		elog(ERROR, "funnel_agg_combine called outside of an aggregate");
	if (b == NULL)
	{
		if (a == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(a);
	}
	settle(b);
	if (a == NULL)
	{
		a = MemoryContextAllocZero(cxt, sizeof(JourneyFunnel));
		a->counts = b->counts;
		a->quick = true;
		PG_RETURN_POINTER(a);
	}
	settle(a);
	if (a->counts.n != b->counts.n || a->counts.mode != b->counts.mode)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the steps of a funnel are the same in every row")));
	for (int i = 0; i < a->counts.n; i++)
	{
		a->counts.entered[i] += b->counts.entered[i];
		a->counts.advanced[i] += b->counts.advanced[i];
		a->counts.next[i] += b->counts.next[i];
		a->counts.lost[i] += b->counts.lost[i];
		a->counts.open[i] += b->counts.open[i];
	}
	PG_RETURN_POINTER(a);
}

/* bytes: version, mode, number of steps, then five counts a step in network order */
#define STATE_VERSION 1

bytea *
leads_funnel_counts_write(const LeadsFunnelCounts *c)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, STATE_VERSION);
	pq_sendbyte(&buf, (uint8) c->mode);
	pq_sendbyte(&buf, (uint8) c->n);
	for (int i = 0; i < c->n; i++)
	{
		pq_sendint64(&buf, c->entered[i]);
		pq_sendint64(&buf, c->advanced[i]);
		pq_sendint64(&buf, c->next[i]);
		pq_sendint64(&buf, c->lost[i]);
		pq_sendint64(&buf, c->open[i]);
	}
	return pq_endtypsend(&buf);
}

void
leads_funnel_counts_read(bytea *b, LeadsFunnelCounts *c)
{
	const uint8 *p = (const uint8 *) VARDATA_ANY(b);
	int			len = (int) VARSIZE_ANY_EXHDR(b);
	bool		good;

	memset(c, 0, sizeof(*c));
	good = len >= 3 && p[0] == STATE_VERSION && p[1] <= LEADS_FUNNEL_SNAPSHOT &&
		p[2] >= 1 && p[2] <= LEADS_FUNNEL_STEPS && len == 3 + p[2] * 40;
	if (good)
	{
		c->mode = (LeadsFunnelMode) p[1];
		c->n = p[2];
		for (int i = 0; i < c->n && good; i++)
		{
			int64		v[5];

			for (int k = 0; k < 5; k++)
			{
				uint64		n;

				memcpy(&n, p + 3 + (i * 5 + k) * 8, 8);
				v[k] = (int64) pg_ntoh64(n);
				good = good && v[k] >= 0 && v[k] <= LEADS_FUNNEL_COUNT_MOST;
			}
			c->entered[i] = v[0];
			c->advanced[i] = v[1];
			c->next[i] = v[2];
			c->lost[i] = v[3];
			c->open[i] = v[4];
			good = good && v[0] == v[1] + v[3] + v[4] && v[2] <= v[0];
		}
	}
	if (!good)
		ereport(ERROR,
				(errcode(LEADS_ERR_JOURNEY),
				 errmsg("these bytes are no state of a funnel"),
				 errhint("funnel_steps() takes the result of funnel_agg or funnel_of_events.")));
}

PG_FUNCTION_INFO_V1(leads_funnel_agg_out);
Datum
leads_funnel_agg_out(PG_FUNCTION_ARGS)
{
	JourneyFunnel   *s = (JourneyFunnel *) PG_GETARG_POINTER(0);

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "funnel_agg_out called outside of an aggregate");
	settle(s);
	PG_RETURN_BYTEA_P(leads_funnel_counts_write(&s->counts));
}

PG_FUNCTION_INFO_V1(leads_funnel_agg_in);
Datum
leads_funnel_agg_in(PG_FUNCTION_ARGS)
{
	JourneyFunnel   *s;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "funnel_agg_in called outside of an aggregate");
	s = palloc0(sizeof(JourneyFunnel));
	s->quick = true;
	leads_funnel_counts_read(PG_GETARG_BYTEA_PP(0), &s->counts);
	PG_RETURN_POINTER(s);
}

/* ---------------------------------------------------------------- rows */

Datum
leads_funnel_rate(int64 part, int64 whole)
{
	return DirectFunctionCall2(numeric_round,
							   DirectFunctionCall2(numeric_div, NumericGetDatum(int64_to_numeric(part)),
												   NumericGetDatum(int64_to_numeric(whole))),
							   Int32GetDatum(4));
}

#define COLUMNS 10

PG_FUNCTION_INFO_V1(leads_funnel_steps);
Datum
leads_funnel_steps(PG_FUNCTION_ARGS)
{
	static const char *const modes[] = {"cohort", "strict", "flow", "snapshot"};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	LeadsFunnelCounts c;

	InitMaterializedSRF(fcinfo, 0);
	leads_funnel_counts_read(PG_GETARG_BYTEA_PP(0), &c);
	for (int i = 0; i < c.n; i++)
	{
		Datum		values[COLUMNS];
		bool		nulls[COLUMNS];
		bool		rates = c.mode != LEADS_FUNNEL_SNAPSHOT;

		memset(nulls, true, sizeof(nulls));
#define SET(k, d) (values[k] = (d), nulls[k] = false)
		SET(0, Int32GetDatum(i + 1));
		SET(1, Int64GetDatum(c.entered[i]));
		SET(2, Int64GetDatum(c.advanced[i]));
		SET(3, Int64GetDatum(c.lost[i]));
		SET(4, Int64GetDatum(c.open[i]));
		if (rates && i > 0 && c.entered[i - 1] > 0)
			SET(5, leads_funnel_rate(c.next[i - 1], c.entered[i - 1]));
		if (rates && c.mode != LEADS_FUNNEL_FLOW && c.entered[0] > 0)
			SET(6, leads_funnel_rate(c.entered[i], c.entered[0]));
		if (rates)
			SET(7, Int64GetDatum(c.entered[i] - c.advanced[i]));
		if (rates && c.entered[i] > 0)
			SET(8, leads_funnel_rate(c.entered[i] - c.advanced[i], c.entered[i]));
		SET(9, CStringGetTextDatum(modes[c.mode]));
#undef SET
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
