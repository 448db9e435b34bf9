/*
 * pause.c - pauses of one customer, ends of contracts, locks.
 *
 * Purpose: pause(), resume(), set_contract(), lock_customer(), unlock_customer().
 * Invariants: clocks are stopped from now on or later, never back, so nothing that lapsed comes back; the deadlines move
 * in the same transaction; a lock counts against the quota of the owner, under the lock of its counter; what no
 * longer is exempt gets the grace of its policy.
 * Called by: users.
 */
#include "core/leads.h"

#include "access/htup_details.h"
#include "mb/pg_wchar.h"

#include "act/assign.h"
#include "act/corridor.h"
#include "act/deadline.h"
#include "act/pause.h"
#include "core/args.h"
#include "record/anchor.h"
#include "record/lead_edit.h"
#include "record/org.h"

#define MOST_DAYS 3650
#define MOST_CONTRACT INT64CONST(36525)	/* days */

static const LeadsMessage messages[] = {
	{"pause.made", "{0} 至 {1} 暂停计时", "clocks stand still from {0} to {1}"},
	{"pause.ended", "自 {0} 恢复计时", "clocks go on from {0}"},
	{"pause.reason", "原因：{0}", "because: {0}"},
	{"contract.set", "合同到期日 {0}", "the contract ends at {0}"},
	{"contract.none", "没有合同", "there is no contract"},
	{"lock.locked", "已锁定，占用 {0}/{1}", "locked: {0} of {1}"},
	{"lock.unlocked", "已解锁", "unlocked"},
};

LEADS_QUERY(q_next, "l",
			"SELECT min(o.next_due_at) FROM @.ownership o WHERE o.customer_id = $1 AND o.until IS NULL AND o.member_id IS NOT NULL");
LEADS_QUERY(q_running, "lz",
			"SELECT p.id, p.since FROM @.pause p WHERE p.customer_id ="
			"  ANY (ARRAY(SELECT $1 UNION ALL SELECT c.id FROM @.customer c WHERE c.merged_into = $1))"
			"   AND p.until > $2 AND p.until > p.since ORDER BY p.id");
LEADS_QUERY(q_locked, "l",
			"SELECT count(*) FROM @.ownership o WHERE coalesce(o.member_id, 0) = $1 AND o.until IS NULL AND o.exempt = 'locked'");

void
leads_pause_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

static void
enter(FunctionCallInfo fcinfo, LeadsFrame *f, int by_member, bool boss)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("customer_id is required")));
	leads_enter(f, NULL, boss ? LEADS_PROFILE_BOSS | LEADS_PROFILE_APP : LEADS_PROFILE_WORKER);
	leads_actor_resolve(f, PG_ARGISNULL(by_member) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(by_member)), 0);
	if (boss)
		leads_corridor_require_boss(f, "stop or set the clocks of a customer");
}

static int64
decide(LeadsFrame *f, const LeadsHold *h, const char *kind, const char *verdict, LeadsEvidence *e, const char *reason)
{
	LeadsDecision d;

	if (reason)
		leads_evidence_add(e, kind, "yes", "pause.reason", 1, reason);
	memset(&d, 0, sizeof(d));
	d.kind = kind;
	d.verdict = verdict;
	d.customer_id = h->customer.id;
	d.scope = h->own.scope;
	d.at = LEADS_NO_TIME;
	return leads_decision_write(f, &d, e);
}

static void
record_event(LeadsFrame *f, const LeadsHold *h, const char *kind, int64 decision_id)
{
	LeadsEvent	ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.customer_id = h->customer.id;
	ev.scope = h->own.scope;
	ev.at = LEADS_NO_TIME;
	ev.owner_id = h->own.member_id;
	ev.pool_id = h->own.pool_id;
	ev.decision_id = decision_id;
	(void) leads_event_write(f, &ev);
}

