/*
 * customer_former.c - deleted customers, and those that come back.
 *
 * Purpose: a deleted customer is found by nobody, but its keys are kept aside, so that a new
 * customer that is likely the same can be told to have been there.
 * Invariants: rows stay, the keys of the duplicate check go; costs nothing while nothing was deleted.
 * Called by: act/register (a new customer), act/pool (delete), act/rekey.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"

#include "record/customer.h"
#include "record/keyset.h"

#define FORMER_MOST 24

/* who bulks has the gate, without which nobody deletes; and deleted ones are never among what it gathers */
LEADS_QUERY_STEADY(q_any, "", "SELECT FROM @.former_key LIMIT 1");
LEADS_QUERY_ASIDE(q_ids, "K",
				  "SELECT DISTINCT k.customer_id FROM @.former_key k WHERE k.key = ANY ($1) ORDER BY 1 DESC LIMIT 24");
LEADS_QUERY(q_link, "ll",
			"INSERT INTO @.customer_former (customer_id, former_id) VALUES ($1, $2) ON CONFLICT DO NOTHING");
LEADS_QUERY(q_keep, "Kl",
			"INSERT INTO @.former_key (key, customer_id) SELECT DISTINCT k.key, $2 FROM pg_catalog.unnest($1) k(key)"
			" ON CONFLICT DO NOTHING");
LEADS_QUERY(q_next, "li",
			"SELECT DISTINCT k.customer_id FROM @.former_key k WHERE k.customer_id > $1 ORDER BY 1 LIMIT $2");
LEADS_QUERY(q_delete, "l", "UPDATE @.customer SET status = 'deleted' WHERE id = $1 AND status = 'live'");
LEADS_QUERY(q_free, "l",
			"UPDATE @.contact_point SET strong_key = NULL WHERE customer_id = $1 AND strong_key IS NOT NULL");

static Datum
key_array(const LeadsKey *keys, int n)
{
	int64	   *ids = palloc(sizeof(int64) * Max(n, 1));

	for (int i = 0; i < n; i++)
		ids[i] = keys[i].key;
	return leads_id_array(ids, n);
}

void
leads_customer_formers(LeadsFrame *f, const LeadsKey *keys, int n, LeadsRecordReader reader, void *arg)
{
	int64		ids[FORMER_MOST];
	LeadsResult r;

	if (n == 0 || !leads_found(leads_run_latest(&q_any)))
		return;
	r = leads_run_latest(&q_ids, key_array(keys, n));
	for (uint64 i = 0; i < r.n; i++)
		ids[i] = leads_int(&r, i, 1);
	leads_customer_former_records(f, ids, (int) r.n, reader, arg);
}

/* keys of both generations for one that is remembered */
static void
keep_keys(LeadsFrame *f, int64 id, LeadsRecord *record)
{
	LeadsKey	keys[LEADS_KEYS_MAX];
	LeadsKey	all[LEADS_KEYS_BOTH];
	const LeadsKeyset *k = leads_keyset(f);
	int			n = leads_record_keys(record, keys, LEADS_KEYS_MAX);

	leads_run(&q_keep, key_array(all, leads_keyset_all(k, record, keys, n, all)), id);
}

static void
keep_again(int64 id, const char *name, const LeadsRecord *record, void *f)
{
	LeadsRecord *r = palloc(leads_record_bytes(record));

	memcpy(r, record, leads_record_bytes(record));
	keep_keys(f, id, r);
	pfree(r);
}

int64
leads_customer_formers_rekey(LeadsFrame *f, int64 after, int limit)
{
	LeadsResult r = leads_run(&q_next, after, limit);
	int64	   *ids = palloc(sizeof(int64) * Max(r.n, 1));

	for (uint64 i = 0; i < r.n; i++)
		ids[i] = leads_int(&r, i, 1);
	leads_customer_former_records(f, ids, (int) r.n, keep_again, f);
	return r.n > 0 ? ids[r.n - 1] : 0;
}

void
leads_customer_link_former(LeadsFrame *f, int64 customer_id, int64 former_id)
{
	leads_run(&q_link, customer_id, former_id);
}

void
leads_customer_delete(LeadsFrame *f, int64 id)
{
	LeadsRecord *record = palloc(sizeof(LeadsRecord));

	leads_customer_record(f, id, record);
	keep_keys(f, id, record);
	leads_keys_delete(f, id);
	leads_run(&q_free, id);
	leads_run(&q_delete, id);
}
