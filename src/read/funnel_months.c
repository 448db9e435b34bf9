/*
 * funnel_months.c - funnels from rollups: whole months of cells and deltas, the rest of journeys.
 *
 * Purpose: a funnel of years in milliseconds, the same to the last figure as from journeys.
 * Invariants: cells, deltas and journeys are of one snapshot; a figure as of an instant that a cell may know more than
 * is taken from journeys; how old open leads are is known of cells to the day, so the one day on which the line
 * between young and old falls is looked up in journeys.
 * Called by: read/funnel.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "utils/date.h"
#include "utils/memutils.h"

#include "lib/rollup.h"
#include "read/funnel_work.h"
#include "record/journey.h"
#include "record/rollup.h"

LEADS_QUERY(q_cells, "tdd",
			"SELECT c.month, c.subject_id, c.subject, c.cell FROM @.rollup_cell c"
			" WHERE c.cut = $1 AND c.month >= $2 AND c.month < $3");

#define FIRST_MONTH 0
#define LAST_MONTH (12 * 200000)
#define FIRST_TIME (-1999 * 365 * USECS_PER_DAY)	/* in the first century: no month is earlier */
#define LAST_TIME (INT64CONST(190000) * 365 * USECS_PER_DAY)	/* no month is later: the last ones have no end that a clock knows */

/* whole months of a period, as [first, last) */
typedef struct Months
{
	int32		first;
	int32		last;
} Months;

static bool
whole_months(Funnel *fn, Months *m)
{
	const LeadsFunnelAsk *ask = fn->ask;

	m->first = FIRST_MONTH;
	m->last = LAST_MONTH;
	if ((ask->until != LEADS_NO_TIME && ask->until < FIRST_TIME) || ask->since > LAST_TIME)
		return false;
	if (ask->since != LEADS_NO_TIME)
	{
		const LeadsMonth *month;

		if (ask->since < FIRST_TIME)
			return false;
		month = leads_months_of(&fn->months, ask->since);
		m->first = month->number + (month->start < ask->since ? 1 : 0);
	}
	if (ask->until != LEADS_NO_TIME && ask->until <= LAST_TIME)
		m->last = leads_months_of(&fn->months, ask->until)->number;
	return m->first < m->last;
}

/* what rollups know, and the reader may see all of it */
static bool
rolled_up(const LeadsFunnelAsk *ask)
{
	if (ask->mode != LEADS_FUNNEL_COHORT || ask->within != LEADS_FUNNEL_EVER || ask->imported || ask->test || ask->invalid ||
		ask->per_attempt || !ask->all)
		return false;
	return ask->by != LEADS_FUNNEL_OWNER || ask->credit == LEADS_CREDIT_EVENT;
}

/* ---------------------------------------------------------------- open leads */

static void
push_open(Funnel *fn, Segment *s, TimestampTz since, int step, int64 n)
{
	if (s->nopen == s->open_room)
	{
		s->open_room = s->open_room ? s->open_room * 2 : 32;
		s->open = s->open ? repalloc_huge(s->open, sizeof(OpenLeads) * s->open_room) :
			MemoryContextAlloc(fn->cxt, sizeof(OpenLeads) * s->open_room);
	}
	s->open[s->nopen].since = since;
	s->open[s->nopen].step = step;
	s->open[s->nopen++].n = n;
}

/* an open lead of a delta */
static void
aged(void *arg, LeadsFunnelCell *cell, int step, int sign)
{
	Funnel	   *fn = arg;

	push_open(fn, (Segment *) ((char *) cell - offsetof(Segment, cell)), fn->begun_at, step, sign);
}

typedef struct CellDays
{
	Funnel	   *fn;
	Segment    *segment;
	const LeadsMonth *month;
} CellDays;

static void
cell_day(void *arg, int step, int day, int64 n)
{
	CellDays   *c = arg;

	if (day < c->month->ndays)
		push_open(c->fn, c->segment, c->month->day[day], step, n);
}

/* ---------------------------------------------------------------- cells and deltas */

static void
add_cell(Funnel *fn, LeadsResult *r, uint64 i, bool only_closing)
{
	bool		isnull;
	DateADT		date = DatumGetDateADT(leads_datum(r, i, 1, DATEOID, &isnull));
	Datum		d = leads_datum(r, i, 4, BYTEAOID, &isnull);
	bytea	   *b = DatumGetByteaPP(d);
	int32		number = leads_month_of_date(date);
	CellDays	days = {.fn = fn};
	LeadsFunnelCell aside;
	const char *fault;

	if (only_closing)
		memset(&aside, 0, sizeof(aside));
	else if (fn->ask->by == LEADS_FUNNEL_REGION)
	{
		const char *text = leads_text(r, i, 3);

		days.segment = leads_funnel_segment_text(fn, text, strlen(text));
	}
	else
		days.segment = leads_funnel_segment_id(fn, fn->ask->by == LEADS_FUNNEL_MONTH ? number : leads_int(r, i, 2));
	days.month = leads_months_number(&fn->months, number);
	/* of the cut the reader did not ask for only the closings count */
	fault = leads_rollup_add(only_closing ? &aside : &days.segment->cell, &fn->closing, only_closing ? NULL : cell_day, &days,
							 fn->rule.steps.n, (const uint8 *) VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b));
	if (fault)
		leads_rollup_damaged(fault);
	if ((Pointer) b != DatumGetPointer(d))
		pfree(b);
}

static void
add_cells(Funnel *fn, const char *cut, const Months *m, bool only_closing)
{
	LeadsResult r = leads_run(&q_cells, cut, (int) leads_month_date(m->first), (int) leads_month_date(m->last));

	for (uint64 i = 0; i < r.n; i++)
		add_cell(fn, &r, i, only_closing);
	SPI_freetuptable(r.table);
}

