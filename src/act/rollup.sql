CREATE PROCEDURE leads.rollup_rebuild(schema_name text DEFAULT NULL)
  LANGUAGE c SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_rollup_rebuild';
COMMENT ON PROCEDURE leads.rollup_rebuild(text) IS
  'Count the rollups of the funnel anew from all journeys: for a company that was made before there were any, and after stages or the zone were changed. One transaction, beside any work: nobody waits for it, and every figure is right before, while it runs and after; only slower before. schema_name: data schema (default: leads.schema). For owner and admin. Errors: LD004, LD008, LD010, LD012, LD095, 54000.';
CREATE FUNCTION leads.rollup_verify(schema_name text DEFAULT NULL)
  RETURNS TABLE (cut text, month date, subject_id bigint, subject text)
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_rollup_verify';
COMMENT ON FUNCTION leads.rollup_verify(text) IS
  'Do the rollups, with what is pending, say what the journeys say? Reads all journeys. schema_name: data schema (default: leads.schema). Result: no rows means they do; else each cell that differs: cut (whole, channel, owner or region), first day of the month, channel or owner, region. A notice says so if they are not built. For owner and admin. Errors: LD004, LD008, LD012, LD095.';
