/*
 * funnel_count.c - one pass over the journeys of a cohort, lead by lead.
 *
 * Purpose: the counting of leads.funnel() and funnel_leads(): which leads, in which
 * segment; the rules themselves are lib/funnel's.
 * Invariants: rows stream from the scan into the counts, none is kept; journeys are
 * those of lead_journey, or made on the way of event rows where those are not built
 * or the caller asks for it: the figures are the same; a lead that has lapsed but was
 * not written down yet lies in a pool, as owner_at() says; leads that became one by a
 * merge, or two by its undoing, count as they were at as_of.
 * Called by: read/funnel_rows, read/funnel_leads.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/params.h"
#include "tcop/dest.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "read/funnel.h"
#include "read/funnel_work.h"
#include "read/journey.h"
#include "record/journey.h"
#include "record/rollup.h"

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

/* ---------------------------------------------------------------- segments */

static Segment *
new_segment(Funnel *fn, int64 id, const char *text)
{
	Segment    *s = MemoryContextAllocZero(fn->cxt, sizeof(Segment));

	s->id = id;
	s->text = text;
	fn->segments = lappend(fn->segments, s);
	return s;
}

Segment *
leads_funnel_segment_id(Funnel *fn, int64 id)
{
	IdEntry    *e;
	bool		found;

	if (fn->last && fn->last->id == id)
		return fn->last;
	if ((uint64) id < SEGMENTS_NEAR)
	{
		if (fn->near[id] == NULL)
			fn->near[id] = new_segment(fn, id, "");
		return fn->last = fn->near[id];
	}
	e = hash_search(fn->ids, &id, HASH_ENTER, &found);
	if (!found)
		e->segment = new_segment(fn, id, "");
	return fn->last = e->segment;
}

Segment *
leads_funnel_segment_text(Funnel *fn, const char *text, int len)
{
	char		key[SEGMENT_KEY];
	TextEntry  *e;
	bool		found;

	if (fn->last && strncmp(fn->last->text, text, len) == 0 && fn->last->text[len] == '\0')
		return fn->last;
	if (len >= SEGMENT_KEY)
		len = pg_mbcliplen(text, len, SEGMENT_KEY - 1);
	memcpy(key, text, len);
	key[len] = '\0';
	e = hash_search(fn->texts, key, HASH_ENTER, &found);
	if (!found)
		e->segment = new_segment(fn, 0, e->text);
	return fn->last = e->segment;
}

/* where leads of a segment count */
static inline LeadsFunnelCell *
cell_in(Funnel *fn, Segment *s)
{
	if (!fn->shadow)
		return &s->cell;
	if (s->shadow == NULL)
		s->shadow = MemoryContextAllocZero(fn->cxt, sizeof(LeadsFunnelCell));
	if (fn->tell && !s->touched)
	{
		MemoryContext old = MemoryContextSwitchTo(fn->cxt);

		s->touched = true;
		fn->touched = lappend(fn->touched, s);
		MemoryContextSwitchTo(old);
	}
	return s->shadow;
}

static LeadsFunnelCell *
cell_of_owner(void *arg, int64 owner)
{
	return cell_in(arg, leads_funnel_segment_id(arg, owner));
}

/* ---------------------------------------------------------------- one lead */

/* the entries of each month, and what came of them */
static void
count_months(Funnel *fn, const LeadsWalk *w)
{
	LeadsFunnelRule rule = fn->rule;
	int32		last = -1;

	for (int i = 0; i < w->n; i++)
	{
		int64_t		at = w->stay[i].since;
		const LeadsMonth *month;

		if (w->stay[i].step < 0 || at < fn->rule.since || at >= fn->rule.until)
			continue;
		/* stays are in the order of time: those of a month are one run */
		month = leads_months_of(&fn->months, at);
		if (month->number == last)
			continue;
		last = month->number;
		rule.since = Max(fn->rule.since, month->start);
		rule.until = Min(fn->rule.until, month->until);
		leads_funnel_tally(&rule, w, 1, cell_in(fn, leads_funnel_segment_id(fn, last)), NULL, NULL, NULL);
	}
}

/* where a lead counts; NULL = each step where its owner does, in a flow by months its entries where they were */
static inline LeadsFunnelCell *
cell_of(Funnel *fn, TimestampTz begun_at, int64 owner, int64 first_owner, int64 key, const char *text, int textlen)
{
	const LeadsFunnelAsk *ask = fn->ask;

	if (fn->rule.by_event || (ask->by == LEADS_FUNNEL_MONTH && ask->mode == LEADS_FUNNEL_FLOW))
		return NULL;
	if (ask->by == LEADS_FUNNEL_MONTH)
		return cell_in(fn, leads_funnel_segment_id(fn, leads_months_of(&fn->months, begun_at)->number));
	if (ask->by == LEADS_FUNNEL_REGION)
		return cell_in(fn, leads_funnel_segment_text(fn, text, textlen));
	if (ask->by == LEADS_FUNNEL_OWNER && ask->credit == LEADS_CREDIT_CLOSER)
		return cell_in(fn, leads_funnel_segment_id(fn, owner));
	if (ask->by == LEADS_FUNNEL_OWNER && ask->credit == LEADS_CREDIT_FIRST)
		return cell_in(fn, leads_funnel_segment_id(fn, first_owner));
	return cell_in(fn, leads_funnel_segment_id(fn, key));
}

