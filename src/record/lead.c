/*
 * lead.c - keeper of leads and activities.
 *
 * Purpose: the only writer of lead and activity.
 * Invariants: the caller holds the customer's lock; a stage move touches no indexed
 * column, so that it stays a HOT update; row_version counts every change.
 * Called by: act/register, act/pipeline, act/followup.
 */
#include "core/leads.h"

#include "core/bulk.h"
#include "record/lead.h"

#define COLUMNS \
	"l.id, l.customer_id, l.scope, l.stage_id, l.stage_since, l.attempt, l.channel_id, l.registration_id, l.line," \
	" l.project, l.need, l.amount, l.closed_at, l.created_at, l.first_owner_id, l.row_version"

/* a tombstone leads to what it stands for */
LEADS_QUERY(q_read, "l",
			"SELECT " COLUMNS " FROM @.lead t JOIN @.lead l ON l.id = coalesce(t.merged_into, t.id) WHERE t.id = $1");
LEADS_QUERY(q_newest_open, "ltb",
			"SELECT " COLUMNS " FROM @.lead l WHERE l.customer_id = $1 AND l.scope = $2 AND l.closed_at IS NULL"
			" AND (NOT l.test OR $3) ORDER BY l.id DESC LIMIT 1");
LEADS_INSERT(i_lead, LEADS_RANK_LEAD, LEADS_ID_MADE, "lead",
			 "customer_id, scope, stage_id, stage_since, attempt, channel_id, registration_id, line, project, amount,"
			 " created_at, first_owner_id, created_by, need, extra, imported, test", "ltlzilLttnzLLtjbb");
LEADS_QUERY(q_move, "llziZttb",
			"UPDATE @.lead SET stage_id = $2, stage_since = $3, attempt = $4, closed_at = $5, close_reason = $6,"
			"   close_note = $7, invalid = $8, row_version = row_version + 1 WHERE id = $1");
LEADS_QUERY(q_activity, "llttzzLbtIb",
			"INSERT INTO @.activity (lead_id, customer_id, kind, note, occurred_at, recorded_at, author_id, effective,"
			"                        ineffective_reason, seconds, automatic)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id");

static bool
lead_row(LeadsResult r, LeadsLead *l)
{
	if (!leads_found(r))
		return false;
	l->id = leads_int(&r, 0, 1);
	l->customer_id = leads_int(&r, 0, 2);
	l->scope = leads_text(&r, 0, 3);
	l->stage_id = leads_int(&r, 0, 4);
	l->stage_since = leads_time(&r, 0, 5);
	l->attempt = (int32) leads_int(&r, 0, 6);
	l->channel_id = leads_int(&r, 0, 7);
	l->registration_id = leads_int(&r, 0, 8);
	l->line = leads_text(&r, 0, 9);
	l->project = leads_text(&r, 0, 10);
	l->need = leads_text(&r, 0, 11);
	l->amount = leads_numeric(&r, 0, 12);
	l->closed_at = leads_time(&r, 0, 13);
	l->created_at = leads_time(&r, 0, 14);
	l->first_owner_id = leads_int(&r, 0, 15);
	l->row_version = (int32) leads_int(&r, 0, 16);
	l->extra = NULL;
	return true;
}

bool
leads_lead_read(LeadsFrame *f, int64 id, LeadsLead *out)
{
	return lead_row(leads_run(&q_read, id), out);
}

bool
leads_lead_newest_open(LeadsFrame *f, int64 customer_id, const char *scope, bool test, LeadsLead *out)
{
	return lead_row(leads_run(&q_newest_open, customer_id, scope, test), out);
}

void
leads_lead_insert(LeadsFrame *f, LeadsLead *l)
{
	l->id = leads_insert(f, &i_lead, l->customer_id, l->scope ? l->scope : "", l->stage_id, l->created_at,
							  (int) l->attempt, l->channel_id, l->registration_id, l->line ? l->line : "",
							  l->project, l->amount, l->created_at, l->first_owner_id, l->created_by, l->need,
						 leads_jsonb_or(l->extra, "{}"), l->imported, l->test);
	l->stage_since = l->created_at;
	l->closed_at = LEADS_NO_TIME;
	l->row_version = 1;
}

void
leads_lead_move(LeadsFrame *f, LeadsLead *l, int64 stage_id, int32 attempt, TimestampTz closed_at,
				const char *reason, const char *note, bool invalid)
{
	leads_run(&q_move, l->id, stage_id, f->now, (int) attempt, closed_at, reason, note, invalid);
	l->stage_id = stage_id;
	l->stage_since = f->now;
	l->attempt = attempt;
	l->closed_at = closed_at;
	l->row_version++;
}

int64
leads_activity_insert(LeadsFrame *f, const LeadsActivity *a)
{
	LeadsResult r = leads_run(&q_activity, a->lead_id, a->customer_id, a->kind, a->note, a->occurred_at, f->now,
							  a->by_system ? (int64) 0 : f->actor_id, a->effective, a->ineffective_reason,
							  (int) a->seconds, a->automatic);

	return leads_int(&r, 0, 1);
}
