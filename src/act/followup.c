/*
 * followup.c - the verb log_activity.
 *
 * Purpose: write down what was done for a lead; an effective follow-up moves the
 * owner's deadline; one that happened before the lapse and is entered after it gives
 * the customer back, where the policy has a grace for it.
 * Invariants: nothing that was logged is lost: what does not count is kept with the
 * reason; the owner's right is judged at the instant after the lock, so that a
 * follow-up one microsecond before the deadline counts and one at the deadline is
 * refused; the anchor only moves forward; a late entry gives back what nobody else got
 * meanwhile, with the deadline that it would have had, from now on: what was true between
 * stays true.
 * Called by: users; access/face (view followup).
 */
#include "core/leads.h"

#include "mb/pg_wchar.h"

#include "act/assign.h"
#include "act/corridor.h"
#include "act/deadline.h"
#include "act/followup.h"
#include "core/policy.h"
#include "decide/pipeline.h"
#include "record/lead.h"
#include "record/lead_edit.h"
#include "record/org.h"

#define NOTE_MAX 8000
#define SECONDS_MAX 86400

static const LeadsMessage messages[] = {
	{"followup.effective", "有效跟进：{0}", "effective follow-up: {0}"},
	{"followup.kind_not_counted", "“{0}”类记录不计为跟进", "an activity of kind {0} does not count as a follow-up"},
	{"followup.not_owned", "客户在公海，无归属人", "nobody owns the customer"},
	{"followup.not_the_owner", "记录人不是归属人", "the author does not own the customer"},
	{"followup.before_ownership", "发生在本次归属之前", "it happened before this ownership began"},
	{"followup.in_the_future", "发生时间在未来", "it happened in the future"},
	{"followup.note_too_short", "跟进内容过短", "the note is too short"},
	{"followup.note_repeated", "内容与上一条相同或几乎相同", "the note repeats the one before"},
	{"followup.automatic", "系统自动生成的记录不计为跟进", "it was made by a program"},
	{"followup.too_soon", "与另一次有效跟进间隔过短，只计一次", "it is too near another effective follow-up: the two count once"},
	{"followup.revived", "到期前发生、到期后补记：客户自 {0} 起归还", "it happened before the lapse and was entered late: the customer is back from {0} on"},
	{"deadline.set", "保护截止时间 {0}", "the deadline is {0}"},
	{"deadline.kept", "保护截止时间不变：{0}", "the deadline stays: {0}"},
};

void
leads_followup_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

static void
check_kind(const char *kind)
{
	static const char *const kinds[] = {"call", "visit", "mail", "wechat", "meeting", "demo", "note"};

	for (int i = 0; i < lengthof(kinds); i++)
		if (strcmp(kind, kinds[i]) == 0)
			return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown kind of activity \"%s\"", leads_clip(kind, 100)),
			 errhint("Kinds are call, visit, mail, wechat, meeting, demo and note.")));
}

static void
check_date(LeadsFrame *f, const LeadsPipeline *policy, TimestampTz occurred_at)
{
	switch (leads_followup_date(policy, occurred_at, f->now))
	{
		case LEADS_DATE_OK:
			break;
		case LEADS_DATE_FUTURE:
			ereport(ERROR,
					(errcode(LEADS_ERR_BAD_DATE),
					 errmsg("an activity cannot have happened in the future"),
					 errdetail("occurred_at is %s.", timestamptz_to_str(occurred_at))));
			break;
		case LEADS_DATE_TOO_OLD:
			ereport(ERROR,
					(errcode(LEADS_ERR_BAD_DATE),
					 errmsg("an activity can be entered %d days late, not later", policy->followup_days_back),
					 errdetail("occurred_at is %s.", timestamptz_to_str(occurred_at))));
			break;
	}
}

