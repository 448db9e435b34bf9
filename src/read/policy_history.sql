CREATE FUNCTION leads.policy_history(kind text, key text DEFAULT '')
  RETURNS TABLE (version integer, status text, active_from timestamptz, active_until timestamptz,
                 created_at timestamptz, created_by text, actor text, body jsonb)
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_policy_history';
COMMENT ON FUNCTION leads.policy_history(text, text) IS
  'Versions of a policy, newest first. kind: match, routing, protection or pipeline; key: '''' for the company''s own. Result: version, status (active, planned, past, draft; as of leads.now()), active_from and active_until (half-open), created_at, created_by (database role), actor (member code, NULL = system), body. Errors: LD004, LD005.';
