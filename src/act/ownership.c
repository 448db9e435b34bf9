/*
 * ownership.c - release, and who owned what when.
 *
 * Purpose: the verbs that move a customer between hands and pools other than by
 * claim, the plain face of the protection policy, and owner_at().
 * Invariants: every move ends one interval and begins the next at the same instant,
 * with a decision; owner_at() reads stored deadlines, so that its answer does not depend on any job.
 * Called by: users, the tables' faces.
 */
#include "core/leads.h"

#include "access/htup_details.h"
#include "mb/pg_wchar.h"

#include "act/corridor.h"
#include "act/deadline.h"
#include "act/ownership.h"
#include "core/args.h"
#include "core/lock.h"
#include "core/policy.h"
#include "record/merge.h"
#include "record/org.h"
#include "record/outbox.h"


static const LeadsMessage messages[] = {
	{"release.reason", "退回原因：{0}", "given back because: {0}"},
	{"release.pool", "进入公海“{0}”", "it went to pool \"{0}\""},
};

LEADS_QUERY(q_at, "ltz",
			"SELECT m.code, o.next_due_at FROM @.ownership o JOIN @.member m ON m.id = o.member_id"
			" WHERE o.customer_id = $1 AND o.scope = $2 AND pg_catalog.tstzrange(o.since, o.until) @> $3");
LEADS_QUERY(q_ever_owned, "l",
			"SELECT DISTINCT o.member_id FROM @.ownership o WHERE o.member_id IS NOT NULL AND o.customer_id ="
			"  ANY (ARRAY(SELECT $1 UNION ALL SELECT c.id FROM @.customer c WHERE c.merged_into = $1))");
/* pools in which it lies now, lapsed but unwritten ones included */
LEADS_QUERY(q_pools_now, "lz",
			"SELECT coalesce(o.pool_id, o.lapse_pool_id) FROM @.ownership o"
			" WHERE o.customer_id = $1 AND o.until IS NULL AND (o.pool_id IS NOT NULL OR o.next_due_at <= $2)");

void
leads_ownership_verbs_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

static void
need_ownership(const LeadsHold *h)
{
	if (!h->has_own)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("customer " INT64_FORMAT " is in nobody's hands and in no pool in scope \"%s\"",
						h->customer.id, h->own.scope)));
}

static LeadsDecision
decision_about(const LeadsHold *h, const char *kind, const char *verdict)
{
	LeadsDecision d;

	memset(&d, 0, sizeof(d));
	d.kind = kind;
	d.verdict = verdict;
	d.customer_id = h->customer.id;
	d.scope = h->own.scope;
	d.at = LEADS_NO_TIME;
	return d;
}

static void
record_event(LeadsFrame *f, const LeadsOwnership *o, const char *kind, int64 decision_id)
{
	LeadsEvent	ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.customer_id = o->customer_id;
	ev.scope = o->scope;
	ev.at = LEADS_NO_TIME;
	ev.owner_id = o->member_id;
	ev.pool_id = o->pool_id;
	ev.decision_id = decision_id;
	(void) leads_event_write(f, &ev);
}

