/*
 * claim.c - taking customers out of a pool (认领).
 *
 * Purpose: leads.claim(): the checks in the order of spec section 7, then the
 * interval of the new owner.
 * Invariants: customers are locked in ascending order of id, then the counters in
 * ascending order of members; quota and cap are counted under the claimer's counter
 * lock, so that two sessions of one member cannot both be the last one; a claim of
 * one's own customer changes nothing.
 * Called by: users, the view pool_item.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "act/claim.h"
#include "act/claim_look.h"
#include "act/corridor.h"
#include "core/actor.h"
#include "decide/action.h"
#include "core/lock.h"
#include "record/org.h"

#define LOOKS 3
#define MOST_CUSTOMERS 1000

static const LeadsMessage messages[] = {
	{"claim.claimed", "认领成功，保护期至 {0}", "claimed; protected until {0}"},
	{"claim.unlimited", "认领成功，不限保护期", "claimed; the protection has no end"},
	{"claim.own", "已经是您的客户", "it is yours already"},
	{"claim.unknown", "没有这个客户", "there is no such customer"},
	{"claim.taken", "已不在公海", "it is in no pool any more"},
	{"claim.taken_by", "已不在公海，现归 {0}", "it is in no pool any more; {0} has it"},
	{"claim.not_member", "您不是公海“{0}”的成员", "you are no member of pool \"{0}\""},
	{"claim.too_new", "进入公海未满等待时间，{0} 起可认领", "it is too new; it can be claimed from {0} on"},
	{"claim.cooldown", "冷却期内不可重复认领，{0} 起可认领", "you had it until lately; you can claim it from {0} on"},
	{"claim.quota", "今日认领次数已达上限 {0}，{1} 起可再认领", "you have made the {0} claims of today; the next one can be made from {1} on"},
	{"claim.cap", "持有客户数已达上限 {0}", "you hold as many customers as you may: {0}"},
	{"claim.duplicate", "与他人的客户疑似同一家，请由主管合并或裁定", "it is likely the same as a customer that somebody has; a manager may merge them or tell them apart"},
	{"claim.meets", "与客户 {0} 疑似同一家（{1}，{2} 分）", "likely the same as customer {0} ({1}, score {2})"},
	{"claim.in_pool", "自 {1} 起在公海“{0}”", "in pool \"{0}\" since {1}"},
	{"claim.no_cooldown", "冷却期 {0} 天内未曾持有", "not held within the cool-down of {0} days"},
	{"claim.quota_left", "今日已认领 {0}，上限 {1}", "{0} claims today, {1} are allowed"},
	{"claim.cap_left", "已持有 {0}，上限 {1}", "{0} customers held, {1} are allowed"},
	{"claim.protect", "保护期至 {0}", "protected until {0}"},
};

/* of it, of what was merged into it, and of deleted customers that came back as it; $2 the claimer, $3 the pool */
LEADS_QUERY(q_lost, "lll",
			"WITH family(id) AS (SELECT $1 UNION ALL SELECT c.id FROM @.customer c WHERE c.merged_into = $1),"
			"  former(id) AS (SELECT w.former_id FROM @.customer_former w WHERE w.customer_id IN (SELECT y.id FROM family y)),"
			"  kin(id) AS (SELECT y.id FROM family y UNION SELECT w.id FROM former w"
			"    UNION SELECT c.id FROM @.customer c JOIN former w ON c.merged_into = w.id)"
			" SELECT max(o.until) FROM @.ownership o JOIN @.pool p ON p.id = $3"
			"  WHERE o.customer_id = ANY (ARRAY(SELECT k.id FROM kin k)) AND o.end_cause = ANY (p.cooldown_causes)"
			"   AND (o.member_id = $2 OR (p.cooldown_team AND o.member_id IN"
			"     (SELECT m.id FROM @.member m JOIN @.member s ON s.team_id = m.team_id WHERE s.id = $2)))");
LEADS_QUERY(q_claims, "llzz",
			"SELECT count(*) FROM @.event e"
			" WHERE e.kind = 'claimed' AND e.owner_id = $1 AND (e.data ->> 'from_pool')::bigint = $2"
			"   AND e.at >= $3 AND e.at < $4");

