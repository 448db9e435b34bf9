/*
 * extension.c - keeper of extensions that somebody must approve.
 *
 * Purpose: the only writer of extension_request.
 * Invariants: a row is written once and decided once; it waits while the open interval that it was asked for names it, so
 * that whatever ends the interval ends the request, too, without a write.
 * Called by: act/extension.
 */
#include "core/leads.h"

#include "record/extension.h"

LEADS_QUERY(q_read, "l",
			"SELECT x.id, x.customer_id, x.scope, x.ownership_id, x.days, x.asked_by, x.ruling, o.member_id"
			"  FROM @.extension_request x JOIN @.ownership o ON o.id = x.ownership_id WHERE x.id = $1");
LEADS_QUERY(q_insert, "ltliztzLl",
			"INSERT INTO @.extension_request (customer_id, scope, ownership_id, days, protected_until, reason, asked_at, asked_by,"
			" decision_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id");
LEADS_QUERY(q_rule, "lttzLl",
			"UPDATE @.extension_request SET ruling = $2, ruling_reason = $3, ruled_at = $4, ruled_by = $5,"
			" ruling_decision_id = $6 WHERE id = $1 AND ruling IS NULL");

bool
leads_extension_read(LeadsFrame *f, int64 id, LeadsExtension *out)
{
	LeadsResult r = leads_run_latest(&q_read, id);

	if (!leads_found(r))
		return false;
	out->id = leads_int(&r, 0, 1);
	out->customer_id = leads_int(&r, 0, 2);
	out->scope = leads_text(&r, 0, 3);
	out->ownership_id = leads_int(&r, 0, 4);
	out->days = (int32) leads_int(&r, 0, 5);
	out->asked_by = leads_int(&r, 0, 6);
	out->ruling = leads_text(&r, 0, 7);
	out->owner_id = leads_int(&r, 0, 8);
	return true;
}

int64
leads_extension_insert(LeadsFrame *f, const LeadsOwnership *o, int32 days, const char *reason, int64 decision_id)
{
	LeadsResult r = leads_run(&q_insert, o->customer_id, o->scope, o->id, (int) days, o->protected_until, reason, f->now,
							  f->actor_id, decision_id);

	return leads_int(&r, 0, 1);
}

void
leads_extension_rule(LeadsFrame *f, int64 id, const char *ruling, const char *reason, int64 decision_id)
{
	LeadsResult r = leads_run(&q_rule, id, ruling, reason, f->now, f->actor_id, decision_id);

	if (r.n != 1)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("extension " INT64_FORMAT " was decided meanwhile", id),
				 errhint("Retry the transaction.")));
}
