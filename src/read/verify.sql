CREATE FUNCTION leads.verify(schema_name text DEFAULT NULL)
  RETURNS TABLE (invariant text, subject text, problem text)
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 10 COST 1000000 SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_verify';
COMMENT ON FUNCTION leads.verify(text) IS
  'Check the invariants of a company over all its rows. schema_name: data schema (default: leads.schema). Result: invariant (I1 one owner or pool, I2 no gap and no overlap, I3 open leads have a home, I4 no two customers that are one, I7 deadlines, I8 causes, I9 counters, I10 stages and journeys, I12 tombstones, I14 policies, I15 sums and rollups), subject by id, what is wrong; no rows: all is well; at most 1000 rows a check. Errors: LD004, LD008, LD012.';
