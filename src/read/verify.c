/*
 * verify.c - does what is stored obey the law?
 *
 * Purpose: leads.verify() checks the invariants I1-I4, I7-I10, I12, I14 and I15 of one
 * company over all its rows and lists what breaks them.
 * Invariants: read only; answers for one snapshot, and asks no clock: an ownership
 * that lapsed but was not written down yet is no fault, so that nothing depends
 * on tick() having run; a subject is named by ids alone, never by a name or a
 * phone.  Costs follow the size of the tables: it is a call for people and for
 * tests, not for applications.
 * Called by: users, tests.
 */
#include "core/leads.h"

#include "utils/guc.h"
#include "utils/tuplestore.h"

#include "read/verify.h"

static const LeadsMessage messages[] = {
	{"verify_never_held", "从未有归属人，也从未在公海。", "never had an owner or a pool."},
	{"verify_not_held", "范围“{0}”自 {1} 起既无归属人也不在公海。", "scope \"{0}\" has neither owner nor pool since {1}."},
	{"verify_held_twice", "范围“{0}”有 {1} 个未结束的归属区间。", "scope \"{0}\" has {1} open intervals."},
	{"verify_both_or_none", "归属区间 {0} 同时有归属人和公海，或两者皆无。", "interval {0} has both owner and pool, or neither."},
	{"verify_lapses_to_nowhere", "归属区间 {0} 于 {1} 到期，但没有目标公海。", "interval {0} is due at {1}, but names no pool to lapse to."},
	{"verify_dead_held", "状态为 {0}，却仍有未结束的归属区间 {1}。", "is {0}, but interval {1} is still open."},
	{"verify_gap", "范围“{0}”的区间 {1} 始于 {2}，而前一区间止于 {3}。",
	"scope \"{0}\": interval {1} begins at {2}, the one before it ends at {3}."},
	{"verify_late_start", "建立于 {0}，但第一个归属区间始于 {1}。", "was created at {0}, but its first interval begins at {1}."},
	{"verify_lead_homeless", "线索未关闭，但客户 {0} 在范围“{1}”内没有未结束的归属区间。",
	"is open, but customer {0} has no open interval in scope \"{1}\"."},
	{"verify_same_key", "与客户 {0} 有相同的强标识（{1}）。", "has the same strong key ({1}) as customer {0}."},
	{"verify_end_unexplained", "归属区间 {0} 已结束，但缺少原因或决定（{1}）。", "interval {0} is closed without cause or decision ({1})."},
	{"verify_begin_unexplained", "归属区间 {0} 的决定 {1} 不存在。", "interval {0} began by decision {1}, which does not exist."},
	{"verify_counter", "计数为 {0}，实际持有 {1}。", "is counted as holding {0}, but holds {1}."},
	{"verify_given", "计为今日经规则分得 {0} 个，实际 {1} 个。", "is counted as given {0} by rules in a day, but was given {1}."},
	{"verify_stage", "阶段为 {0}，最后的阶段事件为 {1}。", "is in stage {0}, but its last stage event says {1}."},
	{"verify_tombstone", "已合并到客户 {0}，但该客户状态为 {1}。", "is merged into customer {0}, which is {1}."},
	{"verify_tombstone_rows", "已合并，却仍有记录属于它：{0} {1}。", "is merged, but {0} {1} still belongs to it."},
	{"verify_tombstone_unexplained", "已合并，但没有有效的合并记录。", "is merged, but no merge that stands says so."},
	{"verify_lead_tombstone", "并入线索 {0} 的记录与合并日志不符。", "counts as lead {0}, which its merges do not say, or which has rows of its own."},
	{"verify_two_policies", "版本 {0} 与版本 {1} 同时生效。", "versions {0} and {1} rule at the same time."},
};

/*
 * Each check: $1 how many rows at most; the first column is the subject, the others
 * are the arguments of the message.  None asks what time it is.
 */
LEADS_QUERY(q_never_held, "l",
			"SELECT 'customer/' || c.id FROM @.customer c"
			" WHERE c.status = 'live'"
			"   AND NOT EXISTS (SELECT FROM @.ownership o WHERE o.customer_id = c.id)"
			"   AND NOT EXISTS (SELECT FROM @.registration g WHERE g.customer_id = c.id AND g.outcome = 'pending')"
			" ORDER BY c.id LIMIT $1");
LEADS_QUERY(q_not_held, "l",
			"SELECT 'customer/' || o.customer_id, o.scope, max(o.until) FROM @.ownership o"
			"  JOIN @.customer c ON c.id = o.customer_id AND c.status = 'live'"
			" GROUP BY o.customer_id, o.scope HAVING bool_and(o.until IS NOT NULL)"
			/* a scope that a merge brought went with the undo */
			"   AND (array_agg(o.end_cause ORDER BY o.until DESC))[1] <> 'unmerged'"
			" ORDER BY o.customer_id LIMIT $1");
