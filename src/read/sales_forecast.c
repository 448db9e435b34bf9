/*
 * sales_forecast.c - leads.forecast(): what open leads may bring, by when they are expected to close.
 *
 * Purpose: amounts of open leads times the chance to win that leads like them had.
 * Invariants: a chance is taken from leads that are old enough to be through: begun within the history, but at least
 * as long ago as nine of ten closed ones took; of those that came to a stage and stayed there at least as long as the
 * open one, the share that is won now; those that are still open are not won; where too few did, the stage at any
 * age, where too few again, what the stage itself says; which of these it was, and how many leads it rests on,
 * stands in the row.
 * Called by: users, view forecast.
 */
#include "core/leads.h"

#include "utils/array.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "core/args.h"
#include "read/funnel_agg.h"
#include "read/journey.h"
#include "read/kpi.h"

#define AGES 4
static const int age_from[AGES] = {0, 7, 30, 90};	/* days in the stage */
static const char *const age_name[AGES] = {"0-7", "7-30", "30-90", "90+"};

#define COMMIT 7000				/* 1/10,000: from here on a commit ... */
#define BEST 4000				/* ... and from here on a best case */
#define HISTORY_DAYS 730
#define SUPPORT 30

/* leads that stayed in a stage at least so long, and were won in the end */
typedef struct Past
{
	int64		n[LEADS_FUNNEL_STEPS][AGES];
	int64		won[LEADS_FUNNEL_STEPS][AGES];
} Past;

typedef struct Open
{
	int64		n;
	LeadsMoney	amount;
} Open;

/* open leads of one segment */
typedef struct Cell
{
	Open		open[LEADS_FUNNEL_STEPS][AGES][2];	/* [slipped] */
} Cell;

typedef struct Forecast
{
	LeadsKpiTable t;
	LeadsHistogram closing;
	Past		past;
	TimestampTz begun_from;		/* leads that chances are taken from */
	TimestampTz begun_until;
	int64		support;
	int32		since;			/* dates of expected close; PG_INT32_MIN = open end */
	int32		until;
	int32		today;
} Forecast;

static void
take_closing(void *arg, const LeadsFact *f)
{
	Forecast   *fc = arg;
	MemoryContext old;

	if (f->begun_at < fc->begun_from)
		return;
	old = MemoryContextSwitchTo(fc->t.cut.cxt);
	(void) leads_histogram_add(&fc->closing, f->closed_at - f->begun_at, 1);
	MemoryContextSwitchTo(old);
}

static int
age_class(int64 micros)
{
	int			a = 0;

	while (a + 1 < AGES && micros >= age_from[a + 1] * USECS_PER_DAY)
		a++;
	return a;
}

static int64
length_of(const Forecast *fc, const LeadsStay *s)
{
	return (s->exit == LEADS_EXIT_NONE ? fc->t.ask.now : s->until) - s->since;
}

static void
learn(Forecast *fc, const LeadsFact *f)
{
	const LeadsWalk *w = f->walk;
	int			longest[LEADS_FUNNEL_STEPS];

	memset(longest, -1, sizeof(longest));
	for (int i = 0; i < w->n; i++)
	{
		const LeadsStay *s = &w->stay[i];

		if (s->step >= 0 && !s->won)
			longest[s->step] = Max(longest[s->step], age_class(length_of(fc, s)));
	}
	for (int s = 0; s < fc->t.cut.nsteps; s++)
		for (int a = 0; a <= longest[s]; a++)
		{
			fc->past.n[s][a]++;
			fc->past.won[s][a] += f->won;
		}
}

