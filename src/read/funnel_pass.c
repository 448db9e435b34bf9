/*
 * funnel_pass.c - one pass over the journeys of a cohort.
 *
 * Purpose: which leads leads.funnel() and funnel_leads() count.
 * Invariants: rows stream from the scan into the counts; journeys are those of lead_journey, or made on the way of
 * event rows where those are not built or the caller asks for it: the figures are the same; leads that became one by a
 * merge, or two by its undoing, count as they were at as_of.
 * Called by: read/funnel_rows, read/funnel_leads, read/funnel_months.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "read/funnel.h"
#include "read/funnel_work.h"
#include "record/journey.h"
#include "record/rollup.h"

LEADS_QUERY(q_regions, "", "SELECT r.id, r.region FROM @.journey_region r");

/* due, and not written down yet */
LEADS_QUERY(q_lapsed, "z",
			"SELECT l.id, o.next_due_at FROM @.ownership o"
			"  JOIN @.lead l ON l.customer_id = o.customer_id AND l.scope = o.scope AND l.closed_at IS NULL"
			" WHERE o.until IS NULL AND o.member_id IS NOT NULL AND o.next_due_at <= $1");

/* merges that joined leads since, or were undone since: these leads, and all that are one with them now */
LEADS_QUERY(q_others, "z",
			"WITH changed AS (SELECT m.id FROM @.merge m WHERE m.merged_at > $1 AND m.undone_at IS NULL"
			"   UNION ALL SELECT m.id FROM @.merge m WHERE m.undone_at > $1 AND m.merged_at <= $1),"
			" root AS (SELECT DISTINCT coalesce(l.merged_into, l.id) AS id FROM changed d JOIN @.merge_item i ON i.merge_id = d.id"
			"   AND i.object = 'lead' AND i.kind = 'field' JOIN @.lead l ON l.id IN (i.row_id, (i.value_after #>> '{}')::bigint))"
			" SELECT array_agg(x.id) FROM (SELECT r.id FROM root r"
			"   UNION ALL SELECT l.id FROM root r JOIN @.lead l ON l.merged_into = r.id) x");
/* which lead stood for which at $3 */
#define STOOD " m.merged_at <= $3 AND (m.undone_at IS NULL OR m.undone_at > $3) AND i.object = 'lead' AND i.kind = 'field'"
#define STOOD_FOR \
	"(SELECT DISTINCT ON (i.row_id) i.row_id AS lead_id, (i.value_after #>> '{}')::bigint AS into_id FROM @.merge_item i" \
	" JOIN @.merge m ON m.id = i.merge_id WHERE" STOOD " ORDER BY i.row_id, m.id DESC)"

static void
load_steps(Funnel *fn)
{
	LeadsFunnelStage stages[LEADS_FUNNEL_STEPS];
	bool		zh = strcmp(fn->f->lang, "zh") == 0;

	fn->has_won = leads_rollup_steps(fn->f, &fn->rule.steps, stages);
	for (int i = 0; i < fn->rule.steps.n; i++)
	{
		fn->steps[i].code = stages[i].code;
		fn->steps[i].label = zh ? stages[i].label_zh : stages[i].label_en;
	}
}

/* ---------------------------------------------------------------- the pass */

static void
end_of_lead(Funnel *fn)
{
	if (!fn->any)
		return;
	leads_journey_union_end(&fn->whole);
	if (fn->whole.w.len > 0)
		leads_funnel_lead(fn, 1, fn->whole.w.bytes, fn->whole.w.len, fn->lead_id, fn->key, fn->text);
	leads_journey_free(&fn->whole.w);
	fn->any = false;
}

/* a row of event: lead, at, kind, stage, owner, flags, key, text, whole; in the order of wholes and instants */
static bool
receive_event(TupleTableSlot *slot, DestReceiver *self)
{
	Funnel	   *fn = (Funnel *) self;
	Datum	   *v = slot->tts_values;
	bool	   *null = slot->tts_isnull;
	MemoryContext old;
	int64		whole;

	slot_getallattrs(slot);
	old = MemoryContextSwitchTo(fn->cxt);
	whole = DatumGetInt64(v[8]);
	if (!fn->any || whole != fn->lead_id)
	{
		text	   *t = null[7] ? NULL : DatumGetTextPP(v[7]);
		int			len = t ? VARSIZE_ANY_EXHDR(t) : 0;

		end_of_lead(fn);
		fn->any = true;
		fn->lead_id = whole;
		/* the first row is of the lead that began first */
		fn->key = null[6] ? 0 : DatumGetInt64(v[6]);
		if (len >= SEGMENT_KEY)
			len = pg_mbcliplen(VARDATA_ANY(t), len, SEGMENT_KEY - 1);
		if (t)
			memcpy(fn->text, VARDATA_ANY(t), len);
		fn->text[len] = '\0';
		leads_journey_union_begin(&fn->whole, (uint8) DatumGetInt32(v[5]));
	}
	{
		char	   *kind = TextDatumGetCString(v[2]);

		leads_journey_take(&fn->whole, DatumGetInt64(v[0]), DatumGetTimestampTz(v[1]), kind, null[3] ? 0 : DatumGetInt64(v[3]),
						   null[4] ? 0 : DatumGetInt64(v[4]));
		pfree(kind);
	}
	MemoryContextSwitchTo(old);
	return true;
}

