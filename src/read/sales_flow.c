/*
 * sales_flow.c - leads.flow_report(): what went into each stage in a period, and what came out of it which way.
 *
 * Invariants: in every row opening + entries - forward - back - lost - won - moved = closing; an entry and the way
 * out of it count for who had the lead when it came; a win is the exit of the stage before and an entry of the last one.
 * Called by: users.
 */
#include "core/leads.h"

#include "utils/array.h"

#include "core/args.h"
#include "read/funnel_agg.h"
#include "read/journey.h"
#include "read/kpi.h"

typedef struct Flow
{
	int64		opening;
	int64		entries;
	int64		entered;		/* leads */
	int64		forward;
	int64		back;
	int64		lost;
	int64		won;
	int64		moved;
	int64		closing;
	int64		advanced;		/* of those entered: left it forward, in time */
	LeadsHistogram *hours;		/* of the stays that ended */
} Flow;

typedef struct Report
{
	LeadsKpiTable t;			/* cut and credit */
	TimestampTz since;
	TimestampTz until;
	int64		within;
} Report;

static Flow *
flow_of(Report *r, const LeadsFact *f, const LeadsStay *s, TimestampTz at)
{
	int64		person = r->t.credit < 0 || r->t.credit == LEADS_CREDIT_EVENT ? s->owner
		: r->t.credit == LEADS_CREDIT_CLOSER ? f->owner : r->t.credit == LEADS_CREDIT_CREATOR ? f->creator : f->first_owner;

	return leads_cut_segment(&r->t.cut, f, person, at, s->step)->cell;
}

static void
take(void *arg, const LeadsFact *f)
{
	Report	   *r = arg;
	const LeadsWalk *w = f->walk;
	uint32		entered = 0;
	uint32		advanced = 0;

	for (int i = 0; i < w->n; i++)
	{
		const LeadsStay *s = &w->stay[i];
		bool		ends = s->exit != LEADS_EXIT_NONE && s->until >= r->since && s->until < r->until;
		bool		comes = s->since >= r->since && s->since < r->until;
		bool		forward = s->exit == LEADS_EXIT_FORWARD;
		Flow	   *x;

		/* over before the period, or a stage of no pipeline, or a time that took no time */
		if (s->step < 0 || s->since >= r->until || (s->exit != LEADS_EXIT_NONE && s->until < r->since))
			continue;
		x = flow_of(r, f, s, s->since);
		x->opening += s->since < r->since;
		x->entries += comes;
		x->closing += s->exit == LEADS_EXIT_NONE || s->until >= r->until;
		if (comes && (entered & (UINT32_C(1) << s->step)) == 0)
		{
			x->entered++;
			entered |= UINT32_C(1) << s->step;
		}
		/* it left within so long, be it after the period */
		if (comes && forward && s->until - s->since <= r->within && (advanced & (UINT32_C(1) << s->step)) == 0)
		{
			x->advanced++;
			advanced |= UINT32_C(1) << s->step;
		}
		if (!ends)
			continue;
		if (forward && i + 1 < w->n && w->stay[i + 1].won)
			x->won++;
		else if (forward)
			x->forward++;
		else if (s->exit == LEADS_EXIT_BACK)
			x->back++;
		else if (s->exit == LEADS_EXIT_LOST)
			x->lost++;
		else
			x->moved++;
		if (!s->won)
		{
			MemoryContext old = MemoryContextSwitchTo(r->t.cut.cxt);

			if (x->hours == NULL)
				x->hours = palloc0(sizeof(LeadsHistogram));
			(void) leads_histogram_add(x->hours, s->until - s->since, 1);
			MemoryContextSwitchTo(old);
		}
	}
}

#define COLUMNS 17

PG_FUNCTION_INFO_V1(leads_flow_report);
Datum
leads_flow_report(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	LeadsFrame	f;
	Report	   *r = palloc0(sizeof(Report));
	char	   *attribution = leads_arg_text(fcinfo, 4);
	char	   *schema = leads_arg_text(fcinfo, 6);
	int			ncuts;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	leads_facts_period(fcinfo, 0, 1, &r->t.ask);
	leads_cut_read(&r->t.cut, PG_ARGISNULL(2) ? NULL : PG_GETARG_ARRAYTYPE_P(2));
	r->within = leads_read_within(PG_ARGISNULL(3) ? NULL : PG_GETARG_INTERVAL_P(3));
	r->t.credit = attribution ? (int) leads_credit_read(attribution) : -1;
	leads_kpi_check(&r->t, leads_kpi_find("leads"));
	if (r->t.cut.mask & LEADS_CUT_TIMES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a flow is not cut by time: what comes in one month leaves in another"),
				 errhint("Ask for each period by since and until.")));
	leads_facts_include(fcinfo, 5, 7, &r->t.ask);
	r->since = r->t.ask.since == LEADS_NO_TIME ? LEADS_JOURNEY_FIRST : r->t.ask.since;
	r->until = r->t.ask.until == LEADS_NO_TIME ? LEADS_FUNNEL_EVER : r->t.ask.until;
	r->t.ask.since = LEADS_NO_TIME;
	ncuts = r->t.cut.n;
	leads_cut_add(&r->t.cut, LEADS_CUT_STAGE);
	if (schema == NULL)
		schema = leads_schema_guc;
	leads_reader_sight(schema, &r->t.ask.all, &r->t.ask.members);
	leads_enter_reader(&f, schema, LEADS_FACT_READERS);
	leads_cut_begin(&f, &r->t.cut, sizeof(Flow));
	/* the whole has a row for every stage */
	for (int s = 0; ncuts == 0 && s < r->t.cut.nsteps; s++)
		(void) leads_cut_of(&r->t.cut, &r->t.cut.step_code[s], s);
	leads_facts_read(&r->t.cut, &r->t.ask, LEADS_FACT_BEGUN, take, r);
	leads_cut_sort(&r->t.cut);
	foreach(lc, r->t.cut.list)
	{
		const LeadsCutSegment *s = lfirst(lc);
		const Flow *x = s->cell;
		Datum		values[COLUMNS];
		bool		nulls[COLUMNS] = {false};
		int64		counts[] = {x->opening, x->entries, x->forward, x->back, x->lost, x->won, x->moved, x->closing, x->entered, x->advanced};

		values[0] = leads_cut_array(s, ncuts);
		values[1] = Int32GetDatum(s->step + 1);
		values[2] = CStringGetTextDatum(r->t.cut.step_code[s->step]);
		values[3] = CStringGetTextDatum(r->t.cut.step_label[s->step]);
		for (int i = 0; i < lengthof(counts); i++)
			values[4 + i] = Int64GetDatum(counts[i]);
		nulls[14] = x->entered == 0 || s->step == r->t.cut.won_step;
		if (!nulls[14])
			values[14] = leads_funnel_rate(x->advanced, x->entered);
		nulls[15] = nulls[16] = x->hours == NULL;
		if (x->hours)
		{
			values[15] = leads_number(leads_histogram_at(x->hours, 0.5) / (double) USECS_PER_HOUR, 2);
			values[16] = leads_number(leads_histogram_at(x->hours, 0.9) / (double) USECS_PER_HOUR, 2);
		}
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	leads_leave(&f);
	return (Datum) 0;
}
