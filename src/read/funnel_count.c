/*
 * funnel_count.c - one pass over the events of a cohort, lead by lead.
 *
 * Purpose: the counting of leads.funnel(), exact, from event rows alone.
 * Invariants: a lead counts once, by the furthest step that any of its attempts
 * reached, stages left out on the way included; a win that was taken back counts
 * for nothing; lost and open leads count at their furthest step, so that
 * entered = advanced + lost_here + open_here in every row; who reached the last
 * step has advanced out of the funnel.
 * Called by: read/funnel.
 */
#include "core/leads.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "read/funnel.h"

#define SEGMENT_KEY 256
#define FETCH 1000
#define MANY_STAGES 64

LEADS_QUERY(q_stages, "",
			"SELECT s.id, s.code, s.label_zh, s.label_en, s.kind FROM @.stage s"
			" WHERE s.kind IN ('open', 'won') ORDER BY s.kind = 'won', s.position");
LEADS_QUERY(q_channel, "l", "SELECT c.code FROM @.channel c WHERE c.id = $1");
LEADS_QUERY(q_member, "l", "SELECT m.code FROM @.member m WHERE m.id = $1");

typedef struct Step
{
	int64		stage_id;
	const char *code;
	const char *label;
	bool		won;
} Step;

typedef struct Samples
{
	double	   *hours;
	int64		n;
	int64		room;
} Samples;

typedef struct Segment
{
	char		key[SEGMENT_KEY];	/* hash key */
	const char *name;
	int64		open_at[MANY_STAGES];
	int64		lost_at[MANY_STAGES];
	int64		won_at[MANY_STAGES];
	Samples		stays[MANY_STAGES];
} Segment;

typedef enum State
{
	STATE_NONE, STATE_OPEN, STATE_LOST, STATE_WON
} State;

/* one lead on its way through its events */
typedef struct Walk
{
	int64		lead_id;
	State		state;
	int			here;			/* open step it is in, -1 = none */
	TimestampTz here_since;
	int			furthest;		/* open step, -1 = none yet */
	int64		owner_id;		/* owner at the last counted event, 0 = pool */
	int64		channel_id;
	char	   *region;
	int64		spent[MANY_STAGES]; /* microseconds in closed stays of this attempt */
	bool		stayed[MANY_STAGES];
	/* stays of earlier attempts */
	int		   *old_step;
	double	   *old_hours;
	int			nold;
	int			oldroom;
} Walk;

typedef struct Funnel
{
	const LeadsFunnelAsk *ask;
	LeadsFrame *f;
	Step		steps[MANY_STAGES];
	int			nsteps;
	int			won;			/* index of the last step, -1 = the pipeline has none */
	HTAB	   *segments;
	MemoryContext cxt;
	Walk		walk;
} Funnel;

#define HOURS(us) ((double) (us) / (double) USECS_PER_HOUR)

