/*
 * deadline_apply.c - another protection policy for what runs already.
 *
 * Purpose: policy_diff(): what would end sooner or later; apply_policy(): let it be so.
 * Invariants: an interval keeps the version that it began with until somebody applies another; no deadline that is
 * computed anew is nearer than the grace of its new policy, unless it was before; nobody computes deadlines while
 * a policy is applied; clocks go on from where they began, whatever version counts them.
 * Called by: users.
 */
#include "core/leads.h"

#include "miscadmin.h"
#include "utils/numeric.h"
#include "utils/tuplestore.h"

#include "act/corridor.h"
#include "act/deadline.h"
#include "act/notice.h"
#include "core/actor.h"
#include "core/lock.h"
#include "core/policy.h"
#include "record/anchor.h"
#include "record/org.h"

#define CHUNK 500
#define DIFF_COLUMNS 9
#define MOST_LISTED 100000

typedef enum Effect
{
	SAME, SOONER, LATER, BEGINS, ENDS, EFFECTS
} Effect;

static const char *const effect_names[EFFECTS] = {"same", "sooner", "later", "begins", "ends"};

static const LeadsMessage messages[] = {
	{"deadline.policy", "改用保护策略第 {0} 版", "version {0} of the protection policy was applied"},
};

LEADS_QUERY(q_intervals, "li",
			"SELECT o.id, m.code FROM @.ownership o JOIN @.member m ON m.id = o.member_id"
			" WHERE o.until IS NULL AND o.id > $1 ORDER BY o.id LIMIT $2");
LEADS_QUERY(q_customers, "li",
			"SELECT DISTINCT o.customer_id FROM @.ownership o"
			" WHERE o.until IS NULL AND o.member_id IS NOT NULL AND o.customer_id > $1 ORDER BY o.customer_id LIMIT $2");
LEADS_QUERY(q_scopes, "l",
			"SELECT o.scope FROM @.ownership o WHERE o.customer_id = $1 AND o.until IS NULL AND o.member_id IS NOT NULL"
			" ORDER BY o.scope");
LEADS_QUERY(q_body, "tti", "SELECT p.body FROM @.policy p WHERE p.kind = $1 AND p.key = $2 AND p.version = $3");
LEADS_QUERY(q_status, "i",
			"SELECT p.status FROM @.policy p WHERE p.kind = 'protection' AND p.key = '' AND p.version = $1");
LEADS_QUERY(q_changes, "jj",
			"SELECT '$.' || coalesce(a.key, b.key), a.value, b.value"
			"  FROM pg_catalog.jsonb_each($1) a FULL JOIN pg_catalog.jsonb_each($2) b ON a.key = b.key"
			" WHERE a.value IS DISTINCT FROM b.value ORDER BY 1");

void
leads_deadline_apply_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

static Effect
compare(TimestampTz before, TimestampTz after)
{
	if (before == after)
		return SAME;
	if (before == LEADS_NO_TIME)
		return BEGINS;
	if (after == LEADS_NO_TIME)
		return ENDS;
	return after < before ? SOONER : LATER;
}

/* ---------------------------------------------------------------- look */

typedef struct Diff
{
	ReturnSetInfo *rsi;
	LeadsPolicy one;
	LeadsPolicy two;
	int64		n[EFFECTS];
	int64		listed;
	int64		most;
	bool		all;			/* whoever holds it */
} Diff;

static void
put(Diff *d, const char *item, const char *path, Jsonb *one, Jsonb *two, const LeadsOwnership *o, const char *owner,
	TimestampTz due_1, TimestampTz due_2)
{
	Datum		values[DIFF_COLUMNS];
	bool		nulls[DIFF_COLUMNS] = {false};

	values[0] = CStringGetTextDatum(item);
	nulls[1] = path == NULL;
	values[1] = path ? CStringGetTextDatum(path) : (Datum) 0;
	nulls[2] = one == NULL;
	values[2] = JsonbPGetDatum(one);
	nulls[3] = two == NULL;
	values[3] = JsonbPGetDatum(two);
	nulls[4] = nulls[5] = nulls[6] = o == NULL;
	if (o)
	{
		values[4] = Int64GetDatum(o->customer_id);
		values[5] = CStringGetTextDatum(o->scope);
		values[6] = CStringGetTextDatum(owner);
	}
	values[7] = TimestampTzGetDatum(due_1);
	nulls[7] = due_1 == LEADS_NO_TIME;
	values[8] = TimestampTzGetDatum(due_2);
	nulls[8] = due_2 == LEADS_NO_TIME;
	tuplestore_putvalues(d->rsi->setResult, d->rsi->setDesc, values, nulls);
}

