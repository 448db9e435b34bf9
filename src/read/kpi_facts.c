/*
 * kpi_facts.c - the facts that figures are counted from, row by row.
 *
 * Purpose: one scan for each kind of fact: leads by their journeys, activities, registrations,
 * stays in pools, claims, costs, time of members in the company.
 * Invariants: rows stream, none is kept; an ownership that has lapsed but was not written down
 * yet ends at its deadline and a stay in a pool begins there, as owner_at() says, so that the
 * sweep changes no figure; a reader gets leads that it owns now and acts of members that it sees,
 * costs only if it sees everything; imported history, test data and what was
 * no lead stay out unless they are asked for; what was done about that was done.
 * Called by: read/kpi, read/sales.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "core/stream.h"
#include "read/journey.h"
#include "read/kpi.h"
#include "record/journey.h"

typedef struct Reader
{
	DestReceiver dest;			/* must be first: the executor hands rows to it */
	LeadsCut   *cut;
	const LeadsFactAsk *ask;
	LeadsFactKind kind;
	LeadsFactDo take;
	void	   *arg;
	MemoryContext row;			/* reset after each */
	LeadsWalk	walk;

	/* pools: the stay that goes on, and whether the customer had left one before */
	bool		staying;
	int64		customer_id;
	char	   *scope;
	bool		left_before;
	LeadsFact	stay;
} Reader;

/* ---------------------------------------------------------------- texts */

#define SEEN_LEAD \
	" AND o.member_id = ANY ($4) AND (o.next_due_at IS NULL OR o.next_due_at > $5)"

/* journeys, or where they are not built what they would be; leads that a merge made one have theirs in any case */
#define JOURNEYS "@.lead_journey"
#define FROM_EVENTS \
	"(SELECT e.lead_id, leads.journey_agg(e.at, " LEADS_JOURNEY_KIND_OF("e") ", e.to_stage_id, e.owner_id) AS journey, min(e.at) AS entered_at," \
	" g.channel_id, g.created_by AS creator_id FROM @.event e JOIN @.lead g ON g.id = e.lead_id" \
	" WHERE e.kind = ANY ('{entered,advanced,won,lost,reopened,handed,moved}') AND g.merged_into IS NULL" \
	" AND NOT EXISTS (SELECT FROM @.lead t WHERE t.merged_into = g.id) GROUP BY e.lead_id, g.channel_id, g.created_by" \
	" UNION ALL SELECT q.lead_id, q.journey, q.entered_at, q.channel_id, q.creator_id FROM @.lead_journey q" \
	" WHERE EXISTS (SELECT FROM @.lead t WHERE t.merged_into = q.lead_id))"

/* of the last closing up to now: as the lead has it, or where now is a false one and more has happened since, as the event says */
#define CLOSED_THEN(column, event) \
	"CASE WHEN l.closed_at <= $5 THEN " column " WHEN l.closed_at IS NOT NULL OR l.attempt > 1 THEN (SELECT " event " FROM @.event e WHERE e.lead_id = l.id" \
	" AND e.kind IN ('won', 'lost') AND e.at <= $5 ORDER BY e.at DESC, e.id DESC LIMIT 1) END"
#define LEAD_COLUMNS \
	"SELECT l.id, l.customer_id, j.channel_id, j.creator_id, l.amount, l.line, %s, %s," \
	" j.journey, l.expected_on, " CLOSED_THEN("l.close_reason", "e.data->>'reason'")
/* what costs a look-up a lead is read where it is asked for */
#define LEAD_RETURNING \
	", EXISTS (SELECT FROM @.lead p JOIN @.lead s ON s.id = coalesce(p.merged_into, p.id)" \
	" WHERE p.customer_id = l.customer_id AND s.id <> l.id AND (p.created_at, p.id) < (j.entered_at, l.id)" \
	" AND (NOT p.test OR %s) AND (%s OR NOT s.invalid OR s.closed_at > $5))"