int64
leads_ownership_release(LeadsFrame *f, int64 customer_id, const char *scope, const char *reason,
						const char *pool_code, const char **into)
{
	LeadsHold	h;
	LeadsPool	pool;
	LeadsProtection p;
	LeadsOwnership next;
	LeadsEvidence e;
	LeadsDecision d;

	leads_corridor_begin(f, customer_id, scope, &h);
	leads_corridor_require_owner(f, &h);
	need_ownership(&h);
	if (h.own.member_id == 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("customer " INT64_FORMAT " is in a pool already", h.customer.id)));
	/* the one that it would lapse to is told anyway */
	if (pool_code)
		leads_corridor_pool(f, pool_code, h.own.lapse_pool_id, &pool);
	else if (!leads_pool_by_id(f, h.own.lapse_pool_id, &pool))
		leads_pool_by_id(f, leads_corridor_protection(f, h.own.policy_version, &p), &pool);

	leads_evidence_begin(&e);
	leads_evidence_add(&e, "release", "yes", "release.reason", 1, reason);
	leads_evidence_add(&e, "pool", "yes", "release.pool", 1, pool.code);
	d = decision_about(&h, "release", "released");
	memset(&next, 0, sizeof(next));
	next.decision_id = leads_decision_write(f, &d, &e);
	next.customer_id = h.customer.id;
	next.scope = h.own.scope;
	next.pool_id = pool.id;
	next.cause = "released";
	leads_ownership_end(f, &h.own, f->now, "released", next.decision_id);
	leads_corridor_begin_interval(f, &next);
	record_event(f, &next, "released", next.decision_id);
	/* a boss took it away: the former owner is told */
	if (h.own.member_id != f->actor_id)
		(void) leads_outbox_write(f, "released", h.customer.id, psprintf(INT64_FORMAT, h.own.id), h.own.member_id,
								  f->now, "customer", psprintf(INT64_FORMAT, h.customer.id), "scope", h.own.scope,
								  "pool", pool.code, "reason", reason, NULL);
	leads_corridor_end(f, h.customer.id);
	*into = pool.code;
	return next.decision_id;
}

PG_FUNCTION_INFO_V1(leads_release);
Datum
leads_release(PG_FUNCTION_ARGS)
{
	int64		id = leads_arg_id(fcinfo, 0, "customer_id");
	char	   *reason = leads_arg_reason(fcinfo, 1, true);
	char	   *pool = leads_arg_text(fcinfo, 2);
	char	   *scope = leads_arg_text(fcinfo, 3);
	char	   *by_member = leads_arg_text(fcinfo, 4);
	const char *into;
	int64		decision_id;
	LeadsFrame	f;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	leads_enter(&f, NULL, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&f, by_member, 0);
	decision_id = leads_ownership_release(&f, id, scope, reason, pool, &into);
	into = leads_keep(&f, into);
	leads_leave(&f);
	values[0] = CStringGetTextDatum(into);
	values[1] = Int64GetDatum(decision_id);
	PG_RETURN_DATUM(leads_answer(fcinfo, values, nulls));
}

/* a rep may ask about what it owns or owned, a manager about what its team does, both about pools that they may see */
bool
leads_ownership_may_ask(LeadsFrame *f, int64 customer_id)
{
	LeadsResult r;

	(void) leads_actor_lookup(f);
	if (f->actor_id == 0 && !f->acting_for &&
		(f->profiles & (LEADS_PROFILE_BOSS | LEADS_PROFILE_APP | LEADS_PROFILE_BI)) != 0)
		return true;
	if (leads_actor_reach(f) == LEADS_REACH_ALL || (f->profiles & LEADS_PROFILE_BI) != 0)
		return true;
	if (f->actor_id == 0)
		return false;
	r = leads_run(&q_ever_owned, customer_id);
	for (uint64 i = 0; i < r.n; i++)
		if (leads_actor_reaches(f, leads_int(&r, i, 1)))
			return true;
	r = leads_run(&q_pools_now, customer_id, leads_now_internal());
	for (uint64 i = 0; i < r.n; i++)
		if (leads_pool_has_member(f, leads_int(&r, i, 1), f->actor_id))
			return true;
	return false;
}

PG_FUNCTION_INFO_V1(leads_owner_at);
Datum
leads_owner_at(PG_FUNCTION_ARGS)
{
	int64		id = leads_arg_id(fcinfo, 0, "customer_id");
	char	   *scope = leads_arg_text(fcinfo, 1);
	TimestampTz at = PG_ARGISNULL(2) ? leads_now_internal() : PG_GETARG_TIMESTAMPTZ(2);
	LeadsFrame	f;
	LeadsCustomer c;
	LeadsResult r;
	char	   *owner = NULL;

	leads_enter_reader(&f, NULL, LEADS_PROFILE_WORKER | LEADS_PROFILE_BI);
	if (!leads_customer_read(&f, id, &c) || !leads_ownership_may_ask(&f, c.id))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("there is no customer " INT64_FORMAT, id)));
	/* a merged one has its own history until then, the survivor's since */
	r = leads_run(&q_at, leads_merge_canonical_at(&f, id, at), scope ? scope : "", at);
	if (leads_found(r) && !leads_protection_lapsed(leads_time(&r, 0, 2), at))
		owner = leads_keep(&f, leads_text(&r, 0, 1));
	leads_leave(&f);
	if (owner == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(owner));
}

