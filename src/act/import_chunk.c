/*
 * import_chunk.c - import: a chunk of staged rows, looked up, then registered.
 *
 * Purpose: rows in thousands without a million lock rounds, and without keeping others from registering.
 * Invariants: a chunk is one transaction.  First it is read, and its rows looked up among the stored customers, under
 * the shared gate; then the gate is taken exclusively, and for less than a second: nobody else registers, so that what is
 * found stays true without a stripe.  Who registered between the two has an id above the horizon (taken at the last
 * moment in which nobody could) and is compared with every row; had somebody else had the gate for itself in between,
 * who may have changed names, keys or rules, the look is done again.  The customers met are locked in ascending order, then row after row is
 * decided and written, ring and counters after the customers, counters once a chunk; rows made by the chunk
 * itself are found in memory.  The next chunk is as large as the last one allows, look and writing under the
 * gate stop when their time is gone, and no lock is waited for longer than LOCK_WAIT: then others go first.
 * Called by: act/import.
 */
#include "core/leads.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/wait_event.h"

#include "act/import_work.h"
#include "core/bulk.h"
#include "core/lock.h"
#include "record/customer.h"

#define GATE_MS 250				/* a chunk is made as large as takes so long under the gate */
#define LOOK_MS 300				/* a look under the gate stops after so long */
#define MOST_MS 700				/* and so does the writing, however slow the machine has become */
#define LOCK_WAIT "300ms"
#define TRIES 200				/* then 55P03 goes to the caller */
#define PAUSE_MS 50
#define SINCE_MOST 2000			/* customers that came between look and gate; more are looked up like all others */

static int
ms_since(instr_time start)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, start);
	return (int) INSTR_TIME_GET_MILLISEC(now);
}

