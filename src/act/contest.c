/*
 * contest.c - what becomes of a registration that waits: the steps that the verbs share.
 *
 * Purpose: find it, hold its customer, ask the state machine, write the state, make the
 * owner, close the queue behind it or let the first of it come up.
 * Invariants: every change of a registration happens under the lock of its customer, and ends
 * with the customer's new instant, so that whoever looked before gets 40001 above READ
 * COMMITTED; the queue moves in the transaction that made room; a row that the caller may
 * not see does not exist for it.
 * Called by: act/contest_call, act/contest_rule.
 */
#include "core/leads.h"

#include "act/contest.h"
#include "core/lock.h"
#include "decide/pipeline.h"
#include "record/distinct.h"
#include "record/outbox.h"

static const LeadsMessage messages[] = {
	{"contest.approved", "批准报备 {0}", "registration {0} is approved"},
	{"contest.rejected", "驳回报备 {0}：{1}", "registration {0} is rejected: {1}"},
	{"contest.withdrawn", "撤回报备 {0}", "registration {0} is withdrawn"},
	{"contest.reason", "原因：{0}", "because: {0}"},
	{"contest.promoted", "报备 {0} 递补，等待审批", "registration {0} comes up and waits for approval"},
	{"contest.promoted_free", "报备 {0} 递补，按现行策略无须审批", "registration {0} comes up; the policy asks for no approval now"},
	{"contest.left", "报备 {0} 的登记人已不在岗，撤回", "the registrant of {0} is not there any more: withdrawn"},
	{"contest.lost", "报备 {0} 已获批准，{1} 不予登记", "registration {0} is approved, {1} is blocked"},
	{"contest.beside", "人工判定为另一家客户：与客户 {0} 分开", "judged to be another customer than {0}"},
	{"contest.kept_routed", "报备未获批准，来询 {0} 按规则分配", "nothing was approved: inquiry {0} goes where the rules say"},
	{"contest.raised", "对报备 {0} 的结果提出争议：{1}", "registration {0} is contested: {1}"},
	{"contest.ruled", "裁定：{0}", "ruled: {0}"},
	{"contest.superseded", "客户由 {0} 转归 {1}", "the customer goes from {0} to {1}"},
	{"contest.override", "人工放行：{0}", "let through: {0}"},
};

/* a protection document is three judges' */
static void
validate(Jsonb *body)
{
	JsonbValue *part = leads_json_get(body, "registration");

	leads_protection_validate(body);
	leads_followup_validate(body);
	if (part)
		leads_contest_validate(part);
}

void
leads_contest_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
	leads_policy_set_validator("protection", validate);
}

bool
leads_contest_reaches(LeadsFrame *f, int64 member_id, int64 partner_id)
{
	LeadsPartner p;

	switch (leads_actor_reach(f))
	{
		case LEADS_REACH_ALL:
			return true;
		case LEADS_REACH_TEAM:
			/* what a partner registers is the business of whoever manages its internal manager */
			if (partner_id != 0 && leads_partner_by_id(f, partner_id, &p))
				member_id = p.manager_id;
			return member_id != 0 && leads_actor_reaches(f, member_id);
		case LEADS_REACH_SELF:
			break;
	}
	return false;
}

void
leads_contest_open(LeadsContest *t, LeadsCall *c, const char *verb, const char *by_member)
{
	memset(t, 0, sizeof(*t));
	memset(c, 0, sizeof(*c));
	t->c = c;
	t->protected_until = LEADS_NO_TIME;
	c->verb = verb;
	leads_enter(&c->f, NULL, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&c->f, by_member, 0);
	c->f.now = leads_clock_read();
}

static void
unknown(int64 id)
{
	ereport(ERROR,
			(errcode(LEADS_ERR_UNKNOWN_ID),
			 errmsg("there is no registration " INT64_FORMAT, id)));
}

/* the actor's own, or its organisation's */
static bool
is_mine(LeadsContest *t)
{
	LeadsFrame *f = &t->c->f;

	if (f->actor_id == 0)
		return false;
	if (t->a.actor_id == f->actor_id)
		return true;
	return t->a.partner_id != 0 && f->actor_partner == t->a.partner_id;
}

void
leads_contest_find(LeadsContest *t, int64 id)
{
	LeadsFrame *f = &t->c->f;

	if (!leads_attempt_read(f, id, &t->a) || (!is_mine(t) && !leads_contest_reaches(f, t->a.actor_id, t->a.partner_id)))
		unknown(id);
	if (!leads_attempt_state(t->a.state, &t->state))
		elog(ERROR, "registration " INT64_FORMAT " has no known state", id);
}

