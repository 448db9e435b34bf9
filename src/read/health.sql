CREATE FUNCTION leads.health()
  RETURNS TABLE (item text, status text, detail text)
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 12 SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_health';
COMMENT ON FUNCTION leads.health() IS
  'Is the company whole, and do its jobs run? Result, one row an item: item as a code (version, schema, install, simulation, cron, tick, backlog, reminders, quarantine, grants, create_rights), status ok, warn or error, detail in the language of the company. Nothing here changes an answer of any other call: with every job stopped, every answer stays right. Errors: LD004, LD008, LD012.';