LEADS_QUERY(q_held_twice, "l",
			"SELECT 'customer/' || o.customer_id, o.scope, count(*) FROM @.ownership o"
			" WHERE o.until IS NULL"
			" GROUP BY o.customer_id, o.scope HAVING count(*) > 1 ORDER BY o.customer_id LIMIT $1");
LEADS_QUERY(q_both_or_none, "l",
			"SELECT 'customer/' || o.customer_id, o.id FROM @.ownership o"
			" WHERE (o.member_id IS NULL) = (o.pool_id IS NULL) ORDER BY o.id LIMIT $1");
LEADS_QUERY(q_lapses_to_nowhere, "l",
			"SELECT 'customer/' || o.customer_id, o.id, o.next_due_at FROM @.ownership o"
			" WHERE o.until IS NULL AND o.next_due_at IS NOT NULL AND o.lapse_pool_id IS NULL ORDER BY o.id LIMIT $1");
LEADS_QUERY(q_dead_held, "l",
			"SELECT 'customer/' || c.id, c.status, o.id FROM @.customer c JOIN @.ownership o ON o.customer_id = c.id"
			" WHERE c.status <> 'live' AND o.until IS NULL ORDER BY o.id LIMIT $1");
/* what a merge ended and an unmerge began anew has a gap by right */
LEADS_QUERY(q_gap, "l",
			"SELECT 'customer/' || w.customer_id, w.scope, w.id, w.since, w.before FROM ("
			"   SELECT o.id, o.customer_id, o.scope, o.since, o.cause,"
			"          row_number() OVER spell AS n, lag(o.until) OVER spell AS before, lag(o.end_cause) OVER spell AS ended"
			"     FROM @.ownership o"
			"   WINDOW spell AS (PARTITION BY o.customer_id, o.scope ORDER BY o.since, o.id)) w"
			" WHERE w.n > 1 AND w.before IS DISTINCT FROM w.since"
			"   AND (w.before < w.since AND (w.ended = 'unmerged' OR (w.ended = 'merged' AND w.cause IN ('unmerged', 'merged'))))"
			"       IS NOT TRUE"
			" ORDER BY w.id LIMIT $1");
LEADS_QUERY(q_late_start, "l",
			"SELECT 'customer/' || c.id, c.created_at, min(o.since) FROM @.customer c"
			"  JOIN @.ownership o ON o.customer_id = c.id"
			" GROUP BY c.id, c.created_at HAVING min(o.since) <> c.created_at"
			"    AND NOT EXISTS (SELECT FROM @.registration g WHERE g.customer_id = c.id AND g.outcome = 'pending')"
			" ORDER BY c.id LIMIT $1");
LEADS_QUERY(q_lead_homeless, "l",
			"SELECT 'lead/' || l.id, l.customer_id, l.scope FROM @.lead l"
			"  JOIN @.stage s ON s.id = l.stage_id AND s.kind = 'open'"
			"  JOIN @.customer c ON c.id = l.customer_id AND c.status <> 'deleted'"
			" WHERE l.merged_into IS NULL AND NOT EXISTS (SELECT FROM @.ownership o"
			"    WHERE o.customer_id = coalesce(c.merged_into, c.id) AND o.scope = l.scope AND o.until IS NULL)"
			" ORDER BY l.id LIMIT $1");
/* the strong keys themselves, and what should have been one: USCC of companies, mobiles of persons; what waits for a word is none */
LEADS_QUERY(q_same_key, "l",
			"WITH strong AS (SELECT p.kind, p.norm, c.id FROM @.contact_point p"
			"    JOIN @.customer c ON c.id = p.customer_id AND c.status = 'live'"
			"   WHERE p.norm IS NOT NULL AND p.state = 'confirmed'"
			"     AND (p.strong_key IS NOT NULL OR (p.kind = 'uscc' AND c.kind = 'company')))"
			" SELECT DISTINCT 'customer/' || y.id, x.id, x.kind, y.id FROM strong x"
			"  JOIN strong y ON y.kind = x.kind AND y.norm = x.norm AND y.id > x.id"
			" WHERE NOT EXISTS (SELECT FROM @.customer_distinct d"
			"    WHERE d.low_id = x.id AND d.high_id = y.id AND d.until IS NULL)"
			" ORDER BY y.id, x.id LIMIT $1");
LEADS_QUERY(q_end_unexplained, "l",
			"SELECT 'customer/' || o.customer_id, o.id, concat_ws(' ', o.end_cause, o.end_decision_id::text) FROM @.ownership o"
			"  LEFT JOIN @.decision d ON d.id = o.end_decision_id"
			" WHERE o.until IS NOT NULL AND (o.end_cause IS NULL OR d.id IS NULL)"
			" ORDER BY o.id LIMIT $1");