/* a lead, or one attempt of it */
static void
count_walk(Funnel *fn, const LeadsWalk *w, int sign, LeadsFunnelCell *cell)
{
	if (fn->ask->by == LEADS_FUNNEL_MONTH && fn->ask->mode == LEADS_FUNNEL_FLOW)
		count_months(fn, w);
	else
		leads_funnel_tally(&fn->rule, w, sign, cell, cell_of_owner, fn, fn->shadow ? NULL : &fn->closing);
}

static inline bool
wanted(const LeadsFunnelAsk *ask, bool imported, bool test)
{
	return (!imported || ask->imported) && (!test || ask->test);
}

/*
 * Attempt nth of the lead, up to so long after it began.  The same bytes are walked again,
 * so that the limit says whose it was then, too.
 */
static void
limit_attempt(Funnel *fn, const void *bytes, size_t len, int64 pooled_at, int nth, LeadsWalk *part)
{
	int64		later = part->begun_at - fn->walk.begun_at;
	int			next = 0;

	(void) leads_walk(&fn->limited, bytes, len, &fn->rule.steps, fn->rule.as_of, pooled_at,
					  fn->rule.within < LEADS_FUNNEL_EVER - later ? fn->rule.within + later : LEADS_FUNNEL_EVER);
	for (int i = 0; i <= nth; i++)
		(void) leads_walk_attempt(&fn->limited, &next, part);
}

static void
count_lead(Funnel *fn, int sign, const void *bytes, size_t len, int64 lead_id, int64 key, const char *text, int textlen)
{
	const LeadsFunnelAsk *ask = fn->ask;
	LeadsWalk  *w = &fn->walk;
	TimestampTz pooled_at = LEADS_FUNNEL_EVER;
	bool		limited = ask->mode == LEADS_FUNNEL_COHORT && fn->rule.within != LEADS_FUNNEL_EVER;
	LeadsFunnelPlain plain;
	LeadsWalk	part;
	int			next = 0;

	if (fn->lapsed)
	{
		LapsedEntry *e = hash_search(fn->lapsed, &lead_id, HASH_FIND, NULL);

		if (e)
			pooled_at = e->due;
	}
	if (fn->plain && leads_funnel_plain(&plain, &fn->table, bytes, len, fn->rule.as_of) &&
		!(ask->per_attempt && plain.reopened))
	{
		if (plain.state == LEADS_JOURNEY_OPEN && pooled_at <= fn->rule.as_of)
			plain.owner = 0;
		fn->begun_at = plain.begun_at;
		if (wanted(ask, plain.imported, plain.test) && (!plain.invalid || ask->invalid))
			leads_funnel_plain_tally(&fn->rule, &plain, sign,
									 cell_of(fn, plain.begun_at, plain.owner, plain.first_owner, key, text, textlen),
									 fn->shadow ? NULL : &fn->closing);
		return;
	}
	if (!leads_walk(w, bytes, len, &fn->rule.steps, fn->rule.as_of, pooled_at,
					limited && !ask->per_attempt ? fn->rule.within : LEADS_FUNNEL_EVER))
	{
		if (w->fault)
			leads_journey_damaged(w->fault);
		return;
	}
	if (!wanted(ask, w->imported, w->test))
		return;
	fn->begun_at = w->begun_at;
	if (!ask->per_attempt)
	{
		if (!w->invalid || ask->invalid)
			count_walk(fn, w, sign, cell_of(fn, w->begun_at, w->owner, w->first_owner, key, text, textlen));
		return;
	}
	for (int nth = 0; leads_walk_attempt(w, &next, &part); nth++)
	{
		if (part.invalid && !ask->invalid)
			continue;
		if (limited)
			limit_attempt(fn, bytes, len, pooled_at, nth, &part);
		count_walk(fn, &part, sign, cell_of(fn, w->begun_at, part.owner, w->first_owner, key, text, textlen));
	}
}

/* what the lead counts in each segment goes to who asked for leads, and is forgotten */
static void
tell_lead(Funnel *fn, int64 lead_id)
{
	ListCell   *lc;

	foreach(lc, fn->touched)
	{
		Segment    *s = lfirst(lc);

		fn->tell(fn->tell_arg, s, lead_id, fn->begun_at);
		memset(s->shadow, 0, sizeof(LeadsFunnelCell));
		s->touched = false;
	}
	fn->touched = list_truncate(fn->touched, 0);
}

void
leads_funnel_lead(Funnel *fn, int sign, const void *bytes, size_t len, int64 lead_id, int64 key, const char *text,
				  int textlen)
{
	count_lead(fn, sign, bytes, len, lead_id, key, text, textlen);
	if (fn->touched != NIL)
		tell_lead(fn, lead_id);
}

/* ---------------------------------------------------------------- the pass */

static void
receiver_startup(DestReceiver *self, int operation, TupleDesc desc)
{
}

