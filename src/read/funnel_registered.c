/*
 * funnel_registered.c - stage 0 of a funnel: registrations (报备), for companies whose funnel starts there.
 *
 * Purpose: how many registrations there were and what became of them, before the stages that leads go through.
 * Invariants: only where the pipeline policy says so (count_registrations); a registration counts for the channel and
 * the region it was for and for the member that registered; its state is the one of the instant asked for; entered =
 * advanced (it led to a lead, new or known) + lost (refused, withdrawn, overtaken) + open (it waits).
 * Called by: read/funnel.
 */
#include "core/leads.h"

#include "utils/memutils.h"

#include "core/policy.h"
#include "read/funnel_work.h"

/* as it was then; of one whose state changed since, as it was answered */
typedef enum Became
{
	BECAME_LEAD, BECAME_NOTHING, WAITS
} Became;

static Became
what_became(const char *state, const char *outcome, bool changed_since)
{
	const char *s = changed_since ? outcome : state;

	if (strcmp(s, "pending") == 0 || strcmp(s, "queued") == 0 || strcmp(s, "offered") == 0)
		return WAITS;
	if (strcmp(s, "approved") == 0 || strcmp(s, "created") == 0 || strcmp(s, "attached") == 0 || strcmp(s, "returning") == 0)
		return BECAME_LEAD;
	return BECAME_NOTHING;
}

/* key, text, state, outcome, changed since, how many */
static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	Funnel	   *fn = (Funnel *) self;
	Datum	   *v = slot->tts_values;
	MemoryContext old;
	Segment    *s;
	Registered *r;
	int64		n;
	Became		became;

	slot_getallattrs(slot);
	old = MemoryContextSwitchTo(fn->cxt);
	n = DatumGetInt64(v[5]);
	became = what_became(TextDatumGetCString(v[2]), TextDatumGetCString(v[3]), DatumGetBool(v[4]));
	if (fn->ask->by == LEADS_FUNNEL_REGION)
	{
		char	   *region = slot->tts_isnull[1] ? "" : TextDatumGetCString(v[1]);

		s = leads_funnel_segment_text(fn, region, strlen(region));
	}
	else
		s = leads_funnel_segment_id(fn, slot->tts_isnull[0] ? 0 : DatumGetInt64(v[0]));
	if (s->registered == NULL)
		s->registered = palloc0(sizeof(Registered));
	r = s->registered;
	/* a snapshot is what waits now */
	if (fn->ask->mode != LEADS_FUNNEL_SNAPSHOT || became == WAITS)
		r->entered += n;
	if (became == WAITS)
		r->open += n;
	else if (fn->ask->mode != LEADS_FUNNEL_SNAPSHOT)
	{
		if (became == BECAME_LEAD)
			r->advanced += n;
		else
			r->lost += n;
	}
	MemoryContextSwitchTo(old);
	return true;
}

bool
leads_funnel_registrations(Funnel *fn)
{
	const LeadsFunnelAsk *ask = fn->ask;
	LeadsPolicy p = leads_policy_at(fn->f, "pipeline", ask->now);
	const char *key = "NULL::bigint";
	StringInfoData sql;

	if (p.body == NULL || !leads_json_bool(p.body, "count_registrations", false))
		return false;
	if (ask->by == LEADS_FUNNEL_CHANNEL)
		key = "r.channel_id";
	else if (ask->by == LEADS_FUNNEL_OWNER)
		key = "r.actor_id";
	else if (ask->by == LEADS_FUNNEL_MONTH)
		key = psprintf("(extract(year FROM r.submitted_at AT TIME ZONE %s) * 12 + extract(month FROM r.submitted_at AT TIME ZONE %s) - 1)::bigint",
					   quote_literal_cstr(fn->f->zone), quote_literal_cstr(fn->f->zone));
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s, %s, r.state, r.outcome, r.settled_at IS NOT NULL AND r.settled_at > $3, count(*) FROM @.registration r%s"
					 " WHERE r.submitted_at <= $3", key, ask->by == LEADS_FUNNEL_REGION ? "c.region" : "NULL::text",
					 ask->by == LEADS_FUNNEL_REGION ? " LEFT JOIN @.customer c ON c.id = r.customer_id" : "");
	fn->since = ask->since;
	fn->until = ask->until;
	if (ask->since != LEADS_NO_TIME)
		appendStringInfoString(&sql, " AND r.submitted_at >= $1");
	if (ask->until != LEADS_NO_TIME)
		appendStringInfoString(&sql, " AND r.submitted_at < $2");
	/* as view intake: what one registered oneself, or one's team */
	if (!ask->all)
		appendStringInfoString(&sql, " AND r.actor_id = ANY ($4)");
	/* as kpi('registrations'): what an import brought along is no attempt of anybody, whatever became of it */
	if (!ask->imported)
		appendStringInfoString(&sql, " AND NOT EXISTS (SELECT FROM @.import_result i WHERE i.registration_id = r.id)");
	if (!ask->test)
		appendStringInfoString(&sql, " AND NOT r.test");
	appendStringInfoString(&sql, " GROUP BY 1, 2, 3, 4, 5");
	leads_funnel_run(fn, sql.data, receive);
	return true;
}
