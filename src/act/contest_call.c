/*
 * contest_call.c - approve_registration(), reject_registration(), withdraw_registration(), set_registration().
 *
 * Purpose: the one step of approval, and the plain face of the policy behind it.
 * Invariants: what the queue gains by it happens in the same transaction; approval is for a
 * registration that waits, or that was queued for a person to judge: one that waits behind
 * another comes up when that one falls.
 * Called by: users.
 */
#include "core/leads.h"

#include "mb/pg_wchar.h"

#include "act/contest.h"
#include "core/args.h"
#include "core/lock.h"
#include "core/policy.h"


int64
leads_contest_id_arg(FunctionCallInfo fcinfo, const char *what)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("%s is required", what)));
	return PG_GETARG_INT64(0);
}

/* (registration_id, state, customer_id, lead_id, owner, protected_until, decision_id); ends the call */
Datum
leads_contest_answer(FunctionCallInfo fcinfo, LeadsContest *t, int64 registration_id)
{
	LeadsFrame *f = &t->c->f;
	LeadsMember m;
	Datum		values[7];
	bool		nulls[7] = {false};
	const char *owner = NULL;

	if (leads_member_by_id(f, t->owner_id, &m))
		owner = leads_keep(f, m.code);
	values[0] = Int64GetDatum(registration_id);
	values[2] = Int64GetDatum(t->c->customer.id ? t->c->customer.id : t->hold.customer.id);
	t->a.state = leads_keep(f, t->a.state);
	leads_contest_end(t);
	leads_leave(f);
	values[1] = CStringGetTextDatum(t->a.state);
	values[3] = Int64GetDatum(t->lead_id);
	nulls[3] = t->lead_id == 0;
	nulls[4] = owner == NULL;
	values[4] = owner ? CStringGetTextDatum(owner) : (Datum) 0;
	values[5] = TimestampTzGetDatum(t->protected_until);
	nulls[5] = t->protected_until == LEADS_NO_TIME;
	values[6] = Int64GetDatum(t->decision_id);
	return leads_answer(fcinfo, values, nulls);
}

/* possibly another's: who approves it says that it is not */
static bool
is_beside(const LeadsAttempt *a)
{
	return strcmp(a->state, "queued") == 0 && a->reason && strcmp(a->reason, "register.queued_possible") == 0;
}

/* the one before it is named to who may decide over that, too */
static void
refuse_behind(LeadsContest *t)
{
	LeadsAttempt rival;
	bool		known = leads_attempt_read(&t->c->f, t->a.rival_id, &rival) &&
		leads_contest_reaches(&t->c->f, rival.actor_id, rival.partner_id);

	ereport(ERROR,
			(errcode(LEADS_ERR_WRONG_STATE),
			 known ? errmsg("registration " INT64_FORMAT " waits behind registration " INT64_FORMAT, t->a.id, t->a.rival_id) :
			 errmsg("registration " INT64_FORMAT " waits behind another one", t->a.id),
			 errhint("Decide on that one first, or rule the conflict: leads.raise_conflict(), leads.rule_conflict().")));
}

PG_FUNCTION_INFO_V1(leads_approve_registration);
Datum
leads_approve_registration(PG_FUNCTION_ARGS)
{
	int64		id = leads_contest_id_arg(fcinfo, "registration_id");
	char	   *reason = leads_arg_reason(fcinfo, 1, false);
	char	   *by_member = leads_arg_text(fcinfo, 2);
	LeadsCall  *c = palloc0(sizeof(LeadsCall));
	LeadsContest t;
	LeadsAttemptStep s;
	bool		beside;

	leads_contest_begin(&t, c, "approve", by_member, id, true);
	(void) leads_contest_step(&t, LEADS_ATTEMPT_APPROVE);
	beside = is_beside(&t.a);
	leads_contest_hold(&t, beside);
	s = leads_contest_step(&t, LEADS_ATTEMPT_APPROVE);
	if (t.a.rival_id != 0)
		refuse_behind(&t);
	t.reason = reason ? reason : "approved";
	leads_evidence_add(&c->evidence, "contest", "approved", "contest.approved", 1, psprintf(INT64_FORMAT, id));
	if (reason)
		leads_evidence_add(&c->evidence, "contest", "yes", "contest.reason", 1, reason);
	c->must_hold = true;
	leads_contest_grant(&t, beside);
	if (beside)
		leads_attempt_set_customer(&c->f, id, c->customer.id);
	t.reason = reason;
	leads_contest_move(&t, s.next, "registration");
	if (s.actions & LEADS_ATTEMPT_CLOSE_QUEUE)
		leads_contest_close_queue(&t);
	PG_RETURN_DATUM(leads_contest_answer(fcinfo, &t, id));
}