static void
receiver_end(DestReceiver *self)
{
}

static const char *
key_column(const LeadsFunnelAsk *ask, const char *channel, const char *creator)
{
	if (ask->by == LEADS_FUNNEL_CHANNEL)
		return channel;
	if (ask->by == LEADS_FUNNEL_OWNER && ask->credit == LEADS_CREDIT_CREATOR)
		return creator;
	return NULL;
}

/* whole rows of lead_journey come as they lie in the table: where in them is what is asked for */
static void
journey_startup(DestReceiver *self, int operation, TupleDesc desc)
{
	Funnel	   *fn = (Funnel *) self;
	const char *key = key_column(fn->ask, "channel_id", "creator_id");

	fn->at_lead = leads_row_column(desc, "lead_id", INT8OID);
	fn->at_journey = leads_row_column(desc, "journey", BYTEAOID);
	fn->at_key = key ? leads_row_column(desc, key, INT8OID) : 0;
	fn->at_text = fn->ask->by == LEADS_FUNNEL_REGION ? leads_row_column(desc, "region", TEXTOID) : 0;
	fn->columns = Max(Max(fn->at_lead, fn->at_journey), Max(fn->at_key, fn->at_text));
}

/* a row of lead_journey */
static bool
receive_journey(TupleTableSlot *slot, DestReceiver *self)
{
	Funnel	   *fn = (Funnel *) self;
	MemoryContext old;
	Datum		d;
	bytea	   *b;
	text	   *t = NULL;
	int64		key = 0;

	slot_getsomeattrs(slot, fn->columns);
	old = MemoryContextSwitchTo(fn->cxt);
	d = slot->tts_values[fn->at_journey - 1];
	leads_journey_prefetch(DatumGetPointer(d));
	b = DatumGetByteaPP(d);
	if (fn->at_key && !slot->tts_isnull[fn->at_key - 1])
		key = DatumGetInt64(slot->tts_values[fn->at_key - 1]);
	if (fn->at_text && !slot->tts_isnull[fn->at_text - 1])
		t = DatumGetTextPP(slot->tts_values[fn->at_text - 1]);
	leads_funnel_lead(fn, 1, VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b), DatumGetInt64(slot->tts_values[fn->at_lead - 1]), key,
					  t ? VARDATA_ANY(t) : "", t ? VARSIZE_ANY_EXHDR(t) : 0);
	if ((Pointer) b != DatumGetPointer(d))
		pfree(b);
	MemoryContextSwitchTo(old);
	return true;
}

static void
end_of_lead(Funnel *fn)
{
	if (!fn->any)
		return;
	leads_journey_union_end(&fn->whole);
	if (fn->whole.w.len > 0)
		leads_funnel_lead(fn, 1, fn->whole.w.bytes, fn->whole.w.len, fn->lead_id, fn->key, fn->text, strlen(fn->text));
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

static void
put_param(ParamListInfo p, int i, Oid type, Datum value, bool isnull)
{
	p->params[i].value = value;
	p->params[i].isnull = isnull;
	p->params[i].pflags = PARAM_FLAG_CONST;
	p->params[i].ptype = type;
}

void
leads_funnel_run(Funnel *fn, const char *sql, LeadsFunnelReceive receive)
{
	const LeadsFunnelAsk *ask = fn->ask;
	SPIExecuteOptions options;
	ParamListInfo p = makeParamList(6);
	int			rc;

	put_param(p, 0, TIMESTAMPTZOID, TimestampTzGetDatum(fn->since), fn->since == LEADS_NO_TIME);
	put_param(p, 1, TIMESTAMPTZOID, TimestampTzGetDatum(fn->until), fn->until == LEADS_NO_TIME);
	put_param(p, 2, TIMESTAMPTZOID, TimestampTzGetDatum(ask->as_of), false);
	put_param(p, 3, INT8ARRAYOID, ask->members, ask->members == (Datum) 0);
	put_param(p, 4, TIMESTAMPTZOID, TimestampTzGetDatum(ask->now), false);
	put_param(p, 5, INT8ARRAYOID, fn->others, fn->others == (Datum) 0);
	fn->dest.rStartup = receive == receive_journey ? journey_startup : receiver_startup;
	fn->dest.receiveSlot = receive;
	memset(&options, 0, sizeof(options));
	options.params = p;
	options.read_only = true;
	options.dest = &fn->dest;
	/* a report reads much: unlike the kept look-ups of the frame it may scan */
	(void) set_config_option("enable_seqscan", "on", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	rc = SPI_execute_extended(leads_qualify(sql, fn->f->qschema), &options);
	if (rc < 0)
		elog(ERROR, "could not read: %s", SPI_result_code_string(rc));
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
	leads_funnel_run(fn, sql.data, receive_journey);
}

/* all of them, or the others only */
static void
read_events(Funnel *fn)
{
	const LeadsFunnelAsk *ask = fn->ask;
	const char *key = key_column(ask, "g.channel_id", "g.created_by");
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

	fn->dest.rShutdown = receiver_end;
	fn->dest.rDestroy = receiver_end;
	fn->dest.mydest = DestNone;
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
