/*
 * customer_key.c - the keys under which customers are found, and the probe through them.
 *
 * Purpose: the only writer of customer_key; the read of a duplicate check, whose cost must not follow the
 * size of the table.
 * Invariants: key rows are inserted and deleted, never updated, and all of a customer by one transaction, so
 * that their xmin says when the customer became findable; a key is stored as lib/keys.h lays it out, and the
 * indexes alone answer a probe; how many rows it reads does not follow the size of the table.
 * Called by: act/register, act/guard; core/install through the table of hooks.
 *
 * Why such a table, and not int8[] with a GIN index or a row a key: test/bench/README.md.
 */
#include "core/leads.h"

#include <math.h>

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "optimizer/cost.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "core/bulk.h"
#include "lib/phone.h"
#include "record/customer.h"
#include "record/keyset.h"

/* rows read under one key that is not exact, and under all of them; the rarest are read first */
#define KEY_CAP 100
#define PROBE_CAP 150

LEADS_INSERT(i_key, LEADS_RANK_KEY, LEADS_ID_NONE, "customer_key", "customer_id, nr, key_a, key_b", "liLL");
LEADS_QUERY(q_keys_insert, "lKK",
			"INSERT INTO @.customer_key (customer_id, nr, key_a, key_b)"
			" SELECT $1, k.nr, k.a, k.b FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) WITH ORDINALITY AS k(a, b, nr)");
LEADS_QUERY(q_keys_delete, "l", "DELETE FROM @.customer_key WHERE customer_id = $1");
/*
 * Exact keys whole, the others in their order up to a sum: the executor stops as soon as it has enough.  OFFSET 0:
 * key by key, and not the whole index against all keys, as looks best while the table is empty.
 */
LEADS_QUERY(q_probe, "KKKKKll",
			"SELECT q.n, x.key_b & 4294967295"
			"  FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY AS q(low, high, n)"
			" CROSS JOIN LATERAL (SELECT x.key_b FROM @.customer_key x WHERE x.key_b BETWEEN q.low AND q.high OFFSET 0) x"
			" UNION ALL"
			" (SELECT q.n + pg_catalog.cardinality($1), k.entry & 4294967295"
			"    FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5))"
			"      WITH ORDINALITY AS q(low, high, col, n)"
			"   CROSS JOIN LATERAL (SELECT x.key_a AS entry FROM @.customer_key x WHERE q.col = 0 AND x.key_a BETWEEN q.low AND q.high"
			"     UNION ALL SELECT x.key_b FROM @.customer_key x WHERE q.col = 1 AND x.key_b BETWEEN q.low AND q.high LIMIT $6) k"
			"   LIMIT $7)");
/* as many customers as are asked for, and no more, have the number; the key is of its last digits, so the number is read */
LEADS_QUERY(q_shared, "KKSli",
			"SELECT q.n FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3)) WITH ORDINALITY AS q(low, high, norm, n),"
			" LATERAL (SELECT count(*) AS have FROM (SELECT FROM @.customer_key x WHERE x.key_b BETWEEN q.low AND q.high"
			"      AND (x.key_b & 4294967295) <> $4 AND EXISTS (SELECT FROM @.contact_point p WHERE p.customer_id = (x.key_b & 4294967295)"
			"        AND p.kind = 'phone' AND p.norm = q.norm AND p.state = 'confirmed') LIMIT $5) y) z WHERE z.have >= $5");
LEADS_QUERY(q_xmin, "K", "SELECT DISTINCT x.xmin FROM @.customer_key x WHERE x.customer_id = ANY ($1)");
LEADS_QUERY(q_stored, "l", "SELECT x.key_a, x.key_b FROM @.customer_key x WHERE x.customer_id = $1");
LEADS_QUERY(q_any, "", "SELECT FROM @.customer_key LIMIT 1");
LEADS_QUERY(q_live, "l", "SELECT c.id FROM @.customer c WHERE c.status = 'live' AND c.id > $1 ORDER BY c.id LIMIT 1000");

