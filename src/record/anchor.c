/*
 * anchor.c - keeper of pauses and contracts, and reader of all that a deadline counts from.
 *
 * Purpose: the facts of one interval for the judge of deadlines, each read only if the rules ask for it.
 * Invariants: facts are looked up where they happened (activity, event, lead), not copied beside, so that a
 * policy that never asked for one can be applied later; what happened to customers merged into this one
 * counts; what may change for many customers at once is read with the latest snapshot, under the lock of the rules.
 * Called by: act/deadline, act/pause, read/deadline, read/verify.
 */
#include "core/leads.h"

#include "core/policy.h"
#include "record/anchor.h"

#define FAMILY "ANY (ARRAY(SELECT $1 UNION ALL SELECT c.id FROM @.customer c WHERE c.merged_into = $1))"

/* steady: under the lock of the rules */
LEADS_QUERY_STEADY(q_member, "l",
			"SELECT m.left_at, EXISTS (SELECT FROM @.policy p WHERE p.kind = 'calendar' AND p.key = ''"
			"     AND p.status = 'published' AND p.active_until IS NULL AND p.body ? 'freezes')"
			"  FROM @.member m WHERE m.id = $1");
LEADS_QUERY_STEADY(q_calendar, "",
			"SELECT p.body FROM @.policy p WHERE p.kind = 'calendar' AND p.key = '' AND p.status = 'published'"
			" ORDER BY p.active_from DESC LIMIT 1");
/* what a bulk makes has no pauses, and is merged into nothing */
LEADS_QUERY_ASIDE(q_pauses, "lz",
			"SELECT p.since, p.until FROM @.pause p WHERE p.customer_id = " FAMILY " AND p.until > $2 AND p.until > p.since");
/* steady, too: who changes an absence that stops clocks holds the lock of the rules */
LEADS_QUERY_STEADY(q_leaves, "lz",
			"SELECT a.since, a.until FROM @.absence a WHERE a.member_id = $1 AND a.kind = 'leave' AND (a.until IS NULL OR a.until > $2)");
LEADS_QUERY(q_contact, "ltz",
			"SELECT FROM @.activity a JOIN @.lead l ON l.id = a.lead_id"
			" WHERE a.customer_id = $1 AND l.scope = $2 AND a.occurred_at >= $3 AND a.kind NOT IN ('note', 'inquiry') LIMIT 1");
LEADS_QUERY(q_progress, "ltz",
			"SELECT max(e.at) FROM @.event e JOIN @.stage x ON x.id = e.from_stage_id JOIN @.stage y ON y.id = e.to_stage_id"
			" WHERE e.customer_id = " FAMILY " AND e.scope = $2 AND e.at >= $3 AND e.kind IN ('advanced', 'won')"
			"   AND y.position > x.position");
LEADS_QUERY(q_opportunity, "lt",
			"SELECT FROM @.lead l JOIN @.stage s ON s.id = l.stage_id"
			" WHERE l.customer_id = $1 AND l.scope = $2 AND l.merged_into IS NULL AND s.kind <> 'lost'"
			"   AND s.position >= (SELECT min(q.position) FROM @.stage q WHERE q.qualifies) LIMIT 1");
LEADS_QUERY(q_stage, "ltt",
			"SELECT FROM @.lead l JOIN @.stage s ON s.id = l.stage_id"
			" WHERE l.customer_id = $1 AND l.scope = $2 AND l.merged_into IS NULL AND s.kind = 'open'"
			"   AND s.position >= (SELECT q.position FROM @.stage q WHERE q.code = $3) LIMIT 1");
LEADS_QUERY(q_contract, "lt",
			"SELECT k.ends_at FROM @.contract k WHERE k.customer_id = " FAMILY " AND k.scope = $2 ORDER BY k.id DESC LIMIT 1");

LEADS_QUERY(q_pause_insert, "lzztlzL",
			"INSERT INTO @.pause (customer_id, since, until, reason, decision_id, recorded_at, actor_id)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id");
LEADS_QUERY(q_pause_read, "ll",
			"SELECT p.customer_id, p.since, p.until FROM @.pause p WHERE p.customer_id = " FAMILY " AND p.id = $2");
LEADS_QUERY(q_pause_end, "lz", "UPDATE @.pause SET until = $2 WHERE id = $1");
LEADS_QUERY(q_contract_insert, "ltZtlzL",
			"INSERT INTO @.contract (customer_id, scope, ends_at, reason, decision_id, recorded_at, actor_id)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7)");

void
leads_anchor_calendar(LeadsFrame *f, LeadsWorkCalendar *out)
{
	LeadsResult r = leads_run_latest(&q_calendar);

	leads_calendar_read(leads_found(r) ? leads_jsonb(&r, 0, 1) : NULL, f->zone, out);
}

static void
add_ranges(LeadsProtectionFacts *out, const LeadsCalRange *ranges, int n)
{
	if (n == 0)
		return;
	out->pauses = out->pauses ? repalloc(out->pauses, sizeof(LeadsCalRange) * (out->npauses + n)) :
		palloc(sizeof(LeadsCalRange) * n);
	memcpy(out->pauses + out->npauses, ranges, sizeof(LeadsCalRange) * n);
	out->npauses += n;
}

