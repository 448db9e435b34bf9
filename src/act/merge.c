/*
 * merge.c - several customers become one.
 *
 * Purpose: leads.merge(): what belongs to the losers becomes the survivor's, the losers become
 * tombstones that redirect to it; leads.canonical().
 * Invariants: the gate is held exclusively (keys change hands), then all customers, ascending; every
 * change has a line in the journal, so that unmerge() can go back; ownership, registration, event and
 * decision rows keep their customer and are read through the tombstone; a dry run is the whole merge
 * in a subtransaction that is rolled back: what it tells is what will happen, and it keeps no lock.
 * Called by: users.
 */
#include "core/leads.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/resowner.h"

#include "act/guard.h"
#include "act/merge_steps.h"
#include "act/ownership.h"
#include "core/args.h"
#include "core/lock.h"
#include "record/distinct.h"
#include "record/org.h"


static const LeadsMessage messages[] = {
	{"merge.reason", "合并原因：{0}", "merged because: {0}"},
	{"merge.into", "客户 {0} 并入客户 {1}", "customer {0} goes into customer {1}"},
	{"merge.field", "字段 {0} 取自客户 {1}", "field {0} is that of customer {1}"},
	{"merge.joined", "字段 {0} 取各方之和", "field {0} is that of all of them"},
	{"merge.first_registered", "归属 {0}：最早报备，{1}", "{0} has it: registered first, at {1}"},
	{"merge.in_pool", "仍在公海，无归属人：{0}", "nobody has it: {0}"},
	{"merge.lead", "线索 {0} 与线索 {1} 是同一询单，合计一次", "lead {0} is the same inquiry as lead {1}"},
	{"merge.twin", "合并后与客户 {0} 疑似为同一客户", "after the merge it looks like customer {0}"},
	{"unmerge.reason", "撤销合并原因：{0}", "taken apart because: {0}"},
	{"unmerge.merge", "撤销合并 {0}", "merge {0} is undone"},
	{"unmerge.back", "客户 {0} 恢复", "customer {0} is there again"},
	{"unmerge.holder", "客户 {0} 归属 {1}", "customer {0}: {1}"},
	{"unmerge.resolved", "{0}：{1}", "{0}: {1}"},
};

void
leads_merge_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

