/*
 * jobs.c - registering tick() with pg_cron.
 *
 * Purpose: leads.schedule_jobs() and leads.unschedule_jobs().
 * Invariants: pg_cron is spoken to through its own functions only, as the caller and
 * never as the data schema's owner, so that the job runs as the role that asked
 * for it; one job a company, named after it, so that scheduling twice is scheduling
 * once; the command is a bare CALL that names the schema, because a job has no settings.
 * Called by: users.
 */
#include "core/leads.h"

#include "access/htup_details.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/syscache.h"

/* the caller may, and the company is there: its name */
static char *
company(FunctionCallInfo fcinfo)
{
	LeadsFrame	f;
	char	   *schema = PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0));

	leads_enter(&f, schema, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	schema = leads_keep(&f, f.schema);
	leads_leave(&f);
	return schema;
}

static char *
job_name(const char *schema)
{
	return psprintf("pg_leads tick %s", schema);
}

static void
need_cron(void)
{
	const char *home = GetConfigOption("cron.database_name", true, false);
	const char *here = get_database_name(MyDatabaseId);
	char	   *hint;

	if (OidIsValid(get_extension_oid("pg_cron", true)))
		return;
	if (home == NULL)
		hint = "Add pg_cron to shared_preload_libraries, restart the server and run CREATE EXTENSION pg_cron.";
	else if (strcmp(home, here) == 0)
		hint = "Run CREATE EXTENSION pg_cron.";
	else
		hint = psprintf("pg_cron lives in database \"%s\": set cron.database_name to \"%s\", or run there "
						"SELECT cron.schedule_in_database(...) with CALL leads.tick().", home, here);
	ereport(ERROR,
			(errcode(LEADS_ERR_NO_CRON),
			 errmsg("pg_cron is not there"),
			 errdetail("Every answer is right without it; reminders and the written record of lapses wait for a tick."),
			 errhint("%s", hint)));
}

/* pg_cron connects as the role; what it says when that fails is only "connection failed" */
static void
warn_no_login(void)
{
	HeapTuple	tup = SearchSysCache1(AUTHOID, ObjectIdGetDatum(GetUserId()));
	bool		may = HeapTupleIsValid(tup) && ((Form_pg_authid) GETSTRUCT(tup))->rolcanlogin;

	if (HeapTupleIsValid(tup))
		ReleaseSysCache(tup);
	if (!may)
		ereport(WARNING,
				(errmsg("role \"%s\" may not log in, so pg_cron cannot run its job", GetUserNameFromId(GetUserId(), false)),
				 errhint("ALTER ROLE ... LOGIN, or schedule as another role.")));
}

/* a statement of pg_cron with text arguments, as the caller; the first value, 0 if there is none */
static int64
run_cron(const char *sql, int nargs, char **args)
{
	Oid			types[3] = {TEXTOID, TEXTOID, TEXTOID};
	Datum		values[3];
	int64		result = 0;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	for (int i = 0; i < nargs; i++)
		values[i] = CStringGetTextDatum(args[i]);
	if (SPI_execute_with_args(sql, nargs, types, values, NULL, false, 0) < 0)
		elog(ERROR, "could not run \"%s\"", sql);
	if (SPI_processed > 0)
	{
		bool		isnull;

		result = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	}
	SPI_finish();
	return result;
}

PG_FUNCTION_INFO_V1(leads_schedule_jobs);
Datum
leads_schedule_jobs(PG_FUNCTION_ARGS)
{
	char	   *schema = company(fcinfo);
	char	   *args[3];

	need_cron();
	warn_no_login();
	args[0] = job_name(schema);
	args[1] = "* * * * *";
	args[2] = psprintf("CALL leads.tick(1000, %s)", quote_literal_cstr(schema));
	PG_RETURN_INT64(run_cron("SELECT cron.schedule($1, $2, $3)", 3, args));
}

PG_FUNCTION_INFO_V1(leads_unschedule_jobs);
Datum
leads_unschedule_jobs(PG_FUNCTION_ARGS)
{
	char	   *schema = company(fcinfo);
	char	   *args[2];

	need_cron();
	args[0] = job_name(schema);
	args[1] = GetUserNameFromId(GetUserId(), false);
	/* what is not scheduled need not be unscheduled */
	PG_RETURN_INT64(run_cron("SELECT count(cron.unschedule(j.jobid)) FROM cron.job j"
							 " WHERE j.jobname = $1 AND j.username = $2 AND j.database = pg_catalog.current_database()",
							 2, args));
}