typedef struct ClaimItem
{
	int64		id;
	int64		asked;			/* as the caller named it */
	bool		known;
	bool		own;			/* the claimer's already */
	bool		gone;			/* somebody else has it now: nothing was locked */
	bool		knows;			/* the caller knew of it before it waited: that does not go away */
	LeadsHold	hold;
	LeadsPool	pool;
	int			errcode;		/* 0 = may be claimed */
	const char *sqlstate;
	const char *code;			/* message of the refusal */
	const char *arg;
	const char *arg2;
	bool		meets;			/* another live customer is likely the same */
	LeadsClaimMeets other;
	LeadsClaimRow *row;
} ClaimItem;

typedef struct Claimer
{
	LeadsMember member;
	LeadsClaimLook *look;
	TimestampTz day;			/* business day: from */
	TimestampTz day_end;		/* to */
	int32		held;			/* customers held, those of this call included */
	int64		quota_pool;		/* pool that quota_used is about */
	int32		quota_used;		/* claims from it today, those of this call included */
} Claimer;

void
leads_claim_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

static void
refuse(ClaimItem *it, int errcode, const char *sqlstate, const char *code, const char *arg)
{
	it->errcode = errcode;
	it->sqlstate = sqlstate;
	it->code = code;
	it->arg = arg;
}

/* not one that the caller may know of: as if it were not there */
static void
hide(ClaimItem *it)
{
	refuse(it, LEADS_ERR_UNKNOWN_ID, "LD001", "claim.unknown", NULL);
	it->id = it->row->customer_id = it->asked;
}

/* claims of the business day from one pool; kept while a call claims from the same pool */
static int32
quota_used(LeadsFrame *f, Claimer *c, int64 pool_id)
{
	LeadsResult r;

	if (c->quota_pool != pool_id)
	{
		r = leads_run(&q_claims, c->member.id, pool_id, c->day, c->day_end);
		c->quota_used = (int32) leads_int(&r, 0, 1);
		c->quota_pool = pool_id;
	}
	return c->quota_used;
}

/* the checks in their order; the first that fails is the answer */
static void
judge(LeadsFrame *f, Claimer *c, ClaimItem *it)
{
	LeadsOwnership *own = &it->hold.own;
	LeadsPool  *pool = &it->pool;

	if (!it->known)
	{
		refuse(it, LEADS_ERR_UNKNOWN_ID, "LD001", "claim.unknown", NULL);
		return;
	}
	if (it->own)
		return;
	if (!it->hold.has_own || !leads_pool_by_id(f, own->pool_id, pool))
	{
		LeadsMember m;

		if (!it->knows && !leads_corridor_knows(f, it->hold.customer.id))
			hide(it);
		else if (it->hold.has_own && leads_actor_reaches(f, own->member_id) && leads_member_by_id(f, own->member_id, &m))
			refuse(it, LEADS_ERR_TAKEN, "LD060", "claim.taken_by", m.code);
		else
			refuse(it, LEADS_ERR_TAKEN, "LD060", "claim.taken", NULL);
		return;
	}
	if (!leads_pool_has_member(f, pool->id, c->member.id))
	{
		if (!leads_corridor_knows(f, it->hold.customer.id))
		{
			hide(it);
			return;
		}
		refuse(it, LEADS_ERR_POOL_MEMBER, "LD061", "claim.not_member", pool->code);
		return;
	}
	if (own->since > pool->open_for_claim_since)
	{
		refuse(it, LEADS_ERR_POOL_DELAY, "LD062", "claim.too_new",
			   leads_message_time(f->zone, own->since + (f->now - pool->open_for_claim_since)));
		return;
	}
	if (pool->cooldown_days > 0)
	{
		LeadsResult r = leads_run(&q_lost, it->id, c->member.id, pool->id);
		TimestampTz until = leads_time(&r, 0, 1);

		if (until != LEADS_NO_TIME)
		{
			until = leads_protection_days_after(until, pool->cooldown_days, f->zone);
			if (f->now < until)
			{
				refuse(it, LEADS_ERR_COOLDOWN, "LD063", "claim.cooldown", leads_message_time(f->zone, until));
				return;
			}
		}
	}
	if (pool->daily_quota >= 0 && quota_used(f, c, pool->id) >= pool->daily_quota)
	{
		refuse(it, LEADS_ERR_DAILY_QUOTA, "LD064", "claim.quota", psprintf("%d", pool->daily_quota));
		it->arg2 = leads_message_time(f->zone, c->day_end);
	}
	else if (c->member.holder_cap >= 0 && c->held >= c->member.holder_cap)
		refuse(it, LEADS_ERR_HOLDER_CAP, "LD065", "claim.cap", psprintf("%d", c->member.holder_cap));
	else
	{
		it->meets = leads_claim_look(c->look, f, it->id, own->scope, &it->other);
		if (it->meets && it->other.refuse)
			refuse(it, LEADS_ERR_CLAIM_DUPLICATE, "LD052", "claim.duplicate", NULL);
	}
}