Datum
leads_merge_ids(const int64 *ids, int n)
{
	Datum	   *d = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		d[i] = Int64GetDatum(ids[i]);
	return PointerGetDatum(construct_array(d, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

void
leads_merge_require_boss(LeadsFrame *f)
{
	leads_corridor_require_boss(f, "merge customers");
}

static int
by_id(const void *a, const void *b)
{
	int64		x = ((const LeadsCustomer *) a)->id;
	int64		y = ((const LeadsCustomer *) b)->id;

	return x < y ? -1 : x > y;
}

void
leads_merge_hold(LeadsFrame *f, const int64 *ids, int n, LeadsCustomer *who)
{
	LeadsCustomer *sorted = palloc0(sizeof(LeadsCustomer) * n);
	TimestampTz latest = LEADS_NO_TIME;
	TimestampTz settled;

	for (int i = 0; i < n; i++)
		sorted[i].id = ids[i];
	qsort(sorted, n, sizeof(LeadsCustomer), by_id);
	for (int i = 0; i < n; i++)
	{
		int64		id = sorted[i].id;

		if (!leads_customer_lock_whole(f, id, &sorted[i]))
			ereport(ERROR,
					(errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no customer " INT64_FORMAT, id)));
		latest = Max(latest, sorted[i].last_event_at);
	}
	leads_frame_now(f, latest);
	/* a lapse of this very instant moves the instant on: then once more */
	do
	{
		settled = f->now;
		for (int i = 0; i < n; i++)
			if (strcmp(sorted[i].status, "live") == 0)
				leads_corridor_settle(f, &sorted[i]);
	} while (f->now != settled);
	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++)
			if (sorted[k].id == ids[i])
				who[i] = sorted[k];
}

void
leads_merge_event(LeadsFrame *f, const char *kind, int64 customer_id, int64 merge_id, int64 decision_id)
{
	LeadsEvent	ev;
	LeadsOwnership own;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.customer_id = customer_id;
	ev.at = LEADS_NO_TIME;
	ev.decision_id = decision_id;
	if (leads_ownership_open(f, customer_id, "", &own))
	{
		ev.owner_id = own.member_id;
		ev.pool_id = own.pool_id;
	}
	ev.data = leads_merge_json(psprintf("{\"merge\": " INT64_FORMAT "}", merge_id));
	(void) leads_event_write(f, &ev);
}

/* ---------------------------------------------------------------- arguments */

static void
required(bool missing, const char *what)
{
	if (missing)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("%s is required", what)));
}

/* survivor first, then each loser once; the survivor is no loser */
static int
read_family(FunctionCallInfo fcinfo, int64 *ids)
{
	Datum	   *values;
	bool	   *nulls;
	int			many;
	int			n = 1;

	required(PG_ARGISNULL(0), "survivor");
	required(PG_ARGISNULL(1), "losers");
	ids[0] = PG_GETARG_INT64(0);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &values, &nulls, &many);
	if (many > LEADS_MERGE_MOST)
		ereport(ERROR,
				(errcode(LEADS_ERR_TOO_LONG), errmsg("more than %d customers in one merge", LEADS_MERGE_MOST)));
	required(many == 0, "at least one loser");
	for (int i = 0; i < many; i++)
	{
		int64		id = DatumGetInt64(values[i]);
		bool		known = false;

		required(nulls[i], "every loser");
		if (id == ids[0])
			ereport(ERROR,
					(errcode(LEADS_ERR_WRONG_STATE), errmsg("customer " INT64_FORMAT " cannot be merged into itself", id)));
		for (int k = 1; k < n; k++)
			known |= ids[k] == id;
		if (!known)
			ids[n++] = id;
	}
	return n;
}

/* ---------------------------------------------------------------- checks */

static void
check_live(const LeadsCustomer *c)
{
	if (strcmp(c->status, "live") != 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("customer " INT64_FORMAT " is not live", c->id),
				 c->merged_into != 0 ? errhint("It is merged into customer " INT64_FORMAT ".", c->merged_into) : 0));
}

/* locked, settled, fit to be merged; those that were merged into the survivor before are left out */
static void
hold_family(LeadsMergeCall *c, const int64 *ids, int n)
{
	LeadsFrame *f = &c->f;
	LeadsCustomer all[LEADS_FAMILY];
	int64		kept[LEADS_FAMILY] = {0};

	leads_lock_gate(f, true);
	leads_lock_rules(f, false);
	leads_merge_hold(f, ids, n, all);
	for (int i = 0; i < n; i++)
		/* to the manager of a team the customers of others do not exist; what it merged before is its survivor's */
		if (!leads_corridor_reaches_whole(f, i > 0 && all[i].merged_into == all[0].id ? all[0].id : all[i].id))
			ereport(ERROR,
					(errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no customer " INT64_FORMAT, ids[i])));
	check_live(&all[0]);
	c->n = 0;
	for (int i = 0; i < n; i++)
	{
		if (i > 0 && all[i].merged_into == all[0].id)
		{
			c->merge_id = leads_merge_of(f, all[i].id);
			continue;
		}
		check_live(&all[i]);
		if (all[i].person != all[0].person)
			ereport(ERROR,
					(errcode(LEADS_ERR_WRONG_STATE),
					 errmsg("a person and a company cannot be merged"),
					 errdetail("Customers " INT64_FORMAT " and " INT64_FORMAT ".", all[0].id, all[i].id)));
		kept[c->n] = all[i].id;
		c->who[c->n++] = all[i];
	}
	c->ids = leads_merge_ids(kept, c->n);
	c->losers = leads_merge_ids(kept + 1, c->n - 1);
	if (leads_merge_pending(f, c->ids))
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("a registration of one of the customers waits for approval"),
				 errhint("Approve, reject or withdraw it first.")));
}

