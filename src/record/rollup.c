/*
 * rollup.c - keeper of the sums of journeys by month: deltas, cells, state.
 *
 * Purpose: a funnel of years is read from some dozen rows; what changes leaves a delta, so that nobody waits for
 * anybody.
 * Invariants: every change of lead_journey writes a delta in its own statement (a trigger, so that whoever writes a
 * journey needs not know); cells and deltas together say exactly what the journeys say, in every snapshot, since a
 * delta goes and its cell changes in one transaction; only one transaction at a time writes cells (lock of the job);
 * imported history, test data and what was no lead are not in them; where stages or the zone are no longer those of rollup_state, nobody reads cells.
 * Called by: act/rollup, read/funnel, read/health, core/install (hooks), PostgreSQL (trigger).
 */
#include "core/leads.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "record/journey.h"
#include "record/rollup.h"
#include "record/rollup_work.h"

#define FEW_JOURNEYS 10000		/* counted anew by the way */

/* stages of funnels: open ones in their order, then the win; several ways to win are one step */
LEADS_QUERY(q_stages, "",
			"SELECT s.id, s.code, s.label_zh, s.label_en, s.kind FROM @.stage s"
			" WHERE s.kind IN ('open', 'won') ORDER BY s.kind = 'won', s.position");
#define DELTA "@.rollup_delta (lead_id, entered_at, channel_id, region_id, journey_before, journey_after)"
LEADS_QUERY_ASIDE(q_delta, "lzlLBB", "INSERT INTO " DELTA " VALUES ($1, $2, $3, $4, $5, $6)");
static LeadsQuery q_deltas = {
	.text = "INSERT INTO " DELTA " SELECT * FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2),"
	" pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6))",
	.format = "lzlLBB", .arrays = true, .aside = true
};
LEADS_QUERY(q_state, "", "SELECT s.built_at, s.zone, s.steps, s.last_at FROM @.rollup_state s ORDER BY s.id LIMIT 1");
LEADS_QUERY(q_state_new, "ttZ", "INSERT INTO @.rollup_state (built_at, zone, steps) VALUES ($3, $1, $2)");
LEADS_QUERY(q_state_set, "ttZZ",
			"UPDATE @.rollup_state SET zone = $1, steps = $2, built_at = $3, last_at = $4");
LEADS_QUERY(q_state_last, "z", "UPDATE @.rollup_state SET last_at = $1 WHERE last_at IS NULL OR last_at < $1");
LEADS_QUERY_ASIDE(q_state_lost, "", "UPDATE @.rollup_state SET built_at = NULL WHERE built_at IS NOT NULL");
LEADS_QUERY(q_take, "i",
			"DELETE FROM @.rollup_delta WHERE id = ANY (ARRAY(SELECT d.id FROM @.rollup_delta d ORDER BY d.id LIMIT $1))"
			" RETURNING channel_id, (SELECT r.region FROM @.journey_region r WHERE r.id = region_id), journey_before, journey_after");
LEADS_QUERY(q_few, "i", "SELECT count(*) FROM (SELECT FROM @.lead_journey LIMIT $1) x");

/* ---------------------------------------------------------------- steps */

/* false: there are too many */
static bool
read_steps(LeadsFrame *f, LeadsFunnelSteps *steps, LeadsFunnelStage *stages, bool *has_won)
{
	LeadsResult r = leads_run(&q_stages);
	int			n = 0;

	leads_funnel_steps_begin(steps);
	*has_won = false;
	for (uint64 i = 0; i < r.n; i++)
	{
		bool		won = strcmp(leads_text(&r, i, 5), "won") == 0;

		if (!(won && *has_won))
		{
			if (n == LEADS_FUNNEL_STEPS)
				return false;
			if (stages)
			{
				stages[n].code = leads_text(&r, i, 2);
				stages[n].label_zh = leads_text(&r, i, 3);
				stages[n].label_en = leads_text(&r, i, 4);
			}
			n++;
		}
		*has_won |= won;
		/* wherever it was won */
		if (won)
			steps->won = n - 1;
		else
			(void) leads_funnel_steps_add(steps, leads_int(&r, i, 1), n - 1);
	}
	steps->n = n;
	return true;
}

bool
leads_rollup_steps(LeadsFrame *f, LeadsFunnelSteps *steps, LeadsFunnelStage *stages)
{
	bool		has_won;

	if (!read_steps(f, steps, stages, &has_won))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a funnel has at most %d stages", LEADS_FUNNEL_STEPS)));
	return has_won;
}

bool
leads_rollup_some_steps(LeadsFrame *f, LeadsFunnelSteps *steps)
{
	bool		has_won;

	return read_steps(f, steps, NULL, &has_won);
}

