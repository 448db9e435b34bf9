/*
 * rollup_build.c - cells added up in memory, and all of them anew.
 *
 * Purpose: second half of the keeper of rollups.
 * Invariants: what is built and the deltas that go with it are of one snapshot: a move that commits meanwhile has its
 * delta left; memory is bounded, whatever the order of the rows: a cell that is counted in takes 20 kB, so that few are
 * open at once and the others are packed, as they are stored; damaged journeys are refused.
 * Called by: record/rollup.
 */
#include "core/leads.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/date.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "core/month.h"
#include "record/journey.h"
#include "record/rollup.h"
#include "record/rollup_work.h"

#define REGION_MOST 1023			/* bytes, as read/funnel_count */
#define MOST_OPEN 2000			/* cells that are counted in; then all are packed */
#define MOST_CELLS 200000		/* in memory, then they are written */
#define FETCH 5000

LEADS_QUERY(q_cell, "tdlt",
			"SELECT c.cell FROM @.rollup_cell c WHERE c.cut = $1 AND c.month = $2 AND c.subject_id = $3 AND c.subject = $4");
LEADS_QUERY(q_put, "tdltB",
			"INSERT INTO @.rollup_cell (cut, month, subject_id, subject, cell) VALUES ($1, $2, $3, $4, $5)"
			" ON CONFLICT (cut, month, subject_id, subject) DO UPDATE SET cell = excluded.cell");
LEADS_QUERY(q_drop, "tdlt",
			"DELETE FROM @.rollup_cell WHERE cut = $1 AND month = $2 AND subject_id = $3 AND subject = $4");
LEADS_QUERY(q_cells, "t", "SELECT c.month, c.subject_id, c.subject, c.cell FROM @.rollup_cell c WHERE c.cut = $1");
LEADS_QUERY(q_clear, "", "DELETE FROM @.rollup_cell");
LEADS_QUERY(q_pending, "", "SELECT pg_catalog.array_agg(d.id) FROM @.rollup_delta d");
LEADS_QUERY(q_forget, "K", "DELETE FROM @.rollup_delta WHERE id = ANY ($1)");

typedef enum Cut
{
	WHOLE, CHANNEL, OWNER, REGION
} Cut;

static const char *const cuts[] = {"whole", "channel", "owner", "region"};

typedef struct Key
{
	int64		id;
	int32		month;
	int32		cut;
} Key;

typedef struct Entry
{
	Key			key;
	LeadsRollup *cell;			/* what was counted since it was packed; NULL = nothing */
	bytea	   *packed;			/* NULL = nothing */
} Entry;

typedef struct Region
{
	char		text[REGION_MOST + 1];
	int64		nr;
} Region;

struct LeadsRollupWork
{
	LeadsFrame *f;
	MemoryContext cxt;
	MemoryContext cells_cxt;
	MemoryContext open_cxt;
	HTAB	   *cells;
	int			nopen;
	HTAB	   *regions;
	const char **region_text;	/* by number */
	int			nregions;
	int			region_room;
	Entry	   *last[REGION + 1];	/* the one found last of each cut */
	LeadsFunnelRule rule;
	LeadsMonths months;
	LeadsWalk	walk;
	TimestampTz last_at;

	/* the lead being counted */
	int32		month;
	int			day;
};

static void
aged(void *arg, LeadsFunnelCell *cell, int step, int sign)
{
	(void) leads_rollup_day((LeadsRollup *) cell, step, ((LeadsRollupWork *) arg)->day, sign);
}

static void
add_day(void *arg, int step, int day, int64 n)
{
	(void) leads_rollup_day((LeadsRollup *) arg, step, day, n);
}

