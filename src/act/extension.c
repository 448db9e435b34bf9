/*
 * extension.c - extend(), approve_extension(), refuse_extension(), set_extension().
 *
 * Purpose: move the end of a protection, at once or when a boss agrees.
 * Invariants: days are added to the end that stands, not to the instant of the approval; only a protection that stands is
 * extended; while a request waits the end of the protection is held, for so many working hours of its policy; refused, the
 * deadline is the one that would stand if nobody had asked, but never before the refusal; with the interval the request ends,
 * whatever ends it; nobody decides over an extension of its own.
 * Called by: users.
 */
#include "core/leads.h"

#include "act/corridor.h"
#include "act/deadline.h"
#include "act/extension.h"
#include "act/notice.h"
#include "core/args.h"
#include "core/lock.h"
#include "core/policy.h"
#include "record/anchor.h"
#include "record/extension.h"
#include "record/org.h"
#include "record/outbox.h"

#define MOST_HOLD 1000

static const LeadsMessage messages[] = {
	{"extend.granted", "保护期由 {0} 延至 {1}", "protection moved from {0} to {1}"},
	{"extend.used", "第 {0} 次延期，累计 {1} 天", "extension {0}, {1} days in all"},
	{"extend.reason", "延期原因：{0}", "extended because: {0}"},
	{"extend.asked", "申请延期 {0} 天，待审批", "{0} more days were asked for; a manager decides"},
	{"extend.hold", "到期未批时保留至 {0}", "if nobody decides it is held until {0}"},
	{"extend.approved", "批准延期申请 {0}", "extension {0} is approved"},
	{"extend.refused", "驳回延期申请 {0}：{1}", "extension {0} is refused: {1}"},
	{"extend.back", "按原截止时间 {0}", "the deadline is {0} again"},
	{"extend.gone", "原截止时间 {0} 已过，即时到期", "the deadline was {0}: it lapses now"},
};

void
leads_extension_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

static int64
decide(LeadsFrame *f, const LeadsHold *h, const char *verdict, int32 version, LeadsEvidence *e)
{
	LeadsDecision d = {
		.kind = "extend", .verdict = verdict, .customer_id = h->customer.id, .scope = h->own.scope, .at = LEADS_NO_TIME,
		.protection_version = version
	};

	return leads_decision_write(f, &d, e);
}

static void
record_event(LeadsFrame *f, const LeadsHold *h, const char *kind, int64 decision_id)
{
	LeadsEvent	ev = {
		.kind = kind, .customer_id = h->customer.id, .scope = h->own.scope, .at = LEADS_NO_TIME, .owner_id = h->own.member_id,
		.decision_id = decision_id
	};

	(void) leads_event_write(f, &ev);
}

static void
tell(LeadsFrame *f, const LeadsHold *h, int64 extension_id, int64 member_id, const char *state, int32 days, const char *reason)
{
	if (member_id != 0 && member_id != f->actor_id)
		(void) leads_outbox_write(f, "extension", h->customer.id, psprintf("extension/" INT64_FORMAT "/%s", extension_id, state),
								  member_id, f->now, "extension", psprintf(INT64_FORMAT, extension_id),
								  "customer", psprintf(INT64_FORMAT, h->customer.id), "scope", h->own.scope, "state", state,
								  "days", psprintf("%d", days), "reason", reason, NULL);
}

/* ---------------------------------------------------------------- asked for */

static void
refuse(const LeadsHold *h, const char *detail)
{
	ereport(ERROR,
			(errcode(LEADS_ERR_EXTENSION),
			 errmsg("the protection of customer " INT64_FORMAT " cannot be extended", h->customer.id),
			 errdetail("%s", detail)));
}

static void
need_room(LeadsFrame *f, const LeadsHold *h, const LeadsProtection *p, int32 days)
{
	const LeadsOwnership *o = &h->own;

	if (o->member_id == 0 || o->exempt || o->protected_until == LEADS_NO_TIME)
		refuse(h, "It has no protection period that ends.");
	if (o->extension_id != 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_EXTENSION_WAITS),
				 errmsg("an extension of customer " INT64_FORMAT " waits for approval", h->customer.id),
				 errdetail("It is extension " INT64_FORMAT ".", o->extension_id),
				 errhint("A manager decides: leads.approve_extension(), leads.refuse_extension().")));
	if (o->protected_until <= f->now)
		refuse(h, psprintf("The protection ended at %s.", leads_message_time(f->zone, o->protected_until)));
	if (o->extended_times >= p->extend_times)
		refuse(h, psprintf("It was extended %d times; the policy allows %d.", o->extended_times, p->extend_times));
	if (days > p->extend_days - o->extended_days)
		refuse(h, psprintf("The policy allows %d days in all; %d are left.", p->extend_days,
						   p->extend_days - o->extended_days));
}

