/*
 * face.c - the table face: views that walk the same corridor as the functions.
 *
 * Purpose: INSTEAD OF triggers for whatever can only write rows (no-code tools, COPY, an ORM): INSERT into intake is
 * register(), UPDATE of my_lead is advance(), win(), lose(), reopen() and edit_lead(), INSERT into followup is
 * log_activity(), UPDATE of pool_item.claimed_by is claim().
 * Invariants: no rule lives here; the company is the view's own schema, whatever leads.schema says; a column that is
 * not accepted raises LD009; RETURNING gives the answer.
 * Called by: PostgreSQL, for views of the data schema.
 */
#include "core/leads.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "act/claim.h"
#include "act/followup.h"
#include "act/pipeline.h"
#include "act/register.h"
#include "core/actor.h"
#include "record/org.h"

/* one row on its way through a trigger */
typedef struct Face
{
	TriggerData *t;
	TupleDesc	desc;
	HeapTuple	before;			/* NULL for INSERT */
	HeapTuple	after;
	char	   *schema;			/* the view's */
	/* answers collected for the row that goes back */
	int			n;
	int			cols[16];
	Datum		values[16];
	bool		nulls[16];
} Face;

static void
face_open(FunctionCallInfo fcinfo, Face *r, const char *name, bool update)
{
	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_INSTEAD(((TriggerData *) fcinfo->context)->tg_event) ||
		TRIGGER_FIRED_BY_UPDATE(((TriggerData *) fcinfo->context)->tg_event) != update)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function leads.%s() is a trigger of the views of install()", name)));
	memset(r, 0, sizeof(*r));
	r->t = (TriggerData *) fcinfo->context;
	r->desc = r->t->tg_relation->rd_att;
	r->before = update ? r->t->tg_trigtuple : NULL;
	r->after = update ? r->t->tg_newtuple : r->t->tg_trigtuple;
	r->schema = get_namespace_name(RelationGetNamespace(r->t->tg_relation));
}

static int
column(Face *r, const char *name)
{
	int			n = SPI_fnumber(r->desc, name);

	if (n <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("view \"%s\" has no column \"%s\"", RelationGetRelationName(r->t->tg_relation), name),
				 errhint("Run SELECT leads.install(%s);", quote_literal_cstr(r->schema))));
	return n;
}

static char *
text_of(Face *r, const char *name)
{
	return SPI_getvalue(r->after, r->desc, column(r, name));
}

static Datum
value_of(Face *r, const char *name, Oid type, bool *isnull)
{
	return SPI_getbinval(r->after, r->desc, leads_row_column(r->desc, name, type), isnull);
}

static int64
id_of(Face *r, HeapTuple row, const char *name)
{
	bool		isnull;
	Datum		d = SPI_getbinval(row, r->desc, leads_row_column(r->desc, name, INT8OID), &isnull);

	return isnull ? 0 : DatumGetInt64(d);
}

static Jsonb *
json_of(Face *r, const char *name)
{
	bool		isnull;
	Datum		d = value_of(r, name, JSONBOID, &isnull);

	return isnull ? NULL : DatumGetJsonbP(d);
}

/* UPDATE: does the column differ; INSERT: was it given */
static bool
written(Face *r, const char *name)
{
	int			n = column(r, name);
	char	   *b = r->before ? SPI_getvalue(r->before, r->desc, n) : NULL;
	char	   *a = SPI_getvalue(r->after, r->desc, n);

	return a == NULL || b == NULL ? a != b : strcmp(a, b) != 0;
}

/* LD009 if any column but these was written */
static void
accept_only(Face *r, const char *const *accepted, int n, const char *hint)
{
	for (int i = 0; i < r->desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(r->desc, i);
		const char *name = NameStr(att->attname);
		bool		ok = att->attisdropped;

		for (int k = 0; k < n && !ok; k++)
			ok = strcmp(accepted[k], name) == 0;
		if (!ok && written(r, name))
			ereport(ERROR,
					(errcode(LEADS_ERR_DIRECT_CHANGE),
					 errmsg("column \"%s\" of view \"%s\" cannot be written", name,
							RelationGetRelationName(r->t->tg_relation)),
					 errhint("%s", hint)));
	}
}

static void
answer(Face *r, const char *name, Oid type, Datum value, bool isnull)
{
	r->cols[r->n] = leads_row_column(r->desc, name, type);
	r->values[r->n] = value;
	r->nulls[r->n++] = isnull;
}

static void
answer_text(Face *r, const char *name, const char *s)
{
	answer(r, name, TEXTOID, s ? CStringGetTextDatum(s) : (Datum) 0, s == NULL);
}

static void
answer_id(Face *r, const char *name, int64 id)
{
	answer(r, name, INT8OID, Int64GetDatum(id), id == 0);
}

static void
answer_time(Face *r, const char *name, TimestampTz at)
{
	answer(r, name, TIMESTAMPTZOID, TimestampTzGetDatum(at), at == LEADS_NO_TIME);
}

static Datum
face_close(Face *r)
{
	return PointerGetDatum(heap_modify_tuple_by_cols(r->after, r->desc, r->n, r->cols, r->values, r->nulls));
}

