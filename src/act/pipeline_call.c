/*
 * pipeline_call.c - the SQL functions advance, win, lose, reopen, edit_lead.
 *
 * Purpose: arguments in, one row out; and the verb edit.
 * Invariants: arguments are read before the frame is opened and the row is built
 * after it is left, so that both live in the caller's memory; an edit that changes
 * nothing writes nothing.
 * Called by: users; access/face (view my_lead) calls leads_pipeline_edit.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "act/followup.h"
#include "act/pipeline_work.h"
#include "core/args.h"

#define TEXT_MAX 200
#define NEED_MAX 4000
#define EXTRA_MAX (64 * 1024)

/* ---------------------------------------------------------------- small helpers of both halves */

void
leads_pipeline_check_length(const char *what, const char *s, int most)
{
	if (s && pg_mbstrlen(s) > most)
		ereport(ERROR,
				(errcode(LEADS_ERR_TOO_LONG), errmsg("%s is longer than %d characters", what, most)));
}

const char *
leads_pipeline_given(const char *s)
{
	return s && leads_followup_length(s) > 0 ? s : NULL;
}

void
leads_pipeline_push(JsonbParseState **state, JsonbIteratorToken token, const char *s)
{
	JsonbValue	v;

	if (s)
	{
		v.type = jbvString;
		v.val.string.val = unconstify(char *, s);
		v.val.string.len = strlen(s);
	}
	else
		v.type = jbvNull;
	pushJsonbValue(state, token, &v);
}

void
leads_pipeline_check_amount(Datum amount)
{
	if (amount == (Datum) 0)
		return;
	if (numeric_is_nan(DatumGetNumeric(amount)) || numeric_is_inf(DatumGetNumeric(amount)) ||
		DatumGetBool(DirectFunctionCall2(numeric_lt, amount, NumericGetDatum(int64_to_numeric(0)))))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an amount is a number that is not negative")));
	if (DatumGetBool(DirectFunctionCall2(numeric_ge, amount,
										 NumericGetDatum(int64_to_numeric(INT64CONST(10000000000000000))))))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("an amount has at most 16 digits before the point")));
}

TupleDesc
leads_pipeline_desc(FunctionCallInfo fcinfo)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return BlessTupleDesc(desc);
}

int32
leads_pipeline_version_arg(FunctionCallInfo fcinfo, int n)
{
	if (PG_ARGISNULL(n))
		return 0;
	/* versions count from 1; 0 would read as "any" */
	return PG_GETARG_INT32(n) == 0 ? -1 : PG_GETARG_INT32(n);
}

Datum
leads_pipeline_amount_arg(FunctionCallInfo fcinfo, int n)
{
	Datum		amount = PG_ARGISNULL(n) ? (Datum) 0 : NumericGetDatum(PG_GETARG_NUMERIC(n));

	leads_pipeline_check_amount(amount);
	return amount;
}

void
leads_pipeline_enter(LeadsFrame *f, FunctionCallInfo fcinfo, int by_member)
{
	char	   *member = leads_arg_text(fcinfo, by_member);

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("lead_id is required")));
	leads_enter(f, NULL, LEADS_PROFILE_WORKER);
	leads_actor_resolve(f, member, 0);
}