void
leads_contest_need_judge(LeadsContest *t)
{
	LeadsFrame *f = &t->c->f;

	if (!leads_contest_reaches(f, t->a.actor_id, t->a.partner_id))
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no right to decide over registrations"),
				 errdetail("Managers and administrators decide.")));
	if (f->actor_id != 0 && f->actor_id == t->a.actor_id)
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("nobody decides over a registration of its own")));
}

void
leads_contest_begin(LeadsContest *t, LeadsCall *c, const char *verb, const char *by_member, int64 id, bool judge)
{
	leads_contest_open(t, c, verb, by_member);
	leads_contest_find(t, id);
	if (judge)
		leads_contest_need_judge(t);
}

LeadsAttemptStep
leads_contest_step(LeadsContest *t, LeadsAttemptEvent event)
{
	LeadsAttemptStep s = leads_attempt_step(t->state, event);
	const char *next = leads_attempt_next(t->state);

	if (!s.allowed)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("registration " INT64_FORMAT " is %s", t->a.id, t->a.state),
				 next ? errhint("It may still become: %s.", next)
				 : errhint("That is final; a new attempt is registered anew.")));
	return s;
}

void
leads_contest_hold(LeadsContest *t, bool beside)
{
	LeadsCall  *c = t->c;
	LeadsFrame *f = &c->f;
	LeadsAttempt before = t->a;

	if (t->a.customer_id == 0)
		unknown(t->a.id);
	leads_register_reload(c, &t->a);
	if (beside)
	{
		int64		ids[LEADS_KEYS_MAX];

		/* as register(): the gate first, then the keys by the rules of this moment */
		leads_lock_gate(f, false);
		if (c->in.record)
			leads_input_keys(f, &c->in);
		for (int i = 0; i < c->in.nkeys; i++)
			ids[i] = c->in.keys[i].key;
		leads_lock_stripes(f, ids, c->in.nkeys);
	}
	leads_corridor_begin(f, t->a.customer_id, t->a.scope, &t->hold);
	if (!leads_attempt_read(f, t->a.id, &t->a) || !leads_attempt_state(t->a.state, &t->state))
		unknown(before.id);
	c->customer = t->hold.customer;
	c->own = t->hold.own;
	c->has_own = t->hold.has_own;
}

void
leads_contest_move(LeadsContest *t, LeadsAttemptState to, const char *topic)
{
	LeadsCall  *c = t->c;
	LeadsFrame *f = &c->f;
	LeadsEvent	e = {
		.kind = leads_attempt_name(to), .customer_id = t->hold.customer.id, .scope = t->a.scope, .at = LEADS_NO_TIME,
		.owner_id = t->owner_id, .decision_id = t->decision_id,
		.data = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(
			psprintf("{\"registration\": " INT64_FORMAT "}", t->a.id))))
	};

	leads_attempt_move(f, &t->a, leads_attempt_name(to), t->reason, t->decision_id);
	t->state = to;
	t->a.state = leads_attempt_name(to);
	leads_event_write(f, &e);
	if (topic && t->a.actor_id != 0 && t->a.actor_id != f->actor_id)
		leads_outbox_write(f, topic, t->hold.customer.id,
						   psprintf("registration/" INT64_FORMAT "/%s", t->a.id, t->a.state), t->a.actor_id, f->now,
						   "registration", psprintf(INT64_FORMAT, t->a.id), "name", t->a.name, "state", t->a.state,
						   "reason", t->reason, NULL);
}

/* is somebody else's meanwhile: LD051; the registrant's own and protected: LD042 */
static void
need_free(LeadsContest *t)
{
	LeadsOwnership *o = &t->hold.own;
	bool		same = t->a.partner_id != 0 || o->partner_id != 0 ? t->a.partner_id == o->partner_id :
		o->member_id == t->a.actor_id;

	if (!t->hold.has_own || o->member_id == 0)
		return;
	if (same)
		ereport(ERROR,
				(errcode(LEADS_ERR_OWN_PROTECTED),
				 errmsg("the registrant owns customer " INT64_FORMAT " already", t->hold.customer.id),
				 errhint("Extend the protection: leads.extend().")));
	ereport(ERROR,
			(errcode(LEADS_ERR_OWNED),
			 leads_corridor_knows(&t->c->f, t->hold.customer.id) ?
			 errmsg("customer " INT64_FORMAT " went to somebody else meanwhile", t->hold.customer.id) :
			 errmsg("the customer of registration " INT64_FORMAT " went to somebody else meanwhile", t->a.id),
			 errhint("Reject the registration, or rule the conflict: leads.raise_conflict(), leads.rule_conflict().")));
}

