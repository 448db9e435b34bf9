CREATE FUNCTION leads.fairness_report(ring text, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL,
    OUT member text, OUT weight integer, OUT turns bigint, OUT expected numeric, OUT received bigint, OUT difference numeric, OUT skipped bigint, OUT reason text) RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_fairness_report';
COMMENT ON FUNCTION leads.fairness_report(text, timestamptz, timestamptz) IS
  'What each seat of a ring should have got in a period, what it got, and why it was passed over. ring: code; since, until: default the last 30 days. Result: a row for each seat (turns it took part in, expected share of them, received, times passed over), after it a row for each reason. Managers with a team see its rows. Errors: LD001, LD004, LD005, LD008, 22023.';