LEADS_QUERY(q_begin_unexplained, "l",
			"SELECT 'customer/' || o.customer_id, o.id, o.decision_id FROM @.ownership o"
			"  LEFT JOIN @.decision d ON d.id = o.decision_id"
			" WHERE d.id IS NULL ORDER BY o.id LIMIT $1");
/* a counter counts open rows, the lapsed but unwritten ones included */
LEADS_QUERY(q_counter, "l",
			"SELECT 'member/' || coalesce(k.member_id, n.member_id), coalesce(k.held, 0), coalesce(n.held, 0)"
			"  FROM @.member_counter k FULL JOIN (SELECT o.member_id, count(*) AS held FROM @.ownership o"
			"    WHERE o.until IS NULL AND o.member_id IS NOT NULL GROUP BY o.member_id) n ON n.member_id = k.member_id"
			" WHERE coalesce(k.held, 0) <> coalesce(n.held, 0)"
			" ORDER BY coalesce(k.member_id, n.member_id) LIMIT $1");
/* what rules gave since the beginning of the day that is counted: written down then, whenever it began */
LEADS_QUERY(q_given, "l",
			"SELECT 'member/' || k.member_id, k.given, count(o.id) FROM @.member_counter k"
			"  LEFT JOIN @.ownership o ON o.member_id = k.member_id AND o.cause = 'routed' AND o.recorded_at >= k.given_since"
			" WHERE k.given_since IS NOT NULL"
			" GROUP BY k.member_id, k.given HAVING count(o.id) <> k.given ORDER BY k.member_id LIMIT $1");
LEADS_QUERY(q_stage, "l",
			"SELECT 'lead/' || l.id, (SELECT s.code FROM @.stage s WHERE s.id = l.stage_id) || repeat(', invalid', l.invalid::integer),"
			"       (SELECT s.code FROM @.stage s WHERE s.id = e.to_stage_id) || repeat(', invalid', e.invalid::integer)"
			"  FROM @.lead l LEFT JOIN LATERAL (SELECT v.to_stage_id, v.data->'invalid' IS NOT DISTINCT FROM 'true' AS invalid FROM @.event v"
			"    WHERE v.lead_id = l.id AND v.to_stage_id IS NOT NULL ORDER BY v.at DESC, v.id DESC LIMIT 1) e ON true"
			" WHERE (e.to_stage_id, e.invalid) IS DISTINCT FROM (l.stage_id, l.invalid)"
			" ORDER BY l.id LIMIT $1");
/* chains are compressed, so that none can be a circle; one that was deleted took its own with it */
LEADS_QUERY(q_tombstone, "l",
			"SELECT 'customer/' || c.id, t.id, t.status FROM @.customer c JOIN @.customer t ON t.id = c.merged_into"
			" WHERE t.status NOT IN ('live', 'deleted') ORDER BY c.id LIMIT $1");
LEADS_QUERY(q_tombstone_rows, "l",
			"SELECT 'customer/' || c.id, x.object, x.id FROM @.customer c CROSS JOIN LATERAL ("
			"   SELECT 'lead' AS object, l.id FROM @.lead l WHERE l.customer_id = c.id"
			"   UNION ALL SELECT 'activity', a.id FROM @.activity a WHERE a.customer_id = c.id"
			"   UNION ALL SELECT 'contact_point', p.id FROM @.contact_point p WHERE p.customer_id = c.id"
			"   UNION ALL SELECT 'customer_key', coalesce(k.key_b, k.key_a) FROM @.customer_key k WHERE k.customer_id = c.id) x"
			" WHERE c.status = 'merged' ORDER BY c.id, x.object, x.id LIMIT $1");
LEADS_QUERY(q_tombstone_unexplained, "l",
			"SELECT 'customer/' || c.id FROM @.customer c WHERE c.status = 'merged' AND NOT EXISTS ("
			"   SELECT FROM @.merge_item i JOIN @.merge m ON m.id = i.merge_id"
			"    WHERE i.kind = 'tombstone' AND i.row_id = c.id AND m.undone_at IS NULL)"
			" ORDER BY c.id LIMIT $1");