/* somebody registered the very same meanwhile: it is not to be made twice */
static void
need_new(LeadsContest *t)
{
	LeadsCall  *c = t->c;

	leads_register_policy(c);
	c->scope = t->a.scope;
	leads_register_look(c);
	for (int i = 0; i < c->nfound; i++)
		if (c->found[i].score.band >= LEADS_BAND_LIKELY && c->found[i].customer_id != t->hold.customer.id)
			ereport(ERROR,
					(errcode(LEADS_ERR_OWNED),
					 errmsg("the same customer was registered meanwhile"),
					 leads_corridor_knows(&c->f, c->found[i].customer_id) ?
					 errdetail("It is customer " INT64_FORMAT ".", c->found[i].customer_id) : 0,
					 errhint("Reject the registration, or let it through: leads.override_registration().")));
}

void
leads_contest_grant(LeadsContest *t, bool beside)
{
	LeadsCall  *c = t->c;
	LeadsFrame *f = &c->f;
	int64		met = t->hold.customer.id;

	if (beside)
	{
		if (strcmp(c->verb, "approve") == 0)
			need_new(t);
		leads_evidence_add(&c->evidence, "contest", "beside", "contest.beside", 1, psprintf(INT64_FORMAT, met));
		memset(&c->customer, 0, sizeof(c->customer));
		memset(&c->own, 0, sizeof(c->own));
		c->has_own = false;
	}
	else if (c->end_cause == NULL)
		need_free(t);
	leads_register_grant(c);
	t->lead_id = c->reg.lead_id;
	t->owner_id = c->own.member_id;
	t->protected_until = c->own.protected_until;
	t->decision_id = c->reg.decision_id;
	if (beside)
		(void) leads_distinct_insert(f, met, c->customer.id, t->reason, t->decision_id);
	else
		leads_register_take_kept(c, met);
}

int64
leads_contest_let_in(LeadsContest *t, bool beside)
{
	LeadsCall  *c = t->c;
	LeadsFrame *f = &c->f;
	LeadsRegistration *r = &c->reg;
	LeadsMember m;

	if (t->state == LEADS_ATTEMPT_QUEUED)
	{
		LeadsAttemptStep s = leads_contest_step(t, LEADS_ATTEMPT_APPROVE);

		leads_contest_grant(t, beside);
		if (beside)
			leads_attempt_set_customer(f, t->a.id, c->customer.id);
		leads_contest_move(t, s.next, "registration");
		return t->a.id;
	}
	/* a terminal state has no way out: the same once more, linked to it */
	r->id = leads_registration_next(f);
	leads_contest_grant(t, beside);
	r->channel_id = t->a.channel_id;
	r->test = t->a.test;
	r->registrant_id = t->a.actor_id;
	r->partner_id = t->a.partner_id;
	r->resubmits_id = t->a.id;
	r->payload = t->a.payload;
	r->name = t->a.name;
	r->scope = t->a.scope;
	r->outcome = leads_outcome_name(LEADS_CREATED);
	r->state = leads_attempt_name(leads_attempt_step(LEADS_ATTEMPT_SUBMITTED, LEADS_ATTEMPT_APPROVE).next);
	r->reason = "register.let_in";
	r->customer_id = c->customer.id;
	r->owner_id = c->own.member_id;
	r->pool_id = c->own.pool_id;
	r->message = leads_message2(f->lang, r->reason, leads_member_by_id(f, c->own.member_id, &m) ? m.name : "-",
								leads_message_time(f->zone, c->own.protected_until));
	leads_registration_insert(f, r);
	t->a.state = r->state;
	if (t->a.actor_id != 0 && t->a.actor_id != f->actor_id)
		leads_outbox_write(f, "registration", c->customer.id, psprintf("registration/" INT64_FORMAT "/approved", r->id),
						   t->a.actor_id, f->now, "registration", psprintf(INT64_FORMAT, r->id), "name", r->name,
						   "state", r->state, "reason", t->reason, NULL);
	return r->id;
}