/* ---------------------------------------------------------------- the merge */

static void
decide(LeadsMergeCall *c)
{
	LeadsDecision d;

	leads_evidence_begin(&c->evidence);
	leads_evidence_add(&c->evidence, "merge", "yes", "merge.reason", 1, c->reason);
	for (int i = 1; i < c->n; i++)
		leads_evidence_add(&c->evidence, "loser", "merged", "merge.into", 2, psprintf(INT64_FORMAT, c->who[i].id),
						   psprintf(INT64_FORMAT, c->who[0].id));
	leads_merge_choose_fields(c);
	leads_merge_choose_owners(c);
	if (!c->apart)
		leads_merge_choose_leads(c);
	memset(&d, 0, sizeof(d));
	d.kind = "merge";
	d.verdict = "merged";
	d.customer_id = c->who[0].id;
	d.at = LEADS_NO_TIME;
	c->decision_id = leads_decision_write(&c->f, &d, &c->evidence);
}

/* what was told apart from a loser stands apart from the survivor */
static void
carry_pairs(LeadsMergeCall *c, int64 loser)
{
	int64	   *pairs;
	int			n = leads_distinct_carry(&c->f, loser, c->who[0].id, c->ids, &pairs);

	for (int i = 0; i < n; i++)
		leads_merge_note(&c->f, c->merge_id, "made", "customer_distinct", pairs[i], NULL, NULL, NULL);
}

static void
record(LeadsMergeCall *c)
{
	LeadsFrame *f = &c->f;
	int64		survivor = c->who[0].id;
	int64		twin;

	c->merge_id = leads_merge_insert(f, survivor, c->losers, c->choices, c->reason, c->decision_id);
	for (int i = 1; i < c->n; i++)
	{
		leads_merge_move(f, c->merge_id, c->who[i].id, survivor);
		carry_pairs(c, c->who[i].id);
	}
	leads_merge_activities(f, c->ids);
	/* above READ COMMITTED a row may be there that we cannot see */
	if (leads_merge_left_behind(f, c->losers))
		leads_customer_refuse_unseen();
	leads_merge_write_leads(c);
	leads_merge_write_fields(c);
	/* before the owners: what the losers bring counts for their deadlines */
	for (int i = 1; i < c->n; i++)
		leads_merge_bury(f, c->merge_id, c->who[i].id, survivor);
	leads_merge_write_owners(c);
	twin = leads_guard_keys(f, survivor);
	for (int i = 0; i < c->n; i++)
		leads_merge_event(f, "merged", c->who[i].id, c->merge_id, c->decision_id);
	if (twin != 0)
		leads_guard_collided(f, survivor, twin);
	for (int i = 0; i < c->n; i++)
		leads_customer_touch(f, c->who[i].id);
	leads_counters_flush(f);
}

typedef struct Answer
{
	int64		merge_id;
	const char *outcome;
	Jsonb	   *moved;
	Jsonb	   *conflicts;
	int64		decision_id;
} Answer;

static Jsonb *
keep_json(LeadsFrame *f, Jsonb *j)
{
	MemoryContext old = MemoryContextSwitchTo(f->outer_cxt);
	Jsonb	   *copy = (Jsonb *) pg_detoast_datum_copy((struct varlena *) j);

	MemoryContextSwitchTo(old);
	return copy;
}

