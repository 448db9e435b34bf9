/*
 * staff.c - people come and go: set_availability(), transfer_all(), deactivate_member().
 *
 * Purpose: say when a member is away; hand over everything that a member holds, to
 * one member, to a pool, or through the rules; end a member's rights and hand over.
 * Invariants: customers are locked in ascending order, all of them before any ring or
 * counter; what a call hands over is decided in one lock hold; a lapse that is due is
 * written before, and is not handed over; a member that was deactivated receives
 * nothing from that commit on: whoever gives it something meanwhile is told to try
 * again, and what came before the end and was not seen makes this call try again, so
 * that nothing stays behind; a call that is broken off leaves nothing done, a call
 * that moved its most is simply called again.
 * Called by: managers (within their team) and administrators; a member for its own absence.
 */
#include "core/leads.h"

#include "utils/tuplestore.h"

#include "act/assign.h"
#include "act/deadline.h"
#include "act/reroute.h"
#include "act/staff.h"
#include "core/args.h"
#include "core/lock.h"
#include "decide/routing.h"

#define MOST 10000
#define COLUMNS 5

static const LeadsMessage messages[] = {
	{"transfer.from", "由 {0} 移交", "handed over by {0}"},
	{"transfer.left", "{0} 于 {1} 离职", "{0} left at {1}"},
	{"transfer.reason", "移交原因：{0}", "handed over because: {0}"},
	{"transfer.to", "移交给 {0}", "handed over to {0}"},
	{"staff.left", "{0} 的权限自 {1} 起终止", "the rights of {0} end at {1}"},
};

LEADS_QUERY(q_held, "li",
			"SELECT o.customer_id, o.scope FROM @.ownership o"
			" WHERE coalesce(o.member_id, 0) = $1 AND o.until IS NULL ORDER BY o.customer_id, o.scope LIMIT $2");
LEADS_QUERY(q_some_left, "lz",
			"SELECT FROM @.ownership o WHERE coalesce(o.member_id, 0) = $1 AND o.until IS NULL"
			"   AND (o.next_due_at IS NULL OR o.next_due_at > $2) LIMIT 1");
LEADS_QUERY(q_lock_member, "l", "SELECT FROM @.member m WHERE m.id = $1 FOR NO KEY UPDATE");
LEADS_QUERY(q_leave, "lz", "UPDATE @.member SET left_at = $2 WHERE id = $1");
LEADS_QUERY(q_absences, "lzZ",
			"SELECT a.id, a.since, a.until, a.kind FROM @.absence a"
			" WHERE a.member_id = $1 AND (a.until IS NULL OR a.until > $2) AND ($3 IS NULL OR a.since < $3) ORDER BY a.since");
LEADS_QUERY(q_absence_drop, "l", "DELETE FROM @.absence WHERE id = $1");
LEADS_QUERY(q_absence_add, "lzZtLz",
			"INSERT INTO @.absence (member_id, since, until, kind, actor_id, recorded_at)"
			" VALUES ($1, $2, $3, $4, $5, $6) RETURNING id");

typedef struct HandAll
{
	LeadsFrame	f;
	LeadsMember from;
	bool		left;			/* it leaves the company */
	const char *hand_to;
	const char *reason;
	int32		most;
	bool		force;
	bool		inherit;
	int			n;				/* intervals to hand over */
	LeadsHold  *holds;			/* ascending */
	bool		full;			/* there may be more */
} HandAll;

void
leads_staff_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

/* a member that the actor may decide about; one beyond its reach is as one that is not there; LD001, LD005 */
static void
find_member(LeadsFrame *f, const char *code, LeadsMember *m)
{
	if (code == NULL)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("member is required")));
	if (!leads_member_by_code(f, code, m) || !leads_actor_reaches(f, m->id))
		ereport(ERROR, (errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no member \"%s\"", code)));
}

/*
 * Absences.
 */

