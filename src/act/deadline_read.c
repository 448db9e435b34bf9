/*
 * deadline_read.c - asking about deadlines: why then, and when by another policy.
 *
 * Purpose: explain_deadline(), when_would_lapse().
 * Invariants: read only; the same judge and the same facts as where deadlines are written, so that an
 * answer cannot differ from what will happen; a customer that the caller may not see and one that is not there give
 * the same error.
 * Called by: users.
 */
#include "core/leads.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/tuplestore.h"

#include "act/corridor.h"
#include "act/deadline.h"
#include "act/notice.h"
#include "core/policy.h"
#include "record/anchor.h"
#include "record/org.h"

#define COLUMNS 8
#define DUE_COLUMNS 8

static const LeadsMessage messages[] = {
	{"due.rules", "保护策略第 {0} 版，第 {1} 条", "version {0} of the protection policy, entry {1}"},
	{"due.rules_base", "保护策略第 {0} 版", "version {0} of the protection policy"},
	{"due.pool", "在公海“{0}”", "it lies in pool \"{0}\""},
	{"due.protection_end", "保护期届满", "the protection ends"},
	{"due.no_followup", "没有有效跟进", "no effective follow-up"},
	{"due.no_first_contact", "没有首次联系", "no first contact"},
	{"due.no_stage_progress", "阶段没有推进", "no lead moved forward"},
	{"due.no_opportunity", "没有转为商机", "no opportunity"},
	{"due.no_deal", "没有成交", "no deal"},
	{"due.contract_end", "合同到期", "the contract ended"},
	{"due.owner_left", "归属人离职", "its owner has left"},
	{"due.any", "任一条件满足", "the earliest of these"},
	{"due.all", "全部条件满足", "the latest of these"},
	{"due.waits", "{0}：不适用", "{0}: not waiting for it"},
	{"due.won", "已成交，不到期", "won: no deadline"},
	{"due.locked", "已锁定，不到期", "locked: no deadline"},
	{"due.stage", "已到阶段“{0}”，不到期", "a lead is at stage {0} or further: no deadline"},
	{"due.pause", "暂停计时", "clocks stand still"},
	{"due.hold", "延期申请 {0} 待审批，最多保留至此", "extension {0} waits for approval: held until then at most"},
	{"due.none", "没有截止时间", "no deadline"},
	{"due.told", "已于 {0} 通知归属人", "its owner was told at {0}"},
	{"due.untold", "尚未通知归属人，通知前不到期", "its owner was not told yet: it does not lapse before"},
	{"due.as_computed", "按以上条件计算", "as these give it"},
	{"due.grace", "按条件为 {0}，因宽限期推迟", "they give {0}; a grace moved it"},
};

LEADS_QUERY(q_me, "l", "SELECT m.team_id FROM @.member m WHERE m.id = $1");
LEADS_QUERY(q_under, "ll",
			"WITH RECURSIVE below AS (SELECT t.id FROM @.team t WHERE t.id = $1"
			"   UNION SELECT t.id FROM @.team t JOIN below b ON t.parent_id = b.id)"
			" SELECT FROM @.member m JOIN below b ON b.id = m.team_id WHERE m.id = $2");

void
leads_deadline_read_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

/* what the views show: its own; for a boss with a team its team's; else everything */
static bool
may_ask(LeadsFrame *f, int64 owner_id, int64 pool_id)
{
	LeadsResult r;
	bool		boss;

	(void) leads_actor_lookup(f);
	boss = leads_corridor_is_boss(f);
	if (f->actor_id == 0)
		return (f->profiles & LEADS_PROFILE_BOSS) != 0 && !f->acting_for;
	if (owner_id != 0 && owner_id == f->actor_id)
		return true;
	if (!boss)
		return false;
	if (f->profiles & (LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN))
		return true;
	r = leads_run(&q_me, f->actor_id);
	if (leads_isnull(&r, 0, 1))
		return true;
	if (owner_id == 0)
		return leads_pool_has_member(f, pool_id, f->actor_id);
	return leads_found(leads_run(&q_under, leads_int(&r, 0, 1), owner_id));
}

/* the interval as it is now, a lapse that no job wrote down yet included; LD001 */
static void
find(LeadsFrame *f, int64 customer_id, const char *scope, LeadsOwnership *o)
{
	LeadsCustomer c;

	f->now = leads_now_internal();
	if (!leads_customer_read(f, customer_id, &c) || !leads_ownership_open(f, c.id, scope, o))
		memset(o, 0, sizeof(*o));
	else if (leads_protection_lapsed(o->next_due_at, f->now))
	{
		o->member_id = 0;
		o->pool_id = o->lapse_pool_id;
	}
	if ((o->member_id == 0 && o->pool_id == 0) || !may_ask(f, o->member_id, o->pool_id))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no customer " INT64_FORMAT, customer_id)));
}

