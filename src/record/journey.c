/*
 * journey.c - keeper of journeys, the packed histories of leads.
 *
 * Purpose: whatever an event changes of a lead's stage or owner is in lead_journey
 * when the transaction ends, so that funnels need not read events.
 * Invariants: event rows are the truth; a journey is what lib/journey makes of them
 * in the order (at, id), and nothing else writes lead_journey.  A change of owner,
 * which is an event of the customer, is written as an event handed of each open lead
 * whose owner it changes, so that the events of a lead alone make its journey, merges
 * included.  A stage move touches no indexed column: it stays HOT.  The caller of an
 * event holds the customer's lock, and so does rebuild_journeys(), which locks the rows of
 * lead_journey, too: a lead may have gone to another customer meanwhile.  A move that meets no
 * row writes the whole journey.  A lead that was merged into another has none: what happened to
 * it is in the other's, which has the channel, first owner and creator of the one that began first.
 * Called by: record/event, act/guard, act/journey, read/verify, read/health, core/install (hooks).
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "core/bulk.h"
#include "record/journey.h"
#include "record/lead.h"

#define KINDS "'{entered,advanced,won,lost,reopened,handed,moved}'"

LEADS_INSERT(i_journey, LEADS_RANK_JOURNEY, LEADS_ID_NONE, "lead_journey",
			 "lead_id, entered_at, journey, channel_id, first_owner_id, creator_id, region_id", "lzBlLLL");
/* one that is damaged is told anew from the events, as one that is missing: nobody's work waits for its repair */
LEADS_QUERY(q_append, "lztLL",
			"UPDATE @.lead_journey SET journey = leads.journey_append(journey, $2, $3, $4, $5)"
			" WHERE lead_id = $1 AND leads.journey_fault(journey) IS NULL");
/* of leads that have one, each once */
LEADS_CHANGE(c_append, LEADS_RANK_JOURNEY_APPEND, true, "lztLL",
			 "UPDATE @.lead_journey SET journey = leads.journey_append(journey, $2, $3, $4, $5) WHERE lead_id = $1",
			 "UPDATE @.lead_journey j SET journey = leads.journey_append(j.journey, x.at, x.kind, x.stage, x.owner)"
			 "  FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),"
			 "       pg_catalog.unnest($5)) x(lead_id, at, kind, stage, owner)"
			 " WHERE j.lead_id = x.lead_id");
/* of leads that are one: the one that began first */
#define ELDEST \
	" LEFT JOIN LATERAL (SELECT x.id FROM @.lead x WHERE x.merged_into = l.id AND (x.created_at, x.id) < (l.created_at, l.id)" \
	"   ORDER BY x.created_at, x.id LIMIT 1) x ON true JOIN @.lead g ON g.id = coalesce(x.id, l.id)"
/* + 0, or the least number is sought number by number */
#define REGION_ID(region) "(SELECT min(r.id + 0) FROM @.journey_region r WHERE r.region = " region ")"
#define COPY \
	"INSERT INTO @.lead_journey (lead_id, entered_at, journey, channel_id, first_owner_id, creator_id, region_id)" \
	" SELECT l.id, $2, pg_catalog.set_byte($3, 1, " LEADS_JOURNEY_FLAGS_OF("l") "), g.channel_id, g.first_owner_id, g.created_by, " REGION_ID("c.region") \
	" FROM @.lead l JOIN @.customer c ON c.id = l.customer_id" ELDEST " WHERE l.id = $1 ON CONFLICT (lead_id) DO "
/* whoever holds the customer's lock sees all events of the lead */
LEADS_QUERY(q_write, "lzB", COPY "UPDATE SET entered_at = excluded.entered_at, journey = excluded.journey,"
			" channel_id = excluded.channel_id, first_owner_id = excluded.first_owner_id, creator_id = excluded.creator_id");
LEADS_QUERY(q_add, "lzB", COPY "NOTHING");
LEADS_QUERY(q_correct, "lzB", "UPDATE @.lead_journey SET entered_at = $2, journey = $3 WHERE lead_id = $1");
LEADS_QUERY(q_drop, "l", "DELETE FROM @.lead_journey WHERE lead_id = $1");
LEADS_QUERY(q_of_scope, "lt",
			"SELECT l.id, l.attempt, j.journey, l.scope FROM @.lead l LEFT JOIN @.lead_journey j ON j.lead_id = l.id"
			" WHERE l.customer_id = $1 AND l.scope = $2 AND l.closed_at IS NULL ORDER BY l.id");
