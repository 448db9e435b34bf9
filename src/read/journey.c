/*
 * journey.c - SQL functions over one journey.
 *
 * Purpose: what happened to a lead, asked of its packed history.
 * Invariants: no table is read; damaged bytes raise LD095, whatever they are (but journey_fault() says why); a
 * stage is named by its id, an owner by that of the member.
 * Called by: users, record/journey (journey_append, journey_fault).
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "utils/array.h"

#include "read/journey.h"
#include "record/journey.h"

/* ---------------------------------------------------------------- arguments */

void
leads_read_steps(ArrayType *array, LeadsFunnelSteps *out)
{
	int			n;
	int64	   *ids;

	if (ARR_NDIM(array) > 1 || ARR_HASNULL(array) || ARR_ELEMTYPE(array) != INT8OID)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("steps is a list of stages without NULL")));
	n = ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0];
	if (n == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a funnel has at least one step")));
	if (n > LEADS_FUNNEL_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a funnel has at most %d steps", LEADS_FUNNEL_STEPS)));
	ids = (int64 *) ARR_DATA_PTR(array);
	leads_funnel_steps_begin(out);
	for (int i = 0; i < n; i++)
		if (!leads_funnel_steps_add(out, ids[i], i))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a stage is among the steps twice")));
}

LeadsFunnelMode
leads_read_mode(const char *mode)
{
	static const char *const names[] = {"cohort", "strict", "flow", "snapshot"};

	if (mode == NULL)
		return LEADS_FUNNEL_COHORT;
	for (int i = 0; i < lengthof(names); i++)
		if (strcmp(mode, names[i]) == 0)
			return (LeadsFunnelMode) i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown mode of a funnel"),
			 errhint("Modes are cohort, strict, flow and snapshot.")));
	return LEADS_FUNNEL_COHORT;
}

int64
leads_read_within(const Interval *within)
{
	int64		us;

	if (within == NULL)
		return LEADS_FUNNEL_EVER;
	if (within->month != 0 || pg_mul_s64_overflow(within->day, USECS_PER_DAY, &us) ||
		pg_add_s64_overflow(us, within->time, &us) || us < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("within is a time in days, hours or less, and not negative")));
	return us;
}

static void
open_arg(FunctionCallInfo fcinfo, LeadsJourney *j)
{
	bytea	   *b = PG_GETARG_BYTEA_PP(0);

	if (!leads_journey_open(j, VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b)))
		leads_journey_damaged(j->fault);
}

static void
check_end(const LeadsJourney *j)
{
	if (j->fault)
		leads_journey_damaged(j->fault);
}

/* ---------------------------------------------------------------- at an instant */

PG_FUNCTION_INFO_V1(leads_journey_stage_at);
Datum
leads_journey_stage_at(PG_FUNCTION_ARGS)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(1);
	LeadsJourney j;
	int64		stage = -1;

	open_arg(fcinfo, &j);
	while (leads_journey_next(&j))
		if (j.at <= at && j.kind != LEADS_JOURNEY_OWNER)
			stage = j.stage;
	check_end(&j);
	if (stage < 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(stage);
}

PG_FUNCTION_INFO_V1(leads_journey_owner_at);
Datum
leads_journey_owner_at(PG_FUNCTION_ARGS)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(1);
	LeadsJourney j;
	int64		owner = -1;

	open_arg(fcinfo, &j);
	while (leads_journey_next(&j))
		if (j.at <= at)
			owner = j.owner;
	check_end(&j);
	if (owner < 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(owner);
}

PG_FUNCTION_INFO_V1(leads_journey_time_in);
Datum
leads_journey_time_in(PG_FUNCTION_ARGS)
{
	int64		stage = PG_GETARG_INT64(1);
	TimestampTz until = PG_GETARG_TIMESTAMPTZ(2);
	LeadsJourney j;
	Interval   *spent = palloc0(sizeof(Interval));
	TimestampTz since = 0;
	bool		there = false;

	until = Min(until, LEADS_JOURNEY_LAST);
	open_arg(fcinfo, &j);
	while (leads_journey_next(&j))
	{
		if (j.kind == LEADS_JOURNEY_OWNER)
			continue;
		if (there)
			spent->time += Max(Min(j.at, until) - since, 0);
		there = j.stage == stage && j.at <= until;
		since = j.at;
	}
	check_end(&j);
	if (there)
		spent->time += until - since;
	PG_RETURN_INTERVAL_P(spent);
}

