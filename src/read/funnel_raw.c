/*
 * funnel_raw.c - aggregate funnel_of_events over rows of any table, in any order.
 *
 * Purpose: a funnel of a table as it is, in one pass, without sorting it and without
 * making journeys.
 * Invariants: the answer is that of funnel_agg over the journeys that the same rows
 * make, whatever their order and however little memory there is; one group takes
 * work_mem and some 50 MB at most; the steps are the same in every row, others are
 * refused.
 * Called by: users.
 */
#include "core/leads.h"

#include "nodes/primnodes.h"
#include "utils/array.h"

#include "read/funnel_agg.h"
#include "read/funnel_raw.h"
#include "read/journey.h"

#define KIND_LEAST 3
#define KIND_MOST 8

/* kinds by their length: at most two of one */
typedef struct Kinds
{
	uint64		word[KIND_MOST + 1];
	uint64		other[KIND_MOST + 1];
	int			end[KIND_MOST + 1];
} Kinds;

typedef struct RawFunnel
{
	RawRows    *rows;
	ArrayType  *steps;
	bool		fixed;			/* a constant: no need to look again in each row */
	LeadsFunnelSteps at;
	LeadsFunnelMode mode;
	int64		within;
	Kinds		kinds;
} RawFunnel;

static void
close_rows(Datum arg)
{
	leads_raw_close(((RawFunnel *) DatumGetPointer(arg))->rows);
}

/* whether argument n is the same in every row by what it is */
static bool
is_constant(FunctionCallInfo fcinfo, int n)
{
	Aggref	   *agg = AggGetAggref(fcinfo);
	Node	   *arg;

	/* the second half of a split aggregation has other arguments */
	if (agg == NULL || list_length(agg->args) <= n)
		return false;
	arg = (Node *) ((TargetEntry *) list_nth(agg->args, n))->expr;
	return IsA(arg, Const) || (IsA(arg, Param) && ((Param *) arg)->paramkind == PARAM_EXTERN);
}

/*
 * Kinds are told apart by their length and a word of their first and last four bytes: of a row that is read once no
 * branch knows which kind comes next.
 */
static inline uint64
word_of(const char *p, int len)
{
	uint32		first;
	uint32		last;

	if (unlikely(len < 4))
		return (uint64) (uint8) p[0] << 16 | (uint64) (uint8) p[1] << 8 | (uint8) p[2];
	memcpy(&first, p, 4);
	memcpy(&last, p + len - 4, 4);
	return (uint64) last << 32 | first;
}

static void
read_kinds(Kinds *k)
{
	static const struct
	{
		const char *name;
		int			end;
	}			names[] = {
		{"won", LEADS_RAW_WON}, {"lost", LEADS_RAW_LOST}, {"moved", LEADS_RAW_OPEN}, {"handed", -1},
		{"entered", LEADS_RAW_OPEN}, {"reopened", LEADS_RAW_OPEN}, {"advanced", LEADS_RAW_OPEN}
	};

	for (int i = 0; i < lengthof(names); i++)
	{
		int			len = (int) strlen(names[i].name);

		/* of those of one length the end is the same; one that is alone stands twice */
		k->other[len] = k->word[len] ? k->word[len] : word_of(names[i].name, len);
		k->word[len] = word_of(names[i].name, len);
		k->end[len] = names[i].end;
	}
}

static RawFunnel *
first_row(FunctionCallInfo fcinfo, MemoryContext cxt, int steps)
{
	MemoryContext old = MemoryContextSwitchTo(cxt);
	RawFunnel  *s = palloc0(sizeof(RawFunnel));

	if (PG_ARGISNULL(steps))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a funnel has at least one step")));
	s->steps = PG_GETARG_ARRAYTYPE_P_COPY(steps);
	s->fixed = is_constant(fcinfo, steps - 1) && is_constant(fcinfo, steps) && is_constant(fcinfo, steps + 1);
	leads_read_steps(s->steps, &s->at);
	s->within = leads_read_within(PG_ARGISNULL(steps + 1) ? NULL : PG_GETARG_INTERVAL_P(steps + 1));
	s->mode = leads_read_mode(PG_ARGISNULL(steps + 2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(steps + 2)));
	s->rows = leads_raw_new(cxt);
	read_kinds(&s->kinds);
	AggRegisterCallback(fcinfo, close_rows, PointerGetDatum(s));
	MemoryContextSwitchTo(old);
	return s;
}

