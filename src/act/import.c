/*
 * import.c - CALL leads.import_commit(): staged rows become registrations.
 *
 * Purpose: a million rows through the one entrance, without a million lock rounds.
 * Invariants: a chunk is one transaction: under the exclusive gate nobody else registers, so that what the look
 * finds stays true without a stripe; first all rows are looked up and the customers met are locked in ascending
 * order, then row after row is decided and written, ring and counters after the customers, counters once a
 * chunk; rows made by the chunk itself are found in memory. The gate is held for less than a second: the next chunk is
 * as large as the last one allows, look and writing stop when their time is gone, and no lock is waited for longer
 * than LOCK_WAIT. Outcome and registration of a row are written together, so a commit that was broken off goes on.
 * Called by: users.
 */
#include "core/leads.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "portability/instr_time.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/wait_event.h"

#include "act/import_row.h"
#include "core/lock.h"

#define CHUNK_MOST 10000		/* rows of a chunk, and of an import that is all or nothing */
#define CHUNK_FIRST 100
#define GATE_MS 400				/* a chunk is made as large as takes so long */
#define LOOK_MS 300				/* the look of a chunk stops after so long */
#define MOST_MS 700				/* and so does the writing, however slow the machine has become */
#define LOCK_WAIT "300ms"
#define TRIES 200				/* then 55P03 goes to the caller */
#define PAUSE_MS 50

typedef struct Import
{
	LeadsCall  *c;				/* frame, channel and match policy; the rest is of the row at hand */
	const char *batch;
	const char *mode;
	bool		whole;			/* one transaction */
	int			chunk;			/* most rows the user wants in a chunk */
	int			limit;			/* rows of the next one */
	int			careful;		/* so many rows are taken one by one: there was an error among them */
	const char *fault;			/* error that the next row met, NULL = none */
	int64		after;			/* last row done, or LEADS_ROWS_START */
	MemoryContext cxt;			/* of one chunk */
	LeadsImportRow *rows;
	int			n;
	LeadsImportTally tally;		/* of one chunk */
	int			gate_ms;
} Import;

static int
ms_since(instr_time start)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, start);
	return (int) INSTR_TIME_GET_MILLISEC(now);
}

