/*
 * assign.c - leads.assign(): a boss gives a customer to a member.
 *
 * Purpose: move a customer's scope with all its leads from one hand, or a pool, to
 * another; the step that every hand-over shares.
 * Invariants: one interval ends and the next begins at the same instant, with a
 * decision; leads, their stages and histories are not touched; who is inactive or
 * has left receives nothing, who is at its cap only by force, and the decision says
 * so; a manager with a team moves what its team holds, and within its team; rings
 * that count manual turns are locked before the counters.
 * Called by: users, act/staff, act/reroute.
 */
#include "core/leads.h"

#include "access/htup_details.h"
#include "mb/pg_wchar.h"

#include "act/assign.h"
#include "act/route_seats.h"
#include "core/args.h"
#include "core/policy.h"
#include "record/outbox.h"


static const LeadsMessage messages[] = {
	{"assign.from_member", "原归属人：{0}", "it was owned by {0}"},
	{"assign.from_pool", "原在公海“{0}”", "it was in pool \"{0}\""},
	{"assign.to", "分配给 {0}", "assigned to {0}"},
	{"assign.reason", "分配原因：{0}", "assigned because: {0}"},
	{"assign.cap", "持有 {0}，上限 {1}", "holds {0}, {1} are allowed"},
	{"assign.forced", "超过持有上限，强制分配", "assigned by force, over the cap"},
	{"assign.turn", "计入轮盘轮次（{0} 个轮盘）", "counts as a turn in {0} ring(s)"},
	{"assign.inherit", "沿用剩余保护期，至 {0}", "what was left of the protection goes along, until {0}"},
};

bool
leads_assign_inherits(LeadsFrame *f, const char *said)
{
	LeadsPolicy policy;
	char	   *handover;

	if (said && strcmp(said, "fresh") != 0 && strcmp(said, "inherit") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("protection is 'fresh' or 'inherit'")));
	if (said)
		return strcmp(said, "inherit") == 0;
	policy = leads_policy_at(f, "routing", f->now);
	handover = leads_json_text(policy.body, "handover");
	return handover && strcmp(handover, "inherit") == 0;
}

void
leads_assign_require(LeadsFrame *f, const LeadsHold *h)
{
	/* what a manager does not reach is as if it were not there, under the id that it asked for */
	if (!leads_corridor_is_boss_of(f, h) && (h->has_own || !leads_corridor_knows(f, h->customer.id)))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("there is no customer " INT64_FORMAT, h->asked_id)));
	if (!h->has_own)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("customer " INT64_FORMAT " is in nobody's hands and in no pool in scope \"%s\"",
						h->customer.id, h->own.scope)));
}

void
leads_assign_check(LeadsFrame *f, const LeadsMember *m, int n, bool force, LeadsEvidence *e)
{
	int32		held;

	if (!leads_member_present(m, f->now))
		ereport(ERROR,
				(errcode(LEADS_ERR_INACTIVE),
				 errmsg("member \"%s\" is inactive or has left", m->code)));
	if (m->holder_cap < 0)
		return;
	/* the customer's lapse of this call has a delta too: one ascending order */
	leads_counters_lock(f, m->id);
	held = leads_counter_held_locked(f, m->id, f->now);
	if (held + n > m->holder_cap && !force)
		ereport(ERROR,
				(errcode(LEADS_ERR_OVER_CAP),
				 errmsg("member \"%s\" holds as many customers as it may: %d", m->code, m->holder_cap),
				 errdetail("It holds %d and would receive %d more.", held, n),
				 errhint("force => true assigns all the same.")));
	leads_evidence_add(e, "cap", held + n <= m->holder_cap ? "yes" : "forced", "assign.cap", 2,
					   psprintf("%d", held), psprintf("%d", m->holder_cap));
	if (held + n > m->holder_cap)
		leads_evidence_add(e, "cap", "forced", "assign.forced", 0);
}

static void
tell(LeadsFrame *f, const LeadsHold *h, const LeadsOwnership *before, const LeadsHandOver *o)
{
	char	   *id = psprintf(INT64_FORMAT, h->customer.id);

	if (before->member_id != 0 && before->member_id != f->actor_id)
		(void) leads_outbox_write(f, "reassigned", h->customer.id, psprintf(INT64_FORMAT, before->id),
								  before->member_id, f->now, "customer", id, "scope", h->own.scope, NULL);
	if (h->own.member_id != 0 && h->own.member_id != f->actor_id)
		(void) leads_outbox_write(f, "owned", h->customer.id, psprintf(INT64_FORMAT, h->own.id), h->own.member_id, f->now,
								  "customer", id, "scope", h->own.scope, "name", h->customer.name,
								  "protected_until", leads_message_time(f->zone, h->own.protected_until),
								  "reason", o->reason, NULL);
}

