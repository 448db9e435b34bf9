CREATE FUNCTION leads.merge(survivor bigint, losers bigint[], field_choices jsonb DEFAULT '{}', reason text DEFAULT NULL,
    dry_run boolean DEFAULT false, by_member text DEFAULT NULL, join_leads boolean DEFAULT true,
    OUT merge_id bigint, OUT customer_id bigint, OUT outcome text, OUT moved jsonb, OUT conflicts jsonb, OUT decision_id bigint)
  RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_merge';
COMMENT ON FUNCTION leads.merge(bigint, bigint[], jsonb, text, boolean, text, boolean) IS
  'Make several customers one; for managers and administrators. survivor: the customer that stays; losers: at most 20, become tombstones that redirect to it; field_choices: whose value of a field stays, {"region": 17}; reason: required, at most 1000 characters; dry_run: tell what would happen, write nothing; by_member: member to act as; join_leads: open leads of one scope, line and project, one of each customer, become one (false: they stay apart). Result: merge (for unmerge), survivor, outcome merged, nothing (all were merged into it before) or dry_run, ids of the rows moved by table, values that differed, decision. Errors: LD001, LD002 (not live, itself, person and company, pending registration, different owners and no administrator), LD004, LD005, LD007, LD010, 22023, 40001.';
CREATE FUNCTION leads.unmerge(merge_id bigint, resolution jsonb DEFAULT '{}', give jsonb DEFAULT '{}', reason text DEFAULT NULL,
    by_member text DEFAULT NULL,
    OUT object text, OUT field text, OUT value_now text, OUT value_then text, OUT outcome text, OUT decision_id bigint)
  RETURNS SETOF record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_unmerge';
COMMENT ON FUNCTION leads.unmerge(bigint, jsonb, jsonb, text, text) IS
  'Take a merge apart; for managers and administrators. resolution: what to do about a conflict, keep_current or restore, by object and field, {"customer/1.region": "restore"}, * = all others; give: rows made since that go to one of the losers, {"lead/9": 17}; reason: at most 1000 characters; by_member: member to act as. Result: first a row merge/<id> with outcome undone, or conflicts: then nothing was done; further a row for each conflict with outcome open, kept or restored. Errors: LD001, LD002 (undone before, or the survivor, or a lead that it joined or brought, was merged since), LD004, LD005, LD007, LD010, 22023, 40001.';
CREATE FUNCTION leads.canonical(customer_id bigint) RETURNS bigint
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_canonical';
COMMENT ON FUNCTION leads.canonical(bigint) IS
  'The live customer that an id stands for: itself, or the one that it was merged into. For who may ask owner_at() about it, and who was told its id when it registered it. Errors: LD001 (no such customer, or none that the caller may know of), LD004, LD005.';
