/*
 * ownership.c - keeper of the intervals in which a customer is in somebody's hands.
 *
 * Purpose: begin, end and move the deadlines of intervals.
 * Invariants: intervals of one (customer, scope) never overlap (exclusion
 * constraint) and leave no gap: who ends one begins the next at the same instant;
 * the open one is unique (partial unique index); member counters follow every begin
 * and end.  The caller holds the customer's lock.
 * Called by: act/corridor (lapse), act/register, act/ownership, act/pipeline, act/merge.
 */
#include "core/leads.h"

#include "core/bulk.h"
#include "record/customer.h"
#include "record/org.h"
#include "record/ownership.h"

#define COLUMNS \
	"o.id, o.customer_id, o.scope, o.member_id, o.pool_id, o.since, o.protected_until, o.next_due_at, o.remind_at," \
	" o.followed_at, o.lapse_pool_id, o.policy_version, o.extended_times, o.extended_days, o.exempt," \
	" o.registration_id, o.cause, o.decision_id, o.policy_entry, o.protect_from, o.protect_base, o.due_by, o.partner_id," \
	" o.extension_id, o.extension_due, o.counts_from," \
	" o.deadline_at, o.noticed_at"

LEADS_QUERY(q_open, "lt",
			"SELECT " COLUMNS " FROM @.ownership o WHERE o.customer_id = $1 AND o.scope = $2 AND o.until IS NULL");
LEADS_QUERY(q_open_many, "Kt",
			"SELECT " COLUMNS " FROM @.ownership o WHERE o.customer_id = ANY ($1) AND o.scope = $2 AND o.until IS NULL");
LEADS_QUERY(q_by_id, "l",
			"SELECT " COLUMNS " FROM @.ownership o WHERE o.id = $1 AND o.until IS NULL");
LEADS_QUERY(q_ended, "l",
			"SELECT " COLUMNS " FROM @.ownership o WHERE o.id = $1 AND o.until IS NOT NULL");
LEADS_INSERT(i_ownership, LEADS_RANK_OWNERSHIP, LEADS_ID_MADE, "ownership",
			 "customer_id, scope, member_id, pool_id, since, protected_until, next_due_at, remind_at, followed_at,"
			 " lapse_pool_id, policy_version, extended_times, extended_days, exempt, registration_id, cause, decision_id,"
			 " recorded_at, policy_entry, protect_from, protect_base, due_by", "ltLLzZZZZLIiitLtlziZZt");
/* what is due of customers by an instant, and a little more: by when exactly, their last events say */
LEADS_QUERY(q_due_of, "Kz",
			"SELECT " COLUMNS " FROM @.ownership o JOIN @.customer c ON c.id = o.customer_id"
			" WHERE o.customer_id = ANY ($1) AND o.until IS NULL"
			"   AND o.next_due_at <= greatest($2, c.last_event_at) + interval '1 second'"
			" ORDER BY o.customer_id, o.next_due_at, o.scope");
LEADS_CHANGE(c_end, LEADS_RANK_OWNERSHIP_END, true, "lztlz",
			 "UPDATE @.ownership SET until = $2, end_cause = $3, end_decision_id = $4, end_recorded_at = $5,"
			 " next_due_at = NULL, remind_at = NULL, due_by = NULL"
			 " WHERE id = $1 AND until IS NULL",
			 "UPDATE @.ownership o SET until = x.at, end_cause = x.cause, end_decision_id = x.decision_id,"
			 " end_recorded_at = x.recorded_at, next_due_at = NULL, remind_at = NULL, due_by = NULL"
			 "  FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),"
			 "       pg_catalog.unnest($5)) x(id, at, cause, decision_id, recorded_at)"
			 " WHERE o.id = x.id AND o.until IS NULL");
LEADS_QUERY(q_update, "lZZZZLiiitiZZtLZ",
			"UPDATE @.ownership SET protected_until = $2, next_due_at = $3, remind_at = $4, followed_at = $5,"
			"   lapse_pool_id = $6, policy_version = nullif($7, 0), extended_times = $8, extended_days = $9, exempt = $10,"
			"   policy_entry = $11, protect_from = $12, protect_base = $13, due_by = $14, extension_id = $15, extension_due = $16"
			" WHERE id = $1 AND until IS NULL");

LEADS_QUERY(q_waits, "lZZ", "UPDATE @.ownership SET deadline_at = $2, noticed_at = $3 WHERE id = $1 AND until IS NULL");
LEADS_QUERY(q_counts_from, "lz", "UPDATE @.ownership SET counts_from = $2 WHERE id = $1 AND until IS NULL");
LEADS_QUERY(q_partner, "lL", "UPDATE @.ownership SET partner_id = $2 WHERE id = $1 AND until IS NULL");

