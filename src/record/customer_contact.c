/*
 * customer_contact.c - keeper of customers: contacts and contact points that come later, and how they stand.
 *
 * Purpose: what a customer is reached by grows while it is worked on; some of it waits for the owner's word.
 * Invariants: the caller holds the customer's lock, and makes the keys anew after a change of what is confirmed;
 * only what is confirmed is compared or keyed; rows are never deleted, a refused one stays refused.
 * Called by: act/register, act/contact, act/guard.
 */
#include "core/leads.h"

#include "record/customer.h"

#define BEARERS 24

LEADS_QUERY(q_point, "ltt",
			"SELECT p.id, p.state FROM @.contact_point p WHERE p.customer_id = $1 AND p.kind = $2 AND p.norm = $3"
			" ORDER BY p.state, p.id LIMIT 1");
LEADS_QUERY(q_contact, "lt",
			"SELECT t.id, t.state FROM @.contact t WHERE t.customer_id = $1 AND t.name = $2 ORDER BY t.state, t.id LIMIT 1");
LEADS_QUERY(q_second, "lt",
			"SELECT FROM @.contact_point p WHERE p.customer_id = $1 AND p.kind = 'uscc' AND p.norm <> $2 AND p.state = 'confirmed'");
LEADS_QUERY(q_bearer, "Ktt",
			"SELECT FROM @.contact_point p JOIN @.customer c ON c.id = p.customer_id WHERE p.customer_id = ANY ($1)"
			"   AND p.kind = $2 AND p.norm = $3 AND p.state = 'confirmed' AND c.status = 'live' LIMIT 1");
/* the record that is compared has one USCC, and so many numbers */
LEADS_QUERY(q_elsewhere, "l",
			"SELECT o.customer_id FROM @.contact_point p JOIN @.contact_point o ON o.kind = p.kind AND o.strong_key = p.norm"
			"  JOIN @.customer c ON c.id = p.customer_id JOIN @.customer d ON d.id = o.customer_id AND d.kind = c.kind"
			" WHERE p.customer_id = $1 AND p.state = 'confirmed' AND p.strong_key IS NULL AND o.customer_id <> $1"
			"   AND d.status = 'live' ORDER BY p.id");
LEADS_QUERY(q_today, "lz",
			"SELECT (SELECT count(*) FROM @.contact_point p WHERE p.customer_id = $1 AND p.state <> 'confirmed' AND p.created_at >= $2)"
			"   + (SELECT count(*) FROM @.contact t WHERE t.customer_id = $1 AND t.state <> 'confirmed' AND t.created_at >= $2)");
LEADS_QUERY(q_add_point, "lLtttbtzt",
			"INSERT INTO @.contact_point (customer_id, contact_id, kind, raw, norm, weak, strong_key, created_at, state)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
LEADS_QUERY(q_add_contact, "ltzt",
			"INSERT INTO @.contact (customer_id, name, created_at, state) VALUES ($1, $2, $3, $4) RETURNING id");
LEADS_QUERY(q_set_point, "ltb",
			"UPDATE @.contact_point SET state = $2, strong_key = CASE WHEN $3 THEN norm END WHERE id = $1");
/* whose number it is goes with it */
LEADS_QUERY(q_set_person, "lt",
			"UPDATE @.contact t SET state = $2 FROM @.contact_point p"
			" WHERE p.id = $1 AND t.id = p.contact_id AND t.state = 'unconfirmed'");
LEADS_QUERY(q_set_contact, "lt", "UPDATE @.contact SET state = $2 WHERE id = $1");

static LeadsContactState
read_state(LeadsResult r, int64 *row)
{
	if (!leads_found(r))
		return LEADS_CONTACT_NONE;
	*row = leads_int(&r, 0, 1);
	return leads_contact_state_read(leads_text(&r, 0, 2));
}

LeadsContactState
leads_customer_point_state(LeadsFrame *f, int64 id, const char *kind, const char *norm, int64 *row)
{
	return read_state(leads_run(&q_point, id, kind, norm), row);
}

LeadsContactState
leads_customer_contact_state(LeadsFrame *f, int64 id, const char *name, int64 *row)
{
	return read_state(leads_run(&q_contact, id, name), row);
}

bool
leads_customer_has_other_uscc(LeadsFrame *f, int64 id, const char *norm)
{
	return leads_found(leads_run(&q_second, id, norm));
}

bool
leads_customer_others_have(LeadsFrame *f, int64 id, const LeadsKey *key, const char *kind, const char *norm)
{
	LeadsCandidate found[BEARERS];
	int64		ids[BEARERS];
	int			n = leads_customer_probe(f, key, 1, found, BEARERS);
	int			others = 0;

	for (int i = 0; i < n; i++)
		if (found[i].customer_id != id)
			ids[others++] = found[i].customer_id;
	return others > 0 && leads_found(leads_run_latest(&q_bearer, leads_id_array(ids, others), kind, norm));
}

int
leads_customer_strong_elsewhere(LeadsFrame *f, int64 id, int64 **ids)
{
	LeadsResult r = leads_run_latest(&q_elsewhere, id);

	*ids = palloc(sizeof(int64) * Max(r.n, 1));
	for (uint64 i = 0; i < r.n; i++)
		(*ids)[i] = leads_int(&r, i, 1);
	return (int) r.n;
}

int
leads_customer_unconfirmed_since(LeadsFrame *f, int64 id, TimestampTz since)
{
	LeadsResult r = leads_run(&q_today, id, since);

	return (int) leads_int(&r, 0, 1);
}

void
leads_customer_add_point(LeadsFrame *f, int64 id, int64 contact_id, const LeadsNewPoint *p, LeadsContactState state)
{
	leads_run(&q_add_point, id, contact_id, p->kind, p->raw, p->norm, p->weak,
			  p->strong && state == LEADS_CONTACT_CONFIRMED ? p->norm : NULL, f->now, leads_contact_state_name(state));
}

int64
leads_customer_add_contact(LeadsFrame *f, int64 id, const char *name, LeadsContactState state)
{
	LeadsResult r = leads_run(&q_add_contact, id, name, f->now, leads_contact_state_name(state));

	return leads_int(&r, 0, 1);
}

void
leads_customer_set_point(LeadsFrame *f, int64 row, LeadsContactState state, bool strong)
{
	leads_run(&q_set_point, row, leads_contact_state_name(state), strong && state == LEADS_CONTACT_CONFIRMED);
	if (state == LEADS_CONTACT_CONFIRMED)
		leads_run(&q_set_person, row, leads_contact_state_name(state));
}

void
leads_customer_set_contact(LeadsFrame *f, int64 row, LeadsContactState state)
{
	leads_run(&q_set_contact, row, leads_contact_state_name(state));
}
