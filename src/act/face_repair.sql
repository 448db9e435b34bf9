-- the table face: what can only write rows walks the same way as the functions
CREATE OR REPLACE TRIGGER leads_face INSTEAD OF INSERT ON @schema@.intake
  FOR EACH ROW EXECUTE FUNCTION leads.face_intake();
CREATE OR REPLACE TRIGGER leads_face INSTEAD OF UPDATE ON @schema@.my_lead
  FOR EACH ROW EXECUTE FUNCTION leads.face_lead();
CREATE OR REPLACE TRIGGER leads_face INSTEAD OF INSERT ON @schema@.followup
  FOR EACH ROW EXECUTE FUNCTION leads.face_followup();
CREATE OR REPLACE TRIGGER leads_face INSTEAD OF UPDATE ON @schema@.pool_item
  FOR EACH ROW EXECUTE FUNCTION leads.face_pool();
