/*
 * pool.c - move_pool(), ask_help(), delete_customer().
 *
 * Purpose: from one pool to another, the superior brought in by an owner that cannot go on,
 * and the end of a customer that should never have been one.
 * Invariants: a move begins a new interval, so that the new-data delay counts from it; a deleted
 * customer is found by nobody, but remembered by its keys: whoever registers it again does not
 * escape the cool-down of who had it; its rows stay.
 * Called by: users.
 */
#include "core/leads.h"

#include "act/assign.h"
#include "act/pool.h"
#include "core/args.h"
#include "core/lock.h"
#include "record/outbox.h"
#include "record/registration.h"

static const LeadsMessage messages[] = {
	{"pool.moved", "由公海“{0}”移至“{1}”", "moved from pool \"{0}\" to \"{1}\""},
	{"pool.reason", "原因：{0}", "because: {0}"},
	{"help.asked", "请求上级 {0} 协助：{1}", "{0} is asked to help: {1}"},
	{"delete.done", "删除客户：{0}", "deleted: {0}"},
};

LEADS_QUERY(q_scopes, "l", "SELECT o.scope FROM @.ownership o WHERE o.customer_id = $1 AND o.until IS NULL ORDER BY o.scope");
LEADS_QUERY(q_waiting, "l", "SELECT FROM @.registration r WHERE r.customer_id = $1 AND r.state IN ('pending', 'queued') AND"
			" (r.state = 'pending' OR r.rival_id IS NOT NULL) LIMIT 1");

void
leads_pool_verbs_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

static LeadsDecision
decision_about(const LeadsHold *h, const char *kind, const char *verdict)
{
	LeadsDecision d = {
		.kind = kind, .verdict = verdict, .customer_id = h->customer.id, .scope = h->own.scope, .at = LEADS_NO_TIME
	};

	return d;
}