static void
look_at(LeadsFrame *f, Diff *d, int64 id, const char *owner)
{
	LeadsOwnership o;
	LeadsOwnership one;
	LeadsOwnership two;
	Effect		e;

	if (!leads_ownership_by_id(f, id, &o) || leads_protection_lapsed(o.next_due_at, f->now))
		return;
	/* the manager of a team is told of what that holds */
	if (!d->all && !leads_actor_reaches(f, o.member_id))
		return;
	one = two = o;
	if (o.policy_version != d->one.version)
		(void) leads_deadline_under(f, &one, &d->one);
	(void) leads_deadline_under(f, &two, &d->two);
	e = compare(leads_ownership_deadline(&one), leads_ownership_deadline(&two));
	d->n[e]++;
	if (e == SAME || d->listed >= d->most)
		return;
	d->listed++;
	put(d, effect_names[e], NULL, NULL, NULL, &o, owner,
		leads_ownership_deadline(&one), leads_ownership_deadline(&two));
}

static void
look_at_all(LeadsFrame *f, Diff *d)
{
	int64		after = 0;
	uint64		n;

	do
	{
		LeadsResult r;

		CHECK_FOR_INTERRUPTS();
		SPI_connect();
		r = leads_run(&q_intervals, after, (int) CHUNK);
		n = r.n;
		for (uint64 i = 0; i < n; i++)
			look_at(f, d, leads_int(&r, i, 1), leads_text(&r, i, 2));
		if (n > 0)
			after = leads_int(&r, n - 1, 1);
		SPI_finish();
	} while (n == CHUNK);
}

static LeadsPolicy
version(const char *kind, const char *key, int32 n)
{
	LeadsResult r = leads_run(&q_body, kind, key, (int) n);
	LeadsPolicy p = {n, NULL};

	if (!leads_found(r))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("there is no version %d of policy \"%s\"", n, leads_clip(kind, 60))));
	p.body = leads_jsonb(&r, 0, 1);
	return p;
}

PG_FUNCTION_INFO_V1(leads_policy_diff);
Datum
leads_policy_diff(PG_FUNCTION_ARGS)
{
	char	   *kind;
	char	   *key;
	LeadsFrame	f;
	LeadsResult r;
	Diff		d;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("kind and both versions are required")));
	memset(&d, 0, sizeof(d));
	d.most = PG_ARGISNULL(4) ? 1000 : PG_GETARG_INT32(4);
	if (d.most < 0 || d.most > MOST_LISTED)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("listed is between 0 and %d", MOST_LISTED)));
	InitMaterializedSRF(fcinfo, 0);
	d.rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	kind = text_to_cstring(PG_GETARG_TEXT_PP(0));
	key = PG_ARGISNULL(1) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(1));
	leads_enter_reader(&f, NULL, LEADS_PROFILE_BOSS);
	f.now = leads_now_internal();
	(void) leads_actor_lookup(&f);
	d.all = leads_actor_reach(&f) == LEADS_REACH_ALL;
	d.one = version(kind, key, PG_GETARG_INT32(2));
	d.two = version(kind, key, PG_GETARG_INT32(3));
	r = leads_run(&q_changes, d.one.body, d.two.body);
	for (uint64 i = 0; i < r.n; i++)
		put(&d, "changed", leads_text(&r, i, 1), leads_jsonb(&r, i, 2), leads_jsonb(&r, i, 3), NULL, NULL, LEADS_NO_TIME,
			LEADS_NO_TIME);
	if (strcmp(kind, "protection") == 0 && key[0] == '\0')
	{
		look_at_all(&f, &d);
		for (int e = 0; e < EFFECTS; e++)
			put(&d, "count", effect_names[e], NULL,
				DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(psprintf(INT64_FORMAT, d.n[e])))), NULL, NULL,
				LEADS_NO_TIME, LEADS_NO_TIME);
	}
	leads_leave(&f);
	return (Datum) 0;
}

/* ---------------------------------------------------------------- apply */

static void
decide(LeadsFrame *f, const LeadsOwnership *o, TimestampTz before)
{
	LeadsEvidence e;
	LeadsDecision d;

	leads_evidence_begin(&e);
	leads_evidence_add(&e, "deadline", "moved", "deadline.policy", 1, psprintf("%d", o->policy_version));
	leads_evidence_add(&e, "deadline", "moved", "deadline.moved", 2, leads_message_time(f->zone, before),
					   leads_message_time(f->zone, leads_ownership_deadline(o)));
	memset(&d, 0, sizeof(d));
	d.kind = "deadline";
	d.verdict = effect_names[compare(before, leads_ownership_deadline(o))];
	d.customer_id = o->customer_id;
	d.scope = o->scope;
	d.at = LEADS_NO_TIME;
	d.protection_version = o->policy_version;
	(void) leads_decision_write(f, &d, &e);
}