void
leads_hand_over(LeadsFrame *f, LeadsHold *h, const LeadsHandOver *o)
{
	LeadsOwnership before = h->own;
	LeadsOwnership next;
	LeadsEvent	ev;

	memset(&next, 0, sizeof(next));
	next.customer_id = h->customer.id;
	next.scope = before.scope;
	next.member_id = o->member_id;
	next.pool_id = o->pool_id;
	next.cause = o->cause;
	next.exempt = o->member_id != 0 ? before.exempt : NULL;
	next.registration_id = before.registration_id;
	next.decision_id = o->decision_id;
	leads_ownership_end(f, &before, f->now, o->end_cause, o->decision_id);
	if (o->inherit && o->member_id != 0 && before.member_id != 0)
		leads_corridor_carry_interval(f, &next, &before);
	else
		leads_corridor_begin_interval(f, &next);
	/* from hand to hand inside the company, a partner's right stays its own */
	if (before.partner_id != 0 && next.member_id != 0)
		leads_ownership_set_partner(f, &next, before.partner_id);
	h->own = next;

	memset(&ev, 0, sizeof(ev));
	ev.kind = o->event;
	ev.customer_id = next.customer_id;
	ev.scope = next.scope;
	ev.at = LEADS_NO_TIME;
	ev.owner_id = next.member_id;
	ev.pool_id = next.pool_id;
	ev.decision_id = o->decision_id;
	(void) leads_event_write(f, &ev);
	tell(f, h, &before, o);
}

/* the decision and the move; returns the decision */
static int64
assign_to(LeadsFrame *f, LeadsHold *h, const LeadsMember *to, const char *reason, bool force, const char *protection)
{
	LeadsHandOver o = {.member_id = to->id, .cause = "assigned", .end_cause = "assigned", .event = "assigned", .reason = reason};
	LeadsMember from;
	LeadsPool	pool;
	LeadsEvidence e;
	LeadsDecision d;
	int			turns;

	o.inherit = leads_assign_inherits(f, protection);
	leads_evidence_begin(&e);
	if (leads_member_by_id(f, h->own.member_id, &from))
	{
		/* taken off before the receiver's cap is looked at, in one order of locks */
		leads_counter_add(f, from.id, 0);
		leads_evidence_add(&e, "assign", "yes", "assign.from_member", 1, from.code);
	}
	else if (leads_pool_by_id(f, h->own.pool_id, &pool))
		leads_evidence_add(&e, "assign", "yes", "assign.from_pool", 1, pool.code);
	turns = leads_seats_spend(f, to->id);
	leads_assign_check(f, to, 1, force, &e);
	leads_evidence_add(&e, "assign", "yes", "assign.to", 1, to->code);
	if (reason)
		leads_evidence_add(&e, "assign", "yes", "assign.reason", 1, reason);
	if (turns > 0)
		leads_evidence_add(&e, "assign", "noted", "assign.turn", 1, psprintf("%d", turns));
	if (o.inherit && h->own.protected_until != LEADS_NO_TIME)
		leads_evidence_add(&e, "protect", "yes", "assign.inherit", 1, leads_message_time(f->zone, h->own.protected_until));
	memset(&d, 0, sizeof(d));
	d.kind = "assign";
	d.verdict = "assigned";
	d.customer_id = h->customer.id;
	d.scope = h->own.scope;
	d.at = LEADS_NO_TIME;
	o.decision_id = leads_decision_write(f, &d, &e);
	leads_hand_over(f, h, &o);
	return o.decision_id;
}

PG_FUNCTION_INFO_V1(leads_assign);
Datum
leads_assign(PG_FUNCTION_ARGS)
{
	char	   *code = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *reason = leads_arg_reason(fcinfo, 2, false);
	char	   *scope = PG_ARGISNULL(3) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(3));
	bool		force = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4);
	char	   *by_member = PG_ARGISNULL(5) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(5));
	char	   *protection = PG_ARGISNULL(6) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(6));
	LeadsFrame	f;
	LeadsHold	h;
	LeadsMember to;
	char	   *owner;
	int64		decision_id = 0;
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("customer_id is required")));
	if (code == NULL)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("member is required")));
	leads_enter(&f, NULL, LEADS_PROFILE_BOSS | LEADS_PROFILE_APP);
	leads_actor_resolve(&f, by_member, 0);
	leads_corridor_require_boss(&f, "assign customers");
	leads_corridor_begin(&f, PG_GETARG_INT64(0), scope, &h);
	leads_assign_require(&f, &h);
	if (!leads_member_by_code(&f, code, &to))
		ereport(ERROR, (errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no member \"%s\"", code)));
	if (!leads_actor_reaches(&f, to.id))
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no right to assign to member \"%s\"", to.code),
				 errdetail("The manager of a team assigns within it.")));
	if (h.own.member_id != to.id)
		decision_id = assign_to(&f, &h, &to, reason, force, protection);
	/* a lapse may have been written even if nothing else was */
	leads_corridor_end(&f, h.customer.id);
	owner = leads_keep(&f, to.code);
	leads_leave(&f);
	values[0] = CStringGetTextDatum(owner);
	values[1] = TimestampTzGetDatum(h.own.protected_until);
	nulls[1] = h.own.protected_until == LEADS_NO_TIME;
	values[2] = Int64GetDatum(decision_id);
	nulls[2] = decision_id == 0;
	PG_RETURN_DATUM(leads_answer(fcinfo, values, nulls));
}

void
leads_assign_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}
