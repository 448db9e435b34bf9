/*
 * registration.c - keeper of attempts to register.
 *
 * Purpose: every attempt leaves a row, refused ones included; what becomes of it.
 * Invariants: the id is drawn after the locks of the customer met are held, so ids of rivals
 * stand in lock order; the row is written last, whole; outcome never changes, state may,
 * under the customer's lock.
 * Called by: act/register, act/contest.
 */
#include "core/leads.h"

#include "miscadmin.h"

#include "core/bulk.h"
#include "record/registration.h"

LEADS_INSERT(i_registration, LEADS_RANK_REGISTRATION, LEADS_ID_GIVEN, "registration",
			 "id, channel_id, request_key, request_hash, actor_id, session_role, submitted_at, payload, name, scope, outcome,"
			 " state, reason, message, customer_id, lead_id, owner_id, pool_id, protected_until, matches, decision_id,"
			 " partner_id, rival_id, resubmits_id, test",
			 "llttLtzjttttttLLLLZjLLLLb");
LEADS_QUERY(q_by_key, "lt",
			"SELECT r.id, r.request_hash, r.outcome, r.state, r.reason, r.message, r.customer_id, r.lead_id, r.owner_id,"
			"   r.pool_id, r.protected_until, r.matches, r.decision_id, r.scope"
			" FROM @.registration r WHERE r.channel_id = $1 AND r.request_key = $2");

#define ATTEMPT_COLUMNS \
	"r.id, r.channel_id, h.code, r.actor_id, r.partner_id, r.submitted_at, r.payload, r.name, r.scope, r.outcome, r.state," \
	" r.reason, r.customer_id, r.rival_id, r.decision_id, r.test"

LEADS_QUERY(q_attempt, "l",
			"SELECT " ATTEMPT_COLUMNS " FROM @.registration r JOIN @.channel h ON h.id = r.channel_id WHERE r.id = $1");
LEADS_QUERY(q_pending, "lt",
			"SELECT " ATTEMPT_COLUMNS " FROM @.registration r JOIN @.channel h ON h.id = r.channel_id"
			" WHERE r.customer_id = $1 AND r.scope = $2 AND r.state = 'pending'");
/* the partial index on (customer_id, scope, id) holds those that wait */
LEADS_QUERY(q_behind, "l",
			"SELECT r.id FROM @.registration r JOIN @.registration p ON p.id = $1"
			" WHERE r.customer_id = p.customer_id AND r.scope = p.scope AND r.state = 'queued' AND r.rival_id = $1 ORDER BY r.id");
LEADS_QUERY(q_kept, "lt",
			"SELECT r.id FROM @.registration r WHERE r.customer_id = $1 AND r.scope = $2 AND r.state = 'attached'"
			"   AND r.reason = 'register.attached_waiting' AND r.lead_id IS NULL ORDER BY r.id");
LEADS_QUERY(q_failed, "ltLL",
			"SELECT max(r.id) FROM @.registration r WHERE r.customer_id = $1 AND r.scope = $2"
			"   AND (r.actor_id = $3 OR r.partner_id = $4) AND r.state IN ('blocked', 'rejected', 'withdrawn', 'superseded')");
LEADS_QUERY(q_move, "lttzLtL",
			"UPDATE @.registration SET state = $3, settled_at = $4, settled_by = $5, settle_reason = $6, settle_decision_id = $7"
			" WHERE id = $1 AND state = $2");
LEADS_QUERY(q_set_rival, "lL", "UPDATE @.registration SET rival_id = $2 WHERE id = $1");
LEADS_QUERY(q_set_customer, "ll", "UPDATE @.registration SET customer_id = $2 WHERE id = $1");
LEADS_QUERY(q_set_lead, "ll", "UPDATE @.registration SET lead_id = $2 WHERE id = $1 AND lead_id IS NULL");

int64
leads_registration_next(LeadsFrame *f)
{
	return leads_insert_id(f, &i_registration);
}