/* which stage is which step, as a text to compare */
static char *
steps_text(const LeadsFunnelSteps *steps)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "%d/%d", steps->n, steps->won);
	for (int i = 0; i < steps->nstages; i++)
		appendStringInfo(&buf, " %lld:%d", (long long) steps->stage[i], steps->step[i]);
	return buf.data;
}

static bool
same_rules(LeadsFrame *f, LeadsResult *r, const LeadsFunnelSteps *steps)
{
	return leads_found(*r) && strcmp(leads_text(r, 0, 2), f->zone ? f->zone : "") == 0 &&
		strcmp(leads_text(r, 0, 3), steps_text(steps)) == 0;
}

bool
leads_rollup_usable(LeadsFrame *f, const LeadsFunnelSteps *steps, TimestampTz as_of)
{
	LeadsResult r = leads_run(&q_state);

	return leads_found(r) && !leads_isnull(&r, 0, 1) && leads_time(&r, 0, 4) <= as_of && same_rules(f, &r, steps);
}

const char *
leads_rollup_fault(LeadsFrame *f)
{
	LeadsFunnelSteps steps;
	bool		has_won;
	LeadsResult r = leads_run(&q_state);

	if (!leads_found(r) || leads_isnull(&r, 0, 1))
		return "health_rollups_none";
	return read_steps(f, &steps, NULL, &has_won) && same_rules(f, &r, &steps) ? NULL : "health_rollups_stale";
}

static int
journeys(int most)
{
	LeadsResult r = leads_run(&q_few, most);

	return (int) leads_int(&r, 0, 1);
}

static void
set_state(LeadsFrame *f, const LeadsFunnelSteps *steps, TimestampTz built_at, TimestampTz last_at)
{
	const char *zone = f->zone ? f->zone : "";

	if (leads_run(&q_state_set, zone, steps_text(steps), built_at, last_at).n == 0)
		leads_run(&q_state_new, zone, steps_text(steps), built_at);
}

void
leads_rollup_mend(LeadsFrame *f)
{
	LeadsFunnelSteps steps;
	bool		has_won;
	LeadsResult r = leads_run(&q_state);

	/* more stages than a funnel may have are no fault of install() */
	if ((leads_found(r) && !leads_isnull(&r, 0, 1)) || !read_steps(f, &steps, NULL, &has_won))
		return;
	if (journeys(1) == 0)
		set_state(f, &steps, leads_clock_read(), LEADS_NO_TIME);
	else if (!leads_found(r))
		leads_run(&q_state_new, f->zone ? f->zone : "", steps_text(&steps), LEADS_NO_TIME);
}

void
leads_rollup_damaged(const char *fault)
{
	ereport(ERROR,
			(errcode(LEADS_ERR_JOURNEY),
			 errmsg("these bytes are no rollup"),
			 errdetail("Because %s.", fault),
			 errhint("CALL leads.rollup_rebuild() makes the rollups of a company anew from its journeys.")));
}

/* ---------------------------------------------------------------- deltas */

#define COLUMNS 6				/* of a delta: lead, entered, channel, region, before, after */
#define MOST_ROWS 1000

typedef struct Deltas
{
	Datum		values[COLUMNS][MOST_ROWS];
	bool		nulls[COLUMNS][MOST_ROWS];
	int			n;
} Deltas;

typedef struct Side
{
	Tuplestorestate *rows;
	TupleTableSlot *slot;
	int			lead_id;
	int			entered_at;
	int			channel_id;
	int			region_id;
	int			journey;
} Side;

static void
open_side(Side *s, Tuplestorestate *rows, TupleDesc desc)
{
	s->rows = rows;
	if (rows == NULL)
		return;
	s->slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	s->lead_id = leads_row_column(desc, "lead_id", INT8OID);
	s->entered_at = leads_row_column(desc, "entered_at", TIMESTAMPTZOID);
	s->channel_id = leads_row_column(desc, "channel_id", INT4OID);
	s->region_id = leads_row_column(desc, "region_id", INT4OID);
	s->journey = leads_row_column(desc, "journey", BYTEAOID);
	/* other triggers read the same rows */
	tuplestore_select_read_pointer(rows, tuplestore_alloc_read_pointer(rows, EXEC_FLAG_REWIND));
	tuplestore_rescan(rows);
}

static bool
next_row(Side *s)
{
	if (s->rows == NULL || !tuplestore_gettupleslot(s->rows, true, false, s->slot))
		return false;
	slot_getallattrs(s->slot);
	return true;
}

static Datum
column(const Side *s, int col, bool *isnull)
{
	*isnull = s->slot->tts_isnull[col - 1];
	return s->slot->tts_values[col - 1];
}

