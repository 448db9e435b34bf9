\echo Use "CREATE EXTENSION pg_leads" to load this file. \quit

CREATE FUNCTION leads.check_encoding() RETURNS void
  LANGUAGE c STABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_check_encoding';
COMMENT ON FUNCTION leads.check_encoding() IS
  'Refuse a database that is not UTF8. Error: LD013. Called by the extension script.';
SELECT leads.check_encoding();
