CREATE FUNCTION leads.confirm_contact(customer_id bigint, value text, accept boolean DEFAULT true, scope text DEFAULT '',
    by_member text DEFAULT NULL, OUT kind text, OUT state text, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_confirm_contact';
COMMENT ON FUNCTION leads.confirm_contact(bigint, text, boolean, text, text) IS
  'Say that a number, mail address, USCC or person that somebody else sent for a customer is its own, or is not; the owner or a boss. value: in any spelling; accept: false refuses it for good; scope: scope of the ownership; by_member: member to act as. From then on the customer is found by what is confirmed. Result: kind (phone, email, uscc, contact), state (confirmed, refused), decision (NULL if it was so before). Errors: LD001 (no such customer, or no such value of it), LD004 (also: to refuse what the customer is found by takes a manager), LD005, LD010, LD050, LD054 (another customer is found by it: a manager decides), LD085.';