/* days to the end that stands; the deadlines follow; returns the decision */
static int64
grant(LeadsFrame *f, LeadsHold *h, const LeadsProtection *p, int32 days, const char *reason, const char *verdict, LeadsEvidence *e)
{
	LeadsOwnership *o = &h->own;
	LeadsProtectionFacts facts;
	TimestampTz old = o->protected_until;
	int64		decision_id;

	leads_anchor_read(f, o, p, NULL, &facts);
	if (leads_protection_end(p, &facts) != old)
	{
		/* a grace had moved the end: that is what the days are added to */
		o->protect_base = leads_protection_extended(p, &facts, old, days);
		o->protect_from = f->now;
	}
	else if (o->protect_base != LEADS_NO_TIME)
		o->protect_base = leads_protection_extended(p, &facts, o->protect_base, days);
	o->extended_times++;
	o->extended_days += days;
	leads_deadline_nominal(o);
	o->next_due_at = leads_deadline_stands(f, o);
	o->extension_id = 0;
	leads_deadline_move(f, o);
	leads_evidence_add(e, "extend", "yes", "extend.granted", 2, leads_message_time(f->zone, old),
					   leads_message_time(f->zone, o->protected_until));
	leads_evidence_add(e, "limit", "yes", "extend.used", 2, psprintf("%d", o->extended_times),
					   psprintf("%d", o->extended_days));
	if (reason)
		leads_evidence_add(e, "extend", "yes", "extend.reason", 1, reason);
	decision_id = decide(f, h, verdict, p->version, e);
	record_event(f, h, "extended", decision_id);
	return decision_id;
}

/* it waits; the end of the protection is held from now on */
static int64
ask(LeadsFrame *f, LeadsHold *h, const LeadsProtection *p, int32 days, const char *reason, LeadsEvidence *e)
{
	LeadsOwnership *o = &h->own;
	LeadsProtectionFacts facts;
	LeadsDeadline d = {.next_due_at = leads_ownership_deadline(o), .due_by = o->due_by};
	int64		decision_id;

	o->extension_id = PG_INT64_MAX;	/* there will be one: the calendar is needed */
	leads_anchor_read(f, o, p, NULL, &facts);
	leads_deadline_nominal(o);
	o->extension_due = o->next_due_at;
	d = leads_protection_hold(p, &facts, d);
	/* from now on the notices are those of the end of the hold */
	if (d.next_due_at != o->next_due_at)
	{
		leads_notice_supersede(f, o, p);
		o->remind_at = d.remind_at;
	}
	o->next_due_at = d.next_due_at;
	o->due_by = d.due_by;
	leads_evidence_add(e, "extend", "pending", "extend.asked", 1, psprintf("%d", days));
	if (o->next_due_at != o->extension_due)
		leads_evidence_add(e, "extend", "pending", "extend.hold", 1, leads_message_time(f->zone, o->next_due_at));
	if (reason)
		leads_evidence_add(e, "extend", "yes", "extend.reason", 1, reason);
	leads_deadline_release(f, o, p);
	decision_id = decide(f, h, "pending", p->version, e);
	o->extension_id = leads_extension_insert(f, o, days, reason, decision_id);
	leads_ownership_update(f, o);
	record_event(f, h, "extension_asked", decision_id);
	tell(f, h, o->extension_id, leads_superior_of(f, o->member_id), "pending", days, reason);
	return decision_id;
}

