/*
 * corridor.c - the one way through a mutation.
 *
 * Purpose: lock the customer, read the clock, write down what is already due,
 * hand the verb the open interval; end with the customer's new instant and the
 * counters.
 * Invariants: the clock is read after the lock is held; a lapse is written at its
 * due instant, whenever it is written, and is the system's doing whoever called;
 * the pool interval begins where the owned one ends; f->now is later than
 * everything written about the customer so far.
 * Called by: every verb, act/tick.
 */
#include "core/leads.h"

#include "act/corridor.h"
#include "act/deadline.h"
#include "core/lock.h"
#include "record/collaborator.h"
#include "record/org.h"
#include "record/outbox.h"

static const LeadsMessage messages[] = {
	{"lapse.protection_end", "保护期于 {0} 届满", "the protection period ended at {0}"},
	{"lapse.no_followup", "截至 {0} 超过期限没有有效跟进", "there was no effective follow-up in time; the limit was {0}"},
	{"lapse.no_first_contact", "截至 {0} 没有首次联系", "there was no first contact in time; the limit was {0}"},
	{"lapse.no_stage_progress", "截至 {0} 阶段没有推进", "no lead moved forward in time; the limit was {0}"},
	{"lapse.no_opportunity", "截至 {0} 没有转为商机", "there was no opportunity in time; the limit was {0}"},
	{"lapse.no_deal", "截至 {0} 没有成交", "there was no deal in time; the limit was {0}"},
	{"lapse.contract_end", "合同到期后的期限于 {0} 届满", "the time after the end of the contract was over at {0}"},
	{"lapse.owner_left", "归属人于 {0} 离职", "its owner left at {0}"},
	{"lapse.any", "期限于 {0} 届满", "the limit was {0}"},
	{"lapse.all", "期限于 {0} 届满", "the limit was {0}"},
	{"lapse.held", "延期申请 {0} 自 {1} 起保留至此，未获审批", "held since {1} for extension {0}, which nobody decided"},
	{"lapse.pool", "进入公海“{0}”", "it went to pool \"{0}\""},
};

/* the partial unique index on (customer_id, scope): the open rows of one customer */
LEADS_QUERY(q_due, "lz",
			"SELECT o.scope FROM @.ownership o"
			" WHERE o.customer_id = $1 AND o.until IS NULL AND o.next_due_at <= $2 ORDER BY o.next_due_at, o.scope");
LEADS_QUERY(q_lost_by, "ltl",
			"SELECT o.until, o.end_cause = 'lapsed' FROM @.ownership o"
			" WHERE o.customer_id = ANY (ARRAY(SELECT $1 UNION ALL SELECT c.id FROM @.customer c WHERE c.merged_into = $1))"
			"   AND o.scope = $2 AND o.member_id = $3 AND o.until IS NOT NULL"
			" ORDER BY o.until DESC LIMIT 1");
#define FAMILY "(SELECT $1 UNION ALL SELECT c.id FROM @.customer c WHERE c.merged_into = $1)"

LEADS_QUERY(q_held_by, "l",
			"SELECT DISTINCT o.member_id FROM @.ownership o WHERE o.member_id IS NOT NULL AND o.customer_id = ANY (ARRAY" FAMILY ")");
LEADS_QUERY(q_lay_in, "l",
			"SELECT DISTINCT o.pool_id FROM @.ownership o WHERE o.pool_id IS NOT NULL AND o.customer_id = ANY (ARRAY" FAMILY ")");
LEADS_QUERY(q_told_to, "l",
			"SELECT DISTINCT r.actor_id FROM @.registration r WHERE r.customer_id = ANY (ARRAY" FAMILY ") AND r.actor_id IS NOT NULL"
			"   AND r.outcome IN ('created', 'pending', 'attached', 'returning', 'offered')");
LEADS_QUERY(q_holders, "l",
			"SELECT o.member_id, o.pool_id FROM @.ownership o WHERE o.customer_id = $1 AND o.until IS NULL");
LEADS_QUERY(q_lead_of, "l", "SELECT l.customer_id FROM @.lead l WHERE l.id = $1");

void
leads_corridor_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

int64
leads_corridor_protection(LeadsFrame *f, int32 version, LeadsProtection *p)
{
	LeadsOwnership o = {.policy_version = version};

	return leads_deadline_rules(f, &o, p);
}

