/*
 * lead_edit.c - the fields of a lead that people edit, and what the verbs of the
 * pipeline ask about leads.
 *
 * Purpose: second half of the keeper of leads.
 * Invariants: the caller holds the customer's lock; a change that people see
 * counts row_version up, exactly once a call.
 * Called by: act/pipeline, act/followup.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"

#include "record/lead_edit.h"
#include "utils/date.h"

LEADS_QUERY(q_fields, "l",
			"SELECT l.amount, l.need, l.line, l.project, l.expected_on, l.extra FROM @.lead l WHERE l.id = $1");
LEADS_QUERY(q_edit, "lntttDj",
			"UPDATE @.lead SET amount = $2, need = $3, line = $4, project = $5, expected_on = $6, extra = $7,"
			" row_version = row_version + 1 WHERE id = $1");
LEADS_QUERY(q_amount, "ln", "UPDATE @.lead SET amount = $2 WHERE id = $1");
LEADS_QUERY(q_other_won, "ltl",
			"SELECT 1 FROM @.lead l JOIN @.stage s ON s.id = l.stage_id"
			" WHERE l.customer_id = $1 AND l.scope = $2 AND l.id <> $3 AND s.kind = 'won' LIMIT 1");
LEADS_QUERY(q_last_note, "ltl",
			"SELECT a.note FROM @.activity a JOIN @.lead l ON l.id = a.lead_id"
			" WHERE a.customer_id = $1 AND l.scope = $2 AND coalesce(a.author_id, 0) = $3 AND a.note IS NOT NULL"
			" ORDER BY a.occurred_at DESC, a.id DESC LIMIT 1");
LEADS_QUERY(q_near, "ltzz",
			"SELECT FROM @.activity a JOIN @.lead l ON l.id = a.lead_id"
			" WHERE a.customer_id = $1 AND l.scope = $2 AND a.effective AND a.occurred_at > $3 AND a.occurred_at < $4 LIMIT 1");

void
leads_lead_fields(LeadsFrame *f, int64 lead_id, LeadsLeadFields *out)
{
	LeadsResult r = leads_run(&q_fields, lead_id);
	bool		isnull;
	Datum		d;

	if (!leads_found(r))
		elog(ERROR, "lead " INT64_FORMAT " is gone", lead_id);
	out->amount = leads_numeric(&r, 0, 1);
	out->need = leads_text(&r, 0, 2);
	out->line = leads_text(&r, 0, 3);
	out->project = leads_text(&r, 0, 4);
	d = leads_datum(&r, 0, 5, DATEOID, &isnull);
	out->expected_on = isnull ? PG_INT32_MIN : DatumGetDateADT(d);
	out->extra = leads_jsonb(&r, 0, 6);
}

void
leads_lead_edit(LeadsFrame *f, int64 lead_id, const LeadsLeadFields *fields)
{
	leads_run(&q_edit, lead_id, fields->amount, fields->need, fields->line, fields->project,
			  (int) fields->expected_on, fields->extra);
}

void
leads_lead_amount(LeadsFrame *f, int64 lead_id, Datum amount)
{
	leads_run(&q_amount, lead_id, amount);
}

bool
leads_lead_other_won(LeadsFrame *f, int64 customer_id, const char *scope, int64 lead_id)
{
	LeadsResult r = leads_run(&q_other_won, customer_id, scope, lead_id);

	return leads_found(r);
}

char *
leads_activity_last_note(LeadsFrame *f, int64 customer_id, const char *scope, int64 author_id)
{
	LeadsResult r = leads_run(&q_last_note, customer_id, scope, author_id);

	return leads_found(r) ? leads_text(&r, 0, 1) : NULL;
}

bool
leads_activity_near(LeadsFrame *f, int64 customer_id, const char *scope, TimestampTz at, int64 gap, TimestampTz since)
{
	return leads_found(leads_run(&q_near, customer_id, scope, Max(at - gap, since - 1), at + gap));
}