#define LEAD_CONTACT \
	", (SELECT min(a.occurred_at) FROM @.activity a WHERE a.lead_id = l.id AND a.author_id IS NOT NULL AND NOT a.automatic AND a.occurred_at >= j.entered_at" \
	"   AND a.kind IN ('call', 'visit', 'mail', 'wechat', 'meeting', 'demo'))"
#define LEAD_CONTACTS \
	", (SELECT string_agg(DISTINCT a.kind, ',') FROM @.activity a WHERE a.lead_id = l.id AND a.effective" \
	" AND a.occurred_at <= " CLOSED_THEN("l.closed_at", "e.at") ")"
#define LEAD_TOUCHES \
	", (SELECT string_agg(r.channel_id::text, ',' ORDER BY r.submitted_at, r.id) FROM @.registration r WHERE r.submitted_at <= " CLOSED_THEN("l.closed_at", "e.at") \
	" AND (NOT r.test OR %s) AND r.customer_id IN (SELECT l.customer_id UNION ALL SELECT y.id FROM @.customer y WHERE y.merged_into = l.customer_id)" \
	" AND r.lead_id IN (SELECT l.id UNION ALL SELECT t.id FROM @.lead t WHERE t.merged_into = l.id))"
#define LEAD_FROM \
	" FROM @.lead l JOIN %s j ON j.lead_id = l.id"
#define JOIN_PLACE \
	" JOIN @.customer c ON c.id = l.customer_id"
#define JOIN_OWNER \
	" LEFT JOIN @.ownership o ON o.customer_id = l.customer_id AND o.scope = l.scope AND o.until IS NULL"

/* nobody imports them: what is done for an imported lead is done now, as it is claimed now */
#define ACTIVITIES \
	"SELECT a.id, a.customer_id, %s, a.author_id, a.occurred_at, c.region, c.industry, l.line, a.kind, a.effective, coalesce(a.seconds, -1)" \
	" FROM @.activity a JOIN @.lead l ON l.id = a.lead_id JOIN @.customer c ON c.id = a.customer_id" \
	" WHERE ($1 IS NULL OR a.occurred_at >= $1) AND ($2 IS NULL OR a.occurred_at < $2) AND a.occurred_at <= $5" \
	" AND a.author_id IS NOT NULL AND (NOT l.test OR %s) AND ($6 OR a.author_id = ANY ($4))"

/* of leads that are one now it is the first one's */
#define CHANNEL_OF_ALL "coalesce((SELECT j.channel_id FROM @.lead_journey j WHERE j.lead_id = l.id), l.channel_id)"

/* what an import brought along is no attempt of anybody */
#define REGISTRATIONS \
	"SELECT r.id, r.customer_id, r.channel_id, r.actor_id, r.submitted_at, c.region, c.industry, r.outcome, r.state, r.settled_at," \
	" r.owner_id, v.id IS NOT NULL, v.actor_id, %s" \
	" FROM @.registration r LEFT JOIN @.customer c ON c.id = r.customer_id LEFT JOIN @.registration v ON v.id = r.rival_id %s" \
	" WHERE ($1 IS NULL OR r.submitted_at >= $1) AND ($2 IS NULL OR r.submitted_at < $2) AND r.submitted_at <= $5" \
	" AND (%s OR NOT EXISTS (SELECT FROM @.import_result i WHERE i.registration_id = r.id)) AND (NOT r.test OR %s)" \
	" AND ($6 OR r.actor_id = ANY ($4))"
#define PROTECTION_COLUMNS "o.since, o.until, o.end_cause, o.protected_until, o.next_due_at, w.won_at"
#define NO_PROTECTION \
	"NULL::timestamptz, NULL::timestamptz, NULL::text, NULL::timestamptz, NULL::timestamptz, NULL::timestamptz"