/* of the customer, of its owner's leave, of the policy, of the calendar; joined */
static void
read_pauses(LeadsFrame *f, const LeadsOwnership *o, const LeadsProtection *p, const LeadsWorkCalendar *calendar,
			LeadsProtectionFacts *out)
{
	LeadsResult r = {0, NULL};

	if (!o->newborn)
		r = leads_run(&q_pauses, o->customer_id, Min(out->since, o->protect_from));
	for (uint64 i = 0; i < r.n; i++)
	{
		LeadsCalRange one = {leads_time(&r, i, 1), leads_time(&r, i, 2)};

		add_ranges(out, &one, 1);
	}
	if (p->needs & LEADS_NEED_LEAVE)
	{
		r = leads_run_latest(&q_leaves, o->member_id, Min(out->since, o->protect_from));
		for (uint64 i = 0; i < r.n; i++)
		{
			LeadsCalRange one = {leads_time(&r, i, 1), leads_isnull(&r, i, 2) ? DT_NOEND : leads_time(&r, i, 2)};

			add_ranges(out, &one, 1);
		}
	}
	add_ranges(out, p->pauses, p->npauses);
	if (calendar)
		add_ranges(out, calendar->freezes, calendar->nfreezes);
	out->npauses = leads_calendar_union(out->pauses, out->npauses);
}

void
leads_anchor_read(LeadsFrame *f, const LeadsOwnership *o, const LeadsProtection *p, const LeadsWorkCalendar *calendar,
				  LeadsProtectionFacts *out)
{
	LeadsResult r = leads_run_latest(&q_member, o->member_id);
	TimestampTz since = o->counts_from != LEADS_NO_TIME ? o->counts_from : o->since;
	TimestampTz from = Min(since, o->protect_from);

	memset(out, 0, sizeof(*out));
	out->left_at = leads_found(r) ? leads_time(&r, 0, 1) : LEADS_NO_TIME;
	out->zone = f->zone;
	out->since = since;
	out->protect_from = o->protect_from;
	out->protect_base = o->protect_base;
	out->extended_days = o->extended_days;
	out->followed_at = o->followed_at;
	out->exempt = o->exempt;
	out->progressed_at = out->contract_end = LEADS_NO_TIME;
	if (calendar == NULL && ((p->needs & LEADS_NEED_CALENDAR) || o->extension_id != 0 || (leads_found(r) && leads_bool(&r, 0, 2))))
	{
		LeadsWorkCalendar *own = palloc(sizeof(LeadsWorkCalendar));

		leads_anchor_calendar(f, own);
		calendar = own;
	}
	out->calendar = calendar ? &calendar->work : NULL;
	read_pauses(f, o, p, calendar, out);
	if (p->needs & LEADS_NEED_CONTACT)
		out->contacted = leads_found(leads_run(&q_contact, o->customer_id, o->scope, from));
	if (p->needs & LEADS_NEED_PROGRESS)
	{
		r = leads_run(&q_progress, o->customer_id, o->scope, from);
		out->progressed_at = leads_time(&r, 0, 1);
	}
	if (p->needs & LEADS_NEED_OPPORTUNITY)
		out->opportunity = leads_found(leads_run(&q_opportunity, o->customer_id, o->scope));
	if (p->needs & LEADS_NEED_STAGE)
		out->stage_reached = leads_found(leads_run(&q_stage, o->customer_id, o->scope, p->exempt_stage));
	if (p->needs & LEADS_NEED_CONTRACT)
	{
		r = leads_run(&q_contract, o->customer_id, o->scope);
		out->contract_end = leads_found(r) ? leads_time(&r, 0, 1) : LEADS_NO_TIME;
	}
}

int64
leads_pause_insert(LeadsFrame *f, const LeadsPause *p, const char *reason, int64 decision_id)
{
	LeadsResult r = leads_run(&q_pause_insert, p->customer_id, p->since, p->until, reason, decision_id, f->now, f->actor_id);

	return leads_int(&r, 0, 1);
}

bool
leads_pause_read(LeadsFrame *f, int64 id, int64 customer_id, LeadsPause *out)
{
	LeadsResult r = leads_run(&q_pause_read, customer_id, id);

	if (!leads_found(r))
		return false;
	out->id = id;
	out->customer_id = leads_int(&r, 0, 1);
	out->since = leads_time(&r, 0, 2);
	out->until = leads_time(&r, 0, 3);
	return true;
}

void
leads_pause_end(LeadsFrame *f, int64 id, TimestampTz until)
{
	leads_run(&q_pause_end, id, until);
}

void
leads_contract_insert(LeadsFrame *f, int64 customer_id, const char *scope, TimestampTz ends_at, const char *reason,
					  int64 decision_id)
{
	leads_run(&q_contract_insert, customer_id, scope, ends_at, reason, decision_id, f->now, f->actor_id);
}
