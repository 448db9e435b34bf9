CREATE FUNCTION leads.face_intake() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'leads_face_intake';
COMMENT ON FUNCTION leads.face_intake() IS
  'Trigger of install(), instead of INSERT on view intake: register(). Errors: as register(), LD009 for a column that is an answer.';
CREATE FUNCTION leads.face_lead() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'leads_face_lead';
COMMENT ON FUNCTION leads.face_lead() IS
  'Trigger of install(), instead of UPDATE on view my_lead: advance(), win(), lose(), reopen() and edit_lead(). Errors: as these, LD003 if the lead changed since the statement began, LD009 for a column that cannot be written.';
CREATE FUNCTION leads.face_followup() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'leads_face_followup';
COMMENT ON FUNCTION leads.face_followup() IS
  'Trigger of install(), instead of INSERT on view followup: log_activity(). Errors: as log_activity(), LD009 for a column that cannot be written.';
CREATE FUNCTION leads.face_pool() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'leads_face_pool';
COMMENT ON FUNCTION leads.face_pool() IS
  'Trigger of install(), instead of UPDATE on view pool_item: claim(). Errors: as claim(), LD009 for another column than claimed_by.';
