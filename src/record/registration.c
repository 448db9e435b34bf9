/*
 * registration.c - keeper of attempts to register.
 *
 * Purpose: every attempt leaves a row, refused ones included.
 * Invariants: the id is drawn after the stripes are held, so ids of rivals stand in
 * lock order; the row is written last, whole; outcome never changes, state may.
 * Called by: act/register.
 */
#include "core/leads.h"

#include "miscadmin.h"

#include "record/registration.h"

LEADS_QUERY(q_next, "",
			"SELECT pg_catalog.nextval('@.registration_id_seq'::pg_catalog.regclass)");
LEADS_QUERY(q_insert, "llttLtzjttttttLLLLZjL",
			"INSERT INTO @.registration (id, channel_id, request_key, request_hash, actor_id, session_role, submitted_at,"
			"   payload, name, scope, outcome, state, reason, message, customer_id, lead_id, owner_id, pool_id,"
			"   protected_until, matches, decision_id)"
			" OVERRIDING SYSTEM VALUE"
			" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,"
			"   coalesce($20, '[]'::jsonb), $21)");
LEADS_QUERY(q_by_key, "lt",
			"SELECT r.id, r.request_hash, r.outcome, r.state, r.reason, r.message, r.customer_id, r.lead_id, r.owner_id,"
			"   r.pool_id, r.protected_until, r.matches, r.decision_id, r.scope"
			" FROM @.registration r WHERE r.channel_id = $1 AND r.request_key = $2");

int64
leads_registration_next(LeadsFrame *f)
{
	LeadsResult r = leads_run(&q_next);

	return leads_int(&r, 0, 1);
}

void
leads_registration_insert(LeadsFrame *f, const LeadsRegistration *r)
{
	leads_run(&q_insert, r->id, r->channel_id, r->request_key, r->request_hash, f->actor_id,
			  GetUserNameFromId(f->caller, false), f->now, r->payload, r->name, r->scope ? r->scope : "",
			  r->outcome, r->state, r->reason, r->message, r->customer_id, r->lead_id, r->owner_id,
			  r->pool_id, r->protected_until, r->matches, r->decision_id);
}

bool
leads_registration_by_key(LeadsFrame *f, int64 channel_id, const char *key, LeadsRegistration *out)
{
	LeadsResult r = leads_run_latest(&q_by_key, channel_id, key);

	if (!leads_found(r))
		return false;
	memset(out, 0, sizeof(*out));
	out->channel_id = channel_id;
	out->request_key = key;
	out->id = leads_int(&r, 0, 1);
	out->request_hash = leads_text(&r, 0, 2);
	out->outcome = leads_text(&r, 0, 3);
	out->state = leads_text(&r, 0, 4);
	out->reason = leads_text(&r, 0, 5);
	out->message = leads_text(&r, 0, 6);
	out->customer_id = leads_int(&r, 0, 7);
	out->lead_id = leads_int(&r, 0, 8);
	out->owner_id = leads_int(&r, 0, 9);
	out->pool_id = leads_int(&r, 0, 10);
	out->protected_until = leads_time(&r, 0, 11);
	out->matches = leads_jsonb(&r, 0, 12);
	out->decision_id = leads_int(&r, 0, 13);
	out->scope = leads_text(&r, 0, 14);
	return true;
}