typedef struct Rows
{
	ReturnSetInfo *rsi;
	const char *lang;
	int			n;
} Rows;

static void
put(Rows *rows, const char *item, TimestampTz from, const char *span, TimestampTz plain, TimestampTz due, bool decides,
	const char *reason)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};

	values[0] = Int32GetDatum(++rows->n);
	values[1] = CStringGetTextDatum(item);
	values[2] = TimestampTzGetDatum(from);
	nulls[2] = from == DT_NOBEGIN;
	values[3] = span ? CStringGetTextDatum(span) : (Datum) 0;
	nulls[3] = span == NULL;
	values[4] = TimestampTzGetDatum(plain);
	nulls[4] = TIMESTAMP_NOT_FINITE(plain);
	values[5] = TimestampTzGetDatum(due);
	nulls[5] = TIMESTAMP_NOT_FINITE(due);
	values[6] = BoolGetDatum(decides);
	values[7] = CStringGetTextDatum(reason);
	tuplestore_putvalues(rows->rsi->setResult, rows->rsi->setDesc, values, nulls);
}

static const char *
span_text(LeadsSpan span)
{
	static const char *const units[] = {"days", "working days", "hours", "working hours"};

	return span.n > 0 ? psprintf("%d %s", span.n, units[span.unit]) : NULL;
}

static void
put_condition(Rows *rows, const LeadsAnchor *a, const char *due_by)
{
	const char *name = leads_trigger_name(a->kind);
	const char *text = leads_message0(rows->lang, psprintf("due.%s", name));
	bool		list = a->kind == LEADS_TRIGGER_ANY || a->kind == LEADS_TRIGGER_ALL;

	if (!list && a->anchor == DT_NOBEGIN)
		text = leads_message1(rows->lang, "due.waits", text);
	put(rows, psprintf("%*s%s", 2 * a->depth, "", name), a->anchor, list ? NULL : span_text(a->span), a->plain, a->due,
		!list && due_by && strcmp(due_by, name) == 0, text);
}

static void
put_exemption(Rows *rows, const LeadsProtection *p, const LeadsProtectionFacts *facts)
{
	if (facts->exempt)
		put(rows, "exempt", DT_NOBEGIN, NULL, DT_NOBEGIN, DT_NOBEGIN, false,
			leads_message0(rows->lang, psprintf("due.%s", facts->exempt)));
	else if (facts->stage_reached)
		put(rows, "exempt", DT_NOBEGIN, NULL, DT_NOBEGIN, DT_NOBEGIN, false,
			leads_message1(rows->lang, "due.stage", p->exempt_stage));
}

static void
put_all(LeadsFrame *f, Rows *rows, const LeadsOwnership *o)
{
	LeadsProtection p;
	LeadsProtectionFacts facts;
	LeadsAnchor anchors[LEADS_TRIGGERS];
	LeadsDeadline d;
	TimestampTz due = leads_ownership_deadline(o);
	int			n;

	(void) leads_deadline_rules(f, o, &p);
	leads_anchor_read(f, o, &p, NULL, &facts);
	d = leads_protection_due(&p, &facts, anchors, &n);
	put(rows, "rules", o->since, NULL, DT_NOBEGIN, DT_NOBEGIN, false,
		p.entry ? leads_message2(rows->lang, "due.rules", psprintf("%d", p.version), psprintf("%d", p.entry)) :
		leads_message1(rows->lang, "due.rules_base", psprintf("%d", p.version)));
	for (int i = 0; i < n; i++)
		put_condition(rows, &anchors[i], o->due_by);
	if (p.owner_left && facts.left_at != DT_NOBEGIN)
		put(rows, "owner_left", facts.left_at, NULL, facts.left_at, facts.left_at,
			o->due_by && strcmp(o->due_by, "owner_left") == 0, leads_message0(rows->lang, "due.owner_left"));
	put_exemption(rows, &p, &facts);
	for (int i = 0; i < facts.npauses; i++)
		if (facts.pauses[i].until > Min(o->since, o->protect_from) &&
			(o->next_due_at == DT_NOBEGIN || facts.pauses[i].since < o->next_due_at))
			put(rows, "pause", facts.pauses[i].since, NULL, facts.pauses[i].until, DT_NOBEGIN, false,
				leads_message0(rows->lang, "due.pause"));
	if (o->extension_id != 0 && o->extension_due != LEADS_NO_TIME)
	{
		if (due != o->extension_due)
			put(rows, "hold", o->extension_due, psprintf("%d working hours", p.hold_hours), o->extension_due, due,
				false, leads_message1(rows->lang, "due.hold", psprintf(INT64_FORMAT, o->extension_id)));
		d = leads_protection_hold(&p, &facts, d);
	}
	put(rows, "deadline", DT_NOBEGIN, NULL, d.next_due_at, due, true,
		due == DT_NOBEGIN ? leads_message0(rows->lang, "due.none") :
		due == d.next_due_at ? leads_message0(rows->lang, "due.as_computed") :
		leads_message1(rows->lang, "due.grace", leads_message_time(f->zone, d.next_due_at)));
	if (o->deadline_at != LEADS_NO_TIME)
		put(rows, "release", o->noticed_at, span_text(p.min_notice), due, o->next_due_at, true,
			o->noticed_at == LEADS_NO_TIME ? leads_message0(rows->lang, "due.untold") :
			leads_message1(rows->lang, "due.told", leads_message_time(f->zone, o->noticed_at)));
}