PG_FUNCTION_INFO_V1(leads_journey_entered);
Datum
leads_journey_entered(PG_FUNCTION_ARGS)
{
	int64		stage = PG_GETARG_INT64(1);
	LeadsJourney j;
	TimestampTz at = LEADS_NO_TIME;

	open_arg(fcinfo, &j);
	while (leads_journey_next(&j))
		if (at == LEADS_NO_TIME && j.stage == stage && j.kind != LEADS_JOURNEY_OWNER)
			at = j.at;
	check_end(&j);
	if (at == LEADS_NO_TIME)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(at);
}

/* ---------------------------------------------------------------- steps */

static int
level(FunctionCallInfo fcinfo, LeadsFunnelMode mode, int64 within)
{
	bytea	   *b = PG_GETARG_BYTEA_PP(0);
	LeadsFunnelRule rule;
	LeadsWalk	w;
	int			n;

	memset(&rule, 0, sizeof(rule));
	memset(&w, 0, sizeof(w));
	leads_read_steps(PG_GETARG_ARRAYTYPE_P(1), &rule.steps);
	rule.mode = mode;
	rule.within = within;
	if (!leads_walk(&w, VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b), &rule.steps, LEADS_JOURNEY_LAST, LEADS_FUNNEL_EVER,
					mode == LEADS_FUNNEL_COHORT ? within : LEADS_FUNNEL_EVER))
		leads_journey_damaged(w.fault);
	n = leads_funnel_level(&rule, &w);
	leads_walk_free(&w);
	return n;
}

PG_FUNCTION_INFO_V1(leads_journey_furthest);
Datum
leads_journey_furthest(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(level(fcinfo, LEADS_FUNNEL_COHORT, LEADS_FUNNEL_EVER));
}

PG_FUNCTION_INFO_V1(leads_journey_level);
Datum
leads_journey_level(PG_FUNCTION_ARGS)
{
	LeadsFunnelMode mode;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	mode = leads_read_mode(PG_ARGISNULL(3) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(3)));
	if (mode == LEADS_FUNNEL_FLOW)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a single lead has no level in mode flow"),
				 errhint("Modes of a level are cohort, strict and snapshot.")));
	PG_RETURN_INT32(level(fcinfo, mode, leads_read_within(PG_ARGISNULL(2) ? NULL : PG_GETARG_INTERVAL_P(2))));
}

/* ---------------------------------------------------------------- entries */

PG_FUNCTION_INFO_V1(leads_journey_entries);
Datum
leads_journey_entries(PG_FUNCTION_ARGS)
{
	static const char *const kinds[] = {
		"", "entered", "advanced", "won", "lost", "reopened", "reversed", "handed", "moved", "invalid"
	};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	LeadsJourney j;
	int			attempt = 1;
	int			n = 0;

	InitMaterializedSRF(fcinfo, 0);
	open_arg(fcinfo, &j);
	while (leads_journey_next(&j))
	{
		Datum		values[6];
		bool		nulls[6] = {false};

		attempt += j.kind == LEADS_JOURNEY_REOPENED || j.kind == LEADS_JOURNEY_REVERSED;
		values[0] = Int32GetDatum(++n);
		values[1] = TimestampTzGetDatum(j.at);
		values[2] = CStringGetTextDatum(kinds[j.kind]);
		values[3] = Int64GetDatum(j.stage);
		nulls[3] = j.kind == LEADS_JOURNEY_OWNER;
		values[4] = Int64GetDatum(j.owner);
		values[5] = Int32GetDatum(attempt);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	check_end(&j);
	return (Datum) 0;
}

static LeadsJourneyKind
kind_arg(const char *name)
{
	LeadsJourneyKind kind = leads_journey_kind(name);

	if (kind == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown kind of an entry"),
				 errhint("Kinds are entered, advanced, won, lost, invalid, reopened, handed and moved.")));
	return kind;
}

static bytea *
to_bytea(LeadsJourneyWriter *w)
{
	bytea	   *b = palloc(VARHDRSZ + w->len);

	SET_VARSIZE(b, VARHDRSZ + w->len);
	memcpy(VARDATA(b), w->bytes, w->len);
	leads_journey_free(w);
	return b;
}

static void
check_added(LeadsJourneyAdded added)
{
	if (added == LEADS_JOURNEY_NOT_ADDED)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an entry has an instant, and a stage and an owner that are not negative")));
}

