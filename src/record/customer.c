/*
 * customer.c - keeper of customers, contacts, contact points and keys.
 *
 * Purpose: the only writer of these tables; the probe through the keys.
 * Invariants: a mutation holds the customer's row lock (FOR NO KEY UPDATE, so that
 * foreign keys of others need not wait) and ends with a new last_event_at, which
 * makes REPEATABLE READ transactions that looked before fail with 40001 when they
 * lock it; key rows are inserted and deleted, never updated, so that their xmin says
 * when the customer became findable.
 * Called by: act/register, act/corridor, act/guard, read/verify.
 */
#include "core/leads.h"

#include "access/xact.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/snapmgr.h"

#include "record/customer.h"

#define COLUMNS \
	"c.id, c.kind = 'person', c.name, c.region, c.city, c.industry, c.status, c.merged_into, c.created_at, c.last_event_at"

/* rows read under one key that is not exact; the rarest keys are read whole */
#define KEY_CAP 300

LEADS_QUERY(q_read, "l", "SELECT " COLUMNS " FROM @.customer c WHERE c.id = $1");
LEADS_QUERY(q_lock, "l", "SELECT " COLUMNS " FROM @.customer c WHERE c.id = $1 FOR NO KEY UPDATE");
LEADS_QUERY(q_try_lock, "l",
			"SELECT " COLUMNS " FROM @.customer c WHERE c.id = $1 FOR NO KEY UPDATE SKIP LOCKED");
LEADS_QUERY(q_touch, "lz", "UPDATE @.customer SET last_event_at = $2 WHERE id = $1");
LEADS_QUERY(q_insert, "ttttttjzL",
			"INSERT INTO @.customer (kind, name, core, region, city, industry, extra, created_at, last_event_at, created_by)"
			" VALUES ($1, $2, $3, $4, $5, $6, coalesce($7, '{}'::jsonb), $8, $8, $9) RETURNING id");
LEADS_QUERY(q_contact, "ltz",
			"INSERT INTO @.contact (customer_id, name, created_at) VALUES ($1, $2, $3) RETURNING id");
