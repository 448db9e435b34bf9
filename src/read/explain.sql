CREATE FUNCTION leads.explain(decision_id bigint, lang text DEFAULT NULL)
  RETURNS TABLE (step_no integer, step text, verdict text, reason text)
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 10 SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_explain';
COMMENT ON FUNCTION leads.explain(bigint, text) IS
  'Why a decision came out as it did: first who decided what and when by which policy versions, then each step of the evidence. decision_id: as every mutator returns it; lang: zh or en (default: language of the company). Result: step number, step and verdict as codes, reason in words. A rep sees decisions of its own and about customers it owns now. Errors: LD001 (none, or not visible), LD004, LD005, LD008, 22023.';
