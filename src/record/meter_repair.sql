CREATE OR REPLACE TRIGGER leads_guard_member AFTER INSERT OR DELETE ON @schema@.member
  FOR EACH ROW EXECUTE FUNCTION leads.guard_member();
