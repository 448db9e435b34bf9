/*
 * window_funnel.c - aggregate window_funnel: how far a chain of steps went within a window.
 *
 * Purpose: ClickHouse's windowFunnel for rows of any table, a group at a time, in any
 * number of workers.
 * Invariants: rows of one instant go by their step; the answer does not depend on the
 * order of rows or on the plan; window and modes are the same in every row of a group;
 * a state read from bytes is checked.
 * Called by: users.
 */
#include "core/leads.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"

#include "lib/raw.h"
#include "read/journey.h"

typedef struct WindowFunnel
{
	int64		within;
	int			modes;
	bool		fixed;			/* both are written once in the query */
	bool		sorted;
	int64		n;
	int64		room;
	LeadsWindowRow *rows;
} WindowFunnel;

#define ROWS_FIRST 4
#define STATE_VERSION 1
#define STATE_HEAD 18			/* version, modes, within, rows */
#define STATE_ROW 9				/* instant, step */

#define ST_SORT sort_window
#define ST_ELEMENT_TYPE LeadsWindowRow
#define ST_COMPARE(a, b) leads_window_compare(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* ---------------------------------------------------------------- rows */

static int
read_modes(text *arg)
{
	static const struct
	{
		const char *name;
		int			mode;
	}			names[] = {
		{"strict_deduplication", LEADS_WINDOW_DEDUPLICATION}, {"strict_order", LEADS_WINDOW_ORDER},
		{"strict_increase", LEADS_WINDOW_INCREASE}
	};
	int			modes = 0;
	char	   *list;
	char	   *rest;

	if (arg == NULL)
		return 0;
	list = text_to_cstring(arg);
	for (char *word = strtok_r(list, ", ", &rest); word; word = strtok_r(NULL, ", ", &rest))
	{
		int			i;

		for (i = 0; i < lengthof(names) && strcmp(word, names[i].name) != 0; i++)
			;
		if (i == lengthof(names) && strcmp(word, "default") != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown mode of a window funnel"),
					 errhint("Modes are default, strict_deduplication, strict_order and strict_increase; several are separated by commas.")));
		if (i < lengthof(names))
			modes |= names[i].mode;
	}
	pfree(list);
	return modes;
}

static void
reserve(WindowFunnel *s, MemoryContext cxt, int64 n)
{
	if (n <= s->room)
		return;
	s->room = Max(n, s->room ? s->room * 2 : ROWS_FIRST);
	s->rows = s->rows ? repalloc_huge(s->rows, sizeof(LeadsWindowRow) * s->room)
		: MemoryContextAllocHuge(cxt, sizeof(LeadsWindowRow) * s->room);
}

/* argument n of the aggregate says the same in every row */
static bool
is_const(FunctionCallInfo fcinfo, int n)
{
	Aggref	   *agg = AggGetAggref(fcinfo);

	return agg && (list_length(agg->args) <= n || IsA(((TargetEntry *) list_nth(agg->args, n))->expr, Const));
}

static void
refuse_other(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("window and mode of a window funnel are the same in every row")));
}