void
leads_keys_insert(LeadsFrame *f, int64 customer_id, const LeadsKey *keys, int n)
{
	int64		entry[LEADS_KEY_COLUMNS][LEADS_KEYS_BOTH];
	int			count[LEADS_KEY_COLUMNS] = {0};

	Assert(n <= LEADS_KEYS_BOTH);
	if (customer_id > LEADS_KEY_CUSTOMERS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a company has at most %lld customers", (long long) LEADS_KEY_CUSTOMERS)));
	for (int i = 0; i < n; i++)
	{
		int			col = leads_key_column(&keys[i]);

		if (keys[i].reach != LEADS_KEY_WITHIN)
			entry[col][count[col]++] = leads_key_entry(&keys[i], customer_id);
	}
	for (int i = 0; f->bulk && i < Max(count[0], count[1]); i++)
		(void) leads_insert(f, &i_key, customer_id, i + 1, i < count[0] ? entry[0][i] : INT64CONST(0),
							i < count[1] ? entry[1][i] : INT64CONST(0));
	if (n > 0 && !f->bulk)
		leads_run(&q_keys_insert, customer_id, leads_id_array(entry[0], count[0]), leads_id_array(entry[1], count[1]));
}

int
leads_keys_missing(LeadsFrame *f, int64 customer_id, const LeadsKey *keys, int n, int *others)
{
	LeadsResult r = leads_run(&q_stored, customer_id);
	bool		there[LEADS_KEYS_BOTH] = {false};
	int			missing = 0;

	*others = 0;
	for (uint64 i = 0; i < r.n; i++)
		for (int col = 0; col < LEADS_KEY_COLUMNS; col++)
		{
			int64		entry = leads_int(&r, i, col + 1);
			bool		known = leads_isnull(&r, i, col + 1);

			for (int k = 0; k < n && !leads_isnull(&r, i, col + 1); k++)
				if (keys[k].reach != LEADS_KEY_WITHIN && leads_key_column(&keys[k]) == col &&
					leads_key_entry(&keys[k], customer_id) == entry)
					there[k] = known = true;
			*others += !known;
		}
	for (int k = 0; k < n; k++)
		missing += keys[k].reach != LEADS_KEY_WITHIN && !there[k];
	if (r.table)
		SPI_freetuptable(r.table);
	return missing;
}

/* all get keys, if none has any: install() after the step that laid them out anew */
void
leads_keys_mend(LeadsFrame *f)
{
	LeadsRecord *record = palloc(sizeof(LeadsRecord));
	LeadsKey	keys[LEADS_KEYS_MAX];
	int64		after = 0;
	LeadsResult r;

	if (leads_found(leads_run(&q_any)))
		return;
	(void) leads_keyset(f);
	do
	{
		r = leads_run(&q_live, after);
		for (uint64 i = 0; i < r.n; i++)
		{
			after = leads_int(&r, i, 1);
			leads_customer_record(f, after, record);
			leads_keys_insert(f, after, keys, leads_record_keys(record, keys, LEADS_KEYS_MAX));
		}
	} while (r.n > 0);
	pfree(record);
}

void
leads_keys_delete(LeadsFrame *f, int64 customer_id)
{
	leads_run(&q_keys_delete, customer_id);
}

/*
 * Never by anything but the indexes: a plan made while the table was small, or of statistics that think the
 * lists short, would read it from end to end, or whole lists into a bitmap, for ever after.
 */
static LeadsResult
by_index(LeadsQuery *q, Datum *values)
{
	bool		seqscan = enable_seqscan;
	bool		bitmapscan = enable_bitmapscan;
	char		nulls[] = "       ";
	LeadsResult r;

	Assert(strlen(q->format) <= strlen(nulls));
	enable_seqscan = enable_bitmapscan = false;
	PG_TRY();
	{
		r = leads_run_latest_values(q, values, nulls);
	}
	PG_FINALLY();
	{
		enable_seqscan = seqscan;
		enable_bitmapscan = bitmapscan;
	}
	PG_END_TRY();
	return r;
}

static LeadsResult
run_probe(const int64 *low, const int64 *high, const int64 *column, int exact, int n)
{
	Datum		v[] = {
		leads_id_array(low, exact), leads_id_array(high, exact), leads_id_array(low + exact, n - exact),
		leads_id_array(high + exact, n - exact), leads_id_array(column + exact, n - exact), Int64GetDatum(KEY_CAP),
		Int64GetDatum(PROBE_CAP)
	};

	return by_index(&q_probe, v);
}

/* a person is its mobile, whoever else gives it */
void
leads_customer_weigh(LeadsFrame *f, int64 id, int shared_by, LeadsRecord *r, LeadsKey *keys, int nkeys)
{
	int64		key_of[LEADS_RECORD_PHONES_MAX];
	int64		low[LEADS_RECORD_PHONES_MAX];
	int64		high[LEADS_RECORD_PHONES_MAX];
	Datum		norm[LEADS_RECORD_PHONES_MAX];
	int			which[LEADS_RECORD_PHONES_MAX];
	int			n = 0;
	Datum		v[5];
	LeadsResult found;

	for (int i = 0; i < r->nphones && !r->person && shared_by > 0; i++)
	{
		LeadsPhone	phone;
		LeadsKey	key;

		if (r->phone[i].weak)
			continue;
		leads_phone_parse(r->phone[i].norm, strlen(r->phone[i].norm), &phone);
		key = leads_key_text(LEADS_KEY_PHONE, phone.tail, strlen(phone.tail));
		leads_key_range(&key, &low[n], &high[n]);
		norm[n] = CStringGetTextDatum(r->phone[i].norm);
		key_of[n] = key.key;
		which[n++] = i;
	}
	if (n == 0)
		return;
	v[0] = leads_id_array(low, n);
	v[1] = leads_id_array(high, n);
	v[2] = PointerGetDatum(construct_array(norm, n, TEXTOID, -1, false, TYPALIGN_INT));
	v[3] = Int64GetDatum(id);
	v[4] = Int32GetDatum(shared_by);
	found = by_index(&q_shared, v);
	for (uint64 i = 0; i < found.n; i++)
	{
		int			q = (int) leads_int(&found, i, 1) - 1;

		r->phone[which[q]].weak = true;
		for (int k = 0; k < nkeys; k++)
			if (keys[k].key == key_of[q])
			{
				/* after those of the name, which say more */
				keys[k].exact = false;
				keys[k].common = UINT8_MAX;
			}
	}
}

/* what each customer weighs so far */
typedef struct PileEntry
{
	int64		customer_id;
	double		weight;
	char		status;
} PileEntry;

#define SH_PREFIX pile
#define SH_ELEMENT_TYPE PileEntry
#define SH_KEY_TYPE int64
#define SH_KEY customer_id
#define SH_HASH_KEY(tb, key) murmurhash32((uint32) (key))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

/* heavier first; of equal ones the older customer */
static inline bool
goes_before(const PileEntry *x, const LeadsCandidate *y)
{
	return x->weight > y->weight || (x->weight == y->weight && x->customer_id < y->customer_id);
}

/* the heaviest ones, in order */
static int
best_of(pile_hash *pile, LeadsCandidate *out, int cap)
{
	pile_iterator it;
	PileEntry  *e;
	int			n = 0;

	pile_start_iterate(pile, &it);
	while ((e = pile_iterate(pile, &it)) != NULL)
	{
		int			i = n < cap ? n++ : cap;

		if (i == cap && !goes_before(e, &out[--i]))
			continue;
		for (; i > 0 && goes_before(e, &out[i - 1]); i--)
			out[i] = out[i - 1];
		out[i].customer_id = e->customer_id;
		out[i].weight = e->weight;
	}
	return n;
}

/* exact ones first, then those that few are likely to have */
static int
by_rarity(const void *a, const void *b)
{
	const LeadsKey *x = a;
	const LeadsKey *y = b;

	if (x->exact != y->exact)
		return x->exact ? -1 : 1;
	if (x->common != y->common)
		return x->common < y->common ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
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
	LeadsKey	key[LEADS_KEYS_MAX];
	int64		low[LEADS_KEYS_MAX];
	int64		high[LEADS_KEYS_MAX];
	int64		column[LEADS_KEYS_MAX];
	int			rows[LEADS_KEYS_MAX] = {0};
	double		weight[LEADS_KEYS_MAX];
	pile_hash  *pile;
	LeadsResult r;
	int			exact = 0;
	int			others = 0;

	if (n == 0)
		return 0;
	Assert(n <= LEADS_KEYS_MAX);
	memcpy(key, keys, sizeof(LeadsKey) * n);
	qsort(key, n, sizeof(LeadsKey), by_rarity);
	for (int i = 0; i < n; i++)
	{
		leads_key_range(&key[i], &low[i], &high[i]);
		column[i] = leads_key_column(&key[i]);
		exact += key[i].exact;
	}
	r = run_probe(low, high, column, exact, n);
	if (r.n == 0)
		return 0;
	for (uint64 i = 0; i < r.n; i++)
		rows[leads_int(&r, i, 1) - 1]++;
	for (int i = 0; i < n; i++)
		weight[i] = key_weight(&key[i], rows[i]);
	/* of the key at which the sum was reached only the beginning was read: it is as common as any */
	for (int i = exact; i < n; i++)
		others += rows[i];
	if (others == PROBE_CAP)
		for (int i = n - 1; i >= exact; i--)
			if (rows[i] > 0)
			{
				weight[i] = key_weight(&key[i], KEY_CAP);
				break;
			}
	pile = pile_create(CurrentMemoryContext, r.n, NULL);
	for (uint64 i = 0; i < r.n; i++)
	{
		bool		found;
		PileEntry  *e = pile_insert(pile, leads_int(&r, i, 2), &found);

		e->weight = (found ? e->weight : 0) + weight[leads_int(&r, i, 1) - 1];
	}
	SPI_freetuptable(r.table);
	n = best_of(pile, out, cap);
	pile_destroy(pile);
	return n;
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
leads_customer_unseen(LeadsFrame *f, const int64 *ids, int nids)
{
	LeadsResult r;

	if (!IsolationUsesXactSnapshot() || nids == 0)
		return false;
	r = leads_run_latest(&q_xmin, leads_id_array(ids, nids));
	for (uint64 i = 0; i < r.n; i++)
		if (is_unseen((TransactionId) leads_int(&r, i, 1)))
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