PG_FUNCTION_INFO_V1(leads_extend);
Datum
leads_extend(PG_FUNCTION_ARGS)
{
	int64		id = leads_arg_id(fcinfo, 0, "customer_id");
	int32		days = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);
	char	   *reason = leads_arg_reason(fcinfo, 2, false);
	char	   *scope = leads_arg_text(fcinfo, 3);
	char	   *by_member = leads_arg_text(fcinfo, 4);
	LeadsFrame	f;
	LeadsHold	h;
	LeadsProtection p;
	LeadsEvidence e;
	Datum		values[5];
	bool		nulls[5] = {false};
	bool		asks;

	if (PG_ARGISNULL(1))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("days is required")));
	if (days <= 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("days must be positive")));
	leads_enter(&f, NULL, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&f, by_member, 0);
	leads_corridor_begin(&f, id, scope, &h);
	leads_corridor_require_owner(&f, &h);
	(void) leads_deadline_rules(&f, &h.own, &p);
	need_room(&f, &h, &p, days);
	/* who may decide over it need not ask; nobody decides over its own */
	asks = p.extend_approval && (h.own.member_id == f.actor_id || !leads_corridor_is_boss_of(&f, &h));
	leads_evidence_begin(&e);
	values[2] = Int64GetDatum(asks ? ask(&f, &h, &p, days, reason, &e) : grant(&f, &h, &p, days, reason, "extended", &e));
	leads_corridor_end(&f, h.customer.id);
	leads_leave(&f);
	values[0] = TimestampTzGetDatum(h.own.protected_until);
	values[1] = TimestampTzGetDatum(h.own.next_due_at);
	nulls[1] = h.own.next_due_at == LEADS_NO_TIME;
	values[3] = CStringGetTextDatum(asks ? "pending" : "extended");
	values[4] = Int64GetDatum(h.own.extension_id);
	nulls[4] = !asks;
	PG_RETURN_DATUM(leads_answer(fcinfo, values, nulls));
}

/* ---------------------------------------------------------------- decided */

/* the request, its customer held, the interval that waits for it; who may not know of it gets LD001 */
static void
find(LeadsFrame *f, int64 id, LeadsExtension *x, LeadsHold *h)
{
	leads_corridor_require_boss(f, "decide over extensions");
	if (!leads_extension_read(f, id, x) ||
		(leads_actor_reach(f) != LEADS_REACH_ALL && !leads_actor_reaches(f, x->owner_id)))
		ereport(ERROR, (errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no extension " INT64_FORMAT, id)));
	if (f->actor_id != 0 && (f->actor_id == x->owner_id || f->actor_id == x->asked_by))
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("nobody decides over an extension of its own")));
	leads_corridor_begin(f, x->customer_id, x->scope, h);
	if (h->has_own && h->own.extension_id == id)
		return;
	(void) leads_extension_read(f, id, x);
	ereport(ERROR,
			(errcode(LEADS_ERR_WRONG_STATE),
			 errmsg("extension " INT64_FORMAT " does not wait any more", id),
			 x->ruling ? errdetail("It is %s.", x->ruling) : errdetail("The ownership that it was asked for has ended.")));
}

