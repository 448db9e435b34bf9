/*
 * job.c - keeper of heartbeats and of the quarantine.
 *
 * Purpose: signs of life of the jobs, and the customers that they could not
 * settle, both shown by health().
 * Invariants: one row a job, one row a customer; a customer in quarantine is tried
 * again with growing pauses and leaves it when nothing of it is due any more, whoever
 * settled it.
 * Called by: act/tick.
 */
#include "core/leads.h"

#include "mb/pg_wchar.h"

#include "record/job.h"

#define MOST_TEXT 1000

LEADS_QUERY(q_heartbeat, "tzZlll",
			"INSERT INTO @.heartbeat AS h (job, started_at, finished_at, settled, reminded, failed)"
			" VALUES ($1, $2, $3, $4, $5, $6)"
			" ON CONFLICT (job) DO UPDATE SET started_at = $2, finished_at = $3, settled = $4, reminded = $5, failed = $6");
LEADS_QUERY(q_quarantine, "lttz",
			"INSERT INTO @.quarantine AS q (customer_id, error_code, error_text, failed_at, retry_at)"
			" VALUES ($1, $2, $3, $4, $4 + interval '1 minute')"
			" ON CONFLICT (customer_id) DO UPDATE SET error_code = $2, error_text = $3, failed_at = $4,"
			"   failures = q.failures + 1, retry_at = $4 + least(interval '1 minute' * 2 ^ least(q.failures, 20), interval '1 day')");
LEADS_QUERY(q_clean, "z",
			"DELETE FROM @.quarantine q WHERE NOT EXISTS (SELECT FROM @.ownership o WHERE o.customer_id = q.customer_id"
			"   AND o.until IS NULL AND (o.next_due_at <= $1 OR o.remind_at <= $1))");

void
leads_heartbeat_write(LeadsFrame *f, const char *job, TimestampTz started, TimestampTz finished,
					  int64 settled, int64 reminded, int64 failed)
{
	leads_run(&q_heartbeat, job, started, finished, settled, reminded, failed);
}

void
leads_quarantine_add(LeadsFrame *f, int64 customer_id, const char *sqlstate, const char *message, TimestampTz now)
{
	char	   *text = pstrdup(message ? message : "");

	text[pg_mbcliplen(text, strlen(text), MOST_TEXT)] = '\0';
	leads_run(&q_quarantine, customer_id, sqlstate, text, now);
	pfree(text);
}

void
leads_quarantine_clean(LeadsFrame *f, TimestampTz now)
{
	leads_run(&q_clean, now);
}
