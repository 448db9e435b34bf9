CREATE FUNCTION leads.move_pool(customer_id bigint, pool text, reason text DEFAULT NULL, scope text DEFAULT '', by_member text DEFAULT NULL,
    OUT into_pool text, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_move_pool';
COMMENT ON FUNCTION leads.move_pool(bigint, text, text, text, text) IS
  'Move a customer from the pool it lies in to another; its waiting time for claims begins anew. For managers and administrators. pool: code; reason: at most 1000 characters; scope: scope of the ownership; by_member: member to act as. Result: code of the pool, decision (NULL if it lay there already). Errors: LD001 (customer or pool), LD002 (in no pool), LD004, LD005, LD007, LD010.';
CREATE FUNCTION leads.ask_help(customer_id bigint, reason text, scope text DEFAULT '', by_member text DEFAULT NULL,
    OUT superior text, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_ask_help';
COMMENT ON FUNCTION leads.ask_help(bigint, text, text, text) IS
  'Bring in the superior of the owner: told through the outbox, kept in the history. reason: required, at most 1000 characters; scope: scope of the ownership; by_member: member to act as. Result: code of the superior (manager of the team, of a team above it, or of no team), decision. Errors: LD001, LD002 (in a pool), LD004, LD005, LD007, LD010, LD050, LD053 (nobody stands above).';
CREATE FUNCTION leads.delete_customer(customer_id bigint, reason text, by_member text DEFAULT NULL) RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_delete_customer';
COMMENT ON FUNCTION leads.delete_customer(bigint, text, text) IS
  'Take a customer out of everything: nothing finds it, nobody holds it; its rows stay, and cool-downs survive if it is registered again. For managers and administrators; intake waits until the transaction ends. reason: required, at most 1000 characters; by_member: member to act as. Result: decision. Errors: LD001, LD002 (a registration waits for approval), LD004, LD005, LD007, LD010.';
