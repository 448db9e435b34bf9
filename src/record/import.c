/*
 * import.c - keeper of import batches, staged rows and their results.
 *
 * Purpose: the only writer of import_batch, import_result and import_update; reads import_row, which COPY fills.
 * Invariants: a row has an outcome if and only if it stands in import_result, and that row is written in
 * the transaction of its registration: a commit that was broken off goes on where it was, and one that is
 * repeated finds nothing to do; ids, not row numbers, order the rows, and a row whose id was drawn early but
 * committed late is found by the last look from the start.
 * Called by: act/import.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "core/bulk.h"
#include "record/import.h"

LEADS_QUERY(q_make, "tlz",
			"INSERT INTO @.import_batch (code, channel_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (code) DO NOTHING");
#define BATCH "SELECT b.id, b.code, h.code, b.state FROM @.import_batch b JOIN @.channel h ON h.id = b.channel_id WHERE b.code = $1"
LEADS_QUERY(q_batch, "t", BATCH);
LEADS_QUERY(q_batch_lock, "t", BATCH " FOR UPDATE OF b");
LEADS_QUERY(q_rows, "t", "SELECT count(*) FROM @.import_row r WHERE r.batch = $1");
LEADS_QUERY(q_start, "ltlz",
			"UPDATE @.import_batch SET mode = $2, state = 'running', total = $3, started_at = coalesce(started_at, $4),"
			"   progress_at = $4, finished_at = NULL WHERE id = $1");
LEADS_QUERY(q_progress, "lllllliz",
			"UPDATE @.import_batch SET done = done + $2, created = created + $3, duplicates = duplicates + $4,"
			"   rejected = rejected + $5, updated = updated + $6, gate_ms = greatest(gate_ms, $7), progress_at = $8"
			" WHERE id = $1");
LEADS_QUERY(q_finish, "lz",
			"UPDATE @.import_batch SET state = 'committed', finished_at = coalesce(finished_at, $2), progress_at = $2 WHERE id = $1");
/* keys that are columns fill them, all others go to extra; two keys of one column: the first that holds something */
LEADS_QUERY(q_stage, "tjj",
			"WITH e AS MATERIALIZED ("
			"  SELECT x.n, (SELECT coalesce(jsonb_object_agg(k.col, k.value ORDER BY k.n DESC) FILTER (WHERE k.known), '{}')"
			"       || jsonb_build_object('extra', coalesce(jsonb_object_agg(k.key, k.value) FILTER (WHERE NOT k.known), '{}')"
			"            || coalesce((SELECT x.o -> 'extra' WHERE pg_catalog.jsonb_typeof(x.o -> 'extra') = 'object'), '{}'))"
			"     FROM (SELECT j.key, j.value, j.n, coalesce($3 ->> j.key, j.key) AS col, coalesce($3 ->> j.key, j.key) IN"
			"        ('row_no', 'name', 'phone', 'contact', 'email', 'region', 'industry', 'amount', 'need', 'line', 'project',"
			"         'uscc', 'kind', 'owner', 'created_by', 'created_at', 'customer_id') AS known"
			"       FROM pg_catalog.jsonb_each(x.o) WITH ORDINALITY j(key, value, n)"
			"      WHERE j.key <> 'extra' AND j.value NOT IN ('null', '\"\"')) k) AS o"
			"    FROM pg_catalog.jsonb_array_elements($2) WITH ORDINALITY x(o, n))"
			" INSERT INTO @.import_row (batch, row_no, name, phone, contact, email, region, industry, amount, need, line,"
			"   project, uscc, kind, owner, created_by, created_at, customer_id, extra)"
			" SELECT $1, coalesce((o ->> 'row_no')::bigint, n + (SELECT count(*) FROM @.import_row r WHERE r.batch = $1)),"
			"   o ->> 'name', o ->> 'phone', o ->> 'contact', o ->> 'email', o ->> 'region', o ->> 'industry', o ->> 'amount',"
			"   o ->> 'need', o ->> 'line', o ->> 'project', o ->> 'uscc', o ->> 'kind', o ->> 'owner', o ->> 'created_by',"
			"   o ->> 'created_at', o ->> 'customer_id', nullif(o -> 'extra', '{}') FROM e ORDER BY n");
#define STAGED \
	"SELECT r.id, r.row_no, r.name, r.phone, r.contact, r.email, r.region, r.industry, r.amount, r.need, r.line," \
	"   r.project, r.uscc, r.kind, r.owner, r.created_by, r.created_at, r.customer_id, r.extra" \
	" FROM @.import_row r WHERE r.batch = $1"
#define NO_OUTCOME \
	" AND (SELECT x.row_id FROM @.import_result x WHERE x.row_id = r.id) IS NULL" \
	" AND (SELECT u.row_id FROM @.import_update u WHERE u.row_id = r.id) IS NULL"
