-- whatever changes a journey leaves a delta: a statement of its own rights, once for all its rows
CREATE OR REPLACE TRIGGER leads_rollup_insert AFTER INSERT ON @schema@.lead_journey
  REFERENCING NEW TABLE AS journey_after FOR EACH STATEMENT EXECUTE FUNCTION leads.rollup_note();
CREATE OR REPLACE TRIGGER leads_rollup_update AFTER UPDATE ON @schema@.lead_journey
  REFERENCING OLD TABLE AS journey_before NEW TABLE AS journey_after FOR EACH STATEMENT EXECUTE FUNCTION leads.rollup_note();
CREATE OR REPLACE TRIGGER leads_rollup_delete AFTER DELETE ON @schema@.lead_journey
  REFERENCING OLD TABLE AS journey_before FOR EACH STATEMENT EXECUTE FUNCTION leads.rollup_note();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.rollup_cell
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.rollup_delta
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.rollup_state
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
-- read by the functions alone
ALTER TABLE @schema@.rollup_cell ENABLE ROW LEVEL SECURITY;
ALTER TABLE @schema@.rollup_delta ENABLE ROW LEVEL SECURITY;
ALTER TABLE @schema@.rollup_state ENABLE ROW LEVEL SECURITY;