static void
load_steps(Funnel *fn)
{
	LeadsResult r = leads_run(&q_stages);
	bool		zh = strcmp(fn->f->lang, "zh") == 0;

	if (r.n > MANY_STAGES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a funnel has at most %d stages", MANY_STAGES)));
	fn->won = -1;
	for (uint64 i = 0; i < r.n; i++)
	{
		Step	   *s = &fn->steps[i];

		s->stage_id = leads_int(&r, i, 1);
		s->code = leads_text(&r, i, 2);
		s->label = leads_text(&r, i, zh ? 3 : 4);
		s->won = strcmp(leads_text(&r, i, 5), "won") == 0;
		/* several ways to win are one step */
		if (s->won && fn->won >= 0)
			continue;
		if (s->won)
			fn->won = fn->nsteps;
		fn->steps[fn->nsteps++] = *s;
	}
}

/* the open step of a stage, -1 if it is none */
static int
open_step(const Funnel *fn, int64 stage_id)
{
	for (int i = 0; i < fn->nsteps; i++)
		if (fn->steps[i].stage_id == stage_id && !fn->steps[i].won)
			return i;
	return -1;
}

/* ---------------------------------------------------------------- one lead */

static void
arrive(Walk *w, int step, TimestampTz at)
{
	w->state = STATE_OPEN;
	w->here = step;
	w->here_since = at;
	if (step > w->furthest)
		w->furthest = step;
}

/* stays in one stage add up within an attempt */
static void
depart(Walk *w, TimestampTz at)
{
	if (w->here < 0)
		return;
	w->spent[w->here] += at - w->here_since;
	w->stayed[w->here] = true;
	w->here = -1;
}

/* an attempt is over: its stays are kept, the next one begins at nought */
static void
put_away(Funnel *fn)
{
	Walk	   *w = &fn->walk;

	for (int i = 0; i < fn->nsteps; i++)
	{
		if (!w->stayed[i])
			continue;
		if (w->nold == w->oldroom)
		{
			w->oldroom = w->oldroom ? w->oldroom * 2 : 32;
			w->old_step = w->old_step ? repalloc(w->old_step, w->oldroom * sizeof(int)) :
				MemoryContextAlloc(fn->cxt, w->oldroom * sizeof(int));
			w->old_hours = w->old_hours ? repalloc(w->old_hours, w->oldroom * sizeof(double)) :
				MemoryContextAlloc(fn->cxt, w->oldroom * sizeof(double));
		}
		w->old_step[w->nold] = i;
		w->old_hours[w->nold++] = HOURS(w->spent[i]);
		w->spent[i] = 0;
		w->stayed[i] = false;
	}
}

static void
step_event(Funnel *fn, char kind, TimestampTz at, int64 to_stage)
{
	Walk	   *w = &fn->walk;

	switch (kind)
	{
		case 'e':				/* entered */
			arrive(w, open_step(fn, to_stage), at);
			break;
		case 'a':				/* advanced */
			depart(w, at);
			arrive(w, open_step(fn, to_stage), at);
			break;
		case 'w':				/* won */
			depart(w, at);
			w->state = STATE_WON;
			break;
		case 'l':				/* lost */
			depart(w, at);
			w->state = STATE_LOST;
			break;
		case 'r':				/* reopened: a win is forgotten, what was reached stays reached */
			put_away(fn);
			arrive(w, open_step(fn, to_stage), at);
			break;
	}
}

static void
add_sample(Funnel *fn, Segment *s, int step, double hours)
{
	Samples    *x = &s->stays[step];

	if (x->n == x->room)
	{
		x->room = x->room ? x->room * 2 : 64;
		x->hours = x->hours ? repalloc_huge(x->hours, x->room * sizeof(double)) :
			MemoryContextAllocHuge(fn->cxt, x->room * sizeof(double));
	}
	x->hours[x->n++] = hours;
}

static Segment *
segment_of(Funnel *fn, const char *key)
{
	Segment    *s;
	bool		found;

	s = hash_search(fn->segments, key, HASH_ENTER, &found);
	if (!found)
		memset((char *) s + SEGMENT_KEY, 0, sizeof(Segment) - SEGMENT_KEY);
	return s;
}

static Segment *
segment_of_lead(Funnel *fn)
{
	Walk	   *w = &fn->walk;
	char		key[SEGMENT_KEY];

	memset(key, 0, sizeof(key));
	switch (fn->ask->by)
	{
		case LEADS_FUNNEL_WHOLE:
			break;
		case LEADS_FUNNEL_CHANNEL:
			snprintf(key, sizeof(key), INT64_FORMAT, w->channel_id);
			break;
		case LEADS_FUNNEL_OWNER:
			snprintf(key, sizeof(key), INT64_FORMAT, w->owner_id);
			break;
		case LEADS_FUNNEL_REGION:
			if (w->region)
				memcpy(key, w->region, pg_mbcliplen(w->region, strlen(w->region), SEGMENT_KEY - 1));
			break;
	}
	return segment_of(fn, key);
}

/* a lead is through: count it */
static void
finish_lead(Funnel *fn)
{
	Walk	   *w = &fn->walk;
	Segment    *s;

	if (w->state == STATE_NONE || w->furthest < 0)
		return;
	if (fn->ask->mode == LEADS_FUNNEL_SNAPSHOT)
	{
		if (w->state != STATE_OPEN || w->here < 0)
			return;
		s = segment_of_lead(fn);
		s->open_at[w->here]++;
		add_sample(fn, s, w->here, HOURS(fn->ask->as_of - w->here_since));
		return;
	}
	s = segment_of_lead(fn);
	if (w->state == STATE_WON)
		s->won_at[fn->won >= 0 ? fn->won : w->furthest]++;
	else if (w->state == STATE_LOST)
		s->lost_at[w->furthest]++;
	else
		s->open_at[w->furthest]++;
	put_away(fn);
	for (int i = 0; i < w->nold; i++)
		add_sample(fn, s, w->old_step[i], w->old_hours[i]);
}

static void
begin_lead(Funnel *fn, int64 lead_id, int64 channel_id, char *region)
{
	Walk	   *w = &fn->walk;

	w->lead_id = lead_id;
	w->state = STATE_NONE;
	w->here = w->furthest = -1;
	w->owner_id = 0;
	w->channel_id = channel_id;
	if (w->region)
		pfree(w->region);
	w->region = region;
	w->nold = 0;
	memset(w->spent, 0, sizeof(w->spent));
	memset(w->stayed, 0, sizeof(w->stayed));
}

/* ---------------------------------------------------------------- the pass */

static Portal
open_events(Funnel *fn)
{
	const LeadsFunnelAsk *ask = fn->ask;
	Oid			types[6] = {TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID, INT8ARRAYOID, TIMESTAMPTZOID};
	Datum		values[6];
	char		nulls[7] = "      ";
	StringInfoData sql;
	Portal		portal;

	initStringInfo(&sql);
	appendStringInfoString(&sql,
						   "SELECT e.lead_id, e.at, e.kind, e.to_stage_id, e.owner_id, l.channel_id, c.region"
						   " FROM @.event e JOIN @.lead l ON l.id = e.lead_id JOIN @.customer c ON c.id = l.customer_id"
						   " WHERE e.kind = ANY ('{entered,advanced,won,lost,reopened}') AND e.at <= $3"
						   " AND c.status = 'live' AND ($4 OR NOT l.imported)");
	if (ask->since != LEADS_NO_TIME || ask->until != LEADS_NO_TIME)
		appendStringInfoString(&sql,
							   " AND e.lead_id IN (SELECT n.lead_id FROM @.event n WHERE n.kind = 'entered'"
							   " AND (n.at >= $1 OR $1 IS NULL) AND (n.at < $2 OR $2 IS NULL))");
	if (!ask->all)
		appendStringInfoString(&sql,
							   " AND EXISTS (SELECT FROM @.ownership o WHERE o.customer_id = l.customer_id"
							   " AND o.scope = l.scope AND o.until IS NULL AND o.member_id = ANY ($5)"
							   " AND (o.next_due_at IS NULL OR o.next_due_at > $6))");
	appendStringInfoString(&sql, " ORDER BY e.lead_id, e.at, e.id");
	values[0] = TimestampTzGetDatum(ask->since);
	nulls[0] = ask->since == LEADS_NO_TIME ? 'n' : ' ';
	values[1] = TimestampTzGetDatum(ask->until);
	nulls[1] = ask->until == LEADS_NO_TIME ? 'n' : ' ';
	values[2] = TimestampTzGetDatum(ask->as_of);
	values[3] = BoolGetDatum(ask->imported);
	values[4] = ask->members;
	nulls[4] = ask->members == (Datum) 0 ? 'n' : ' ';
	values[5] = TimestampTzGetDatum(ask->now);
	/* a report reads much: unlike the kept look-ups of the frame it may scan */
	(void) set_config_option("enable_seqscan", "on", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	portal = SPI_cursor_open_with_args(NULL, leads_qualify(sql.data, fn->f->qschema), 6, types, values, nulls,
									   true, CURSOR_OPT_NO_SCROLL);
	if (portal == NULL)
		elog(ERROR, "could not read the events: %s", SPI_result_code_string(SPI_result));
	return portal;
}

static void
read_events(Funnel *fn)
{
	static const char *const names[] = {"lead_id", "at", "kind", "to_stage_id", "owner_id", "channel_id"};
	static const Oid wanted[] = {INT8OID, TIMESTAMPTZOID, TEXTOID, INT8OID, INT8OID, INT8OID};
	Portal		portal = open_events(fn);
	bool		any = false;

	for (int i = 0; i < lengthof(names); i++)
		(void) leads_row_column(portal->tupDesc, names[i], wanted[i]);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, FETCH);
		if (SPI_processed == 0)
			break;
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			HeapTuple	tup = SPI_tuptable->vals[i];
			TupleDesc	desc = SPI_tuptable->tupdesc;
			bool		isnull;
			bool		no_stage;
			bool		no_owner;
			int64		lead_id = DatumGetInt64(SPI_getbinval(tup, desc, 1, &isnull));
			TimestampTz at = DatumGetTimestampTz(SPI_getbinval(tup, desc, 2, &isnull));
			char		kind = VARDATA_ANY(DatumGetTextPP(SPI_getbinval(tup, desc, 3, &isnull)))[0];
			int64		to = DatumGetInt64(SPI_getbinval(tup, desc, 4, &no_stage));
			int64		owner = DatumGetInt64(SPI_getbinval(tup, desc, 5, &no_owner));

			if (!any || lead_id != fn->walk.lead_id)
			{
				if (any)
					finish_lead(fn);
				begin_lead(fn, lead_id, DatumGetInt64(SPI_getbinval(tup, desc, 6, &isnull)),
						   fn->ask->by == LEADS_FUNNEL_REGION ? SPI_getvalue(tup, desc, 7) : NULL);
				any = true;
			}
			/* a history whose beginning is missing belongs to no cohort */
			if (fn->walk.state == STATE_NONE && kind != 'e')
				continue;
			step_event(fn, kind, at, no_stage ? 0 : to);
			fn->walk.owner_id = no_owner ? 0 : owner;
		}
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
	if (any)
		finish_lead(fn);
}

