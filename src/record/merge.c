/*
 * merge.c - keeper of merges, of their journal, and of the rows that change customers by them.
 *
 * Purpose: move what belongs to a customer to another, and back, and write down every row.
 * Invariants: whatever a merge changes has a line in merge_item, written by the statement that
 * changes it; ownership, registration, event and decision rows keep their customer; a tombstone
 * refers to a live customer, never to another tombstone.  The caller holds the gate and all customers,
 * FOR UPDATE, so that no row can come to refer to one of them meanwhile.
 * Called by: act/merge, act/ownership (owner_at).
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "record/merge.h"

const char *const leads_merge_field_names[LEADS_MERGE_FIELDS] = {
	"name", "region", "industry", "level", "tags", "extra"
};

LEADS_QUERY(q_fields, "l",
			"SELECT pg_catalog.jsonb_build_array(c.name, c.core), pg_catalog.jsonb_build_array(c.region, c.city),"
			"   pg_catalog.to_jsonb(c.industry), pg_catalog.to_jsonb(c.level), pg_catalog.to_jsonb(c.tags), c.extra,"
			"   c.name, c.region, c.industry, c.level, nullif(c.tags, '{}'), nullif(c.extra, '{}')"
			" FROM @.customer c WHERE c.id = $1");
LEADS_QUERY(q_set_name, "lj", "UPDATE @.customer SET name = $2 ->> 0, core = $2 ->> 1 WHERE id = $1");
LEADS_QUERY(q_set_region, "lj", "UPDATE @.customer SET region = $2 ->> 0, city = $2 ->> 1 WHERE id = $1");
LEADS_QUERY(q_set_industry, "lj", "UPDATE @.customer SET industry = $2 #>> '{}' WHERE id = $1");
LEADS_QUERY(q_set_level, "lj", "UPDATE @.customer SET level = $2 #>> '{}' WHERE id = $1");
LEADS_QUERY(q_set_tags, "lj",
			"UPDATE @.customer SET tags = ARRAY(SELECT pg_catalog.jsonb_array_elements_text($2)) WHERE id = $1");
LEADS_QUERY(q_set_extra, "lj", "UPDATE @.customer SET extra = $2 WHERE id = $1");
LEADS_QUERY(q_union_tags, "K",
			"SELECT coalesce(pg_catalog.jsonb_agg(x.tag ORDER BY x.whose, x.n), '[]') FROM ("
			"   SELECT t.tag, min(a.n) AS whose, min(t.n) AS n FROM pg_catalog.unnest($1) WITH ORDINALITY AS a(id, n)"
			"   JOIN @.customer c ON c.id = a.id CROSS JOIN LATERAL pg_catalog.unnest(c.tags) WITH ORDINALITY AS t(tag, n)"
			"   GROUP BY t.tag) x");
/* of equal keys the last one stays */
LEADS_QUERY(q_union_extra, "K",
			"SELECT coalesce(pg_catalog.jsonb_object_agg(e.key, e.value ORDER BY a.n DESC), '{}')"
			" FROM pg_catalog.unnest($1) WITH ORDINALITY AS a(id, n) JOIN @.customer c ON c.id = a.id"
			" CROSS JOIN LATERAL pg_catalog.jsonb_each(c.extra) e");

LEADS_QUERY(q_insert, "lKjtzLl",
			"INSERT INTO @.merge (survivor_id, losers, field_choices, reason, merged_at, actor_id, decision_id)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id");
LEADS_QUERY(q_read, "l", "SELECT m.survivor_id, m.losers, m.undone_at FROM @.merge m WHERE m.id = $1 FOR UPDATE");
LEADS_QUERY(q_undone, "lzLtl",
			"UPDATE @.merge SET undone_at = $2, undo_actor_id = $3, undo_reason = $4, undo_decision_id = $5 WHERE id = $1");
