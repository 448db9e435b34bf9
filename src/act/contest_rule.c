/*
 * contest_rule.c - raise_conflict(), rule_conflict(), override_registration() (撞单仲裁).
 *
 * Purpose: who was blocked or queued may object; a manager rules who keeps the right, or
 * that they are two customers; a manager may let a refused registration through.
 * Invariants: a ruling has an adjudicator who is no party and a reason, both parties are told;
 * it may end an active protection, and then the registration behind that is superseded;
 * a refused registration stays refused, the granted one is a new row linked to it.
 * Called by: users.
 */
#include "core/leads.h"

#include "act/contest.h"
#include "core/args.h"
#include "record/outbox.h"

/* only what was refused or waits behind another can be contested or let through */
static void
need_refused(LeadsContest *t, bool offered)
{
	if (t->state == LEADS_ATTEMPT_BLOCKED || t->state == LEADS_ATTEMPT_QUEUED || (offered && t->state == LEADS_ATTEMPT_OFFERED))
		return;
	ereport(ERROR,
			(errcode(LEADS_ERR_WRONG_STATE),
			 errmsg("registration " INT64_FORMAT " is %s", t->a.id, t->a.state),
			 errhint(offered ? "It can be let through while it is blocked, queued or offered."
					 : "It can be contested while it is blocked or queued.")));
}

/* who stands against it now: the owner, or who waits for approval before it; false: nobody */
static bool
find_holder(LeadsContest *t, LeadsConflict *x)
{
	LeadsAttempt rival;

	memset(x, 0, sizeof(*x));
	if (t->hold.has_own && t->hold.own.member_id != 0)
	{
		x->holder_id = t->hold.own.member_id;
		x->rival_id = t->hold.own.registration_id;
		return true;
	}
	if (leads_attempt_pending(&t->c->f, t->hold.customer.id, t->a.scope, &rival))
	{
		x->holder_id = rival.actor_id;
		x->rival_id = rival.id;
		return true;
	}
	return false;
}

static void
tell(LeadsContest *t, const char *topic, int64 conflict_id, int64 member_id, const char *ruling)
{
	LeadsFrame *f = &t->c->f;

	if (member_id != f->actor_id)
		leads_outbox_write(f, topic, t->hold.customer.id,
						   psprintf("conflict/" INT64_FORMAT "/" INT64_FORMAT, conflict_id, member_id), member_id, f->now,
						   "conflict", psprintf(INT64_FORMAT, conflict_id),
						   "registration", psprintf(INT64_FORMAT, t->a.id), "ruling", ruling, NULL);
}

PG_FUNCTION_INFO_V1(leads_raise_conflict);
Datum
leads_raise_conflict(PG_FUNCTION_ARGS)
{
	int64		id = leads_contest_id_arg(fcinfo, "registration_id");
	char	   *reason = leads_arg_reason(fcinfo, 1, true);
	char	   *by_member = leads_arg_text(fcinfo, 2);
	LeadsCall  *c = palloc0(sizeof(LeadsCall));
	LeadsFrame *f = &c->f;
	LeadsContest t;
	LeadsConflict x;
	LeadsDecision d = {.kind = "conflict", .verdict = "raised", .at = LEADS_NO_TIME};
	Datum		values[2];
	bool		nulls[2] = {false, false};
	int64		conflict;

	leads_contest_begin(&t, c, "conflict", by_member, id, false);
	need_refused(&t, false);
	leads_contest_hold(&t, false);
	need_refused(&t, false);
	if (leads_conflict_open(f, id, &x))
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("registration " INT64_FORMAT " is contested already", id),
				 errdetail("It is conflict " INT64_FORMAT ".", x.id)));
	if (!find_holder(&t, &x))
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("nobody stands against registration " INT64_FORMAT " now", id),
				 errhint("Register it again.")));
	leads_evidence_add(&c->evidence, "contest", "raised", "contest.raised", 2, psprintf(INT64_FORMAT, id), reason);
	d.customer_id = t.hold.customer.id;
	d.scope = t.a.scope;
	d.at = LEADS_NO_TIME;
	t.decision_id = leads_decision_write(f, &d, &c->evidence);
	conflict = leads_conflict_insert(f, &t.a, t.hold.customer.id, &x, reason, t.decision_id);
	tell(&t, "conflict", conflict, leads_superior_of(f, c->partner.id ? c->partner.manager_id : t.a.actor_id), NULL);
	leads_contest_end(&t);
	leads_leave(f);
	values[0] = Int64GetDatum(conflict);
	values[1] = Int64GetDatum(t.decision_id);
	PG_RETURN_DATUM(leads_answer(fcinfo, values, nulls));
}

/* a registration that somebody lost by the ruling: superseded, or rejected if it still waited */
static void
put_down_rival(LeadsContest *t, int64 rival_id, int64 decision_id)
{
	LeadsContest r = *t;
	LeadsAttemptEvent event;

	if (rival_id == 0 || rival_id == t->a.id || !leads_attempt_read(&t->c->f, rival_id, &r.a) ||
		!leads_attempt_state(r.a.state, &r.state))
		return;
	/* an ownership that was claimed or assigned since is not that registration's any more */
	if (r.state == LEADS_ATTEMPT_APPROVED && r.a.partner_id == 0 && r.a.actor_id != t->hold.own.member_id)
		return;
	event = r.state == LEADS_ATTEMPT_PENDING ? LEADS_ATTEMPT_REJECT : LEADS_ATTEMPT_SUPERSEDE;
	if (!leads_attempt_step(r.state, event).allowed)
		return;
	r.decision_id = decision_id;
	r.owner_id = 0;
	leads_contest_move(&r, leads_attempt_step(r.state, event).next, NULL);
}

