CREATE FUNCTION leads.route(customer_id bigint, scope text DEFAULT '', dry_run boolean DEFAULT false,
  OUT customer bigint, OUT in_scope text, OUT owner text, OUT pool text, OUT changed boolean, OUT reasons text[],
  OUT protected_until timestamptz, OUT decision_id bigint)
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_route';
COMMENT ON FUNCTION leads.route(bigint, text, boolean) IS
  'Send a customer through the routing rules of this instant: out of its pool, or on from its owner. customer_id: the customer; scope: '''' or the product line; dry_run: only say what would happen, write and lock nothing. For profiles manager, admin, owner. Result: customer (the survivor of a merge), in_scope, owner (member code) or pool (pool code), changed (false: it stays where it was), reasons (in the install language, in order of thought), protected_until, decision_id (NULL in a dry run). Errors: LD001 (no such customer), LD002 (no ownership in this scope), LD004, LD005, LD010.';