/* leads that a merge made one: what the journal says, closed, no follow-up left, and none stands for another */
LEADS_QUERY(q_lead_tombstone, "l",
			"SELECT 'lead/' || l.id, coalesce(l.merged_into, f.into_id) FROM @.lead l LEFT JOIN (SELECT DISTINCT ON (i.row_id) i.row_id,"
			"     (i.value_after #>> '{}')::bigint AS into_id FROM @.merge_item i JOIN @.merge m ON m.id = i.merge_id AND m.undone_at IS NULL"
			"    WHERE i.object = 'lead' AND i.kind = 'field' ORDER BY i.row_id, m.id DESC) f ON f.row_id = l.id"
			" WHERE f.into_id IS DISTINCT FROM l.merged_into OR (l.merged_into IS NOT NULL"
			"   AND (EXISTS (SELECT FROM @.lead t WHERE t.id = l.merged_into AND (t.merged_into IS NOT NULL OR t.customer_id <> l.customer_id))"
			"     OR EXISTS (SELECT FROM @.activity a WHERE a.lead_id = l.id)"
			"     OR EXISTS (SELECT FROM @.lead_journey j WHERE j.lead_id = l.id)))"
			" ORDER BY l.id LIMIT $1");
LEADS_QUERY(q_two_policies, "l",
			"SELECT 'policy/' || a.kind || '/' || a.key, a.version, b.version FROM @.policy a"
			"  JOIN @.policy b ON b.kind = a.kind AND b.key = a.key AND b.version > a.version AND b.status = 'published'"
			" WHERE a.status = 'published'"
			"   AND tstzrange(a.active_from, a.active_until) && tstzrange(b.active_from, b.active_until)"
			" ORDER BY a.id, b.id LIMIT $1");

static const struct
{
	const char *invariant;
	const char *code;
	LeadsQuery *query;
}			checks[] = {
	{"I1", "verify_never_held", &q_never_held},
	{"I1", "verify_not_held", &q_not_held},
	{"I1", "verify_held_twice", &q_held_twice},
	{"I1", "verify_both_or_none", &q_both_or_none},
	{"I1", "verify_lapses_to_nowhere", &q_lapses_to_nowhere},
	{"I1", "verify_dead_held", &q_dead_held},
	{"I2", "verify_gap", &q_gap},
	{"I2", "verify_late_start", &q_late_start},
	{"I3", "verify_lead_homeless", &q_lead_homeless},
	{"I4", "verify_same_key", &q_same_key},
	{"I8", "verify_end_unexplained", &q_end_unexplained},
	{"I8", "verify_begin_unexplained", &q_begin_unexplained},
	{"I9", "verify_counter", &q_counter},
	{"I9", "verify_given", &q_given},
	{"I10", "verify_stage", &q_stage},
	{"I12", "verify_tombstone", &q_tombstone},
	{"I12", "verify_tombstone_rows", &q_tombstone_rows},
	{"I12", "verify_tombstone_unexplained", &q_tombstone_unexplained},
	{"I12", "verify_lead_tombstone", &q_lead_tombstone},
	{"I14", "verify_two_policies", &q_two_policies},
};

#define MAX_ARGS 4

void
leads_verify_put(ReturnSetInfo *rsi, const char *lang, const char *invariant, const char *subject,
				 const char *code, int nargs, const char *const *args)
{
	Datum		values[3];
	bool		nulls[3] = {false};

	values[0] = CStringGetTextDatum(invariant);
	values[1] = CStringGetTextDatum(subject);
	values[2] = CStringGetTextDatum(leads_message(lang, code, nargs, args));
	tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
}

static void
run_check(LeadsFrame *f, ReturnSetInfo *rsi, int c)
{
	LeadsResult r = leads_run(checks[c].query, (int64) LEADS_VERIFY_MOST);

	for (uint64 i = 0; i < r.n; i++)
	{
		const char *args[MAX_ARGS];
		int			nargs = Min(r.table->tupdesc->natts - 1, MAX_ARGS);

		for (int a = 0; a < nargs; a++)
			args[a] = leads_text(&r, i, a + 2);
		leads_verify_put(rsi, f->lang, checks[c].invariant, leads_text(&r, i, 1), checks[c].code, nargs, args);
	}
	SPI_freetuptable(r.table);
}

PG_FUNCTION_INFO_V1(leads_verify);
Datum
leads_verify(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *schema = PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0));

	InitMaterializedSRF(fcinfo, 0);
	leads_enter_reader(&f, schema, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	/* whole tables are read here, unlike anywhere else */
	(void) set_config_option("enable_seqscan", "on",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	for (int c = 0; c < lengthof(checks); c++)
		run_check(&f, rsi, c);
	leads_verify_deadlines(&f, rsi);
	leads_verify_keys(&f, rsi);
	leads_verify_pairs(&f, rsi);
	if (leads_verify_journeys(&f, rsi))
		leads_verify_sums(&f, rsi);
	leads_leave(&f);
	return (Datum) 0;
}

void
leads_verify_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
	leads_verify_judged_init();
	leads_verify_keys_init();
	leads_verify_sums_init();
}