/* what a merge ended, or its undoing, goes on where that took it */
#define PROTECTIONS \
	" LEFT JOIN LATERAL (SELECT q.* FROM @.ownership q" \
	"   WHERE q.customer_id = r.customer_id AND q.registration_id = r.id AND q.member_id IS NOT NULL" \
	"   AND q.cause NOT IN ('merged', 'unmerged') ORDER BY q.id LIMIT 1) q ON true" \
	" LEFT JOIN LATERAL (SELECT z.* FROM @.ownership z WHERE q.end_cause = 'merged' AND z.registration_id = r.id" \
	"   AND z.customer_id IN (c.id, c.merged_into) AND z.member_id = q.member_id AND z.cause IN ('merged', 'unmerged')" \
	"   ORDER BY z.id DESC LIMIT 1) z ON true" \
	" LEFT JOIN LATERAL (SELECT q.since, x.* FROM (SELECT z.until, z.end_cause, z.protected_until, z.next_due_at WHERE z.id IS NOT NULL" \
	"   UNION ALL SELECT q.until, q.end_cause, q.protected_until, q.next_due_at WHERE z.id IS NULL) x) o ON true" \
	" LEFT JOIN LATERAL (SELECT x.at AS won_at FROM (SELECT e.kind, e.at FROM @.lead t JOIN @.event e ON e.lead_id = coalesce(t.merged_into, t.id)" \
	"   WHERE t.id = r.lead_id AND e.kind IN ('won', 'lost', 'reopened') AND e.at <= $5 ORDER BY e.at DESC, e.id DESC LIMIT 1) x" \
	"   WHERE x.kind = 'won') w ON true"

/*
 * Every stay, in order, so that what was moved on or merged is one; in the hands of a member past its deadline: in the
 * pool since then.  Who had it before: the interval that ended where the stay begins.
 */
#define STAYS \
	"SELECT p.id, p.customer_id, p.scope, p.since, p.until, p.cause, p.end_cause, b.member_id, c.region, c.industry" \
	" FROM @.ownership p JOIN @.customer c ON c.id = p.customer_id LEFT JOIN @.ownership b" \
	"   ON b.customer_id = p.customer_id AND b.scope = p.scope AND b.until = p.since AND b.member_id IS NOT NULL" \
	" WHERE p.pool_id IS NOT NULL AND p.since <= $5" \
	" UNION ALL SELECT p.id, p.customer_id, p.scope, p.next_due_at, NULL, 'lapsed', NULL, p.member_id, c.region, c.industry" \
	" FROM @.ownership p JOIN @.customer c ON c.id = p.customer_id" \
	" WHERE p.until IS NULL AND p.member_id IS NOT NULL AND p.next_due_at <= $5 ORDER BY 2, 3, 4, 1"

#define CLAIMS \
	"SELECT o.id, o.customer_id, o.member_id, o.since, c.region, c.industry" \
	" FROM @.ownership o JOIN @.customer c ON c.id = o.customer_id" \
	" WHERE o.cause = 'claimed' AND ($1 IS NULL OR o.since >= $1) AND ($2 IS NULL OR o.since < $2) AND o.since <= $5" \
	" AND ($6 OR o.member_id = ANY ($4))"

/* a row a day of the business zone; the k-th of n gets what is left of the k-th part of the amount */
#define COSTS \
	"SELECT x.id, x.channel_id, d.at, x.amount, x.until - x.since, k FROM @.channel_cost x" \
	" CROSS JOIN LATERAL generate_series(0, x.until - x.since - 1) k" \
	" CROSS JOIN LATERAL (SELECT (x.since + k)::timestamp AT TIME ZONE $3 AS at) d" \
	" WHERE $6 AND ($1 IS NULL OR d.at >= $1) AND ($2 IS NULL OR d.at < $2) AND d.at <= $5"

#define MEMBERS \
	"SELECT m.id, m.created_at, m.left_at FROM @.member m" \
	" WHERE m.partner_id IS NULL AND (m.active OR m.left_at IS NOT NULL) AND ($6 OR m.id = ANY ($4))"