LEADS_QUERY(q_of_scopes, "KS",
			"SELECT l.id, l.attempt, j.journey, l.scope, x.nr"
			"  FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY x(customer_id, scope, nr)"
			"  JOIN @.lead l ON l.customer_id = x.customer_id AND l.scope = x.scope AND l.closed_at IS NULL"
			"  LEFT JOIN @.lead_journey j ON j.lead_id = l.id ORDER BY x.nr, l.id");
LEADS_QUERY(q_of_customer, "l",
			"SELECT l.id, l.attempt, j.journey, l.scope, o.member_id, o.pool_id FROM @.lead l"
			"  JOIN @.ownership o ON o.customer_id = l.customer_id AND o.scope = l.scope AND o.until IS NULL"
			"  LEFT JOIN @.lead_journey j ON j.lead_id = l.id"
			" WHERE l.customer_id = $1 AND l.closed_at IS NULL ORDER BY l.id");
/* nobody waits for another one that writes the same region for the first time: then it has two numbers */
LEADS_QUERY_ASIDE(q_number, "t", "SELECT " REGION_ID("$1"));
LEADS_QUERY_ASIDE(q_number_new, "t", "INSERT INTO @.journey_region (region) VALUES ($1) RETURNING id");
LEADS_QUERY(q_number_all, "ll",
			"INSERT INTO @.journey_region (region) SELECT DISTINCT c.region FROM @.lead l JOIN @.customer c ON c.id = l.customer_id"
			" WHERE l.id > $1 AND l.id <= $2 AND c.region IS NOT NULL"
			"   AND NOT EXISTS (SELECT FROM @.journey_region r WHERE r.region = c.region)");
LEADS_QUERY(q_region_of, "l", "SELECT c.region FROM @.customer c WHERE c.id = $1");
LEADS_QUERY(q_region, "lL",
			"UPDATE @.lead_journey j SET region_id = $2 FROM @.lead l"
			" WHERE l.customer_id = $1 AND j.lead_id = l.id AND j.region_id IS DISTINCT FROM $2");
LEADS_QUERY(q_ready, "", "SELECT FROM @.journey_run r WHERE r.finished_at IS NOT NULL LIMIT 1");
/*
 * What happened to leads, and where two became one: then the other's stands in the place of the stage, and it comes
 * before what else happened at that instant.  $1, $2: leads, as [after, last].
 */
#define HAPPENED \
	"SELECT e.lead_id, e.at, " LEADS_JOURNEY_KIND_OF("e") ", e.to_stage_id, e.owner_id, e.lead_id AS whole, e.id FROM @.event e" \
	" WHERE e.lead_id > $1 AND e.lead_id <= $2 AND e.kind = ANY (" KINDS ")" \
	"   AND NOT EXISTS (SELECT FROM @.lead t WHERE t.id = e.lead_id AND t.merged_into IS NOT NULL)" \
	" UNION ALL SELECT e.lead_id, e.at, " LEADS_JOURNEY_KIND_OF("e") ", e.to_stage_id, e.owner_id, t.merged_into, e.id FROM @.lead t" \
	"   JOIN @.event e ON e.lead_id = t.id" \
	" WHERE t.merged_into > $1 AND t.merged_into <= $2 AND e.kind = ANY (" KINDS ")" \
	" UNION ALL SELECT t.id, m.merged_at, 'joined', (i.value_after #>> '{}')::bigint, NULL, t.merged_into, 0 FROM @.lead t" \
	"   JOIN @.merge_item i ON i.row_id = t.id AND i.object = 'lead' AND i.kind = 'field'" \
	"   JOIN @.merge m ON m.id = i.merge_id AND m.undone_at IS NULL" \
	" WHERE t.merged_into > $1 AND t.merged_into <= $2"