static void
clear_absences(LeadsFrame *f, int64 member_id, TimestampTz since, TimestampTz until)
{
	LeadsResult r = leads_run(&q_absences, member_id, since, until);
	LeadsResult latest = leads_run_latest(&q_absences, member_id, since, until);
	bool		seen = latest.n == r.n;

	/* above READ COMMITTED: what somebody entered after the snapshot is there, but not to be seen */
	for (uint64 i = 0; seen && i < r.n; i++)
		seen = leads_int(&latest, i, 1) == leads_int(&r, i, 1);
	if (!seen)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("an absence of the member was entered meanwhile"),
				 errhint("Retry the transaction.")));
	for (uint64 i = 0; i < r.n; i++)
	{
		TimestampTz from = leads_time(&r, i, 2);
		TimestampTz to = leads_time(&r, i, 3);
		char	   *kind = leads_text(&r, i, 4);

		leads_run(&q_absence_drop, leads_int(&r, i, 1));
		if (from < since)
			leads_run(&q_absence_add, member_id, from, since, kind, f->actor_id, f->now);
		if (until != LEADS_NO_TIME && (to == LEADS_NO_TIME || to > until))
			leads_run(&q_absence_add, member_id, until, to, kind, f->actor_id, f->now);
	}
}

PG_FUNCTION_INFO_V1(leads_set_availability);
Datum
leads_set_availability(PG_FUNCTION_ARGS)
{
	static const char *const kinds[] = {"available", "leave", "sick", "travel", "training", "other"};
	char	   *code = leads_arg_text(fcinfo, 0);
	TimestampTz until = PG_ARGISNULL(2) ? LEADS_NO_TIME : PG_GETARG_TIMESTAMPTZ(2);
	char	   *kind = PG_ARGISNULL(3) ? "leave" : leads_arg_text(fcinfo, 3);
	char	   *by_member = leads_arg_text(fcinfo, 4);
	TimestampTz since;
	bool		known = false;
	bool		counts;
	LeadsFrame	f;
	LeadsMember m;
	int64		id = 0;

	for (int i = 0; i < lengthof(kinds); i++)
		known |= strcmp(kinds[i], kind) == 0;
	if (!known)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("kind is available, leave, sick, travel, training or other")));
	leads_enter(&f, NULL, LEADS_PROFILE_WORKER & ~LEADS_PROFILE_PARTNER);
	leads_actor_resolve(&f, by_member, 0);
	find_member(&f, code, &m);
	/* a leave may stop clocks: the rules, then the member */
	counts = leads_deadline_leave_counts(&f);
	if (counts)
		leads_lock_rules(&f, true);
	/* two calls for one member queue here */
	leads_run(&q_lock_member, m.id);
	leads_frame_now(&f, LEADS_NO_TIME);
	since = PG_ARGISNULL(1) ? f.now : PG_GETARG_TIMESTAMPTZ(1);
	if (TIMESTAMP_NOT_FINITE(since) || (!PG_ARGISNULL(2) && (TIMESTAMP_NOT_FINITE(until) || until <= since)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("an absence ends after it begins")));
	clear_absences(&f, m.id, since, until);
	if (strcmp(kind, "available") != 0)
	{
		LeadsResult r = leads_run(&q_absence_add, m.id, since, until, kind, f.actor_id, f.now);

		id = leads_int(&r, 0, 1);
	}
	if (counts)
		leads_deadline_leave(&f, m.id);
	leads_leave(&f);
	if (id == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(id);
}

/*
 * Hand-over.
 */