static Jsonb *
event_facts(const LeadsActivity *a, int64 activity_id)
{
	JsonbParseState *state = NULL;
	JsonbValue	v;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	v.type = jbvString;
	v.val.string.val = "activity_id";
	v.val.string.len = strlen(v.val.string.val);
	pushJsonbValue(&state, WJB_KEY, &v);
	v.type = jbvNumeric;
	v.val.numeric = int64_to_numeric(activity_id);
	pushJsonbValue(&state, WJB_VALUE, &v);
	v.type = jbvString;
	v.val.string.val = "kind";
	v.val.string.len = strlen(v.val.string.val);
	pushJsonbValue(&state, WJB_KEY, &v);
	v.val.string.val = unconstify(char *, a->kind);
	v.val.string.len = strlen(a->kind);
	pushJsonbValue(&state, WJB_VALUE, &v);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* move the deadline of an owned customer; the steps taken go to the evidence */
static void
move_anchor(LeadsFrame *f, LeadsOwnership *own, TimestampTz occurred_at, LeadsEvidence *e)
{
	TimestampTz before = leads_ownership_deadline(own);
	char	   *old = leads_message_time(f->zone, before);

	if (own->followed_at == LEADS_NO_TIME || own->followed_at < occurred_at)
		own->followed_at = occurred_at;
	leads_deadline_move(f, own);
	if (leads_ownership_deadline(own) != before)
		leads_evidence_add(e, "deadline", "moved", "deadline.moved", 2, old,
						   leads_message_time(f->zone, leads_ownership_deadline(own)));
	else
		leads_evidence_add(e, "deadline", "kept", "deadline.kept", 1, old);
}

/* who held it last, if that was the actor and it lapsed: then a late entry may give it back */
LEADS_QUERY(q_lapsed, "ltl",
			"SELECT o.id, o.until FROM @.ownership o WHERE o.customer_id = $1 AND o.scope = $2 AND o.member_id IS NOT NULL"
			"   AND NOT EXISTS (SELECT FROM @.ownership n WHERE n.customer_id = $1 AND n.scope = $2"
			"     AND n.member_id IS NOT NULL AND n.since >= o.until)"
			"   AND o.member_id = $3 AND o.end_cause = 'lapsed'");

/* one activity on its way */
typedef struct Entry
{
	const LeadsLogInput *in;
	LeadsLead	lead;
	LeadsHold	hold;
	LeadsPipeline rules;
	int32		version;		/* of the pipeline document */
	const char *note;			/* NULL if there is nothing to see in it */
	TimestampTz occurred_at;
	bool		owned;
	bool		late;			/* entered after the lapse of ended, within the grace */
	LeadsOwnership ended;
} Entry;

static void
read_rules(LeadsFrame *f, Entry *e, const LeadsOwnership *own)
{
	LeadsPolicy policy = leads_policy_at(f, "pipeline", f->now);

	e->version = policy.version;
	leads_pipeline_read(policy.body, policy.version, &e->rules);
	if (own)
		leads_followup_rules(leads_deadline_policy(f, own->policy_version).body, own->policy_entry, &e->rules);
}

/* the interval of the actor that a late entry may bring back */
static bool
see_late(LeadsFrame *f, Entry *e)
{
	LeadsResult r;
	TimestampTz until;

	if (e->owned || !e->hold.has_own || f->actor_id == 0 || e->in->occurred_at == LEADS_NO_TIME)
		return false;
	r = leads_run(&q_lapsed, e->hold.customer.id, e->lead.scope, f->actor_id);
	if (!leads_found(r))
		return false;
	until = leads_time(&r, 0, 2);
	if (!leads_ownership_ended(f, leads_int(&r, 0, 1), &e->ended))
		return false;
	read_rules(f, e, &e->ended);
	return e->in->occurred_at < until && f->now < until + e->rules.followup_grace;
}

static const char *
judge(LeadsFrame *f, const Entry *e)
{
	const LeadsOwnership *own = e->late ? &e->ended : &e->hold.own;
	LeadsFollowup facts;

	facts.kind = e->in->kind;
	facts.note = e->note;
	facts.previous = e->note ? leads_activity_last_note(f, e->hold.customer.id, e->lead.scope, f->actor_id) : NULL;
	facts.seconds = e->in->seconds;
	facts.automatic = e->in->automatic;
	facts.occurred_at = e->occurred_at;
	facts.now = f->now;
	facts.owned_since = !e->owned && !e->late ? DT_NOBEGIN : own->counts_from != LEADS_NO_TIME ? own->counts_from : own->since;
	/* the corridor let nobody else through */
	facts.by_right = true;
	facts.near = facts.owned_since != DT_NOBEGIN && e->rules.followup_gap > 0 &&
		leads_activity_near(f, e->hold.customer.id, e->lead.scope, e->occurred_at, e->rules.followup_gap, facts.owned_since);
	return leads_followup_judge(&e->rules, &facts);
}

static void
refuse_late(LeadsFrame *f, const Entry *e)
{
	leads_corridor_require_worker(f, &e->hold);
	ereport(ERROR,
			(errcode(LEADS_ERR_NOT_OWNER),
			 errmsg("customer " INT64_FORMAT " is not yours", e->hold.customer.id),
			 errdetail("It would have lapsed by now with this follow-up, too.")));
}

/* lock, judge the right, read the rules */
static void
begin(LeadsFrame *f, const LeadsLogInput *in, Entry *e)
{
	memset(e, 0, sizeof(*e));
	e->in = in;
	check_kind(in->kind);
	if (in->note && pg_mbstrlen(in->note) > NOTE_MAX)
		ereport(ERROR,
				(errcode(LEADS_ERR_TOO_LONG), errmsg("note is longer than %d characters", NOTE_MAX)));
	if (in->seconds < 0 || in->seconds > SECONDS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("seconds is between 0 and %d", SECONDS_MAX)));
	e->note = in->note && leads_followup_length(in->note) > 0 ? in->note : NULL;
	if (!leads_lead_read(f, in->lead_id, &e->lead))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no lead " INT64_FORMAT, in->lead_id)));
	leads_corridor_begin(f, e->lead.customer_id, e->lead.scope, &e->hold);
	leads_corridor_require_lead(f, &e->hold, in->lead_id);
	/* again: it may have become one with another while we waited */
	if (!leads_lead_read(f, in->lead_id, &e->lead))
		elog(ERROR, "lead " INT64_FORMAT " is gone", in->lead_id);
	e->occurred_at = in->occurred_at == LEADS_NO_TIME ? f->now : in->occurred_at;
	e->owned = e->hold.has_own && e->hold.own.member_id != 0;
	e->late = see_late(f, e);
	/* what does not count gives nothing back: then the right is asked as always */
	if (e->late && (leads_followup_date(&e->rules, e->occurred_at, f->now) != LEADS_DATE_OK || judge(f, e) != NULL))
		e->late = false;
	if (e->late)
		return;
	leads_corridor_require_worker(f, &e->hold);
	read_rules(f, e, e->owned ? &e->hold.own : NULL);
	check_date(f, &e->rules, e->occurred_at);
}

