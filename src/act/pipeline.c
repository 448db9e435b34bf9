/*
 * pipeline.c - the verbs advance, win, lose, reopen.
 *
 * Purpose: move a lead through its stages; each move is a decision, an event with
 * the stages before and after, and a new row_version.
 * Invariants: moves never change who owns the customer; a won lead exempts its
 * owner from lapsing for as long as some lead of the scope is won; the old close of
 * a reopened lead stays in its events; row_version counts up once a call.
 * Called by: users; access/face (view my_lead).
 */
#include "core/leads.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "act/corridor.h"
#include "act/deadline.h"
#include "act/pipeline.h"
#include "act/pipeline_work.h"
#include "record/org.h"
#include "record/outbox.h"

#define REASON_MAX 200
#define NOTE_MAX 4000

static const LeadsMessage messages[] = {
	{"move.forward", "由“{0}”推进到“{1}”", "moved forward from {0} to {1}"},
	{"move.back", "由“{0}”退回到“{1}”：{2}", "moved back from {0} to {1}: {2}"},
	{"move.skipped", "跳过 {0} 个阶段", "{0} stages were left out"},
	{"move.qualified", "转为商机", "became an opportunity"},
	{"move.disqualified", "不再是商机", "is no opportunity any more"},
	{"move.won", "由“{0}”成交，金额 {1}", "won from {0}, amount {1}"},
	{"move.lost", "在“{0}”流失：{1}", "lost at {0}: {1}"},
	{"move.invalid", "无效线索，不计入统计", "it was no lead: figures leave it out"},
	{"move.reopened", "由“{0}”重新打开到“{1}”，第 {2} 次", "reopened from {0} to {1}, attempt {2}"},
	{"move.edited", "修改：{0}", "edited: {0}"},
	{"exempt.won", "已成交，归属不再到期", "won: the ownership does not lapse"},
	{"exempt.ended", "成交已撤销，保护截止时间恢复为 {0}", "the win was taken back: the deadline is {0} again"},
};

void
leads_pipeline_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

LEADS_QUERY(q_stages, "",
			"SELECT s.id, s.code, s.label_zh, s.label_en, s.position, s.kind, s.qualifies FROM @.stage s ORDER BY s.position");

/* ---------------------------------------------------------------- the common way */

static void
load_stages(LeadsFrame *f, LeadsPipelineWork *w)
{
	LeadsResult r = leads_run(&q_stages);
	bool		zh = strcmp(f->lang, "zh") == 0;

	w->n = (int) r.n;
	w->steps = palloc(sizeof(LeadsStep) * Max(w->n, 1));
	w->stages = palloc(sizeof(LeadsWorkStage) * Max(w->n, 1));
	w->from = -1;
	for (int i = 0; i < w->n; i++)
	{
		char	   *kind = leads_text(&r, i, 6);

		w->stages[i].id = leads_int(&r, i, 1);
		w->stages[i].label = leads_text(&r, i, zh ? 3 : 4);
		w->steps[i].code = leads_text(&r, i, 2);
		w->steps[i].position = (int32) leads_int(&r, i, 5);
		w->steps[i].open = strcmp(kind, "open") == 0;
		w->steps[i].won = strcmp(kind, "won") == 0;
		w->steps[i].qualifies = leads_bool(&r, i, 7);
		if (w->stages[i].id == w->lead.stage_id)
			w->from = i;
	}
	if (w->from < 0)
		elog(ERROR, "lead " INT64_FORMAT " is in no stage", w->lead.id);
}

void
leads_pipeline_begin(LeadsFrame *f, LeadsPipelineWork *w, int64 lead_id, int32 expected_version)
{
	LeadsPolicy policy;

	memset(w, 0, sizeof(*w));
	if (!leads_lead_read(f, lead_id, &w->lead))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no lead " INT64_FORMAT, lead_id)));
	leads_corridor_begin(f, w->lead.customer_id, w->lead.scope, &w->hold);
	leads_corridor_require_lead(f, &w->hold, lead_id);
	/* again: somebody may have moved it while we waited */
	if (!leads_lead_read(f, lead_id, &w->lead))
		elog(ERROR, "lead " INT64_FORMAT " is gone", lead_id);
	leads_corridor_require_worker(f, &w->hold);
	/* of a tombstone nobody has read the lead that it stands for */
	if (expected_version != 0 && (expected_version != w->lead.row_version || w->lead.id != lead_id))
		ereport(ERROR,
				(errcode(LEADS_ERR_STALE_VERSION),
				 errmsg("lead " INT64_FORMAT " was changed by somebody else", lead_id),
				 w->lead.id != lead_id ? errdetail("It was merged into lead " INT64_FORMAT ".", w->lead.id)
				 : errdetail("Its row_version is %d, not %d.", w->lead.row_version, expected_version),
				 errhint("Read it again and repeat the call.")));
	load_stages(f, w);
	policy = leads_policy_at(f, "pipeline", f->now);
	leads_pipeline_read(policy.body, policy.version, &w->rules);
	leads_lead_fields(f, w->lead.id, &w->fields);
	leads_evidence_begin(&w->evidence);
}

