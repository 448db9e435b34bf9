/*
 * rekey.c - CALL leads.rekey(): from one generation of keys to the next while customers are registered.
 *
 * Purpose: keys are made of what is rare among the names of this company; when that changes, or the rules of the library,
 * every customer gets other keys.
 * Invariants: steady -> building -> dropping -> steady, each change with the gate held for oneself and for a moment: so
 * whoever registers does so wholly before or wholly after it. Building: all look up and lock by the keys of before,
 * which every customer has; all write both. Dropping: all look up and lock by the new ones, which by then every customer has.
 * A batch holds the gate shared, so that nobody renames or merges meanwhile, and the customers that it changes, so that
 * nobody gives one a number; it is committed together with how far it is. Whole: the keys of before cannot be made any
 * more, so nobody registers (LD085) until all are written anew.
 * Called by: users.
 */
#include "core/leads.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/latch.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

#include "core/lock.h"
#include "lib/frequency.h"
#include "record/customer.h"
#include "record/keyset.h"

#define BATCH_MOST 100000
#define PORTION 2000
#define GATE_TRIES 20				/* without making anybody wait; then as everybody else */
#define PAUSE_MS 50

typedef struct Rekey
{
	LeadsFrame *f;
	int			batch;
	MemoryContext step;
	LeadsKeyState state;
	int			runs;
	/* of one batch */
	int64		last;
	int64		done;
	int64		changed;
	int64	   *ids;				/* customers that need other keys */
	int			nids;
	int64		stop;				/* the first that somebody else has */
	LeadsRecord *record;
	/* counting */
	uint32	   *counts;
	int64		names;
} Rekey;

static void
step_begin(Rekey *rk)
{
	MemoryContextReset(rk->step);
	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

static void
step_end(Rekey *rk)
{
	SPI_finish();
	MemoryContextSwitchTo(rk->step);
}

static void
commit(Rekey *rk)
{
	leads_frame_commit(rk->f);
	leads_frame_now(rk->f, LEADS_NO_TIME);
}

/* the row of the state, behind the gate in the order of locks */
static void
look_at_state(Rekey *rk)
{
	leads_keyset_state(rk->f, &rk->state);
	if (rk->state.runs != rk->runs)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("another call of rekey() is at work")));
}

static void
pause_a_moment(void)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, PAUSE_MS, WAIT_EVENT_PG_SLEEP);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

/* for ourselves; a registration that takes its time must not keep all others behind us */
static void
gate(Rekey *rk)
{
	for (int i = 0; i < GATE_TRIES; i++)
	{
		if (leads_try_lock_gate(rk->f))
			return;
		pause_a_moment();
	}
	leads_lock_gate(rk->f, true);
}

/* ---- how common characters are ---- */

static void
count(const LeadsCustomerText *t, void *arg)
{
	Rekey	   *rk = arg;

	rk->last = t->id;
	if (t->person)
		return;
	leads_customer_text_record(t, rk->record);
	for (int i = 0; i < rk->record->nnames; i++)
	{
		leads_frequency_count(&rk->record->name[i], rk->counts);
		rk->names++;
	}
}

static void
build(Rekey *rk)
{
	uint8	   *table = MemoryContextAlloc(rk->f->outer_cxt, LEADS_DF_SIZE);
	int			n;

	rk->counts = MemoryContextAllocZero(rk->f->outer_cxt, sizeof(uint32) * LEADS_DF_SIZE);
	rk->last = PG_INT64_MIN;
	do
	{
		CHECK_FOR_INTERRUPTS();
		step_begin(rk);
		n = leads_customer_texts(rk->f, rk->last, PORTION, count, rk);
		step_end(rk);
	} while (n > 0);
	leads_frequency_table(rk->counts, rk->names, table);
	gate(rk);
	step_begin(rk);
	look_at_state(rk);
	leads_frame_now(rk->f, LEADS_NO_TIME);
	leads_keyset_build(rk->f, table, rk->names, leads_keyset(rk->f)->norm_v != LEADS_NORM_VERSION);
	step_end(rk);
	commit(rk);
}

/* ---- batches ---- */

/* what a customer is to have; true = that is not what it has */
static bool
keys_of(Rekey *rk, const LeadsCustomerText *t, LeadsKey *all, int *n)
{
	LeadsKey	keys[LEADS_KEYS_MAX];
	int			others;

	CHECK_FOR_INTERRUPTS();
	leads_customer_text_record(t, rk->record);
	*n = leads_record_keys(rk->record, keys, LEADS_KEYS_MAX);
	*n = leads_keyset_all(leads_keyset(rk->f), rk->record, keys, *n, all);
	return leads_keys_missing(rk->f, t->id, all, *n, &others) > 0 || others > 0;
}

static void
look(const LeadsCustomerText *t, void *arg)
{
	Rekey	   *rk = arg;
	LeadsKey	all[LEADS_KEYS_BOTH];
	int			n;

	rk->last = t->id;
	rk->done++;
	if (keys_of(rk, t, all, &n))
		rk->ids[rk->nids++] = t->id;
}

