/*
 * duplicate.c - looking for duplicates without registering, and telling customers apart.
 *
 * Purpose: check_duplicate(), what register() would meet; matches(), whom a stored customer resembles;
 * not_duplicate(), a person's word that two are not one.
 * Invariants: the look is register()'s own code; check_duplicate() and matches() take no locks and write
 * nothing but the meter, which is counted before the look and stays counted; a lapse that nobody wrote down
 * yet counts as one; names and ids of what the caller may not see are not shown.
 * Called by: users.
 */
#include "core/leads.h"

#include "mb/pg_wchar.h"
#include "utils/numeric.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

#include "act/duplicate.h"
#include "act/register_steps.h"
#include "core/args.h"
#include "record/distinct.h"
#include "record/meter.h"


static const LeadsMessage messages[] = {
	{"distinct.parted", "经人工判定，客户 {0} 与客户 {1} 不是同一客户：{2}", "a person told customers {0} and {1} apart: {2}"},
};

void
leads_duplicate_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

static Datum
text_or_null(const char *s, bool *isnull)
{
	*isnull = s == NULL;
	return s ? CStringGetTextDatum(s) : (Datum) 0;
}

static Datum
score_datum(double score)
{
	return DirectFunctionCall3(numeric_in, CStringGetDatum(psprintf("%.1f", score)),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

static const char *
state_name(LeadsCounterpart state)
{
	static const char *const names[] = {"unowned", "own", "owned", "pool", "pool_closed", "pending", "pending_own"};

	return names[state];
}

/* ---- check_duplicate ---- */

/* register() would reject it: here there is no row to keep, so it is raised */
static void
refuse_input(LeadsCall *c)
{
	const char *code = c->in.reason;
	int			state = ERRCODE_INVALID_PARAMETER_VALUE;

	if (strcmp(code, "register.name_required") == 0 || strcmp(code, "register.person_needs_mobile") == 0)
		state = LEADS_ERR_REQUIRED;
	else if (strcmp(code, "register.too_long") == 0)
		state = LEADS_ERR_TOO_LONG;
	ereport(ERROR,
			(errcode(state),
			 errmsg("register() would reject this: %s", code),
			 errdetail("%s", leads_message1(c->f.lang, code, c->in.reason_arg))));
}

/* before the look: what is refused here has learned nothing */
static void
spend(LeadsCall *c)
{
	int32		quota = c->match.probe_quota;
	int64		n = leads_meter_count(&c->f, "check_duplicate", "asked");

	if (quota == 0 || c->f.actor_id == 0)
		return;
	if (n == 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_NOT_INSTALLED),
				 errmsg("member \"%s\" has no meter", c->f.actor_code),
				 errhint("Run SELECT leads.install(%s);", quote_literal_cstr(c->f.schema))));
	if (n > quota)
		ereport(ERROR,
				(errcode(LEADS_ERR_PROBE_QUOTA),
				 errmsg("no duplicate check left for today"),
				 errdetail("A member has %d in a business day; refused registrations count, too.", quota),
				 errhint("leads.register() still works; the match policy sets probe_quota.")));
}

/* of the one looked at, what the caller may not be told; whose it is, and until when, is not a partner's to know */
static void
veil(LeadsCall *c)
{
	LeadsVeil	v = leads_register_veil(c);

	if (c->outsider && c->counterpart != LEADS_IS_OWN)
	{
		v = (LeadsVeil) {.owner = true, .until = true};
		c->pool_code = NULL;
	}
	if (v.owner)
		c->owner_code = v.team_code ? psprintf("team:%s", v.team_code) : NULL;
	if (v.until)
		c->own.protected_until = LEADS_NO_TIME;
}