/* lock all, ascending, settle, and keep what the member holds still */
static void
hold_all(HandAll *c)
{
	LeadsFrame *f = &c->f;
	LeadsResult r = leads_run(&q_held, c->from.id, (int) c->most);
	int			n = (int) r.n;
	int64	   *ids = palloc(sizeof(int64) * Max(n, 1));
	LeadsHold  *customers = palloc0(sizeof(LeadsHold) * Max(n, 1));
	LeadsHold **holds = palloc(sizeof(LeadsHold *) * Max(n, 1));
	int			ncustomers = 0;

	c->holds = palloc0(sizeof(LeadsHold) * Max(n, 1));
	c->n = 0;
	c->full = n == c->most;
	for (int i = 0; i < n; i++)
		if (i == 0 || leads_int(&r, i, 1) != leads_int(&r, i - 1, 1))
		{
			ids[ncustomers] = leads_int(&r, i, 1);
			holds[ncustomers] = &customers[ncustomers];
			ncustomers++;
		}
	leads_corridor_begin_all(f, ids, ncustomers, "", holds);
	for (int i = 0, k = 0; i < n; i++)
	{
		LeadsHold  *h = &c->holds[c->n];

		while (ids[k] != leads_int(&r, i, 1))
			k++;
		/* merged meanwhile: what it held is the survivor's, which is locked in its place; come again */
		if (customers[k].customer.id != ids[k])
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("a customer to hand over was merged meanwhile"),
					 errhint("Retry the transaction.")));
		h->customer = customers[k].customer;
		h->has_own = leads_ownership_open(f, ids[k], leads_text(&r, i, 2), &h->own);
		/* lapsed, or given away while we waited */
		if (h->has_own && h->own.member_id == c->from.id)
			c->n++;
	}
	for (int k = 0; k < ncustomers; k++)
		leads_customer_touch(f, ids[k]);
}

static int64
decide(HandAll *c, const LeadsHold *h, LeadsEvidence *e, const char *verdict, int32 routing_version)
{
	LeadsDecision d;

	memset(&d, 0, sizeof(d));
	d.kind = "transfer";
	d.verdict = verdict;
	d.customer_id = h->customer.id;
	d.scope = h->own.scope;
	d.at = LEADS_NO_TIME;
	d.routing_version = routing_version;
	return leads_decision_write(&c->f, &d, e);
}

static void
begin_evidence(HandAll *c, LeadsEvidence *e)
{
	leads_evidence_begin(e);
	if (c->left)
		leads_evidence_add(e, "transfer", "yes", "transfer.left", 2, c->from.code,
						   leads_message_time(c->f.zone, c->from.left_at));
	else
		leads_evidence_add(e, "transfer", "yes", "transfer.from", 1, c->from.code);
	if (c->reason)
		leads_evidence_add(e, "transfer", "yes", "transfer.reason", 1, c->reason);
}

static void
put_row(ReturnSetInfo *rsi, const LeadsHold *h, const char *owner, const char *pool)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};

	values[0] = Int64GetDatum(h->customer.id);
	values[1] = CStringGetTextDatum(h->own.scope);
	nulls[2] = owner == NULL;
	values[2] = owner ? CStringGetTextDatum(owner) : (Datum) 0;
	nulls[3] = pool == NULL;
	values[3] = pool ? CStringGetTextDatum(pool) : (Datum) 0;
	values[4] = Int64GetDatum(h->own.decision_id);
	tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
}

static void
move(HandAll *c, LeadsHold *h, int64 member_id, int64 pool_id, bool routed, int64 decision_id, ReturnSetInfo *rsi)
{
	LeadsHandOver o = {
		.member_id = member_id, .pool_id = pool_id, .decision_id = decision_id, .inherit = c->inherit, .reason = c->reason
	};
	LeadsMember m;
	LeadsPool	p;

	o.cause = member_id == 0 ? "pooled" : routed ? "routed" : "assigned";
	o.end_cause = c->left ? "left" : member_id == 0 ? "moved" : routed ? "routed" : "assigned";
	o.event = member_id == 0 ? "pooled" : routed ? "owned" : "assigned";
	leads_hand_over(&c->f, h, &o);
	put_row(rsi, h, leads_member_by_id(&c->f, member_id, &m) ? m.code : NULL,
			leads_pool_by_id(&c->f, pool_id, &p) ? p.code : NULL);
}

