CREATE FUNCTION leads.approve_registration(registration_id bigint, reason text DEFAULT NULL, by_member text DEFAULT NULL,
    OUT registration bigint, OUT state text, OUT customer_id bigint, OUT lead_id bigint, OUT owner text,
    OUT protected_until timestamptz, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_approve_registration';
COMMENT ON FUNCTION leads.approve_registration(bigint, text, text) IS
  'Approve a registration that waits, or that was queued for a person to judge: the registrant becomes the owner, its protection begins, who waited behind it is blocked. For managers and administrators. registration_id: as register() answered; reason: at most 1000 characters; by_member: member to act as. Result: the registration, its state, customer, lead, owner, end of the protection, decision. Errors: LD001, LD002 (not waiting, or behind another one), LD004, LD005, LD007, LD010, LD031, LD032, LD042 (the registrant owns it already), LD051 (it went to somebody else meanwhile), 40001.';
CREATE FUNCTION leads.reject_registration(registration_id bigint, reason text, by_member text DEFAULT NULL,
    OUT registration bigint, OUT state text, OUT customer_id bigint, OUT lead_id bigint, OUT owner text,
    OUT protected_until timestamptz, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_reject_registration';
COMMENT ON FUNCTION leads.reject_registration(bigint, text, text) IS
  'Reject a registration that waits: the first one behind it comes up in the same transaction. One that was queued becomes blocked. For managers and administrators. registration_id: as register() answered; reason: required, at most 1000 characters; by_member: member to act as. Result: as approve_registration(). Errors: LD001, LD002, LD004, LD005, LD007, LD010, 40001.';
CREATE FUNCTION leads.withdraw_registration(registration_id bigint, reason text DEFAULT NULL, by_member text DEFAULT NULL,
    OUT registration bigint, OUT state text, OUT customer_id bigint, OUT lead_id bigint, OUT owner text,
    OUT protected_until timestamptz, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_withdraw_registration';
COMMENT ON FUNCTION leads.withdraw_registration(bigint, text, text) IS
  'Take a registration back before it is approved; the first one behind it comes up. For its registrant, colleagues of its partner, and managers. registration_id: as register() answered; reason: at most 1000 characters; by_member: member to act as. Result: as approve_registration(). Errors: LD001, LD002, LD004, LD005, LD007, LD010, 40001.';
CREATE FUNCTION leads.set_registration(approval boolean DEFAULT NULL, approval_when text DEFAULT NULL, protect_from text DEFAULT NULL,
    queue boolean DEFAULT NULL, evidence text[] DEFAULT NULL) RETURNS integer
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_set_registration';
COMMENT ON FUNCTION leads.set_registration(boolean, text, text, boolean, text[]) IS
  'Publish a new version of the protection policy with other rules for registrations; what is NULL stays as it is. approval: what reps and partners register waits for a manager; approval_when: only if this jsonpath predicate holds, an empty text = always; protect_from: approval or submit, from when the protection counts; queue: who comes second waits, false = is blocked; evidence: what must be sent, of contact, need, amount, proof (extra.proof). Result: version number. Errors: LD004, LD010, LD014, 22023.';
CREATE FUNCTION leads.raise_conflict(registration_id bigint, reason text, by_member text DEFAULT NULL,
    OUT conflict bigint, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_raise_conflict';
COMMENT ON FUNCTION leads.raise_conflict(bigint, text, text) IS
  'Object to a registration that was blocked or queued. For its registrant, colleagues of its partner, and managers. registration_id: as register() answered; reason: required, at most 1000 characters; by_member: member to act as. Result: the conflict, for rule_conflict(), and the decision. Errors: LD001, LD002 (neither blocked nor queued, contested already, or nobody stands against it any more), LD004, LD005, LD007, LD010, 40001.';
CREATE FUNCTION leads.rule_conflict(conflict_id bigint, winner text, reason text, by_member text DEFAULT NULL,
    OUT registration bigint, OUT state text, OUT customer_id bigint, OUT lead_id bigint, OUT owner text,
    OUT protected_until timestamptz, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_rule_conflict';
COMMENT ON FUNCTION leads.rule_conflict(bigint, text, text, text) IS
  'Rule a conflict; for managers and administrators who are no party. conflict_id: as raise_conflict() answered; winner: registrant (gets the customer, whatever protection the holder has), holder (keeps it) or both (they are two customers, told apart); reason: required, at most 1000 characters; by_member: member to act as. Both parties are told through the outbox. Result: the registration that counts (a new one if the contested one was blocked), its state, customer, lead, owner, end of the protection, decision. Errors: LD001, LD002 (ruled already, or not blocked or queued any more), LD004, LD005, LD007, LD010, LD031, LD032, 22023, 40001.';
CREATE FUNCTION leads.override_registration(registration_id bigint, reason text, by_member text DEFAULT NULL,
    OUT registration bigint, OUT state text, OUT customer_id bigint, OUT lead_id bigint, OUT owner text,
    OUT protected_until timestamptz, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_override_registration';
COMMENT ON FUNCTION leads.override_registration(bigint, text, text) IS
  'Let a blocked, queued or offered registration through as a customer of its own, told apart from the one met. For managers and administrators. registration_id: as register() answered; reason: required, at most 1000 characters; by_member: member to act as. Result: the registration that counts (a new one, linked to it, unless it was queued), its state, customer, lead, owner, end of the protection, decision. Errors: LD001, LD002, LD004, LD005, LD007, LD010, LD031, LD032, 40001.';