PG_FUNCTION_INFO_V1(leads_check_duplicate);
Datum
leads_check_duplicate(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	LeadsCall  *c;
	LeadsRegisterArgs args;
	int			rank = 0;

	InitMaterializedSRF(fcinfo, 0);
	c = palloc0(sizeof(LeadsCall));
	leads_register_args(fcinfo, &args);
	leads_register_open(c, NULL, &args);
	if (c->in.reason)
		refuse_input(c);
	c->advisory = true;
	c->f.now = leads_clock_read();
	leads_register_policy(c);
	spend(c);
	/* what is there now, even if this transaction's own snapshot is older */
	PushActiveSnapshot(GetLatestSnapshot());
	c->f.reader = true;
	leads_register_look(c);
	leads_register_meet_project(c);
	for (int i = 0; i < c->nfound; i++)
	{
		const LeadsMatchScore *score = &c->found[i].score;
		Datum		v[13];
		bool		no[13] = {false};
		bool		clear;

		if (!leads_register_peek(c, i))
			continue;
		clear = leads_register_sees(c, c->own.member_id) || c->counterpart == LEADS_IS_POOLED;
		if (c->outsider && c->counterpart != LEADS_IS_OWN)
			clear = false;
		veil(c);
		v[0] = Int32GetDatum(++rank);
		v[1] = CStringGetTextDatum(c->shown_name);
		v[2] = CStringGetTextDatum(leads_band_name(score->band));
		v[3] = score_datum(score->score);
		v[4] = JsonbPGetDatum(leads_register_shares(score));
		v[5] = CStringGetTextDatum(state_name(c->counterpart));
		v[6] = text_or_null(c->owner_code, &no[6]);
		v[7] = text_or_null(c->pool_code, &no[7]);
		no[8] = !c->has_own || c->own.protected_until == LEADS_NO_TIME;
		v[8] = TimestampTzGetDatum(c->own.protected_until);
		no[9] = !clear;
		v[9] = Int64GetDatum(c->customer.id);
		/* the best one decides */
		no[10] = no[11] = no[12] = rank > 1;
		if (rank == 1)
		{
			v[10] = CStringGetTextDatum(leads_outcome_name(c->action.outcome));
			v[11] = CStringGetTextDatum(c->action.code);
			v[12] = CStringGetTextDatum(leads_message0(c->f.lang, psprintf("%s.why", c->action.code)));
		}
		tuplestore_putvalues(rsi->setResult, rsi->setDesc, v, no);
	}
	PopActiveSnapshot();
	leads_leave(&c->f);
	pfree(c);
	return (Datum) 0;
}

/* ---- matches ---- */

LEADS_QUERY(q_hands, "lz",
			"SELECT o.member_id, CASE WHEN o.next_due_at <= $2 THEN o.lapse_pool_id ELSE o.pool_id END,"
			"       coalesce(o.next_due_at <= $2, false)"
			"  FROM @.ownership o WHERE o.customer_id = $1 AND o.until IS NULL");

/* in any scope the caller's own, or in a pool it may see; a boss sees what it reaches */
static bool
may_see(LeadsFrame *f, int64 customer_id)
{
	LeadsResult r;

	if (leads_actor_reach(f) == LEADS_REACH_ALL)
		return true;
	if (f->actor_id == 0)
		return false;
	r = leads_run(&q_hands, customer_id, f->now);
	for (uint64 i = 0; i < r.n; i++)
	{
		int64		owner = leads_bool(&r, i, 3) ? 0 : leads_int(&r, i, 1);

		if (owner != 0 ? leads_actor_reaches(f, owner) : leads_pool_has_member(f, leads_int(&r, i, 2), f->actor_id))
			return true;
	}
	return false;
}

PG_FUNCTION_INFO_V1(leads_matches);
Datum
leads_matches(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	LeadsCall  *c;
	LeadsFrame *f;
	LeadsCustomer customer;
	int64		id;
	int			rank = 0;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("customer_id is required")));
	id = PG_GETARG_INT64(0);
	InitMaterializedSRF(fcinfo, 0);
	c = palloc0(sizeof(LeadsCall));
	f = &c->f;
	leads_enter_reader(f, NULL, LEADS_PROFILE_WORKER);
	(void) leads_actor_lookup(f);
	f->now = leads_now_internal();
	c->outsider = f->profiles == LEADS_PROFILE_PARTNER || f->actor_partner != 0;
	if (!leads_customer_read(f, id, &customer) || !may_see(f, customer.id))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("there is no customer " INT64_FORMAT, id)));
	c->advisory = true;
	c->self_id = customer.id;
	c->most = LEADS_CANDIDATES;
	c->in.record = palloc(sizeof(LeadsRecord));
	leads_customer_record(f, customer.id, c->in.record);
	c->in.nkeys = leads_record_keys(c->in.record, c->in.keys, LEADS_KEYS_MAX);
	leads_register_policy(c);
	c->scope = PG_ARGISNULL(1) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(1));
	leads_register_look(c);
	for (int i = 0; i < c->nfound; i++)
	{
		const LeadsMatchScore *score = &c->found[i].score;
		Datum		v[9];
		bool		no[9] = {false};

		if (!leads_register_peek(c, i))
			continue;
		veil(c);
		v[0] = Int32GetDatum(++rank);
		no[1] = !leads_register_sees(c, c->own.member_id) &&
			(c->counterpart != LEADS_IS_POOLED || c->outsider);
		v[1] = Int64GetDatum(c->customer.id);
		v[2] = CStringGetTextDatum(c->shown_name);
		v[3] = CStringGetTextDatum(leads_band_name(score->band));
		v[4] = score_datum(score->score);
		v[5] = JsonbPGetDatum(leads_register_shares(score));
		v[6] = CStringGetTextDatum(state_name(c->counterpart));
		v[7] = text_or_null(c->owner_code, &no[7]);
		v[8] = text_or_null(c->pool_code, &no[8]);
		tuplestore_putvalues(rsi->setResult, rsi->setDesc, v, no);
	}
	leads_leave(f);
	pfree(c);
	return (Datum) 0;
}