/* what one hand-over reads and writes goes with it: thousands in one frame would pile up */
static void
begin_step(void)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

static void
by_rules(HandAll *c, ReturnSetInfo *rsi)
{
	LeadsRouteRequest *req = palloc0(sizeof(LeadsRouteRequest) * Max(c->n, 1));
	LeadsRouteResult *to = palloc0(sizeof(LeadsRouteResult) * Max(c->n, 1));
	LeadsEvidence *e = palloc0(sizeof(LeadsEvidence) * Max(c->n, 1));

	for (int i = 0; i < c->n; i++)
	{
		leads_reroute_request(&c->f, &c->holds[i], &req[i]);
		req[i].exclude_id = c->from.id;
		begin_evidence(c, &e[i]);
	}
	leads_route_decide_all(&c->f, c->n, req, e, to);
	for (int i = 0; i < c->n; i++)
	{
		begin_step();
		move(c, &c->holds[i], to[i].member_id, to[i].pool_id, strcmp(to[i].cause, "routed") == 0,
			 decide(c, &c->holds[i], &e[i], to[i].member_id ? "routed" : "pooled", to[i].routing_version), rsi);
		SPI_finish();
	}
}

static void
to_target(HandAll *c, LeadsTargetKind kind, const char *code, ReturnSetInfo *rsi)
{
	LeadsFrame *f = &c->f;
	LeadsMember m = {0};
	LeadsPool	p = {0};
	LeadsEvidence checked;

	leads_evidence_begin(&checked);
	if (kind == LEADS_TARGET_POOL)
		leads_corridor_pool(f, code, 0, &p);
	if (kind == LEADS_TARGET_MEMBER)
	{
		find_member(f, code, &m);
		if (m.id == c->from.id)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a member cannot hand over to itself")));
		leads_assign_check(f, &m, c->n, c->force, &checked);
	}
	for (int i = 0; i < c->n; i++)
	{
		LeadsEvidence e;

		begin_step();
		begin_evidence(c, &e);
		leads_evidence_add(&e, "transfer", "yes", "transfer.to", 1, c->hand_to);
		move(c, &c->holds[i], m.id, p.id, false,
			 decide(c, &c->holds[i], &e, m.id ? "assigned" : "pooled", 0), rsi);
		SPI_finish();
	}
}

static void
hand_over_all(HandAll *c, ReturnSetInfo *rsi)
{
	LeadsTargetKind kind = LEADS_TARGET_OWNER;
	const char *code = NULL;

	if (strcmp(c->hand_to, "rules") != 0 &&
		(!leads_routing_target(c->hand_to, &kind, &code) ||
		 (kind != LEADS_TARGET_MEMBER && kind != LEADS_TARGET_POOL)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("hand_to is member:… or pool:… with a code, or rules")));
	hold_all(c);
	c->inherit = leads_assign_inherits(&c->f, NULL);
	/* its counter will be written: it takes its place in the order of locks */
	leads_counter_add(&c->f, c->from.id, 0);
	if (strcmp(c->hand_to, "rules") == 0)
		by_rules(c, rsi);
	else
		to_target(c, kind, code, rsi);
	leads_counters_flush(&c->f);
}

static void
common_args(HandAll *c, FunctionCallInfo fcinfo, int hand_to, int reason, int most)
{
	c->hand_to = PG_ARGISNULL(hand_to) ? "rules" : leads_arg_text(fcinfo, hand_to);
	c->reason = leads_arg_reason(fcinfo, reason, true);
	c->most = PG_ARGISNULL(most) ? 5000 : PG_GETARG_INT32(most);
	if (c->most < 1 || c->most > MOST)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("most is between 1 and %d", MOST)));
	InitMaterializedSRF(fcinfo, 0);
}

