/*
 * meter.c - keeper of the meters: how often a member looked for others' customers.
 *
 * Purpose: BEGIN, register(), ROLLBACK would be a free way to ask whose a customer is; so what tells
 * something is counted on a sequence, which no ROLLBACK undoes, and goes to the server log.
 * Invariants: one sequence a member, meter_<id>, made and dropped with the member's row; its value is
 * day * 1,000,000 + n, the day counted from 1970-01-01 in the business zone; it never goes back; of concurrent
 * uses none is lost; the log names no customer.
 * Called by: act/register, act/duplicate; core/install through the table of hooks.
 */
#include "core/leads.h"

#include "commands/sequence.h"
#include "commands/trigger.h"
#include "pgtime.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "core/lock.h"
#include "record/meter.h"

#define A_DAY INT64CONST(1000000)

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

	/* a reader may look from a false time; the count of a company that works for real does not follow */
	if (timestamp2tm(f->simulation ? leads_clock_read() : GetCurrentTimestamp(), &tz, &tm, &fsec, NULL, pg_tzset(f->zone)) != 0)
		elog(ERROR, "timestamp out of range");
	return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - UNIX_EPOCH_JDATE;
}

/* the next number of a sequence; the first use of a day moves it there, one session after the other */
static int64
next_number(Oid sequence, int64 day)
{
	int64		v = nextval_internal(sequence, false);

	if (v < day)
	{
		leads_lock_meter(sequence);
		/* somebody else's first use may have come between; without the lock two would write one number */
		v = nextval_internal(sequence, false);
		if (v < day)
		{
			v = day + 1;
			DirectFunctionCall2(setval_oid, ObjectIdGetDatum(sequence), Int64GetDatum(v));
		}
		leads_unlock_meter(sequence);
	}
	/* a million uses would begin a new day */
	if (v % A_DAY > LEADS_METER_MOST)
		DirectFunctionCall2(setval_oid, ObjectIdGetDatum(sequence),
							Int64GetDatum(v - v % A_DAY + LEADS_METER_MOST));
	return v % A_DAY;
}

int64
leads_meter_count(LeadsFrame *f, const char *what, const char *verdict)
{
	int64		n = 0;

	if (f->actor_id != 0)
	{
		Oid			sequence = get_relname_relid(psprintf("meter_" INT64_FORMAT, f->actor_id), f->nsp);

		/* where the sequence is not there intake does not stop for it */
		if (OidIsValid(sequence))
			n = next_number(sequence, business_day(f) * A_DAY);
	}
	/* the statement would put names and numbers into the log */
	ereport(LOG_SERVER_ONLY,
			(errmsg("pg_leads meter: %s %s, company \"%s\", member \"%s\", number " INT64_FORMAT " of the day",
					what, verdict, f->schema, f->actor_code ? f->actor_code : "", n),
			 errhidestmt(true),
			 errhidecontext(true)));
	return n;
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