void
leads_contest_close_queue(LeadsContest *t)
{
	int64	   *ids;
	int			n = leads_attempts_behind(&t->c->f, t->a.id, &ids);

	for (int i = 0; i < n; i++)
	{
		LeadsContest o = *t;

		if (!leads_attempt_read(&t->c->f, ids[i], &o.a) || !leads_attempt_state(o.a.state, &o.state))
			continue;
		o.reason = NULL;
		leads_contest_move(&o, leads_contest_step(&o, LEADS_ATTEMPT_BLOCK).next, "registration");
	}
}

/* nothing was approved and nobody waits: what came by itself goes where the rules say */
static void
route_kept(LeadsContest *t)
{
	LeadsCall  *c = t->c;
	LeadsFrame *f = &c->f;
	int64	   *ids;
	LeadsAttempt a;

	if (t->hold.has_own || leads_attempts_kept(f, t->hold.customer.id, t->a.scope, &ids) == 0 ||
		!leads_attempt_read(f, ids[0], &a))
		return;
	leads_register_reload(c, &a);
	c->registrant_id = 0;
	c->submitted_at = LEADS_NO_TIME;
	c->customer = t->hold.customer;
	c->own = t->hold.own;
	c->has_own = false;
	leads_evidence_add(&c->evidence, "contest", "routed", "contest.kept_routed", 1, psprintf(INT64_FORMAT, a.id));
	leads_register_grant(c);
	leads_attempt_set_lead(f, a.id, c->reg.lead_id);
	leads_register_take_kept(c, t->hold.customer.id);
}

void
leads_contest_promote(LeadsContest *t)
{
	LeadsCall  *c = t->c;
	LeadsFrame *f = &c->f;
	int64	   *ids;
	int			n = leads_attempts_behind(f, t->a.id, &ids);

	for (int i = 0; i < n; i++)
	{
		LeadsContest next = *t;
		LeadsMember m;
		char	   *id = psprintf(INT64_FORMAT, ids[i]);
		LeadsDecision d = {
			.kind = c->verb, .customer_id = t->hold.customer.id, .scope = t->a.scope, .at = LEADS_NO_TIME
		};

		if (!leads_attempt_read(f, ids[i], &next.a) || !leads_attempt_state(next.a.state, &next.state))
			continue;
		next.reason = NULL;
		leads_register_reload(c, &next.a);
		c->customer = t->hold.customer;
		c->own = t->hold.own;
		c->has_own = t->hold.has_own;
		if (next.a.actor_id != 0 &&
			(!leads_member_by_id(f, next.a.actor_id, &m) || !leads_member_present(&m, f->now)))
		{
			leads_evidence_add(&c->evidence, "contest", "skipped", "contest.left", 1, id);
			d.verdict = "withdrawn";
			next.decision_id = leads_decision_write(f, &d, &c->evidence);
			leads_contest_move(&next, leads_contest_step(&next, LEADS_ATTEMPT_WITHDRAW).next, NULL);
			continue;
		}
		c->protection = leads_policy_at(f, "protection", f->now);
		leads_contest_read(c->protection.body, &c->contest);
		if (leads_register_needs_approval(c))
		{
			leads_evidence_add(&c->evidence, "contest", "promoted", "contest.promoted", 1, id);
			d.verdict = "promoted";
			next.decision_id = leads_decision_write(f, &d, &c->evidence);
			leads_contest_move(&next, leads_contest_step(&next, LEADS_ATTEMPT_WAIT).next, "registration");
			/* the others wait behind it now */
			for (int k = i + 1; k < n; k++)
				leads_attempt_set_rival(f, ids[k], next.a.id);
			leads_attempt_set_rival(f, next.a.id, 0);
			leads_register_tell_judges(c);
			return;
		}
		leads_evidence_add(&c->evidence, "contest", "promoted", "contest.promoted_free", 1, id);
		for (int k = i + 1; k < n; k++)
			leads_attempt_set_rival(f, ids[k], next.a.id);
		leads_attempt_set_rival(f, next.a.id, 0);
		leads_contest_grant(&next, false);
		leads_contest_move(&next, leads_contest_step(&next, LEADS_ATTEMPT_APPROVE).next, "registration");
		leads_contest_close_queue(&next);
		return;
	}
	route_kept(t);
}

void
leads_contest_end(LeadsContest *t)
{
	leads_corridor_end(&t->c->f, t->hold.customer.id);
}