static void
take(void *arg, const LeadsFact *f)
{
	Forecast   *fc = arg;
	TimestampTz at = LEADS_NO_TIME;
	Open	   *o;
	bool		slipped;

	if (f->begun_at >= fc->begun_from && f->begun_at < fc->begun_until)
		learn(fc, f);
	if (!f->open || f->step < 0)
		return;
	if ((fc->since != PG_INT32_MIN && (f->expected_on == PG_INT32_MIN || f->expected_on < fc->since)) ||
		(fc->until != PG_INT32_MIN && (f->expected_on == PG_INT32_MIN || f->expected_on >= fc->until)))
		return;
	slipped = f->expected_on != PG_INT32_MIN && f->expected_on < fc->today;
	if (f->expected_on != PG_INT32_MIN)
	{
		/* noon of the day, so that its month is the same in every zone that the clocks know */
		struct pg_tm tm;

		memset(&tm, 0, sizeof(tm));
		j2date(f->expected_on + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
		tm.tm_hour = 12;
		/* a day that no clock comes to has no month */
		if (tm2timestamp(&tm, 0, &(int) {DetermineTimeZoneOffset(&tm, fc->t.cut.zone)}, &at) != 0)
			at = LEADS_NO_TIME;
	}
	o = &((Cell *) leads_cut_segment(&fc->t.cut, f, fc->t.credit < 0 || fc->t.credit == LEADS_CREDIT_CLOSER ? f->owner
									 : fc->t.credit == LEADS_CREDIT_CREATOR ? f->creator
									 : fc->t.credit == LEADS_CREDIT_FIRST ? f->first_owner : f->owner, at, f->step)->cell)
		->open[f->step][age_class(length_of(fc, &f->walk->stay[f->walk->n - 1]))][slipped];
	o->n++;
	o->amount += f->amount;
}

#define COLUMNS 14

static void
put_row(Forecast *fc, ReturnSetInfo *rsinfo, const LeadsCutSegment *s, int ncuts, int step, int age, bool slipped, const Open *o)
{
	const Past *past = &fc->past;
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};
	const char *source = "age";
	int64		n = past->n[step][age];
	int64		won = past->won[step][age];
	int			chance;

	if (n < fc->support)
	{
		source = "stage";
		n = past->n[step][0];
		won = past->won[step][0];
	}
	if (n < fc->support || n == 0)
	{
		source = "default";
		chance = fc->t.cut.step_probability[step];
	}
	else
		chance = (int) (((int64) won * 10000 + n / 2) / n);
	values[0] = leads_cut_array(s, ncuts);
	nulls[1] = s->text[ncuts][0] == '-';
	values[1] = CStringGetTextDatum(s->text[ncuts]);
	values[2] = CStringGetTextDatum(fc->t.cut.step_code[step]);
	values[3] = CStringGetTextDatum(fc->t.cut.step_label[step]);
	values[4] = CStringGetTextDatum(age_name[age]);
	values[5] = BoolGetDatum(slipped);
	values[6] = CStringGetTextDatum(chance >= COMMIT ? "commit" : chance >= BEST ? "best" : "pipeline");
	values[7] = Int64GetDatum(o->n);
	values[8] = leads_money_write(o->amount, 1, -1);
	values[9] = leads_funnel_rate(chance, 10000);
	values[10] = leads_money_write(o->amount / 10000 * chance, 1, 4);
	values[11] = Int64GetDatum(n);
	values[12] = CStringGetTextDatum(source);
	nulls[13] = fc->closing.n == 0;
	values[13] = TimestampTzGetDatum(fc->begun_until);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static int32
date_arg(FunctionCallInfo fcinfo, int n)
{
	if (PG_ARGISNULL(n))
		return PG_INT32_MIN;
	if (DATE_NOT_FINITE(PG_GETARG_DATEADT(n)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a period has a first and a last day")));
	return PG_GETARG_DATEADT(n);
}

PG_FUNCTION_INFO_V1(leads_forecast);
Datum
leads_forecast(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	LeadsFrame	f;
	Forecast   *fc = palloc0(sizeof(Forecast));
	char	   *attribution = leads_arg_text(fcinfo, 3);
	char	   *schema = leads_arg_text(fcinfo, 5);
	struct pg_tm tm;
	int			ncuts;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	fc->since = date_arg(fcinfo, 0);
	fc->until = date_arg(fcinfo, 1);
	leads_cut_read(&fc->t.cut, PG_ARGISNULL(2) ? NULL : PG_GETARG_ARRAYTYPE_P(2));
	fc->support = PG_ARGISNULL(4) ? SUPPORT : PG_GETARG_INT32(4);
	fc->t.credit = attribution ? (int) leads_credit_read(attribution) : -1;
	fc->t.ask.since = fc->t.ask.until = LEADS_NO_TIME;
	fc->t.ask.now = leads_now_internal();
	leads_kpi_check(&fc->t, leads_kpi_find("leads"));
	if (fc->t.cut.mask & LEADS_CUT_TIMES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a forecast is cut by month already")));
	if (fc->support < 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("min_support is at least 1")));
	if (fc->since != PG_INT32_MIN && fc->until != PG_INT32_MIN && fc->since > fc->until)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("since is later than until")));
	ncuts = fc->t.cut.n;
	leads_cut_add(&fc->t.cut, LEADS_CUT_MONTH);
	if (schema == NULL)
		schema = leads_schema_guc;
	leads_reader_sight(schema, &fc->t.ask.all, &fc->t.ask.members);
	leads_enter_reader(&f, schema, LEADS_FACT_READERS);
	leads_cut_begin(&f, &fc->t.cut, sizeof(Cell));
	leads_cut_local(&fc->t.cut, fc->t.ask.now, &tm);
	fc->today = date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
	fc->begun_from = fc->t.ask.now - HISTORY_DAYS * USECS_PER_DAY;
	leads_facts_read(&fc->t.cut, &fc->t.ask, LEADS_FACT_EVER, take_closing, fc);
	fc->begun_until = fc->closing.n > 0 ? fc->t.ask.now - (int64) leads_histogram_at(&fc->closing, 0.9) : fc->begun_from;
	leads_facts_read(&fc->t.cut, &fc->t.ask, LEADS_FACT_BEGUN, take, fc);
	leads_cut_sort(&fc->t.cut);
	foreach(lc, fc->t.cut.list)
	{
		const LeadsCutSegment *s = lfirst(lc);
		const Cell *c = s->cell;

		for (int step = 0; step < fc->t.cut.nsteps; step++)
			for (int age = 0; age < AGES; age++)
				for (int slipped = 0; slipped < 2; slipped++)
					if (c->open[step][age][slipped].n > 0)
						put_row(fc, rsinfo, s, ncuts, step, age, slipped, &c->open[step][age][slipped]);
	}
	leads_leave(&f);
	return (Datum) 0;
}