/* index of a stage by its code; 22023 */
static int
find_stage(const LeadsPipelineWork *w, const char *code)
{
	StringInfoData known;

	for (int i = 0; i < w->n; i++)
		if (strcmp(w->steps[i].code, code) == 0)
			return i;
	initStringInfo(&known);
	for (int i = 0; i < w->n; i++)
		appendStringInfo(&known, "%s%s", i ? ", " : "", w->steps[i].code);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown stage \"%s\"", leads_clip(code, 100)),
			 errhint("Stages are %s.", known.data)));
	return -1;
}

static int
find_kind(const LeadsPipelineWork *w, bool open, bool won)
{
	for (int i = 0; i < w->n; i++)
		if (w->steps[i].open == open && (open || w->steps[i].won == won))
			return i;
	ereport(ERROR,
			(errcode(LEADS_ERR_WRONG_STATE),
			 errmsg("the pipeline has no stage of kind \"%s\"", open ? "open" : won ? "won" : "lost")));
	return -1;
}

/* the judge's fault as an error; to < 0: no target stage */
static void
refuse(const LeadsPipelineWork *w, LeadsMoveFault fault, int to)
{
	int64		id = w->lead.id;
	const char *here = w->steps[w->from].code;
	const char *next = leads_pipeline_next(&w->rules, w->steps, w->n, w->from);

	switch (fault)
	{
		case LEADS_MOVE_OK:
			return;
		case LEADS_MOVE_CLOSED:
			ereport(ERROR,
					(errcode(LEADS_ERR_WRONG_STATE),
					 errmsg("lead " INT64_FORMAT " is closed: %s", id, here),
					 errhint("Allowed is leads.reopen(" INT64_FORMAT ").", id)));
			break;
		case LEADS_MOVE_NOT_CLOSED:
			ereport(ERROR,
					(errcode(LEADS_ERR_WRONG_STATE),
					 errmsg("lead " INT64_FORMAT " is open: %s", id, here),
					 errhint("Allowed are leads.advance(), leads.win() and leads.lose().")));
			break;
		case LEADS_MOVE_SAME:
			ereport(ERROR,
					(errcode(LEADS_ERR_WRONG_STATE),
					 errmsg("lead " INT64_FORMAT " is in stage %s already", id, here),
					 next ? errhint("Allowed stages are %s.", next) : 0));
			break;
		case LEADS_MOVE_CLOSING:
			ereport(ERROR,
					(errcode(LEADS_ERR_WRONG_STATE),
					 errmsg("stage %s closes a lead", w->steps[to].code),
					 w->steps[w->from].open
					 ? errhint("Call leads.%s.", w->steps[to].won ? "win(lead_id)" : "lose(lead_id, reason)")
					 : errhint("Reopen it to an open stage.")));
			break;
		case LEADS_MOVE_SKIPS:
			ereport(ERROR,
					(errcode(LEADS_ERR_WRONG_STATE),
					 errmsg("no stage may be left out between %s and %s", here, w->steps[to].code),
					 next ? errhint("Allowed stages are %s.", next) : 0));
			break;
		case LEADS_MOVE_NO_REASON:
			ereport(ERROR,
					(errcode(LEADS_ERR_REQUIRED),
					 errmsg("a reason is required"),
					 to >= 0 ? errdetail("A move back from %s to %s needs one.", here, w->steps[to].code) : 0));
			break;
		case LEADS_MOVE_UNKNOWN_REASON:
			{
				StringInfoData known;

				initStringInfo(&known);
				for (int i = 0; i < w->rules.nlose_reasons; i++)
					appendStringInfo(&known, "%s%s", i ? ", " : "", w->rules.lose_reasons[i]);
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("unknown reason"),
						 errhint("Reasons are %s.", known.data)));
				break;
			}
		case LEADS_MOVE_NO_NOTE:
			ereport(ERROR,
					(errcode(LEADS_ERR_REQUIRED),
					 errmsg("reason \"other\" needs a note of at least %d characters", w->rules.lose_note_min)));
			break;
		case LEADS_MOVE_NO_AMOUNT:
		case LEADS_MOVE_NO_DATE:
			ereport(ERROR,
					(errcode(LEADS_ERR_REQUIRED),
					 errmsg("an opportunity needs %s", fault == LEADS_MOVE_NO_AMOUNT ? "an amount" : "an expected close"),
					 errhint("Set it with leads.edit_lead(" INT64_FORMAT ", %s => ...) first.", id,
							 fault == LEADS_MOVE_NO_AMOUNT ? "amount" : "expected_on")));
			break;
	}
}

