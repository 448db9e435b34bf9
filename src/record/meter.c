/*
 * meter.c - keeper of the meters: how often a member looked for others' customers.
 *
 * Purpose: BEGIN, register(), ROLLBACK would be a free way to ask whose a customer is; so what tells
 * something is counted on a sequence, which no ROLLBACK undoes, and goes to the server log.
 * Invariants: one sequence a member, meter_<id>, made and dropped with the member's row; its value is
 * day * 1,000,000 + n, the day counted from 1970-01-01 in the business zone; it never goes back; the log
 * names no customer.
 * Called by: act/register; core/install through the table of hooks.
 */
#include "core/leads.h"

#include "commands/trigger.h"
#include "pgtime.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "record/meter.h"

#define A_DAY INT64CONST(1000000)

/* NULL where the sequence is not there: intake does not stop for it */
LEADS_QUERY(q_next, "t", "SELECT pg_catalog.nextval(pg_catalog.to_regclass($1))");
LEADS_QUERY(q_last, "t", "SELECT pg_catalog.pg_sequence_last_value(pg_catalog.to_regclass($1))");
LEADS_QUERY(q_set, "tl", "SELECT pg_catalog.setval(pg_catalog.to_regclass($1), $2)");
LEADS_QUERY(q_lacking, "l",
			"SELECT m.id FROM @.member m WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c"
			" WHERE c.relnamespace = $1::pg_catalog.oid AND c.relname = 'meter_' || m.id) ORDER BY m.id");

static void
make(int64 member_id)
{
	leads_run_text(psprintf("CREATE SEQUENCE @.meter_" INT64_FORMAT, member_id));
	leads_run_text(psprintf("COMMENT ON SEQUENCE @.meter_" INT64_FORMAT " IS"
							" 'what the member learned of others'' customers: day * 1000000 + n, days since 1970-01-01'",
							member_id));
}

void
leads_meter_mend(LeadsFrame *f)
{
	LeadsResult r = leads_run(&q_lacking, (int64) f->nsp);

	for (uint64 i = 0; i < r.n; i++)
		make(leads_int(&r, i, 1));
}

static int64
business_day(LeadsFrame *f)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			tz;

	if (timestamp2tm(leads_clock_read(), &tz, &tm, &fsec, NULL, pg_tzset(f->zone)) != 0)
		elog(ERROR, "timestamp out of range");
	return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - UNIX_EPOCH_JDATE;
}

void
leads_meter_count(LeadsFrame *f, const char *what, const char *verdict)
{
	int64		n = 0;

	if (f->actor_id != 0)
	{
		char	   *name = psprintf("%s.meter_" INT64_FORMAT, f->qschema, f->actor_id);
		int64		day = business_day(f) * A_DAY;
		LeadsResult r = leads_run(&q_next, name);

		n = leads_int(&r, 0, 1);
		if (n != 0 && n < day)
		{
			/* the first of a day; somebody else's first may have come between */
			r = leads_run(&q_last, name);
			n = Max(leads_int(&r, 0, 1), day) + 1;
			leads_run(&q_set, name, n);
		}
	}
	/* the statement would put names and numbers into the log */
	ereport(LOG_SERVER_ONLY,
			(errmsg("pg_leads meter: %s %s, company \"%s\", member \"%s\", number " INT64_FORMAT " of the day",
					what, verdict, f->schema, f->actor_code ? f->actor_code : "", n % A_DAY),
			 errhidestmt(true),
			 errhidecontext(true)));
}

/* AFTER ROW on member: its meter comes and goes with it */
PG_FUNCTION_INFO_V1(leads_guard_member);
Datum
leads_guard_member(PG_FUNCTION_ARGS)
{
	TriggerData *t = (TriggerData *) fcinfo->context;
	LeadsFrame	f;
	bool		isnull;
	int64		id;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function leads.guard_member() is a trigger")));
	id = DatumGetInt64(SPI_getbinval(t->tg_trigtuple, t->tg_relation->rd_att,
									 SPI_fnumber(t->tg_relation->rd_att, "id"), &isnull));
	leads_enter_trigger(&f, RelationGetNamespace(t->tg_relation));
	if (OidIsValid(get_relname_relid(psprintf("meter_" INT64_FORMAT, id), f.nsp)) == TRIGGER_FIRED_BY_DELETE(t->tg_event))
	{
		if (TRIGGER_FIRED_BY_DELETE(t->tg_event))
			leads_run_text(psprintf("DROP SEQUENCE @.meter_" INT64_FORMAT, id));
		else
			make(id);
	}
	leads_leave(&f);
	return PointerGetDatum(NULL);
}