/* the registrant gets what the holder has; returns the registration that counts */
static int64
give_over(LeadsContest *t, const LeadsConflict *holder)
{
	LeadsCall  *c = t->c;
	LeadsFrame *f = &c->f;
	LeadsMember from = {0};
	LeadsMember to = {0};
	LeadsAttempt rival;
	bool		waited = !(t->hold.has_own && t->hold.own.member_id != 0) && holder->rival_id != 0 &&
		leads_attempt_read(f, holder->rival_id, &rival);
	int64	   *behind = NULL;
	int			n = waited ? leads_attempts_behind(f, rival.id, &behind) : 0;
	int64		granted;

	(void) leads_member_by_id(f, holder->holder_id, &from);
	(void) leads_member_by_id(f, t->a.actor_id, &to);
	leads_evidence_add(&c->evidence, "contest", "superseded", "contest.superseded", 2, from.code, to.code);
	/* the former owner's counter is locked with the others, in one order */
	if (t->hold.has_own && t->hold.own.member_id != 0)
		leads_counter_add(f, t->hold.own.member_id, 0);
	c->end_cause = "assigned";
	c->must_hold = true;
	granted = leads_contest_let_in(t, false);
	put_down_rival(t, holder->rival_id, t->decision_id);
	/* who waited behind the loser lost to the winner */
	for (int i = 0; i < n; i++)
		if (behind[i] != t->a.id)
			leads_attempt_set_rival(f, behind[i], granted);
	if (n > 0)
	{
		LeadsContest w = *t;

		leads_attempt_set_rival(f, t->a.id, 0);
		w.a.id = granted;
		leads_contest_close_queue(&w);
	}
	return granted;
}

PG_FUNCTION_INFO_V1(leads_rule_conflict);
Datum
leads_rule_conflict(PG_FUNCTION_ARGS)
{
	int64		id = leads_contest_id_arg(fcinfo, "conflict_id");
	char	   *winner = leads_arg_text(fcinfo, 1);
	char	   *reason = leads_arg_reason(fcinfo, 2, true);
	char	   *by_member = leads_arg_text(fcinfo, 3);
	LeadsCall  *c = palloc0(sizeof(LeadsCall));
	LeadsFrame *f = &c->f;
	LeadsContest t;
	LeadsConflict x;
	LeadsConflict now;
	LeadsDecision d = {.kind = "conflict", .at = LEADS_NO_TIME};
	int64		granted = 0;
	int64		told;
	bool		both;

	if (winner == NULL)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("winner is required")));
	both = strcmp(winner, "both") == 0;
	if (!both && strcmp(winner, "registrant") != 0 && strcmp(winner, "holder") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("winner is 'registrant', 'holder' or 'both'")));
	leads_contest_open(&t, c, "conflict", by_member);
	if (!leads_conflict_read(f, id, &x) || !leads_attempt_read(f, x.registration_id, &t.a) ||
		!leads_contest_reaches(f, t.a.actor_id, t.a.partner_id))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("there is no conflict " INT64_FORMAT, id)));
	leads_contest_find(&t, x.registration_id);
	leads_contest_need_judge(&t);
	leads_contest_hold(&t, both);
	if (!leads_conflict_read(f, id, &x) || x.ruling)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("conflict " INT64_FORMAT " is ruled already", id)));
	need_refused(&t, false);
	/* whoever holds it now is the party: the right may have changed hands since */
	if (!find_holder(&t, &now))
		now = x;
	if (f->actor_id != 0 && f->actor_id == now.holder_id)
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("nobody rules a conflict of its own")));
	told = now.holder_id ? now.holder_id : x.holder_id;
	t.reason = reason;
	leads_evidence_add(&c->evidence, "contest", winner, "contest.ruled", 1, winner);
	leads_evidence_add(&c->evidence, "contest", "yes", "contest.reason", 1, reason);
	if (both)
		granted = leads_contest_let_in(&t, true);
	else if (strcmp(winner, "registrant") == 0)
		granted = give_over(&t, &now);
	else
	{
		d.verdict = "holder";
		d.customer_id = t.hold.customer.id;
		d.scope = t.a.scope;
		t.decision_id = leads_decision_write(f, &d, &c->evidence);
		if (t.state == LEADS_ATTEMPT_QUEUED)
			leads_contest_move(&t, leads_contest_step(&t, LEADS_ATTEMPT_BLOCK).next, NULL);
	}
	leads_conflict_rule(f, id, winner, reason, granted, t.decision_id);
	tell(&t, "conflict_ruled", id, t.a.actor_id, winner);
	if (told != 0 && told != t.a.actor_id)
		tell(&t, "conflict_ruled", id, told, winner);
	PG_RETURN_DATUM(leads_contest_answer(fcinfo, &t, granted ? granted : t.a.id));
}

PG_FUNCTION_INFO_V1(leads_override_registration);
Datum
leads_override_registration(PG_FUNCTION_ARGS)
{
	int64		id = leads_contest_id_arg(fcinfo, "registration_id");
	char	   *reason = leads_arg_reason(fcinfo, 1, true);
	char	   *by_member = leads_arg_text(fcinfo, 2);
	LeadsCall  *c = palloc0(sizeof(LeadsCall));
	LeadsContest t;
	int64		granted;

	leads_contest_begin(&t, c, "override", by_member, id, true);
	need_refused(&t, true);
	leads_contest_hold(&t, true);
	need_refused(&t, true);
	t.reason = reason;
	leads_evidence_add(&c->evidence, "contest", "override", "contest.override", 1, reason);
	c->must_hold = true;
	granted = leads_contest_let_in(&t, true);
	PG_RETURN_DATUM(leads_contest_answer(fcinfo, &t, granted));
}