void
leads_registration_insert(LeadsFrame *f, const LeadsRegistration *r)
{
	(void) leads_insert(f, &i_registration, r->id, r->channel_id, r->request_key, r->request_hash,
						r->registrant_id ? r->registrant_id : f->actor_id,
						GetUserNameFromId(f->caller, false), f->now, r->payload, r->name, r->scope ? r->scope : "",
						r->outcome, r->state, r->reason, r->message, r->customer_id, r->lead_id, r->owner_id,
						r->pool_id, r->protected_until, leads_jsonb_or(r->matches, "[]"), r->decision_id, r->partner_id,
						r->rival_id, r->resubmits_id, r->test);
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

static bool
attempt_row(LeadsResult r, LeadsAttempt *a)
{
	if (!leads_found(r))
		return false;
	a->id = leads_int(&r, 0, 1);
	a->channel_id = leads_int(&r, 0, 2);
	a->channel = leads_text(&r, 0, 3);
	a->actor_id = leads_int(&r, 0, 4);
	a->partner_id = leads_int(&r, 0, 5);
	a->submitted_at = leads_time(&r, 0, 6);
	a->payload = leads_jsonb(&r, 0, 7);
	a->name = leads_text(&r, 0, 8);
	a->scope = leads_text(&r, 0, 9);
	a->outcome = leads_text(&r, 0, 10);
	a->state = leads_text(&r, 0, 11);
	a->reason = leads_text(&r, 0, 12);
	a->customer_id = leads_int(&r, 0, 13);
	a->rival_id = leads_int(&r, 0, 14);
	a->decision_id = leads_int(&r, 0, 15);
	a->test = leads_bool(&r, 0, 16);
	return true;
}

bool
leads_attempt_read(LeadsFrame *f, int64 id, LeadsAttempt *out)
{
	return attempt_row(leads_run_latest(&q_attempt, id), out);
}

bool
leads_attempt_pending(LeadsFrame *f, int64 customer_id, const char *scope, LeadsAttempt *out)
{
	return attempt_row(leads_run_latest(&q_pending, customer_id, scope ? scope : ""), out);
}

static int
id_list(LeadsResult r, int64 **ids)
{
	*ids = palloc(sizeof(int64) * Max(r.n, 1));
	for (uint64 i = 0; i < r.n; i++)
		(*ids)[i] = leads_int(&r, i, 1);
	return (int) r.n;
}

int
leads_attempts_behind(LeadsFrame *f, int64 rival_id, int64 **ids)
{
	return id_list(leads_run_latest(&q_behind, rival_id), ids);
}

int
leads_attempts_waiting(LeadsFrame *f, int64 rival_id)
{
	return (int) leads_run_latest(&q_behind, rival_id).n;
}

int
leads_attempts_kept(LeadsFrame *f, int64 customer_id, const char *scope, int64 **ids)
{
	return id_list(leads_run_latest(&q_kept, customer_id, scope ? scope : ""), ids);
}

int64
leads_attempt_failed(LeadsFrame *f, int64 customer_id, const char *scope, int64 actor_id, int64 partner_id)
{
	LeadsResult r = leads_run_latest(&q_failed, customer_id, scope ? scope : "", actor_id, partner_id);

	return leads_int(&r, 0, 1);
}

void
leads_attempt_move(LeadsFrame *f, const LeadsAttempt *a, const char *state, const char *reason, int64 decision_id)
{
	LeadsResult r = leads_run(&q_move, a->id, a->state, state, f->now, f->actor_id, reason, decision_id);

	/* we hold the customer: who changed it had it before us, and our snapshot does not see that */
	if (r.n != 1)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("registration " INT64_FORMAT " was changed meanwhile", a->id),
				 errhint("Retry the transaction.")));
}

void
leads_attempt_set_rival(LeadsFrame *f, int64 id, int64 rival_id)
{
	leads_run(&q_set_rival, id, rival_id);
}

void
leads_attempt_set_lead(LeadsFrame *f, int64 id, int64 lead_id)
{
	leads_run(&q_set_lead, id, lead_id);
}

void
leads_attempt_set_customer(LeadsFrame *f, int64 id, int64 customer_id)
{
	leads_run(&q_set_customer, id, customer_id);
}

#define CONFLICT_COLUMNS "x.id, x.registration_id, x.holder_id, x.rival_id, x.ruling"

LEADS_QUERY(q_conflict, "l", "SELECT " CONFLICT_COLUMNS " FROM @.conflict x WHERE x.id = $1");
LEADS_QUERY(q_conflict_open, "l",
			"SELECT " CONFLICT_COLUMNS " FROM @.conflict x WHERE x.registration_id = $1 AND x.ruling IS NULL");
LEADS_QUERY(q_conflict_insert, "lltLLtzLl",
			"INSERT INTO @.conflict (registration_id, customer_id, scope, holder_id, rival_id, reason, raised_at, raised_by,"
			" decision_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id");
LEADS_QUERY(q_conflict_rule, "lttzLlL",
			"UPDATE @.conflict SET ruling = $2, ruling_reason = $3, ruled_at = $4, ruled_by = $5, ruling_decision_id = $6,"
			" granted_id = $7 WHERE id = $1 AND ruling IS NULL");

static bool
conflict_row(LeadsResult r, LeadsConflict *x)
{
	if (!leads_found(r))
		return false;
	x->id = leads_int(&r, 0, 1);
	x->registration_id = leads_int(&r, 0, 2);
	x->holder_id = leads_int(&r, 0, 3);
	x->rival_id = leads_int(&r, 0, 4);
	x->ruling = leads_text(&r, 0, 5);
	return true;
}

bool
leads_conflict_read(LeadsFrame *f, int64 id, LeadsConflict *out)
{
	return conflict_row(leads_run_latest(&q_conflict, id), out);
}

bool
leads_conflict_open(LeadsFrame *f, int64 registration_id, LeadsConflict *out)
{
	return conflict_row(leads_run_latest(&q_conflict_open, registration_id), out);
}

int64
leads_conflict_insert(LeadsFrame *f, const LeadsAttempt *a, int64 customer_id, const LeadsConflict *x, const char *reason,
					  int64 decision_id)
{
	LeadsResult r = leads_run(&q_conflict_insert, a->id, customer_id, a->scope, x->holder_id, x->rival_id, reason, f->now,
							  f->actor_id, decision_id);

	return leads_int(&r, 0, 1);
}

void
leads_conflict_rule(LeadsFrame *f, int64 id, const char *ruling, const char *reason, int64 granted_id, int64 decision_id)
{
	LeadsResult r = leads_run(&q_conflict_rule, id, ruling, reason, f->now, f->actor_id, decision_id, granted_id);

	if (r.n != 1)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("conflict " INT64_FORMAT " was ruled meanwhile", id),
				 errhint("Retry the transaction.")));
}