/* a delta: channel, region, before, after */
static bool
receive_delta(TupleTableSlot *slot, DestReceiver *self)
{
	Funnel	   *fn = (Funnel *) self;
	MemoryContext old;
	int64		key = 0;

	slot_getallattrs(slot);
	old = MemoryContextSwitchTo(fn->cxt);
	if (fn->ask->by == LEADS_FUNNEL_CHANNEL)
		key = DatumGetInt64(slot->tts_values[0]);
	else if (fn->ask->by == LEADS_FUNNEL_REGION && !slot->tts_isnull[1])
		key = DatumGetInt32(slot->tts_values[1]);
	for (int i = 0; i < 2; i++)
	{
		bytea	   *b = slot->tts_isnull[2 + i] ? NULL : DatumGetByteaPP(slot->tts_values[2 + i]);

		if (b)
			leads_funnel_lead(fn, i == 0 ? -1 : 1, VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b), 0, key, NULL);
		if (b && (Pointer) b != DatumGetPointer(slot->tts_values[2 + i]))
			pfree(b);
	}
	MemoryContextSwitchTo(old);
	return true;
}

static void
add_deltas(Funnel *fn, TimestampTz since, TimestampTz until)
{
	fn->since = since;
	fn->until = until;
	fn->rule.aged = aged;
	fn->rule.aged_arg = fn;
	/* by the index where there are few: pages that were full once stay, because who gives them back locks out who writes */
	leads_funnel_run(fn, "SELECT d.channel_id, d.region_id, d.journey_before, d.journey_after FROM @.rollup_delta d"
					 " WHERE d.id > 0 AND ($1 IS NULL OR d.entered_at >= $1) AND ($2 IS NULL OR d.entered_at < $2)", receive_delta);
	fn->rule.aged = NULL;
}

bool
leads_funnel_rollups(Funnel *fn)
{
	static const char *const cuts[] = {"whole", "channel", "owner", "region", "whole"};
	const LeadsFunnelAsk *ask = fn->ask;
	Months		m;

	if (!rolled_up(ask) || !whole_months(fn, &m) || !leads_rollup_usable(fn->f, &fn->rule.steps, ask->as_of))
		return false;
	fn->rolled_since = m.first == FIRST_MONTH ? LEADS_NO_TIME : leads_months_number(&fn->months, m.first)->start;
	fn->rolled_until = m.last == LAST_MONTH ? LEADS_NO_TIME : leads_months_number(&fn->months, m.last)->start;
	fn->from_rollups = true;
	/* the beginning and the end of the period that are no whole months */
	if (ask->since != fn->rolled_since)
	{
		fn->until = fn->rolled_since;
		leads_funnel_journeys(fn);
	}
	if (ask->until != fn->rolled_until && fn->rolled_until != LEADS_NO_TIME)
	{
		fn->since = fn->rolled_until;
		fn->until = ask->until;
		leads_funnel_journeys(fn);
	}
	add_cells(fn, cuts[ask->by], &m, false);
	if (strcmp(cuts[ask->by], "whole") != 0)
		add_cells(fn, "whole", &m, true);
	add_deltas(fn, fn->rolled_since, fn->rolled_until);
	return true;
}

/* ---------------------------------------------------------------- ages */

/* the least whole number in a bucket */
static int64
lowest(int bucket)
{
	int			octave = bucket / LEADS_HISTOGRAM_SUB;

	if (octave == 0)
		return bucket;
	return ((int64) LEADS_HISTOGRAM_SUB + bucket % LEADS_HISTOGRAM_SUB) << (octave - 1);
}

/* leads of rollups that began in [since, until), in their journeys */
static void
look_at(Funnel *fn, TimestampTz since, TimestampTz until)
{
	fn->since = fn->rolled_since == LEADS_NO_TIME ? since : Max(since, fn->rolled_since);
	fn->until = fn->rolled_until == LEADS_NO_TIME ? until : Min(until, fn->rolled_until);
	if (fn->since >= fn->until)
		return;
	fn->shadow = true;
	fn->rule.hours = false;
	leads_funnel_journeys(fn);
	fn->rule.hours = true;
	fn->shadow = false;
}

void
leads_funnel_age(Funnel *fn)
{
	const LeadsMonth *month;
	TimestampTz line;
	int			day;

	fn->young_from = LEADS_NO_TIME;
	/* where nothing was closed, all are young */
	if (fn->closing.n <= 0)
		return;
	fn->young_bucket = leads_histogram_rank(&fn->closing, (fn->closing.n - 1) / 2);
	if (!fn->from_rollups)
		return;
	/* younger than the median: began at the line or later */
	line = fn->rule.as_of - lowest(fn->young_bucket) + 1;
	month = leads_months_of(&fn->months, line);
	day = leads_month_day(month, line);
	if (month->day[day] == line)
		fn->young_from = line;
	else
	{
		fn->young_from = month->day[day + 1];
		look_at(fn, line, fn->young_from);
	}
}

int64
leads_funnel_young(const Funnel *fn, const Segment *s, int step)
{
	const LeadsHistogram *ages = s->cell.ages[step];
	int64		n = 0;

	if (ages)
		n = fn->closing.n <= 0 ? ages->n : leads_histogram_below(ages, fn->young_bucket);
	for (int i = 0; i < s->nopen; i++)
		if (s->open[i].step == step && s->open[i].since >= fn->young_from)
			n += s->open[i].n;
	return n + (s->shadow ? s->shadow->open[step] : 0);
}