static bool
ownership_row_at(LeadsResult r, uint64 i, LeadsOwnership *o)
{
	if (i >= r.n)
		return false;
	o->id = leads_int(&r, i, 1);
	o->customer_id = leads_int(&r, i, 2);
	o->scope = leads_text(&r, i, 3);
	o->member_id = leads_int(&r, i, 4);
	o->pool_id = leads_int(&r, i, 5);
	o->since = leads_time(&r, i, 6);
	o->protected_until = leads_time(&r, i, 7);
	o->next_due_at = leads_time(&r, i, 8);
	o->remind_at = leads_time(&r, i, 9);
	o->followed_at = leads_time(&r, i, 10);
	o->lapse_pool_id = leads_int(&r, i, 11);
	o->policy_version = (int32) leads_int(&r, i, 12);
	o->extended_times = (int32) leads_int(&r, i, 13);
	o->extended_days = (int32) leads_int(&r, i, 14);
	o->exempt = leads_text(&r, i, 15);
	o->registration_id = leads_int(&r, i, 16);
	o->cause = leads_text(&r, i, 17);
	o->decision_id = leads_int(&r, i, 18);
	o->policy_entry = (int32) leads_int(&r, i, 19);
	o->protect_from = leads_time(&r, i, 20);
	o->protect_base = leads_time(&r, i, 21);
	o->due_by = leads_text(&r, i, 22);
	o->partner_id = leads_int(&r, i, 23);
	o->extension_id = leads_int(&r, i, 24);
	o->extension_due = leads_time(&r, i, 25);
	o->counts_from = leads_time(&r, i, 26);
	o->newborn = false;
	o->deadline_at = o->told_due = leads_time(&r, i, 27);
	o->noticed_at = leads_time(&r, i, 28);
	o->waits = o->deadline_at != LEADS_NO_TIME || o->noticed_at != LEADS_NO_TIME;
	/* rows of before there were pauses */
	if (o->member_id != 0 && o->protect_from == LEADS_NO_TIME)
	{
		o->protect_from = o->since;
		o->protect_base = o->protected_until;
	}
	return true;
}

static bool
ownership_row(LeadsResult r, LeadsOwnership *o)
{
	return ownership_row_at(r, 0, o);
}

int
leads_ownership_due(LeadsFrame *f, Datum customers, TimestampTz by, LeadsOwnership **out)
{
	LeadsResult r = leads_run(&q_due_of, customers, by);

	*out = palloc(sizeof(LeadsOwnership) * Max(r.n, 1));
	for (uint64 i = 0; i < r.n; i++)
		(void) ownership_row_at(r, i, &(*out)[i]);
	return (int) r.n;
}

bool
leads_ownership_open(LeadsFrame *f, int64 customer_id, const char *scope, LeadsOwnership *out)
{
	return ownership_row(leads_run(&q_open, customer_id, scope), out);
}

void
leads_ownerships_open(LeadsFrame *f, const int64 *customers, int n, const char *scope, LeadsOwnership *out)
{
	LeadsResult r = leads_run(&q_open_many, leads_id_array(customers, n), scope);

	memset(out, 0, sizeof(LeadsOwnership) * n);
	for (uint64 i = 0; i < r.n; i++)
		for (int k = 0; k < n; k++)
			if (customers[k] == leads_int(&r, i, 2))
				(void) ownership_row_at(r, i, &out[k]);
}

bool
leads_ownership_by_id(LeadsFrame *f, int64 id, LeadsOwnership *out)
{
	return ownership_row(leads_run(&q_by_id, id), out);
}

bool
leads_ownership_ended(LeadsFrame *f, int64 id, LeadsOwnership *out)
{
	if (!ownership_row(leads_run(&q_ended, id), out))
		return false;
	/* what was asked for ended with it */
	out->extension_id = 0;
	out->extension_due = LEADS_NO_TIME;
	return true;
}

/* where a release waits for its notice; so few, that it is a statement of its own */
static void
set_waits(LeadsFrame *f, const LeadsOwnership *o)
{
	leads_run(&q_waits, o->id, o->deadline_at, o->noticed_at);
}

void
leads_ownership_begin(LeadsFrame *f, LeadsOwnership *o)
{
	o->id = leads_insert(f, &i_ownership, o->customer_id, o->scope ? o->scope : "", o->member_id, o->pool_id,
							  o->since, o->protected_until, o->next_due_at, o->remind_at, o->followed_at,
							  o->lapse_pool_id, (int) o->policy_version, (int) o->extended_times,
							  (int) o->extended_days, o->exempt, o->registration_id, o->cause,
							  o->decision_id, f->now, (int) o->policy_entry, o->protect_from, o->protect_base, o->due_by);
	if (o->member_id != 0)
		leads_counter_add(f, o->member_id, 1);
	if (o->member_id != 0 && o->deadline_at != LEADS_NO_TIME)
		set_waits(f, o);
}

void
leads_ownership_end(LeadsFrame *f, const LeadsOwnership *o, TimestampTz at, const char *cause, int64 decision_id)
{
	if (leads_change(f, &c_end, o->id, at, cause, decision_id, f->now) != 1)
		elog(ERROR, "ownership " INT64_FORMAT " was ended by somebody else", o->id);
	if (o->member_id != 0)
		leads_counter_add(f, o->member_id, -1);
}

void
leads_ownership_update(LeadsFrame *f, const LeadsOwnership *o)
{
	LeadsResult r = leads_run(&q_update, o->id, o->protected_until, o->next_due_at, o->remind_at, o->followed_at,
							  o->lapse_pool_id, (int) o->policy_version, (int) o->extended_times,
							  (int) o->extended_days, o->exempt, (int) o->policy_entry, o->protect_from, o->protect_base,
							  o->due_by, o->extension_id, o->extension_id ? o->extension_due : LEADS_NO_TIME);

	if (r.n != 1)
		elog(ERROR, "ownership " INT64_FORMAT " was ended by somebody else", o->id);
	if (o->waits || o->deadline_at != LEADS_NO_TIME)
		set_waits(f, o);
}

void
leads_ownership_set_partner(LeadsFrame *f, LeadsOwnership *o, int64 partner_id)
{
	leads_run(&q_partner, o->id, partner_id);
	o->partner_id = partner_id;
}

void
leads_ownership_set_counts_from(LeadsFrame *f, LeadsOwnership *o, TimestampTz from)
{
	leads_run(&q_counts_from, o->id, from);
	o->counts_from = from;
}
