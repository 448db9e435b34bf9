/*
 * sight.c - what a caller may see of one company.
 *
 * Purpose: readers for the WHERE clauses of views and policies, called as
 * (SELECT leads.sees_all(...)), so that they run once a query.
 * Invariants: a function in a view runs with the rights of who reads the view, so
 * these ask for the caller's profiles in the company that the view belongs to,
 * whatever leads.schema says; a caller without USAGE gets LD004, one without a profile, a
 * leaver and a role bound to nobody see nothing; who acts through leads.actor sees
 * what that member sees.
 * Called by: views of the data schema, policies.
 */
#include "core/leads.h"

#include "access/sight.h"
#include "catalog/pg_type.h"
#include "core/actor.h"
#include "utils/array.h"

/* the member itself; with a team, everybody in it and in the teams below; of a partner, its colleagues there */
LEADS_QUERY(q_members, "lb",
			"WITH RECURSIVE below(id) AS ("
			"  SELECT m.team_id FROM @.member m WHERE m.id = $1 AND $2 AND m.team_id IS NOT NULL"
			"  UNION SELECT t.id FROM @.team t JOIN below b ON t.parent_id = b.id)"
			" SELECT pg_catalog.array_agg(x.id ORDER BY x.id) FROM"
			"  (SELECT $1 UNION SELECT m.id FROM @.member m JOIN below b ON m.team_id = b.id"
			"   UNION SELECT m.id FROM @.member m JOIN @.member s ON s.partner_id = m.partner_id WHERE s.id = $1) AS x(id)");
LEADS_QUERY(q_has_team, "l", "SELECT FROM @.member m WHERE m.id = $1 AND m.team_id IS NOT NULL");
LEADS_QUERY(q_everybody, "", "SELECT 0::bigint UNION ALL SELECT m.id FROM @.member m");
LEADS_QUERY(q_pools, "bL",
			"SELECT pg_catalog.array_agg(p.id ORDER BY p.id) FROM @.pool p WHERE $1"
			"   OR (NOT EXISTS (SELECT FROM @.pool_member m WHERE m.pool_id = p.id)"
			"       AND NOT EXISTS (SELECT FROM @.member x WHERE x.id = $2 AND x.partner_id IS NOT NULL))"
			"   OR EXISTS (SELECT FROM @.pool_member m WHERE m.pool_id = p.id AND m.member_id = $2)");

/* open intervals of others on which a member works along: by right still, and not fallen to a pool since */
LEADS_QUERY(q_shared, "lzK",
			"SELECT o.member_id, o.id FROM @.collaborator k"
			"  JOIN @.customer c ON c.id = k.customer_id"
			"  JOIN @.ownership o ON o.customer_id = coalesce(c.merged_into, c.id) AND o.scope = k.scope AND o.until IS NULL"
			" WHERE k.member_id = $1 AND (k.until IS NULL OR k.until > $2) AND o.member_id <> $1"
			"   AND o.member_id <> ALL ($3)"
			"   AND NOT EXISTS (SELECT FROM @.ownership p WHERE p.customer_id IN (k.customer_id, o.customer_id)"
			"     AND p.scope = k.scope AND p.pool_id IS NOT NULL AND p.since >= k.since)"
			" GROUP BY o.member_id, o.id ORDER BY o.id");

static bool
acts_as_another(void)
{
	return leads_actor_guc && leads_actor_guc[0];
}

bool
leads_sight_all(LeadsFrame *f)
{
	if (acts_as_another() && (f->profiles & LEADS_PROFILE_PROXY))
		return false;
	if (f->profiles & (LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN | LEADS_PROFILE_BI))
		return true;
	/* a manager with a team has its team */
	return (f->profiles & LEADS_PROFILE_MANAGER) &&
		(f->actor_id == 0 || !leads_found(leads_run(&q_has_team, f->actor_id)));
}

Datum
leads_sight_members(LeadsFrame *f)
{
	bool		boss = f->actor_manager || ((f->profiles & LEADS_PROFILE_MANAGER) && !acts_as_another());
	LeadsResult r;
	bool		isnull;

	if (f->actor_id == 0 || f->profiles == 0)
		return PointerGetDatum(construct_empty_array(INT8OID));
	r = leads_run(&q_members, f->actor_id, boss);
	return leads_datum(&r, 0, 1, INT8ARRAYOID, &isnull);
}

/* open a reader's frame on the company of the first argument and look who it is */
static void
look(FunctionCallInfo fcinfo, LeadsFrame *f)
{
	leads_enter_reader(f, text_to_cstring(PG_GETARG_TEXT_PP(0)), LEADS_PROFILE_NOBODY);
	if (f->profiles != 0)
		(void) leads_actor_lookup(f);
}

static Datum
leave_with(LeadsFrame *f, Datum array)
{
	MemoryContext old = MemoryContextSwitchTo(f->outer_cxt);
	ArrayType  *copy = DatumGetArrayTypePCopy(array);

	MemoryContextSwitchTo(old);
	leads_leave(f);
	return PointerGetDatum(copy);
}

PG_FUNCTION_INFO_V1(leads_sees_all);
Datum
leads_sees_all(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	bool		all;

	look(fcinfo, &f);
	all = f.profiles != 0 && leads_sight_all(&f);
	leads_leave(&f);
	PG_RETURN_BOOL(all);
}

