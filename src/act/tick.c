/*
 * tick.c - the sweep: write down what is already true.
 *
 * Purpose: CALL leads.tick(): settle every customer whose deadline has passed,
 * write the reminders that are due, leave a sign of life.
 * Invariants: nothing depends on it having run; customers are settled under their row
 * locks, and skipped if another session has one, or for more than a moment the counter of
 * its owner: a sweep waits for nobody; many are settled together (tick_many.c), and if
 * anything fails then, each in a subtransaction of its own: one that fails is put in
 * quarantine and never keeps the rest; counters are written once a batch, in
 * ascending order; a batch is a transaction, committed as the caller, never while
 * switched to the owner; work follows what is due, never the size of a table.
 * Called by: pg_cron, users.
 */
#include "core/leads.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "lib/qunique.h"
#include "nodes/parsenodes.h"
#include "portability/instr_time.h"
#include "tcop/pquery.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "act/corridor.h"
#include "act/deadline.h"
#include "act/notice.h"
#include "act/rollup.h"
#include "act/tick.h"
#include "act/tick_work.h"
#include "core/lock.h"
#include "record/job.h"
#include "record/org.h"
#include "record/outbox.h"

#define JOB_TICK 1
#define MOST_BATCH 100000
#define FIRST_BATCH 200
#define LEAST_BATCH 20
#define LIST 50000
#define SHORT_MS 30
#define LONG_MS 60

LEADS_QUERY(q_due, "zi",
			"SELECT o.customer_id FROM @.ownership o"
			" WHERE o.until IS NULL AND o.next_due_at <= $1"
			"   AND NOT EXISTS (SELECT FROM @.quarantine q WHERE q.customer_id = o.customer_id AND q.retry_at > $1)"
			" ORDER BY o.next_due_at LIMIT $2");
LEADS_QUERY(q_remind, "zi",
			"SELECT o.customer_id FROM @.ownership o"
			" WHERE o.until IS NULL AND o.remind_at <= $1"
			"   AND NOT EXISTS (SELECT FROM @.quarantine q WHERE q.customer_id = o.customer_id AND q.retry_at > $1)"
			" ORDER BY o.remind_at LIMIT $2");
LEADS_QUERY(q_reminders_of, "lz",
			"SELECT o.scope FROM @.ownership o"
			" WHERE o.customer_id = $1 AND o.until IS NULL AND o.remind_at <= $2 ORDER BY o.remind_at, o.scope");

typedef struct SweepList
{
	int64	   *ids;
	int			n;
	int			at;
	bool		whole;			/* there were no more */
} SweepList;

typedef struct Sweep
{
	int32		batch;
	int32		limit;			/* of the next one */
	SweepList	due;
	SweepList	remind;
	int64		before;			/* done when the lists were read */
	int64		settled;
	int64		reminded;
	int64		failed;
	TimestampTz started;
} Sweep;

void
leads_tick_init(void)
{
	leads_notice_init();
}

/* a notice is for the deadline that stands; none once that has passed */
static int
remind(LeadsFrame *f, LeadsCustomer *c)
{
	LeadsResult r = leads_run(&q_reminders_of, c->id, f->now);
	int			n = 0;

	for (uint64 i = 0; i < r.n; i++)
	{
		LeadsOwnership own;

		if (leads_ownership_open(f, c->id, leads_text(&r, i, 1), &own))
		{
			(void) leads_notice_send(f, c, &own);
			n++;
		}
	}
	return n;
}

/* settle and remind one customer; false if another session has it, or nothing was due any more */
static bool
settle_one(LeadsFrame *f, int64 id, int *reminded)
{
	LeadsCustomer c;
	bool		lapsed;

	if (!leads_customer_try_lock(f, id, &c))
		return false;
	leads_frame_now(f, c.last_event_at);
	lapsed = leads_corridor_settle(f, &c);
	*reminded = remind(f, &c);
	if (!lapsed && *reminded == 0)
		return false;
	leads_customer_touch(f, id);
	/* the counters are written at the end of the batch, which must not wait: it has many customers locked */
	leads_counters_lock_nowait(f);
	return true;
}

bool
leads_tick_passing(int sqlstate)
{
	return sqlstate == ERRCODE_T_R_SERIALIZATION_FAILURE || sqlstate == ERRCODE_T_R_DEADLOCK_DETECTED ||
		sqlstate == ERRCODE_LOCK_NOT_AVAILABLE;
}

bool
leads_tick_must_stop(int sqlstate)
{
	return sqlstate == ERRCODE_QUERY_CANCELED || sqlstate == ERRCODE_ADMIN_SHUTDOWN ||
		sqlstate == ERRCODE_CRASH_SHUTDOWN || sqlstate == ERRCODE_OUT_OF_MEMORY;
}