/* ---------------------------------------------------------------- the answer */

static const char *
segment_name(Funnel *fn, const Segment *s)
{
	LeadsResult r;

	switch (fn->ask->by)
	{
		case LEADS_FUNNEL_WHOLE:
			return "all";
		case LEADS_FUNNEL_CHANNEL:
			r = leads_run(&q_channel, (int64) strtoll(s->key, NULL, 10));
			return leads_found(r) ? leads_text(&r, 0, 1) : s->key;
		case LEADS_FUNNEL_OWNER:
			if (strcmp(s->key, "0") == 0)
				return leads_message0(fn->f->lang, "funnel.pool");
			r = leads_run(&q_member, (int64) strtoll(s->key, NULL, 10));
			return leads_found(r) ? leads_text(&r, 0, 1) : s->key;
		case LEADS_FUNNEL_REGION:
			return s->key[0] ? s->key : leads_message0(fn->f->lang, "funnel.no_region");
	}
	return s->key;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp((*(Segment *const *) a)->name, (*(Segment *const *) b)->name);
}

static int
by_hours(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y ? 1 : 0;
}

/* between the two nearest ranks, as percentile_cont */
static double
percentile(const Samples *x, double p)
{
	double		rank = p * (double) (x->n - 1);
	int64		low = (int64) floor(rank);
	int64		high = (int64) ceil(rank);

	return x->hours[low] + (rank - (double) low) * (x->hours[high] - x->hours[low]);
}

