/*
 * collaborator.c - keeper of who works along with an owner.
 *
 * Purpose: begin and end collaborations; what one allows now.
 * Invariants: rows keep their customer through a merge, so that an undo finds them as they were: they count for the
 * survivor; nothing is written when a customer falls to a pool: a time in a pool after its beginning ends a
 * collaboration for whoever reads it, so that no job is waited for.
 * Called by: act/collaborator, act/corridor, access/sight (its rows).
 */
#include "core/leads.h"

#include "record/collaborator.h"

#define FAMILY "ANY (ARRAY(SELECT $1 UNION ALL SELECT c.id FROM @.customer c WHERE c.merged_into = $1))"
#define NO_POOL_SINCE \
	" AND NOT EXISTS (SELECT FROM @.ownership p WHERE p.customer_id IN (k.customer_id, $1) AND p.scope = k.scope" \
	"   AND p.pool_id IS NOT NULL AND p.since >= k.since)"

LEADS_QUERY(q_level, "ltlz",
			"SELECT k.level FROM @.collaborator k WHERE k.customer_id = " FAMILY " AND k.scope = $2 AND k.member_id = $3"
			"   AND (k.until IS NULL OR k.until > $4)" NO_POOL_SINCE
			" ORDER BY k.level DESC LIMIT 1");
LEADS_QUERY(q_any, "llz",
			"SELECT FROM @.collaborator k WHERE k.customer_id = " FAMILY " AND k.member_id = $2"
			"   AND (k.until IS NULL OR k.until > $3)" NO_POOL_SINCE " LIMIT 1");
LEADS_QUERY(q_begin, "ltltzZtLlz",
			"INSERT INTO @.collaborator (customer_id, scope, member_id, level, since, until, reason, actor_id, decision_id, recorded_at)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id");
LEADS_QUERY(q_end, "ltlz",
			"UPDATE @.collaborator k SET until = $4 WHERE k.customer_id = " FAMILY " AND k.scope = $2 AND k.member_id = $3"
			"   AND (k.until IS NULL OR k.until > $4)");

LeadsCollaboration
leads_collaboration(LeadsFrame *f, int64 customer_id, const char *scope, int64 member_id)
{
	LeadsResult r;

	if (member_id == 0)
		return LEADS_COLLABORATES_NOT;
	r = leads_run(&q_level, customer_id, scope, member_id, f->now);
	if (!leads_found(r))
		return LEADS_COLLABORATES_NOT;
	return strcmp(leads_text(&r, 0, 1), "work") == 0 ? LEADS_COLLABORATES_WORK : LEADS_COLLABORATES_READ;
}

bool
leads_collaborates(LeadsFrame *f, int64 customer_id, int64 member_id)
{
	return leads_found(leads_run(&q_any, customer_id, member_id, f->now));
}

int64
leads_collaborator_begin(LeadsFrame *f, int64 customer_id, const char *scope, int64 member_id, const char *level,
						 TimestampTz until, const char *reason, int64 decision_id)
{
	LeadsResult r = leads_run(&q_begin, customer_id, scope, member_id, level, f->now, until, reason, f->actor_id, decision_id,
							  f->now);

	return leads_int(&r, 0, 1);
}

bool
leads_collaborator_end(LeadsFrame *f, int64 customer_id, const char *scope, int64 member_id)
{
	return leads_run(&q_end, customer_id, scope, member_id, f->now).n > 0;
}
