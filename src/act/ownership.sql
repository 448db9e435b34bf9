CREATE FUNCTION leads.release(customer_id bigint, reason text, pool text DEFAULT NULL, scope text DEFAULT '', by_member text DEFAULT NULL,
    OUT into_pool text, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_release';
COMMENT ON FUNCTION leads.release(bigint, text, text, text, text) IS
  'Give a customer back to a pool. reason: required, at most 1000 characters; pool: code, default the one it would lapse to; scope: scope of the ownership; by_member: member to act as. Result: code of the pool, decision. Errors: LD001, LD002 (in a pool already), LD004, LD005, LD007, LD010, LD050.';
CREATE FUNCTION leads.owner_at(customer_id bigint, scope text DEFAULT '', at_time timestamptz DEFAULT NULL) RETURNS text
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_owner_at';
COMMENT ON FUNCTION leads.owner_at(bigint, text, timestamptz) IS
  'Who owned a customer at an instant (default: now). Exact with every job stopped; an instant to come is answered as if nothing happened until then. Result: code of the member, NULL if it was in a pool or not there yet. Errors: LD001 (no such customer, or none that the caller may ask about), LD004, LD005.';
CREATE FUNCTION leads.set_protection(days integer DEFAULT NULL, remind_days integer DEFAULT NULL, no_followup_days integer DEFAULT NULL,
    extend_times integer DEFAULT NULL, extend_days integer DEFAULT NULL, pool text DEFAULT NULL,
    no_first_contact_days integer DEFAULT NULL, no_stage_progress_days integer DEFAULT NULL, no_opportunity_days integer DEFAULT NULL,
    no_deal_days integer DEFAULT NULL, grace_days integer DEFAULT NULL, lock_quota integer DEFAULT NULL) RETURNS integer
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_set_protection';
COMMENT ON FUNCTION leads.set_protection(integer, integer, integer, integer, integer, text, integer, integer, integer, integer, integer, integer) IS
  'Publish a new version of the protection policy; what is NULL stays as it is; intervals that run keep theirs. days: protection period in calendar days, 0 = without end; remind_days: reminder so many days before the lapse, 0 = none; no_followup_days: lapse after so many days without effective follow-up, 0 = off; extend_times, extend_days: extensions of one interval, and days of all together; pool: code of the pool that lapsed customers go to, '''' = the default pool; no_first_contact_days, no_stage_progress_days, no_opportunity_days, no_deal_days: lapse if so many days pass without it, 0 = off; grace_days: no deadline computed anew is nearer; lock_quota: customers that one member may lock. Result: version number. Errors: LD001, LD004, LD010, LD014.';