/* state, within, at, step [, mode] */
PG_FUNCTION_INFO_V1(leads_window_funnel_step);
Datum
leads_window_funnel_step(PG_FUNCTION_ARGS)
{
	MemoryContext cxt;
	WindowFunnel *s;
	LeadsWindowRow *r;
	int32		step = PG_ARGISNULL(3) ? 0 : PG_GETARG_INT32(3);

	if (!AggCheckCallContext(fcinfo, &cxt))
		elog(ERROR, "window_funnel_step called outside of an aggregate");
	if (PG_ARGISNULL(0))
	{
		if (PG_ARGISNULL(1))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a window funnel has a window")));
		s = MemoryContextAllocZero(cxt, sizeof(WindowFunnel));
		s->within = leads_read_within(PG_GETARG_INTERVAL_P(1));
		s->modes = read_modes(PG_NARGS() < 5 || PG_ARGISNULL(4) ? NULL : PG_GETARG_TEXT_PP(4));
		s->fixed = is_const(fcinfo, 0) && is_const(fcinfo, 3);
		s->sorted = true;
	}
	else
		s = (WindowFunnel *) PG_GETARG_POINTER(0);
	if (!s->fixed && (PG_ARGISNULL(1) || leads_read_within(PG_GETARG_INTERVAL_P(1)) != s->within ||
					  read_modes(PG_NARGS() < 5 || PG_ARGISNULL(4) ? NULL : PG_GETARG_TEXT_PP(4)) != s->modes))
		refuse_other();
	if (step < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a step is a number from 1 on, 0 for none")));
	if (step > LEADS_FUNNEL_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a funnel has at most %d steps", LEADS_FUNNEL_STEPS)));
	/* what is no step matters only where it breaks a chain */
	if (PG_ARGISNULL(2) || (step == 0 && (s->modes & LEADS_WINDOW_ORDER) == 0))
		PG_RETURN_POINTER(s);
	reserve(s, cxt, s->n + 1);
	r = &s->rows[s->n];
	r->at = PG_GETARG_TIMESTAMPTZ(2);
	r->step = step;
	if (s->sorted && s->n > 0)
		s->sorted = leads_window_compare(r - 1, r) <= 0;
	s->n++;
	PG_RETURN_POINTER(s);
}

PG_FUNCTION_INFO_V1(leads_window_funnel_end);
Datum
leads_window_funnel_end(PG_FUNCTION_ARGS)
{
	WindowFunnel *s = PG_ARGISNULL(0) ? NULL : (WindowFunnel *) PG_GETARG_POINTER(0);

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "window_funnel_end called outside of an aggregate");
	if (s == NULL)
		PG_RETURN_INT32(0);
	if (!s->sorted)
		sort_window(s->rows, s->n);
	s->sorted = true;
	PG_RETURN_INT32(leads_window_level(s->rows, s->n, s->within, s->modes));
}

/* ---------------------------------------------------------------- states */

PG_FUNCTION_INFO_V1(leads_window_funnel_combine);
Datum
leads_window_funnel_combine(PG_FUNCTION_ARGS)
{
	MemoryContext cxt;
	WindowFunnel *a = PG_ARGISNULL(0) ? NULL : (WindowFunnel *) PG_GETARG_POINTER(0);
	WindowFunnel *b = PG_ARGISNULL(1) ? NULL : (WindowFunnel *) PG_GETARG_POINTER(1);

	if (!AggCheckCallContext(fcinfo, &cxt))
		elog(ERROR, "window_funnel_combine called outside of an aggregate");
	if (b == NULL)
	{
		if (a == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(a);
	}
	if (a == NULL)
	{
		a = MemoryContextAllocZero(cxt, sizeof(WindowFunnel));
		a->within = b->within;
		a->modes = b->modes;
		a->sorted = true;
	}
	if (a->within != b->within || a->modes != b->modes)
		refuse_other();
	if (b->n > 0)
	{
		reserve(a, cxt, a->n + b->n);
		memcpy(a->rows + a->n, b->rows, sizeof(LeadsWindowRow) * b->n);
		a->sorted = a->sorted && b->sorted && (a->n == 0 || leads_window_compare(&a->rows[a->n - 1], &b->rows[0]) <= 0);
		a->n += b->n;
	}
	PG_RETURN_POINTER(a);
}

PG_FUNCTION_INFO_V1(leads_window_funnel_out);
Datum
leads_window_funnel_out(PG_FUNCTION_ARGS)
{
	WindowFunnel *s = (WindowFunnel *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "window_funnel_out called outside of an aggregate");
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, STATE_VERSION);
	pq_sendbyte(&buf, (uint8) s->modes);
	pq_sendint64(&buf, s->within);
	pq_sendint64(&buf, s->n);
	/* an error if a group has more than a value can hold */
	enlargeStringInfo(&buf, (int) Min(s->n * STATE_ROW, (int64) INT_MAX));
	for (int64 i = 0; i < s->n; i++)
	{
		pq_sendint64(&buf, s->rows[i].at);
		pq_sendbyte(&buf, (uint8) s->rows[i].step);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

static int64
load(const uint8 *p)
{
	uint64		v;

	memcpy(&v, p, 8);
	return (int64) pg_ntoh64(v);
}

PG_FUNCTION_INFO_V1(leads_window_funnel_in);
Datum
leads_window_funnel_in(PG_FUNCTION_ARGS)
{
	bytea	   *b = PG_GETARG_BYTEA_PP(0);
	const uint8 *p = (const uint8 *) VARDATA_ANY(b);
	int64		len = VARSIZE_ANY_EXHDR(b);
	WindowFunnel *s = palloc0(sizeof(WindowFunnel));

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "window_funnel_in called outside of an aggregate");
	if (len < STATE_HEAD || p[0] != STATE_VERSION || p[1] > 7 || load(p + 2) < 0 || load(p + 10) < 0 ||
		load(p + 10) > len / STATE_ROW || len != STATE_HEAD + load(p + 10) * STATE_ROW)
		elog(ERROR, "a state of window_funnel is damaged");
	s->modes = p[1];
	s->within = load(p + 2);
	reserve(s, CurrentMemoryContext, load(p + 10));
	s->sorted = true;
	for (p += STATE_HEAD; s->n < s->room && s->n < (len - STATE_HEAD) / STATE_ROW; p += STATE_ROW)
	{
		LeadsWindowRow *r = &s->rows[s->n];

		r->at = load(p);
		r->step = p[8];
		if (r->step > LEADS_FUNNEL_STEPS)
			elog(ERROR, "a state of window_funnel is damaged");
		if (s->n > 0 && leads_window_compare(r - 1, r) > 0)
			s->sorted = false;
		s->n++;
	}
	PG_RETURN_POINTER(s);
}