void
leads_funnel_run(Funnel *fn, const char *sql, LeadsReceive receive)
{
	const LeadsFunnelAsk *ask = fn->ask;
	ParamListInfo p = makeParamList(6);

	leads_stream_param(p, 0, TIMESTAMPTZOID, TimestampTzGetDatum(fn->since), fn->since == LEADS_NO_TIME);
	leads_stream_param(p, 1, TIMESTAMPTZOID, TimestampTzGetDatum(fn->until), fn->until == LEADS_NO_TIME);
	leads_stream_param(p, 2, TIMESTAMPTZOID, TimestampTzGetDatum(ask->as_of), false);
	leads_stream_param(p, 3, INT8ARRAYOID, ask->members, ask->members == (Datum) 0);
	leads_stream_param(p, 4, TIMESTAMPTZOID, TimestampTzGetDatum(ask->now), false);
	leads_stream_param(p, 5, INT8ARRAYOID, fn->others, fn->others == (Datum) 0);
	leads_stream_to(&fn->dest, receive == leads_funnel_receive_journey ? leads_funnel_journeys_begin : NULL, receive);
	leads_stream(fn->f, sql, p, &fn->dest);
}

/* which leads: those that began in the period and that the reader may see; of a flow the period is that of entries */
static void
add_filters(const Funnel *fn, StringInfo sql, const char *begun, const char *lead)
{
	const LeadsFunnelAsk *ask = fn->ask;

	if (fn->since != LEADS_NO_TIME && ask->mode != LEADS_FUNNEL_FLOW)
		appendStringInfo(sql, " AND %s >= $1", begun);
	if (fn->until != LEADS_NO_TIME)
		appendStringInfo(sql, " AND %s < $2", begun);
	if (!ask->all)
		appendStringInfo(sql, " AND EXISTS (SELECT FROM @.lead l JOIN @.ownership o ON o.customer_id = l.customer_id AND o.scope = l.scope"
						 " WHERE l.id = %s AND o.until IS NULL AND o.member_id = ANY ($4)"
						 " AND (o.next_due_at IS NULL OR o.next_due_at > $5))", lead);
}

void
leads_funnel_journeys(Funnel *fn)
{
	const LeadsFunnelAsk *ask = fn->ask;
	StringInfoData sql;

	initStringInfo(&sql);
	/*
	 * Whole rows: a list of columns would be copied row by row.  Nothing has begun later than now, and the walk looks at
	 * it, too: without a past instant a row need not be asked.
	 */
	appendStringInfo(&sql, "SELECT j.* FROM @.lead_journey j WHERE %s",
					 ask->as_of < ask->now ? "j.entered_at <= $3" : "true");
	if (fn->others != (Datum) 0)
		appendStringInfoString(&sql, " AND j.lead_id <> ALL ($6)");
	add_filters(fn, &sql, "j.entered_at", "j.lead_id");
	leads_funnel_run(fn, sql.data, leads_funnel_receive_journey);
}

/* all of them, or the others only */
static void
read_events(Funnel *fn)
{
	const LeadsFunnelAsk *ask = fn->ask;
	const char *key = leads_funnel_key(ask, "g.channel_id", "g.created_by");
	bool		some = fn->others != (Datum) 0;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT e.lead_id, e.at, " LEADS_JOURNEY_KIND_OF("e") ", e.to_stage_id, e.owner_id, " LEADS_JOURNEY_FLAGS_OF("g") ", %s, %s,"
					 " coalesce(f.into_id, e.lead_id), e.id FROM @.event e JOIN @.lead g ON g.id = e.lead_id"
					 " JOIN @.customer c ON c.id = g.customer_id LEFT JOIN " STOOD_FOR " f ON f.lead_id = e.lead_id"
					 " WHERE e.kind = ANY ('{entered,advanced,won,lost,reopened,handed,moved}')%s"
					 " AND coalesce(f.into_id, e.lead_id) IN (SELECT b.lead_id FROM (SELECT coalesce(x.into_id, n.lead_id) AS lead_id,"
					 " min(n.at) AS at FROM @.event n LEFT JOIN " STOOD_FOR " x ON x.lead_id = n.lead_id"
					 " WHERE n.kind = 'entered' AND n.at <= $3%s GROUP BY 1) b WHERE true",
					 key ? key : "NULL::bigint",
					 ask->by == LEADS_FUNNEL_REGION ? "c.region" : "NULL::text",
					 some ? " AND e.lead_id = ANY ($6)" : "", some ? " AND n.lead_id = ANY ($6)" : "");
	add_filters(fn, &sql, "b.at", "b.lead_id");
	appendStringInfoString(&sql, ") UNION ALL SELECT f.lead_id, m.merged_at, 'joined', (i.value_after #>> '{}')::bigint, NULL, 0, NULL, NULL,"
						   " f.into_id, 0 FROM " STOOD_FOR " f JOIN @.merge_item i ON i.row_id = f.lead_id"
						   " JOIN @.merge m ON m.id = i.merge_id WHERE" STOOD " ORDER BY 9, 2, 10, 1");
	leads_funnel_run(fn, sql.data, receive_event);
	end_of_lead(fn);
}