LEADS_QUERY(q_of, "l",
			"SELECT max(m.id) FROM @.merge_item i JOIN @.merge m ON m.id = i.merge_id"
			" WHERE i.kind = 'tombstone' AND i.row_id = $1 AND m.undone_at IS NULL");
LEADS_QUERY(q_canonical_at, "lz",
			"SELECT m.survivor_id FROM @.merge_item i JOIN @.merge m ON m.id = i.merge_id"
			" WHERE i.kind = 'tombstone' AND i.row_id = $1 AND m.merged_at <= $2"
			"   AND (m.undone_at IS NULL OR m.undone_at > $2) LIMIT 1");
LEADS_QUERY(q_pending, "K",
			"SELECT FROM @.registration r WHERE r.customer_id = ANY ($1) AND r.state = 'pending' LIMIT 1");
LEADS_QUERY(q_note, "lttltjj",
			"INSERT INTO @.merge_item (merge_id, kind, object, row_id, field, value_before, value_after)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7)");
LEADS_QUERY(q_moved, "l",
			"SELECT coalesce(pg_catalog.jsonb_object_agg(x.object, x.ids), '{}') FROM ("
			"   SELECT i.object, pg_catalog.jsonb_agg(DISTINCT i.row_id ORDER BY i.row_id) AS ids FROM @.merge_item i"
			"    WHERE i.merge_id = $1 AND i.kind = 'moved' GROUP BY i.object"
			"   UNION ALL SELECT 'lead_joined', pg_catalog.jsonb_agg(i.row_id ORDER BY i.row_id) FROM @.merge_item i"
			"    WHERE i.merge_id = $1 AND i.kind = 'field' AND i.object = 'lead' HAVING count(*) > 0) x");
LEADS_QUERY(q_left_behind, "K",
			"SELECT FROM @.contact t WHERE t.customer_id = ANY ($1)"
			" UNION ALL SELECT FROM @.contact_point t WHERE t.customer_id = ANY ($1)"
			" UNION ALL SELECT FROM @.customer_name t WHERE t.customer_id = ANY ($1)"
			" UNION ALL SELECT FROM @.lead t WHERE t.customer_id = ANY ($1) LIMIT 1");
LEADS_QUERY(q_name, "llt",
			"WITH made AS (INSERT INTO @.customer_name (customer_id, name, kind) SELECT c.id, $3, 'merged'"
			"   FROM @.customer c WHERE c.id = $2 AND c.name IS DISTINCT FROM $3"
			"     AND NOT EXISTS (SELECT FROM @.customer_name n WHERE n.customer_id = $2 AND n.name = $3) RETURNING id)"
			" INSERT INTO @.merge_item (merge_id, kind, object, row_id, field, value_after)"
			"   SELECT $1, 'made', 'customer_name', m.id, 'name', pg_catalog.to_jsonb($3) FROM made m RETURNING row_id");
LEADS_QUERY(q_keys, "ll",
			"WITH gone AS (DELETE FROM @.customer_key WHERE customer_id = $2 RETURNING key_a, key_b)"
			" INSERT INTO @.merge_item (merge_id, kind, object, row_id, field, value_before)"
			"   SELECT $1, 'key', 'customer_key', k.key, 'customer_id', pg_catalog.to_jsonb($2)"
			"     FROM gone g, LATERAL (VALUES (g.key_a), (g.key_b)) k(key) WHERE k.key IS NOT NULL ORDER BY k.key");
LEADS_QUERY(q_redirect, "lll",
			"WITH turned AS (UPDATE @.customer SET merged_into = $3 WHERE merged_into = $2 RETURNING id)"
			" INSERT INTO @.merge_item (merge_id, kind, object, row_id, field, value_before, value_after)"
			"   SELECT $1, 'redirect', 'customer', t.id, 'merged_into', pg_catalog.to_jsonb($2), pg_catalog.to_jsonb($3)"
			"     FROM turned t ORDER BY t.id");
