CREATE FUNCTION leads.claim(customer_ids bigint[], scope text DEFAULT '', all_or_nothing boolean DEFAULT true, by_member text DEFAULT NULL,
    OUT customer_id bigint, OUT outcome text, OUT reason text, OUT message text, OUT owner text, OUT protected_until timestamptz,
    OUT decision_id bigint) RETURNS SETOF record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_claim';
COMMENT ON FUNCTION leads.claim(bigint[], text, boolean, text) IS
  'Take customers out of a pool. customer_ids: at most 1000; scope: scope of the ownership; all_or_nothing: one refusal refuses all, else each has its own row; by_member: member to act as. Result: a row a customer, ascending: outcome claimed, own (nothing changed) or refused with the SQLSTATE as reason, message in the install language. Errors, in the order of the checks: LD001, LD060 (not in a pool any more), LD061 (not a member of it), LD062 (too new), LD063 (cool-down), LD064 (daily quota), LD065 (holder cap); LD004, LD005, LD007, LD010.';