void
leads_corridor_fill_interval(LeadsFrame *f, LeadsOwnership *o)
{
	o->since = f->now;
	o->followed_at = LEADS_NO_TIME;
	leads_deadline_begin(f, o, NULL, LEADS_NO_TIME);
}

/* whoever receives it must still be here when it is written down */
void
leads_corridor_write_interval(LeadsFrame *f, LeadsOwnership *o)
{
	if (o->member_id != 0)
		leads_counter_receives(f, o->member_id);
	leads_ownership_begin(f, o);
}

void
leads_corridor_begin_interval(LeadsFrame *f, LeadsOwnership *o)
{
	leads_corridor_fill_interval(f, o);
	leads_corridor_write_interval(f, o);
}

void
leads_corridor_carry_interval(LeadsFrame *f, LeadsOwnership *o, const LeadsOwnership *before)
{
	o->since = f->now;
	o->followed_at = LEADS_NO_TIME;
	o->protected_until = before->protected_until;
	o->next_due_at = o->remind_at = LEADS_NO_TIME;
	o->lapse_pool_id = before->lapse_pool_id;
	o->policy_version = before->policy_version;
	o->policy_entry = before->policy_entry;
	o->protect_from = before->protect_from;
	o->protect_base = before->protect_base;
	o->due_by = NULL;
	o->extended_times = before->extended_times;
	o->extended_days = before->extended_days;
	leads_deadline_carry(f, o, leads_deadline_stands(f, before));
	leads_corridor_write_interval(f, o);
}

void
leads_corridor_lapse(LeadsFrame *f, LeadsOwnership *own)
{
	TimestampTz due = own->next_due_at;
	LeadsProtection p;
	LeadsPool	pool;
	LeadsOwnership next;
	LeadsEvidence e;
	LeadsDecision d;
	LeadsEvent ev;
	char	   *at = leads_message_time(f->zone, due);
	const char *by = own->due_by ? own->due_by : due == own->protected_until ? "protection_end" : "no_followup";
	const char *cause = strcmp(by, "owner_left") == 0 ? "left" : "lapsed";

	if (!leads_pool_by_id(f, own->lapse_pool_id, &pool) &&
		!leads_pool_by_id(f, leads_corridor_protection(f, own->policy_version, &p), &pool))
		elog(ERROR, "no pool to lapse to");

	leads_evidence_begin(&e);
	leads_evidence_add(&e, "lapse", "yes", psprintf("lapse.%s", by), 1, at);
	if (own->extension_id != 0 && own->extension_due < due)
		leads_evidence_add(&e, "extension", "undecided", "lapse.held", 2, psprintf(INT64_FORMAT, own->extension_id),
						   leads_message_time(f->zone, own->extension_due));
	leads_evidence_add(&e, "pool", "yes", "lapse.pool", 1, pool.code);
	memset(&d, 0, sizeof(d));
	d.kind = "lapse";
	d.verdict = "lapsed";
	d.customer_id = own->customer_id;
	d.scope = own->scope;
	d.at = due;
	d.protection_version = own->policy_version;
	d.by_system = true;

	memset(&next, 0, sizeof(next));
	next.decision_id = leads_decision_write(f, &d, &e);
	leads_ownership_end(f, own, due, cause, next.decision_id);
	next.customer_id = own->customer_id;
	next.scope = own->scope;
	next.pool_id = pool.id;
	next.since = due;
	next.protected_until = next.next_due_at = next.remind_at = next.followed_at = LEADS_NO_TIME;
	next.protect_from = next.protect_base = LEADS_NO_TIME;
	next.cause = cause;
	leads_ownership_begin(f, &next);

	memset(&ev, 0, sizeof(ev));
	ev.kind = "lapsed";
	ev.customer_id = own->customer_id;
	ev.scope = own->scope;
	ev.at = due;
	ev.pool_id = pool.id;
	ev.decision_id = next.decision_id;
	ev.by_system = true;
	(void) leads_event_write(f, &ev);
	(void) leads_outbox_write(f, "lapsed", own->customer_id, psprintf(INT64_FORMAT, own->id), own->member_id, due,
							  "customer", psprintf(INT64_FORMAT, own->customer_id), "scope", own->scope,
							  "pool", pool.code, "at", at, NULL);
}