void
leads_import_step(LeadsImport *im)
{
	if (SPI_connect_ext(im->c->f.nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

/* rows without outcome, checked */
static void
fetch(LeadsImport *im)
{
	LeadsFrame *f = &im->c->f;
	LeadsImportMembers members = {NULL, im->cxt};
	LeadsResult r;

	leads_import_step(im);
	r = im->latest ? leads_staged_rows_back(f, im->batch, im->after, im->careful > 0 ? 1 : im->limit) :
		leads_staged_rows(f, im->batch, im->after, im->careful > 0 ? 1 : im->limit, false);
	im->n = (int) r.n;
	MemoryContextSwitchTo(im->cxt);
	im->rows = MemoryContextAllocHuge(im->cxt, sizeof(LeadsImportRow) * Max(im->n, 1));
	memset(im->rows, 0, sizeof(LeadsImportRow) * im->n);
	for (int i = 0; i < im->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		leads_staged_row(&r, i, &im->rows[i].staged);
		if (im->updates)
			leads_import_read_update(f, &im->c->channel, &im->rows[i]);
		else
			leads_import_read(f, &im->c->channel, &members, &im->rows[i]);
	}
	if (im->fault && im->n > 0)
	{
		im->rows[0].in.reason = "import.failed";
		im->rows[0].in.reason_arg = im->fault;
	}
	SPI_finish();
}

/* the call as it is before a row: frame, channel and match policy stay */
static void
fresh(LeadsImport *im, LeadsImportRow *row)
{
	LeadsCall  *c = im->c;
	LeadsChannel channel = c->channel;
	LeadsMatchPolicy match = c->match;
	int32		version = c->match_version;

	memset((char *) c + offsetof(LeadsCall, in), 0, sizeof(LeadsCall) - offsetof(LeadsCall, in));
	c->channel = channel;
	c->match = match;
	c->match_version = version;
	c->in = row->in;
	if (c->in.reason == NULL)
		leads_input_keys(&c->f, &c->in);
	c->history = &row->history;
	c->registrant_id = c->f.actor_id;
	c->submitted_at = LEADS_NO_TIME;
	c->most = LEADS_SHOWN;
	c->scope = leads_register_scope(&match, &row->in.arg);
	c->reg.protected_until = LEADS_NO_TIME;
}

/* what the look of the call found, kept with the row */
static void
found(LeadsImport *im, LeadsImportRow *row)
{
	LeadsCall  *c = im->c;

	row->nfound = c->nfound;
	row->ncandidates = c->ncandidates;
	memcpy(row->found, c->found, sizeof(LeadsFound) * row->nfound);
	for (int k = 0; k < row->nfound; k++)
		if (row->found[k].name)
			row->found[k].name = MemoryContextStrdup(im->cxt, row->found[k].name);
}

/* among the stored customers; start: when the gate was taken, NULL = it was not; returns how many rows there was time for */
static int
look(LeadsImport *im, instr_time *start)
{
	for (int i = 0; i < im->n; i++)
	{
		LeadsImportRow *row = &im->rows[i];
		LeadsCall  *c = im->c;

		if (i > 0 && start && !im->whole && ms_since(*start) > LOOK_MS)
			return i;
		CHECK_FOR_INTERRUPTS();
		if (row->in.reason || row->in.nkeys == 0 || strcmp(im->mode, "update_by_id") == 0)
			continue;
		leads_import_step(im);
		fresh(im, row);
		leads_register_look(c);
		found(im, row);
		SPI_finish();
	}
	return im->n;
}

static int
by_id(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

/* whom the rows may act on, ascending: the order of all locks */
static void
lock_met(LeadsImport *im)
{
	int64	   *ids = MemoryContextAlloc(im->cxt, sizeof(int64) * Max(im->n, 1));
	int			n = 0;

	for (int i = 0; i < im->n; i++)
		if (im->rows[i].target > 0)
			ids[n++] = im->rows[i].target;
		else if (im->rows[i].nfound > 0)
			ids[n++] = im->rows[i].found[0].customer_id;
	qsort(ids, n, sizeof(int64), by_id);
	leads_import_step(im);
	for (int i = 0; i < n; i++)
	{
		LeadsCustomer customer;

		if (i == 0 || ids[i] != ids[i - 1])
			(void) leads_customer_lock(&im->c->f, ids[i], &customer);
	}
	SPI_finish();
}

/*
 * Owners that may hold so many only: their counters, ascending and behind the customers, so that nobody gives them something
 * between the count and the commit.
 */
static void
lock_owners(LeadsImport *im)
{
	LeadsFrame *f = &im->c->f;
	LeadsHeld  *held;
	int64	   *ids = MemoryContextAlloc(im->cxt, sizeof(int64) * Max(im->n, 1));
	int			n = 0;
	int			capped = 0;

	for (int i = 0; i < im->n; i++)
		if (im->rows[i].in.reason == NULL && im->rows[i].history.owner_id != 0)
			ids[n++] = im->rows[i].history.owner_id;
	qsort(ids, n, sizeof(int64), by_id);
	leads_import_step(im);
	held = palloc0(sizeof(LeadsHeld) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		LeadsMember m;

		if ((i == 0 || ids[i] != ids[i - 1]) && leads_member_by_id(f, ids[i], &m) && m.holder_cap >= 0)
			held[capped++].member_id = m.id;
	}
	leads_counters_held(f, held, capped, f->now, leads_protection_day_start(f->now, f->zone), true, NULL, 0);
	SPI_finish();
}

static void
count_row(LeadsImportTally *t, const char *outcome)
{
	t->done++;
	if (strcmp(outcome, "created") == 0 || strcmp(outcome, "returning") == 0)
		t->created++;
	else if (strcmp(outcome, "rejected") == 0)
		t->rejected++;
	else if (strcmp(outcome, "updated") == 0)
		t->updated++;
	else
		t->duplicates++;
}

static void
write_row(LeadsImport *im, LeadsImportRow *row, LeadsNewcomers *newcomers)
{
	LeadsCall  *c = im->c;
	LeadsFrame *f = &c->f;
	LeadsRegisterAnswer answer;
	const char *value = NULL;
	const char *column = NULL;

	leads_import_step(im);
	fresh(im, row);
	memset(&answer, 0, sizeof(answer));
	if (row->in.reason == NULL)
	{
		c->nfound = row->nfound;
		c->ncandidates = row->ncandidates;
		memcpy(c->found, row->found, sizeof(LeadsFound) * row->nfound);
		leads_newcomers_look(newcomers, c);
	}
	leads_register_finish(c, &answer);
	if (c->made)
	{
		LeadsRecord *record = palloc(LEADS_RECORD_ROOM(1));

		/* as leads_customer_records() would fill it from the tables */
		leads_input_record(&c->in, c->in.region, record);
		leads_newcomers_add(newcomers, c->customer.id, c->in.arg.name, record, c->in.keys, c->in.nkeys);
	}
	if (row->in.reason)
		column = leads_import_column(row, &value);
	leads_import_result_insert(f, row->staged.id, answer.registration_id, answer.outcome, answer.reason, column, value);
	count_row(&im->tally, answer.outcome);
	SPI_finish();
}

static void
update_row(LeadsImport *im, LeadsImportRow *row, LeadsNewcomers *changed)
{
	leads_import_step(im);
	fresh(im, row);
	count_row(&im->tally, leads_import_update_row(im, row, changed));
	SPI_finish();
}

static void
refuse_bad(LeadsImport *im)
{
	int			bad = 0;
	LeadsImportRow *first = NULL;

	for (int i = 0; i < im->n; i++)
		if (im->rows[i].in.reason && bad++ == 0)
			first = &im->rows[i];
	if (bad > 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("batch \"%s\" has bad rows: %d", im->batch, bad),
				 errdetail("The first: %s", leads_message1(im->c->f.lang, first->in.reason, first->in.reason_arg)),
				 errhint("See leads.import_preview(); mode skip_bad keeps bad rows with their reason and imports the others.")));
}

static void
wait_briefly(void)
{
	(void) set_config_option("lock_timeout", LOCK_WAIT, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

static void
read_and_look(LeadsImport *im, instr_time *start)
{
	leads_frame_now(&im->c->f, LEADS_NO_TIME);
	fetch(im);
	if (im->n == 0)
		return;
	if (strcmp(im->mode, "all_or_nothing") == 0)
		refuse_bad(im);
	leads_import_step(im);
	leads_register_policy(im->c);
	SPI_finish();
	im->n = look(im, start);
}

/* the chunk and whom it meets; the gate is shared, so that others register meanwhile */
static void
prepare(LeadsImport *im)
{
	LeadsFrame *f = &im->c->f;

	leads_lock_gate(f, false);
	MemoryContextReset(im->cxt);
	read_and_look(im, NULL);
	leads_unlock_gate(f, false);
}

/* nobody registers now: what comes later is what the next look has to be asked about */
static void
mark(LeadsImport *im)
{
	LeadsFrame *f = &im->c->f;

	leads_import_step(im);
	im->turn = leads_gate_turn(f);
	im->horizon = leads_customer_newest(f);
	SPI_finish();
}

static void
fence(LeadsImport *im)
{
	LeadsFrame *f = &im->c->f;

	wait_briefly();
	leads_lock_gate_registering(f);
	mark(im);
	leads_unlock_gate(f, true);
}

/* one that came since the look */
static void
add_since(int64 id, const char *name, const LeadsRecord *record, void *newcomers)
{
	LeadsKey	keys[LEADS_KEYS_MAX];
	int			n = leads_record_keys(record, keys, LEADS_KEYS_MAX);

	leads_newcomers_add(newcomers, id, name, record, keys, n);
}

/* who registered between the look and the gate is met like anybody else; false: too many, look again */
static bool
meet_since(LeadsImport *im)
{
	LeadsCall  *c = im->c;
	LeadsFrame *f = &c->f;
	LeadsNewcomers *since;
	int64	   *ids;
	int			n;

	leads_import_step(im);
	n = leads_customer_since(f, im->horizon, SINCE_MOST + 1, &ids);
	if (n > 0 && n <= SINCE_MOST)
	{
		since = leads_newcomers_begin(im->cxt);
		leads_customer_records(f, ids, n, false, add_since, since);
		for (int i = 0; i < im->n; i++)
		{
			LeadsImportRow *row = &im->rows[i];

			if (row->in.reason || row->in.nkeys == 0)
				continue;
			fresh(im, row);
			/* an attempt that was rolled back has met them before */
			for (int k = 0; k < row->nfound; k++)
				if (row->found[k].customer_id <= im->horizon)
					c->found[c->nfound++] = row->found[k];
			c->ncandidates = row->ncandidates;
			leads_newcomers_look(since, c);
			found(im, row);
		}
	}
	SPI_finish();
	return n <= SINCE_MOST;
}

/* the chunk, decided and written: nobody registers until it is committed */
static void
write_chunk(LeadsImport *im)
{
	LeadsCall  *c = im->c;
	LeadsFrame *f = &c->f;
	LeadsNewcomers *newcomers;
	instr_time	start;
	int64		turn;

	memset(&im->tally, 0, sizeof(im->tally));
	wait_briefly();
	leads_lock_gate_registering(f);
	leads_lock_rules(f, false);
	im->held = true;
	INSTR_TIME_SET_CURRENT(start);
	leads_import_step(im);
	turn = leads_gate_turn(f);
	/* names and keys will change: who looked before us must look again */
	if (im->updates)
		leads_lock_gate(f, true);
	SPI_finish();
	/* names, keys or rules may have changed since: the look is done again, with the gate held */
	if (turn != im->turn || !meet_since(im))
	{
		MemoryContextReset(im->cxt);
		read_and_look(im, &start);
	}
	leads_frame_now(f, LEADS_NO_TIME);
	lock_met(im);
	if (!im->updates)
		lock_owners(im);
	newcomers = leads_newcomers_begin(im->cxt);
	if (!im->updates)
		leads_bulk_begin(f, im->cxt, im->n);
	for (int i = 0; i < im->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i > 0 && !im->whole && ms_since(start) > MOST_MS)
		{
			im->n = i;
			break;
		}
		if (im->updates)
			update_row(im, &im->rows[i], newcomers);
		else
			write_row(im, &im->rows[i], newcomers);
	}
	leads_import_step(im);
	leads_bulk_end(f);
	leads_counters_flush(f);
	SPI_finish();
	mark(im);
	im->gate_ms = Max(ms_since(start), 1);
}

/* what waiting or trying again cures */
static bool
passing(int sqlstate)
{
	return sqlstate == ERRCODE_LOCK_NOT_AVAILABLE || sqlstate == ERRCODE_T_R_DEADLOCK_DETECTED;
}

static bool
must_stop(int sqlstate)
{
	return sqlstate == ERRCODE_QUERY_CANCELED || sqlstate == ERRCODE_ADMIN_SHUTDOWN ||
		sqlstate == ERRCODE_CRASH_SHUTDOWN || sqlstate == ERRCODE_OUT_OF_MEMORY ||
		sqlstate == ERRCODE_T_R_SERIALIZATION_FAILURE || ERRCODE_TO_CATEGORY(sqlstate) == MAKE_SQLSTATE('L', 'D', '0', '0', '0') ||
		ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES);
}

/* a step in a subtransaction; true if it was done, false if it, or with im->again the whole chunk, is to be tried again */
static bool
attempt(LeadsImport *im, void (*step) (LeadsImport *), int *tries)
{
	LeadsFrame *f = &im->c->f;
	MemoryContext cxt = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	void	   *aside = leads_counters_aside(f);
	int64		turn = im->turn;
	int64		horizon = im->horizon;
	volatile bool done = false;

	im->held = im->again = false;
	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		step(im);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(cxt);
		CurrentResourceOwner = owner;
		leads_counters_back(f, aside, true);
		done = true;
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(cxt);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(cxt);
		CurrentResourceOwner = owner;
		leads_counters_back(f, aside, false);
		leads_bulk_forget(f);
		im->turn = turn;
		im->horizon = horizon;
		if (passing(error->sqlerrcode))
		{
			/* others go first; the gate is free meanwhile */
			if (++*tries >= TRIES)
				ReThrowError(error);
			/* somebody has a customer of the chunk: fewer of them */
			if (im->held && !im->whole)
				im->n = Max(im->n / 2, 1);
		}
		else if (im->whole || must_stop(error->sqlerrcode) || im->fault)
			ReThrowError(error);
		else
		{
			if (im->careful > 0)
				im->fault = pstrdup(error->message);
			else
				im->careful = Max(im->n, 1);
			im->again = true;
		}
		FreeErrorData(error);
	}
	PG_END_TRY();
	return done;
}

static void
pause_a_little(void)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, PAUSE_MS, WAIT_EVENT_PG_SLEEP);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

/* the size of the next chunk follows the speed of this one */
static void
advance(LeadsImport *im)
{
	im->after = im->rows[im->n - 1].staged.id;
	im->fault = NULL;
	if (im->careful > 0)
		im->careful--;
	else if (!im->whole)
		im->limit = Min(Max(im->n * GATE_MS / im->gate_ms, 10), Min(im->chunk, 2 * im->limit));
}

/* until it is done, or the chunk has to be read again (false) */
static bool
insist(LeadsImport *im, void (*step) (LeadsImport *), int *tries)
{
	while (!attempt(im, step, tries))
	{
		if (im->again)
			return false;
		pause_a_little();
	}
	return true;
}

void
leads_import_fence(LeadsImport *im)
{
	int			tries = 0;

	if (!insist(im, fence, &tries))
		elog(ERROR, "an import met no row and yet an error");
}

bool
leads_import_chunk(LeadsImport *im)
{
	int			tries = 0;

	for (;;)
	{
		if (!insist(im, prepare, &tries))
			continue;
		if (im->n > 0)
		{
			if (!insist(im, write_chunk, &tries))
				continue;
			if (im->n > 0)
				break;
		}
		else if (im->after == im->start)
			return false;
		else
			/* a row whose id was drawn early may have been committed late */
			im->after = im->start;
	}
	advance(im);
	return true;
}
