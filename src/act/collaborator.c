/*
 * collaborator.c - who works along with an owner: add_collaborator(), remove_collaborator().
 *
 * Purpose: give a member a right beside the owner's, and take it back.
 * Invariants: under the customer's lock; never for the owner itself; what is so already writes nothing; a right that was
 * given stays in the table with its end.
 * Called by: users.
 */
#include "core/leads.h"

#include "access/htup_details.h"

#include "act/collaborator.h"
#include "act/corridor.h"
#include "core/args.h"
#include "record/collaborator.h"
#include "record/org.h"

static const LeadsMessage messages[] = {
	{"collaborator.read", "{0} 可查看", "{0} may look"},
	{"collaborator.work", "{0} 可协同跟进", "{0} works along"},
	{"collaborator.until", "至 {0}", "until {0}"},
	{"collaborator.ended", "{0} 不再参与", "{0} takes no part any more"},
	{"collaborator.reason", "原因：{0}", "because: {0}"},
};

LEADS_QUERY(q_runs, "ltltZz",
			"SELECT FROM @.collaborator k WHERE k.customer_id = $1 AND k.scope = $2 AND k.member_id = $3 AND k.level = $4"
			"   AND k.until IS NOT DISTINCT FROM $5 AND (k.until IS NULL OR k.until > $6)");

void
leads_collaborator_verbs_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

/* whoever it is: a code is no secret among those who work here */
static void
find_member(LeadsFrame *f, const char *code, LeadsMember *m)
{
	if (code == NULL)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("member is required")));
	if (!leads_member_by_code(f, code, m))
		ereport(ERROR, (errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no member \"%s\"", leads_clip(code, 60))));
}

static int64
decide(LeadsFrame *f, const LeadsHold *h, const char *verdict, LeadsEvidence *e, const char *reason)
{
	LeadsDecision d;

	if (reason)
		leads_evidence_add(e, "collaborator", "yes", "collaborator.reason", 1, reason);
	memset(&d, 0, sizeof(d));
	d.kind = "collaborator";
	d.verdict = verdict;
	d.customer_id = h->customer.id;
	d.scope = h->own.scope;
	d.at = LEADS_NO_TIME;
	return leads_decision_write(f, &d, e);
}

static void
check_new(LeadsFrame *f, const LeadsHold *h, const LeadsMember *m, TimestampTz until)
{
	if (!h->has_own || h->own.member_id == 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE), errmsg("customer " INT64_FORMAT " is in nobody's hands", h->customer.id)));
	if (h->own.member_id == m->id)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE), errmsg("member \"%s\" owns customer " INT64_FORMAT, m->code, h->customer.id)));
	if (!leads_member_present(m, f->now))
		ereport(ERROR, (errcode(LEADS_ERR_INACTIVE), errmsg("member \"%s\" is inactive or has left", m->code)));
	if (until != LEADS_NO_TIME && until <= f->now)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a collaboration ends after it begins")));
}

PG_FUNCTION_INFO_V1(leads_add_collaborator);
Datum
leads_add_collaborator(PG_FUNCTION_ARGS)
{
	int64		id = leads_arg_id(fcinfo, 0, "customer_id");
	char	   *code = leads_arg_text(fcinfo, 1);
	char	   *level = leads_arg_text(fcinfo, 2);
	TimestampTz until = PG_ARGISNULL(3) ? LEADS_NO_TIME : PG_GETARG_TIMESTAMPTZ(3);
	char	   *reason = leads_arg_reason(fcinfo, 4, false);
	char	   *scope = leads_arg_text(fcinfo, 5);
	char	   *by_member = leads_arg_text(fcinfo, 6);
	LeadsFrame	f;
	LeadsHold	h;
	LeadsMember m;
	LeadsEvidence e;
	Datum		values[2] = {0, 0};
	bool		nulls[2] = {true, true};

	if (level == NULL || (strcmp(level, "read") != 0 && strcmp(level, "work") != 0))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("level is read or work")));
	if (!PG_ARGISNULL(3) && TIMESTAMP_NOT_FINITE(until))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("until is no instant"),
				 errhint("NULL = for as long as the customer is in somebody's hands.")));
	leads_enter(&f, NULL, LEADS_PROFILE_WORKER & ~LEADS_PROFILE_PARTNER);
	leads_actor_resolve(&f, by_member, 0);
	leads_corridor_begin(&f, id, scope, &h);
	leads_corridor_require_owner(&f, &h);
	find_member(&f, code, &m);
	check_new(&f, &h, &m, until);
	if (!leads_found(leads_run(&q_runs, h.customer.id, h.own.scope, m.id, level, until, f.now)) ||
		leads_collaboration(&f, h.customer.id, h.own.scope, m.id) == LEADS_COLLABORATES_NOT)
	{
		(void) leads_collaborator_end(&f, h.customer.id, h.own.scope, m.id);
		leads_evidence_begin(&e);
		leads_evidence_add(&e, "collaborator", "yes", psprintf("collaborator.%s", level), 1, m.code);
		if (until != LEADS_NO_TIME)
			leads_evidence_add(&e, "collaborator", "yes", "collaborator.until", 1, leads_message_time(f.zone, until));
		values[1] = Int64GetDatum(decide(&f, &h, "added", &e, reason));
		values[0] = Int64GetDatum(leads_collaborator_begin(&f, h.customer.id, h.own.scope, m.id, level, until, reason,
														   DatumGetInt64(values[1])));
		nulls[0] = nulls[1] = false;
	}
	leads_corridor_end(&f, h.customer.id);
	leads_leave(&f);
	PG_RETURN_DATUM(leads_answer(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(leads_remove_collaborator);
Datum
leads_remove_collaborator(PG_FUNCTION_ARGS)
{
	int64		id = leads_arg_id(fcinfo, 0, "customer_id");
	char	   *code = leads_arg_text(fcinfo, 1);
	char	   *reason = leads_arg_reason(fcinfo, 2, false);
	char	   *scope = leads_arg_text(fcinfo, 3);
	char	   *by_member = leads_arg_text(fcinfo, 4);
	LeadsFrame	f;
	LeadsHold	h;
	LeadsMember m;
	LeadsEvidence e;
	int64		decision_id = 0;

	leads_enter(&f, NULL, LEADS_PROFILE_WORKER & ~LEADS_PROFILE_PARTNER);
	leads_actor_resolve(&f, by_member, 0);
	leads_corridor_begin(&f, id, scope, &h);
	/* who was asked to help may step back */
	if (f.actor_id == 0 || code == NULL || strcmp(code, f.actor_code) != 0 ||
		leads_collaboration(&f, h.customer.id, h.own.scope, f.actor_id) == LEADS_COLLABORATES_NOT)
		leads_corridor_require_owner(&f, &h);
	find_member(&f, code, &m);
	if (leads_collaborator_end(&f, h.customer.id, h.own.scope, m.id))
	{
		leads_evidence_begin(&e);
		leads_evidence_add(&e, "collaborator", "no", "collaborator.ended", 1, m.code);
		decision_id = decide(&f, &h, "removed", &e, reason);
	}
	leads_corridor_end(&f, h.customer.id);
	leads_leave(&f);
	if (decision_id == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(decision_id);
}
