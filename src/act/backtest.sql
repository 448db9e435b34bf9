CREATE FUNCTION leads.backtest(kind text, key text DEFAULT '', version integer DEFAULT NULL, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL,
    OUT item text, OUT did text, OUT would text, OUT n_did bigint, OUT n_would bigint, OUT decision_id bigint, OUT customer_id bigint, OUT at_time timestamptz, OUT rule_position integer) RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_backtest';
COMMENT ON FUNCTION leads.backtest(text, text, integer, timestamptz, timestamptz) IS
  'Replay what went through the routing rules under another version; writes nothing. kind: routing; key: empty; version: a draft or any version, default the one that rules; since, until: period, default the last 30 days. Result: item decision: who got it and who would have; total: decisions, and how many differ; load: how many of them each member got and would have. Errors: LD001, LD004, LD005, LD008, 22023.';