/* notices of the deadline that stood, by the version that gave it */
static void
supersede(LeadsFrame *f, LeadsOwnership before)
{
	LeadsProtection p;

	(void) leads_deadline_rules(f, &before, &p);
	leads_deadline_nominal(&before);
	leads_notice_supersede(f, &before, &p);
}

/* all intervals of a customer, settled; later: only where nobody loses by it */
static void
apply_to(LeadsFrame *f, int64 customer_id, const LeadsPolicy *policy, bool later, int64 *n)
{
	LeadsHold	h;
	LeadsResult r;
	bool		wrote = false;

	leads_corridor_begin_listed(f, customer_id, "", &h);
	r = leads_run(&q_scopes, h.customer.id);
	for (uint64 i = 0; i < r.n; i++)
	{
		LeadsOwnership own;
		LeadsOwnership then;
		Effect		e;

		if (!leads_ownership_open(f, h.customer.id, leads_text(&r, i, 1), &own) || own.policy_version == policy->version)
			continue;
		then = own;
		(void) leads_deadline_under(f, &then, policy);
		e = compare(leads_ownership_deadline(&own), leads_ownership_deadline(&then));
		/* the release behind a deadline that stays may come sooner, too */
		if (later && (e == SOONER || e == BEGINS || compare(own.next_due_at, then.next_due_at) == SOONER))
			continue;
		n[e]++;
		/* a reminder that was sent for this very deadline is not sent again; what was due for another one is not sent any more */
		if (e != SAME)
			supersede(f, own);
		/* but what waits for a notice waits for one of its own version */
		else if (then.deadline_at == LEADS_NO_TIME || then.noticed_at != LEADS_NO_TIME)
			then.remind_at = own.remind_at;
		leads_ownership_update(f, &then);
		decide(f, &then, leads_ownership_deadline(&own));
		wrote = true;
	}
	if (wrote)
		leads_customer_touch(f, h.customer.id);
}

PG_FUNCTION_INFO_V1(leads_apply_policy);
Datum
leads_apply_policy(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *mode = PG_ARGISNULL(1) ? "all" : text_to_cstring(PG_GETARG_TEXT_PP(1));
	LeadsFrame	f;
	LeadsPolicy policy;
	int64		counts[EFFECTS] = {0};
	int64		after = 0;
	uint64		n;

	if (strcmp(mode, "all") != 0 && strcmp(mode, "later") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown mode \"%s\"", leads_clip(mode, 60)), errhint("Modes are all and later.")));
	InitMaterializedSRF(fcinfo, 0);
	leads_enter(&f, NULL, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	(void) leads_actor_lookup(&f);
	leads_lock_rules(&f, true);
	leads_frame_now(&f, LEADS_NO_TIME);
	if (PG_ARGISNULL(0))
		policy = leads_policy_at(&f, "protection", f.now);
	else
	{
		LeadsResult r = leads_run(&q_status, PG_GETARG_INT32(0));

		policy = version("protection", "", PG_GETARG_INT32(0));
		if (strcmp(leads_text(&r, 0, 1), "published") != 0)
			ereport(ERROR,
					(errcode(LEADS_ERR_WRONG_STATE),
					 errmsg("version %d of the protection policy is a draft", policy.version),
					 errhint("Publish its body with leads.publish() first.")));
	}
	do
	{
		LeadsResult r;

		CHECK_FOR_INTERRUPTS();
		SPI_connect();
		r = leads_run_latest(&q_customers, after, (int) CHUNK);
		n = r.n;
		for (uint64 i = 0; i < n; i++)
			apply_to(&f, leads_int(&r, i, 1), &policy, strcmp(mode, "later") == 0, counts);
		if (n > 0)
			after = leads_int(&r, n - 1, 1);
		SPI_finish();
	} while (n == CHUNK);
	leads_counters_flush(&f);
	for (int e = 0; e < EFFECTS; e++)
	{
		Datum		values[2] = {CStringGetTextDatum(effect_names[e]), Int64GetDatum(counts[e])};
		bool		nulls[2] = {false, false};

		tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
	}
	leads_leave(&f);
	return (Datum) 0;
}