static void
push_bool(JsonbParseState **state, const char *key, bool value)
{
	JsonbValue	v = {.type = jbvBool};

	v.val.boolean = value;
	leads_pipeline_push(state, WJB_KEY, key);
	pushJsonbValue(state, WJB_VALUE, &v);
}

/* what belongs to the event beside its columns; NULL if nothing does */
static Jsonb *
move_facts(const char *reason, const char *note, const LeadsMove *m)
{
	JsonbParseState *state = NULL;
	JsonbValue	v;

	if (!reason && !note && m->skipped == 0 && !m->qualifies && !m->disqualifies)
		return NULL;
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	if (reason)
	{
		leads_pipeline_push(&state, WJB_KEY, "reason");
		leads_pipeline_push(&state, WJB_VALUE, reason);
	}
	if (note)
	{
		leads_pipeline_push(&state, WJB_KEY, "note");
		leads_pipeline_push(&state, WJB_VALUE, note);
	}
	if (m->invalid)
		push_bool(&state, "invalid", true);
	if (m->skipped > 0)
	{
		leads_pipeline_push(&state, WJB_KEY, "skipped");
		v.type = jbvNumeric;
		v.val.numeric = int64_to_numeric(m->skipped);
		pushJsonbValue(&state, WJB_VALUE, &v);
	}
	if (m->qualifies || m->disqualifies)
		push_bool(&state, "opportunity", m->qualifies);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* the steps that every move may add to the evidence */
static void
explain_move(LeadsPipelineWork *w, const LeadsMove *m)
{
	if (m->skipped > 0)
		leads_evidence_add(&w->evidence, "skip", "yes", "move.skipped", 1, psprintf("%d", m->skipped));
	if (m->qualifies)
		leads_evidence_add(&w->evidence, "qualify", "yes", "move.qualified", 0);
	if (m->disqualifies)
		leads_evidence_add(&w->evidence, "qualify", "no", "move.disqualified", 0);
}

int64
leads_pipeline_decide(LeadsFrame *f, LeadsPipelineWork *w, const char *kind, const char *verdict)
{
	LeadsDecision d;

	memset(&d, 0, sizeof(d));
	d.kind = kind;
	d.verdict = verdict;
	d.customer_id = w->hold.customer.id;
	d.lead_id = w->lead.id;
	d.scope = w->lead.scope;
	d.at = LEADS_NO_TIME;
	d.pipeline_version = w->rules.version;
	return leads_decision_write(f, &d, &w->evidence);
}

/* state and event of one move */
static void
record_move(LeadsFrame *f, LeadsPipelineWork *w, const char *kind, int to, int32 attempt,
			const char *reason, const char *note, const LeadsMove *m, int64 decision_id)
{
	LeadsEvent	e;
	bool		closes = !w->steps[to].open;
	bool		lost = closes && !w->steps[to].won;

	leads_lead_move(f, &w->lead, w->stages[to].id, attempt, closes ? f->now : LEADS_NO_TIME,
					lost ? reason : NULL, lost ? note : NULL, m->invalid);
	memset(&e, 0, sizeof(e));
	e.kind = kind;
	e.customer_id = w->hold.customer.id;
	e.lead_id = w->lead.id;
	e.scope = w->lead.scope;
	e.at = LEADS_NO_TIME;
	if (w->hold.has_own)
	{
		e.owner_id = w->hold.own.member_id;
		e.pool_id = w->hold.own.pool_id;
	}
	e.from_stage = w->stages[w->from].id;
	e.to_stage = w->stages[to].id;
	e.attempt = attempt;
	e.invalid = m->invalid;
	e.amount = w->fields.amount;
	e.decision_id = decision_id;
	e.data = move_facts(reason, note, m);
	leads_event_write(f, &e);
	/* where the leads of a customer stand may be what its deadline counts from */
	if (w->hold.has_own)
		leads_deadline_touch(f, &w->hold.own, LEADS_NEED_LEADS);
}

void
leads_pipeline_finish(LeadsFrame *f, LeadsPipelineWork *w, int at, int64 decision_id, LeadsMoved *out)
{
	LeadsMember owner;

	leads_corridor_end(f, w->hold.customer.id);
	memset(out, 0, sizeof(*out));
	out->lead_id = w->lead.id;
	out->stage = w->steps[at].code;
	out->label = w->stages[at].label;
	out->row_version = w->lead.row_version;
	out->next_due_at = LEADS_NO_TIME;
	out->decision_id = decision_id;
	if (w->hold.has_own && w->hold.own.member_id != 0 &&
		leads_member_by_id(f, w->hold.own.member_id, &owner))
	{
		out->owner = owner.code;
		out->next_due_at = w->hold.own.next_due_at;
	}
}

static char *
amount_text(Datum amount)
{
	return amount ? DatumGetCString(DirectFunctionCall1(numeric_out, amount)) : "-";
}

/* ---------------------------------------------------------------- the verbs */

void
leads_pipeline_move(LeadsFrame *f, int64 lead_id, const char *stage, const char *reason,
					int32 expected_version, LeadsMoved *out)
{
	LeadsPipelineWork w;
	LeadsMoveFacts facts;
	LeadsMove	m;
	int			to;
	int64		decision_id;

	stage = leads_pipeline_given(stage);
	reason = leads_pipeline_given(reason);
	if (stage == NULL)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("stage is required")));
	leads_pipeline_check_length("reason", reason, REASON_MAX);
	leads_pipeline_begin(f, &w, lead_id, expected_version);
	to = find_stage(&w, stage);
	facts.has_reason = reason != NULL;
	facts.has_amount = w.fields.amount != (Datum) 0;
	facts.has_date = w.fields.expected_on != PG_INT32_MIN;
	m = leads_pipeline_advance(&w.rules, w.steps, w.n, w.from, to, &facts);
	refuse(&w, m.fault, to);

	if (m.back)
		leads_evidence_add(&w.evidence, "move", "back", "move.back", 3,
						   w.stages[w.from].label, w.stages[to].label, reason);
	else
		leads_evidence_add(&w.evidence, "move", "forward", "move.forward", 2,
						   w.stages[w.from].label, w.stages[to].label);
	explain_move(&w, &m);
	decision_id = leads_pipeline_decide(f, &w, "advance", m.back ? "back" : "forward");
	record_move(f, &w, "advanced", to, w.lead.attempt, reason, NULL, &m, decision_id);
	leads_pipeline_finish(f, &w, to, decision_id, out);
}