#define LOSSES \
	"SELECT l.id, l.customer_id, g.channel_id, e.owner_id, e.at, c.region, c.industry, l.line, e.from_stage_id, e.data->>'reason', e.amount," \
	" g.created_by, g.first_owner_id" \
	" FROM @.event e JOIN @.lead l ON l.id = e.lead_id JOIN @.customer c ON c.id = l.customer_id" \
	" JOIN LATERAL (SELECT y.channel_id, y.created_by, y.first_owner_id FROM @.lead y" \
	"   WHERE y.id = coalesce(l.merged_into, l.id) OR y.merged_into = coalesce(l.merged_into, l.id)" \
	"   ORDER BY y.created_at, y.id LIMIT 1) g ON true" \
	" LEFT JOIN @.ownership o ON o.customer_id = l.customer_id AND o.scope = l.scope AND o.until IS NULL" \
	" WHERE e.kind = 'lost' AND ($1 IS NULL OR e.at >= $1) AND ($2 IS NULL OR e.at < $2) AND e.at <= $5 AND (NOT l.imported OR %s)" \
	" AND (NOT l.test OR %s) AND (%s OR e.data->'invalid' IS DISTINCT FROM 'true')"

#define YES(b) ((b) ? "true" : "false")

/* ---------------------------------------------------------------- columns */

static int64
int_of(TupleTableSlot *s, int i)
{
	return s->tts_isnull[i] ? 0 : DatumGetInt64(s->tts_values[i]);
}

static TimestampTz
time_of(TupleTableSlot *s, int i)
{
	return s->tts_isnull[i] ? LEADS_NO_TIME : DatumGetTimestampTz(s->tts_values[i]);
}

static const char *
text_of(TupleTableSlot *s, int i)
{
	return s->tts_isnull[i] ? "" : TextDatumGetCString(s->tts_values[i]);
}

static const char *
text_or_null(TupleTableSlot *s, int i)
{
	return s->tts_isnull[i] ? NULL : TextDatumGetCString(s->tts_values[i]);
}

/* ---------------------------------------------------------------- leads */

/* what happens later than now has not happened */
static TimestampTz
by_now(const LeadsFactAsk *ask, TimestampTz at)
{
	return at > ask->now ? LEADS_NO_TIME : at;
}

/* false: it is not of the period */
static bool
in_period(const LeadsFactAsk *ask, TimestampTz at)
{
	return at <= ask->now && (ask->since == LEADS_NO_TIME || at >= ask->since) &&
		(ask->until == LEADS_NO_TIME || at < ask->until);
}

static void
fill_walk(Reader *r, LeadsFact *fact)
{
	const LeadsWalk *w = &r->walk;
	const LeadsStay *last = NULL;

	fact->walk = w;
	fact->begun_at = w->begun_at;
	fact->open = w->state == LEADS_JOURNEY_OPEN;
	fact->won = w->state == LEADS_JOURNEY_IS_WON;
	fact->closed_at = fact->open ? LEADS_NO_TIME : w->closed_at;
	fact->first_owner = w->first_owner;
	fact->owner = w->owner;
	fact->again_at = w->begun_at;
	for (int i = 0; i < w->n; i++)
	{
		if (i > 0 && w->stay[i].attempt != w->stay[i - 1].attempt)
			fact->again_at = w->stay[i].since;
		if (!w->stay[i].won)
			last = &w->stay[i];
	}
	fact->step = last ? last->step : -1;
	fact->reached = w->furthest;
	if (fact->won && w->n > 0 && w->stay[w->n - 1].won)
		fact->reached = Max(fact->reached, w->stay[w->n - 1].step);
	fact->opportunity = fact->won || (fact->step >= 0 && fact->step >= r->cut->qualifies);
}

/* how long nobody had it until an instant, written down or not: what is closed cannot lapse */
static int64
pool_time(const void *bytes, size_t len, TimestampTz until)
{
	LeadsJourney j;
	TimestampTz since = LEADS_NO_TIME;
	int64		spent = 0;

	if (!leads_journey_open(&j, bytes, len))
		return 0;
	while (leads_journey_next(&j) && j.at <= until)
	{
		if (since != LEADS_NO_TIME)
			spent += j.at - since;
		since = j.owner == 0 && j.kind != LEADS_JOURNEY_WON && !leads_journey_loses(j.kind) ? j.at : LEADS_NO_TIME;
	}
	return since != LEADS_NO_TIME ? spent + (until - since) : spent;
}