/* ---- not_duplicate ---- */

static void
note(LeadsFrame *f, const LeadsHold *h, int64 other, int64 decision_id)
{
	LeadsEvent	e = {
		.kind = "parted", .customer_id = h->customer.id, .at = LEADS_NO_TIME, .decision_id = decision_id,
		.owner_id = h->own.member_id, .pool_id = h->own.pool_id
	};

	e.data = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
												CStringGetDatum(psprintf("{\"from\": " INT64_FORMAT "}", other))));
	(void) leads_event_write(f, &e);
	leads_corridor_end(f, h->customer.id);
}

/* write the pair and what goes with it; false if it stands already */
static bool
part(LeadsFrame *f, const LeadsHold *a, const LeadsHold *b, const char *reason, int64 *id, int64 *decision_id)
{
	LeadsEvidence e;
	LeadsDecision d = {
		.kind = "not_duplicate", .verdict = "parted", .customer_id = a->customer.id, .at = LEADS_NO_TIME
	};

	if (leads_distinct_holds(f, a->customer.id, b->customer.id))
		return false;
	leads_evidence_begin(&e);
	leads_evidence_add(&e, "distinct", "yes", "distinct.parted", 3, psprintf(INT64_FORMAT, a->customer.id),
					   psprintf(INT64_FORMAT, b->customer.id), reason);
	*decision_id = leads_decision_write(f, &d, &e);
	*id = leads_distinct_insert(f, a->customer.id, b->customer.id, reason, *decision_id);
	note(f, a, b->customer.id, *decision_id);
	note(f, b, a->customer.id, *decision_id);
	return true;
}

PG_FUNCTION_INFO_V1(leads_not_duplicate);
Datum
leads_not_duplicate(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	LeadsHold	a;
	LeadsHold	b;
	TimestampTz last;
	TupleDesc	desc;
	Datum		v[2] = {0};
	bool		no[2] = {false};
	int64		low;
	int64		high;
	int64		id = 0;
	int64		decision_id = 0;
	char	   *reason;
	char	   *by_member = PG_ARGISNULL(3) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(3));

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "row type expected");
	desc = BlessTupleDesc(desc);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("two customers are required")));
	low = Min(PG_GETARG_INT64(0), PG_GETARG_INT64(1));
	high = Max(PG_GETARG_INT64(0), PG_GETARG_INT64(1));
	reason = leads_arg_reason(fcinfo, 2, true);
	leads_enter(&f, NULL, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&f, by_member, 0);
	leads_corridor_require_boss(&f, "tell customers apart");
	leads_corridor_begin(&f, low, "", &a);
	/* before the other is looked for: which of the two is told must not tell that a hidden one is there */
	leads_corridor_require_whole(&f, &a);
	last = f.now;
	leads_corridor_begin(&f, high, "", &b);
	leads_corridor_require_whole(&f, &b);
	if (a.customer.id == b.customer.id)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("customers " INT64_FORMAT " and " INT64_FORMAT " are one", low, high)));
	/* both histories get the same instant, the later one */
	if (f.now < last)
	{
		f.now = last;
		leads_clock_wrote(last);
	}
	if (!part(&f, &a, &b, reason, &id, &decision_id))
	{
		leads_corridor_end(&f, a.customer.id);
		leads_corridor_end(&f, b.customer.id);
	}
	leads_leave(&f);
	no[0] = id == 0;
	no[1] = decision_id == 0;
	v[0] = Int64GetDatum(id);
	v[1] = Int64GetDatum(decision_id);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, v, no)));
}