PG_FUNCTION_INFO_V1(leads_face_intake);
Datum
leads_face_intake(PG_FUNCTION_ARGS)
{
	static const char *const accepted[] = {
		"name", "phone", "contact", "email", "region", "industry", "amount", "need", "channel", "line", "project",
		"uscc", "kind", "by_member", "extra", "request_key"
	};
	Face		r;
	LeadsRegisterArgs args = {0};
	LeadsRegisterAnswer out;
	bool		isnull;
	Datum		amount;

	face_open(fcinfo, &r, "face_intake", false);
	accept_only(&r, accepted, lengthof(accepted), "It is part of the answer: read it with RETURNING.");
	args.name = text_of(&r, "name");
	args.phone = text_of(&r, "phone");
	args.contact = text_of(&r, "contact");
	args.email = text_of(&r, "email");
	args.region = text_of(&r, "region");
	args.industry = text_of(&r, "industry");
	amount = value_of(&r, "amount", NUMERICOID, &isnull);
	args.amount = isnull ? (Datum) 0 : NumericGetDatum(DatumGetNumeric(amount));
	args.need = text_of(&r, "need");
	args.channel = text_of(&r, "channel");
	args.line = text_of(&r, "line");
	args.project = text_of(&r, "project");
	args.uscc = text_of(&r, "uscc");
	args.kind = text_of(&r, "kind");
	args.by_member = text_of(&r, "by_member");
	args.extra = json_of(&r, "extra");
	args.request_key = text_of(&r, "request_key");
	leads_register_run(r.schema, &args, &out);

	answer_id(&r, "registration_id", out.registration_id);
	answer_text(&r, "outcome", out.outcome);
	answer_text(&r, "reason", out.reason);
	answer_text(&r, "message", out.message);
	answer_text(&r, "owner", out.owner);
	answer_text(&r, "pool", out.pool);
	answer_time(&r, "protected_until", out.protected_until);
	answer_id(&r, "customer_id", out.customer_id);
	answer_id(&r, "lead_id", out.lead_id);
	answer_id(&r, "decision_id", out.decision_id);
	return face_close(&r);
}

/* fields that edit_lead() changes; true if there are any */
static bool
read_edit(Face *r, LeadsEdit *e)
{
	bool		isnull;
	Datum		d;

	memset(e, 0, sizeof(*e));
	e->set_amount = written(r, "amount");
	d = value_of(r, "amount", NUMERICOID, &isnull);
	e->amount = isnull ? (Datum) 0 : NumericGetDatum(DatumGetNumeric(d));
	e->set_need = written(r, "need");
	e->need = text_of(r, "need");
	e->set_line = written(r, "line");
	e->line = text_of(r, "line");
	e->set_project = written(r, "project");
	e->project = text_of(r, "project");
	e->set_expected_on = written(r, "expected_on");
	d = value_of(r, "expected_on", DATEOID, &isnull);
	e->expected_on = isnull ? PG_INT32_MIN : DatumGetDateADT(d);
	e->set_extra = written(r, "extra");
	e->extra = json_of(r, "extra");
	return e->set_amount || e->set_need || e->set_line || e->set_project || e->set_expected_on || e->set_extra;
}

/* another stage: the call that leads there */
static void
move(LeadsFrame *f, Face *r, int64 id, const char *from, const char *to, const char *reason,
	 const char *close_reason, const char *close_note, int32 version, LeadsMoved *out)
{
	LeadsStage	old;
	LeadsStage	new;

	if (!leads_stage_by_code(f, from, &old))
		elog(ERROR, "no stage %s", from);
	if (to == NULL || !leads_stage_by_code(f, to, &new))
		/* not there: advance() says so */
		leads_pipeline_move(f, id, to ? to : "", reason, version, out);
	else if (new.kind == LEADS_STAGE_WON)
		leads_pipeline_close_won(f, id, (Datum) 0, version, out);
	else if (new.kind == LEADS_STAGE_LOST)
		leads_pipeline_close_lost(f, id, close_reason, close_note, version, out);
	else if (old.kind != LEADS_STAGE_OPEN)
		leads_pipeline_open_again(f, id, to, reason, version, out);
	else
		leads_pipeline_move(f, id, to, reason, version, out);
}