PG_FUNCTION_INFO_V1(leads_visible_members);
Datum
leads_visible_members(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;

	look(fcinfo, &f);
	return leave_with(&f, leads_sight_members(&f));
}

PG_FUNCTION_INFO_V1(leads_visible_owners);
Datum
leads_visible_owners(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo;
	LeadsFrame	f;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	look(fcinfo, &f);
	if (f.profiles != 0 && leads_sight_all(&f))
	{
		LeadsResult r = leads_run(&q_everybody);

		for (uint64 i = 0; i < r.n; i++)
		{
			Datum		id = Int64GetDatum(leads_int(&r, i, 1));
			bool		isnull = false;

			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &id, &isnull);
		}
	}
	else
	{
		ArrayType  *members = DatumGetArrayTypeP(leads_sight_members(&f));
		int64	   *ids = (int64 *) ARR_DATA_PTR(members);
		int			n = ArrayGetNItems(ARR_NDIM(members), ARR_DIMS(members));

		for (int i = 0; i < n; i++)
		{
			Datum		id = Int64GetDatum(ids[i]);
			bool		isnull = false;

			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &id, &isnull);
		}
	}
	leads_leave(&f);
	return (Datum) 0;
}

static void
put_holding(ReturnSetInfo *rsinfo, int64 member_id, int64 low, int64 high)
{
	Datum		values[3] = {Int64GetDatum(member_id), Int64GetDatum(low), Int64GetDatum(high)};
	bool		nulls[3] = {false, false, false};

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(leads_visible_holdings);
Datum
leads_visible_holdings(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo;
	LeadsFrame	f;

	InitMaterializedSRF(fcinfo, 0);
	rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	look(fcinfo, &f);
	if (f.profiles != 0 && leads_sight_all(&f))
	{
		LeadsResult r = leads_run(&q_everybody);

		for (uint64 i = 0; i < r.n; i++)
			put_holding(rsinfo, leads_int(&r, i, 1), 0, PG_INT64_MAX);
	}
	else if (f.profiles != 0 && f.actor_id != 0)
	{
		Datum		array = leads_sight_members(&f);
		ArrayType  *members = DatumGetArrayTypeP(array);
		int64	   *ids = (int64 *) ARR_DATA_PTR(members);
		int			n = ArrayGetNItems(ARR_NDIM(members), ARR_DIMS(members));
		LeadsResult r;

		for (int i = 0; i < n; i++)
			put_holding(rsinfo, ids[i], 0, PG_INT64_MAX);
		r = leads_run(&q_shared, f.actor_id, leads_now_internal(), array);
		for (uint64 i = 0; i < r.n; i++)
			put_holding(rsinfo, leads_int(&r, i, 1), leads_int(&r, i, 2), leads_int(&r, i, 2));
	}
	leads_leave(&f);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(leads_visible_shared);
Datum
leads_visible_shared(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	LeadsResult r = {0};
	Datum	   *ids;

	look(fcinfo, &f);
	if (f.profiles != 0 && f.actor_id != 0)
		r = leads_run(&q_shared, f.actor_id, leads_now_internal(), PointerGetDatum(construct_empty_array(INT8OID)));
	ids = palloc(sizeof(Datum) * Max(r.n, 1));
	for (uint64 i = 0; i < r.n; i++)
		ids[i] = Int64GetDatum(leads_int(&r, i, 2));
	return leave_with(&f, PointerGetDatum(construct_array(ids, (int) r.n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL,
														  TYPALIGN_DOUBLE)));
}

PG_FUNCTION_INFO_V1(leads_visible_pools);
Datum
leads_visible_pools(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	bool		all;
	Datum		pools = PointerGetDatum(NULL);

	look(fcinfo, &f);
	all = f.profiles != 0 && leads_sight_all(&f);
	if (all || f.actor_id != 0)
	{
		LeadsResult r = leads_run(&q_pools, all, f.actor_id);
		bool		isnull;

		pools = leads_datum(&r, 0, 1, INT8ARRAYOID, &isnull);
		if (isnull)
			pools = PointerGetDatum(NULL);
	}
	if (DatumGetPointer(pools) == NULL)
		pools = PointerGetDatum(construct_empty_array(INT8OID));
	return leave_with(&f, pools);
}

PG_FUNCTION_INFO_V1(leads_actor_id);
Datum
leads_actor_id(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	int64		id;

	look(fcinfo, &f);
	id = f.actor_id;
	leads_leave(&f);
	if (id == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(id);
}

PG_FUNCTION_INFO_V1(leads_may_see);
Datum
leads_may_see(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	bool		may;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	look(fcinfo, &f);
	may = f.profiles != 0 && leads_sight_all(&f);
	if (!may && !PG_ARGISNULL(1))
	{
		ArrayType  *members = DatumGetArrayTypeP(leads_sight_members(&f));
		int64	   *ids = (int64 *) ARR_DATA_PTR(members);
		int			n = ArrayGetNItems(ARR_NDIM(members), ARR_DIMS(members));

		for (int i = 0; i < n && !may; i++)
			may = ids[i] == PG_GETARG_INT64(1);
	}
	leads_leave(&f);
	PG_RETURN_BOOL(may);
}