static void
take_lead(Reader *r, TupleTableSlot *s)
{
	bytea	   *b = DatumGetByteaPP(s->tts_values[9]);
	TimestampTz due = time_of(s, 8);
	MemoryContext old = MemoryContextSwitchTo(r->cut->cxt);
	bool		there = leads_walk(&r->walk, VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b), &r->cut->steps,
								   Min(r->ask->now, LEADS_JOURNEY_LAST), due == LEADS_NO_TIME ? LEADS_FUNNEL_EVER : due,
								   LEADS_FUNNEL_EVER);
	LeadsFact	fact;
	int			col = 12;

	MemoryContextSwitchTo(old);
	if (!there)
	{
		if (r->walk.fault)
			leads_journey_damaged(r->walk.fault);
		return;
	}
	/* what the walk says as of now: the column may know more than a past now */
	if (r->walk.invalid && !r->ask->invalid && !r->ask->found)
		return;
	memset(&fact, 0, sizeof(fact));
	fact.kind = r->kind;
	fact.serial = ++r->cut->serial;
	fill_walk(r, &fact);
	if (r->kind == LEADS_FACT_BEGUN ? !in_period(r->ask, fact.begun_at)
		: fact.open || (r->kind == LEADS_FACT_CLOSED && !in_period(r->ask, fact.closed_at)))
		return;
	fact.id = int_of(s, 0);
	fact.customer_id = int_of(s, 1);
	fact.channel_id = int_of(s, 2);
	fact.creator = int_of(s, 3);
	fact.has_amount = !s->tts_isnull[4];
	if (fact.has_amount)
		fact.amount = leads_money_read(s->tts_values[4]);
	fact.line = text_of(s, 5);
	fact.region = text_of(s, 6);
	fact.industry = text_of(s, 7);
	fact.expected_on = s->tts_isnull[10] || DATE_NOT_FINITE(DatumGetDateADT(s->tts_values[10])) ? PG_INT32_MIN : DatumGetDateADT(s->tts_values[10]);
	fact.reason = fact.won || fact.open ? "" : text_of(s, 11);
	fact.returning = (r->cut->mask & LEADS_CUT_BIT(LEADS_CUT_RETURNING)) != 0 && DatumGetBool(s->tts_values[col++]);
	fact.contact_at = r->ask->contact ? time_of(s, col++) : LEADS_NO_TIME;
	fact.contacts = r->ask->contacts ? psprintf(",%s,", text_of(s, col++)) : "";
	fact.touches = r->ask->touches ? text_of(s, col) : "";
	if (r->ask->pool_time)
		fact.pool_time = pool_time(VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b), fact.open ? r->ask->now : fact.closed_at);
	r->take(r->arg, &fact);
}

/* ---------------------------------------------------------------- acts */

/* the columns that all acts begin with */
static void
begin_act(Reader *r, TupleTableSlot *s, LeadsFact *fact)
{
	memset(fact, 0, sizeof(*fact));
	fact->kind = r->kind;
	fact->serial = ++r->cut->serial;
	fact->id = int_of(s, 0);
	fact->customer_id = int_of(s, 1);
	fact->channel_id = int_of(s, 2);
	fact->doer = int_of(s, 3);
	fact->at = time_of(s, 4);
	fact->region = text_of(s, 5);
	fact->industry = text_of(s, 6);
}

static void
take_activity(Reader *r, TupleTableSlot *s)
{
	LeadsFact	fact;

	begin_act(r, s, &fact);
	fact.line = text_of(s, 7);
	fact.what = text_of(s, 8);
	fact.effective = DatumGetBool(s->tts_values[9]);
	fact.seconds = DatumGetInt32(s->tts_values[10]);
	r->take(r->arg, &fact);
}