LEADS_QUERY(q_point, "lLtttbtz",
			"INSERT INTO @.contact_point (customer_id, contact_id, kind, raw, norm, weak, strong_key, created_at)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
LEADS_QUERY(q_keys_insert, "lKH",
			"INSERT INTO @.customer_key (key, customer_id, kind)"
			" SELECT k.key, $1, k.kind FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS k(key, kind)");
LEADS_QUERY(q_keys_delete, "l", "DELETE FROM @.customer_key WHERE customer_id = $1");
LEADS_QUERY(q_names, "K",
			"SELECT c.id, c.kind = 'person', c.name, c.region, 0::bigint FROM @.customer c WHERE c.id = ANY ($1) AND c.status = 'live'"
			" UNION ALL SELECT n.customer_id, NULL, n.name, NULL, n.id FROM @.customer_name n WHERE n.customer_id = ANY ($1)"
			"   AND EXISTS (SELECT FROM @.customer c WHERE c.id = n.customer_id AND c.status = 'live')"
			" ORDER BY 1, 5");
LEADS_QUERY(q_points, "K",
			"SELECT p.customer_id, p.kind, p.raw, p.id FROM @.contact_point p WHERE p.customer_id = ANY ($1) AND p.norm IS NOT NULL"
			" UNION ALL SELECT t.customer_id, 'contact', t.name, t.id FROM @.contact t WHERE t.customer_id = ANY ($1) AND t.name IS NOT NULL"
			" ORDER BY 1, 2, 4");
LEADS_QUERY(q_strong, "tt",
			"SELECT p.customer_id FROM @.contact_point p WHERE p.kind = $1 AND p.strong_key = $2");
LEADS_QUERY(q_probe, "Ki",
			"SELECT k.customer_id, k.xmin FROM pg_catalog.unnest($1) AS q(key)"
			" CROSS JOIN LATERAL (SELECT x.customer_id, x.xmin FROM @.customer_key x"
			"                      WHERE x.key = q.key ORDER BY x.customer_id LIMIT $2) k");

static bool
customer_row(LeadsResult r, LeadsCustomer *c)
{
	if (!leads_found(r))
		return false;
	c->id = leads_int(&r, 0, 1);
	c->person = leads_bool(&r, 0, 2);
	c->name = leads_text(&r, 0, 3);
	c->region = leads_text(&r, 0, 4);
	c->city = leads_text(&r, 0, 5);
	c->industry = leads_text(&r, 0, 6);
	c->status = leads_text(&r, 0, 7);
	c->merged_into = leads_int(&r, 0, 8);
	c->created_at = leads_time(&r, 0, 9);
	c->last_event_at = leads_time(&r, 0, 10);
	return true;
}

/* chains of tombstones are short: merge compresses them */
static bool
follow(LeadsQuery *q, int64 id, LeadsCustomer *out)
{
	for (int hops = 0; hops < 100; hops++)
	{
		if (!customer_row(leads_run(q, id), out))
			return false;
		if (out->merged_into == 0)
			return strcmp(out->status, "live") == 0;
		id = out->merged_into;
	}
	elog(ERROR, "customer " INT64_FORMAT " is merged in a circle", id);
	return false;
}

bool
leads_customer_lock(LeadsFrame *f, int64 id, LeadsCustomer *out)
{
	return follow(&q_lock, id, out);
}

bool
leads_customer_try_lock(LeadsFrame *f, int64 id, LeadsCustomer *out)
{
	return customer_row(leads_run(&q_try_lock, id), out) && strcmp(out->status, "live") == 0;
}

bool
leads_customer_read(LeadsFrame *f, int64 id, LeadsCustomer *out)
{
	return follow(&q_read, id, out);
}

void
leads_customer_touch(LeadsFrame *f, int64 id)
{
	leads_run(&q_touch, id, f->now);
}

int64
leads_customer_insert(LeadsFrame *f, const LeadsNewCustomer *c)
{
	LeadsResult r = leads_run(&q_insert, c->person ? "person" : "company", c->name, c->core, c->region,
							  c->city, c->industry, c->extra, f->now, f->actor_id);

	return leads_int(&r, 0, 1);
}

int64
leads_contact_insert(LeadsFrame *f, int64 customer_id, const char *name)
{
	LeadsResult r = leads_run(&q_contact, customer_id, name, f->now);

	return leads_int(&r, 0, 1);
}

void
leads_contact_point_insert(LeadsFrame *f, int64 customer_id, int64 contact_id, const char *kind,
						   const char *raw, const char *norm, bool weak, bool strong)
{
	leads_run(&q_point, customer_id, contact_id, kind, raw, norm, weak, strong ? norm : NULL, f->now);
}

static Datum
key_array(const LeadsKey *keys, int n)
{
	Datum	   *d = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		d[i] = Int64GetDatum(keys[i].key);
	return PointerGetDatum(construct_array(d, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

void
leads_keys_insert(LeadsFrame *f, int64 customer_id, const LeadsKey *keys, int n)
{
	Datum	   *kinds = palloc(sizeof(Datum) * Max(n, 1));

	if (n == 0)
		return;
	for (int i = 0; i < n; i++)
		kinds[i] = Int16GetDatum(keys[i].kind);
	leads_run(&q_keys_insert, customer_id, key_array(keys, n),
			  PointerGetDatum(construct_array(kinds, n, INT2OID, sizeof(int16), true, TYPALIGN_SHORT)));
}

void
leads_keys_delete(LeadsFrame *f, int64 customer_id)
{
	leads_run(&q_keys_delete, customer_id);
}

/*
 * Names and contact points of many customers, each query once; both come in
 * ascending order of customers, so that one walk fills one record after the other.
 */
void
leads_customer_records(LeadsFrame *f, const int64 *ids, int n, LeadsRecordReader reader, void *arg)
{
	LeadsRecord *record;
	LeadsResult names;
	LeadsResult points;
	Datum	   *d;
	Datum		array;
	uint64		p = 0;

	if (n == 0)
		return;
	record = palloc(sizeof(LeadsRecord));
	d = palloc(sizeof(Datum) * n);
	for (int i = 0; i < n; i++)
		d[i] = Int64GetDatum(ids[i]);
	array = PointerGetDatum(construct_array(d, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	names = leads_run_latest(&q_names, array);
	points = leads_run_latest(&q_points, array);
	for (uint64 i = 0; i < names.n;)
	{
		int64		id = leads_int(&names, i, 1);
		char	   *first = leads_text(&names, i, 3);
		char	   *region = leads_text(&names, i, 4);

		leads_record_init(record, leads_bool(&names, i, 2));
		for (; i < names.n && leads_int(&names, i, 1) == id; i++)
		{
			char	   *name = leads_text(&names, i, 3);

			if (name)
				leads_record_add_name(record, name, strlen(name));
		}
		if (region)
			leads_record_set_region(record, region, strlen(region));
		while (p < points.n && leads_int(&points, p, 1) < id)
			p++;
		for (; p < points.n && leads_int(&points, p, 1) == id; p++)
		{
			char	   *kind = leads_text(&points, p, 2);
			char	   *value = leads_text(&points, p, 3);
			size_t		len = strlen(value);

			if (strcmp(kind, "phone") == 0)
				leads_record_add_phone(record, value, len);
			else if (strcmp(kind, "email") == 0)
				leads_record_add_email(record, value, len);
			else if (strcmp(kind, "uscc") == 0)
				leads_record_set_uscc(record, value, len);
			else
				leads_record_set_contact(record, value, len);
		}
		reader(id, first, record, arg);
	}
	pfree(record);
}

static void
keep_record(int64 id, const char *name, const LeadsRecord *record, void *arg)
{
	memcpy(arg, record, sizeof(LeadsRecord));
}

void
leads_customer_record(LeadsFrame *f, int64 id, LeadsRecord *out)
{
	leads_record_init(out, false);
	leads_customer_records(f, &id, 1, keep_record, out);
}

bool
leads_strong_taken(LeadsFrame *f, const char *kind, const char *norm)
{
	return leads_found(leads_run_latest(&q_strong, kind, norm));
}

static int
by_customer(const void *a, const void *b)
{
	int64		x = ((const LeadsCandidate *) a)->customer_id;
	int64		y = ((const LeadsCandidate *) b)->customer_id;

	return x < y ? -1 : x > y;
}

static int
by_shared(const void *a, const void *b)
{
	const LeadsCandidate *x = a;
	const LeadsCandidate *y = b;

	if (x->shared != y->shared)
		return y->shared - x->shared;
	return by_customer(a, b);
}

/*
 * The row was committed after the transaction took its snapshot: what we would
 * decide on it, later statements of this transaction could not see.
 */
static bool
is_unseen(TransactionId xmin)
{
	return TransactionIdIsNormal(xmin) && !TransactionIdIsCurrentTransactionId(xmin) &&
		XidInMVCCSnapshot(xmin, GetTransactionSnapshot());
}

static int
probe_some(const LeadsKey *keys, int n, int limit, LeadsCandidate **all, int *cap, int have)
{
	LeadsResult r;

	if (n == 0)
		return have;
	r = leads_run_latest(&q_probe, key_array(keys, n), limit);
	if (have + (int) r.n > *cap)
	{
		*cap = have + (int) r.n;
		*all = *all ? repalloc(*all, sizeof(LeadsCandidate) * *cap) : palloc(sizeof(LeadsCandidate) * *cap);
	}
	for (uint64 i = 0; i < r.n; i++)
	{
		(*all)[have].customer_id = leads_int(&r, i, 1);
		(*all)[have].unseen = IsolationUsesXactSnapshot() &&
			is_unseen((TransactionId) leads_int(&r, i, 2));
		(*all)[have++].shared = 1;
	}
	SPI_freetuptable(r.table);
	return have;
}

int
leads_customer_probe(LeadsFrame *f, const LeadsKey *keys, int n, LeadsCandidate *out, int cap)
{
	LeadsKey	exact[LEADS_KEYS_MAX];
	LeadsKey	other[LEADS_KEYS_MAX];
	int			nexact = 0;
	int			nother = 0;
	LeadsCandidate *all = NULL;
	int			size = 0;
	int			have;
	int			distinct = 0;

	for (int i = 0; i < n; i++)
	{
		if (keys[i].exact)
			exact[nexact++] = keys[i];
		else
			other[nother++] = keys[i];
	}
	have = probe_some(exact, nexact, PG_INT32_MAX, &all, &size, 0);
	/* an exact key is worth more than any number of common bigrams */
	for (int i = 0; i < have; i++)
		all[i].shared = 10;
	have = probe_some(other, nother, KEY_CAP, &all, &size, have);
	if (have == 0)
		return 0;
	qsort(all, have, sizeof(LeadsCandidate), by_customer);
	for (int i = 1; i < have; i++)
	{
		if (all[i].customer_id == all[distinct].customer_id)
		{
			all[distinct].shared += all[i].shared;
			all[distinct].unseen |= all[i].unseen;
		}
		else
			all[++distinct] = all[i];
	}
	distinct++;
	qsort(all, distinct, sizeof(LeadsCandidate), by_shared);
	if (distinct > cap)
		distinct = cap;
	memcpy(out, all, sizeof(LeadsCandidate) * distinct);
	pfree(all);
	return distinct;
}

void
leads_customer_refuse_unseen(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access due to a concurrent registration"),
			 errhint("Retry the transaction.")));
}
