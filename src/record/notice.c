/*
 * notice.c - keeper of the notices before a deadline.
 *
 * Purpose: a row for each notice that fell due: sent, or why it was not.
 * Invariants: one for an interval, a deadline and an offset, by constraint: a deadline that comes back is not told twice,
 * but what was superseded untold is.
 * Called by: act/notice.
 */
#include "core/leads.h"

#include "record/notice.h"

LEADS_QUERY(q_insert, "lltlztztz",
			"INSERT INTO @.notice (ownership_id, customer_id, scope, member_id, due_at, ahead, notify_at, state, recorded_at)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
			" ON CONFLICT (ownership_id, due_at, ahead) DO UPDATE SET state = excluded.state, recorded_at = excluded.recorded_at"
			"   WHERE excluded.state = 'sent' AND notice.state = 'superseded' RETURNING id");

bool
leads_notice_insert(LeadsFrame *f, const LeadsOwnership *o, TimestampTz due, const char *ahead, TimestampTz notify_at,
					const char *state)
{
	return leads_found(leads_run(&q_insert, o->id, o->customer_id, o->scope, o->member_id, due, ahead, notify_at, state, f->now));
}