Datum
leads_pipeline_answer(LeadsFrame *f, TupleDesc desc, const LeadsMoved *m)
{
	Datum		values[7];
	bool		nulls[7] = {false};
	char	   *stage = leads_keep(f, m->stage);
	char	   *label = leads_keep(f, m->label);
	char	   *owner = leads_keep(f, m->owner);

	leads_leave(f);
	values[0] = Int64GetDatum(m->lead_id);
	values[1] = CStringGetTextDatum(stage);
	values[2] = CStringGetTextDatum(label);
	values[3] = Int32GetDatum(m->row_version);
	nulls[4] = owner == NULL;
	values[4] = owner ? CStringGetTextDatum(owner) : (Datum) 0;
	nulls[5] = m->next_due_at == LEADS_NO_TIME;
	values[5] = TimestampTzGetDatum(m->next_due_at);
	nulls[6] = m->decision_id == 0;
	values[6] = Int64GetDatum(m->decision_id);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* ---------------------------------------------------------------- edit */

typedef struct Change
{
	JsonbParseState *state;
	StringInfoData names;
} Change;

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* {"amount": ["10.0000", "20.0000"]} */
static void
changed(Change *c, const char *field, const char *before, const char *after)
{
	leads_pipeline_push(&c->state, WJB_KEY, field);
	pushJsonbValue(&c->state, WJB_BEGIN_ARRAY, NULL);
	leads_pipeline_push(&c->state, WJB_ELEM, before);
	leads_pipeline_push(&c->state, WJB_ELEM, after);
	pushJsonbValue(&c->state, WJB_END_ARRAY, NULL);
	appendStringInfo(&c->names, "%s%s", c->names.len ? ", " : "", field);
}

static void
change_text(Change *c, const char *field, const char **stored, const char *wanted)
{
	if (same_text(*stored, wanted))
		return;
	changed(c, field, *stored, wanted);
	*stored = wanted;
}

static char *
numeric_text(Datum n)
{
	return n ? DatumGetCString(DirectFunctionCall1(numeric_out, n)) : NULL;
}

/* year, month, day whatever DateStyle says */
static char *
date_text(DateADT d)
{
	struct pg_tm tm;
	char		buf[MAXDATELEN + 1];

	if (d == PG_INT32_MIN)
		return NULL;
	memset(&tm, 0, sizeof(tm));
	j2date(d + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	EncodeDateOnly(&tm, USE_ISO_DATES, buf);
	return pstrdup(buf);
}

static bool
same_jsonb(Jsonb *a, Jsonb *b)
{
	return compareJsonbContainers(&a->root, &b->root) == 0;
}

static Jsonb *
jsonb_literal(const char *s)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(s)));
}

static void
change_extra(Change *c, Jsonb **stored, const LeadsEdit *edit)
{
	Jsonb	   *wanted = edit->extra ? edit->extra : jsonb_literal("{}");

	if (!JB_ROOT_IS_OBJECT(wanted))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("extra is not a JSON object")));
	if (edit->merge_extra)
		wanted = DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(*stored), JsonbPGetDatum(wanted)));
	if (VARSIZE_ANY(wanted) > EXTRA_MAX)
		ereport(ERROR, (errcode(LEADS_ERR_TOO_LONG), errmsg("extra is larger than 64 kB")));
	if (same_jsonb(*stored, wanted))
		return;
	/* the values may be anything: the history keeps that it changed, the row keeps what it is */
	changed(c, "extra", NULL, NULL);
	*stored = wanted;
}

static void
apply_edit(LeadsFrame *f, LeadsPipelineWork *w, const LeadsEdit *edit, Change *c)
{
	LeadsLeadFields *now = &w->fields;

	if (edit->set_amount)
	{
		Datum		wanted = edit->amount;

		leads_pipeline_check_amount(wanted);
		if (wanted)
			wanted = DirectFunctionCall2(numeric_round, wanted, Int32GetDatum(4));
		if ((wanted == (Datum) 0) != (now->amount == (Datum) 0) ||
			(wanted && !DatumGetBool(DirectFunctionCall2(numeric_eq, wanted, now->amount))))
		{
			changed(c, "amount", numeric_text(now->amount), numeric_text(wanted));
			now->amount = wanted;
		}
	}
	if (edit->set_need)
	{
		const char *wanted = leads_pipeline_given(edit->need);

		leads_pipeline_check_length("need", wanted, NEED_MAX);
		change_text(c, "need", &now->need, wanted);
	}
	if (edit->set_line)
	{
		const char *wanted = leads_pipeline_given(edit->line);

		leads_pipeline_check_length("line", wanted, TEXT_MAX);
		change_text(c, "line", &now->line, wanted ? wanted : "");
	}
	if (edit->set_project)
	{
		const char *wanted = leads_pipeline_given(edit->project);

		leads_pipeline_check_length("project", wanted, TEXT_MAX);
		change_text(c, "project", &now->project, wanted);
	}
	if (edit->set_expected_on && edit->expected_on != now->expected_on)
	{
		if (edit->expected_on != PG_INT32_MIN && DATE_NOT_FINITE(edit->expected_on))
			ereport(ERROR, (errcode(LEADS_ERR_BAD_DATE), errmsg("expected_on is no day")));
		changed(c, "expected_on", date_text(now->expected_on), date_text(edit->expected_on));
		now->expected_on = edit->expected_on;
	}
	if (edit->set_extra || edit->merge_extra)
		change_extra(c, &now->extra, edit);
}

