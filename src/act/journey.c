/*
 * journey.c - CALL leads.rebuild_journeys().
 *
 * Purpose: journeys for a company that was made before there were any, and anew
 * after verify() found one that differs.
 * Invariants: online: moves go on, neither waits longer than for one batch; it can
 * be broken off and repeated at any time; one run at a time; a run is finished when no
 * lead is left, and then funnels read journeys, and the rollups were counted anew of them.
 * Called by: users.
 */
#include "core/leads.h"

#include "nodes/parsenodes.h"

#include "act/rollup.h"
#include "core/lock.h"
#include "record/journey.h"

#define JOB_JOURNEYS 0x4a4f5552
#define MOST_BATCH 100000

LEADS_QUERY(q_unfinished, "", "SELECT r.id, r.after_id FROM @.journey_run r WHERE r.finished_at IS NULL ORDER BY r.id LIMIT 1");
LEADS_QUERY(q_start, "z", "INSERT INTO @.journey_run (started_at) VALUES ($1) RETURNING id, after_id");
LEADS_QUERY(q_progress, "llZl",
			"UPDATE @.journey_run SET after_id = greatest(after_id, $2), finished_at = $3, written = written + $4 WHERE id = $1");

static void
count(void *arg, int64 lead_id, const char *how)
{
	(*(int64 *) arg)++;
}

/* one batch, one transaction; false when no lead is left */
static bool
run_batch(LeadsFrame *f, int batch)
{
	LeadsResult r = leads_run(&q_unfinished);
	int64		written = 0;
	int64		run;
	int64		last;

	if (!leads_found(r))
		r = leads_run(&q_start, leads_clock_read());
	run = leads_int(&r, 0, 1);
	last = leads_journey_compare(f, leads_int(&r, 0, 2), batch, true, count, &written);
	leads_run(&q_progress, run, last, last == 0 ? leads_clock_read() : LEADS_NO_TIME, written);
	/* what was counted of those that differed, nobody knows: whoever wrote them may have passed by the triggers */
	if (last == 0)
		leads_rollup_follow(f);
	return last != 0;
}

static bool
may_commit(FunctionCallInfo fcinfo)
{
	return fcinfo->context && IsA(fcinfo->context, CallContext) && !((CallContext *) fcinfo->context)->atomic;
}

PG_FUNCTION_INFO_V1(leads_rebuild_journeys);
Datum
leads_rebuild_journeys(PG_FUNCTION_ARGS)
{
	char	   *schema = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	int			batch = PG_ARGISNULL(0) ? 1000 : PG_GETARG_INT32(0);
	bool		commits = may_commit(fcinfo);
	LeadsFrame	f;
	bool		more = true;

	if (batch < 1 || batch > MOST_BATCH)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("batch is between 1 and %d", MOST_BATCH)));
	if (commits)
		leads_enter_nonatomic(&f, schema, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	else
		leads_enter(&f, schema, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	(void) leads_frame_now(&f, LEADS_NO_TIME);
	while (more)
	{
		(void) leads_frame_sees_all(&f, commits);
		if (!leads_try_lock_job(f.nsp, JOB_JOURNEYS))
		{
			ereport(NOTICE,
					(errmsg("another rebuild_journeys() of company \"%s\" is at work", f.schema)));
			break;
		}
		/* an SPI level of its own: its results go with it */
		if (SPI_connect_ext(f.nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		more = run_batch(&f, batch);
		SPI_finish();
		if (!commits)
			break;
		leads_frame_commit(&f);
	}
	leads_leave(&f);
	PG_RETURN_VOID();
}
