CREATE FUNCTION leads.sees_all(schema_name text) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_sees_all';
COMMENT ON FUNCTION leads.sees_all(text) IS
  'Does the caller see everything in a company: owner, admin, bi, and a manager without a team. schema_name: data schema. For views and policies, as (SELECT leads.sees_all(...)). Errors: LD004 (no USAGE), LD008.';
CREATE FUNCTION leads.visible_members(schema_name text) RETURNS bigint[]
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_visible_members';
COMMENT ON FUNCTION leads.visible_members(text) IS
  'Members whose customers the caller sees if it does not see everything: itself; for a manager its team and the teams below. schema_name: data schema. Result: member ids, empty for a leaver or a role bound to nobody. Errors: LD004 (no USAGE), LD008.';
CREATE FUNCTION leads.visible_owners(schema_name text) RETURNS SETOF bigint
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED ROWS 2 SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_visible_owners';
COMMENT ON FUNCTION leads.visible_owners(text) IS
  'visible_members() as rows, to begin a join with: for who sees everything all members, and 0 for what nobody owns. schema_name: data schema. Result: member ids. Errors: LD004 (no USAGE), LD008.';
CREATE FUNCTION leads.visible_holdings(schema_name text, OUT member_id bigint, OUT low_id bigint, OUT high_id bigint) RETURNS SETOF record
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED ROWS 2 SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_visible_holdings';
COMMENT ON FUNCTION leads.visible_holdings(text) IS
  'What the caller sees, to begin a join with: a row for each of visible_owners() with all that it holds, and one for each interval of another owner on which the caller works along. schema_name: data schema. Result: owner (0: nobody), keys of ownership from low_id to high_id. Errors: LD004 (no USAGE), LD008.';
CREATE FUNCTION leads.visible_shared(schema_name text) RETURNS bigint[]
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_visible_shared';
COMMENT ON FUNCTION leads.visible_shared(text) IS
  'Intervals of other owners on which the caller works along (add_collaborator()). schema_name: data schema. Result: keys of ownership. Errors: LD004 (no USAGE), LD008.';
CREATE FUNCTION leads.visible_pools(schema_name text) RETURNS bigint[]
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_visible_pools';
COMMENT ON FUNCTION leads.visible_pools(text) IS
  'Pools that the caller may look into: open ones and those it is a member of; all for who sees everything. schema_name: data schema. Result: pool ids. Errors: LD004 (no USAGE), LD008.';
CREATE FUNCTION leads.actor_id(schema_name text) RETURNS bigint
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_actor_id';
COMMENT ON FUNCTION leads.actor_id(text) IS
  'The member as which the caller acts in a company. schema_name: data schema. Result: member id, NULL if nobody. Errors: LD004 (no USAGE), LD008.';
CREATE FUNCTION leads.may_see(schema_name text, owner_id bigint) RETURNS boolean
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_may_see';
COMMENT ON FUNCTION leads.may_see(text, bigint) IS
  'May the caller see what a member owns. schema_name: data schema; owner_id: member, NULL = nobody. For one look; a view over many rows compares with visible_members(). Errors: LD004 (no USAGE), LD008.';