/* reject or withdraw: nobody gets it by this, the queue moves up */
static Datum
put_down(FunctionCallInfo fcinfo, const char *verb, bool judge)
{
	int64		id = leads_contest_id_arg(fcinfo, "registration_id");
	char	   *reason = leads_arg_reason(fcinfo, 1, judge);
	char	   *by_member = leads_arg_text(fcinfo, 2);
	LeadsCall  *c = palloc0(sizeof(LeadsCall));
	LeadsContest t;
	LeadsAttemptStep s;
	LeadsAttemptEvent event;
	LeadsDecision d = {.kind = verb, .at = LEADS_NO_TIME};

	leads_contest_begin(&t, c, verb, by_member, id, judge);
	/* what is queued was not submitted for approval: turned down, it is another's */
	event = !judge ? LEADS_ATTEMPT_WITHDRAW : t.state == LEADS_ATTEMPT_QUEUED ? LEADS_ATTEMPT_BLOCK : LEADS_ATTEMPT_REJECT;
	(void) leads_contest_step(&t, event);
	leads_contest_hold(&t, false);
	event = !judge ? LEADS_ATTEMPT_WITHDRAW : t.state == LEADS_ATTEMPT_QUEUED ? LEADS_ATTEMPT_BLOCK : LEADS_ATTEMPT_REJECT;
	s = leads_contest_step(&t, event);
	t.reason = reason;
	leads_evidence_add(&c->evidence, "contest", leads_attempt_name(s.next),
					   judge ? "contest.rejected" : "contest.withdrawn", 2, psprintf(INT64_FORMAT, id), reason);
	if (reason && !judge)
		leads_evidence_add(&c->evidence, "contest", "yes", "contest.reason", 1, reason);
	d.verdict = leads_attempt_name(s.next);
	d.customer_id = t.hold.customer.id;
	d.scope = t.a.scope;
	t.decision_id = leads_decision_write(&c->f, &d, &c->evidence);
	leads_contest_move(&t, s.next, "registration");
	if (s.actions & LEADS_ATTEMPT_PROMOTE)
		leads_contest_promote(&t);
	memset(&c->customer, 0, sizeof(c->customer));
	PG_RETURN_DATUM(leads_contest_answer(fcinfo, &t, id));
}

PG_FUNCTION_INFO_V1(leads_reject_registration);
Datum
leads_reject_registration(PG_FUNCTION_ARGS)
{
	return put_down(fcinfo, "reject", true);
}

PG_FUNCTION_INFO_V1(leads_withdraw_registration);
Datum
leads_withdraw_registration(PG_FUNCTION_ARGS)
{
	return put_down(fcinfo, "withdraw", false);
}

static void
read_evidence(FunctionCallInfo fcinfo, int n, LeadsContestPolicy *p)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(n);
	Datum	   *d;
	bool	   *nulls;
	int			count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &d, &nulls, &count);
	p->evidence = 0;
	for (int i = 0; i < count; i++)
	{
		int			bit = nulls[i] ? 0 : leads_contest_proof(VARDATA_ANY(d[i]), VARSIZE_ANY_EXHDR(d[i]));

		if (bit == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("evidence is of contact, need, amount, proof")));
		p->evidence |= bit;
	}
}

PG_FUNCTION_INFO_V1(leads_set_registration);
Datum
leads_set_registration(PG_FUNCTION_ARGS)
{
	char	   *when = leads_arg_text(fcinfo, 1);
	char	   *from = leads_arg_text(fcinfo, 2);
	LeadsFrame	f;
	LeadsPolicy old;
	LeadsContestPolicy p;
	Jsonb	   *body;
	Jsonb	   *part;
	int32		version;

	if (from && strcmp(from, "approval") != 0 && strcmp(from, "submit") != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("protect_from is 'approval' or 'submit'")));
	leads_enter(&f, NULL, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	(void) leads_actor_lookup(&f);
	/* publishers queue before they look, so that two calls do not undo each other */
	leads_lock_gate(&f, true);
	leads_frame_now(&f, LEADS_NO_TIME);
	old = leads_policy_at(&f, "protection", f.now);
	leads_contest_read(old.body, &p);
	if (!PG_ARGISNULL(0))
		p.approval = PG_GETARG_BOOL(0);
	if (when)
		p.when = when[0] ? when : NULL;
	if (from)
		p.from_submit = strcmp(from, "submit") == 0;
	if (!PG_ARGISNULL(3))
		p.queue = PG_GETARG_BOOL(3);
	if (!PG_ARGISNULL(4))
		read_evidence(fcinfo, 4, &p);
	body = old.body ? old.body : DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")));
	body = DatumGetJsonbP(DirectFunctionCall2(jsonb_delete, JsonbPGetDatum(body), CStringGetTextDatum("registration")));
	part = leads_contest_part(&p);
	if (part)
	{
		JsonbParseState *state = NULL;
		JsonbValue	k;
		JsonbValue	v;

		pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		k.type = jbvString;
		k.val.string.val = pstrdup("registration");
		k.val.string.len = strlen(k.val.string.val);
		pushJsonbValue(&state, WJB_KEY, &k);
		JsonbToJsonbValue(part, &v);
		pushJsonbValue(&state, WJB_VALUE, &v);
		part = JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
		body = DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(body), JsonbPGetDatum(part)));
	}
	version = leads_policy_publish(&f, "protection", "", body, LEADS_NO_TIME);
	leads_leave(&f);
	PG_RETURN_INT32(version);
}
