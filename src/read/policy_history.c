/*
 * policy_history.c - which versions of a policy ruled when.
 *
 * Purpose: list the versions of one kind and key, newest first, drafts included.
 * Invariants: what rules is judged at leads.now(), not stored.
 * Called by: users.
 */
#include "core/leads.h"

#include "utils/tuplestore.h"

#define COLUMNS 8

LEADS_QUERY(q_versions, "ttz",
			"SELECT p.version,"
			"       CASE WHEN p.status = 'draft' THEN 'draft' WHEN p.active_from > $3 THEN 'planned'"
			"            WHEN p.active_until <= $3 THEN 'past' ELSE 'active' END,"
			"       p.active_from, p.active_until, p.created_at, p.created_by, m.code, p.body"
			"  FROM @.policy p LEFT JOIN @.member m ON m.id = p.actor_id"
			" WHERE p.kind = $1 AND p.key = $2 ORDER BY p.version DESC");

PG_FUNCTION_INFO_V1(leads_policy_history);
Datum
leads_policy_history(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	LeadsFrame	f;
	LeadsResult r;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("kind is required")));
	leads_enter_reader(&f, NULL, LEADS_PROFILE_BOSS);
	r = leads_run(&q_versions, text_to_cstring(PG_GETARG_TEXT_PP(0)),
				  PG_ARGISNULL(1) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(1)), leads_now_internal());
	for (uint64 i = 0; i < r.n; i++)
	{
		Datum		values[COLUMNS];
		bool		nulls[COLUMNS];

		for (int k = 0; k < COLUMNS; k++)
			values[k] = leads_datum(&r, i, k + 1, TupleDescAttr(rsi->setDesc, k)->atttypid, &nulls[k]);
		tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
	}
	leads_leave(&f);
	return (Datum) 0;
}