static Datum
answer(FunctionCallInfo fcinfo, LeadsFrame *f, const LeadsHold *h, const char *state, int64 decision_id)
{
	Datum		values[5];
	bool		nulls[5] = {false};

	leads_corridor_end(f, h->customer.id);
	leads_leave(f);
	values[0] = CStringGetTextDatum(state);
	values[1] = Int64GetDatum(h->customer.id);
	values[2] = TimestampTzGetDatum(h->own.protected_until);
	nulls[2] = h->own.protected_until == LEADS_NO_TIME;
	values[3] = TimestampTzGetDatum(h->own.next_due_at);
	nulls[3] = h->own.next_due_at == LEADS_NO_TIME;
	values[4] = Int64GetDatum(decision_id);
	return leads_answer(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(leads_approve_extension);
Datum
leads_approve_extension(PG_FUNCTION_ARGS)
{
	int64		id = leads_arg_id(fcinfo, 0, "extension_id");
	char	   *reason = leads_arg_reason(fcinfo, 1, false);
	char	   *by_member = leads_arg_text(fcinfo, 2);
	LeadsFrame	f;
	LeadsHold	h;
	LeadsExtension x;
	LeadsProtection p;
	LeadsEvidence e;
	int64		decision_id;

	leads_enter(&f, NULL, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&f, by_member, 0);
	find(&f, id, &x, &h);
	(void) leads_deadline_rules(&f, &h.own, &p);
	leads_evidence_begin(&e);
	leads_evidence_add(&e, "extend", "approved", "extend.approved", 1, psprintf(INT64_FORMAT, id));
	decision_id = grant(&f, &h, &p, x.days, reason, "approved", &e);
	leads_extension_rule(&f, id, "approved", reason, decision_id);
	tell(&f, &h, id, x.asked_by ? x.asked_by : x.owner_id, "approved", x.days, reason);
	PG_RETURN_DATUM(answer(fcinfo, &f, &h, "approved", decision_id));
}

PG_FUNCTION_INFO_V1(leads_refuse_extension);
Datum
leads_refuse_extension(PG_FUNCTION_ARGS)
{
	int64		id = leads_arg_id(fcinfo, 0, "extension_id");
	char	   *reason = leads_arg_reason(fcinfo, 1, true);
	char	   *by_member = leads_arg_text(fcinfo, 2);
	LeadsFrame	f;
	LeadsHold	h;
	LeadsExtension x;
	LeadsProtection p;
	LeadsEvidence e;
	TimestampTz due;
	bool		held;
	int64		decision_id;

	leads_enter(&f, NULL, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&f, by_member, 0);
	find(&f, id, &x, &h);
	(void) leads_deadline_rules(&f, &h.own, &p);
	due = h.own.extension_due;
	leads_deadline_nominal(&h.own);
	/* only the end of the protection is held; the notices are those of the deadline that is back */
	held = h.own.next_due_at != due;
	if (held)
	{
		h.own.due_by = leads_trigger_name(LEADS_TRIGGER_PROTECTION_END);
		leads_notice_supersede(&f, &h.own, &p);
	}
	h.own.next_due_at = leads_protection_refused(&p, due, f.now, f.zone);
	if (held && h.own.remind_at != LEADS_NO_TIME)
		h.own.remind_at = leads_protection_notice(&p, h.own.next_due_at, leads_notice_after(&h.own), f.zone, NULL);
	h.own.extension_id = 0;
	leads_deadline_release(&f, &h.own, &p);
	leads_ownership_update(&f, &h.own);
	leads_evidence_begin(&e);
	leads_evidence_add(&e, "extend", "refused", "extend.refused", 2, psprintf(INT64_FORMAT, id), reason);
	if (due != LEADS_NO_TIME)
		leads_evidence_add(&e, "extend", "refused", due == leads_ownership_deadline(&h.own) ? "extend.back" : "extend.gone", 1,
						   leads_message_time(f.zone, due));
	decision_id = decide(&f, &h, "refused", p.version, &e);
	record_event(&f, &h, "extension_refused", decision_id);
	leads_extension_rule(&f, id, "refused", reason, decision_id);
	tell(&f, &h, id, x.asked_by ? x.asked_by : x.owner_id, "refused", x.days, reason);
	/* what is over already goes to its pool in this transaction */
	(void) leads_corridor_settle(&f, &h.customer);
	PG_RETURN_DATUM(answer(fcinfo, &f, &h, "refused", decision_id));
}

/* ---------------------------------------------------------------- the rule, in plain arguments */

static void
put(JsonbParseState **state, const char *key, JsonbValue *value)
{
	JsonbValue	k = {.type = jbvString};

	k.val.string.val = unconstify(char *, key);
	k.val.string.len = strlen(key);
	pushJsonbValue(state, WJB_KEY, &k);
	pushJsonbValue(state, WJB_VALUE, value);
}

/* {"extension": {"approval": …, "hold_hours": …}} */
static Jsonb *
part_of(const LeadsProtection *p)
{
	JsonbParseState *state = NULL;
	JsonbValue	key = {.type = jbvString};
	JsonbValue	approval = {.type = jbvBool};
	JsonbValue	hold = {.type = jbvNumeric};

	approval.val.boolean = p->extend_approval;
	hold.val.numeric = int64_to_numeric(p->hold_hours);
	key.val.string.val = pstrdup("extension");
	key.val.string.len = strlen(key.val.string.val);
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	pushJsonbValue(&state, WJB_KEY, &key);
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	put(&state, "approval", &approval);
	put(&state, "hold_hours", &hold);
	pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

PG_FUNCTION_INFO_V1(leads_set_extension);
Datum
leads_set_extension(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	LeadsPolicy policy;
	LeadsProtection p;
	Datum		body;
	int32		version;

	if (!PG_ARGISNULL(1) && (PG_GETARG_INT32(1) < 0 || PG_GETARG_INT32(1) > MOST_HOLD))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("hold_hours is between 0 and %d", MOST_HOLD)));
	leads_enter(&f, NULL, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	(void) leads_actor_lookup(&f);
	/* publishers queue before they look, so that two calls do not undo each other */
	leads_lock_gate(&f, true);
	leads_frame_now(&f, LEADS_NO_TIME);
	policy = leads_policy_at(&f, "protection", f.now);
	leads_protection_read(policy.body, policy.version, 0, &p);
	if (!PG_ARGISNULL(0))
		p.extend_approval = PG_GETARG_BOOL(0);
	if (!PG_ARGISNULL(1))
		p.hold_hours = PG_GETARG_INT32(1);
	body = JsonbPGetDatum(leads_jsonb_or(policy.body, leads_protection_default));
	body = DirectFunctionCall2(jsonb_concat, body, JsonbPGetDatum(part_of(&p)));
	version = leads_policy_publish(&f, "protection", "", DatumGetJsonbP(body), LEADS_NO_TIME);
	leads_leave(&f);
	PG_RETURN_INT32(version);
}