/* the deadline that it would have had, to the evidence; LD050 if that is over, too */
static LeadsOwnership
bring_back(LeadsFrame *f, Entry *e, LeadsEvidence *evidence)
{
	LeadsOwnership next = e->ended;
	LeadsMember m;

	next.followed_at = Max(next.followed_at, e->occurred_at);
	if (!leads_deadline_revive(f, &next))
		refuse_late(f, e);
	if (!leads_member_by_id(f, next.member_id, &m))
		elog(ERROR, "no member " INT64_FORMAT, next.member_id);
	leads_assign_check(f, &m, 1, false, evidence);
	if (next.counts_from == LEADS_NO_TIME)
		next.counts_from = next.since;
	next.since = f->now;
	next.extension_id = 0;
	next.extension_due = LEADS_NO_TIME;
	next.cause = "revived";
	leads_evidence_add(evidence, "followup", "revived", "followup.revived", 1, leads_message_time(f->zone, f->now));
	leads_evidence_add(evidence, "deadline", "moved", "deadline.set", 1, leads_message_time(f->zone, leads_ownership_deadline(&next)));
	return next;
}

static int64
decide(LeadsFrame *f, const Entry *e, const LeadsLogged *out, const LeadsOwnership *own, LeadsEvidence *evidence)
{
	LeadsDecision d;

	memset(&d, 0, sizeof(d));
	d.kind = "followup";
	d.verdict = e->late ? "revived" : out->effective ? "effective" : "ineffective";
	d.customer_id = e->hold.customer.id;
	d.lead_id = e->lead.id;
	d.scope = e->lead.scope;
	d.at = LEADS_NO_TIME;
	d.pipeline_version = e->version;
	d.protection_version = out->effective ? own->policy_version : 0;
	return leads_decision_write(f, &d, evidence);
}

static void
record_event(LeadsFrame *f, const Entry *e, const char *kind, int64 decision_id, Jsonb *data)
{
	LeadsEvent	event;

	memset(&event, 0, sizeof(event));
	event.kind = kind;
	event.customer_id = e->hold.customer.id;
	event.lead_id = data ? e->lead.id : 0;
	event.scope = e->lead.scope;
	event.at = LEADS_NO_TIME;
	event.owner_id = e->hold.own.member_id;
	event.attempt = data ? e->lead.attempt : 0;
	event.decision_id = decision_id;
	event.data = data;
	leads_event_write(f, &event);
}

