/*
 * rollup.c - jobs of the rollups: what tick() does for them, rollup_rebuild(), rollup_verify().
 *
 * Purpose: few deltas to read, and rollups anew after stages were changed.
 * Invariants: no figure depends on any of it; one job at a time writes cells, and nobody waits for it: moves only
 * leave deltas.
 * Called by: act/tick, users.
 */
#include "core/leads.h"

#include "access/xact.h"

#include "act/rollup.h"
#include "core/lock.h"
#include "record/journey.h"
#include "record/rollup.h"

#define JOB_ROLLUP 0x524f4c4c
#define BATCH 10000

void
leads_rollup_tick(LeadsFrame *f, bool commits)
{
	int64		n = BATCH;

	/* an old snapshot would meet what another tick() added up since */
	while (n == BATCH && leads_frame_sees_all(f, commits) && leads_try_lock_job(f->nsp, JOB_ROLLUP))
	{
		/* an SPI level of its own: its results go with it */
		if (SPI_connect_ext(f->nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		n = leads_rollup_compact(f, BATCH);
		SPI_finish();
		if (!commits)
			break;
		leads_frame_commit(f);
	}
}

void
leads_rollup_follow(LeadsFrame *f)
{
	leads_lock_job(f->nsp, JOB_ROLLUP);
	(void) leads_rollup_renew(f);
}

PG_FUNCTION_INFO_V1(leads_rollup_rebuild);
Datum
leads_rollup_rebuild(PG_FUNCTION_ARGS)
{
	char	   *schema = PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0));
	LeadsFrame	f;
	const char *fault = NULL;

	leads_enter(&f, schema, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	(void) leads_frame_now(&f, LEADS_NO_TIME);
	if (leads_try_lock_job(f.nsp, JOB_ROLLUP))
		fault = leads_rollup_build(&f);
	else
		ereport(NOTICE,
				(errmsg("another job adds up the rollups of company \"%s\"", f.schema),
				 errhint("Call again in a moment.")));
	if (fault)
		leads_journey_damaged(fault);
	leads_leave(&f);
	PG_RETURN_VOID();
}

typedef struct Told
{
	LeadsFrame *f;
	ReturnSetInfo *rsinfo;
} Told;

static void
differs(void *arg, const char *cut, DateADT month, int64 subject_id, const char *subject)
{
	Told	   *t = arg;
	Datum		values[4];
	bool		nulls[4] = {false};

	values[0] = CStringGetTextDatum(cut);
	values[1] = DateADTGetDatum(month);
	values[2] = Int64GetDatum(subject_id);
	values[3] = CStringGetTextDatum(subject);
	tuplestore_putvalues(t->rsinfo->setResult, t->rsinfo->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(leads_rollup_verify);
Datum
leads_rollup_verify(PG_FUNCTION_ARGS)
{
	char	   *schema = PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0));
	LeadsFrame	f;
	Told		t;

	InitMaterializedSRF(fcinfo, 0);
	leads_enter_reader(&f, schema, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	t.f = &f;
	t.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	if (!leads_rollup_compare(&f, differs, &t))
		ereport(NOTICE,
				(errmsg("the rollups of company \"%s\" are not built", f.schema),
				 errdetail("Until then funnels are counted from journeys, which takes longer."),
				 errhint("CALL leads.rollup_rebuild(schema_name => %s);", quote_literal_cstr(f.schema))));
	leads_leave(&f);
	return (Datum) 0;
}
