CREATE FUNCTION leads.pause(customer_id bigint, until timestamptz, since timestamptz DEFAULT NULL, reason text DEFAULT NULL,
    by_member text DEFAULT NULL, OUT pause_id bigint, OUT next_due_at timestamptz, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_pause';
COMMENT ON FUNCTION leads.pause(bigint, timestamptz, timestamptz, text, text) IS
  'Stop the clocks of protection of a customer, in all scopes; for managers and administrators. until: first instant at which they go on; since: default now; reason: at most 1000 characters; by_member: member to act as. Result: pause, the next deadline of the customer, decision. Errors: LD001, LD004, LD005, LD006 (since in the past), LD007, LD010, 22023 (until before since, or over 3650 days).';
CREATE FUNCTION leads.resume(customer_id bigint, reason text DEFAULT NULL, by_member text DEFAULT NULL,
    OUT ended integer, OUT next_due_at timestamptz, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_resume';
COMMENT ON FUNCTION leads.resume(bigint, text, text) IS
  'Let the clocks of a customer go on: pauses that run end now, those to come are taken back; for managers and administrators. reason: at most 1000 characters; by_member: member to act as. Result: how many pauses, the next deadline of the customer, decision (NULL if there was no pause). Errors: LD001, LD004, LD005, LD007, LD010.';
CREATE FUNCTION leads.set_contract(customer_id bigint, ends_at timestamptz, reason text DEFAULT NULL, scope text DEFAULT '',
    by_member text DEFAULT NULL, OUT next_due_at timestamptz, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_set_contract';
COMMENT ON FUNCTION leads.set_contract(bigint, timestamptz, text, text, text) IS
  'Say when the contract with a customer ends, which condition contract_end of the protection policy counts from; for managers and administrators. ends_at: NULL = there is none any more; reason: at most 1000 characters; scope: scope of the ownership; by_member: member to act as. Result: the next deadline of the customer, decision. Errors: LD001, LD002 (no ownership in this scope), LD004, LD005, LD006, LD007, LD010.';
CREATE FUNCTION leads.lock_customer(customer_id bigint, reason text DEFAULT NULL, scope text DEFAULT '', by_member text DEFAULT NULL,
    OUT next_due_at timestamptz, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_lock_customer';
COMMENT ON FUNCTION leads.lock_customer(bigint, text, text, text) IS
  'Exempt a customer from lapsing, within lock_quota of the protection policy; the owner or a boss. reason: at most 1000 characters; scope: scope of the ownership; by_member: member to act as. Result: the next deadline of the customer (that of an owner who leaves), decision (NULL if it was locked). Errors: LD001, LD002 (in a pool, or won), LD004, LD005, LD007, LD010, LD044 (quota), LD050.';
CREATE FUNCTION leads.unlock_customer(customer_id bigint, reason text DEFAULT NULL, scope text DEFAULT '', by_member text DEFAULT NULL,
    OUT next_due_at timestamptz, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_unlock_customer';
COMMENT ON FUNCTION leads.unlock_customer(bigint, text, text, text) IS
  'Take the lock off; what is long overdue gets the grace of the policy. Arguments as lock_customer(). Result: the next deadline of the customer, decision (NULL if it was not locked). Errors: LD001, LD002, LD004, LD005, LD007, LD010, LD050.';