/* from the pool back into the owner's hands */
static void
revive(LeadsFrame *f, Entry *e, LeadsOwnership *next, int64 decision_id)
{
	TimestampTz counts_from = next->counts_from;
	int64		partner_id = next->partner_id;

	next->decision_id = decision_id;
	leads_ownership_end(f, &e->hold.own, f->now, "revived", decision_id);
	leads_corridor_write_interval(f, next);
	leads_ownership_set_counts_from(f, next, counts_from);
	if (partner_id != 0)
		leads_ownership_set_partner(f, next, partner_id);
	e->hold.own = *next;
	record_event(f, e, "owned", decision_id, NULL);
}

void
leads_followup_log(LeadsFrame *f, const LeadsLogInput *in, LeadsLogged *out)
{
	Entry		e;
	LeadsActivity activity;
	LeadsOwnership next;
	LeadsEvidence evidence;

	begin(f, in, &e);
	memset(out, 0, sizeof(*out));
	out->reason = judge(f, &e);
	out->effective = out->reason == NULL;

	memset(&activity, 0, sizeof(activity));
	activity.lead_id = e.lead.id;
	activity.customer_id = e.hold.customer.id;
	activity.kind = in->kind;
	activity.note = e.note;
	activity.occurred_at = e.occurred_at;
	activity.effective = out->effective;
	activity.ineffective_reason = out->reason;
	activity.seconds = in->seconds;
	activity.automatic = in->automatic;
	out->activity_id = leads_activity_insert(f, &activity);

	leads_evidence_begin(&evidence);
	leads_evidence_add(&evidence, "followup", out->effective ? "effective" : "ineffective",
					   out->effective ? "followup.effective" : psprintf("followup.%s", out->reason), 1, in->kind);
	if (e.late)
		next = bring_back(f, &e, &evidence);
	else if (out->effective)
		move_anchor(f, &e.hold.own, e.occurred_at, &evidence);
	out->decision_id = decide(f, &e, out, e.late ? &next : &e.hold.own, &evidence);
	if (e.late)
		revive(f, &e, &next, out->decision_id);
	if (out->effective)
		record_event(f, &e, "followed", out->decision_id, event_facts(&activity, out->activity_id));
	/* a first contact, though it may not count as a follow-up */
	if (e.owned)
		leads_deadline_touch(f, &e.hold.own, LEADS_NEED_CONTACT);
	leads_corridor_end(f, e.hold.customer.id);
	out->next_due_at = e.owned || e.late ? e.hold.own.next_due_at : LEADS_NO_TIME;
}

PG_FUNCTION_INFO_V1(leads_log_activity);
Datum
leads_log_activity(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	LeadsLogged out;
	TupleDesc	desc;
	Datum		values[5];
	bool		nulls[5] = {false};
	LeadsLogInput in = {0};
	char	   *by_member;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	desc = BlessTupleDesc(desc);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("lead_id and kind are required")));
	if (!PG_ARGISNULL(3) && TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMPTZ(3)))
		ereport(ERROR, (errcode(LEADS_ERR_BAD_DATE), errmsg("occurred_at is no instant")));
	in.lead_id = PG_GETARG_INT64(0);
	in.kind = text_to_cstring(PG_GETARG_TEXT_PP(1));
	in.note = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	in.occurred_at = PG_ARGISNULL(3) ? LEADS_NO_TIME : PG_GETARG_TIMESTAMPTZ(3);
	in.seconds = PG_ARGISNULL(5) ? 0 : PG_GETARG_INT32(5);
	in.automatic = !PG_ARGISNULL(6) && PG_GETARG_BOOL(6);
	by_member = PG_ARGISNULL(4) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(4));
	leads_enter(&f, NULL, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&f, by_member, 0);
	leads_followup_log(&f, &in, &out);
	out.reason = leads_keep(&f, out.reason);
	leads_leave(&f);

	values[0] = Int64GetDatum(out.activity_id);
	values[1] = BoolGetDatum(out.effective);
	nulls[2] = out.reason == NULL;
	values[2] = nulls[2] ? (Datum) 0 : CStringGetTextDatum(out.reason);
	nulls[3] = out.next_due_at == LEADS_NO_TIME;
	values[3] = TimestampTzGetDatum(out.next_due_at);
	values[4] = Int64GetDatum(out.decision_id);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}