/* the journey of a row, if it counts: imported history and test data never do */
static bytea *
counted(const Side *s)
{
	bool		isnull;
	Datum		d = column(s, s->journey, &isnull);
	bytea	   *b;

	if (isnull)
		return NULL;
	b = DatumGetByteaPP(d);
	return VARSIZE_ANY_EXHDR(b) > 1 && (((uint8 *) VARDATA_ANY(b))[1] & LEADS_JOURNEY_FLAGS) != 0 ? NULL : b;
}

static bool
same_bytes(const struct varlena *a, const struct varlena *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) && memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/*
 * Only another owner at the end, as after a lapse, a claim or a transfer: what counts is who had the lead when it came to
 * a step, so nothing changes.
 */
static bool
only_owner(const bytea *before, const bytea *after)
{
	const uint8 *a = (const uint8 *) VARDATA_ANY(before);
	const uint8 *b = (const uint8 *) VARDATA_ANY(after);
	size_t		was = VARSIZE_ANY_EXHDR(before);
	size_t		is = VARSIZE_ANY_EXHDR(after);
	size_t		len = 8;

	/* the check sum in bytes 2 and 3 is another */
	if (was < LEADS_JOURNEY_HEAD + 8 || is < was + len || memcmp(a, b, 2) != 0 || memcmp(a + 4, b + 4, was - 4) != 0 ||
		(b[was] & 15) != LEADS_JOURNEY_OWNER)
		return false;
	if (b[was] & 0x20)
		len += 16;
	if (b[was] & 0x10)
		do
			len++;
		while (was + len < is && (b[was + len - 1] & 0x80) != 0);
	return was + len == is;
}

/* the same month, channel and region: one delta says what was and what is */
static bool
same_place(const Side *a, const Side *b)
{
	bool		anull;
	bool		bnull;
	Datum		x = column(a, a->region_id, &anull);
	Datum		y = column(b, b->region_id, &bnull);

	if (anull != bnull || (!anull && DatumGetInt32(x) != DatumGetInt32(y)))
		return false;
	return DatumGetInt64(column(a, a->lead_id, &anull)) == DatumGetInt64(column(b, b->lead_id, &bnull)) &&
		DatumGetTimestampTz(column(a, a->entered_at, &anull)) == DatumGetTimestampTz(column(b, b->entered_at, &bnull)) &&
		DatumGetInt32(column(a, a->channel_id, &anull)) == DatumGetInt32(column(b, b->channel_id, &bnull));
}

static void
write_deltas(Deltas *d)
{
	Datum		values[COLUMNS];
	char		nulls[COLUMNS];
	int			low = 1;

	if (d->n == 0)
		return;
	for (int c = 0; c < COLUMNS; c++)
	{
		Oid			type = leads_letter_type(q_delta.format[c]);
		int16		len;
		bool		byval;
		char		align;

		nulls[c] = ' ';
		if (d->n == 1)
		{
			values[c] = d->values[c][0];
			nulls[c] = d->nulls[c][0] ? 'n' : ' ';
			continue;
		}
		get_typlenbyvalalign(type, &len, &byval, &align);
		values[c] = PointerGetDatum(construct_md_array(d->values[c], d->nulls[c], 1, &d->n, &low, type, len, byval, align));
	}
	(void) leads_run_values(d->n == 1 ? &q_delta : &q_deltas, values, nulls);
	d->n = 0;
}

static bool
sound(const bytea *b)
{
	return leads_journey_check(VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b)) == NULL;
}

static void
put_delta(Deltas *d, const Side *s, bytea *before, bytea *after)
{
	int			cols[4] = {s->lead_id, s->entered_at, s->channel_id, s->region_id};

	if (before == NULL && after == NULL)
		return;
	/* what the cells hold of a damaged one nobody knows any more */
	if ((before && !sound(before)) || (after && !sound(after)))
	{
		leads_run(&q_state_lost);
		return;
	}
	if (d->n == MOST_ROWS)
		write_deltas(d);
	for (int c = 0; c < 4; c++)
	{
		Datum		v = column(s, cols[c], &d->nulls[c][d->n]);

		d->values[c][d->n] = c < 2 ? v : Int64GetDatum(DatumGetInt32(v));
	}
	/* the slot's row goes with the next one */
	d->nulls[4][d->n] = before == NULL;
	d->values[4][d->n] = before ? PointerGetDatum(DatumGetByteaPCopy(PointerGetDatum(before))) : (Datum) 0;
	d->nulls[5][d->n] = after == NULL;
	d->values[5][d->n] = after ? PointerGetDatum(DatumGetByteaPCopy(PointerGetDatum(after))) : (Datum) 0;
	d->n++;
}