static void
make_cells(LeadsRollupWork *w)
{
	HASHCTL		ctl;

	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = sizeof(Key);
	ctl.entrysize = sizeof(Entry);
	ctl.hcxt = w->cells_cxt;
	w->cells = hash_create("leads rollup", 256, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	memset(w->last, 0, sizeof(w->last));
}

LeadsRollupWork *
leads_rollup_work_begin(LeadsFrame *f, const LeadsFunnelSteps *steps)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "leads rollup", ALLOCSET_DEFAULT_SIZES);
	LeadsRollupWork *w = MemoryContextAllocZero(cxt, sizeof(LeadsRollupWork));
	MemoryContext old = MemoryContextSwitchTo(cxt);
	HASHCTL		ctl;

	w->f = f;
	w->cxt = cxt;
	w->cells_cxt = AllocSetContextCreate(cxt, "leads rollup cells", ALLOCSET_DEFAULT_SIZES);
	w->open_cxt = AllocSetContextCreate(cxt, "leads rollup open cells", ALLOCSET_DEFAULT_SIZES);
	make_cells(w);
	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = REGION_MOST + 1;
	ctl.entrysize = sizeof(Region);
	ctl.hcxt = cxt;
	w->regions = hash_create("leads rollup regions", 64, &ctl, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	leads_months_begin(&w->months, f->zone);
	w->rule.mode = LEADS_FUNNEL_COHORT;
	w->rule.steps = *steps;
	w->rule.since = LEADS_JOURNEY_FIRST;
	w->rule.until = LEADS_FUNNEL_EVER;
	w->rule.as_of = LEADS_JOURNEY_LAST;
	w->rule.within = LEADS_FUNNEL_EVER;
	w->rule.hours = true;
	w->rule.aged = aged;
	w->rule.aged_arg = w;
	w->last_at = LEADS_NO_TIME;
	MemoryContextSwitchTo(old);
	return w;
}

TimestampTz
leads_rollup_work_end(LeadsRollupWork *w)
{
	TimestampTz last = w->last_at;

	MemoryContextDelete(w->cxt);
	return last;
}

static int64
region_number(LeadsRollupWork *w, const char *text)
{
	char		key[REGION_MOST + 1];
	int			len = text ? strlen(text) : 0;
	Region	   *r;
	bool		found;

	memset(key, 0, sizeof(key));
	memcpy(key, text ? text : "", len <= REGION_MOST ? len : pg_mbcliplen(text, len, REGION_MOST));
	r = hash_search(w->regions, key, HASH_ENTER, &found);
	if (!found)
	{
		if (w->nregions == w->region_room)
		{
			w->region_room = w->region_room ? w->region_room * 2 : 64;
			w->region_text = w->region_text ? repalloc(w->region_text, sizeof(char *) * w->region_room) :
				MemoryContextAlloc(w->cxt, sizeof(char *) * w->region_room);
		}
		r->nr = w->nregions++;
		w->region_text[r->nr] = r->text;
	}
	return r->nr;
}

static LeadsRollup *
cell_of(LeadsRollupWork *w, Cut cut, int32 month, int64 id)
{
	Key			key;
	Entry	   *e = w->last[cut];
	bool		found;

	if (e && e->key.id == id && e->key.month == month)
		return e->cell;
	memset(&key, 0, sizeof(key));
	key.id = id;
	key.month = month;
	key.cut = cut;
	e = hash_search(w->cells, &key, HASH_ENTER, &found);
	if (!found)
	{
		e->cell = NULL;
		e->packed = NULL;
	}
	if (e->cell == NULL)
	{
		e->cell = MemoryContextAllocZero(w->open_cxt, sizeof(LeadsRollup));
		w->nopen++;
	}
	w->last[cut] = e;
	return e->cell;
}

/* add bytes to an open cell; what is wrong with them, or NULL */
static const char *
add_bytes(LeadsRollupWork *w, LeadsRollup *cell, Cut cut, const bytea *b)
{
	MemoryContext old = MemoryContextSwitchTo(w->open_cxt);
	const char *fault;

	if (cut == WHOLE && cell->closing == NULL)
		cell->closing = palloc0(sizeof(LeadsHistogram));
	fault = leads_rollup_add(&cell->cell, cell->closing, add_day, cell, w->rule.steps.n,
							 (const uint8 *) VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b));
	MemoryContextSwitchTo(old);
	return fault;
}

