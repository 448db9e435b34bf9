CREATE FUNCTION leads.set_match(certain float8 DEFAULT NULL, likely float8 DEFAULT NULL, possible float8 DEFAULT NULL,
  returning_days integer DEFAULT NULL, scope text DEFAULT NULL, weights jsonb DEFAULT NULL,
  probe_quota integer DEFAULT NULL, unconfirmed_daily integer DEFAULT NULL, on_claim text DEFAULT NULL) RETURNS integer
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_set_match';
COMMENT ON FUNCTION leads.set_match(float8, float8, float8, integer, text, jsonb, integer, integer, text) IS
  'Set the duplicate check; NULL keeps what rules now. certain, likely, possible: lowest scores (log-odds) of the three bands; returning_days: a lost or won customer that nobody owned for so many days comes back as new; scope: customer, line (product line) or project; weights: {"feature": log-odds}, null takes one back to its default; probe_quota: duplicate checks a member may make in a business day, 0 = no limit; unconfirmed_daily: numbers, addresses and persons that a customer gets in a business day from others than its owner; on_claim: what becomes of a claim of a customer that is likely the same as another one: note, refuse (LD052, if somebody else has that) or off. Result: version number. Errors: LD004, LD010, LD014 (with the JSON path), 22023.';