LEADS_QUERY(q_events, "ll", HAPPENED " ORDER BY 6, 2, 7, 1");
LEADS_QUERY(q_flags, "l", "SELECT " LEADS_JOURNEY_FLAGS_OF("l") " FROM @.lead l WHERE l.id = $1");
LEADS_QUERY(q_range, "li", "SELECT max(x.id) FROM (SELECT l.id FROM @.lead l WHERE l.id > $1 ORDER BY l.id LIMIT $2) x");
/* whoever moves a lead holds its customer: then nobody holds a row that another waits for */
LEADS_QUERY(q_hold, "ll",
			"SELECT c.id FROM @.customer c WHERE c.merged_into IS NULL"
			"   AND c.id IN (SELECT l.customer_id FROM @.lead l WHERE l.id > $1 AND l.id <= $2)"
			" ORDER BY c.id FOR NO KEY UPDATE");
LEADS_QUERY(q_lock, "ll",
			"SELECT j.lead_id FROM @.lead_journey j WHERE j.lead_id > $1 AND j.lead_id <= $2 ORDER BY j.lead_id FOR UPDATE");
LEADS_QUERY(q_stored, "ll",
			"SELECT l.id, " LEADS_JOURNEY_FLAGS_OF("l") ", j.journey, j.entered_at FROM @.lead l LEFT JOIN @.lead_journey j ON j.lead_id = l.id"
			" WHERE l.id > $1 AND l.id <= $2 ORDER BY l.id");
LEADS_QUERY(q_orphans, "ll",
			"SELECT j.lead_id FROM @.lead_journey j WHERE j.lead_id > $1 AND j.lead_id <= $2"
			"   AND NOT EXISTS (SELECT FROM @.lead l WHERE l.id = j.lead_id) ORDER BY j.lead_id");
#define COPIES \
	" FROM @.lead l JOIN @.customer c ON c.id = l.customer_id" ELDEST \
	" WHERE l.id = j.lead_id AND l.id > $1 AND l.id <= $2 AND (j.channel_id, j.first_owner_id, j.creator_id," \
	"   (SELECT r.region FROM @.journey_region r WHERE r.id = j.region_id))" \
	"  IS DISTINCT FROM (g.channel_id, g.first_owner_id, g.created_by, c.region)"
LEADS_QUERY(q_copies, "ll",
			"SELECT j.lead_id FROM @.lead_journey j WHERE EXISTS (SELECT" COPIES ") ORDER BY j.lead_id");
LEADS_QUERY(q_copy, "ll",
			"UPDATE @.lead_journey j SET channel_id = g.channel_id, first_owner_id = g.first_owner_id,"
			" creator_id = g.created_by, region_id = " REGION_ID("c.region") COPIES);

static uint8
flags_of(const LeadsLead *l)
{
	return (l->imported ? LEADS_JOURNEY_IMPORTED : 0) | (l->test ? LEADS_JOURNEY_TEST : 0);
}

void
leads_journey_damaged(const char *fault)
{
	ereport(ERROR,
			(errcode(LEADS_ERR_JOURNEY),
			 errmsg("these bytes are no journey"),
			 errdetail("Because %s.", fault),
			 errhint("CALL leads.rebuild_journeys() makes the journeys of a company anew from its events.")));
}

static Datum
journey_datum(const LeadsJourneyWriter *w)
{
	bytea	   *b = palloc(VARHDRSZ + w->len);

	SET_VARSIZE(b, VARHDRSZ + w->len);
	memcpy(VARDATA(b), w->bytes, w->len);
	return PointerGetDatum(b);
}

static TimestampTz
begun(const LeadsJourneyWriter *w)
{
	LeadsJourney j;

	(void) leads_journey_open(&j, w->bytes, w->len);
	return leads_journey_begun(&j);
}

void
leads_journey_take(LeadsJourneyUnion *u, int64 lead_id, TimestampTz at, const char *kind, int64 stage, int64 owner)
{
	LeadsJourneyKind k = leads_journey_kind(kind);

	if (k != 0)
		leads_journey_union_add(u, lead_id, at, k, stage, owner);
	else if (strcmp(kind, "joined") == 0)
		leads_journey_union_join(u, lead_id, stage, at);
}