/* NULL = there is nothing in it */
static bytea *
pack(LeadsRollupWork *w, const LeadsRollup *cell)
{
	int			n = w->rule.steps.n;
	bytea	   *room;
	bytea	   *b;

	if (leads_rollup_empty(cell, n))
		return NULL;
	room = MemoryContextAlloc(w->open_cxt, VARHDRSZ + leads_rollup_size(cell, n));
	SET_VARSIZE(room, VARHDRSZ + leads_rollup_write(cell, n, (uint8 *) VARDATA(room)));
	b = MemoryContextAlloc(w->cells_cxt, VARSIZE(room));
	memcpy(b, room, VARSIZE(room));
	pfree(room);
	return b;
}

static void
pack_all(LeadsRollupWork *w)
{
	HASH_SEQ_STATUS seq;
	Entry	   *e;

	hash_seq_init(&seq, w->cells);
	while ((e = hash_seq_search(&seq)) != NULL)
	{
		bytea	   *before = e->packed;

		if (e->cell == NULL)
			continue;
		if (before && add_bytes(w, e->cell, e->key.cut, before))
			elog(ERROR, "a packed rollup cannot be read");
		e->packed = pack(w, e->cell);
		e->cell = NULL;
		if (before)
			pfree(before);
	}
	MemoryContextReset(w->open_cxt);
	w->nopen = 0;
	memset(w->last, 0, sizeof(w->last));
}

static LeadsFunnelCell *
cell_of_owner(void *arg, int64 owner)
{
	LeadsRollupWork *w = arg;

	return &cell_of(w, OWNER, w->month, owner)->cell;
}

static void
tally(LeadsRollupWork *w, int sign, LeadsRollup *cell, LeadsHistogram *closing)
{
	w->rule.by_event = cell == NULL;
	leads_funnel_tally(&w->rule, &w->walk, sign, cell ? &cell->cell : NULL, cell_of_owner, w, closing);
}

static void
tally_all(LeadsRollupWork *w, int sign, int64 channel_id, const char *region)
{
	const LeadsMonth *month = leads_months_of(&w->months, w->walk.begun_at);
	LeadsRollup *whole;

	w->month = month->number;
	w->day = leads_month_day(month, w->walk.begun_at);
	MemoryContextSwitchTo(w->open_cxt);
	whole = cell_of(w, WHOLE, w->month, 0);
	if (whole->closing == NULL)
		whole->closing = palloc0(sizeof(LeadsHistogram));
	tally(w, sign, whole, whole->closing);
	tally(w, sign, cell_of(w, CHANNEL, w->month, channel_id), NULL);
	tally(w, sign, cell_of(w, REGION, w->month, region_number(w, region)), NULL);
	tally(w, sign, NULL, NULL);
}

const char *
leads_rollup_count(LeadsRollupWork *w, int sign, const void *bytes, size_t len, int64 channel_id, const char *region)
{
	MemoryContext old = MemoryContextSwitchTo(w->cxt);
	LeadsWalk  *k = &w->walk;

	if (!leads_walk(k, bytes, len, &w->rule.steps, LEADS_JOURNEY_LAST, LEADS_FUNNEL_EVER, LEADS_FUNNEL_EVER) || k->imported ||
		k->test)
	{
		MemoryContextSwitchTo(old);
		return k->fault;
	}
	if (w->nopen >= MOST_OPEN)
		pack_all(w);
	/* what was found out to be no lead is missing here, but not as of an instant before */
	if (!k->invalid)
		tally_all(w, sign, channel_id, region);
	/* nothing later than its last stay, or the end of it, changes what it counts */
	if (sign > 0)
	{
		w->last_at = Max(w->last_at, k->begun_at);
		if (k->n > 0)
			w->last_at = Max(w->last_at, k->stay[k->n - 1].since);
		if (k->closed_at != 0)
			w->last_at = Max(w->last_at, k->closed_at);
	}
	MemoryContextSwitchTo(old);
	return NULL;
}

