DROP TRIGGER IF EXISTS routing_rule_compile ON @schema@.routing_rule;
CREATE TRIGGER routing_rule_compile AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.routing_rule
  FOR EACH STATEMENT EXECUTE FUNCTION leads.compile_rules();
COMMENT ON TRIGGER routing_rule_compile ON @schema@.routing_rule IS 'every change becomes a new version of the routing policy';
DROP TRIGGER IF EXISTS territory_compile ON @schema@.territory;
CREATE TRIGGER territory_compile AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.territory
  FOR EACH STATEMENT EXECUTE FUNCTION leads.compile_rules();
COMMENT ON TRIGGER territory_compile ON @schema@.territory IS 'rules that name the territory are compiled anew';
