CREATE FUNCTION leads.coverage(kind text, key text DEFAULT '', version integer DEFAULT NULL,
    OUT item text, OUT rule_position integer, OUT region text, OUT industry text, OUT line text, OUT channel text, OUT n bigint, OUT decision_id bigint, OUT detail text) RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_coverage';
COMMENT ON FUNCTION leads.coverage(text, text, integer) IS
  'What routing rules do not reach, and which do nothing. kind: routing; key: empty; version: a draft or any version, default the one that rules. Result: item uncovered: attributes seen in registrations that no rule fits, how often, and one decision; shadowed: an earlier rule always comes first; impossible: contradicts itself; never: nothing in history fitted; error: a predicate that cannot be evaluated. Errors: LD001, LD004, LD005, LD008, 22023.';
