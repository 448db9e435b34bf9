CREATE FUNCTION leads.set_availability(member text, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, kind text DEFAULT 'leave', by_member text DEFAULT NULL) RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_set_availability';
COMMENT ON FUNCTION leads.set_availability(text, timestamptz, timestamptz, text, text) IS
  'Say that a member is away, and receives nothing by rule: itself, its managers, administrators. member: code; since: default now; until: exclusive, default until further notice; kind: leave, sick, travel, training, other, or available, which takes absences of that time back; by_member: member to act as. What was entered for that time before gives way. Result: id of the absence, NULL for available. Errors: LD001, LD004, LD005, LD008, LD010, 22023, 40001.';
CREATE FUNCTION leads.transfer_all(from_member text, hand_to text DEFAULT 'rules', reason text DEFAULT NULL, most integer DEFAULT 5000, force boolean DEFAULT false, by_member text DEFAULT NULL,
    OUT customer_id bigint, OUT scope text, OUT owner text, OUT pool text, OUT decision_id bigint) RETURNS SETOF record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_transfer_all';
COMMENT ON FUNCTION leads.transfer_all(text, text, text, integer, boolean, text) IS
  'Hand over what a member holds; leads keep their stages and histories. from_member: code; hand_to: member:code, pool:code, or rules (without the member itself); reason: required; most: intervals in this call, 1 to 10000, ascending by customer: call again until no row comes back; force: over the receiver''s cap too; by_member: member to act as. Result: a row for each interval handed over. Errors: LD001, LD004, LD005, LD007, LD010, LD031, LD032, 22023, 40001.';
CREATE FUNCTION leads.deactivate_member(member text, hand_to text DEFAULT 'rules', reason text DEFAULT NULL, left_at timestamptz DEFAULT NULL, most integer DEFAULT 5000, by_member text DEFAULT NULL,
    OUT customer_id bigint, OUT scope text, OUT owner text, OUT pool text, OUT decision_id bigint) RETURNS SETOF record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_deactivate_member';
COMMENT ON FUNCTION leads.deactivate_member(text, text, text, timestamptz, integer, text) IS
  'End a member''s rights at an instant and hand over what it holds. member: code; hand_to, reason, most, by_member, result: as transfer_all(); left_at: default now, or as it stands; at an instant to come nothing is handed over yet: call again then. Nothing reaches the member from this call''s commit on. Errors: LD001, LD004, LD005, LD006, LD007, LD010, LD031, LD032, 22023, 40001.';