/* the message in English: errors of this library are */
static void
refuse_all(ClaimItem *it)
{
	ereport(ERROR,
			(errcode(it->errcode),
			 errmsg("customer " INT64_FORMAT " cannot be claimed: %s", it->id,
					leads_message2("en", it->code, it->arg, it->arg2))));
}

static Jsonb *
from_pool(int64 pool_id)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
											  CStringGetDatum(psprintf("{\"from_pool\": " INT64_FORMAT "}", pool_id))));
}

static int64
decide(LeadsFrame *f, Claimer *c, ClaimItem *it, int32 version, TimestampTz protected_until)
{
	LeadsPool  *pool = &it->pool;
	LeadsEvidence e;
	LeadsDecision d;

	leads_evidence_begin(&e);
	leads_evidence_add(&e, "pool", "yes", "claim.in_pool", 2, pool->code,
					   leads_message_time(f->zone, it->hold.own.since));
	if (pool->cooldown_days > 0)
		leads_evidence_add(&e, "cooldown", "yes", "claim.no_cooldown", 1, psprintf("%d", pool->cooldown_days));
	if (pool->daily_quota >= 0)
		leads_evidence_add(&e, "quota", "yes", "claim.quota_left", 2,
						   psprintf("%d", c->quota_used), psprintf("%d", pool->daily_quota));
	if (c->member.holder_cap >= 0)
		leads_evidence_add(&e, "cap", "yes", "claim.cap_left", 2,
						   psprintf("%d", c->held), psprintf("%d", c->member.holder_cap));
	/* whose it is may not be the claimer's to know */
	if (it->meets)
		leads_evidence_add(&e, "match", leads_band_name(it->other.band), "claim.meets", 3,
						   leads_corridor_knows(f, it->other.customer_id) ? psprintf(INT64_FORMAT, it->other.customer_id) : "***",
						   leads_band_name(it->other.band), psprintf("%.1f", it->other.score));
	leads_evidence_add(&e, "protect", "yes", protected_until == LEADS_NO_TIME ? "claim.unlimited" : "claim.protect", 1,
					   leads_message_time(f->zone, protected_until));
	memset(&d, 0, sizeof(d));
	d.kind = "claim";
	d.verdict = "claimed";
	d.customer_id = it->id;
	d.scope = it->hold.own.scope;
	d.at = LEADS_NO_TIME;
	d.protection_version = version;
	return leads_decision_write(f, &d, &e);
}

static void
take(LeadsFrame *f, Claimer *c, ClaimItem *it)
{
	LeadsOwnership *own = &it->hold.own;
	LeadsOwnership next;
	LeadsEvent ev;

	memset(&next, 0, sizeof(next));
	next.customer_id = it->id;
	next.scope = own->scope;
	next.member_id = c->member.id;
	next.cause = "claimed";
	next.registration_id = own->registration_id;
	leads_corridor_fill_interval(f, &next);
	next.decision_id = decide(f, c, it, next.policy_version, next.protected_until);
	leads_ownership_end(f, own, f->now, "claimed", next.decision_id);
	leads_corridor_write_interval(f, &next);

	memset(&ev, 0, sizeof(ev));
	ev.kind = "claimed";
	ev.customer_id = it->id;
	ev.scope = own->scope;
	ev.at = LEADS_NO_TIME;
	ev.owner_id = c->member.id;
	ev.decision_id = next.decision_id;
	ev.data = from_pool(it->pool.id);
	(void) leads_event_write(f, &ev);
	if (it->meets)
		leads_claim_met(f, it->id, own->scope, it->hold.customer.name, &it->other, next.decision_id);

	c->held++;
	if (c->quota_pool == it->pool.id)
		c->quota_used++;
	it->row->outcome = "claimed";
	it->row->decision_id = next.decision_id;
	it->row->protected_until = next.protected_until;
	it->row->message = next.protected_until == LEADS_NO_TIME ? leads_message0(f->lang, "claim.unlimited")
		: leads_message1(f->lang, "claim.claimed", leads_message_time(f->zone, next.protected_until));
	it->hold.own = next;
}