/* the answer: one number if there is one, the next deadline of the customer, the decision */
static Datum
finish(FunctionCallInfo fcinfo, LeadsFrame *f, const LeadsHold *h, bool counted, Datum number, int64 decision_id)
{
	Datum		values[3];
	bool		nulls[3] = {false, false, false};
	LeadsResult r;
	TimestampTz due;
	int			n = 0;

	leads_corridor_end(f, h->customer.id);
	r = leads_run(&q_next, h->customer.id);
	due = leads_time(&r, 0, 1);
	leads_leave(f);
	if (counted)
		values[n++] = number;
	values[n] = TimestampTzGetDatum(due);
	nulls[n++] = due == LEADS_NO_TIME;
	values[n] = Int64GetDatum(decision_id);
	nulls[n] = decision_id == 0;
	return leads_answer(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(leads_pause);
Datum
leads_pause(PG_FUNCTION_ARGS)
{
	char	   *reason = leads_arg_reason(fcinfo, 3, false);
	LeadsFrame	f;
	LeadsHold	h;
	LeadsPause	p;
	LeadsEvidence e;
	int64		decision_id;
	int64		id;

	if (PG_ARGISNULL(1))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("until is required")));
	enter(fcinfo, &f, 4, true);
	leads_corridor_begin(&f, PG_GETARG_INT64(0), "", &h);
	leads_corridor_require_whole(&f, &h);
	p.customer_id = h.customer.id;
	p.since = PG_ARGISNULL(2) ? f.now : PG_GETARG_TIMESTAMPTZ(2);
	p.until = PG_GETARG_TIMESTAMPTZ(1);
	if (p.since < f.now)
		ereport(ERROR,
				(errcode(LEADS_ERR_BAD_DATE), errmsg("clocks cannot be stopped in the past"),
				 errdetail("The pause would begin at %s.", timestamptz_to_str(p.since))));
	if (TIMESTAMP_NOT_FINITE(p.until) || p.until <= p.since || p.until - p.since > MOST_DAYS * USECS_PER_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a pause ends after it begins, at most %d days later", MOST_DAYS)));
	leads_evidence_begin(&e);
	leads_evidence_add(&e, "pause", "yes", "pause.made", 2, leads_message_time(f.zone, p.since),
					   leads_message_time(f.zone, p.until));
	decision_id = decide(&f, &h, "pause", "paused", &e, reason);
	id = leads_pause_insert(&f, &p, reason, decision_id);
	record_event(&f, &h, "paused", decision_id);
	(void) leads_deadline_customer(&f, h.customer.id, NULL, decision_id);
	PG_RETURN_DATUM(finish(fcinfo, &f, &h, true, Int64GetDatum(id), decision_id));
}

PG_FUNCTION_INFO_V1(leads_resume);
Datum
leads_resume(PG_FUNCTION_ARGS)
{
	char	   *reason = leads_arg_reason(fcinfo, 1, false);
	LeadsFrame	f;
	LeadsHold	h;
	LeadsEvidence e;
	LeadsResult r;
	int64		decision_id = 0;

	enter(fcinfo, &f, 2, true);
	leads_corridor_begin(&f, PG_GETARG_INT64(0), "", &h);
	leads_corridor_require_whole(&f, &h);
	r = leads_run(&q_running, h.customer.id, f.now);
	if (r.n > 0)
	{
		leads_evidence_begin(&e);
		leads_evidence_add(&e, "resume", "yes", "pause.ended", 1, leads_message_time(f.zone, f.now));
		decision_id = decide(&f, &h, "resume", "resumed", &e, reason);
		/* one that has not begun is taken back */
		for (uint64 i = 0; i < r.n; i++)
			leads_pause_end(&f, leads_int(&r, i, 1), Max(f.now, leads_time(&r, i, 2)));
		record_event(&f, &h, "resumed", decision_id);
		(void) leads_deadline_customer(&f, h.customer.id, NULL, decision_id);
	}
	PG_RETURN_DATUM(finish(fcinfo, &f, &h, true, Int32GetDatum((int32) r.n), decision_id));
}

PG_FUNCTION_INFO_V1(leads_set_contract);
Datum
leads_set_contract(PG_FUNCTION_ARGS)
{
	char	   *reason = leads_arg_reason(fcinfo, 2, false);
	char	   *scope = PG_ARGISNULL(3) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(3));
	TimestampTz ends_at = PG_ARGISNULL(1) ? LEADS_NO_TIME : PG_GETARG_TIMESTAMPTZ(1);
	LeadsFrame	f;
	LeadsHold	h;
	LeadsEvidence e;
	int64		decision_id;

	if (!PG_ARGISNULL(1) && TIMESTAMP_NOT_FINITE(ends_at))
		ereport(ERROR, (errcode(LEADS_ERR_BAD_DATE), errmsg("ends_at is no instant")));
	enter(fcinfo, &f, 4, true);
	leads_corridor_begin(&f, PG_GETARG_INT64(0), scope, &h);
	leads_assign_require(&f, &h);
	/* a span after it must be an instant, too: else no policy that counts from it could be applied to anybody */
	if (ends_at != LEADS_NO_TIME && ends_at > f.now && ends_at - f.now > MOST_CONTRACT * USECS_PER_DAY)
		ereport(ERROR,
				(errcode(LEADS_ERR_BAD_DATE), errmsg("the contract ends more than a hundred years from now")));
	leads_evidence_begin(&e);
	if (ends_at != LEADS_NO_TIME)
		leads_evidence_add(&e, "contract", "yes", "contract.set", 1, leads_message_time(f.zone, ends_at));
	else
		leads_evidence_add(&e, "contract", "no", "contract.none", 0);
	decision_id = decide(&f, &h, "contract", ends_at != LEADS_NO_TIME ? "set" : "none", &e, reason);
	leads_contract_insert(&f, h.customer.id, scope, ends_at, reason, decision_id);
	record_event(&f, &h, "contract", decision_id);
	leads_deadline_touch(&f, &h.own, LEADS_NEED_CONTRACT);
	PG_RETURN_DATUM(finish(fcinfo, &f, &h, false, (Datum) 0, decision_id));
}

