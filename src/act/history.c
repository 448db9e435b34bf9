/*
 * history.c - what went through the rules, as the rules saw it.
 *
 * Purpose: read decisions of the past with what their rules looked at and what came
 * of them; find the version of the rules that a reader asks for.
 * Invariants: reads only; in the order in which it was decided.
 * Called by: act/backtest, act/coverage.
 */
#include "core/leads.h"

#include "act/history.h"
#include "core/policy.h"

#define FROM_HISTORY \
	"  FROM @.decision d JOIN @.customer c ON c.id = d.customer_id" \
	"  LEFT JOIN @.registration g ON g.customer_id = d.customer_id AND g.decision_id = d.id" \
	"  LEFT JOIN LATERAL (SELECT x.id, x.channel_id, x.line, x.project, x.amount, x.extra, x.created_by FROM @.lead x" \
	"    WHERE x.customer_id = d.customer_id AND x.scope = d.scope AND (g.lead_id IS NULL OR x.id = g.lead_id)" \
	"      AND x.created_at <= d.decided_at ORDER BY x.id DESC LIMIT 1) l ON true" \
	"  LEFT JOIN @.channel h ON h.id = coalesce(g.channel_id, l.channel_id)" \
	"  LEFT JOIN LATERAL (SELECT e.amount FROM @.event e" \
	"    WHERE e.lead_id = l.id AND e.kind = 'entered' ORDER BY e.at, e.id LIMIT 1) e ON true" \
	"  LEFT JOIN LATERAL (SELECT o.member_id, o.pool_id," \
	"      CASE WHEN o.until IS NULL AND o.next_due_at <= $3 THEN o.next_due_at ELSE o.until END AS until FROM @.ownership o" \
	"    WHERE o.customer_id = d.customer_id AND o.scope = d.scope AND o.since <= d.decided_at" \
	"      AND (o.until IS NULL OR o.until > d.decided_at) LIMIT 1) o ON true" \
	"  LEFT JOIN LATERAL (SELECT b.member_id FROM @.ownership b" \
	"    WHERE b.customer_id = d.customer_id AND b.scope = d.scope AND b.until = d.decided_at LIMIT 1) b ON true"
#define COLUMNS_HISTORY \
	"SELECT d.id, d.decided_at, d.customer_id, d.scope, c.name, c.kind, c.core, c.region, c.city, c.industry," \
	"   h.code, l.line, l.project, coalesce(e.amount, l.amount), l.extra, coalesce(g.actor_id, l.created_by)," \
	"   h.keeps = 'registrant', b.member_id, o.member_id, o.pool_id, o.until, d.kind"

LEADS_QUERY(q_ruled, "zzz",
			COLUMNS_HISTORY FROM_HISTORY
			" WHERE d.decided_at >= $1 AND d.decided_at < $2 AND d.policies ? 'routing'"
			"   AND d.kind IN ('register', 'route', 'transfer') ORDER BY d.decided_at, d.id");
LEADS_QUERY(q_registered, "zzz",
			COLUMNS_HISTORY FROM_HISTORY
			" WHERE d.decided_at >= $1 AND d.decided_at < $2 AND d.verdict IN ('created', 'returning')"
			"   AND (d.kind IN ('approve', 'override') OR (d.kind = 'register' AND g.lead_id IS NOT NULL)) ORDER BY d.decided_at, d.id");

void
leads_history_rules(LeadsFrame *f, FunctionCallInfo fcinfo, LeadsRouteShared *all)
{
	LeadsPolicy policy;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("kind is required")));
	if (strcmp(text_to_cstring(PG_GETARG_TEXT_PP(0)), "routing") != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("only policies of kind routing can be replayed")));
	if (!PG_ARGISNULL(1) && VARSIZE_ANY_EXHDR(PG_GETARG_TEXT_PP(1)) != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("routing policies have the key ''")));
	if (PG_ARGISNULL(2))
		policy = leads_policy_at(f, "routing", f->now);
	else
	{
		policy = leads_policy_version(f, "routing", PG_GETARG_INT32(2));
		if (policy.body == NULL)
			ereport(ERROR,
					(errcode(LEADS_ERR_UNKNOWN_ID),
					 errmsg("there is no version %d of the routing policy", PG_GETARG_INT32(2))));
	}
	all->loaded = true;
	all->version = policy.version;
	all->rules = policy.body ? leads_routing_compile(policy.body) : NULL;
}

void
leads_history_load(LeadsFrame *f, TimestampTz since, TimestampTz until, bool ruled, LeadsHistory *h)
{
	LeadsResult r = leads_run(ruled ? &q_ruled : &q_registered, since, until, f->now);

	h->n = (int) r.n;
	h->items = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(LeadsHistoryItem) * Max(h->n, 1));
	memset(h->items, 0, sizeof(LeadsHistoryItem) * Max(h->n, 1));
	for (int i = 0; i < h->n; i++)
	{
		LeadsHistoryItem *t = &h->items[i];
		LeadsRouteRequest *q = &t->req;

		t->decision_id = leads_int(&r, i, 1);
		t->at = leads_time(&r, i, 2);
		q->customer_id = leads_int(&r, i, 3);
		q->scope = leads_text(&r, i, 4);
		q->customer_name = leads_text(&r, i, 5);
		q->customer_kind = leads_text(&r, i, 6);
		q->core = leads_text(&r, i, 7);
		q->region = leads_text(&r, i, 8);
		q->city = leads_text(&r, i, 9);
		q->industry = leads_text(&r, i, 10);
		q->channel = leads_text(&r, i, 11);
		q->line = leads_text(&r, i, 12);
		q->project = leads_text(&r, i, 13);
		q->amount = leads_numeric(&r, i, 14);
		q->extra = leads_jsonb(&r, i, 15);
		q->sender_id = leads_int(&r, i, 16);
		if (leads_bool(&r, i, 17) && strcmp(leads_text(&r, i, 22), "register") == 0)
			q->registrant_id = q->sender_id;
		q->holder_id = leads_int(&r, i, 18);
		/* handed over by its holder: not back to it */
		if (strcmp(leads_text(&r, i, 22), "transfer") == 0)
			q->exclude_id = q->holder_id;
		q->dry_run = true;
		t->member_id = leads_int(&r, i, 19);
		t->pool_id = leads_int(&r, i, 20);
		t->until = leads_time(&r, i, 21);
	}
	SPI_freetuptable(r.table);
}