/* one customer in a subtransaction */
static void
sweep_one(LeadsFrame *f, int64 id, bool lapse, Sweep *s)
{
	MemoryContext cxt = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	void	   *aside = leads_counters_aside(f);
	volatile bool done = false;
	volatile int reminded = 0;

	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		int			n = 0;

		/* a connection of its own: its results go with it */
		if (SPI_connect_ext(f->nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		done = settle_one(f, id, &n);
		reminded = n;
		SPI_finish();
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(cxt);
		CurrentResourceOwner = owner;
		leads_counters_back(f, aside, true);
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
		if (leads_tick_must_stop(error->sqlerrcode))
			ReThrowError(error);
		if (!leads_tick_passing(error->sqlerrcode))
		{
			leads_quarantine_add(f, id, unpack_sql_state(error->sqlerrcode), error->message, s->started);
			s->failed++;
		}
		FreeErrorData(error);
		return;
	}
	PG_END_TRY();
	if (!done)
		return;
	s->reminded += reminded;
	if (lapse)
		s->settled++;
}

static int
by_id(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

/* the customers of one list, ascending: the order of all locks */
static void
read_list(LeadsFrame *f, LeadsQuery *q, int most, SweepList *list, Sweep *s)
{
	LeadsResult r = leads_run(q, s->started, most);

	if (list->ids == NULL)
		list->ids = MemoryContextAlloc(f->outer_cxt, sizeof(int64) * most);
	list->n = list->at = 0;
	list->whole = r.n < most;
	for (uint64 i = 0; i < r.n; i++)
		list->ids[list->n++] = leads_int(&r, i, 1);
	SPI_freetuptable(r.table);
	qsort(list->ids, list->n, sizeof(int64), by_id);
	if (list->n > 1)
		list->n = qunique(list->ids, list->n, sizeof(int64), by_id);
}

/* the next customers of a list, as many as a transaction takes */
static void
sweep_list(LeadsFrame *f, SweepList *list, int most, bool lapse, Sweep *s)
{
	const int64 *ids = list->ids + list->at;
	int			n = Min(list->n - list->at, most);
	int			settled = lapse && n > 0 ? leads_tick_many(f, ids, n) : -1;

	list->at += n;
	if (settled >= 0)
		s->settled += settled;
	for (int i = 0; settled < 0 && i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		sweep_one(f, ids[i], lapse, s);
	}
}

/*
 * One batch, one transaction; true if there may be more.  A list is read for many batches: the index passes by what
 * the batches before have settled, again and again as long as somebody's snapshot keeps it.
 */
static bool
sweep(LeadsFrame *f, bool commits, Sweep *s)
{
	bool		more;

	if (s->due.at == s->due.n && s->remind.at == s->remind.n)
	{
		read_list(f, &q_due, commits ? Max(s->batch, LIST) : s->batch, &s->due, s);
		read_list(f, &q_remind, commits ? Max(s->batch, LIST) : s->batch, &s->remind, s);
		s->before = s->settled + s->reminded + s->failed;
	}
	sweep_list(f, &s->due, s->limit, true, s);
	/* what lapsed is not reminded of */
	if (s->due.at == s->due.n)
		sweep_list(f, &s->remind, s->limit, false, s);
	leads_counters_flush(f);
	leads_quarantine_clean(f, s->started);
	more = s->due.at < s->due.n || s->remind.at < s->remind.n ||
		(!(s->due.whole && s->remind.whole) && s->settled + s->reminded + s->failed > s->before);
	leads_heartbeat_write(f, "tick", s->started, more ? LEADS_NO_TIME : leads_clock_read(),
						  s->settled, s->reminded, s->failed);
	return more;
}

/* whoever wants a customer of the batch waits for its end: so many that this is soon */
static void
set_pace(Sweep *s, instr_time start)
{
	instr_time	now;
	double		ms;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, start);
	ms = INSTR_TIME_GET_MILLISEC(now);
	if (ms > LONG_MS)
		s->limit = Max(s->limit / 2, LEAST_BATCH);
	else if (ms < SHORT_MS)
		s->limit = Min(s->limit + s->limit / 2, s->batch);
}

static bool
may_commit(FunctionCallInfo fcinfo)
{
	return fcinfo->context && IsA(fcinfo->context, CallContext) && !((CallContext *) fcinfo->context)->atomic;
}

PG_FUNCTION_INFO_V1(leads_tick);
Datum
leads_tick(PG_FUNCTION_ARGS)
{
	char	   *schema = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	bool		commits = may_commit(fcinfo);
	LeadsFrame	f;
	Sweep		s;

	memset(&s, 0, sizeof(s));
	s.batch = PG_ARGISNULL(0) ? 1000 : PG_GETARG_INT32(0);
	if (s.batch < 1 || s.batch > MOST_BATCH)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("batch is between 1 and %d", MOST_BATCH)));
	if (commits)
		leads_enter_nonatomic(&f, schema, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	else
		leads_enter(&f, schema, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	s.limit = commits ? Min(s.batch, FIRST_BATCH) : s.batch;
	s.started = leads_frame_now(&f, LEADS_NO_TIME);
	for (;;)
	{
		bool		more;
		instr_time	start;

		/* what it writes is true at any level, and watched reads of whole batches are dear */
		(void) leads_frame_sees_all(&f, commits);
		INSTR_TIME_SET_CURRENT(start);
		if (!leads_try_lock_job(f.nsp, JOB_TICK))
		{
			ereport(NOTICE,
					(errmsg("another tick() of company \"%s\" is at work", f.schema)));
			break;
		}
		more = sweep(&f, commits, &s);
		if (!commits)
			break;
		leads_frame_commit(&f);
		set_pace(&s, start);
		if (!more)
			break;
	}
	leads_rollup_tick(&f, commits);
	leads_leave(&f);
	PG_RETURN_VOID();
}
