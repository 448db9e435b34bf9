/*
 * explain.c - why a decision came out as it did.
 *
 * Purpose: read a decision's evidence, codes and arguments, out as rows in the
 * language of the company or the one asked for.
 * Invariants: nothing is computed anew: what is said is what was stored when the
 * decision was made; names of foreign customers were masked when the evidence
 * was written, so they stay masked here; a decision that the caller may not see
 * and one that does not exist give the same error.
 * Called by: users, the demo.
 */
#include "core/leads.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/numeric.h"
#include "utils/tuplestore.h"

#include "core/actor.h"
#include "read/explain.h"

#define MAX_ARGS 10
#define COLUMNS 4

static const LeadsMessage messages[] = {
	{"explain_head", "操作人 {1}，时间 {3}，数据库角色 {4}。",
	"By {1} at {3}, database role {4}."},
	{"explain_head_late", "操作人 {1}，生效时间 {3}，写入时间 {5}，数据库角色 {4}。",
	"By {1}, in force from {3}, written down at {5}, database role {4}."},
	{"explain_policies", "依据策略版本：{0}。", "Policy versions used: {0}."},
	{"explain_system", "系统", "the system"},
};

LEADS_QUERY(q_decision, "l",
			"SELECT d.kind, d.verdict, d.customer_id, d.actor_id, m.code, m.name, d.session_role,"
			"       d.decided_at, d.recorded_at, d.policies, d.evidence"
			"  FROM @.decision d LEFT JOIN @.member m ON m.id = d.actor_id WHERE d.id = $1");
/* a merged customer is in the hands of its survivor's owner */
LEADS_QUERY(q_owners, "lz",
			"SELECT DISTINCT o.member_id FROM @.customer c JOIN @.ownership o ON o.customer_id = coalesce(c.merged_into, c.id)"
			" WHERE c.id = $1 AND o.member_id IS NOT NULL AND o.until IS NULL"
			"   AND (o.next_due_at IS NULL OR o.next_due_at > $2)");

/* who decided it, who owns the customer, and who manages one of the two */
static bool
may_see(LeadsFrame *f, int64 customer_id, int64 actor_id)
{
	LeadsResult r;

	(void) leads_actor_lookup(f);
	if (leads_actor_reach(f) == LEADS_REACH_ALL || (f->profiles & LEADS_PROFILE_BI) != 0)
		return true;
	if (f->actor_id == 0)
		return false;
	if (actor_id != 0 && leads_actor_reaches(f, actor_id))
		return true;
	if (customer_id == 0)
		return false;
	r = leads_run(&q_owners, customer_id, leads_now_internal());
	for (uint64 i = 0; i < r.n; i++)
		if (leads_actor_reaches(f, leads_int(&r, i, 1)))
			return true;
	return false;
}

static Datum
text_or_null(const char *s, bool *isnull)
{
	*isnull = s == NULL;
	return s ? CStringGetTextDatum(s) : (Datum) 0;
}

static void
put_row(ReturnSetInfo *rsi, int step_no, const char *step, const char *verdict, const char *reason)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};

	values[0] = Int32GetDatum(step_no);
	values[1] = text_or_null(step, &nulls[1]);
	values[2] = text_or_null(verdict, &nulls[2]);
	values[3] = text_or_null(reason, &nulls[3]);
	tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
}

/* a scalar as text; NULL for null and for what is no scalar */
static char *
scalar_text(const JsonbValue *v)
{
	if (v == NULL)
		return NULL;
	switch (v->type)
	{
		case jbvString:
			return pnstrdup(v->val.string.val, v->val.string.len);
		case jbvNumeric:
			return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(v->val.numeric)));
		case jbvBool:
			return pstrdup(v->val.boolean ? "true" : "false");
		default:
			return NULL;
	}
}