static void
fill_rows(Funnel *fn, Segment *s, LeadsFunnelRow *rows, int nrows)
{
	int64		reached = 0;
	bool		snapshot = fn->ask->mode == LEADS_FUNNEL_SNAPSHOT;

	/* from the last step back: who is beyond has passed */
	for (int i = nrows - 1; i >= 0; i--)
	{
		LeadsFunnelRow *r = &rows[i];
		Samples    *x = &s->stays[i];

		r->segment = s->name;
		r->position = i + 1;
		r->stage = fn->steps[i].code;
		r->label = fn->steps[i].label;
		r->lost_here = s->lost_at[i];
		r->open_here = s->open_at[i];
		r->advanced = snapshot ? 0 : reached + s->won_at[i];
		r->entered = r->advanced + r->lost_here + r->open_here;
		reached = r->entered;
		r->has_hours = x->n > 0;
		if (r->has_hours)
		{
			qsort(x->hours, x->n, sizeof(double), by_hours);
			r->median_hours = percentile(x, 0.5);
			r->p90_hours = percentile(x, 0.9);
		}
	}
	for (int i = 0; i < nrows; i++)
	{
		rows[i].entered_before = i == 0 ? -1 : rows[i - 1].entered;
		rows[i].entered_first = rows[0].entered;
	}
}

void
leads_funnel_count(LeadsFrame *f, const LeadsFunnelAsk *ask, LeadsFunnelResult *out)
{
	Funnel	   *fn = palloc0(sizeof(Funnel));
	HASHCTL		ctl;
	HASH_SEQ_STATUS scan;
	Segment   **sorted;
	Segment    *s;
	long		n = 0;

	fn->ask = ask;
	fn->f = f;
	fn->cxt = CurrentMemoryContext;
	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = SEGMENT_KEY;
	ctl.entrysize = sizeof(Segment);
	ctl.hcxt = CurrentMemoryContext;
	fn->segments = hash_create("funnel segments", 64, &ctl, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	load_steps(fn);
	read_events(fn);
	/* a company without leads has a funnel too */
	if (ask->by == LEADS_FUNNEL_WHOLE)
		(void) segment_of(fn, "");

	sorted = palloc(sizeof(Segment *) * Max(hash_get_num_entries(fn->segments), 1));
	hash_seq_init(&scan, fn->segments);
	while ((s = hash_seq_search(&scan)) != NULL)
		sorted[n++] = s;
	for (long i = 0; i < n; i++)
		sorted[i]->name = segment_name(fn, sorted[i]);
	qsort(sorted, n, sizeof(Segment *), by_name);

	/* nobody is "now" in the last step: it is no place to wait */
	out->nstages = ask->mode == LEADS_FUNNEL_SNAPSHOT && fn->won >= 0 ? fn->nsteps - 1 : fn->nsteps;
	out->nrows = 0;
	out->rows = palloc0(sizeof(LeadsFunnelRow) * Max(n * out->nstages, 1));
	for (long i = 0; i < n; i++)
	{
		fill_rows(fn, sorted[i], out->rows + out->nrows, out->nstages);
		out->nrows += out->nstages;
	}
}
