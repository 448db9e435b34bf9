CREATE FUNCTION leads.compile_rules() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_compile_rules';
COMMENT ON FUNCTION leads.compile_rules() IS
  'Statement trigger of routing_rule and territory: compiles all active rules into a new version of the routing policy. Errors: LD014 with the position of the rule at fault, LD010.';
CREATE FUNCTION leads.set_routing(handover text) RETURNS integer
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_set_routing';
COMMENT ON FUNCTION leads.set_routing(text) IS
  'Publish a new version of the routing policy: the rules of routing_rule as they are, and what assign() and transfer_all() do with protection. handover: fresh (begins anew) or inherit (what was left goes along). Result: the version. Errors: LD004, LD005, LD008, LD010, LD014.';