void
leads_pipeline_close_won(LeadsFrame *f, int64 lead_id, Datum amount, int32 expected_version, LeadsMoved *out)
{
	LeadsPipelineWork w;
	LeadsMoveFacts facts;
	LeadsMove	m;
	int			to;
	int64		decision_id;
	LeadsOwnership *own = &w.hold.own;

	leads_pipeline_begin(f, &w, lead_id, expected_version);
	to = find_kind(&w, false, true);
	if (amount)
	{
		leads_lead_amount(f, w.lead.id, amount);
		/* as it is stored: rounded to the column's scale */
		leads_lead_fields(f, w.lead.id, &w.fields);
	}
	facts.has_reason = false;
	facts.has_amount = w.fields.amount != (Datum) 0;
	facts.has_date = w.fields.expected_on != PG_INT32_MIN;
	m = leads_pipeline_win(&w.rules, w.steps, w.n, w.from, to, &facts);
	refuse(&w, m.fault, to);

	leads_evidence_add(&w.evidence, "move", "won", "move.won", 2, w.stages[w.from].label, amount_text(w.fields.amount));
	explain_move(&w, &m);
	if (w.hold.has_own && own->member_id != 0 && own->exempt == NULL)
	{
		leads_evidence_add(&w.evidence, "exempt", "yes", "exempt.won", 0);
		own->exempt = "won";
		leads_deadline_move(f, own);
	}
	decision_id = leads_pipeline_decide(f, &w, "win", "won");
	record_move(f, &w, "won", to, w.lead.attempt, NULL, NULL, &m, decision_id);
	leads_outbox_write(f, "won", w.hold.customer.id,
					   psprintf("lead/" INT64_FORMAT "/%d", w.lead.id, w.lead.attempt),
					   w.hold.has_own ? w.hold.own.member_id : 0, f->now,
					   "lead", psprintf(INT64_FORMAT, w.lead.id),
					   "amount", w.fields.amount ? amount_text(w.fields.amount) : NULL, NULL);
	leads_pipeline_finish(f, &w, to, decision_id, out);
}