/* row i of what happened */
static void
add_row(LeadsJourneyUnion *u, LeadsResult *r, uint64 i)
{
	leads_journey_take(u, leads_int(r, i, 1), leads_time(r, i, 2), leads_text(r, i, 3), leads_int(r, i, 4), leads_int(r, i, 5));
}

void
leads_journey_from_events(LeadsFrame *f, int64 lead_id, LeadsJourneyWriter *w)
{
	LeadsResult r = leads_run(&q_flags, lead_id);
	LeadsJourneyUnion u;

	leads_journey_union_begin(&u, leads_found(r) ? (uint8) leads_int(&r, 0, 1) : 0);
	r = leads_run(&q_events, lead_id - 1, lead_id);
	for (uint64 i = 0; i < r.n; i++)
		add_row(&u, &r, i);
	leads_journey_union_end(&u);
	*w = u.w;
}

bool
leads_journey_ready(LeadsFrame *f)
{
	return leads_found(leads_run(&q_ready));
}

void
leads_journey_mend(LeadsFrame *f)
{
	if (!leads_journey_ready(f))
		ereport(NOTICE,
				(errmsg("the journeys of company \"%s\" are not built", f->schema),
				 errdetail("Until then funnels are counted from events, which takes longer."),
				 errhint("CALL leads.rebuild_journeys(schema_name => %s);", quote_literal_cstr(f->schema))));
}

/* 0 = none */
static int64
region_number(LeadsFrame *f, const char *region)
{
	LeadsResult r;

	if (region == NULL)
		return 0;
	r = leads_run(&q_number, region);
	if (leads_isnull(&r, 0, 1))
		r = leads_run(&q_number_new, region);
	return leads_int(&r, 0, 1);
}

void
leads_journey_region(LeadsFrame *f, int64 customer_id)
{
	LeadsResult r = leads_run(&q_region_of, customer_id);

	leads_run(&q_region, customer_id, region_number(f, leads_text(&r, 0, 1)));
}

/* ---------------------------------------------------------------- with each event */

/* or no row yet: the company's journeys are not built, or this is its first event */
void
leads_journey_whole(LeadsFrame *f, int64 lead_id)
{
	LeadsJourneyWriter w;

	leads_journey_from_events(f, lead_id, &w);
	if (w.len > 0)
	{
		leads_run(&q_number_all, lead_id - 1, lead_id);
		leads_run(&q_write, lead_id, begun(&w), journey_datum(&w));
	}
	else
		leads_run(&q_drop, lead_id);
	leads_journey_free(&w);
}

static void
begin_journey(LeadsFrame *f, const LeadsEvent *e, TimestampTz at)
{
	const LeadsLead *l = e->lead;
	LeadsJourneyWriter w;

	leads_journey_begin(&w, flags_of(l));
	if (leads_journey_add(&w, at, LEADS_JOURNEY_ENTERED, e->to_stage, e->owner_id) == LEADS_JOURNEY_ADDED)
		(void) leads_insert(f, &i_journey, l->id, at, journey_datum(&w), l->channel_id, l->first_owner_id, l->created_by,
							region_number(f, e->region));
	leads_journey_free(&w);
}

/* owner by the journey of a row, or by its events if that is missing or damaged; -1 = there is none in them, either */
static int64
owner_now(LeadsFrame *f, LeadsResult *r, uint64 i, int64 lead_id, bool *sound)
{
	LeadsJourneyWriter w;
	bool		isnull;
	Datum		d = leads_datum(r, i, 3, BYTEAOID, &isnull);
	bytea	   *b = isnull ? NULL : DatumGetByteaPP(d);
	int64		owner;

	*sound = b && leads_journey_resume(&w, VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b)) == NULL;
	if (!*sound)
		leads_journey_from_events(f, lead_id, &w);
	owner = w.len > 0 ? w.owner : -1;
	leads_journey_free(&w);
	return owner;
}

