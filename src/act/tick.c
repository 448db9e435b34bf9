/*
 * tick.c - the sweep: write down what is already true.
 *
 * Purpose: CALL leads.tick(): settle every customer whose deadline has passed,
 * write the reminders that are due, leave a sign of life.
 * Invariants: nothing depends on it having run; each customer is settled in a
 * subtransaction of its own under its row lock, and skipped if another session has
 * it, or the counter of its owner: a sweep waits for nobody; one that fails is put
 * in quarantine and never keeps the rest; counters are written once a batch, in
 * ascending order; a batch is a transaction, committed as the caller, never while
 * switched to the owner; work follows what is due, never the size of a table.
 * Called by: pg_cron, users.
 */
#include "core/leads.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tcop/pquery.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "act/corridor.h"
#include "act/deadline.h"
#include "act/tick.h"
#include "core/lock.h"
#include "record/job.h"
#include "record/org.h"
#include "record/outbox.h"

#define JOB_TICK 1
#define MOST_BATCH 100000

static const LeadsMessage messages[] = {
	{"remind.due", "保护期将于 {0} 届满", "the protection ends at {0}"},
};

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

typedef struct Sweep
{
	int32		batch;
	int64		settled;
	int64		reminded;
	int64		failed;
	TimestampTz started;
} Sweep;

void
leads_tick_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

/*
 * Of the notices of a deadline, from the one that o->remind_at names on: the most urgent one that is due by now, how
 * many before it go with it (nobody ticked), and the one that comes next into o->remind_at.
 */
static TimestampTz
choose_notice(LeadsFrame *f, LeadsOwnership *o, bool *several, int *collapsed)
{
	LeadsProtection p;
	TimestampTz urgent = o->remind_at;
	TimestampTz at;

	(void) leads_deadline_rules(f, o, &p);
	*several = p.nnotices > 1;
	*collapsed = 0;
	for (at = leads_protection_notice(&p, o->next_due_at, o->remind_at, f->zone, NULL);
		 at != LEADS_NO_TIME && at <= f->now;
		 at = leads_protection_notice(&p, o->next_due_at, at, f->zone, NULL))
	{
		urgent = at;
		(*collapsed)++;
	}
	o->remind_at = at;
	return urgent;
}

/* a reminder is for the deadline that stands; none once that has passed */
static int
remind(LeadsFrame *f, LeadsCustomer *c)
{
	LeadsResult r = leads_run(&q_reminders_of, c->id, f->now);

	for (uint64 i = 0; i < r.n; i++)
	{
		LeadsOwnership own;
		LeadsEvent	ev;
		char	   *due;
		char	   *key;
		TimestampTz at;
		bool		several;
		int			collapsed;

		if (!leads_ownership_open(f, c->id, leads_text(&r, i, 1), &own))
			continue;
		due = leads_message_time(f->zone, own.next_due_at);
		at = choose_notice(f, &own, &several, &collapsed);
		key = psprintf(INT64_FORMAT "/" INT64_FORMAT, own.id, own.next_due_at);
		if (several)
			key = psprintf("%s/" INT64_FORMAT, key, at);
		(void) leads_outbox_write(f, "reminder", c->id, key, own.member_id, at,
								  "collapsed", collapsed > 0 ? psprintf("%d", collapsed) : NULL,
								  "customer", psprintf(INT64_FORMAT, c->id), "scope", own.scope, "name", c->name,
								  "due_at", due, "message", leads_message1(f->lang, "remind.due", due), NULL);
		memset(&ev, 0, sizeof(ev));
		ev.kind = "reminded";
		ev.customer_id = c->id;
		ev.scope = own.scope;
		ev.at = at;
		ev.owner_id = own.member_id;
		ev.decision_id = own.decision_id;
		ev.by_system = true;
		(void) leads_event_write(f, &ev);
		leads_ownership_update(f, &own);
	}
	return (int) r.n;
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

/* what a retry cures is no fault of the customer's */
static bool
passing(int sqlstate)
{
	return sqlstate == ERRCODE_T_R_SERIALIZATION_FAILURE || sqlstate == ERRCODE_T_R_DEADLOCK_DETECTED ||
		sqlstate == ERRCODE_LOCK_NOT_AVAILABLE;
}

static bool
must_stop(int sqlstate)
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
		if (must_stop(error->sqlerrcode))
			ReThrowError(error);
		if (!passing(error->sqlerrcode))
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

/* the customers of one list, ascending: the order of all locks */
static int
sweep_list(LeadsFrame *f, LeadsQuery *q, bool lapse, Sweep *s)
{
	LeadsResult r = leads_run(q, s->started, (int) s->batch);
	int			n = (int) r.n;
	int64	   *ids = palloc(sizeof(int64) * Max(n, 1));

	for (int i = 0; i < n; i++)
		ids[i] = leads_int(&r, i, 1);
	SPI_freetuptable(r.table);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		sweep_one(f, ids[i], lapse, s);
	}
	pfree(ids);
	return n;
}

/* one batch, one transaction; true if there may be more */
static bool
sweep(LeadsFrame *f, Sweep *s)
{
	int64		before = s->settled + s->reminded + s->failed;
	int			lapses;
	int			reminders;
	bool		more;

	lapses = sweep_list(f, &q_due, true, s);
	reminders = sweep_list(f, &q_remind, false, s);
	leads_counters_flush(f);
	leads_quarantine_clean(f, s->started);
	more = (lapses == s->batch || reminders == s->batch) && s->settled + s->reminded + s->failed > before;
	leads_heartbeat_write(f, "tick", s->started, more ? LEADS_NO_TIME : leads_clock_read(),
						  s->settled, s->reminded, s->failed);
	return more;
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
	s.started = leads_frame_now(&f, LEADS_NO_TIME);
	for (;;)
	{
		bool		more;

		if (!leads_try_lock_job(f.nsp, JOB_TICK))
		{
			ereport(NOTICE,
					(errmsg("another tick() of company \"%s\" is at work", f.schema)));
			break;
		}
		more = sweep(&f, &s);
		if (!commits)
			break;
		leads_frame_suspend(&f);
		SPI_commit();
		leads_frame_resume(&f);
		if (!more)
			break;
	}
	leads_leave(&f);
	PG_RETURN_VOID();
}