PG_FUNCTION_INFO_V1(leads_journey_fault);
Datum
leads_journey_fault(PG_FUNCTION_ARGS)
{
	bytea	   *b = PG_GETARG_BYTEA_PP(0);
	const char *fault = leads_journey_check(VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b));

	if (fault == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(fault));
}

PG_FUNCTION_INFO_V1(leads_journey_append);
Datum
leads_journey_append(PG_FUNCTION_ARGS)
{
	LeadsJourneyWriter w;
	LeadsJourneyAdded added;
	LeadsJourneyKind kind;
	TimestampTz at;
	int64		stage = PG_ARGISNULL(3) ? 0 : PG_GETARG_INT64(3);
	int64		owner = PG_ARGISNULL(4) ? 0 : PG_GETARG_INT64(4);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	at = PG_GETARG_TIMESTAMPTZ(1);
	kind = kind_arg(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	if (PG_ARGISNULL(0))
	{
		leads_journey_begin(&w, 0);
		added = leads_journey_add(&w, at, kind, stage, owner);
	}
	else
	{
		bytea	   *b = PG_GETARG_BYTEA_PP(0);
		const char *fault = leads_journey_put(&w, VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b), at, kind, stage, owner, &added);

		if (fault)
			leads_journey_damaged(fault);
	}
	check_added(added);
	if (w.len == 0)
		PG_RETURN_NULL();
	PG_RETURN_BYTEA_P(to_bytea(&w));
}

/* ---------------------------------------------------------------- rows into a journey */

typedef struct JourneyRow
{
	int64		at;
	int64		stage;
	int64		owner;
	int64		n;				/* as they came: the last word of the order */
	LeadsJourneyKind kind;
} JourneyRow;

typedef struct JourneyRows
{
	JourneyRow *rows;
	int64		n;
	int64		room;
} JourneyRows;

PG_FUNCTION_INFO_V1(leads_journey_agg_step);
Datum
leads_journey_agg_step(PG_FUNCTION_ARGS)
{
	MemoryContext cxt;
	MemoryContext old;
	JourneyRows *s;
	JourneyRow *r;

	if (!AggCheckCallContext(fcinfo, &cxt))
		elog(ERROR, "journey_agg_step called outside of an aggregate");
	old = MemoryContextSwitchTo(cxt);
	s = PG_ARGISNULL(0) ? palloc0(sizeof(JourneyRows)) : (JourneyRows *) PG_GETARG_POINTER(0);
	if (!PG_ARGISNULL(1))
	{
		if (s->n == s->room)
		{
			s->room = s->room ? s->room * 2 : 8;
			s->rows = s->rows ? repalloc_huge(s->rows, sizeof(JourneyRow) * s->room) : palloc(sizeof(JourneyRow) * s->room);
		}
		r = &s->rows[s->n];
		r->at = PG_GETARG_TIMESTAMPTZ(1);
		r->kind = PG_ARGISNULL(2) ? LEADS_JOURNEY_MOVED : kind_arg(text_to_cstring(PG_GETARG_TEXT_PP(2)));
		r->stage = PG_ARGISNULL(3) ? 0 : PG_GETARG_INT64(3);
		r->owner = PG_ARGISNULL(4) ? 0 : PG_GETARG_INT64(4);
		r->n = s->n++;
	}
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(s);
}

static int
in_time(const void *a, const void *b)
{
	const JourneyRow *x = a;
	const JourneyRow *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->stage != y->stage)
		return x->stage < y->stage ? -1 : 1;
	return x->n < y->n ? -1 : 1;
}

PG_FUNCTION_INFO_V1(leads_journey_agg_end);
Datum
leads_journey_agg_end(PG_FUNCTION_ARGS)
{
	JourneyRows *s = PG_ARGISNULL(0) ? NULL : (JourneyRows *) PG_GETARG_POINTER(0);
	LeadsJourneyWriter w;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "journey_agg_end called outside of an aggregate");
	if (s == NULL || s->n == 0)
		PG_RETURN_NULL();
	qsort(s->rows, s->n, sizeof(JourneyRow), in_time);
	leads_journey_begin(&w, 0);
	for (int64 i = 0; i < s->n; i++)
		check_added(leads_journey_add(&w, s->rows[i].at, i == 0 ? LEADS_JOURNEY_ENTERED : s->rows[i].kind,
									  s->rows[i].stage, s->rows[i].owner));
	PG_RETURN_BYTEA_P(to_bytea(&w));
}
