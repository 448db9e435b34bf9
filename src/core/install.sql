CREATE FUNCTION leads.install(schema_name text DEFAULT NULL, owner text DEFAULT NULL, lang text DEFAULT NULL,
    simulation boolean DEFAULT false, zone text DEFAULT NULL) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_install';
COMMENT ON FUNCTION leads.install(text, text, text, boolean, text) IS
  'Make a company, or upgrade and repair it. schema_name: data schema (default: leads.schema); owner: role that owns it (default: caller); lang: zh (default of a new company) or en; simulation: allow leads.clock in writes, for tests only; zone: business time zone (default: TimeZone). Result: what is installed. Safe to repeat. Errors: LD004, LD008, LD012, LD013, 22023.';
CREATE FUNCTION leads.uninstall(schema_name text, confirm text) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_uninstall';
COMMENT ON FUNCTION leads.uninstall(text, text) IS
  'Delete a company with all its customers. schema_name: data schema; confirm: the same name again. Errors: LD004, LD005, LD008, LD012.';
CREATE FUNCTION leads.version() RETURNS text
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_version';
COMMENT ON FUNCTION leads.version() IS 'Version of the library, as in 0.1.0. No errors.';