/* ---------------------------------------------------------------- cells */

/* the stored bytes of a row; NULL, or what is wrong with them */
static const char *
add_stored(LeadsRollupWork *w, LeadsRollup *cell, Cut cut, LeadsResult *r, uint64 i, int col)
{
	bool		isnull;
	Datum		d = leads_datum(r, i, col, BYTEAOID, &isnull);
	bytea	   *b = isnull ? NULL : DatumGetByteaPP(d);
	const char *fault = b ? add_bytes(w, cell, cut, b) : NULL;

	if (b && (Pointer) b != DatumGetPointer(d))
		pfree(b);
	return fault;
}

static const char *
write_cell(LeadsRollupWork *w, Entry *e)
{
	const char *cut = cuts[e->key.cut];
	DateADT		month = leads_month_date(e->key.month);
	const char *subject = e->key.cut == REGION ? w->region_text[e->key.id] : "";
	int64		id = e->key.cut == REGION ? 0 : e->key.id;
	LeadsResult r = leads_run(&q_cell, cut, (int) month, id, subject);
	const char *fault = NULL;

	if (leads_found(r))
	{
		LeadsRollup *cell = MemoryContextAllocZero(w->open_cxt, sizeof(LeadsRollup));

		(void) add_bytes(w, cell, e->key.cut, e->packed);
		fault = add_stored(w, cell, e->key.cut, &r, 0, 1);
		pfree(e->packed);
		e->packed = pack(w, cell);
		MemoryContextReset(w->open_cxt);
	}
	if (fault == NULL && e->packed)
		leads_run(&q_put, cut, (int) month, id, subject, PointerGetDatum(e->packed));
	else if (fault == NULL)
		leads_run(&q_drop, cut, (int) month, id, subject);
	SPI_freetuptable(r.table);
	return fault;
}

const char *
leads_rollup_flush(LeadsRollupWork *w)
{
	HASH_SEQ_STATUS seq;
	Entry	   *e;
	const char *fault = NULL;

	pack_all(w);
	hash_seq_init(&seq, w->cells);
	while (fault == NULL && (e = hash_seq_search(&seq)) != NULL)
		if (e->packed)
			fault = write_cell(w, e);
	if (fault)
		hash_seq_term(&seq);
	MemoryContextReset(w->cells_cxt);
	make_cells(w);
	return fault;
}

/* ---------------------------------------------------------------- all of them */

/*
 * Count rows of the active snapshot: channel, region, journey, whether it counts or is taken away; all that turned
 * about if sign is -1.  spill: write when memory is full.  NULL, or what is wrong with one of them.
 */
static const char *
count_all(LeadsRollupWork *w, const char *what, int sign, bool spill)
{
	char	   *sql = leads_qualify(what, w->f->qschema);
	Portal		portal = SPI_cursor_open_with_args(NULL, sql, 0, NULL, NULL, NULL, true, 0);
	const char *fault = NULL;

	if (portal == NULL)
		elog(ERROR, "could not read: %s", SPI_result_code_string(SPI_result));
	while (fault == NULL)
	{
		LeadsResult r;

		SPI_cursor_fetch(portal, true, FETCH);
		r.n = SPI_processed;
		r.table = SPI_tuptable;
		if (r.n == 0)
			break;
		for (uint64 i = 0; i < r.n && fault == NULL; i++)
		{
			bool		isnull;
			Datum		d = leads_datum(&r, i, 3, BYTEAOID, &isnull);
			bytea	   *b = DatumGetByteaPP(d);
			int			way = leads_bool(&r, i, 4) ? 1 : -1;
			char	   *region = leads_text(&r, i, 2);

			fault = leads_rollup_count(w, way * sign, VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b), leads_int(&r, i, 1), region);
			if (region)
				pfree(region);
			if ((Pointer) b != DatumGetPointer(d))
				pfree(b);
		}
		SPI_freetuptable(r.table);
		if (spill && hash_get_num_entries(w->cells) > MOST_CELLS)
		{
			w->f->reader = false;
			(void) leads_rollup_flush(w);
			w->f->reader = true;
		}
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
	pfree(sql);
	return fault;
}

