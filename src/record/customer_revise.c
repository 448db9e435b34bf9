/*
 * customer_revise.c - keeper of customers: what an import changes of one that is there.
 *
 * Purpose: fields of a customer anew, and whether it has what is to be added.
 * Invariants: the caller holds the gate and the customer's lock, and makes the keys anew afterwards.
 * Called by: act/import.
 */
#include "core/leads.h"

#include "record/customer.h"

LEADS_QUERY(q_revise, "lttttj",
			"UPDATE @.customer SET name = $2, region = $3, city = $4, industry = $5, extra = extra || coalesce($6, '{}'::jsonb)"
			" WHERE id = $1");
LEADS_QUERY(q_extra, "lj", "SELECT FROM @.customer c WHERE c.id = $1 AND c.extra OPERATOR(pg_catalog.@>) $2");
LEADS_QUERY(q_contact, "lt", "SELECT FROM @.contact t WHERE t.customer_id = $1 AND t.name = $2");
LEADS_QUERY(q_point, "ltt",
			"SELECT FROM @.contact_point p WHERE p.customer_id = $1 AND p.kind = $2 AND p.norm = $3");

void
leads_customer_revise(LeadsFrame *f, int64 id, const LeadsRevision *r)
{
	leads_run(&q_revise, id, r->name, r->region, r->city, r->industry, r->extra);
}

bool
leads_customer_has_extra(LeadsFrame *f, int64 id, Jsonb *extra)
{
	return leads_found(leads_run(&q_extra, id, extra));
}

bool
leads_customer_has_contact(LeadsFrame *f, int64 id, const char *name)
{
	return leads_found(leads_run(&q_contact, id, name));
}

bool
leads_customer_has_point(LeadsFrame *f, int64 id, const char *kind, const char *norm)
{
	return leads_found(leads_run(&q_point, id, kind, norm));
}