LEADS_QUERY(q_bury, "lll",
			"WITH buried AS (UPDATE @.customer SET status = 'merged', merged_into = $3 WHERE id = $2 RETURNING id)"
			" INSERT INTO @.merge_item (merge_id, kind, object, row_id, field, value_after)"
			"   SELECT $1, 'tombstone', 'customer', b.id, 'merged_into', pg_catalog.to_jsonb($3) FROM buried b");
LEADS_QUERY(q_raise, "K", "UPDATE @.customer SET status = 'live', merged_into = NULL WHERE id = ANY ($1)");
LEADS_QUERY(q_turn_back, "ll",
			"UPDATE @.customer c SET merged_into = (i.value_before #>> '{}')::bigint FROM @.merge_item i"
			" WHERE i.merge_id = $1 AND i.kind = 'redirect' AND c.id = i.row_id AND c.merged_into = $2");
LEADS_QUERY(q_names_back, "ll",
			"DELETE FROM @.customer_name n USING @.merge_item i"
			" WHERE i.merge_id = $1 AND i.kind = 'made' AND i.object = 'customer_name' AND n.id = i.row_id"
			"   AND n.customer_id = $2 AND n.name = i.value_after #>> '{}' AND n.kind = 'merged'");
LEADS_QUERY(q_goes_on, "l",
			"SELECT n.id FROM @.merge_item i JOIN @.merge m ON m.id = i.merge_id JOIN @.ownership o ON o.id = i.row_id"
			"  JOIN @.ownership n ON n.customer_id = o.customer_id AND n.scope = o.scope AND n.decision_id = m.undo_decision_id"
			" WHERE i.kind = 'ended' AND i.object = 'ownership' AND i.row_id = $1 AND n.cause = 'unmerged'");
LEADS_QUERY(q_has_moved, "tl",
			"SELECT FROM @.merge_item i JOIN @.merge m ON m.id = i.merge_id"
			" WHERE i.kind = 'moved' AND i.object = $1 AND i.row_id = $2 AND m.undone_at IS NULL LIMIT 1");
LEADS_QUERY(q_activities, "K",
			"UPDATE @.activity a SET customer_id = l.customer_id FROM @.lead l"
			" WHERE l.customer_id = ANY ($1) AND a.lead_id = l.id AND a.customer_id <> l.customer_id");

