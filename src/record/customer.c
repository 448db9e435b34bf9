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

#include <math.h>

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/snapmgr.h"

#include "core/bulk.h"
#include "record/customer.h"

#define COLUMNS \
	"c.id, c.kind = 'person', c.name, c.region, c.city, c.industry, c.status, c.merged_into, c.created_at, c.last_event_at"

/* rows read under one key that is not exact; the rarest keys are read whole */
#define KEY_CAP 300

LEADS_QUERY(q_read, "l", "SELECT " COLUMNS " FROM @.customer c WHERE c.id = $1");
LEADS_QUERY(q_lock, "l", "SELECT " COLUMNS " FROM @.customer c WHERE c.id = $1 FOR NO KEY UPDATE");
LEADS_QUERY(q_lock_whole, "l", "SELECT " COLUMNS " FROM @.customer c WHERE c.id = $1 FOR UPDATE");
LEADS_QUERY(q_try_lock, "l",
			"SELECT " COLUMNS " FROM @.customer c WHERE c.id = $1 FOR NO KEY UPDATE SKIP LOCKED");
LEADS_QUERY(q_touch, "lz", "UPDATE @.customer SET last_event_at = greatest(last_event_at, $2) WHERE id = $1");
LEADS_INSERT(i_customer, 0, LEADS_ID_MADE, "customer",
			 "kind, name, core, region, city, industry, extra, created_at, last_event_at, created_by", "ttttttjzzL");
LEADS_INSERT(i_contact, 1, LEADS_ID_MADE, "contact", "customer_id, name, created_at", "ltz");
LEADS_INSERT(i_point, 2, LEADS_ID_NONE, "contact_point",
			 "customer_id, contact_id, kind, raw, norm, weak, strong_key, created_at", "lLtttbtz");
LEADS_INSERT(i_key, 3, LEADS_ID_NONE, "customer_key", "key, customer_id, kind", "lli");
LEADS_QUERY(q_keys_insert, "lKH",
			"INSERT INTO @.customer_key (key, customer_id, kind)"
			" SELECT k.key, $1, k.kind FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS k(key, kind)");
LEADS_QUERY(q_set_core, "lt", "UPDATE @.customer SET core = $2 WHERE id = $1 AND core IS DISTINCT FROM $2");
LEADS_QUERY(q_former, "lt",
			"INSERT INTO @.customer_name (customer_id, name, kind) SELECT $1, $2, 'former'"
			" WHERE NOT EXISTS (SELECT FROM @.customer_name n WHERE n.customer_id = $1 AND n.name = $2)");
LEADS_QUERY(q_keys_delete, "l", "DELETE FROM @.customer_key WHERE customer_id = $1");
/* one row a customer: subplans over three narrow indexes cost less than two queries with sorts */
LEADS_QUERY(q_records, "K",
			"SELECT c.id, c.kind = 'person', c.name, c.region,"
			"  ARRAY(SELECT n.name FROM @.customer_name n WHERE n.customer_id = c.id ORDER BY n.id LIMIT 3),"
			"  ARRAY(SELECT p.kind || ':' || p.raw FROM @.contact_point p"
			"         WHERE p.customer_id = c.id AND p.norm IS NOT NULL ORDER BY p.id LIMIT 16),"
			"  ARRAY(SELECT t.name FROM @.contact t WHERE t.customer_id = c.id AND t.name IS NOT NULL ORDER BY t.id LIMIT 1)"
			" FROM @.customer c WHERE c.id = ANY ($1) AND c.status = 'live'");
LEADS_QUERY(q_names, "K",
			"SELECT c.id, c.kind = 'person', c.name, c.region,"
			"  ARRAY(SELECT n.name FROM @.customer_name n WHERE n.customer_id = c.id ORDER BY n.id LIMIT 3)"
			" FROM @.customer c WHERE c.id = ANY ($1) AND c.status = 'live'");
LEADS_QUERY_ASIDE(q_strong, "tt",
			"SELECT p.customer_id FROM @.contact_point p WHERE p.kind = $1 AND p.strong_key = $2");
/*
 * Index-only where the page is all-visible: xmin is asked for later, of the few that count.  The order names the
 * key, and the key stands between two bounds: with "key = q.key ORDER BY customer_id" a plan made while the table
 * was empty walked the other index, customer after customer, and was kept.
 */