PG_FUNCTION_INFO_V1(leads_explain_deadline);
Datum
leads_explain_deadline(PG_FUNCTION_ARGS)
{
	char	   *scope = PG_ARGISNULL(1) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *lang = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	LeadsFrame	f;
	LeadsOwnership o;
	LeadsPool	pool;
	Rows		rows;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("customer_id is required")));
	if (lang && strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("lang is 'zh' or 'en', not \"%s\"", leads_clip(lang, 60))));
	InitMaterializedSRF(fcinfo, 0);
	leads_enter_reader(&f, NULL, LEADS_PROFILE_WORKER);
	find(&f, PG_GETARG_INT64(0), scope, &o);
	rows.rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	rows.lang = lang ? lang : f.lang;
	rows.n = 0;
	if (o.member_id != 0)
		put_all(&f, &rows, &o);
	else
		put(&rows, "pool", o.next_due_at != DT_NOBEGIN ? o.next_due_at : o.since, NULL, DT_NOBEGIN, DT_NOBEGIN, false,
			leads_message1(rows.lang, "due.pool", leads_pool_by_id(&f, o.pool_id, &pool) ? pool.code : "-"));
	leads_leave(&f);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(leads_when_would_lapse);
Datum
leads_when_would_lapse(PG_FUNCTION_ARGS)
{
	char	   *scope = PG_ARGISNULL(2) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(2));
	LeadsFrame	f;
	LeadsOwnership o;
	LeadsOwnership then;
	LeadsPolicy policy;
	LeadsDeadline d;
	TupleDesc	desc;
	Datum		values[5];
	bool		nulls[5] = {false};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("customer_id and version are required")));
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	desc = BlessTupleDesc(desc);
	leads_enter_reader(&f, NULL, LEADS_PROFILE_WORKER);
	find(&f, PG_GETARG_INT64(0), scope, &o);
	policy = leads_policy_version(&f, "protection", PG_GETARG_INT32(1));
	if (policy.body == NULL)
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no version %d of the protection policy", PG_GETARG_INT32(1))));
	if (o.member_id == 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE), errmsg("customer " INT64_FORMAT " is in a pool", o.customer_id)));
	then = o;
	d = leads_deadline_under(&f, &then, &policy);
	values[0] = TimestampTzGetDatum(leads_ownership_deadline(&o));
	nulls[0] = o.next_due_at == LEADS_NO_TIME;
	values[1] = TimestampTzGetDatum(leads_ownership_deadline(&then));
	nulls[1] = then.next_due_at == LEADS_NO_TIME;
	values[2] = TimestampTzGetDatum(d.next_due_at);
	nulls[2] = d.next_due_at == LEADS_NO_TIME;
	nulls[3] = then.due_by == NULL;
	values[3] = then.due_by ? CStringGetTextDatum(leads_keep(&f, then.due_by)) : (Datum) 0;
	values[4] = TimestampTzGetDatum(then.protected_until);
	nulls[4] = then.protected_until == LEADS_NO_TIME;
	leads_leave(&f);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