/* the same four statements for each table whose rows go along */
#define MOVES(t) { \
	.table = #t, \
	.move = {.format = "lll", .text = \
		"WITH moved AS (UPDATE @." #t " SET customer_id = $3 WHERE customer_id = $2 RETURNING id)" \
		" INSERT INTO @.merge_item (merge_id, kind, object, row_id, field, value_before, value_after)" \
		"   SELECT $1, 'moved', '" #t "', m.id, 'customer_id', pg_catalog.to_jsonb($2), pg_catalog.to_jsonb($3)" \
		"     FROM moved m ORDER BY m.id"}, \
	.strays = {.format = "ll", .text = \
		"SELECT i.row_id, t.customer_id, (i.value_before #>> '{}')::bigint FROM @.merge_item i" \
		"  JOIN @." #t " t ON t.id = i.row_id" \
		" WHERE i.merge_id = $1 AND i.kind = 'moved' AND i.object = '" #t "' AND t.customer_id <> $2 ORDER BY i.row_id"}, \
	.back = {.format = "ll", .text = \
		"UPDATE @." #t " t SET customer_id = (i.value_before #>> '{}')::bigint FROM @.merge_item i" \
		" WHERE i.merge_id = $1 AND i.kind = 'moved' AND i.object = '" #t "' AND t.id = i.row_id AND t.customer_id = $2"}, \
	.give = {.format = "lll", .text = \
		"UPDATE @." #t " SET customer_id = $3 WHERE id = $1 AND customer_id = $2"}}

static struct
{
	const char *table;
	LeadsQuery	move;
	LeadsQuery	strays;
	LeadsQuery	back;
	LeadsQuery	give;
}			tables[] = {
	MOVES(contact), MOVES(contact_point), MOVES(customer_name), MOVES(lead), MOVES(activity)
};

#define ACTIVITY 4				/* follows its lead on the way back */

static int
read_ids(Datum array, int64 *out, int most)
{
	Datum	   *values;
	int			n;

	deconstruct_array(DatumGetArrayTypeP(array), INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &values, NULL, &n);
	for (int i = 0; i < n && i < most; i++)
		out[i] = DatumGetInt64(values[i]);
	return Min(n, most);
}

static Datum
make_ids(const int64 *ids, int n)
{
	Datum	   *d = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		d[i] = Int64GetDatum(ids[i]);
	return PointerGetDatum(construct_array(d, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

void
leads_merge_fields_read(LeadsFrame *f, int64 customer_id, LeadsMergeFields *out)
{
	LeadsResult r = leads_run(&q_fields, customer_id);

	if (!leads_found(r))
		elog(ERROR, "customer " INT64_FORMAT " is gone", customer_id);
	for (int i = 0; i < LEADS_MERGE_FIELDS; i++)
	{
		out->value[i] = leads_jsonb(&r, 0, i + 1);
		out->shown[i] = leads_text(&r, 0, LEADS_MERGE_FIELDS + i + 1);
	}
}

void
leads_merge_field_write(LeadsFrame *f, int64 customer_id, LeadsMergeField field, Jsonb *value)
{
	static LeadsQuery *const writers[LEADS_MERGE_FIELDS] = {
		&q_set_name, &q_set_region, &q_set_industry, &q_set_level, &q_set_tags, &q_set_extra
	};

	leads_run(writers[field], customer_id, value);
}

void
leads_merge_union(LeadsFrame *f, Datum ids, Jsonb **tags, Jsonb **extra)
{
	LeadsResult r = leads_run(&q_union_tags, ids);

	*tags = leads_jsonb(&r, 0, 1);
	r = leads_run(&q_union_extra, ids);
	*extra = leads_jsonb(&r, 0, 1);
}

int64
leads_merge_insert(LeadsFrame *f, int64 survivor, Datum losers, Jsonb *choices, const char *reason, int64 decision_id)
{
	LeadsResult r = leads_run(&q_insert, survivor, losers, choices, reason, f->now, f->actor_id, decision_id);

	return leads_int(&r, 0, 1);
}

bool
leads_merge_read(LeadsFrame *f, int64 id, LeadsMerge *out)
{
	LeadsResult r = leads_run(&q_read, id);
	bool		isnull;

	if (!leads_found(r))
		return false;
	out->id = id;
	out->survivor_id = leads_int(&r, 0, 1);
	out->n = read_ids(leads_datum(&r, 0, 2, INT8ARRAYOID, &isnull), out->losers, LEADS_MERGE_MOST);
	out->undone_at = leads_time(&r, 0, 3);
	return true;
}

void
leads_merge_undone(LeadsFrame *f, int64 id, const char *reason, int64 decision_id)
{
	leads_run(&q_undone, id, f->now, f->actor_id, reason, decision_id);
}

int64
leads_merge_of(LeadsFrame *f, int64 loser)
{
	LeadsResult r = leads_run(&q_of, loser);

	return leads_int(&r, 0, 1);
}

int64
leads_merge_canonical_at(LeadsFrame *f, int64 id, TimestampTz at)
{
	/* a merge is undone before its survivor can be merged again the other way, so this ends */
	for (int hops = 0; hops < 1000; hops++)
	{
		LeadsResult r = leads_run(&q_canonical_at, id, at);

		if (!leads_found(r))
			return id;
		id = leads_int(&r, 0, 1);
	}
	elog(ERROR, "customer " INT64_FORMAT " is merged in a circle", id);
	return 0;
}

bool
leads_merge_pending(LeadsFrame *f, Datum ids)
{
	return leads_found(leads_run(&q_pending, ids));
}

void
leads_merge_note(LeadsFrame *f, int64 merge_id, const char *kind, const char *object, int64 row_id,
				 const char *field, Jsonb *before, Jsonb *after)
{
	leads_run(&q_note, merge_id, kind, object, row_id, field, before, after);
}

void
leads_merge_move(LeadsFrame *f, int64 merge_id, int64 loser, int64 survivor)
{
	for (int i = 0; i < lengthof(tables); i++)
		leads_run(&tables[i].move, merge_id, loser, survivor);
	leads_run(&q_keys, merge_id, loser);
}

Jsonb *
leads_merge_moved(LeadsFrame *f, int64 merge_id)
{
	LeadsResult r = leads_run(&q_moved, merge_id);

	return leads_jsonb(&r, 0, 1);
}

bool
leads_merge_left_behind(LeadsFrame *f, Datum ids)
{
	return leads_found(leads_run_latest(&q_left_behind, ids));
}

int64
leads_merge_add_name(LeadsFrame *f, int64 merge_id, int64 survivor, const char *name)
{
	LeadsResult r = leads_run(&q_name, merge_id, survivor, name);

	return leads_found(r) ? leads_int(&r, 0, 1) : 0;
}

void
leads_merge_bury(LeadsFrame *f, int64 merge_id, int64 loser, int64 survivor)
{
	leads_run(&q_redirect, merge_id, loser, survivor);
	leads_run(&q_bury, merge_id, loser, survivor);
}

int
leads_merge_strays(LeadsFrame *f, const LeadsMerge *m, LeadsMergeStray **out)
{
	int			n = 0;

	*out = NULL;
	for (int i = 0; i < ACTIVITY; i++)
	{
		LeadsResult r = leads_run(&tables[i].strays, m->id, m->survivor_id);

		if (r.n == 0)
			continue;
		*out = *out ? repalloc(*out, sizeof(LeadsMergeStray) * (n + r.n)) : palloc(sizeof(LeadsMergeStray) * r.n);
		for (uint64 k = 0; k < r.n; k++)
		{
			LeadsMergeStray *s = &(*out)[n++];

			s->object = tables[i].table;
			s->row_id = leads_int(&r, k, 1);
			s->here = leads_int(&r, k, 2);
			s->there = leads_int(&r, k, 3);
		}
	}
	return n;
}

void
leads_merge_move_back(LeadsFrame *f, const LeadsMerge *m)
{
	leads_run(&q_names_back, m->id, m->survivor_id);
	for (int i = 0; i < ACTIVITY; i++)
		leads_run(&tables[i].back, m->id, m->survivor_id);
}

bool
leads_merge_give(LeadsFrame *f, const char *object, int64 row_id, int64 from, int64 to)
{
	for (int i = 0; i < ACTIVITY; i++)
		if (strcmp(tables[i].table, object) == 0)
		{
			LeadsResult r = leads_run(&tables[i].give, row_id, from, to);

			return r.n == 1;
		}
	return false;
}

int64
leads_merge_goes_on(LeadsFrame *f, int64 ownership_id)
{
	/* later and later intervals, so this ends */
	for (;;)
	{
		LeadsResult r = leads_run(&q_goes_on, ownership_id);

		if (!leads_found(r))
			return ownership_id;
		ownership_id = leads_int(&r, 0, 1);
	}
}

bool
leads_merge_has_moved(LeadsFrame *f, const char *object, int64 row_id)
{
	return leads_found(leads_run(&q_has_moved, object, row_id));
}

void
leads_merge_activities(LeadsFrame *f, Datum ids)
{
	leads_run(&q_activities, ids);
}

void
leads_merge_unbury(LeadsFrame *f, const LeadsMerge *m)
{
	leads_run(&q_raise, make_ids(m->losers, m->n));
	leads_run(&q_turn_back, m->id, m->survivor_id);
}