static int
by_id(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

/* of those that are locked; the others have what they are to have */
static void
make_keys(const LeadsCustomerText *t, void *arg)
{
	Rekey	   *rk = arg;
	LeadsKey	all[LEADS_KEYS_BOTH];
	int			n;

	if (t->id >= rk->stop)
		return;
	rk->last = t->id;
	rk->done++;
	if (bsearch(&t->id, rk->ids, rk->nids, sizeof(int64), by_id) == NULL || !keys_of(rk, t, all, &n))
		return;
	leads_keys_delete(rk->f, t->id);
	leads_keys_insert(rk->f, t->id, all, n);
	rk->changed++;
}

/*
 * Those that need other keys are locked and read again: a registration under way may just give one a number, which must
 * not be forgotten. Nobody is waited for with the gate held: the batch ends before the first one that somebody else has.
 */
static void
change(Rekey *rk)
{
	LeadsCustomer *locked;
	int			n = leads_customers_try_lock(rk->f, rk->ids, rk->nids, &locked);

	rk->stop = PG_INT64_MAX;
	for (int i = rk->nids - 1; i >= 0; i--)
		if (i >= n || locked[i].id != rk->ids[i])
			rk->stop = rk->ids[i];
	rk->last = rk->state.after_id;
	rk->done = 0;
	(void) leads_customer_texts(rk->f, rk->last, rk->batch, make_keys, rk);
}

/* all customers, a batch a transaction, from where the state says */
static void
walk(Rekey *rk)
{
	int			n;

	do
	{
		leads_lock_gate(rk->f, false);
		step_begin(rk);
		look_at_state(rk);
		rk->last = rk->state.after_id;
		rk->done = rk->changed = 0;
		rk->nids = 0;
		n = leads_customer_texts(rk->f, rk->last, rk->batch, look, rk);
		if (rk->nids > 0)
			change(rk);
		leads_keyset_progress(rk->f, rk->last, rk->done, rk->state.phase == LEADS_KEYS_BUILDING ? rk->changed : 0,
							  leads_clock_read());
		step_end(rk);
		commit(rk);
		if (n > 0 && rk->done == 0)
			pause_a_moment();
	} while (n > 0);
}

/* deleted ones are remembered by the new keys, too; by those of before they may be found for ever */
static void
walk_formers(Rekey *rk)
{
	int64		after = 0;

	do
	{
		CHECK_FOR_INTERRUPTS();
		leads_lock_gate(rk->f, false);
		step_begin(rk);
		look_at_state(rk);
		after = leads_customer_formers_rekey(rk->f, after, rk->batch);
		step_end(rk);
		commit(rk);
	} while (after > 0);
}

static void
change_over(Rekey *rk)
{
	gate(rk);
	step_begin(rk);
	look_at_state(rk);
	leads_frame_now(rk->f, LEADS_NO_TIME);
	leads_keyset_switch(rk->f);
	step_end(rk);
	commit(rk);
}

static void
run(Rekey *rk)
{
	LeadsFrame *f = rk->f;

	leads_frame_now(f, LEADS_NO_TIME);
	step_begin(rk);
	leads_keyset_run(f);
	leads_keyset_state(f, &rk->state);
	rk->runs = rk->state.runs;
	step_end(rk);
	commit(rk);
	/* another library since then: what was begun is worth nothing */
	if (rk->state.phase == LEADS_KEYS_STEADY || (!rk->state.whole && leads_keyset(f)->norm_v != LEADS_NORM_VERSION))
	{
		build(rk);
		rk->state.phase = LEADS_KEYS_BUILDING;
	}
	if (rk->state.phase == LEADS_KEYS_BUILDING)
	{
		walk(rk);
		walk_formers(rk);
		change_over(rk);
	}
	walk(rk);
	gate(rk);
	step_begin(rk);
	look_at_state(rk);
	leads_frame_now(f, LEADS_NO_TIME);
	leads_keyset_finish(f);
	step_end(rk);
}

PG_FUNCTION_INFO_V1(leads_rekey);
Datum
leads_rekey(PG_FUNCTION_ARGS)
{
	char	   *schema = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	LeadsFrame	f;
	Rekey		rk = {.f = &f, .batch = PG_ARGISNULL(0) ? 1000 : PG_GETARG_INT32(0)};

	if (!fcinfo->context || !IsA(fcinfo->context, CallContext) || ((CallContext *) fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("rekey() commits and cannot run inside a transaction block")));
	if (rk.batch < 1 || rk.batch > BATCH_MOST)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("batch is between 1 and %d", BATCH_MOST)));
	leads_enter_nonatomic(&f, schema, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	rk.step = AllocSetContextCreate(f.outer_cxt, "leads rekey step", ALLOCSET_DEFAULT_SIZES);
	rk.record = MemoryContextAlloc(f.outer_cxt, sizeof(LeadsRecord));
	rk.ids = MemoryContextAlloc(f.outer_cxt, sizeof(int64) * rk.batch);
	MemoryContextSwitchTo(rk.step);
	run(&rk);
	leads_leave(&f);
	MemoryContextDelete(rk.step);
	PG_RETURN_VOID();
}
