/*
 * scan.c - keeper of scans for duplicates and what they found.
 *
 * Purpose: the only writer of duplicate_scan, duplicate_pair and duplicate_found.
 * Invariants: pairs and how far the comparing is are written in one transaction, so a scan that was broken off
 * goes on where it was; the list is shown only when it is complete, and then the pairs are gone.
 * Called by: act/scan.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "record/scan.h"

LEADS_QUERY(q_read, "t",
			"SELECT s.id, s.source, s.asked, s.state, s.runs, s.checksum, s.done FROM @.duplicate_scan s"
			" WHERE s.code = $1 FOR UPDATE");
LEADS_QUERY(q_insert, "ttjLtz",
			"INSERT INTO @.duplicate_scan (code, source, asked, state, runs, actor_id, session_role, started_at, progress_at)"
			" VALUES ($1, $2, $3, 'reading', 0, $4, $5, $6, $6) ON CONFLICT (code) DO NOTHING");
LEADS_QUERY(q_resume, "lz", "UPDATE @.duplicate_scan SET runs = runs + 1, progress_at = $2 WHERE id = $1");
LEADS_QUERY(q_anew, "ltjz",
			"UPDATE @.duplicate_scan SET source = $2, asked = $3, state = 'reading', runs = runs + 1, checksum = 0,"
			"   row_count = 0, pair_count = 0, done = 0, found = 0, clusters = 0, listed = 0, started_at = $4,"
			"   progress_at = $4, finished_at = NULL WHERE id = $1");
LEADS_QUERY(q_drop_pairs, "l", "DELETE FROM @.duplicate_pair WHERE scan_id = $1");
LEADS_QUERY(q_drop_found, "l", "DELETE FROM @.duplicate_found WHERE scan_id = $1");
LEADS_QUERY(q_drop, "l", "DELETE FROM @.duplicate_scan WHERE id = $1");
LEADS_QUERY(q_compare, "lllllz",
			"UPDATE @.duplicate_scan SET state = 'comparing', checksum = $2, row_count = $3, pair_count = $4, done = $5,"
			"   found = (SELECT count(*) FROM @.duplicate_pair p WHERE p.scan_id = $1), progress_at = $6 WHERE id = $1");
LEADS_QUERY(q_pairs_insert, "lKK",
			"INSERT INTO @.duplicate_pair (scan_id, pair, score, band)"
			" SELECT $1, k.pair, k.score >> 2, k.score & 3"
			" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS k(pair, score)");
LEADS_QUERY(q_progress, "lliz",
			"UPDATE @.duplicate_scan SET done = $2, found = found + $3, progress_at = $4 WHERE id = $1");
LEADS_QUERY(q_pairs, "ll",
			"SELECT p.pair, (p.score::bigint << 2) + p.band FROM @.duplicate_pair p WHERE p.scan_id = $1 AND p.pair > $2"
			" ORDER BY p.pair LIMIT 10000");
LEADS_QUERY(q_group, "llz",
			"UPDATE @.duplicate_scan SET state = 'grouping', clusters = $2, listed = 0, progress_at = $3 WHERE id = $1");
LEADS_QUERY(q_list, "lLtttttj",
			"INSERT INTO @.duplicate_found (scan_id, cluster, item, name, matched, band, score, shares)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7::numeric, $8)");
LEADS_QUERY(q_finish, "llz",
			"UPDATE @.duplicate_scan SET state = 'finished', listed = $2, progress_at = $3, finished_at = $3 WHERE id = $1");

bool
leads_scan_read(LeadsFrame *f, const char *code, LeadsScanRow *out)
{
	LeadsResult r = leads_run(&q_read, code);

	if (!leads_found(r))
		return false;
	out->id = leads_int(&r, 0, 1);
	out->source = leads_text(&r, 0, 2);
	out->asked = leads_jsonb(&r, 0, 3);
	out->state = leads_text(&r, 0, 4);
	out->runs = (int) leads_int(&r, 0, 5);
	out->checksum = leads_int(&r, 0, 6);
	out->done = leads_int(&r, 0, 7);
	return true;
}

void
leads_scan_insert(LeadsFrame *f, const char *code, const char *source, Jsonb *asked)
{
	leads_run(&q_insert, code, source, asked, f->actor_id, GetUserNameFromId(f->caller, false), f->now);
}

void
leads_scan_resume(LeadsFrame *f, int64 id, const char *source, Jsonb *asked, bool anew)
{
	if (!anew)
	{
		leads_run(&q_resume, id, f->now);
		return;
	}
	leads_run(&q_drop_pairs, id);
	leads_run(&q_drop_found, id);
	leads_run(&q_anew, id, source, asked, f->now);
}

void
leads_scan_compare(LeadsFrame *f, int64 id, int64 checksum, int64 rows, int64 pairs, int64 done)
{
	if (done == 0)
		leads_run(&q_drop_pairs, id);
	leads_run(&q_compare, id, checksum, rows, pairs, done, f->now);
}

static Datum
array_of(const int64 *v, int n)
{
	Datum	   *d = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		d[i] = Int64GetDatum(v[i]);
	return PointerGetDatum(construct_array(d, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

void
leads_scan_progress(LeadsFrame *f, int64 id, const int64 *pairs, const int64 *scores, int n, int64 done, TimestampTz at)
{
	if (n > 0)
		leads_run(&q_pairs_insert, id, array_of(pairs, n), array_of(scores, n));
	leads_run(&q_progress, id, done, n, at);
}

void
leads_scan_pairs(LeadsFrame *f, int64 id, LeadsPairReader reader, void *arg)
{
	int64		after = -1;
	uint64		n;

	do
	{
		LeadsResult r = leads_run(&q_pairs, id, after);

		n = r.n;
		for (uint64 i = 0; i < n; i++)
			reader(after = leads_int(&r, i, 1), leads_int(&r, i, 2), arg);
		SPI_freetuptable(r.table);
	} while (n > 0);
}

void
leads_scan_group(LeadsFrame *f, int64 id, int64 clusters)
{
	leads_run(&q_drop_found, id);
	leads_run(&q_group, id, clusters, f->now);
}

void
leads_scan_list(LeadsFrame *f, int64 id, int64 cluster, const char *item, const char *name, const char *matched,
				const char *band, const char *score, Jsonb *shares)
{
	leads_run(&q_list, id, cluster, item, name, matched, band, score, shares);
}

void
leads_scan_finish(LeadsFrame *f, int64 id, int64 listed, TimestampTz at)
{
	leads_run(&q_drop_pairs, id);
	leads_run(&q_finish, id, listed, at);
}

bool
leads_scan_forget(LeadsFrame *f, const char *code)
{
	LeadsScanRow s;

	if (!leads_scan_read(f, code, &s))
		return false;
	leads_run(&q_drop_pairs, s.id);
	leads_run(&q_drop_found, s.id);
	leads_run(&q_drop, s.id);
	return true;
}