/* answers live in the caller's memory */
static void
perform(LeadsMergeCall *c, const int64 *ids, int n, Answer *a)
{
	a->outcome = "nothing";
	hold_family(c, ids, n);
	initStringInfo(&c->conflicts);
	if (c->n > 1)
	{
		decide(c);
		record(c);
		a->outcome = c->dry_run ? "dry_run" : "merged";
		a->moved = keep_json(&c->f, leads_merge_moved(&c->f, c->merge_id));
	}
	else
	{
		/* a lapse may have been written all the same */
		leads_corridor_end(&c->f, c->who[0].id);
		a->moved = keep_json(&c->f, leads_merge_json("{}"));
	}
	a->conflicts = keep_json(&c->f, leads_merge_json(psprintf("[%s]", c->conflicts.data)));
	a->merge_id = c->merge_id;
	a->decision_id = c->decision_id;
}

/* the same, and nothing of it stays: rows, locks, counters */
static void
rehearse(LeadsMergeCall *c, const int64 *ids, int n, Answer *a)
{
	MemoryContext cxt = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	void	   *aside = leads_counters_aside(&c->f);

	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		perform(c, ids, n, a);
		SPI_finish();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		/*
		 * End what was begun here: left open, whoever catches the error would end it in the
		 * place of its own, and go on as the owner of the data schema.
		 */
		MemoryContextSwitchTo(cxt);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(cxt);
		CurrentResourceOwner = owner;
		leads_counters_back(&c->f, aside, false);
		ReThrowError(error);
	}
	PG_END_TRY();
	RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(cxt);
	CurrentResourceOwner = owner;
	leads_counters_back(&c->f, aside, false);
	a->merge_id = strcmp(a->outcome, "nothing") == 0 ? a->merge_id : 0;
	a->decision_id = 0;
}

PG_FUNCTION_INFO_V1(leads_merge);
Datum
leads_merge(PG_FUNCTION_ARGS)
{
	LeadsMergeCall *c = palloc0(sizeof(LeadsMergeCall));
	LeadsFrame *f = &c->f;
	int64		ids[LEADS_FAMILY];
	int			n = read_family(fcinfo, ids);
	char	   *by_member = PG_ARGISNULL(5) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(5));
	Answer		a = {0};
	TupleDesc	desc;
	Datum		values[6];
	bool		nulls[6] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	desc = BlessTupleDesc(desc);
	c->choices = PG_ARGISNULL(2) ? leads_merge_json("{}") : PG_GETARG_JSONB_P(2);
	c->reason = leads_arg_reason(fcinfo, 3, true);
	c->dry_run = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4);
	c->apart = !PG_ARGISNULL(6) && !PG_GETARG_BOOL(6);
	leads_enter(f, NULL, LEADS_PROFILE_BOSS | LEADS_PROFILE_APP);
	leads_actor_resolve(f, by_member, 0);
	leads_merge_require_boss(f);
	if (c->dry_run)
		rehearse(c, ids, n, &a);
	else
		perform(c, ids, n, &a);
	leads_leave(f);
	pfree(c);

	values[0] = Int64GetDatum(a.merge_id);
	nulls[0] = a.merge_id == 0;
	values[1] = Int64GetDatum(ids[0]);
	values[2] = CStringGetTextDatum(a.outcome);
	values[3] = JsonbPGetDatum(a.moved);
	values[4] = JsonbPGetDatum(a.conflicts);
	values[5] = Int64GetDatum(a.decision_id);
	nulls[5] = a.decision_id == 0;
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

PG_FUNCTION_INFO_V1(leads_canonical);
Datum
leads_canonical(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	LeadsCustomer c;
	int64		id;

	required(PG_ARGISNULL(0), "customer_id");
	id = PG_GETARG_INT64(0);
	leads_enter_reader(&f, NULL, LEADS_PROFILE_WORKER | LEADS_PROFILE_BI);
	/* as owner_at(), and whoever was told its id when it registered it */
	if (!leads_customer_read(&f, id, &c) || !(leads_ownership_may_ask(&f, c.id) || leads_corridor_knows(&f, c.id)))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no customer " INT64_FORMAT, id)));
	id = c.id;
	leads_leave(&f);
	PG_RETURN_INT64(id);
}