/* the lead of row i: lead, attempt, journey, scope */
static void
hand_lead(LeadsFrame *f, const LeadsEvent *e, LeadsResult *r, uint64 i, int64 owner_id, int64 pool_id)
{
	LeadsEvent	h = {
		.kind = "handed", .customer_id = e->customer_id, .lead_id = leads_int(r, i, 1), .scope = leads_text(r, i, 4),
		.at = e->at, .owner_id = owner_id, .pool_id = pool_id, .attempt = (int32) leads_int(r, i, 2),
		.decision_id = e->decision_id, .by_system = e->by_system
	};
	bool		sound;
	int64		owner = owner_now(f, r, i, h.lead_id, &sound);

	h.has_journey = f->handing != NULL && sound;
	if (owner >= 0 && owner != owner_id)
		(void) leads_event_write(f, &h);
}

static void
hand_over(LeadsFrame *f, const LeadsEvent *e, LeadsResult r, bool each)
{
	for (uint64 i = 0; i < r.n; i++)
		hand_lead(f, e, &r, i, each ? leads_int(&r, i, 5) : e->owner_id, each ? leads_int(&r, i, 6) : e->pool_id);
}

/* ---- many customers at once ---- */

typedef struct Handed
{
	LeadsEvent	event;
	TimestampTz now;			/* when it was written */
} Handed;

typedef struct Handing
{
	MemoryContext cxt;
	Handed	   *events;
	int			n;
	int			room;
} Handing;

void
leads_journey_hand_over_begin(LeadsFrame *f, MemoryContext cxt)
{
	Handing    *h = MemoryContextAllocZero(cxt, sizeof(Handing));

	h->cxt = cxt;
	h->room = 64;
	h->events = MemoryContextAlloc(cxt, sizeof(Handed) * h->room);
	f->handing = h;
}

static void
hand_later(LeadsFrame *f, const LeadsEvent *e, TimestampTz at)
{
	Handing    *h = f->handing;

	if (h->n == h->room)
		h->events = repalloc(h->events, sizeof(Handed) * (h->room *= 2));
	h->events[h->n].event = *e;
	h->events[h->n].event.at = at;
	h->events[h->n].event.scope = MemoryContextStrdup(h->cxt, e->scope ? e->scope : "");
	h->events[h->n++].now = f->now;
}

void
leads_journey_hand_over_end(LeadsFrame *f)
{
	Handing    *h = f->handing;
	TimestampTz now = f->now;
	Datum	   *customers = palloc(sizeof(Datum) * Max(h->n, 1));
	Datum	   *scopes = palloc(sizeof(Datum) * Max(h->n, 1));
	LeadsResult r;

	for (int i = 0; i < h->n; i++)
	{
		customers[i] = Int64GetDatum(h->events[i].event.customer_id);
		scopes[i] = CStringGetTextDatum(h->events[i].event.scope);
	}
	r = leads_run(&q_of_scopes,
				  PointerGetDatum(construct_array(customers, h->n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)),
				  PointerGetDatum(construct_array(scopes, h->n, TEXTOID, -1, false, TYPALIGN_INT)));
	for (uint64 i = 0; i < r.n; i++)
	{
		const Handed *e = &h->events[leads_int(&r, i, 5) - 1];

		f->now = e->now;
		hand_lead(f, &e->event, &r, i, e->event.owner_id, e->event.pool_id);
	}
	f->now = now;
	f->handing = NULL;
}

void
leads_journey_hand_over_forget(LeadsFrame *f)
{
	f->handing = NULL;
}

/* events of a customer that leave its owner as it was; one that is new here is asked about */
static bool
keeps_owner(const LeadsEvent *e)
{
	static const char *const kinds[] = {"registered", "collided", "reminded", "extended", "parted"};

	if (e->owner_id == 0 && e->pool_id == 0)
		return true;
	for (int i = 0; i < lengthof(kinds); i++)
		if (strcmp(e->kind, kinds[i]) == 0)
			return true;
	return false;
}