void
leads_pipeline_close_lost(LeadsFrame *f, int64 lead_id, const char *reason, const char *note,
						  int32 expected_version, LeadsMoved *out)
{
	LeadsPipelineWork w;
	LeadsMove	m;
	int			to;
	int64		decision_id;

	reason = leads_pipeline_given(reason);
	note = leads_pipeline_given(note);
	leads_pipeline_check_length("reason", reason, REASON_MAX);
	leads_pipeline_check_length("note", note, NOTE_MAX);
	leads_pipeline_begin(f, &w, lead_id, expected_version);
	to = find_kind(&w, false, false);
	refuse(&w, leads_pipeline_lose(&w.rules, &w.steps[w.from], reason, note), -1);

	memset(&m, 0, sizeof(m));
	m.invalid = leads_pipeline_invalid(&w.rules, reason);
	leads_evidence_add(&w.evidence, "move", "lost", "move.lost", 2, w.stages[w.from].label, reason);
	if (m.invalid)
		leads_evidence_add(&w.evidence, "count", "no", "move.invalid", 0);
	decision_id = leads_pipeline_decide(f, &w, "lose", "lost");
	record_move(f, &w, "lost", to, w.lead.attempt, reason, note, &m, decision_id);
	leads_pipeline_finish(f, &w, to, decision_id, out);
}

/* the exemption of a win that is taken back ends, unless another win stands */
static void
end_exemption(LeadsFrame *f, LeadsPipelineWork *w)
{
	LeadsOwnership *own = &w->hold.own;

	if (!w->hold.has_own || own->member_id == 0 || own->exempt == NULL || strcmp(own->exempt, "won") != 0 ||
		leads_lead_other_won(f, w->hold.customer.id, w->lead.scope, w->lead.id))
		return;
	own->exempt = NULL;
	/* it had no deadline, the one before may be long past: the grace begins now */
	leads_deadline_move(f, own);
	leads_evidence_add(&w->evidence, "exempt", "no", "exempt.ended", 1,
					   leads_message_time(f->zone, leads_ownership_deadline(own)));
}

void
leads_pipeline_open_again(LeadsFrame *f, int64 lead_id, const char *stage, const char *reason,
						  int32 expected_version, LeadsMoved *out)
{
	LeadsPipelineWork w;
	LeadsMove	none;
	int			to;
	int32		attempt;
	int64		decision_id;

	stage = leads_pipeline_given(stage);
	reason = leads_pipeline_given(reason);
	leads_pipeline_check_length("reason", reason, REASON_MAX);
	leads_pipeline_begin(f, &w, lead_id, expected_version);
	to = stage ? find_stage(&w, stage) : find_kind(&w, true, false);
	refuse(&w, leads_pipeline_reopen(&w.steps[w.from], &w.steps[to]), to);

	memset(&none, 0, sizeof(none));
	attempt = w.lead.attempt + 1;
	leads_evidence_add(&w.evidence, "move", "reopened", "move.reopened", 3, w.stages[w.from].label,
					   w.stages[to].label, psprintf("%d", attempt));
	if (w.steps[w.from].won)
	{
		end_exemption(f, &w);
		leads_outbox_write(f, "win_reversed", w.hold.customer.id,
						   psprintf("lead/" INT64_FORMAT "/%d", w.lead.id, w.lead.attempt),
						   w.hold.has_own ? w.hold.own.member_id : 0, f->now,
						   "lead", psprintf(INT64_FORMAT, w.lead.id),
						   "amount", w.fields.amount ? amount_text(w.fields.amount) : NULL, NULL);
	}
	decision_id = leads_pipeline_decide(f, &w, "reopen", "reopened");
	record_move(f, &w, "reopened", to, attempt, reason, NULL, &none, decision_id);
	leads_pipeline_finish(f, &w, to, decision_id, out);
}