/* the owner may lock so many; LD044 */
static void
check_quota(LeadsFrame *f, LeadsHold *h, LeadsEvidence *e)
{
	LeadsProtection p;
	LeadsResult r;
	int64		locked;

	(void) leads_deadline_rules(f, &h->own, &p);
	leads_counters_lock(f, h->own.member_id);
	r = leads_run_latest(&q_locked, h->own.member_id);
	locked = leads_int(&r, 0, 1);
	if (locked >= p.lock_quota)
		ereport(ERROR,
				(errcode(LEADS_ERR_LOCK_QUOTA),
				 errmsg("no further customer can be locked"),
				 errdetail("The policy allows %d locked customers for one member.", p.lock_quota),
				 errhint("Unlock another one with leads.unlock_customer().")));
	leads_evidence_add(e, "lock", "yes", "lock.locked", 2, psprintf(INT64_FORMAT, locked + 1), psprintf("%d", p.lock_quota));
}

static Datum
change_lock(FunctionCallInfo fcinfo, bool lock)
{
	char	   *reason = leads_arg_reason(fcinfo, 1, false);
	char	   *scope = PG_ARGISNULL(2) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(2));
	LeadsFrame	f;
	LeadsHold	h;
	LeadsEvidence e;
	int64		decision_id = 0;
	bool		locked;

	enter(fcinfo, &f, 3, false);
	leads_corridor_begin(&f, PG_GETARG_INT64(0), scope, &h);
	leads_corridor_require_owner(&f, &h);
	if (!h.has_own || h.own.member_id == 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE), errmsg("customer " INT64_FORMAT " is in nobody's hands", h.customer.id)));
	locked = h.own.exempt && strcmp(h.own.exempt, "locked") == 0;
	if (lock && h.own.exempt && !locked)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE), errmsg("customer " INT64_FORMAT " does not lapse: it is won", h.customer.id)));
	if (lock != locked)
	{
		leads_evidence_begin(&e);
		if (lock)
			check_quota(&f, &h, &e);
		else
			leads_evidence_add(&e, "lock", "no", "lock.unlocked", 0);
		h.own.exempt = lock ? "locked" : leads_lead_other_won(&f, h.customer.id, h.own.scope, 0) ? "won" : NULL;
		decision_id = decide(&f, &h, lock ? "lock" : "unlock", lock ? "locked" : "unlocked", &e, reason);
		leads_deadline_move(&f, &h.own);
		record_event(&f, &h, lock ? "locked" : "unlocked", decision_id);
	}
	return finish(fcinfo, &f, &h, false, (Datum) 0, decision_id);
}

PG_FUNCTION_INFO_V1(leads_lock_customer);
Datum
leads_lock_customer(PG_FUNCTION_ARGS)
{
	return change_lock(fcinfo, true);
}

PG_FUNCTION_INFO_V1(leads_unlock_customer);
Datum
leads_unlock_customer(PG_FUNCTION_ARGS)
{
	return change_lock(fcinfo, false);
}