void
leads_journey_follow(LeadsFrame *f, const LeadsEvent *e, TimestampTz at)
{
	if (e->lead_id != 0)
	{
		const char *told = e->invalid ? "invalid" : e->kind;
		LeadsJourneyKind kind = leads_journey_kind(told);

		if (kind == LEADS_JOURNEY_ENTERED && e->lead)
			begin_journey(f, e, at);
		else if (e->has_journey)
			(void) leads_change(f, &c_append, e->lead_id, at, told, e->to_stage, e->owner_id);
		else if (kind != 0 &&
				 leads_run(&q_append, e->lead_id, at, told, e->to_stage, e->owner_id).n == 0)
			leads_journey_whole(f, e->lead_id);
	}
	else if (strcmp(e->kind, "merged") == 0 || strcmp(e->kind, "unmerged") == 0)
	{
		/* leads came or went: they have the owner and the region of where they are now */
		hand_over(f, e, leads_run(&q_of_customer, e->customer_id), true);
		leads_journey_region(f, e->customer_id);
	}
	else if (e->no_leads || keeps_owner(e))
		return;
	else if (f->handing)
		hand_later(f, e, at);
	else
		hand_over(f, e, leads_run(&q_of_scope, e->customer_id, e->scope ? e->scope : ""), false);
}

/* ---------------------------------------------------------------- all of them */

/* what is stored of row i is what the events say */
static bool
as_told(LeadsResult *r, uint64 i, const LeadsJourneyWriter *w)
{
	bool		isnull;
	Datum		d = leads_datum(r, i, 3, BYTEAOID, &isnull);
	bytea	   *b;

	if (isnull)
		return w->len == 0;
	b = DatumGetByteaPP(d);
	return w->len > 0 && VARSIZE_ANY_EXHDR(b) == w->len && memcmp(VARDATA_ANY(b), w->bytes, w->len) == 0 &&
		leads_time(r, i, 4) == begun(w);
}

static void
mend(LeadsFrame *f, LeadsResult *r, uint64 i, const LeadsJourneyWriter *w)
{
	int64		lead_id = leads_int(r, i, 1);

	if (w->len == 0)
		leads_run(&q_drop, lead_id);
	else if (leads_isnull(r, i, 3))
		leads_run(&q_add, lead_id, begun(w), journey_datum(w));
	else
		leads_run(&q_correct, lead_id, begun(w), journey_datum(w));
}

/* of leads that are gone */
static void
compare_orphans(LeadsFrame *f, int64 after, int64 last, bool write, LeadsJourneyDiffers tell, void *arg)
{
	LeadsResult r = leads_run(&q_orphans, after, last);

	for (uint64 i = 0; i < r.n; i++)
	{
		tell(arg, leads_int(&r, i, 1), "orphan");
		if (write)
			leads_run(&q_drop, leads_int(&r, i, 1));
	}
}

int64
leads_journey_compare(LeadsFrame *f, int64 after, int n, bool write, LeadsJourneyDiffers tell, void *arg)
{
	LeadsResult r = leads_run(&q_range, after, n);
	int64		last = leads_int(&r, 0, 1);
	LeadsResult stored;
	LeadsResult events;
	uint64		e = 0;

	compare_orphans(f, after, last == 0 ? PG_INT64_MAX : last, write, tell, arg);
	if (last == 0)
		return 0;
	/* a move in flight ends first; one that comes later adds to what we leave */
	if (write)
	{
		leads_run(&q_hold, after, last);
		leads_run(&q_lock, after, last);
		leads_run(&q_number_all, after, last);
	}
	events = leads_run(&q_events, after, last);
	stored = leads_run(&q_stored, after, last);
	for (uint64 i = 0; i < stored.n; i++)
	{
		int64		lead_id = leads_int(&stored, i, 1);
		LeadsJourneyUnion u;

		leads_journey_union_begin(&u, (uint8) leads_int(&stored, i, 2));
		while (e < events.n && leads_int(&events, e, 6) < lead_id)
			e++;
		for (; e < events.n && leads_int(&events, e, 6) == lead_id; e++)
			add_row(&u, &events, e);
		leads_journey_union_end(&u);
		if (!as_told(&stored, i, &u.w))
		{
			tell(arg, lead_id, leads_isnull(&stored, i, 3) ? "missing" : "journey");
			if (write)
				mend(f, &stored, i, &u.w);
		}
		leads_journey_free(&u.w);
	}
	r = leads_run(&q_copies, after, last);
	for (uint64 i = 0; i < r.n; i++)
		tell(arg, leads_int(&r, i, 1), "copy");
	if (write && r.n > 0)
		leads_run(&q_copy, after, last);
	return last;
}