/* a look-up a row, never a join: that would read all results again for each chunk */
LEADS_QUERY(q_staged, "tli",
			STAGED " AND r.id > $2" NO_OUTCOME " ORDER BY r.id LIMIT $3");
LEADS_QUERY(q_staged_back, "tli",
			STAGED " AND r.id < $2" NO_OUTCOME " ORDER BY r.id DESC LIMIT $3");
LEADS_QUERY(q_staged_all, "tli", STAGED " AND r.id > $2 ORDER BY r.id LIMIT $3");
LEADS_INSERT(i_update, LEADS_RANK_IMPORT_UPDATE, LEADS_ID_NONE, "import_update",
			 "row_id, batch, customer_id, outcome, code, column_name, value, message, matched, decision_id", "ltLtttttKL");
LEADS_QUERY(q_updated_before, "lt",
			"SELECT FROM @.import_update u WHERE u.customer_id = $1 AND u.batch = $2 AND u.outcome IN ('updated', 'unchanged')");
LEADS_INSERT(i_result, LEADS_RANK_IMPORT_RESULT, LEADS_ID_NONE, "import_result",
			 "row_id, registration_id, outcome, code, column_name, value", "lltttt");

void
leads_batch_make(LeadsFrame *f, const char *code, int64 channel_id)
{
	leads_run(&q_make, code, channel_id, f->now);
}

bool
leads_batch_read(LeadsFrame *f, const char *code, bool lock, LeadsBatch *out)
{
	LeadsResult r = leads_run(lock ? &q_batch_lock : &q_batch, code);

	if (!leads_found(r))
		return false;
	out->id = leads_int(&r, 0, 1);
	out->code = leads_text(&r, 0, 2);
	out->channel = leads_text(&r, 0, 3);
	out->state = leads_text(&r, 0, 4);
	return true;
}

int64
leads_batch_rows(LeadsFrame *f, const char *code)
{
	LeadsResult r = leads_run(&q_rows, code);

	return leads_int(&r, 0, 1);
}

void
leads_batch_start(LeadsFrame *f, int64 id, const char *mode, int64 total, TimestampTz at)
{
	leads_run(&q_start, id, mode, total, at);
}

void
leads_batch_progress(LeadsFrame *f, int64 id, const LeadsImportTally *t, int gate_ms, TimestampTz at)
{
	leads_run(&q_progress, id, t->done, t->created, t->duplicates, t->rejected, t->updated, gate_ms, at);
}

void
leads_batch_finish(LeadsFrame *f, int64 id, TimestampTz at)
{
	leads_run(&q_finish, id, at);
}

int64
leads_staged_insert(LeadsFrame *f, const char *batch, Jsonb *rows, Jsonb *mapping)
{
	return (int64) leads_run(&q_stage, batch, rows, mapping).n;
}

LeadsResult
leads_staged_rows(LeadsFrame *f, const char *batch, int64 after, int most, bool all)
{
	return leads_run(all ? &q_staged_all : &q_staged, batch, after, most);
}

LeadsResult
leads_staged_rows_back(LeadsFrame *f, const char *batch, int64 before, int most)
{
	return leads_run(&q_staged_back, batch, before, most);
}

bool
leads_import_updated_before(LeadsFrame *f, const char *batch, int64 customer_id)
{
	return leads_found(leads_run(&q_updated_before, customer_id, batch));
}

void
leads_import_update_insert(LeadsFrame *f, const LeadsImportUpdate *u)
{
	Datum		ids[LEADS_MATCHED_MOST];

	for (int i = 0; i < u->nmatched; i++)
		ids[i] = Int64GetDatum(u->matched[i]);
	(void) leads_insert(f, &i_update, u->row_id, u->batch, u->customer_id, u->outcome, u->code, u->column, u->value,
						u->message, PointerGetDatum(construct_array(ids, u->nmatched, INT8OID, sizeof(int64),
																	FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)),
						u->decision_id);
}

void
leads_staged_row(LeadsResult *r, uint64 row, LeadsStaged *out)
{
	const char **texts[] = {
		&out->name, &out->phone, &out->contact, &out->email, &out->region, &out->industry, &out->amount,
		&out->need, &out->line, &out->project, &out->uscc, &out->kind, &out->owner, &out->created_by,
		&out->created_at, &out->customer_id
	};

	out->id = leads_int(r, row, 1);
	out->row_no = leads_int(r, row, 2);
	for (int i = 0; i < lengthof(texts); i++)
		*texts[i] = leads_text(r, row, 3 + i);
	out->extra = leads_jsonb(r, row, 3 + lengthof(texts));
}

void
leads_import_result_insert(LeadsFrame *f, int64 row_id, int64 registration_id, const char *outcome,
						   const char *code, const char *column, const char *value)
{
	(void) leads_insert(f, &i_result, row_id, registration_id, outcome, code, column, value);
}
