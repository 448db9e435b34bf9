-- the last day of a member is a deadline of everything it has
CREATE OR REPLACE TRIGGER leads_guard_left BEFORE UPDATE OF left_at ON @schema@.member
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard_left();
CREATE OR REPLACE TRIGGER leads_guard_left_row AFTER INSERT OR UPDATE OF left_at ON @schema@.member
  FOR EACH ROW EXECUTE FUNCTION leads.guard_left();
-- and so is its leave, where the policy says so
CREATE OR REPLACE TRIGGER leads_guard_absence BEFORE INSERT OR UPDATE OR DELETE ON @schema@.absence
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard_absence();
CREATE OR REPLACE TRIGGER leads_guard_absence_row AFTER INSERT OR UPDATE OR DELETE ON @schema@.absence
  FOR EACH ROW EXECUTE FUNCTION leads.guard_absence();