PG_FUNCTION_INFO_V1(leads_face_lead);
Datum
leads_face_lead(PG_FUNCTION_ARGS)
{
	static const char *const accepted[] = {
		"stage", "reason", "amount", "need", "line", "project", "expected_on", "extra", "close_reason", "close_note"
	};
	Face		r;
	LeadsFrame	f;
	LeadsEdit	edit;
	LeadsMoved	out;
	bool		edits;
	bool		moves;
	bool		isnull;
	int64		id;
	int32		version;
	char	   *from;
	char	   *to;
	char	   *reason;
	char	   *close_reason;
	char	   *close_note;
	char	   *stage;
	char	   *label;
	char	   *owner;

	face_open(fcinfo, &r, "face_lead", true);
	accept_only(&r, accepted, lengthof(accepted),
				"Owners change by leads.assign(), leads.claim() and leads.release(); deadlines by leads.extend() and leads.log_activity().");
	moves = written(&r, "stage");
	if (!moves && (written(&r, "close_reason") || written(&r, "close_note") || written(&r, "reason")))
		ereport(ERROR,
				(errcode(LEADS_ERR_DIRECT_CHANGE),
				 errmsg("reason, close_reason and close_note of view \"%s\" are written together with another stage",
						RelationGetRelationName(r.t->tg_relation))));
	edits = read_edit(&r, &edit);
	if (!moves && !edits)
		return PointerGetDatum(r.after);
	id = id_of(&r, r.before, "id");
	/* what the statement saw: a change that came between raises LD003 */
	version = DatumGetInt32(SPI_getbinval(r.before, r.desc, leads_row_column(r.desc, "row_version", INT4OID), &isnull));
	from = SPI_getvalue(r.before, r.desc, column(&r, "stage"));
	to = text_of(&r, "stage");
	reason = text_of(&r, "reason");
	close_reason = text_of(&r, "close_reason");
	close_note = text_of(&r, "close_note");

	leads_enter(&f, r.schema, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&f, NULL, 0);
	/* fields first: a stage may ask for them */
	if (edits)
	{
		leads_pipeline_edit(&f, id, &edit, version, &out);
		version = out.row_version;
	}
	if (moves)
		move(&f, &r, id, from, to, reason, close_reason, close_note, version, &out);
	stage = leads_keep(&f, out.stage);
	label = leads_keep(&f, out.label);
	owner = leads_keep(&f, out.owner);
	leads_leave(&f);

	answer_text(&r, "stage", stage);
	answer_text(&r, "label", label);
	answer_text(&r, "owner", owner);
	answer_time(&r, "next_due_at", out.next_due_at);
	answer(&r, "row_version", INT4OID, Int32GetDatum(out.row_version), false);
	return face_close(&r);
}

PG_FUNCTION_INFO_V1(leads_face_followup);
Datum
leads_face_followup(PG_FUNCTION_ARGS)
{
	static const char *const accepted[] = {"lead_id", "kind", "note", "occurred_at", "by_member", "seconds", "automatic"};
	Face		r;
	LeadsFrame	f;
	LeadsLogged out;
	LeadsLogInput in = {0};
	char	   *by_member;
	char	   *author;
	bool		isnull;
	TimestampTz at;
	Datum		d;

	face_open(fcinfo, &r, "face_followup", false);
	accept_only(&r, accepted, lengthof(accepted), "It is part of the answer: read it with RETURNING.");
	in.lead_id = id_of(&r, r.after, "lead_id");
	in.kind = text_of(&r, "kind");
	in.note = text_of(&r, "note");
	d = value_of(&r, "seconds", INT4OID, &isnull);
	in.seconds = isnull ? 0 : DatumGetInt32(d);
	d = value_of(&r, "automatic", BOOLOID, &isnull);
	in.automatic = !isnull && DatumGetBool(d);
	by_member = text_of(&r, "by_member");
	at = DatumGetTimestampTz(value_of(&r, "occurred_at", TIMESTAMPTZOID, &isnull));
	if (isnull)
		at = LEADS_NO_TIME;
	else if (TIMESTAMP_NOT_FINITE(at))
		ereport(ERROR, (errcode(LEADS_ERR_BAD_DATE), errmsg("occurred_at is no instant")));
	in.occurred_at = at;
	if (in.lead_id == 0 || in.kind == NULL)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("lead_id and kind are required")));
	leads_enter(&f, r.schema, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&f, by_member, 0);
	leads_followup_log(&f, &in, &out);
	out.reason = leads_keep(&f, out.reason);
	author = leads_keep(&f, f.actor_code);
	leads_leave(&f);

	answer_id(&r, "id", out.activity_id);
	answer_text(&r, "author", author);
	answer(&r, "effective", BOOLOID, BoolGetDatum(out.effective), false);
	answer_text(&r, "reason", out.reason);
	answer_time(&r, "next_due_at", out.next_due_at);
	answer_id(&r, "decision_id", out.decision_id);
	return face_close(&r);
}

PG_FUNCTION_INFO_V1(leads_face_pool);
Datum
leads_face_pool(PG_FUNCTION_ARGS)
{
	static const char *const accepted[] = {"claimed_by"};
	Face		r;
	LeadsFrame	f;
	LeadsClaimRow *rows;
	int64		id;
	char	   *member;
	char	   *scope;
	char	   *owner;

	face_open(fcinfo, &r, "face_pool", true);
	accept_only(&r, accepted, lengthof(accepted), "Only claimed_by can be written, which claims the customer.");
	member = text_of(&r, "claimed_by");
	if (member == NULL)
		return PointerGetDatum(r.after);
	id = id_of(&r, r.before, "customer_id");
	scope = SPI_getvalue(r.before, r.desc, column(&r, "scope"));
	leads_enter(&f, r.schema, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&f, member, 0);
	(void) leads_claim_customers(&f, &id, 1, scope, true, &rows);
	owner = leads_keep(&f, rows[0].owner);
	leads_leave(&f);
	answer_text(&r, "claimed_by", owner);
	return face_close(&r);
}