static void
take_registration(Reader *r, TupleTableSlot *s)
{
	LeadsFact	fact;
	int64		owner = int_of(s, 10);
	bool		behind = DatumGetBool(s->tts_values[11]);
	int64		rival = int_of(s, 12);
	TimestampTz since = time_of(s, 13);
	TimestampTz ended = by_now(r->ask, time_of(s, 14));
	const char *cause = text_of(s, 15);
	TimestampTz protection = time_of(s, 16);
	TimestampTz due = time_of(s, 17);
	TimestampTz won_at = time_of(s, 18);

	begin_act(r, s, &fact);
	fact.line = "";
	fact.what = text_of(s, 7);
	fact.state = text_of(s, 8);
	fact.until = by_now(r->ask, time_of(s, 9));
	/* one's own customer, or one's own earlier attempt, is no rival */
	if (strcmp(fact.what, "blocked") == 0 || strcmp(fact.what, "queued") == 0)
		fact.effective = behind ? rival != fact.doer || rival == 0
			: strcmp(fact.what, "blocked") == 0 ? owner != fact.doer || owner == 0 : owner != 0 && owner != fact.doer;
	fact.protected = protection != LEADS_NO_TIME;
	if (fact.protected)
	{
		TimestampTz over = ended != LEADS_NO_TIME ? ended : due != LEADS_NO_TIME && due <= r->ask->now ? due : LEADS_NO_TIME;

		fact.used = won_at != LEADS_NO_TIME && won_at >= since && won_at <= protection && (over == LEADS_NO_TIME || won_at < over);
		fact.again = !fact.used &&
			((ended != LEADS_NO_TIME && strcmp(cause, "lapsed") == 0) || (ended == LEADS_NO_TIME && over != LEADS_NO_TIME) ||
			 (protection <= r->ask->now && (over == LEADS_NO_TIME || protection <= over)));
	}
	r->take(r->arg, &fact);
}

static void
take_loss(Reader *r, TupleTableSlot *s)
{
	LeadsFact	fact;

	begin_act(r, s, &fact);
	fact.owner = fact.doer;
	fact.closed_at = fact.at;
	fact.line = text_of(s, 7);
	fact.step = leads_funnel_step(&r->cut->steps, int_of(s, 8));
	fact.reason = text_of(s, 9);
	fact.has_amount = !s->tts_isnull[10];
	if (fact.has_amount)
		fact.amount = leads_money_read(s->tts_values[10]);
	fact.creator = int_of(s, 11);
	fact.first_owner = int_of(s, 12);
	r->take(r->arg, &fact);
}

/* a stay is whole: hand it on if the reader may see it */
static void
end_stay(Reader *r)
{
	if (r->staying)
	{
		bool		seen = r->ask->all;

		if (!seen && r->stay.doer != 0)
		{
			ArrayType  *members = DatumGetArrayTypeP(r->ask->members);
			int64	   *ids = (int64 *) ARR_DATA_PTR(members);

			for (int i = ArrayGetNItems(ARR_NDIM(members), ARR_DIMS(members)) - 1; i >= 0 && !seen; i--)
				seen = ids[i] == r->stay.doer;
		}
		if (seen)
			r->take(r->arg, &r->stay);
	}
	r->staying = false;
}

static bool
by_merge(const char *cause)
{
	return strcmp(cause, "merged") == 0 || strcmp(cause, "unmerged") == 0;
}

/* rows of one customer and scope stand together, in order */
static void
take_stay(Reader *r, TupleTableSlot *s)
{
	int64		customer_id = int_of(s, 1);
	const char *scope = text_of(s, 2);
	const char *cause = text_of(s, 5);
	const char *end = text_or_null(s, 6);
	TimestampTz until = by_now(r->ask, time_of(s, 4));
	bool		same = r->customer_id == customer_id && r->scope && strcmp(r->scope, scope) == 0;
	MemoryContext old = MemoryContextSwitchTo(r->cut->cxt);

	if (!same)
	{
		end_stay(r);
		r->customer_id = customer_id;
		if (r->scope)
			pfree(r->scope);
		r->scope = pstrdup(scope);
		r->left_before = false;
	}
	/* from pool to pool, or out of a merge: it is still the same stay */
	if (!(same && r->staying && r->stay.what &&
		  (r->stay.until == time_of(s, 3) || (by_merge(r->stay.what) && by_merge(cause)))))
	{
		if (r->staying && r->stay.what && !by_merge(r->stay.what))
			r->left_before = true;
		end_stay(r);
		memset(&r->stay, 0, sizeof(LeadsFact));
		r->stay.kind = r->kind;
		r->stay.serial = ++r->cut->serial;
		r->stay.id = int_of(s, 0);
		r->stay.customer_id = customer_id;
		r->stay.doer = int_of(s, 7);
		r->stay.at = time_of(s, 3);
		r->stay.state = pstrdup(cause);
		r->stay.region = MemoryContextStrdup(r->cut->cxt, text_of(s, 8));
		r->stay.industry = MemoryContextStrdup(r->cut->cxt, text_of(s, 9));
		r->stay.line = "";
		r->stay.again = r->left_before;
		r->staying = true;
	}
	r->stay.until = until;
	r->stay.what = until == LEADS_NO_TIME || end == NULL ? NULL : pstrdup(end);
	MemoryContextSwitchTo(old);
}