static int
by_id(const void *a, const void *b)
{
	int64		x = ((const ClaimItem *) a)->id;
	int64		y = ((const ClaimItem *) b)->id;

	return x < y ? -1 : x > y;
}

/* canonical ids, ascending, each once */
static int
list_items(LeadsFrame *f, const int64 *ids, int n, ClaimItem *items)
{
	int			unique = 0;

	for (int i = 0; i < n; i++)
	{
		LeadsCustomer c;

		items[i].asked = ids[i];
		items[i].known = leads_customer_read(f, ids[i], &c);
		items[i].id = items[i].known ? c.id : ids[i];
	}
	qsort(items, n, sizeof(ClaimItem), by_id);
	for (int i = 0; i < n; i++)
		if (i == 0 || items[i].id != items[unique - 1].id)
			items[unique++] = items[i];
	return unique;
}

static void
hold_all(LeadsFrame *f, ClaimItem *items, int n, const char *scope)
{
	int64	   *ids = palloc(sizeof(int64) * Max(n, 1));
	LeadsHold **holds = palloc(sizeof(LeadsHold *) * Max(n, 1));
	int			known = 0;

	for (int i = 0; i < n; i++)
		if (items[i].known)
		{
			ids[known] = items[i].id;
			holds[known++] = &items[i].hold;
		}
	leads_corridor_begin_all(f, ids, known, scope, holds);
	/* one that was merged while we waited is its survivor now; two that became one are for another try */
	for (int i = 0; i < n; i++)
	{
		if (!items[i].known || items[i].id == items[i].hold.customer.id)
			continue;
		items[i].id = items[i].hold.customer.id;
		for (int k = 0; k < n; k++)
			if (k != i && items[k].known && items[k].hold.customer.id == items[i].id)
				ereport(ERROR,
						(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
						 errmsg("customers of the claim were merged meanwhile"),
						 errhint("Retry the transaction.")));
	}
	for (int i = 0; i < n; i++)
		items[i].own = items[i].known && items[i].hold.has_own && items[i].hold.own.member_id == f->actor_id;
}

/*
 * One that many want: in the line of its row each would be refused behind the refusal of the one before.  So all but the
 * first wait side by side for the end of the first, and look; who finds somebody else's is refused there and then, and
 * only if there is something to claim is the row asked for.  What the refusal depends on besides is looked up before,
 * while there is nothing to do but wait.
 */
static bool
look_first(LeadsFrame *f, ClaimItem *it, const char *scope)
{
	LeadsHold  *h = &it->hold;

	leads_lock_rules(f, false);
	for (int tries = 0; tries < LOOKS; tries++)
	{
		/* it may be ours already by an earlier call of the transaction: then whoever is first waits for us */
		if (leads_try_lock_claim(f, it->id) || leads_customer_try_lock(f, it->id, &h->customer))
			return false;
		if (tries == 0)
		{
			it->knows = leads_corridor_knows(f, it->id);
			(void) leads_ownership_open(f, it->id, scope, &h->own);
		}
		leads_wait_claim(f, it->id);
		/* what the snapshot shows may be over: the row's lock tells (40001) */
		if (IsolationUsesXactSnapshot())
			return false;
		if (!leads_customer_read(f, it->id, &h->customer) || h->customer.id != it->id)
			return false;
		leads_frame_now(f, h->customer.last_event_at);
		if (leads_ownership_open(f, it->id, scope, &h->own) && h->own.member_id != 0 && h->own.member_id != f->actor_id &&
			!leads_protection_lapsed(h->own.next_due_at, f->now))
		{
			h->asked_id = it->id;
			h->has_own = true;
			return true;
		}
	}
	return false;
}

static void
know_claimer(LeadsFrame *f, ClaimItem *items, int n, Claimer *c)
{
	bool		count = false;

	memset(c, 0, sizeof(*c));
	if (!leads_member_by_id(f, f->actor_id, &c->member))
		elog(ERROR, "no member " INT64_FORMAT, f->actor_id);
	c->day = leads_protection_day_start(f->now, f->zone);
	c->day_end = leads_protection_days_after(c->day, 1, f->zone);
	count = c->member.holder_cap >= 0;
	for (int i = 0; i < n && !count; i++)
	{
		LeadsPool	pool;

		count = items[i].known && items[i].hold.has_own && items[i].hold.own.pool_id != 0 &&
			leads_pool_by_id(f, items[i].hold.own.pool_id, &pool) && pool.daily_quota >= 0;
	}
	if (count)
	{
		/* lapses of this call have deltas of other members: all are locked in one ascending order */
		leads_counters_lock(f, c->member.id);
		c->held = leads_counter_held_locked(f, c->member.id, f->now);
	}
}

