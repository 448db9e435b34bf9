/*
 * distinct.c - keeper of pairs of customers that a person has told apart.
 *
 * Purpose: the only writer of customer_distinct; asks which pairs stand.
 * Invariants: a pair is stored once, the smaller id first; it stands until either
 * customer's names, region or contact points change, then it has ended and stays as
 * history; rows are never deleted.
 * Called by: act/duplicate, act/register, act/guard, act/merge, act/scan, read/verify.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "record/distinct.h"

LEADS_QUERY(q_insert, "lltzLl",
			"INSERT INTO @.customer_distinct (low_id, high_id, reason, decided_at, actor_id, decision_id)"
			" VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (low_id, high_id) WHERE until IS NULL DO NOTHING RETURNING id");
LEADS_QUERY(q_holds, "ll",
			"SELECT FROM @.customer_distinct d WHERE d.low_id = $1 AND d.high_id = $2 AND d.until IS NULL");
LEADS_QUERY(q_any, "l",
			"SELECT FROM @.customer_distinct d WHERE d.low_id = $1 AND d.until IS NULL"
			" UNION ALL SELECT FROM @.customer_distinct d WHERE d.high_id = $1 AND d.until IS NULL LIMIT 1");
LEADS_QUERY(q_among, "lK",
			"SELECT d.high_id FROM @.customer_distinct d"
			" WHERE d.low_id = $1 AND d.high_id = ANY ($2) AND d.until IS NULL"
			" UNION ALL SELECT d.low_id FROM @.customer_distinct d"
			" WHERE d.high_id = $1 AND d.low_id = ANY ($2) AND d.until IS NULL");
LEADS_QUERY(q_all, "ll",
			"SELECT d.low_id, d.high_id FROM @.customer_distinct d"
			" WHERE d.until IS NULL AND (d.low_id, d.high_id) > ($1, $2) ORDER BY d.low_id, d.high_id LIMIT 5000");
LEADS_QUERY(q_outdate, "lz",
			"UPDATE @.customer_distinct SET until = $2 WHERE (low_id = $1 OR high_id = $1) AND until IS NULL");
LEADS_QUERY(q_carry, "llK",
			"INSERT INTO @.customer_distinct (low_id, high_id, reason, decided_at, actor_id, decision_id)"
			" SELECT least($2, x.other), greatest($2, x.other), x.reason, x.decided_at, x.actor_id, x.decision_id"
			"   FROM (SELECT d.low_id + d.high_id - $1 AS other, d.* FROM @.customer_distinct d"
			"          WHERE (d.low_id = $1 OR d.high_id = $1) AND d.until IS NULL) x"
			"  WHERE x.other <> ALL ($3)"
			" ON CONFLICT (low_id, high_id) WHERE until IS NULL DO NOTHING RETURNING id");
LEADS_QUERY(q_end, "lz", "UPDATE @.customer_distinct SET until = $2 WHERE id = $1 AND until IS NULL");

int64
leads_distinct_insert(LeadsFrame *f, int64 a, int64 b, const char *reason, int64 decision_id)
{
	LeadsResult r = leads_run(&q_insert, Min(a, b), Max(a, b), reason, f->now, f->actor_id, decision_id);

	return leads_found(r) ? leads_int(&r, 0, 1) : 0;
}

bool
leads_distinct_any(LeadsFrame *f, int64 id)
{
	return leads_found(leads_run_latest(&q_any, id));
}

bool
leads_distinct_holds(LeadsFrame *f, int64 a, int64 b)
{
	return leads_found(leads_run_latest(&q_holds, Min(a, b), Max(a, b)));
}

bool
leads_distinct_among(LeadsFrame *f, int64 id, const int64 *ids, int n, bool *apart)
{
	Datum	   *d = palloc(sizeof(Datum) * Max(n, 1));
	LeadsResult r;

	for (int i = 0; i < n; i++)
	{
		d[i] = Int64GetDatum(ids[i]);
		apart[i] = false;
	}
	r = leads_run_latest(&q_among, id,
						 PointerGetDatum(construct_array(d, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)));
	for (uint64 k = 0; k < r.n; k++)
		for (int i = 0; i < n; i++)
			if (ids[i] == leads_int(&r, k, 1))
				apart[i] = true;
	return r.n > 0;
}

void
leads_distinct_all(LeadsFrame *f, LeadsDistinctReader reader, void *arg)
{
	int64		low = 0;
	int64		high = 0;
	uint64		n;

	do
	{
		LeadsResult r = leads_run(&q_all, low, high);

		n = r.n;
		for (uint64 i = 0; i < n; i++)
			reader(low = leads_int(&r, i, 1), high = leads_int(&r, i, 2), arg);
		SPI_freetuptable(r.table);
	} while (n > 0);
}

void
leads_distinct_outdate(LeadsFrame *f, int64 id)
{
	leads_run(&q_outdate, id, f->now);
}

int
leads_distinct_carry(LeadsFrame *f, int64 loser, int64 survivor, Datum family, int64 **ids)
{
	LeadsResult r = leads_run(&q_carry, loser, survivor, family);

	*ids = palloc(sizeof(int64) * Max(r.n, 1));
	for (uint64 i = 0; i < r.n; i++)
		(*ids)[i] = leads_int(&r, i, 1);
	return (int) r.n;
}

void
leads_distinct_end(LeadsFrame *f, int64 id)
{
	leads_run(&q_end, id, f->now);
}