/* the first row, or steps that must be looked at */
static pg_noinline RawFunnel *
look_at_steps(FunctionCallInfo fcinfo, int steps)
{
	MemoryContext cxt;
	RawFunnel  *s;
	ArrayType  *a;

	if (PG_ARGISNULL(0))
	{
		if (AggCheckCallContext(fcinfo, &cxt) != AGG_CONTEXT_AGGREGATE)
			elog(ERROR, "funnel_of_events called outside of an aggregate");
		return first_row(fcinfo, cxt, steps);
	}
	s = (RawFunnel *) PG_GETARG_POINTER(0);
	a = PG_ARGISNULL(steps) ? NULL : PG_GETARG_ARRAYTYPE_P(steps);
	if (a == NULL || VARSIZE(a) != VARSIZE(s->steps) || memcmp(a, s->steps, VARSIZE(a)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the steps of a funnel are the same in every row")));
	leads_same_rule(fcinfo, steps + 1, s->within, s->mode);
	if ((Pointer) a != DatumGetPointer(PG_GETARG_DATUM(steps)))
		pfree(a);
	return s;
}

static inline RawFunnel *
state_of(FunctionCallInfo fcinfo, int steps)
{
	RawFunnel  *s = PG_ARGISNULL(0) ? NULL : (RawFunnel *) PG_GETARG_POINTER(0);

	return likely(s != NULL && s->fixed) ? s : look_at_steps(fcinfo, steps);
}

static inline void
take(RawFunnel *s, int64 lead, TimestampTz at, int step, int end)
{
	if (unlikely(at < LEADS_JOURNEY_FIRST || at > LEADS_JOURNEY_LAST))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("an event has a finite instant")));
	leads_raw_add(s->rows, lead, at, LEADS_RAW_CODE(step < 0 ? LEADS_RAW_NO_STEP : step, end));
}

/* state, lead_id, at, stage, steps, within, mode */
PG_FUNCTION_INFO_V1(leads_funnel_of_events_step);
Datum
leads_funnel_of_events_step(PG_FUNCTION_ARGS)
{
	RawFunnel  *s = state_of(fcinfo, 4);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3))
		take(s, PG_GETARG_INT64(1), PG_GETARG_TIMESTAMPTZ(2), leads_funnel_step(&s->at, PG_GETARG_INT64(3)),
			 LEADS_RAW_OPEN);
	PG_RETURN_POINTER(s);
}

/* the one that no event has, but journeys do: who sends it pays for it */
static pg_noinline int
rare_kind(const char *p, int len)
{
	if (len == 7 && memcmp(p, "invalid", 7) == 0)
		return LEADS_RAW_LOST;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown kind of an entry"),
			 errhint("Kinds are entered, advanced, won, lost, invalid, reopened, handed and moved.")));
	return -1;
}

/* how a row of this kind leaves the lead; -1 = nothing of a funnel */
static inline int
end_of_kind(const Kinds *k, Datum d)
{
	text	   *kind = (text *) DatumGetPointer(d);
	const char *p;
	int			len;
	uint64		word;

	if (unlikely(VARATT_IS_COMPRESSED(kind) || VARATT_IS_EXTERNAL(kind)))
		kind = pg_detoast_datum_packed(kind);
	p = VARDATA_ANY(kind);
	len = (int) VARSIZE_ANY_EXHDR(kind);
	if (unlikely(len < KIND_LEAST || len > KIND_MOST))
		return rare_kind(p, len);
	word = word_of(p, len);
	if (unlikely(word != k->word[len] && word != k->other[len]))
		return rare_kind(p, len);
	return k->end[len];
}

/* state, lead_id, at, kind, stage, steps, within, mode */
PG_FUNCTION_INFO_V1(leads_funnel_of_kinds_step);
Datum
leads_funnel_of_kinds_step(PG_FUNCTION_ARGS)
{
	RawFunnel  *s = state_of(fcinfo, 5);
	int			end;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_POINTER(s);
	end = PG_ARGISNULL(3) ? LEADS_RAW_OPEN : end_of_kind(&s->kinds, PG_GETARG_DATUM(3));
	if (end < 0 || (PG_ARGISNULL(4) && end == LEADS_RAW_OPEN))
		PG_RETURN_POINTER(s);
	take(s, PG_GETARG_INT64(1), PG_GETARG_TIMESTAMPTZ(2),
		 PG_ARGISNULL(4) ? -1 : leads_funnel_step(&s->at, PG_GETARG_INT64(4)), end);
	PG_RETURN_POINTER(s);
}

PG_FUNCTION_INFO_V1(leads_funnel_of_events_end);
Datum
leads_funnel_of_events_end(PG_FUNCTION_ARGS)
{
	RawFunnel  *s;
	LeadsRaw	w;
	LeadsFunnelCounts counts;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "funnel_of_events_end called outside of an aggregate");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	s = (RawFunnel *) PG_GETARG_POINTER(0);
	leads_raw_begin(&w, s->mode, s->at.n, s->within);
	leads_raw_tell_all(s->rows, &w);
	leads_raw_finish(&w);
	memset(&counts, 0, sizeof(counts));
	counts.mode = s->mode;
	counts.n = s->at.n;
	memcpy(counts.entered, w.entered, sizeof(counts.entered));
	memcpy(counts.advanced, w.advanced, sizeof(counts.advanced));
	memcpy(counts.next, w.next, sizeof(counts.next));
	memcpy(counts.lost, w.lost, sizeof(counts.lost));
	memcpy(counts.open, w.open, sizeof(counts.open));
	PG_RETURN_BYTEA_P(leads_funnel_counts_write(&counts));
}
