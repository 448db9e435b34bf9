CREATE FUNCTION leads.extend(customer_id bigint, days integer, reason text DEFAULT NULL, scope text DEFAULT '', by_member text DEFAULT NULL,
    OUT protected_until timestamptz, OUT next_due_at timestamptz, OUT decision_id bigint, OUT state text, OUT extension_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_extend';
COMMENT ON FUNCTION leads.extend(bigint, integer, text, text, text) IS
  'Move the end of a protection that still stands, or ask for it where the protection policy wants extensions approved. days: calendar days, added to the old end; reason: at most 1000 characters; scope: scope of the ownership; by_member: member to act as. Result: end of the protection, instant of the next lapse, decision, state (extended, or pending: a manager decides, and the end of the protection is held meanwhile), the request if it is pending. Errors: LD001, LD004, LD005, LD007, LD010, LD043 (no more by the policy, or nothing to extend), LD045 (one waits already), LD050, 22023.';
CREATE FUNCTION leads.approve_extension(extension_id bigint, reason text DEFAULT NULL, by_member text DEFAULT NULL,
    OUT state text, OUT customer_id bigint, OUT protected_until timestamptz, OUT next_due_at timestamptz, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_approve_extension';
COMMENT ON FUNCTION leads.approve_extension(bigint, text, text) IS
  'Approve an extension that waits: its days are added to the old end of the protection, not to the instant of the approval. For managers and administrators, not for who asked or owns. extension_id: as extend() answered; reason: at most 1000 characters; by_member: member to act as. Result: approved, customer, end of the protection, instant of the next lapse, decision. Errors: LD001, LD002 (decided already, or the ownership has ended), LD004, LD005, LD007, LD010, 40001.';
CREATE FUNCTION leads.refuse_extension(extension_id bigint, reason text, by_member text DEFAULT NULL,
    OUT state text, OUT customer_id bigint, OUT protected_until timestamptz, OUT next_due_at timestamptz, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_refuse_extension';
COMMENT ON FUNCTION leads.refuse_extension(bigint, text, text) IS
  'Refuse an extension that waits: the deadline is the one that would stand if nobody had asked; if that is over, the customer lapses now. For managers and administrators, not for who asked or owns. extension_id: as extend() answered; reason: required, at most 1000 characters; by_member: member to act as. Result: refused, customer, end of the protection, instant of the lapse, decision. Errors: LD001, LD002 (decided already, or the ownership has ended), LD004, LD005, LD007, LD010, 40001.';
CREATE FUNCTION leads.set_extension(approval boolean DEFAULT NULL, hold_hours integer DEFAULT NULL) RETURNS integer
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_set_extension';
COMMENT ON FUNCTION leads.set_extension(boolean, integer) IS
  'Publish a new version of the protection policy with another rule for extensions; what is NULL stays as it is; intervals that run keep theirs. approval: extensions wait for a manager; hold_hours: working hours that the end of the protection is held for one that waits, 0 to 1000. Result: version number. Errors: LD004, LD010, LD014, 22023.';
