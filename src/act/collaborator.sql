CREATE FUNCTION leads.add_collaborator(customer_id bigint, member text, level text DEFAULT 'read', until timestamptz DEFAULT NULL,
    reason text DEFAULT NULL, scope text DEFAULT '', by_member text DEFAULT NULL,
    OUT collaborator_id bigint, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_add_collaborator';
COMMENT ON FUNCTION leads.add_collaborator(bigint, text, text, timestamptz, text, text, text) IS
  'Let a member work along with the owner of a customer; the owner or a boss. member: code; level: read (sees the customer with its contacts) or work (also logs follow-ups, which count, and moves leads); until: first instant at which it may no longer, default for as long as the customer is in somebody''s hands: falling to a pool ends it; reason: at most 1000 characters; scope: scope of the ownership; by_member: member to act as. Called again it changes level and until. Result: row of table collaborator, decision (both NULL if it was so already). Errors: LD001, LD002 (in a pool, or the member is the owner), LD004, LD005, LD007, LD010, LD031 (inactive or left), LD050, 22023.';
CREATE FUNCTION leads.remove_collaborator(customer_id bigint, member text, reason text DEFAULT NULL, scope text DEFAULT '',
    by_member text DEFAULT NULL) RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_remove_collaborator';
COMMENT ON FUNCTION leads.remove_collaborator(bigint, text, text, text, text) IS
  'End a collaboration now; the owner, a boss, or the collaborator itself. member: code; reason: at most 1000 characters; scope: scope of the ownership; by_member: member to act as. Result: decision, NULL if there was none. Errors: LD001, LD004, LD005, LD007, LD010, LD050.';
