CREATE FUNCTION leads.guard_left() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_guard_left';
COMMENT ON FUNCTION leads.guard_left() IS
  'Trigger of install() on member: when left_at changes, the deadlines of what the member has are computed anew in the same transaction. Errors: LD006 (infinite), LD008, LD010, LD012.';
CREATE FUNCTION leads.guard_absence() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_guard_absence';
COMMENT ON FUNCTION leads.guard_absence() IS
  'Trigger of install() on absence: when a leave changes, the deadlines of what the member has are computed anew in the same transaction, where the protection policy has leave_pauses. Errors: LD008, LD010, LD012.';
CREATE FUNCTION leads.explain_deadline(customer_id bigint, scope text DEFAULT '', lang text DEFAULT NULL)
  RETURNS TABLE (step_no integer, item text, counts_from timestamptz, span text, without_pauses timestamptz, due_at timestamptz, decides boolean, reason text)
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_explain_deadline';
COMMENT ON FUNCTION leads.explain_deadline(bigint, text, text) IS
  'Why a customer lapses when it does: policy version, each condition with the instant it counts from, each pause, what exempts it, the deadline. scope: scope of the ownership; lang: zh or en. Result: rows in the order of the policy, nested conditions indented; decides: this one gives the deadline. Errors: LD001 (no such customer, or not visible), LD004, LD005, 22023.';
CREATE FUNCTION leads.when_would_lapse(customer_id bigint, version integer, scope text DEFAULT '',
    OUT due_now timestamptz, OUT would_lapse_at timestamptz, OUT without_grace timestamptz, OUT due_by text, OUT protected_until timestamptz) RETURNS record
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_when_would_lapse';
COMMENT ON FUNCTION leads.when_would_lapse(bigint, integer, text) IS
  'When a customer would lapse if a version of the protection policy, drafts too, were applied to it now. scope: scope of the ownership. Result: the deadline that stands, the one it would have, what its conditions give without grace, the condition that decides, end of the protection. Errors: LD001 (customer or version), LD002 (in a pool), LD004, LD005.';
CREATE FUNCTION leads.policy_diff(kind text, key text, version_1 integer, version_2 integer, listed integer DEFAULT 1000)
  RETURNS TABLE (item text, path text, value_1 jsonb, value_2 jsonb, customer_id bigint, in_scope text, owner text, due_1 timestamptz, due_2 timestamptz)
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_policy_diff';
COMMENT ON FUNCTION leads.policy_diff(text, text, integer, integer, integer) IS
  'What differs between two versions of a policy, drafts too: rows changed; for protection also what applying the second would do to what runs: rows sooner, later, begins, ends, at most listed of them, and rows count. Errors: LD001 (no such version), LD004, LD005, 22023.';
CREATE FUNCTION leads.apply_policy(version integer DEFAULT NULL, mode text DEFAULT 'all', OUT effect text, OUT intervals bigint) RETURNS SETOF record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_apply_policy';
COMMENT ON FUNCTION leads.apply_policy(integer, text) IS
  'Let a published version of the protection policy rule what runs, too. version: default the one that rules now; mode: all, or later (only where nobody loses by it). No deadline comes nearer than the grace of that version. Result: how many intervals end sooner, later, at the same instant, have a deadline for the first time (begins) or no longer (ends). Errors: LD001, LD002 (a draft), LD004, LD010, 22023.';
CREATE FUNCTION leads.due_list(member text DEFAULT NULL, within interval DEFAULT '7 days', schema_name text DEFAULT NULL)
  RETURNS TABLE (customer_id bigint, in_scope text, customer text, owner text, due_at timestamptz, due_by text, protected_until timestamptz, notice_at timestamptz)
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_due_list';
COMMENT ON FUNCTION leads.due_list(text, interval, text) IS
  'What lapses within a time from now, soonest first, of what the caller may see in view due. member: code, default everybody; within: from 0 to 10 years; schema_name: default leads.schema. Result: also notice_at, the most urgent notice that has fallen due, sent or not. Errors: LD001 (no such member), LD004, LD008, 22023.';
