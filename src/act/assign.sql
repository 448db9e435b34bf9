CREATE FUNCTION leads.assign(customer_id bigint, member text, reason text DEFAULT NULL, scope text DEFAULT '', force boolean DEFAULT false,
    by_member text DEFAULT NULL, protection text DEFAULT NULL, OUT owner text, OUT protected_until timestamptz, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_assign';
COMMENT ON FUNCTION leads.assign(bigint, text, text, text, boolean, text, text) IS
  'Give a customer to a member, out of a pool or from another, with all its leads of the scope; for managers (within their team) and administrators. member: code; reason: at most 1000 characters; scope: scope of the ownership; force: over the cap too; by_member: member to act as; protection: fresh (begins anew) or inherit (what was left goes along), default as the routing policy says. Result: owner, end of the protection, decision (NULL if it was the owner already). Errors: LD001, LD002, LD004, LD005, LD007, LD010, LD031 (inactive), LD032 (over the cap), 22023.';