bool
leads_corridor_settle(LeadsFrame *f, LeadsCustomer *c)
{
	for (bool wrote = false;; wrote = true)
	{
		LeadsResult r = leads_run(&q_due, c->id, f->now);
		TimestampTz last = LEADS_NO_TIME;

		if (!leads_found(r))
			return wrote;
		for (uint64 i = 0; i < r.n; i++)
		{
			LeadsOwnership own;

			if (!leads_ownership_open(f, c->id, leads_text(&r, i, 1), &own) ||
				!leads_protection_lapsed(own.next_due_at, f->now))
				continue;
			leads_corridor_lapse(f, &own);
			last = Max(last, own.next_due_at);
		}
		if (last == LEADS_NO_TIME)
			elog(ERROR, "customer " INT64_FORMAT " is due and cannot be settled", c->id);
		c->last_event_at = Max(c->last_event_at, last);
		/* half-open: what follows a lapse of this very instant comes after it */
		if (f->now <= last)
		{
			f->now = last + 1;
			leads_clock_wrote(f->now);
		}
	}
}

static void
lock(LeadsFrame *f, int64 customer_id, int64 held, LeadsHold *h)
{
	memset(h, 0, sizeof(*h));
	h->asked_id = customer_id;
	leads_lock_rules(f, false);
	if (!leads_customer_lock_next(f, customer_id, held, &h->customer))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("there is no customer " INT64_FORMAT, customer_id)));
}

static void
open_interval(LeadsFrame *f, const char *scope, LeadsHold *h)
{
	h->has_own = leads_ownership_open(f, h->customer.id, scope ? scope : "", &h->own);
	if (!h->has_own)
	{
		h->own.customer_id = h->customer.id;
		h->own.scope = scope ? scope : "";
	}
}

void
leads_corridor_begin(LeadsFrame *f, int64 customer_id, const char *scope, LeadsHold *h)
{
	lock(f, customer_id, 0, h);
	leads_frame_now(f, h->customer.last_event_at);
	leads_corridor_settle(f, &h->customer);
	open_interval(f, scope, h);
}

void
leads_corridor_begin_listed(LeadsFrame *f, int64 customer_id, const char *scope, LeadsHold *h)
{
	LeadsCustomer c;

	if (!leads_customer_read(f, customer_id, &c))
		leads_customer_refuse_unseen();
	leads_corridor_begin(f, customer_id, scope, h);
}

/* one instant for all: read when the last lock is held, and nothing due by then is left unwritten */
void
leads_corridor_begin_all(LeadsFrame *f, const int64 *ids, int n, const char *scope, LeadsHold **holds)
{
	TimestampTz latest = LEADS_NO_TIME;
	TimestampTz settled;
	int64		held = 0;

	for (int i = 0; i < n; i++)
	{
		lock(f, ids[i], held, holds[i]);
		held = Max(held, holds[i]->customer.id);
		latest = Max(latest, holds[i]->customer.last_event_at);
	}
	leads_frame_now(f, latest);
	/* a lapse of this very instant moves the instant on: then once more */
	do
	{
		settled = f->now;
		for (int i = 0; i < n; i++)
			leads_corridor_settle(f, &holds[i]->customer);
	} while (f->now != settled);
	for (int i = 0; i < n; i++)
		open_interval(f, scope, holds[i]);
}

void
leads_corridor_end(LeadsFrame *f, int64 customer_id)
{
	leads_customer_touch(f, customer_id);
	leads_counters_flush(f);
}

bool
leads_corridor_is_boss(LeadsFrame *f)
{
	return leads_actor_reach(f) != LEADS_REACH_SELF;
}

void
leads_corridor_require_boss(LeadsFrame *f, const char *what)
{
	if (!leads_corridor_is_boss(f))
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no right to %s", what),
				 errdetail("Managers and administrators do that.")));
}

void
leads_corridor_pool(LeadsFrame *f, const char *code, int64 own_id, LeadsPool *out)
{
	if (!leads_pool_by_code(f, code, out) ||
		(out->id != own_id && leads_actor_reach(f) != LEADS_REACH_ALL && !leads_pool_has_member(f, out->id, f->actor_id)))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no pool \"%s\"", leads_clip(code, 60))));
}

bool
leads_corridor_reaches(LeadsFrame *f, const LeadsOwnership *own)
{
	if (own->member_id != 0)
		return leads_actor_reaches(f, own->member_id);
	return own->pool_id != 0 && leads_pool_has_member(f, own->pool_id, f->actor_id);
}