void
leads_pipeline_edit(LeadsFrame *f, int64 lead_id, const LeadsEdit *edit, int32 expected_version, LeadsMoved *out)
{
	LeadsPipelineWork w;
	Change		c = {NULL};
	LeadsEvent	e;
	int64		decision_id = 0;
	const char *line;
	const char *project;
	Jsonb	   *data;

	leads_pipeline_begin(f, &w, lead_id, expected_version);
	line = w.fields.line;
	project = w.fields.project;
	initStringInfo(&c.names);
	pushJsonbValue(&c.state, WJB_BEGIN_OBJECT, NULL);
	apply_edit(f, &w, edit, &c);
	data = JsonbValueToJsonb(pushJsonbValue(&c.state, WJB_END_OBJECT, NULL));
	/* the scope is made of them: the lead would belong to another owner */
	if (w.lead.scope[0] && !(same_text(line, w.fields.line) && same_text(project, w.fields.project)))
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("line and project of lead " INT64_FORMAT " decide who owns it", lead_id),
				 errhint("Register the customer for the other line or project.")));
	if (c.names.len > 0)
	{
		leads_evidence_add(&w.evidence, "edit", "yes", "move.edited", 1, c.names.data);
		decision_id = leads_pipeline_decide(f, &w, "edit", "edited");
		leads_lead_edit(f, w.lead.id, &w.fields);
		w.lead.row_version++;
		memset(&e, 0, sizeof(e));
		e.kind = "edited";
		e.customer_id = w.hold.customer.id;
		e.lead_id = w.lead.id;
		e.scope = w.lead.scope;
		e.at = LEADS_NO_TIME;
		if (w.hold.has_own)
		{
			e.owner_id = w.hold.own.member_id;
			e.pool_id = w.hold.own.pool_id;
		}
		e.attempt = w.lead.attempt;
		e.amount = w.fields.amount;
		e.decision_id = decision_id;
		e.data = data;
		leads_event_write(f, &e);
	}
	leads_pipeline_finish(f, &w, w.from, decision_id, out);
}

/* names of fields that are to be emptied */
static void
read_clear(FunctionCallInfo fcinfo, int n, LeadsEdit *edit)
{
	Datum	   *names;
	bool	   *nulls;
	int			count;

	if (PG_ARGISNULL(n))
		return;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(n), TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		char	   *name = nulls[i] ? "" : TextDatumGetCString(names[i]);

		if (strcmp(name, "amount") == 0)
			edit->set_amount = true;
		else if (strcmp(name, "need") == 0)
			edit->set_need = true;
		else if (strcmp(name, "line") == 0)
			edit->set_line = true;
		else if (strcmp(name, "project") == 0)
			edit->set_project = true;
		else if (strcmp(name, "expected_on") == 0)
			edit->set_expected_on = true;
		else if (strcmp(name, "extra") == 0)
			edit->set_extra = true;
		else
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown field \"%s\" in clear_fields", leads_clip(name, 100)),
					 errhint("Fields are amount, need, line, project, expected_on and extra.")));
	}
}

/* ---------------------------------------------------------------- SQL functions */