static void
take_other(Reader *r, TupleTableSlot *s)
{
	LeadsFact	fact;

	memset(&fact, 0, sizeof(fact));
	fact.kind = r->kind;
	fact.serial = ++r->cut->serial;
	fact.id = int_of(s, 0);
	fact.region = fact.industry = fact.line = "";
	switch (r->kind)
	{
		case LEADS_FACT_CLAIM:
			fact.customer_id = int_of(s, 1);
			fact.doer = int_of(s, 2);
			fact.at = time_of(s, 3);
			fact.region = text_of(s, 4);
			fact.industry = text_of(s, 5);
			break;
		case LEADS_FACT_COST:
			{
				LeadsMoney	whole = leads_money_read(s->tts_values[3]);
				int			n = DatumGetInt32(s->tts_values[4]);
				int			k = DatumGetInt32(s->tts_values[5]);

				fact.channel_id = int_of(s, 1);
				fact.at = time_of(s, 2);
				fact.amount = whole * (k + 1) / n - whole * k / n;
				break;
			}
		default:
			fact.doer = fact.id;
			fact.at = time_of(s, 1);
			fact.until = time_of(s, 2);
			break;
	}
	r->take(r->arg, &fact);
}

/* ---------------------------------------------------------------- the scan */

static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	Reader	   *r = (Reader *) self;
	MemoryContext old = MemoryContextSwitchTo(r->row);

	slot_getallattrs(slot);
	if (r->kind & LEADS_FACT_LEAD)
		take_lead(r, slot);
	else if (r->kind == LEADS_FACT_ACTIVITY)
		take_activity(r, slot);
	else if (r->kind == LEADS_FACT_REGISTRATION)
		take_registration(r, slot);
	else if (r->kind == LEADS_FACT_POOL)
		take_stay(r, slot);
	else if (r->kind == LEADS_FACT_LOSS)
		take_loss(r, slot);
	else
		take_other(r, slot);
	MemoryContextSwitchTo(old);
	MemoryContextReset(r->row);
	return true;
}

static void
run(Reader *r, const char *sql)
{
	const LeadsFactAsk *ask = r->ask;
	ParamListInfo p = makeParamList(6);

	leads_stream_param(p, 0, TIMESTAMPTZOID, TimestampTzGetDatum(ask->since), ask->since == LEADS_NO_TIME);
	leads_stream_param(p, 1, TIMESTAMPTZOID, TimestampTzGetDatum(ask->until), ask->until == LEADS_NO_TIME);
	leads_stream_param(p, 2, TEXTOID, CStringGetTextDatum(r->cut->f->zone), false);
	leads_stream_param(p, 3, INT8ARRAYOID, ask->members, ask->members == (Datum) 0);
	leads_stream_param(p, 4, TIMESTAMPTZOID, TimestampTzGetDatum(ask->now), false);
	leads_stream_param(p, 5, BOOLOID, BoolGetDatum(ask->all), false);
	leads_stream_to(&r->dest, NULL, receive);
	leads_stream(r->cut->f, sql, p, &r->dest);
}

