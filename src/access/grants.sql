CREATE FUNCTION leads.grant_access(role_name text, profile text, schema_name text DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_grant_access';
COMMENT ON FUNCTION leads.grant_access(text, text, text) IS
  'Give an existing role what a profile needs in one company. role_name: role; profile: owner, admin, manager, rep, app, bi, sender or partner; schema_name: data schema (default: leads.schema). For owner and admin profiles; profile owner may be given by a superuser before the company exists. Errors: LD004, LD005, LD008, LD012, 22023, 42704.';
CREATE FUNCTION leads.revoke_access(role_name text, profile text, schema_name text DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_revoke_access';
COMMENT ON FUNCTION leads.revoke_access(text, text, text) IS
  'Take a profile back, with everything that no other profile of the role needs. Arguments as grant_access(). Errors: LD002, LD004, LD005, LD008, LD012, 22023, 42704.';