/* keys that the face can set, in the order of its arguments; the others of the document stay as they are */
static const char *const face_keys[] = {
	"days", "remind_days", "no_followup_days", "extend_times", "extend_days", "pool", "no_first_contact_days",
	"no_stage_progress_days", "no_opportunity_days", "no_deal_days", "grace_days", "lock_quota",
};

static void
put(JsonbParseState **state, const char *key, JsonbValue *value)
{
	JsonbValue	k;

	k.type = jbvString;
	k.val.string.val = unconstify(char *, key);
	k.val.string.len = strlen(key);
	pushJsonbValue(state, WJB_KEY, &k);
	pushJsonbValue(state, WJB_VALUE, value);
}

/* one argument as a value of the document */
static bool
given(FunctionCallInfo fcinfo, int n, JsonbValue *v)
{
	if (PG_ARGISNULL(n))
		return false;
	if (strcmp(face_keys[n], "pool") == 0)
	{
		v->type = jbvString;
		v->val.string.val = leads_arg_text(fcinfo, n);
		v->val.string.len = strlen(v->val.string.val);
	}
	else
	{
		v->type = jbvNumeric;
		v->val.numeric = int64_to_numeric(PG_GETARG_INT32(n));
	}
	return true;
}

static Jsonb *
changed_document(FunctionCallInfo fcinfo, Jsonb *body)
{
	JsonbParseState *state = NULL;
	JsonbIterator *it = JsonbIteratorInit(&body->root);
	JsonbIteratorToken token;
	JsonbValue	v;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	(void) JsonbIteratorNext(&it, &v, true);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		char	   *key;
		bool		face = false;

		if (token != WJB_KEY)
			continue;
		key = pnstrdup(v.val.string.val, v.val.string.len);
		(void) JsonbIteratorNext(&it, &v, true);
		for (int i = 0; i < lengthof(face_keys); i++)
			face |= strcmp(key, face_keys[i]) == 0 && !PG_ARGISNULL(i);
		/* one reminder takes the place of several */
		face |= strcmp(key, "notices") == 0 && !PG_ARGISNULL(1);
		if (!face)
			put(&state, key, &v);
	}
	for (int i = 0; i < lengthof(face_keys); i++)
		if (given(fcinfo, i, &v))
			put(&state, face_keys[i], &v);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

PG_FUNCTION_INFO_V1(leads_set_protection);
Datum
leads_set_protection(PG_FUNCTION_ARGS)
{
	char	   *pool = leads_arg_text(fcinfo, 5);
	LeadsFrame	f;
	LeadsPolicy policy;
	LeadsPool	row;
	int32		version;

	leads_enter(&f, NULL, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	(void) leads_actor_lookup(&f);
	/* publishers queue before they look, so that two calls do not undo each other */
	leads_lock_gate(&f, true);
	leads_frame_now(&f, LEADS_NO_TIME);
	if (pool && pool[0] != '\0' && !leads_pool_by_code(&f, pool, &row))
		ereport(ERROR, (errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no pool \"%s\"", pool)));
	policy = leads_policy_at(&f, "protection", f.now);
	if (policy.body == NULL)
		policy.body = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(leads_protection_default)));
	version = leads_policy_publish(&f, "protection", "", changed_document(fcinfo, policy.body), LEADS_NO_TIME);
	leads_leave(&f);
	PG_RETURN_INT32(version);
}