static const char *
lead_text(const Reader *r)
{
	const LeadsFactAsk *ask = r->ask;
	bool		place = (r->cut->mask & (LEADS_CUT_BIT(LEADS_CUT_REGION) | LEADS_CUT_BIT(LEADS_CUT_INDUSTRY))) != 0;

	/* what is closed cannot lapse; who had it then stands in the journey */
	bool		owner = r->kind == LEADS_FACT_BEGUN || !ask->all;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, LEAD_COLUMNS, place ? "c.region, c.industry" : "NULL::text, NULL::text",
					 owner ? "o.next_due_at" : "NULL::timestamptz");
	if (r->cut->mask & LEADS_CUT_BIT(LEADS_CUT_RETURNING))
		appendStringInfo(&sql, LEAD_RETURNING, YES(ask->test), YES(ask->invalid));
	if (ask->contact)
		appendStringInfoString(&sql, LEAD_CONTACT);
	if (ask->contacts)
		appendStringInfoString(&sql, LEAD_CONTACTS);
	if (ask->touches)
		appendStringInfo(&sql, LEAD_TOUCHES, YES(ask->test));
	appendStringInfo(&sql, LEAD_FROM, leads_journey_ready(r->cut->f) ? JOURNEYS : FROM_EVENTS);
	if (place)
		appendStringInfoString(&sql, JOIN_PLACE);
	if (owner)
		appendStringInfoString(&sql, JOIN_OWNER);
	appendStringInfo(&sql, " WHERE (NOT l.imported OR %s) AND (NOT l.test OR %s)", YES(ask->imported), YES(ask->test));
	if (r->kind == LEADS_FACT_BEGUN)
		appendStringInfoString(&sql, " AND ($1 IS NULL OR j.entered_at >= $1) AND ($2 IS NULL OR j.entered_at < $2)");
	else
		appendStringInfoString(&sql, " AND (l.closed_at IS NOT NULL OR l.attempt > 1)");
	/* a lead that was reopened since a false now is read, too: its journey says what it was then */
	if (r->kind == LEADS_FACT_CLOSED)
		appendStringInfoString(&sql, " AND ($1 IS NULL OR l.closed_at >= $1 OR l.closed_at IS NULL)");
	if (!ask->all)
		appendStringInfoString(&sql, SEEN_LEAD);
	return sql.data;
}

void
leads_facts_read(LeadsCut *cut, const LeadsFactAsk *ask, LeadsFactKind kind, LeadsFactDo take, void *arg)
{
	Reader	   *r = MemoryContextAllocZero(cut->cxt, sizeof(Reader));
	const char *sql;

	r->cut = cut;
	r->ask = ask;
	r->kind = kind;
	r->take = take;
	r->arg = arg;
	r->row = AllocSetContextCreate(cut->cxt, "leads fact", ALLOCSET_DEFAULT_SIZES);
	switch (kind)
	{
		case LEADS_FACT_ACTIVITY:
			sql = psprintf(ACTIVITIES, (cut->mask & LEADS_CUT_BIT(LEADS_CUT_CHANNEL)) ? CHANNEL_OF_ALL : "l.channel_id",
						   YES(ask->test));
			break;
		case LEADS_FACT_REGISTRATION:
			sql = psprintf(REGISTRATIONS, ask->protection ? PROTECTION_COLUMNS : NO_PROTECTION,
						   ask->protection ? PROTECTIONS : "", YES(ask->imported), YES(ask->test));
			break;
		case LEADS_FACT_POOL:
			sql = STAYS;
			break;
		case LEADS_FACT_LOSS:
			sql = psprintf(LOSSES "%s", YES(ask->imported), YES(ask->test), YES(ask->invalid), ask->all ? "" : SEEN_LEAD);
			break;
		case LEADS_FACT_CLAIM:
			sql = CLAIMS;
			break;
		case LEADS_FACT_COST:
			sql = COSTS;
			break;
		case LEADS_FACT_MEMBER:
			sql = MEMBERS;
			break;
		default:
			sql = lead_text(r);
			break;
	}
	run(r, sql);
	end_stay(r);
	leads_walk_free(&r->walk);
	MemoryContextDelete(r->row);
}