/* a SPI connection of its own: what a step read goes with it */
static void
step_begin(Import *im)
{
	if (SPI_connect_ext(im->c->f.nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

/* rows without outcome, checked */
static void
fetch(Import *im)
{
	LeadsFrame *f = &im->c->f;
	LeadsImportMembers members = {NULL, im->cxt};
	LeadsResult r;

	step_begin(im);
	r = leads_staged_rows(f, im->batch, im->after, im->careful > 0 ? 1 : im->limit, false);
	im->n = (int) r.n;
	MemoryContextSwitchTo(im->cxt);
	im->rows = MemoryContextAllocHuge(im->cxt, sizeof(LeadsImportRow) * Max(im->n, 1));
	memset(im->rows, 0, sizeof(LeadsImportRow) * im->n);
	for (int i = 0; i < im->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		leads_staged_row(&r, i, &im->rows[i].staged);
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
fresh(Import *im, LeadsImportRow *row)
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
	c->history = &row->history;
	c->most = LEADS_SHOWN;
	c->scope = match.by_line && row->in.arg.line ? row->in.arg.line : "";
	c->reg.protected_until = LEADS_NO_TIME;
}

/* among the stored customers; returns how many rows there was time for */
static int
look(Import *im, instr_time start)
{
	for (int i = 0; i < im->n; i++)
	{
		LeadsImportRow *row = &im->rows[i];
		LeadsCall  *c = im->c;

		if (i > 0 && !im->whole && ms_since(start) > LOOK_MS)
			return i;
		CHECK_FOR_INTERRUPTS();
		if (row->in.reason)
			continue;
		step_begin(im);
		fresh(im, row);
		leads_register_look(c);
		row->nfound = c->nfound;
		row->ncandidates = c->ncandidates;
		memcpy(row->found, c->found, sizeof(LeadsFound) * row->nfound);
		for (int k = 0; k < row->nfound; k++)
			if (row->found[k].name)
				row->found[k].name = MemoryContextStrdup(im->cxt, row->found[k].name);
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
lock_met(Import *im)
{
	int64	   *ids = MemoryContextAlloc(im->cxt, sizeof(int64) * Max(im->n, 1));
	int			n = 0;

	for (int i = 0; i < im->n; i++)
		if (im->rows[i].nfound > 0)
			ids[n++] = im->rows[i].found[0].customer_id;
	qsort(ids, n, sizeof(int64), by_id);
	step_begin(im);
	for (int i = 0; i < n; i++)
	{
		LeadsCustomer customer;

		if (i == 0 || ids[i] != ids[i - 1])
			(void) leads_customer_lock(&im->c->f, ids[i], &customer);
	}
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
	else
		t->duplicates++;
}

static void
write_row(Import *im, LeadsImportRow *row, LeadsNewcomers *newcomers)
{
	LeadsCall  *c = im->c;
	LeadsFrame *f = &c->f;
	LeadsRegisterAnswer answer;
	const char *value = NULL;
	const char *column = NULL;

	step_begin(im);
	fresh(im, row);
	memset(&answer, 0, sizeof(answer));
	leads_frame_now(f, LEADS_NO_TIME);
	if (row->in.reason == NULL)
	{
		c->nfound = row->nfound;
		c->ncandidates = row->ncandidates;
		memcpy(c->found, row->found, sizeof(LeadsFound) * row->nfound);
		leads_newcomers_look(newcomers, c);
	}
	leads_register_finish(c, &answer);
	if (c->made)
		leads_newcomers_add(newcomers, c->customer.id, &c->in);
	if (row->in.reason)
		column = leads_import_column(row, &value);
	leads_import_result_insert(f, row->staged.id, answer.registration_id, answer.outcome, answer.reason, column, value);
	count_row(&im->tally, answer.outcome);
	SPI_finish();
}

static void
refuse_bad(Import *im)
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

/* one chunk, in a subtransaction of the caller's */
static void
run_chunk(Import *im)
{
	LeadsCall  *c = im->c;
	LeadsFrame *f = &c->f;
	LeadsNewcomers *newcomers;
	instr_time	start;
	bool		all = strcmp(im->mode, "all_or_nothing") == 0;

	MemoryContextReset(im->cxt);
	memset(&im->tally, 0, sizeof(im->tally));
	leads_frame_now(f, LEADS_NO_TIME);
	fetch(im);
	if (im->n == 0)
		return;
	if (all)
		refuse_bad(im);
	leads_lock_gate(f, true);
	INSTR_TIME_SET_CURRENT(start);
	leads_frame_now(f, LEADS_NO_TIME);
	leads_register_policy(c);
	im->n = look(im, start);
	lock_met(im);
	newcomers = leads_newcomers_begin(im->cxt);
	for (int i = 0; i < im->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i > 0 && !im->whole && ms_since(start) > MOST_MS)
		{
			im->n = i;
			break;
		}
		write_row(im, &im->rows[i], newcomers);
	}
	step_begin(im);
	leads_counters_flush(f);
	SPI_finish();
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

/* a chunk in a subtransaction; true if it was done, false if it is to be tried again */
static bool
attempt(Import *im, int *tries)
{
	LeadsFrame *f = &im->c->f;
	MemoryContext cxt = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	void	   *aside = leads_counters_aside(f);
	volatile bool done = false;

	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		run_chunk(im);
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
		if (passing(error->sqlerrcode))
		{
			/* others go first; the gate is free meanwhile */
			if (++*tries >= TRIES)
				ReThrowError(error);
			im->limit = Max(im->limit / 2, 10);
			if (im->whole)
				im->limit = CHUNK_MOST;
		}
		else if (im->whole || must_stop(error->sqlerrcode) || im->fault)
			ReThrowError(error);
		else if (im->careful > 0)
			im->fault = pstrdup(error->message);
		else
			im->careful = Max(im->n, 1);
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
advance(Import *im)
{
	im->after = im->rows[im->n - 1].staged.id;
	im->fault = NULL;
	if (im->careful > 0)
		im->careful--;
	else if (!im->whole)
		im->limit = Min(Max(im->n * GATE_MS / im->gate_ms, 10), Min(im->chunk, 2 * im->limit));
}

/* the next chunk of the batch; false if no row is left */
static bool
next_chunk(Import *im, LeadsBatch *b)
{
	int			tries = 0;

	for (;;)
	{
		while (!attempt(im, &tries))
			if (tries > 0)
				pause_a_little();
		if (im->n > 0)
			break;
		if (im->after == LEADS_ROWS_START)
			return false;
		/* a row whose id was drawn early may have been committed late */
		im->after = LEADS_ROWS_START;
	}
	step_begin(im);
	leads_batch_progress(&im->c->f, b->id, &im->tally, im->gate_ms, leads_clock_read());
	SPI_finish();
	advance(im);
	return true;
}

/* the batch, locked; made if COPY alone staged it; false: nothing was ever staged */
static void
open_batch(Import *im, LeadsBatch *b)
{
	LeadsFrame *f = &im->c->f;
	LeadsChannel *channel = &im->c->channel;

	leads_frame_now(f, LEADS_NO_TIME);
	if (!leads_batch_read(f, im->batch, true, b))
	{
		if (leads_batch_rows(f, im->batch) == 0)
			ereport(ERROR,
					(errcode(LEADS_ERR_UNKNOWN_ID),
					 errmsg("there is no import batch \"%s\"", leads_clip(im->batch, 100)),
					 errhint("Stage rows with leads.import_stage(), or COPY them into %s.import_row.", f->qschema)));
		if (leads_channel_by_code(f, "import", channel))
			leads_batch_make(f, im->batch, channel->id);
		if (!leads_batch_read(f, im->batch, true, b))
			ereport(ERROR,
					(errcode(LEADS_ERR_UNKNOWN_ID),
					 errmsg("unknown channel \"import\"")));
	}
	if (!leads_channel_by_code(f, b->channel, channel) || !channel->active)
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("unknown channel \"%s\"", b->channel)));
	if (!channel->allowed)
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no right to register through channel \"%s\"", channel->code)));
}

static void
start(Import *im, LeadsBatch *b)
{
	LeadsFrame *f = &im->c->f;
	int64		total = leads_batch_rows(f, im->batch);

	if (im->whole && total > CHUNK_MOST)
		ereport(ERROR,
				(errcode(LEADS_ERR_TOO_LONG),
				 errmsg("%d rows at most can be imported in one transaction", CHUNK_MOST),
				 errdetail("Batch \"%s\" has " INT64_FORMAT "; nobody could register meanwhile.", im->batch, total),
				 errhint("Use mode skip_bad, outside a transaction block.")));
	leads_batch_start(f, b->id, im->mode, total, f->now);
}

static void
wait_briefly(void)
{
	(void) set_config_option("lock_timeout", LOCK_WAIT, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

static void
run(Import *im, bool commits)
{
	LeadsFrame *f = &im->c->f;
	LeadsBatch	b;

	open_batch(im, &b);
	leads_actor_resolve(f, NULL, im->c->channel.member_id);
	if (strcmp(b.state, "committed") != 0 || leads_staged_rows(f, im->batch, LEADS_ROWS_START, 1, false).n > 0)
	{
		bool		more = true;

		start(im, &b);
		while (more)
		{
			if (commits && !im->whole)
			{
				leads_frame_suspend(f);
				SPI_commit();
				leads_frame_resume(f);
			}
			/* not before: whoever commits this batch, too, may take its time */
			step_begin(im);
			(void) leads_batch_read(f, im->batch, true, &b);
			SPI_finish();
			wait_briefly();
			more = next_chunk(im, &b);
		}
		leads_batch_finish(f, b.id, leads_clock_read());
	}
}

static const char *
read_mode(FunctionCallInfo fcinfo, int n)
{
	const char *mode = PG_ARGISNULL(n) ? "skip_bad" : text_to_cstring(PG_GETARG_TEXT_PP(n));

	if (strcmp(mode, "skip_bad") == 0 || strcmp(mode, "all_or_nothing") == 0)
		return mode;
	if (strcmp(mode, "update_by_key") == 0 || strcmp(mode, "update_by_id") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("import mode %s is not available yet", mode),
				 errhint("The modes are skip_bad and all_or_nothing.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown import mode \"%s\"", leads_clip(mode, 100)),
			 errhint("The modes are skip_bad and all_or_nothing.")));
	return NULL;
}

PG_FUNCTION_INFO_V1(leads_import_commit);
Datum
leads_import_commit(PG_FUNCTION_ARGS)
{
	bool		commits = fcinfo->context && IsA(fcinfo->context, CallContext) &&
		!((CallContext *) fcinfo->context)->atomic;
	char	   *schema = PG_ARGISNULL(3) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(3));
	LeadsCall  *c = palloc0(sizeof(LeadsCall));
	Import		im = {.c = c, .after = LEADS_ROWS_START};

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("batch is required")));
	im.batch = text_to_cstring(PG_GETARG_TEXT_PP(0));
	im.mode = read_mode(fcinfo, 1);
	im.chunk = PG_ARGISNULL(2) ? 2000 : PG_GETARG_INT32(2);
	if (im.chunk < 1 || im.chunk > CHUNK_MOST)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("chunk is between 1 and %d", CHUNK_MOST)));
	im.whole = !commits || strcmp(im.mode, "all_or_nothing") == 0;
	im.limit = im.whole ? CHUNK_MOST : Min(im.chunk, CHUNK_FIRST);
	if (commits)
		leads_enter_nonatomic(&c->f, schema, LEADS_PROFILE_BOSS);
	else
		leads_enter(&c->f, schema, LEADS_PROFILE_BOSS);
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("import_commit() works in READ COMMITTED only")));
	im.cxt = AllocSetContextCreate(c->f.outer_cxt, "leads import chunk", ALLOCSET_DEFAULT_SIZES);
	run(&im, commits);
	MemoryContextDelete(im.cxt);
	leads_leave(&c->f);
	PG_RETURN_VOID();
}