#define REGION(of) " LEFT JOIN @.journey_region r ON r.id = " of ".region_id"
#define JOURNEYS "SELECT j.channel_id, r.region, j.journey, true FROM @.lead_journey j" REGION("j")
#define DELTAS \
	"SELECT d.channel_id, r.region, d.journey_before, false FROM @.rollup_delta d" REGION("d") " WHERE d.journey_before IS NOT NULL" \
	" UNION ALL SELECT d.channel_id, r.region, d.journey_after, true FROM @.rollup_delta d" REGION("d") " WHERE d.journey_after IS NOT NULL"

const char *
leads_rollup_build(LeadsFrame *f)
{
	LeadsFunnelSteps steps;
	LeadsRollupWork *w;
	LeadsResult r;
	TimestampTz last;
	Datum		pending;
	const char *volatile fault = NULL;
	bool		none;

	(void) leads_rollup_steps(f, &steps, NULL);
	leads_run(&q_clear);
	w = leads_rollup_work_begin(f, &steps);
	/* one snapshot for the journeys and for the deltas that they make superfluous */
	PushActiveSnapshot(GetTransactionSnapshot());
	f->reader = true;
	PG_TRY();
	{
		r = leads_run(&q_pending);
		pending = leads_datum(&r, 0, 1, INT8ARRAYOID, &none);
		fault = count_all(w, JOURNEYS, 1, true);
	}
	PG_FINALLY();
	{
		f->reader = false;
	}
	PG_END_TRY();
	PopActiveSnapshot();
	if (fault == NULL)
		(void) leads_rollup_flush(w);
	last = leads_rollup_work_end(w);
	if (fault)
		return fault;
	if (!none)
		leads_run(&q_forget, pending);
	leads_rollup_built(f, &steps, last);
	return NULL;
}

bool
leads_rollup_compare(LeadsFrame *f, LeadsRollupDiffers tell, void *arg)
{
	LeadsFunnelSteps steps;
	LeadsRollupWork *w;
	HASH_SEQ_STATUS seq;
	Entry	   *e;
	const char *fault;

	if (leads_rollup_fault(f))
		return false;
	(void) leads_rollup_steps(f, &steps, NULL);
	w = leads_rollup_work_begin(f, &steps);
	fault = count_all(w, JOURNEYS, -1, false);
	if (fault == NULL)
		fault = count_all(w, DELTAS, 1, false);
	if (fault)
		leads_journey_damaged(fault);
	for (Cut cut = WHOLE; cut <= REGION; cut++)
	{
		LeadsResult r = leads_run(&q_cells, cuts[cut]);

		for (uint64 i = 0; i < r.n; i++)
		{
			bool		isnull;
			DateADT		month = DatumGetDateADT(leads_datum(&r, i, 1, DATEOID, &isnull));
			int64		id = cut == REGION ? region_number(w, leads_text(&r, i, 3)) : leads_int(&r, i, 2);

			if (w->nopen >= MOST_OPEN)
				pack_all(w);
			fault = add_stored(w, cell_of(w, cut, leads_month_of_date(month), id), cut, &r, i, 4);
			if (fault)
				leads_rollup_damaged(fault);
		}
		SPI_freetuptable(r.table);
	}
	/* journeys were taken away: what is left should not be there, or is missing */
	pack_all(w);
	hash_seq_init(&seq, w->cells);
	while ((e = hash_seq_search(&seq)) != NULL)
		if (e->packed)
			tell(arg, cuts[e->key.cut], leads_month_date(e->key.month), e->key.cut == REGION ? 0 : e->key.id,
				 e->key.cut == REGION ? w->region_text[e->key.id] : "");
	(void) leads_rollup_work_end(w);
	return true;
}