bool
leads_corridor_is_boss_of(LeadsFrame *f, const LeadsHold *h)
{
	switch (leads_actor_reach(f))
	{
		case LEADS_REACH_ALL:
			return true;
		case LEADS_REACH_TEAM:
			return h->has_own && leads_corridor_reaches(f, &h->own);
		case LEADS_REACH_SELF:
			break;
	}
	return false;
}

void
leads_corridor_require_lead(LeadsFrame *f, LeadsHold *h, int64 lead_id)
{
	LeadsResult r = leads_run(&q_lead_of, lead_id);

	h->lead_id = lead_id;
	if (leads_int(&r, 0, 1) != h->customer.id)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("lead " INT64_FORMAT " went to another customer meanwhile", lead_id),
				 errhint("Retry the transaction.")));
}

bool
leads_corridor_knows(LeadsFrame *f, int64 customer_id)
{
	LeadsResult r;

	if (leads_actor_reach(f) == LEADS_REACH_ALL)
		return true;
	if (f->actor_id == 0)
		return false;
	r = leads_run(&q_held_by, customer_id);
	for (uint64 i = 0; i < r.n; i++)
		if (leads_actor_reaches(f, leads_int(&r, i, 1)))
			return true;
	r = leads_run(&q_lay_in, customer_id);
	for (uint64 i = 0; i < r.n; i++)
		if (leads_pool_has_member(f, leads_int(&r, i, 1), f->actor_id))
			return true;
	r = leads_run(&q_told_to, customer_id);
	for (uint64 i = 0; i < r.n; i++)
		if (leads_actor_reaches(f, leads_int(&r, i, 1)))
			return true;
	return leads_collaborates(f, customer_id, f->actor_id);
}

bool
leads_corridor_reaches_whole(LeadsFrame *f, int64 customer_id)
{
	bool		all = leads_actor_reach(f) == LEADS_REACH_ALL;

	if (!all)
	{
		LeadsResult r = leads_run(&q_holders, customer_id);
		LeadsOwnership own = {0};

		all = r.n > 0;
		for (uint64 i = 0; all && i < r.n; i++)
		{
			own.member_id = leads_int(&r, i, 1);
			own.pool_id = leads_int(&r, i, 2);
			all = leads_corridor_reaches(f, &own);
		}
	}
	return all;
}

void
leads_corridor_require_whole(LeadsFrame *f, const LeadsHold *h)
{
	if (!leads_corridor_reaches_whole(f, h->customer.id))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no customer " INT64_FORMAT, h->asked_id)));
}

void
leads_corridor_require_worker(LeadsFrame *f, const LeadsHold *h)
{
	if (h->has_own && h->own.member_id != 0 && h->own.member_id != f->actor_id &&
		leads_collaboration(f, h->customer.id, h->own.scope, f->actor_id) == LEADS_COLLABORATES_WORK)
		return;
	leads_corridor_require_owner(f, h);
}

void
leads_corridor_require_owner(LeadsFrame *f, const LeadsHold *h)
{
	const char *detail = "It is in nobody's hands or in somebody else's.";
	const char *hint = NULL;

	if (h->has_own && h->own.member_id != 0 && h->own.member_id == f->actor_id)
		return;
	if (leads_corridor_is_boss_of(f, h))
		return;
	if (!leads_corridor_knows(f, h->customer.id))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 h->lead_id ? errmsg("there is no lead " INT64_FORMAT, h->lead_id)
				 : errmsg("there is no customer " INT64_FORMAT, h->asked_id)));
	if (f->actor_id != 0)
	{
		LeadsResult r = leads_run(&q_lost_by, h->customer.id, h->own.scope, f->actor_id);

		if (leads_found(r) && leads_bool(&r, 0, 2))
		{
			detail = psprintf("Your protection ended at %s.", leads_message_time(f->zone, leads_time(&r, 0, 1)));
			if (h->has_own && h->own.pool_id != 0)
				hint = "It can be claimed from its pool: leads.claim(ARRAY[customer]).";
		}
	}
	ereport(ERROR,
			(errcode(LEADS_ERR_NOT_OWNER),
			 errmsg("customer " INT64_FORMAT " is not yours", h->customer.id),
			 errdetail("%s", detail),
			 hint ? errhint("%s", hint) : 0));
}