static void
note(TriggerData *t)
{
	TupleDesc	desc = RelationGetDescr(t->tg_relation);
	Deltas	   *d = palloc(sizeof(Deltas));
	Side		was = {0};
	Side		is = {0};
	bool		both = t->tg_oldtable && t->tg_newtable;

	d->n = 0;
	open_side(&was, t->tg_oldtable, desc);
	open_side(&is, t->tg_newtable, desc);
	for (;;)
	{
		bool		old = next_row(&was);
		bool		new = next_row(&is);
		bytea	   *before;
		bytea	   *after;

		if (!old && !new)
			break;
		before = old ? counted(&was) : NULL;
		after = new ? counted(&is) : NULL;
		/* an update hands both rows over in the same order */
		if (both && old && new && same_place(&was, &is))
		{
			if (before == NULL || after == NULL || !(same_bytes(before, after) || only_owner(before, after)))
				put_delta(d, &is, before, after);
			continue;
		}
		if (old)
			put_delta(d, &was, before, NULL);
		if (new)
			put_delta(d, &is, NULL, after);
	}
	write_deltas(d);
	if (was.slot)
		ExecDropSingleTupleTableSlot(was.slot);
	if (is.slot)
		ExecDropSingleTupleTableSlot(is.slot);
}

/* AFTER STATEMENT on lead_journey */
PG_FUNCTION_INFO_V1(leads_rollup_note);
Datum
leads_rollup_note(PG_FUNCTION_ARGS)
{
	TriggerData *t = (TriggerData *) fcinfo->context;
	LeadsFrame *f = leads_frame_current();
	LeadsFrame	own;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(t->tg_event) || !TRIGGER_FIRED_FOR_STATEMENT(t->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function leads.%s() is a trigger", "rollup_note")));
	/* nearly always one of our own statements, in whose frame we are */
	if (f && f->nsp == RelationGetNamespace(t->tg_relation) && !f->reader)
	{
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		note(t);
		SPI_finish();
	}
	else
	{
		leads_enter_trigger(&own, RelationGetNamespace(t->tg_relation));
		note(t);
		leads_leave(&own);
	}
	return PointerGetDatum(NULL);
}

/* ---------------------------------------------------------------- compaction */

static const uint8 *
journey_of(LeadsResult *r, uint64 i, int col, size_t *len)
{
	bool		isnull;
	Datum		d = leads_datum(r, i, col, BYTEAOID, &isnull);
	bytea	   *b;

	if (isnull)
		return NULL;
	b = DatumGetByteaPP(d);
	*len = VARSIZE_ANY_EXHDR(b);
	return (const uint8 *) VARDATA_ANY(b);
}

int64
leads_rollup_compact(LeadsFrame *f, int most)
{
	LeadsFunnelSteps steps;
	LeadsResult r = leads_run(&q_state);
	bool		has_won;
	bool		known = read_steps(f, &steps, NULL, &has_won);
	bool		good = known && leads_found(r) && !leads_isnull(&r, 0, 1) && same_rules(f, &r, &steps);
	const char *fault = NULL;
	TimestampTz last;
	LeadsRollupWork *w;

	if (!good && known && journeys(FEW_JOURNEYS + 1) <= FEW_JOURNEYS && leads_rollup_renew(f))
		return 0;
	r = leads_run(&q_take, most);
	if (r.n == 0)
		return 0;
	w = good ? leads_rollup_work_begin(f, &steps) : NULL;
	for (uint64 i = 0; w && i < r.n && fault == NULL; i++)
	{
		int64		channel_id = leads_int(&r, i, 1);
		const char *region = leads_text(&r, i, 2);
		size_t		len = 0;
		const uint8 *bytes = journey_of(&r, i, 3, &len);

		if (bytes)
			fault = leads_rollup_count(w, -1, bytes, len, channel_id, region);
		bytes = journey_of(&r, i, 4, &len);
		if (bytes && fault == NULL)
			fault = leads_rollup_count(w, 1, bytes, len, channel_id, region);
	}
	if (w && fault == NULL)
		fault = leads_rollup_flush(w);
	last = w ? leads_rollup_work_end(w) : LEADS_NO_TIME;
	/* what is thrown away, or is damaged, is missed, even if the stages are some day as they were */
	if (w == NULL || fault)
		leads_run(&q_state_lost);
	else if (last != LEADS_NO_TIME)
		leads_run(&q_state_last, last);
	return (int64) r.n;
}

bool
leads_rollup_renew(LeadsFrame *f)
{
	LeadsFunnelSteps steps;

	if (leads_rollup_some_steps(f, &steps) && leads_rollup_build(f) == NULL)
		return true;
	leads_run(&q_state_lost);
	return false;
}

void
leads_rollup_built(LeadsFrame *f, const LeadsFunnelSteps *steps, TimestampTz last_at)
{
	LeadsResult r = leads_run(&q_state);

	/* an old snapshot does not see each cell that it leaves */
	if (IsolationUsesXactSnapshot() && leads_found(r))
		last_at = Max(last_at, leads_time(&r, 0, 4));
	set_state(f, steps, leads_clock_read(), last_at);
}