PG_FUNCTION_INFO_V1(leads_advance);
Datum
leads_advance(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	LeadsMoved	m;
	TupleDesc	desc = leads_pipeline_desc(fcinfo);
	char	   *stage = leads_arg_text(fcinfo, 1);
	char	   *reason = leads_arg_text(fcinfo, 2);

	leads_pipeline_enter(&f, fcinfo, 4);
	leads_pipeline_move(&f, PG_GETARG_INT64(0), stage, reason, leads_pipeline_version_arg(fcinfo, 3), &m);
	PG_RETURN_DATUM(leads_pipeline_answer(&f, desc, &m));
}

PG_FUNCTION_INFO_V1(leads_win);
Datum
leads_win(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	LeadsMoved	m;
	TupleDesc	desc = leads_pipeline_desc(fcinfo);
	Datum		amount = leads_pipeline_amount_arg(fcinfo, 1);

	leads_pipeline_enter(&f, fcinfo, 3);
	leads_pipeline_close_won(&f, PG_GETARG_INT64(0), amount, leads_pipeline_version_arg(fcinfo, 2), &m);
	PG_RETURN_DATUM(leads_pipeline_answer(&f, desc, &m));
}

PG_FUNCTION_INFO_V1(leads_lose);
Datum
leads_lose(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	LeadsMoved	m;
	TupleDesc	desc = leads_pipeline_desc(fcinfo);
	char	   *reason = leads_arg_text(fcinfo, 1);
	char	   *note = leads_arg_text(fcinfo, 2);

	leads_pipeline_enter(&f, fcinfo, 4);
	leads_pipeline_close_lost(&f, PG_GETARG_INT64(0), reason, note, leads_pipeline_version_arg(fcinfo, 3), &m);
	PG_RETURN_DATUM(leads_pipeline_answer(&f, desc, &m));
}

PG_FUNCTION_INFO_V1(leads_reopen);
Datum
leads_reopen(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	LeadsMoved	m;
	TupleDesc	desc = leads_pipeline_desc(fcinfo);
	char	   *stage = leads_arg_text(fcinfo, 1);
	char	   *reason = leads_arg_text(fcinfo, 2);

	leads_pipeline_enter(&f, fcinfo, 4);
	leads_pipeline_open_again(&f, PG_GETARG_INT64(0), stage, reason, leads_pipeline_version_arg(fcinfo, 3), &m);
	PG_RETURN_DATUM(leads_pipeline_answer(&f, desc, &m));
}

PG_FUNCTION_INFO_V1(leads_edit_lead);
Datum
leads_edit_lead(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	LeadsMoved	m;
	LeadsEdit	edit;
	TupleDesc	desc = leads_pipeline_desc(fcinfo);

	memset(&edit, 0, sizeof(edit));
	edit.expected_on = PG_INT32_MIN;
	/* a field cannot be given and cleared: what is given wins */
	read_clear(fcinfo, 7, &edit);
	edit.set_amount |= !PG_ARGISNULL(1);
	edit.amount = leads_pipeline_amount_arg(fcinfo, 1);
	edit.set_need |= !PG_ARGISNULL(2);
	edit.need = leads_arg_text(fcinfo, 2);
	edit.set_line |= !PG_ARGISNULL(3);
	edit.line = leads_arg_text(fcinfo, 3);
	edit.set_project |= !PG_ARGISNULL(4);
	edit.project = leads_arg_text(fcinfo, 4);
	if (!PG_ARGISNULL(5))
	{
		edit.set_expected_on = true;
		edit.expected_on = PG_GETARG_DATEADT(5);
		if (DATE_NOT_FINITE(edit.expected_on))
			ereport(ERROR, (errcode(LEADS_ERR_BAD_DATE), errmsg("expected_on is no day")));
	}
	if (!PG_ARGISNULL(6))
	{
		edit.merge_extra = !edit.set_extra;
		edit.extra = PG_GETARG_JSONB_P(6);
	}
	leads_pipeline_enter(&f, fcinfo, 9);
	leads_pipeline_edit(&f, PG_GETARG_INT64(0), &edit, leads_pipeline_version_arg(fcinfo, 8), &m);
	PG_RETURN_DATUM(leads_pipeline_answer(&f, desc, &m));
}