/* "match 1, routing 4" */
static char *
policy_list(Jsonb *policies)
{
	StringInfoData buf;
	JsonbIterator *it;
	JsonbValue	v;
	JsonbIteratorToken tok;

	initStringInfo(&buf);
	if (policies == NULL || !JB_ROOT_IS_OBJECT(policies))
		return buf.data;
	it = JsonbIteratorInit(&policies->root);
	while ((tok = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (tok == WJB_KEY)
			appendStringInfo(&buf, "%s%.*s", buf.len > 0 ? ", " : "", v.val.string.len, v.val.string.val);
		else if (tok == WJB_VALUE)
		{
			char	   *version = scalar_text(&v);

			appendStringInfo(&buf, " %s", version ? version : "-");
		}
	}
	return buf.data;
}

static void
put_head(LeadsFrame *f, ReturnSetInfo *rsi, const char *lang, LeadsResult *r)
{
	const char *args[6];
	const char *code = leads_text(r, 0, 5);
	TimestampTz decided = leads_time(r, 0, 8);
	TimestampTz recorded = leads_time(r, 0, 9);
	char	   *policies = policy_list(leads_jsonb(r, 0, 10));
	char	   *reason;

	args[0] = leads_text(r, 0, 1);
	args[1] = code ? psprintf("%s (%s)", leads_text(r, 0, 6), code) : leads_message0(lang, "explain_system");
	args[2] = leads_text(r, 0, 2);
	args[3] = leads_message_time(f->zone, decided);
	args[4] = leads_text(r, 0, 7);
	args[5] = leads_message_time(f->zone, recorded);
	/* a lapse is written when somebody comes by, but was true at its own instant */
	reason = leads_message(lang, recorded - decided >= USECS_PER_MINUTE ? "explain_head_late" : "explain_head",
						   lengthof(args), args);
	if (policies[0])
		reason = psprintf("%s%s%s", reason, strcmp(lang, "zh") == 0 ? "" : " ",
						  leads_message1(lang, "explain_policies", policies));
	put_row(rsi, 1, args[0], args[2], reason);
}

static void
put_step(ReturnSetInfo *rsi, const char *lang, int step_no, JsonbValue *v)
{
	JsonbContainer *step = v->val.binary.data;
	JsonbValue	buf;
	JsonbValue *list = getKeyJsonValueFromContainer(step, "args", 4, &buf);
	char	   *code;
	const char *args[MAX_ARGS];
	int			nargs = 0;

	if (list && list->type == jbvBinary && JsonContainerIsArray(list->val.binary.data))
		for (; nargs < MAX_ARGS && nargs < (int) JsonContainerSize(list->val.binary.data); nargs++)
			args[nargs] = scalar_text(getIthJsonbValueFromContainer(list->val.binary.data, nargs));
	code = scalar_text(getKeyJsonValueFromContainer(step, "code", 4, &buf));
	put_row(rsi, step_no,
			scalar_text(getKeyJsonValueFromContainer(step, "step", 4, &buf)),
			scalar_text(getKeyJsonValueFromContainer(step, "verdict", 7, &buf)),
			code ? leads_message(lang, code, nargs, args) : NULL);
}

static void
put_steps(ReturnSetInfo *rsi, const char *lang, Jsonb *evidence)
{
	uint32		n;

	if (evidence == NULL || !JB_ROOT_IS_ARRAY(evidence) || JB_ROOT_IS_SCALAR(evidence))
		return;
	n = JB_ROOT_COUNT(evidence);
	for (uint32 i = 0; i < n; i++)
	{
		JsonbValue *v = getIthJsonbValueFromContainer(&evidence->root, i);

		if (v->type == jbvBinary && JsonContainerIsObject(v->val.binary.data))
			put_step(rsi, lang, (int) i + 2, v);
	}
}

static char *
lang_arg(FunctionCallInfo fcinfo, int n)
{
	char	   *lang;

	if (PG_ARGISNULL(n))
		return NULL;
	lang = text_to_cstring(PG_GETARG_TEXT_PP(n));
	if (strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lang is 'zh' or 'en', not \"%s\"", pnstrdup(lang, pg_mbcliplen(lang, strlen(lang), 60)))));
	return lang;
}

PG_FUNCTION_INFO_V1(leads_explain);
Datum
leads_explain(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	LeadsResult r;
	const char *lang;
	int64		id;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("decision_id is required")));
	id = PG_GETARG_INT64(0);
	lang = lang_arg(fcinfo, 1);
	InitMaterializedSRF(fcinfo, 0);
	leads_enter_reader(&f, NULL, LEADS_PROFILE_WORKER | LEADS_PROFILE_BI);
	if (lang == NULL)
		lang = f.lang;
	r = leads_run(&q_decision, id);
	if (!leads_found(r) || !may_see(&f, leads_int(&r, 0, 3), leads_int(&r, 0, 4)))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("there is no decision " INT64_FORMAT, id)));
	put_head(&f, (ReturnSetInfo *) fcinfo->resultinfo, lang, &r);
	put_steps((ReturnSetInfo *) fcinfo->resultinfo, lang, leads_jsonb(&r, 0, 11));
	leads_leave(&f);
	return (Datum) 0;
}

void
leads_explain_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}
