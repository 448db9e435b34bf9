CREATE FUNCTION leads.compile_rules() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_compile_rules';
COMMENT ON FUNCTION leads.compile_rules() IS
  'Statement trigger of routing_rule and territory: compiles all active rules into a new version of the routing policy. Errors: LD014 with the position of the rule at fault, LD010.';