static void
load_others(Funnel *fn)
{
	LeadsResult r = leads_run(&q_others, Min(fn->rule.as_of, LEADS_JOURNEY_LAST));
	bool		isnull;
	Datum		d = leads_datum(&r, 0, 1, INT8ARRAYOID, &isnull);

	fn->others = isnull ? (Datum) 0 : d;
}

static HTAB *
make_table(Size key, Size entry, int flags)
{
	HASHCTL		ctl;

	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = key;
	ctl.entrysize = entry;
	ctl.hcxt = CurrentMemoryContext;
	return hash_create("leads funnel", 64, &ctl, HASH_ELEM | HASH_CONTEXT | flags);
}

static void
load_regions(Funnel *fn)
{
	LeadsResult r;

	if (fn->ask->by != LEADS_FUNNEL_REGION)
		return;
	fn->regions = make_table(sizeof(int64), sizeof(RegionEntry), HASH_BLOBS);
	r = leads_run(&q_regions);
	for (uint64 i = 0; i < r.n; i++)
	{
		int64		id = leads_int(&r, i, 1);
		RegionEntry *e = hash_search(fn->regions, &id, HASH_ENTER, NULL);

		e->text = leads_text(&r, i, 2);
	}
}

/* only who asks whose an open lead is now needs them */
static void
load_lapsed(Funnel *fn)
{
	const LeadsFunnelAsk *ask = fn->ask;
	LeadsResult r;

	if (ask->by != LEADS_FUNNEL_OWNER ||
		!(ask->credit == LEADS_CREDIT_CLOSER || (ask->credit == LEADS_CREDIT_EVENT && ask->mode == LEADS_FUNNEL_SNAPSHOT)))
		return;
	r = leads_run(&q_lapsed, ask->as_of);
	if (r.n == 0)
		return;
	fn->lapsed = make_table(sizeof(int64), sizeof(LapsedEntry), HASH_BLOBS);
	for (uint64 i = 0; i < r.n; i++)
	{
		int64		lead_id = leads_int(&r, i, 1);
		LapsedEntry *e = hash_search(fn->lapsed, &lead_id, HASH_ENTER, NULL);

		e->due = leads_time(&r, i, 2);
	}
}

/* ---------------------------------------------------------------- from the beginning to the end */

Funnel *
leads_funnel_begin(LeadsFrame *f, const LeadsFunnelAsk *ask)
{
	Funnel	   *fn = palloc0(sizeof(Funnel));

	fn->ask = ask;
	fn->f = f;
	fn->cxt = CurrentMemoryContext;
	fn->since = ask->since;
	fn->until = ask->until;
	fn->ids = make_table(sizeof(int64), sizeof(IdEntry), HASH_BLOBS);
	fn->texts = make_table(SEGMENT_KEY, sizeof(TextEntry), HASH_STRINGS);
	load_steps(fn);
	leads_months_begin(&fn->months, f->zone);
	fn->rule.mode = ask->mode;
	fn->rule.since = ask->since == LEADS_NO_TIME ? LEADS_JOURNEY_FIRST : ask->since;
	fn->rule.until = ask->until == LEADS_NO_TIME ? LEADS_FUNNEL_EVER : ask->until;
	fn->rule.as_of = Min(ask->as_of, LEADS_JOURNEY_LAST);
	fn->rule.within = ask->within;
	fn->rule.by_event = ask->by == LEADS_FUNNEL_OWNER && ask->credit == LEADS_CREDIT_EVENT;
	fn->plain = ask->mode == LEADS_FUNNEL_COHORT && ask->within == LEADS_FUNNEL_EVER && !fn->rule.by_event;
	if (fn->plain)
		leads_funnel_quick_begin(&fn->table, &fn->rule.steps);
	load_lapsed(fn);
	load_regions(fn);
	return fn;
}

void
leads_funnel_pass(Funnel *fn)
{
	if (fn->ask->from_events || !leads_journey_ready(fn->f))
		read_events(fn);
	else
	{
		load_others(fn);
		if (fn->others != (Datum) 0)
		{
			leads_funnel_journeys(fn);
			read_events(fn);
		}
		else if (fn->tell || !leads_funnel_rollups(fn))
			leads_funnel_journeys(fn);
	}
}