LEADS_QUERY(q_probe, "KK",
			"SELECT q.n, k.customer_id FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2))"
			"   WITH ORDINALITY AS q(key, most, n)"
			" CROSS JOIN LATERAL (SELECT x.customer_id FROM @.customer_key x"
			"                      WHERE x.key >= q.key AND x.key <= q.key ORDER BY x.key, x.customer_id LIMIT q.most) k");
LEADS_QUERY(q_xmin, "KK",
			"SELECT x.customer_id, x.xmin FROM @.customer_key x WHERE x.key = ANY ($1) AND x.customer_id = ANY ($2)");

LEADS_QUERY(q_newest, "", "SELECT coalesce(max(c.id), 0) FROM @.customer c");
LEADS_QUERY(q_since, "li", "SELECT c.id FROM @.customer c WHERE c.id > $1 ORDER BY c.id LIMIT $2");

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
leads_customer_lock_whole(LeadsFrame *f, int64 id, LeadsCustomer *out)
{
	return customer_row(leads_run(&q_lock_whole, id), out);
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

int64
leads_customer_newest(LeadsFrame *f)
{
	LeadsResult r = leads_run_latest(&q_newest);

	return leads_int(&r, 0, 1);
}

int
leads_customer_since(LeadsFrame *f, int64 id, int most, int64 **ids)
{
	LeadsResult r = leads_run_latest(&q_since, id, most);

	*ids = palloc(sizeof(int64) * Max(r.n, 1));
	for (uint64 i = 0; i < r.n; i++)
		(*ids)[i] = leads_int(&r, i, 1);
	return (int) r.n;
}

void
leads_customer_touch(LeadsFrame *f, int64 id)
{
	leads_run(&q_touch, id, f->now);
}

void
leads_customer_renamed(int64 id, const char *before, const char *core)
{
	leads_run(&q_set_core, id, core);
	if (before)
		leads_run(&q_former, id, before);
}

int64
leads_customer_insert(LeadsFrame *f, const LeadsNewCustomer *c)
{
	return leads_insert(f, &i_customer, c->person ? "person" : "company", c->name, c->core, c->region, c->city,
						c->industry, leads_jsonb_or(c->extra, "{}"), c->created_at, f->now, c->created_by);
}

int64
leads_contact_insert(LeadsFrame *f, int64 customer_id, const char *name)
{
	return leads_insert(f, &i_contact, customer_id, name, f->now);
}

void
leads_contact_point_insert(LeadsFrame *f, int64 customer_id, int64 contact_id, const char *kind,
						   const char *raw, const char *norm, bool weak, bool strong)
{
	(void) leads_insert(f, &i_point, customer_id, contact_id, kind, raw, norm, weak, strong ? norm : NULL, f->now);
	if (strong)
		leads_bulk_note(f, kind, norm);
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
	for (int i = 0; f->bulk && i < n; i++)
		(void) leads_insert(f, &i_key, keys[i].key, customer_id, (int) keys[i].kind);
	if (f->bulk)
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

static Datum
id_array(const int64 *ids, int n)
{
	Datum	   *d = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		d[i] = Int64GetDatum(ids[i]);
	return PointerGetDatum(construct_array(d, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* texts of an array column; NULLs cannot be in it */
static int
text_array(LeadsResult *r, uint64 row, int col, Datum **out)
{
	bool		isnull;
	Datum		d = leads_datum(r, row, col, TEXTARRAYOID, &isnull);
	int			n = 0;

	if (!isnull)
		deconstruct_array(DatumGetArrayTypeP(d), TEXTOID, -1, false, TYPALIGN_INT, out, NULL, &n);
	return n;
}

static void
add_point(LeadsRecord *record, const char *s, size_t len)
{
	if (strncmp(s, "phone:", 6) == 0)
		leads_record_add_phone(record, s + 6, len - 6);
	else if (strncmp(s, "email:", 6) == 0)
		leads_record_add_email(record, s + 6, len - 6);
	else if (strncmp(s, "uscc:", 5) == 0)
		leads_record_set_uscc(record, s + 5, len - 5);
}

void
leads_customer_records(LeadsFrame *f, const int64 *ids, int n, bool names_only, LeadsRecordReader reader, void *arg)
{
	LeadsRecord *record;
	LeadsResult r;

	if (n == 0)
		return;
	record = palloc(sizeof(LeadsRecord));
	r = leads_run_latest(names_only ? &q_names : &q_records, id_array(ids, n));
	for (uint64 i = 0; i < r.n; i++)
	{
		char	   *name = leads_text(&r, i, 3);
		char	   *region = leads_text(&r, i, 4);
		Datum	   *d;
		int			many;

		leads_record_init(record, leads_bool(&r, i, 2));
		if (name)
			leads_record_add_name(record, name, strlen(name));
		many = text_array(&r, i, 5, &d);
		for (int k = 0; k < many; k++)
			leads_record_add_name(record, VARDATA_ANY(d[k]), VARSIZE_ANY_EXHDR(d[k]));
		if (region)
			leads_record_set_region(record, region, strlen(region));
		if (!names_only)
		{
			many = text_array(&r, i, 6, &d);
			for (int k = 0; k < many; k++)
				add_point(record, VARDATA_ANY(d[k]), VARSIZE_ANY_EXHDR(d[k]));
			if (text_array(&r, i, 7, &d) > 0)
				leads_record_set_contact(record, VARDATA_ANY(d[0]), VARSIZE_ANY_EXHDR(d[0]));
		}
		reader(leads_int(&r, i, 1), name, record, arg);
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
	leads_customer_records(f, &id, 1, false, keep_record, out);
}

bool
leads_strong_taken(LeadsFrame *f, const char *kind, const char *norm)
{
	return leads_bulk_noted(f, kind, norm) || leads_found(leads_run_latest(&q_strong, kind, norm));
}

static int
by_customer(const void *a, const void *b)
{
	int64		x = ((const LeadsCandidate *) a)->customer_id;
	int64		y = ((const LeadsCandidate *) b)->customer_id;

	return x < y ? -1 : x > y;
}

static int
by_weight(const void *a, const void *b)
{
	const LeadsCandidate *x = a;
	const LeadsCandidate *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return by_customer(a, b);
}

/*
 * A key that few hold says more than one that many hold; an exact key says more than
 * any number of common ones.
 */
static double
key_weight(const LeadsKey *key, int rows)
{
	return (key->exact ? LEADS_WEIGHT_EXACT : 0.0) + 1.0 + log((double) KEY_CAP / Min(Max(rows, 1), KEY_CAP));
}

int
leads_customer_probe(LeadsFrame *f, const LeadsKey *keys, int n, LeadsCandidate *out, int cap)
{
	int			rows[LEADS_KEYS_MAX] = {0};
	int64		most[LEADS_KEYS_MAX];
	LeadsCandidate *all;
	LeadsResult r;
	int			distinct = 0;

	if (n == 0)
		return 0;
	Assert(n <= LEADS_KEYS_MAX);
	for (int i = 0; i < n; i++)
		most[i] = keys[i].exact ? PG_INT64_MAX : KEY_CAP;
	r = leads_run_latest(&q_probe, key_array(keys, n), id_array(most, n));
	if (r.n == 0)
		return 0;
	for (uint64 i = 0; i < r.n; i++)
		rows[leads_int(&r, i, 1) - 1]++;
	all = palloc(sizeof(LeadsCandidate) * r.n);
	for (uint64 i = 0; i < r.n; i++)
	{
		int			k = (int) leads_int(&r, i, 1) - 1;

		all[i].customer_id = leads_int(&r, i, 2);
		all[i].weight = key_weight(&keys[k], rows[k]);
	}
	qsort(all, r.n, sizeof(LeadsCandidate), by_customer);
	for (uint64 i = 1; i < r.n; i++)
	{
		if (all[i].customer_id == all[distinct].customer_id)
			all[distinct].weight += all[i].weight;
		else
			all[++distinct] = all[i];
	}
	distinct++;
	SPI_freetuptable(r.table);
	qsort(all, distinct, sizeof(LeadsCandidate), by_weight);
	if (distinct > cap)
		distinct = cap;
	memcpy(out, all, sizeof(LeadsCandidate) * distinct);
	pfree(all);
	return distinct;
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

bool
leads_customer_unseen(LeadsFrame *f, const LeadsKey *keys, int n, const int64 *ids, int nids)
{
	LeadsResult r;

	if (!IsolationUsesXactSnapshot() || n == 0 || nids == 0)
		return false;
	r = leads_run_latest(&q_xmin, key_array(keys, n), id_array(ids, nids));
	for (uint64 i = 0; i < r.n; i++)
		if (is_unseen((TransactionId) leads_int(&r, i, 2)))
			return true;
	return false;
}

void
leads_customer_refuse_unseen(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access due to a concurrent registration"),
			 errhint("Retry the transaction.")));
}