int
leads_claim_customers(LeadsFrame *f, const int64 *ids, int n, const char *scope, bool all, LeadsClaimRow **rows)
{
	ClaimItem	   *items = palloc0(sizeof(ClaimItem) * Max(n, 1));
	Claimer		c;

	if (f->actor_id == 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("the system cannot claim customers"),
				 errhint("Name the member in by_member, or call as a role bound to one.")));
	*rows = palloc0(sizeof(LeadsClaimRow) * Max(n, 1));
	n = list_items(f, ids, n, items);
	items[0].gone = n == 1 && items[0].known && look_first(f, &items[0], scope);
	if (!items[0].gone)
	{
		hold_all(f, items, n, scope);
		know_claimer(f, items, n, &c);
		c.look = leads_claim_look_begin(f);
	}
	for (int i = 0; i < n; i++)
	{
		ClaimItem	   *it = &items[i];

		it->row = &(*rows)[i];
		it->row->customer_id = it->id;
		it->row->protected_until = LEADS_NO_TIME;
		judge(f, &c, it);
		if (it->errcode != 0 && all)
			refuse_all(it);
		if (it->errcode != 0)
		{
			it->row->outcome = "refused";
			it->row->reason = it->sqlstate;
			it->row->message = leads_message2(f->lang, it->code, it->arg, it->arg2);
			continue;
		}
		it->row->owner = c.member.code;
		if (!it->own)
		{
			take(f, &c, it);
			continue;
		}
		it->row->outcome = "own";
		it->row->protected_until = it->hold.own.protected_until;
		it->row->message = leads_message0(f->lang, "claim.own");
	}
	for (int i = 0; i < n; i++)
		if (items[i].known && !items[i].gone)
			leads_customer_touch(f, items[i].id);
	leads_counters_flush(f);
	return n;
}

/* the ids of the call, checked */
static int64 *
ids_argument(FunctionCallInfo fcinfo, int *n)
{
	ArrayType  *array;
	Datum	   *values;
	bool	   *nulls;
	int64	   *ids;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("customer_ids is required")));
	array = PG_GETARG_ARRAYTYPE_P(0);
	if (ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) > MOST_CUSTOMERS)
		ereport(ERROR,
				(errcode(LEADS_ERR_TOO_LONG),
				 errmsg("more than %d customers in one call", MOST_CUSTOMERS)));
	deconstruct_array(array, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &values, &nulls, n);
	ids = palloc(sizeof(int64) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
	{
		if (nulls[i])
			ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("customer_ids holds a NULL")));
		ids[i] = DatumGetInt64(values[i]);
	}
	return ids;
}

PG_FUNCTION_INFO_V1(leads_claim);
Datum
leads_claim(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int			n;
	int64	   *ids = ids_argument(fcinfo, &n);
	char	   *scope = PG_ARGISNULL(1) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(1));
	bool		all = PG_ARGISNULL(2) || PG_GETARG_BOOL(2);
	char	   *by_member = PG_ARGISNULL(3) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(3));
	LeadsFrame	f;
	LeadsClaimRow *rows;

	InitMaterializedSRF(fcinfo, 0);
	leads_enter(&f, NULL, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&f, by_member, 0);
	n = leads_claim_customers(&f, ids, n, scope, all, &rows);
	for (int i = 0; i < n; i++)
	{
		LeadsClaimRow *r = &rows[i];
		Datum		values[7];
		bool		nulls[7];

		memset(nulls, false, sizeof(nulls));
		values[0] = Int64GetDatum(r->customer_id);
		values[1] = CStringGetTextDatum(r->outcome);
		nulls[2] = r->reason == NULL;
		values[2] = r->reason ? CStringGetTextDatum(r->reason) : (Datum) 0;
		values[3] = CStringGetTextDatum(r->message);
		nulls[4] = r->owner == NULL;
		values[4] = r->owner ? CStringGetTextDatum(r->owner) : (Datum) 0;
		nulls[5] = r->protected_until == LEADS_NO_TIME;
		values[5] = TimestampTzGetDatum(r->protected_until);
		nulls[6] = r->decision_id == 0;
		values[6] = Int64GetDatum(r->decision_id);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	leads_leave(&f);
	return (Datum) 0;
}