/* a row of view due, with the notice that stands now */
static void
put_due(LeadsFrame *f, ReturnSetInfo *rsi, HeapTuple row, TupleDesc desc)
{
	Datum		values[DUE_COLUMNS];
	bool		nulls[DUE_COLUMNS];
	LeadsOwnership o;
	TimestampTz told = LEADS_NO_TIME;
	bool		isnull;

	SPI_connect();
	for (int c = 1; c < DUE_COLUMNS; c++)
		values[c - 1] = heap_getattr(row, c, desc, &nulls[c - 1]);
	/* whether a job sent it or not */
	if (leads_ownership_by_id(f, DatumGetInt64(heap_getattr(row, 9, desc, &isnull)), &o))
		told = leads_notice_current(f, &o);
	/* released later than its deadline, since its owner was told late */
	if (DatumGetTimestampTz(heap_getattr(row, 8, desc, &isnull)) != DT_NOEND)
		values[4] = heap_getattr(row, 8, desc, &isnull);
	values[7] = TimestampTzGetDatum(told);
	nulls[7] = told == LEADS_NO_TIME;
	tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
	SPI_finish();
}

/* rows of view due, with the caller's own rights: the view says what it may see */
PG_FUNCTION_INFO_V1(leads_due_list);
Datum
leads_due_list(PG_FUNCTION_ARGS)
{
	char	   *schema = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	Interval   *within = PG_ARGISNULL(1) ? NULL : PG_GETARG_INTERVAL_P(1);
	Interval	none = {0, 0, 0};
	Interval	most = {0, 0, 120};
	ReturnSetInfo *rsi;
	LeadsFrame	f;
	LeadsMember m;
	Oid			types[3] = {TEXTOID, TIMESTAMPTZOID, INTERVALOID};
	Datum		values[3];
	char		nulls[4] = "   ";
	char	   *sql;
	MemoryContext cxt = CurrentMemoryContext;
	MemoryContext old;
	TupleDesc	desc;
	HeapTuple  *rows;
	uint64		n;

	if (within == NULL)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("within is required")));
	if (DatumGetBool(DirectFunctionCall2(interval_lt, IntervalPGetDatum(within), IntervalPGetDatum(&none))) ||
		DatumGetBool(DirectFunctionCall2(interval_gt, IntervalPGetDatum(within), IntervalPGetDatum(&most))))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("within is from 0 to 10 years")));
	InitMaterializedSRF(fcinfo, 0);
	rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	leads_enter_reader(&f, schema, LEADS_PROFILE_WORKER | LEADS_PROFILE_BI);
	if (!PG_ARGISNULL(0) && !leads_member_by_code(&f, text_to_cstring(PG_GETARG_TEXT_PP(0)), &m))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("there is no member \"%s\"", leads_clip(text_to_cstring(PG_GETARG_TEXT_PP(0)), 60))));
	sql = MemoryContextStrdup(f.outer_cxt,
							  psprintf("SELECT d.customer_id, d.scope, d.customer, d.owner, coalesce(d.deadline_at, d.due_at), d.due_by,"
									   "   d.protected_until, d.due_at, d.ownership_id"
									   " FROM %s.due d WHERE ($1 IS NULL OR d.owner = $1)"
									   "   AND (d.due_at <= $2 + $3 OR (d.due_at = 'infinity' AND d.deadline_at <= $2 + $3))"
									   " ORDER BY 5, d.customer_id, d.scope", f.qschema));
	leads_leave(&f);
	nulls[0] = PG_ARGISNULL(0) ? 'n' : ' ';
	values[0] = PG_ARGISNULL(0) ? (Datum) 0 : PG_GETARG_DATUM(0);
	values[1] = TimestampTzGetDatum(leads_now_internal());
	values[2] = IntervalPGetDatum(within);
	SPI_connect();
	if (SPI_execute_with_args(sql, 3, types, values, nulls, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "view due cannot be read");
	n = SPI_processed;
	rows = MemoryContextAllocZero(cxt, sizeof(HeapTuple) * Max(n, 1));
	old = MemoryContextSwitchTo(cxt);
	desc = CreateTupleDescCopy(SPI_tuptable->tupdesc);
	for (uint64 i = 0; i < n; i++)
		rows[i] = heap_copytuple(SPI_tuptable->vals[i]);
	MemoryContextSwitchTo(old);
	SPI_finish();
	leads_enter_reader(&f, schema, LEADS_PROFILE_WORKER | LEADS_PROFILE_BI);
	f.now = leads_now_internal();
	for (uint64 i = 0; i < n; i++)
		put_due(&f, rsi, rows[i], desc);
	leads_leave(&f);
	return (Datum) 0;
}