PG_FUNCTION_INFO_V1(leads_move_pool);
Datum
leads_move_pool(PG_FUNCTION_ARGS)
{
	int64		id = leads_arg_id(fcinfo, 0, "customer_id");
	char	   *code = leads_arg_text(fcinfo, 1);
	char	   *reason = leads_arg_reason(fcinfo, 2, false);
	char	   *scope = leads_arg_text(fcinfo, 3);
	char	   *by_member = leads_arg_text(fcinfo, 4);
	LeadsFrame	f;
	LeadsHold	h;
	LeadsPool	from;
	LeadsPool	to;
	LeadsHandOver o = {.cause = "moved", .end_cause = "moved", .event = "pooled", .reason = reason};
	Datum		values[2];
	bool		nulls[2] = {false, false};
	char	   *into;

	if (code == NULL)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("pool is required")));
	leads_enter(&f, NULL, LEADS_PROFILE_BOSS | LEADS_PROFILE_APP);
	leads_actor_resolve(&f, by_member, 0);
	leads_corridor_require_boss(&f, "move customers between pools");
	leads_corridor_begin(&f, id, scope, &h);
	leads_assign_require(&f, &h);
	if (!leads_pool_by_id(&f, h.own.pool_id, &from))
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("customer " INT64_FORMAT " is in no pool", h.customer.id),
				 errhint("Release it into the pool: leads.release().")));
	leads_corridor_pool(&f, code, 0, &to);
	if (to.id != from.id)
	{
		LeadsEvidence e;
		LeadsDecision d = decision_about(&h, "move", "moved");

		leads_evidence_begin(&e);
		leads_evidence_add(&e, "pool", "yes", "pool.moved", 2, from.code, to.code);
		if (reason)
			leads_evidence_add(&e, "pool", "yes", "pool.reason", 1, reason);
		o.pool_id = to.id;
		o.decision_id = leads_decision_write(&f, &d, &e);
		leads_hand_over(&f, &h, &o);
	}
	leads_corridor_end(&f, h.customer.id);
	into = leads_keep(&f, to.code);
	leads_leave(&f);
	values[0] = CStringGetTextDatum(into);
	values[1] = Int64GetDatum(o.decision_id);
	nulls[1] = o.decision_id == 0;
	PG_RETURN_DATUM(leads_answer(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(leads_ask_help);
Datum
leads_ask_help(PG_FUNCTION_ARGS)
{
	int64		id = leads_arg_id(fcinfo, 0, "customer_id");
	char	   *reason = leads_arg_reason(fcinfo, 1, true);
	char	   *scope = leads_arg_text(fcinfo, 2);
	char	   *by_member = leads_arg_text(fcinfo, 3);
	LeadsFrame	f;
	LeadsHold	h;
	LeadsMember boss;
	LeadsEvidence e;
	LeadsDecision d;
	LeadsEvent	ev = {.kind = "help", .at = LEADS_NO_TIME};
	Datum		values[2];
	bool		nulls[2] = {false, false};
	char	   *code;

	leads_enter(&f, NULL, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&f, by_member, 0);
	leads_corridor_begin(&f, id, scope, &h);
	leads_corridor_require_owner(&f, &h);
	if (!h.has_own || h.own.member_id == 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("customer " INT64_FORMAT " is in nobody's hands", h.customer.id)));
	if (!leads_member_by_id(&f, leads_superior_of(&f, h.own.member_id), &boss))
		ereport(ERROR,
				(errcode(LEADS_ERR_NOBODY_ABOVE),
				 errmsg("nobody stands above the owner of customer " INT64_FORMAT, h.customer.id),
				 errhint("Mark a manager (member.is_manager) of the team, of a team above it, or of no team.")));
	leads_evidence_begin(&e);
	leads_evidence_add(&e, "help", "asked", "help.asked", 2, boss.code, reason);
	d = decision_about(&h, "help", "asked");
	values[1] = Int64GetDatum(leads_decision_write(&f, &d, &e));
	ev.customer_id = h.customer.id;
	ev.scope = h.own.scope;
	ev.owner_id = h.own.member_id;
	ev.decision_id = DatumGetInt64(values[1]);
	ev.data = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(
		psprintf("{\"superior\": " INT64_FORMAT "}", boss.id))));
	(void) leads_event_write(&f, &ev);
	(void) leads_outbox_write(&f, "help", h.customer.id, psprintf("decision/" INT64_FORMAT, ev.decision_id), boss.id, f.now,
							  "customer", h.customer.name, "scope", h.own.scope, "asked_by", f.actor_code, "reason", reason, NULL);
	leads_corridor_end(&f, h.customer.id);
	code = leads_keep(&f, boss.code);
	leads_leave(&f);
	values[0] = CStringGetTextDatum(code);
	PG_RETURN_DATUM(leads_answer(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(leads_delete_customer);
Datum
leads_delete_customer(PG_FUNCTION_ARGS)
{
	int64		id = leads_arg_id(fcinfo, 0, "customer_id");
	char	   *reason = leads_arg_reason(fcinfo, 1, true);
	char	   *by_member = leads_arg_text(fcinfo, 2);
	LeadsFrame	f;
	LeadsHold	h;
	LeadsEvidence e;
	LeadsDecision d;
	LeadsEvent	ev = {.kind = "deleted", .at = LEADS_NO_TIME};
	LeadsResult r;

	leads_enter(&f, NULL, LEADS_PROFILE_BOSS | LEADS_PROFILE_APP);
	leads_actor_resolve(&f, by_member, 0);
	leads_corridor_require_boss(&f, "delete customers");
	/* nobody meets it while it goes */
	leads_lock_gate(&f, true);
	leads_corridor_begin(&f, id, NULL, &h);
	r = leads_run(&q_scopes, h.customer.id);
	for (uint64 i = 0; i < r.n; i++)
	{
		LeadsHold	s = h;

		s.has_own = leads_ownership_open(&f, h.customer.id, leads_text(&r, i, 1), &s.own);
		leads_assign_require(&f, &s);
	}
	/* nobody's: it was registered and waits */
	if (r.n == 0 && !leads_corridor_knows(&f, h.customer.id))
		ereport(ERROR, (errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no customer " INT64_FORMAT, id)));
	if (leads_found(leads_run(&q_waiting, h.customer.id)))
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("a registration of customer " INT64_FORMAT " waits for approval", h.customer.id),
				 errhint("Decide on it first: leads.reject_registration().")));
	leads_evidence_begin(&e);
	leads_evidence_add(&e, "delete", "yes", "delete.done", 1, reason);
	d = decision_about(&h, "delete", "deleted");
	ev.decision_id = leads_decision_write(&f, &d, &e);
	for (uint64 i = 0; i < r.n; i++)
	{
		LeadsOwnership own;

		if (!leads_ownership_open(&f, h.customer.id, leads_text(&r, i, 1), &own))
			continue;
		leads_ownership_end(&f, &own, f.now, "moved", ev.decision_id);
		if (own.member_id != 0 && own.member_id != f.actor_id)
			(void) leads_outbox_write(&f, "deleted", h.customer.id, psprintf(INT64_FORMAT, own.id), own.member_id, f.now,
									  "customer", h.customer.name, "scope", own.scope, "reason", reason, NULL);
	}
	ev.customer_id = h.customer.id;
	(void) leads_event_write(&f, &ev);
	leads_customer_delete(&f, h.customer.id);
	leads_corridor_end(&f, h.customer.id);
	leads_leave(&f);
	PG_RETURN_INT64(ev.decision_id);
}