PG_FUNCTION_INFO_V1(leads_transfer_all);
Datum
leads_transfer_all(PG_FUNCTION_ARGS)
{
	HandAll    *c = palloc0(sizeof(HandAll));

	common_args(c, fcinfo, 1, 2, 3);
	c->force = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4);
	leads_enter(&c->f, NULL, LEADS_PROFILE_BOSS | LEADS_PROFILE_APP);
	leads_actor_resolve(&c->f, leads_arg_text(fcinfo, 5), 0);
	leads_corridor_require_boss(&c->f, "hand over what members hold");
	find_member(&c->f, leads_arg_text(fcinfo, 0), &c->from);
	hand_over_all(c, (ReturnSetInfo *) fcinfo->resultinfo);
	leads_leave(&c->f);
	return (Datum) 0;
}

/* the end of its rights, once; a decision of its own says who ended them */
static void
end_rights(HandAll *c, TimestampTz left_at)
{
	LeadsFrame *f = &c->f;
	LeadsEvidence e;
	LeadsDecision d;

	/* as a direct change of left_at does: the rules, then the member */
	leads_lock_rules(f, true);
	leads_run(&q_lock_member, c->from.id);
	if (!leads_member_by_id(f, c->from.id, &c->from))
		elog(ERROR, "no member " INT64_FORMAT, c->from.id);
	leads_frame_now(f, LEADS_NO_TIME);
	/* called again to hand over the rest: the instant stands */
	if (left_at == LEADS_NO_TIME && c->from.left_at != LEADS_NO_TIME && c->from.left_at <= f->now)
		return;
	if (left_at == LEADS_NO_TIME)
		left_at = f->now;
	if (left_at == c->from.left_at)
		return;
	leads_run(&q_leave, c->from.id, left_at);
	c->from.left_at = left_at;
	leads_evidence_begin(&e);
	leads_evidence_add(&e, "staff", "yes", "staff.left", 2, c->from.code, leads_message_time(f->zone, left_at));
	leads_evidence_add(&e, "staff", "yes", "transfer.reason", 1, c->reason);
	memset(&d, 0, sizeof(d));
	d.kind = "deactivate";
	d.verdict = "left";
	d.at = LEADS_NO_TIME;
	(void) leads_decision_write(f, &d, &e);
}

PG_FUNCTION_INFO_V1(leads_deactivate_member);
Datum
leads_deactivate_member(PG_FUNCTION_ARGS)
{
	HandAll    *c = palloc0(sizeof(HandAll));
	LeadsFrame *f = &c->f;

	common_args(c, fcinfo, 1, 2, 4);
	c->left = true;
	leads_enter(f, NULL, LEADS_PROFILE_BOSS | LEADS_PROFILE_APP);
	leads_actor_resolve(f, leads_arg_text(fcinfo, 5), 0);
	leads_corridor_require_boss(f, "hand over what members hold");
	find_member(f, leads_arg_text(fcinfo, 0), &c->from);
	if (c->from.id == f->actor_id)
		ereport(ERROR, (errcode(LEADS_ERR_NO_RIGHT), errmsg("nobody deactivates itself")));
	if (!PG_ARGISNULL(3) && TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMPTZ(3)))
		ereport(ERROR, (errcode(LEADS_ERR_BAD_DATE), errmsg("left_at is no instant")));
	end_rights(c, PG_ARGISNULL(3) ? LEADS_NO_TIME : PG_GETARG_TIMESTAMPTZ(3));
	/* until then it works on what it holds */
	if (c->from.left_at <= f->now)
	{
		hand_over_all(c, (ReturnSetInfo *) fcinfo->resultinfo);
		leads_counter_close(f, c->from.id);
		/* what was given to it before it was closed, and came after we looked */
		if (!c->full && leads_found(leads_run_latest(&q_some_left, c->from.id, f->now)))
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("member \"%s\" received customers meanwhile", c->from.code),
					 errhint("Retry the transaction.")));
	}
	leads_leave(f);
	return (Datum) 0;
}
