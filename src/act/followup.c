/*
 * followup.c - the verb log_activity.
 *
 * Purpose: write down what was done for a lead; an effective follow-up moves the
 * owner's deadline.
 * Invariants: nothing that was logged is lost: what does not count is kept with the
 * reason; the owner's right is judged at the instant after the lock, so that a
 * follow-up one microsecond before the deadline counts and one at the deadline is
 * refused; the anchor only moves forward.
 * Called by: users; access/face (view followup).
 */
#include "core/leads.h"

#include "mb/pg_wchar.h"

#include "act/corridor.h"
#include "act/deadline.h"
#include "act/followup.h"
#include "core/policy.h"
#include "decide/pipeline.h"
#include "record/lead.h"
#include "record/lead_edit.h"

#define NOTE_MAX 8000

static const LeadsMessage messages[] = {
	{"followup.effective", "有效跟进：{0}", "effective follow-up: {0}"},
	{"followup.kind_not_counted", "“{0}”类记录不计为跟进", "an activity of kind {0} does not count as a follow-up"},
	{"followup.not_owned", "客户在公海，无归属人", "nobody owns the customer"},
	{"followup.not_the_owner", "记录人不是归属人", "the author does not own the customer"},
	{"followup.before_ownership", "发生在本次归属之前", "it happened before this ownership began"},
	{"followup.in_the_future", "发生时间在未来", "it happened in the future"},
	{"followup.note_too_short", "跟进内容过短", "the note is too short"},
	{"followup.note_repeated", "内容与上一条相同", "the note repeats the one before"},
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
	TimestampTz before = own->next_due_at;
	char	   *old = leads_message_time(f->zone, before);

	if (own->followed_at == LEADS_NO_TIME || own->followed_at < occurred_at)
		own->followed_at = occurred_at;
	leads_deadline_move(f, own);
	if (own->next_due_at != before)
		leads_evidence_add(e, "deadline", "moved", "deadline.moved", 2, old,
						   leads_message_time(f->zone, own->next_due_at));
	else
		leads_evidence_add(e, "deadline", "kept", "deadline.kept", 1, old);
}

void
leads_followup_log(LeadsFrame *f, int64 lead_id, const char *kind, const char *note,
				   TimestampTz occurred_at, LeadsLogged *out)
{
	LeadsLead	lead;
	LeadsHold	hold;
	LeadsPipeline rules;
	LeadsPolicy policy;
	LeadsFollowup facts;
	LeadsActivity activity;
	LeadsDecision decision;
	LeadsEvidence evidence;
	bool		owned;

	check_kind(kind);
	if (note && pg_mbstrlen(note) > NOTE_MAX)
		ereport(ERROR,
				(errcode(LEADS_ERR_TOO_LONG), errmsg("note is longer than %d characters", NOTE_MAX)));
	if (note && leads_followup_length(note) == 0)
		note = NULL;
	if (!leads_lead_read(f, lead_id, &lead))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no lead " INT64_FORMAT, lead_id)));
	leads_corridor_begin(f, lead.customer_id, lead.scope, &hold);
	leads_corridor_require_lead(f, &hold, lead_id);
	leads_corridor_require_owner(f, &hold);
	owned = hold.has_own && hold.own.member_id != 0;

	policy = leads_policy_at(f, "pipeline", f->now);
	leads_pipeline_read(policy.body, policy.version, &rules);
	if (occurred_at == LEADS_NO_TIME)
		occurred_at = f->now;
	check_date(f, &rules, occurred_at);

	facts.kind = kind;
	facts.note = note;
	facts.previous = leads_activity_last_note(f, lead_id);
	facts.occurred_at = occurred_at;
	facts.now = f->now;
	facts.owned_since = owned ? hold.own.since : DT_NOBEGIN;
	/* the corridor let nobody else through */
	facts.by_right = true;
	memset(out, 0, sizeof(*out));
	out->reason = leads_followup_judge(&rules, &facts);
	out->effective = out->reason == NULL;

	leads_evidence_begin(&evidence);
	leads_evidence_add(&evidence, "followup", out->effective ? "effective" : "ineffective",
					   out->effective ? "followup.effective" : psprintf("followup.%s", out->reason), 1, kind);
	if (out->effective)
		move_anchor(f, &hold.own, occurred_at, &evidence);

	memset(&decision, 0, sizeof(decision));
	decision.kind = "followup";
	decision.verdict = out->effective ? "effective" : "ineffective";
	decision.customer_id = hold.customer.id;
	decision.lead_id = lead_id;
	decision.scope = lead.scope;
	decision.at = LEADS_NO_TIME;
	decision.pipeline_version = policy.version;
	decision.protection_version = out->effective ? hold.own.policy_version : 0;
	out->decision_id = leads_decision_write(f, &decision, &evidence);

	memset(&activity, 0, sizeof(activity));
	activity.lead_id = lead_id;
	activity.customer_id = hold.customer.id;
	activity.kind = kind;
	activity.note = note;
	activity.occurred_at = occurred_at;
	activity.effective = out->effective;
	activity.ineffective_reason = out->reason;
	out->activity_id = leads_activity_insert(f, &activity);
	if (out->effective)
	{
		LeadsEvent	event;

		memset(&event, 0, sizeof(event));
		event.kind = "followed";
		event.customer_id = hold.customer.id;
		event.lead_id = lead_id;
		event.scope = lead.scope;
		event.at = LEADS_NO_TIME;
		event.owner_id = hold.own.member_id;
		event.attempt = lead.attempt;
		event.decision_id = out->decision_id;
		event.data = event_facts(&activity, out->activity_id);
		leads_event_write(f, &event);
	}
	/* a first contact, though it may not count as a follow-up */
	if (owned)
		leads_deadline_touch(f, &hold.own, LEADS_NEED_CONTACT);
	leads_corridor_end(f, hold.customer.id);
	out->next_due_at = owned ? hold.own.next_due_at : LEADS_NO_TIME;
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
	char	   *kind;
	char	   *note;
	char	   *by_member;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	desc = BlessTupleDesc(desc);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("lead_id and kind are required")));
	if (!PG_ARGISNULL(3) && TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMPTZ(3)))
		ereport(ERROR, (errcode(LEADS_ERR_BAD_DATE), errmsg("occurred_at is no instant")));
	kind = text_to_cstring(PG_GETARG_TEXT_PP(1));
	note = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	by_member = PG_ARGISNULL(4) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(4));
	leads_enter(&f, NULL, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&f, by_member, 0);
	leads_followup_log(&f, PG_GETARG_INT64(0), kind, note,
					   PG_ARGISNULL(3) ? LEADS_NO_TIME : PG_GETARG_TIMESTAMPTZ(3), &out);
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
