/*
 * decision.c - keeper of decisions and their evidence.
 *
 * Purpose: every verb that decides something leaves a row that says what it
 * decided, under which policy versions, and why: steps of code + arguments.
 * Invariants: append-only; evidence holds no sentence (explain() puts it into words)
 * and nothing that the actor was not shown: names of other people's customers are
 * masked before they get here.
 * Called by: the verbs, act/corridor (lapse).
 */
#include "core/leads.h"

#include "miscadmin.h"

#include "core/bulk.h"
#include "record/decision.h"

LEADS_INSERT(i_decision, LEADS_RANK_DECISION, LEADS_ID_MADE, "decision",
			 "kind, verdict, customer_id, lead_id, scope, actor_id, session_role, decided_at, recorded_at, policies, evidence",
			 "ttLLtLtzzjj");

static void
push_text(LeadsEvidence *e, JsonbIteratorToken token, const char *s)
{
	JsonbValue	v;

	if (s)
	{
		v.type = jbvString;
		v.val.string.val = pstrdup(s);
		v.val.string.len = strlen(s);
	}
	else
		v.type = jbvNull;
	pushJsonbValue(&e->state, token, &v);
}

void
leads_evidence_begin(LeadsEvidence *e)
{
	e->state = NULL;
	e->n = 0;
	e->json = NULL;
	pushJsonbValue(&e->state, WJB_BEGIN_ARRAY, NULL);
}

void
leads_evidence_add(LeadsEvidence *e, const char *step, const char *verdict, const char *code, int nargs,...)
{
	va_list		ap;

	pushJsonbValue(&e->state, WJB_BEGIN_OBJECT, NULL);
	push_text(e, WJB_KEY, "step");
	push_text(e, WJB_VALUE, step);
	push_text(e, WJB_KEY, "verdict");
	push_text(e, WJB_VALUE, verdict);
	push_text(e, WJB_KEY, "code");
	push_text(e, WJB_VALUE, code);
	if (nargs > 0)
	{
		push_text(e, WJB_KEY, "args");
		pushJsonbValue(&e->state, WJB_BEGIN_ARRAY, NULL);
		va_start(ap, nargs);
		for (int i = 0; i < nargs; i++)
			push_text(e, WJB_ELEM, va_arg(ap, const char *));
		va_end(ap);
		pushJsonbValue(&e->state, WJB_END_ARRAY, NULL);
	}
	pushJsonbValue(&e->state, WJB_END_OBJECT, NULL);
	e->n++;
}

Jsonb *
leads_evidence_json(LeadsEvidence *e)
{
	if (e->json == NULL)
		e->json = JsonbValueToJsonb(pushJsonbValue(&e->state, WJB_END_ARRAY, NULL));
	return e->json;
}

static Jsonb *
policies_used(const LeadsDecision *d)
{
	const struct
	{
		const char *kind;
		int32		version;
	}			used[] = {
		{"match", d->match_version}, {"pipeline", d->pipeline_version},
		{"protection", d->protection_version}, {"routing", d->routing_version},
	};
	LeadsEvidence o = {NULL, 0, NULL};

	pushJsonbValue(&o.state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < lengthof(used); i++)
	{
		JsonbValue	v;

		if (used[i].version == 0)
			continue;
		push_text(&o, WJB_KEY, used[i].kind);
		v.type = jbvNumeric;
		v.val.numeric = int64_to_numeric(used[i].version);
		pushJsonbValue(&o.state, WJB_VALUE, &v);
	}
	return JsonbValueToJsonb(pushJsonbValue(&o.state, WJB_END_OBJECT, NULL));
}

int64
leads_decision_write(LeadsFrame *f, const LeadsDecision *d, LeadsEvidence *e)
{
	Jsonb	   *evidence = NULL;

	if (e)
		evidence = leads_evidence_json(e);
	return leads_insert(f, &i_decision, d->kind, d->verdict, d->customer_id, d->lead_id, d->scope ? d->scope : "",
				  d->by_system ? (int64) 0 : f->actor_id, GetUserNameFromId(f->caller, false),
				  d->at == LEADS_NO_TIME ? f->now : d->at, f->now, policies_used(d),
						leads_jsonb_or(evidence, "[]"));
}
