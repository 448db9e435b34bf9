/*
 * merge_lead.c - leads of merged customers that become one.
 *
 * Purpose: lead.merged_into, and its lines in the journal of merges.
 * Invariants: a tombstone is closed, stands for a lead that is none, and keeps everything but its follow-ups; which
 * lead stood for which at an instant is said by the journal alone: the latest line of a merge that stood then.
 * Called by: act/merge.
 */
#include "core/leads.h"

#include "record/merge.h"

#define OF_LEADS " i.object = 'lead' AND i.kind = 'field'"

/* one matter: the same scope, line and project; what was imported or is test data keeps apart, for figures leave it out */
LEADS_QUERY(q_leads, "K",
			"SELECT l.id, l.customer_id, l.scope, pg_catalog.jsonb_build_array(l.scope, l.line, l.project, l.imported, l.test)::text COLLATE \"C\" AS same"
			"  FROM @.lead l JOIN @.stage s ON s.id = l.stage_id"
			" WHERE l.customer_id = ANY ($1) AND l.closed_at IS NULL"
			" ORDER BY same, s.position DESC, pg_catalog.array_position($1, l.customer_id), l.id");
LEADS_QUERY(q_turn, "lll",
			"WITH turned AS (UPDATE @.lead SET merged_into = $3 WHERE merged_into = $2 RETURNING id)"
			" INSERT INTO @.merge_item (merge_id, kind, object, row_id, field, value_before, value_after)"
			"   SELECT $1, 'field', 'lead', t.id, 'merged_into', pg_catalog.to_jsonb($2), pg_catalog.to_jsonb($3) FROM turned t ORDER BY t.id");
LEADS_QUERY(q_bury, "lllz",
			"WITH buried AS (UPDATE @.lead SET merged_into = $3, closed_at = $4 WHERE id = $2 RETURNING id)"
			" INSERT INTO @.merge_item (merge_id, kind, object, row_id, field, value_after)"
			"   SELECT $1, 'field', 'lead', b.id, 'merged_into', pg_catalog.to_jsonb($3) FROM buried b");
LEADS_QUERY(q_activities, "lll",
			"WITH moved AS (UPDATE @.activity SET lead_id = $3 WHERE lead_id = $2 RETURNING id)"
			" INSERT INTO @.merge_item (merge_id, kind, object, row_id, field, value_before, value_after)"
			"   SELECT $1, 'moved', 'activity', m.id, 'lead_id', pg_catalog.to_jsonb($2), pg_catalog.to_jsonb($3) FROM moved m ORDER BY m.id");
LEADS_QUERY(q_joined_on, "l",
			"SELECT max(m.id) FROM @.merge_item i JOIN @.merge_item x ON x.object = 'lead' AND x.kind = 'field' AND x.merge_id > i.merge_id"
			"    AND (x.row_id IN (i.row_id, (i.value_after #>> '{}')::bigint) OR x.value_after = i.value_after)"
			"  JOIN @.merge m ON m.id = x.merge_id AND m.undone_at IS NULL"
			" WHERE i.merge_id = $1 AND" OF_LEADS);
/* the lead that a tombstone stands for is another customer's */
LEADS_QUERY(q_split, "K",
			"SELECT t.id, (SELECT max(i.merge_id) FROM @.merge_item i JOIN @.merge m ON m.id = i.merge_id AND m.undone_at IS NULL"
			"   WHERE i.row_id = t.id AND" OF_LEADS ")"
			"  FROM @.lead t JOIN @.lead l ON l.id = t.merged_into AND l.customer_id <> t.customer_id"
			" WHERE t.customer_id = ANY ($1) OR l.customer_id = ANY ($1) LIMIT 1");
LEADS_QUERY(q_raise, "l",
			"UPDATE @.lead l SET merged_into = (i.value_before #>> '{}')::bigint,"
			"   closed_at = CASE WHEN i.value_before IS NULL THEN NULL ELSE l.closed_at END"
			"  FROM @.merge_item i WHERE i.merge_id = $1 AND l.id = i.row_id AND" OF_LEADS);
LEADS_QUERY(q_activities_back, "l",
			"UPDATE @.activity a SET lead_id = (i.value_before #>> '{}')::bigint FROM @.merge_item i"
			" WHERE i.merge_id = $1 AND i.kind = 'moved' AND i.object = 'activity' AND i.field = 'lead_id' AND a.id = i.row_id");
/* those that stood for others then or do now */
LEADS_QUERY(q_changed, "l",
			"SELECT l.id, l.customer_id, l.scope, pg_catalog.bool_or(l.id = i.row_id AND i.value_before IS NULL)"
			"  FROM @.merge_item i JOIN @.lead l"
			"    ON l.id IN (i.row_id, (i.value_after #>> '{}')::bigint, (i.value_before #>> '{}')::bigint)"
			" WHERE i.merge_id = $1 AND" OF_LEADS " GROUP BY l.id ORDER BY l.id");

int
leads_merge_leads(LeadsFrame *f, Datum ids, LeadsMergeLead **out)
{
	LeadsResult r = leads_run(&q_leads, ids);

	*out = palloc0(sizeof(LeadsMergeLead) * Max(r.n, 1));
	for (uint64 i = 0; i < r.n; i++)
	{
		(*out)[i].id = leads_int(&r, i, 1);
		(*out)[i].customer_id = leads_int(&r, i, 2);
		(*out)[i].scope = leads_text(&r, i, 3);
		(*out)[i].same = leads_text(&r, i, 4);
	}
	return (int) r.n;
}

void
leads_merge_join(LeadsFrame *f, int64 merge_id, int64 lead_id, int64 into_id)
{
	leads_run(&q_turn, merge_id, lead_id, into_id);
	leads_run(&q_bury, merge_id, lead_id, into_id, f->now);
	leads_run(&q_activities, merge_id, lead_id, into_id);
}

int64
leads_merge_joined_on(LeadsFrame *f, int64 merge_id)
{
	LeadsResult r = leads_run(&q_joined_on, merge_id);

	return leads_int(&r, 0, 1);
}

bool
leads_merge_split(LeadsFrame *f, Datum ids, int64 *lead_id, int64 *merge_id)
{
	LeadsResult r = leads_run(&q_split, ids);

	if (!leads_found(r))
		return false;
	*lead_id = leads_int(&r, 0, 1);
	*merge_id = leads_int(&r, 0, 2);
	return true;
}

int
leads_merge_part(LeadsFrame *f, int64 merge_id, LeadsMergeLead **out)
{
	LeadsResult r;

	leads_run(&q_raise, merge_id);
	leads_run(&q_activities_back, merge_id);
	r = leads_run(&q_changed, merge_id);
	*out = palloc0(sizeof(LeadsMergeLead) * Max(r.n, 1));
	for (uint64 i = 0; i < r.n; i++)
	{
		(*out)[i].id = leads_int(&r, i, 1);
		(*out)[i].customer_id = leads_int(&r, i, 2);
		(*out)[i].scope = leads_text(&r, i, 3);
		(*out)[i].parted = leads_bool(&r, i, 4);
	}
	return (int) r.n;
}
