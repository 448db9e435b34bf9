-- The contract of the profiles: which calls, relations and columns each has. A new function or relation must find its place here.
\ir include/company.sql
SELECT format('CREATE ROLE %I', p || '_' || current_database()) FROM unnest('{admin,manager,rep,app,bi,sender,partner}'::text[]) p \gexec
SELECT count(leads.grant_access(p || '_' || current_database(), p)) AS granted FROM unnest('{admin,manager,rep,app,bi,sender,partner}'::text[]) p \gset
SELECT * FROM no_plan();

CREATE TEMP VIEW call AS
SELECT p.proname::text AS name, coalesce((SELECT string_agg(split_part(r.rolname, '_', 1), ' ' ORDER BY r.rolname COLLATE "C") FROM pg_roles r
  WHERE r.rolname IN (SELECT role_name FROM crm.access_list WHERE profile <> 'owner') AND has_function_privilege(r.oid, p.oid, 'EXECUTE')), '') AS profiles
FROM pg_proc p WHERE p.pronamespace = 'leads'::regnamespace;
CREATE TEMP TABLE contract (name text, profiles text);
INSERT INTO contract SELECT unnest(string_to_array(n, ' ')), p FROM (VALUES
  ('actor_id mask_email mask_name mask_phone may_see now sees_all show_email show_name show_phone version visible_holdings visible_members visible_owners visible_pools visible_shared', 'admin app bi manager partner rep sender'),
  ('check_duplicate register register_json', 'admin app manager partner rep'),
  ('advance claim edit_lead extend log_activity lose matches release reopen set_availability win ask_help add_collaborator remove_collaborator', 'admin app manager rep'),
  ('assign merge not_duplicate unmerge approve_registration reject_registration rule_conflict override_registration approve_extension refuse_extension move_pool delete_customer', 'admin app manager'),
  ('withdraw_registration raise_conflict', 'admin app manager partner rep'), ('set_registration set_extension', 'admin'),
  ('deactivate_member route transfer_all', 'admin manager'),
  ('canonical owner_at funnel funnel_chart funnel_leads kpi funnel_agg funnel_steps journey_agg journey_append journey_entered journey_entries journey_fault journey_furthest journey_level journey_owner_at journey_stage_at journey_time_in', 'admin app bi manager rep'),
  ('funnel_of_events window_funnel rollup', 'admin app bi manager rep'),
  ('leaderboard channel_performance sales_cycle loss_analysis contact_effect flow_report forecast', 'admin app bi manager rep'),
  ('explain', 'admin app bi manager partner rep'),
  ('health', 'admin bi manager'),
  ('policy_diff policy_history import_stage import_suggest_mapping import_preview import_commit import_report find_duplicates scan_duplicates forget_scan', 'admin manager'),
  ('draft grant_access publish rekey revoke_access schedule_jobs set_match set_protection rebuild_journeys rollup_rebuild rollup_verify tick unschedule_jobs verify', 'admin'),
  ('train_match', 'admin'),
  ('backtest coverage set_routing', 'admin'),
  ('fairness_report', 'admin bi manager'),
  ('explain_deadline lock_customer unlock_customer when_would_lapse confirm_contact', 'admin app manager rep'), ('pause resume set_contract', 'admin app manager'), ('due_list', 'admin app bi manager rep'), ('apply_policy', 'admin'),
  ('funnel_of_events_end funnel_of_events_step funnel_of_kinds_step rollup_combine rollup_in rollup_out rollup_step window_funnel_combine window_funnel_end window_funnel_in window_funnel_mode_step window_funnel_out window_funnel_step', ''),
  ('rollup_note', ''),
  ('check_encoding compile_rules face_followup face_intake face_lead face_pool guard guard_gate guard_home guard_absence guard_left guard_member guard_point funnel_agg_combine funnel_agg_in funnel_agg_out funnel_agg_step guard_rekey install journey_agg_end journey_agg_step uninstall', '')) v(n, p);
SELECT is_empty($$ SELECT name FROM call EXCEPT SELECT name FROM contract $$, 'every function of schema leads is in the contract');
SELECT is_empty($$ SELECT c.name, c.profiles AS has, k.profiles AS should_have FROM call c JOIN contract k USING (name) WHERE c.profiles <> k.profiles $$, 'each profile has its calls, no more and no fewer');
-- an aggregate takes no defaults, so that an optional argument is a second one of the name; both are granted alike (the line above)
SELECT is((SELECT string_agg(name, ' ' ORDER BY name) FROM (SELECT name FROM call GROUP BY name HAVING count(*) > 1) x), 'funnel_of_events window_funnel', 'no call is overloaded, so that a grant names one function, but aggregates with an optional argument');
SELECT is_empty($$ SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'leads'::regnamespace AND NOT has_function_privilege((SELECT nspowner FROM pg_namespace WHERE nspname = 'crm'), p.oid, 'EXECUTE WITH GRANT OPTION') $$, 'the owner may pass on everything');

CREATE TEMP VIEW held AS
SELECT split_part(r.rolname, '_', 1) AS profile, c.relname::text AS relation, c.relkind, string_agg(v, ' ' ORDER BY v) AS rights
FROM pg_roles r CROSS JOIN pg_class c CROSS JOIN unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) v
WHERE r.rolname IN (SELECT role_name FROM crm.access_list WHERE profile <> 'owner') AND c.relnamespace = 'crm'::regnamespace AND c.relkind IN ('r', 'v', 'S')
  AND CASE WHEN c.relkind = 'S' THEN v IN ('SELECT', 'UPDATE') AND has_sequence_privilege(r.oid, c.oid, v) WHEN v IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') THEN has_any_column_privilege(r.oid, c.oid, v) ELSE has_table_privilege(r.oid, c.oid, v) END
GROUP BY 1, 2, 3;
SELECT is_empty($$ SELECT * FROM held WHERE relkind = 'S' $$, 'nobody may read or set a sequence');
SELECT is_empty($$ SELECT * FROM held WHERE relkind = 'r' AND profile NOT IN ('admin', 'sender') AND (profile, relation, rights) <> ('manager', 'import_row', 'INSERT') $$, 'base tables are for admins, the outbox for senders, managers may only put rows into import_row');
SELECT is((SELECT string_agg(relation || ' ' || rights, ', ' ORDER BY relation COLLATE "C") FROM held WHERE profile = 'sender'),
  'outbox SELECT', 'sender');
SELECT is((SELECT string_agg(relation || ' ' || rights, ', ' ORDER BY relation COLLATE "C") FROM held WHERE profile = 'partner'),
  'intake INSERT SELECT', 'partner');
SELECT is((SELECT string_agg(relation || ' ' || rights, ', ' ORDER BY relation COLLATE "C") FROM held WHERE profile = 'bi'),
  'channel_performance SELECT, cohort_funnel SELECT, due SELECT, extension_list SELECT, forecast SELECT, funnel SELECT, funnel_by_channel SELECT, funnel_by_owner SELECT, funnel_by_region SELECT, intake SELECT, leaderboard SELECT, member_list SELECT, my_contact SELECT, my_customer SELECT, my_lead SELECT, notice_list SELECT, pipeline_now SELECT, pool_item SELECT, sales_cycle SELECT, stage_flow SELECT, stage_list SELECT, stage_time SELECT, velocity SELECT', 'bi reads views');
SELECT is((SELECT string_agg(relation || ' ' || rights, ', ' ORDER BY relation COLLATE "C") FROM held WHERE profile = 'rep'),
  'channel_performance SELECT, cohort_funnel SELECT, due SELECT, extension_list SELECT, followup INSERT SELECT, forecast SELECT, funnel SELECT, funnel_by_channel SELECT, funnel_by_owner SELECT, funnel_by_region SELECT, intake INSERT SELECT, leaderboard SELECT, member_list SELECT, my_contact SELECT, my_customer SELECT, my_lead SELECT UPDATE, notice_list SELECT, pipeline_now SELECT, pool_item SELECT UPDATE, sales_cycle SELECT, stage_flow SELECT, stage_list SELECT, stage_time SELECT, velocity SELECT', 'rep');
SELECT is_empty($$ SELECT h.profile, h.relation, h.rights FROM held h FULL JOIN held r ON r.profile = 'rep' AND r.relation = h.relation WHERE h.profile IN ('app', 'manager') AND h.relation <> 'collision' AND (h.profile = 'app' OR h.relation !~ '^(import|duplicate)_') AND h.rights IS DISTINCT FROM r.rights $$, 'app and manager have the same views');
SELECT set_eq($$ SELECT profile, rights FROM held WHERE relation = 'collision' $$, $$ VALUES ('admin', 'SELECT'), ('manager', 'SELECT') $$, 'collisions are for bosses');
SELECT is((SELECT string_agg(relation || ' ' || rights, ', ' ORDER BY relation COLLATE "C") FROM held WHERE profile = 'manager' AND relation ~ '^import'), 'import_progress SELECT, import_row INSERT', 'what a manager has of import');
SELECT is_empty($$ SELECT * FROM held WHERE relation IN ('contact', 'contact_point', 'customer_name', 'registration', 'customer_key', 'access_grant') $$, 'raw contacts and grants are for nobody');
SELECT is_empty($$ SELECT * FROM held WHERE rights ~ 'TRUNCATE|TRIGGER|REFERENCES' $$, 'nobody may truncate, refer to or put a trigger on anything');
SELECT set_eq($$ SELECT attname::text FROM pg_attribute WHERE attrelid = 'crm.my_lead'::regclass AND attnum > 0 AND has_column_privilege('rep_' || current_database(), attrelid, attnum, 'UPDATE') ORDER BY 1 $$,
  $$ VALUES ('amount'), ('close_note'), ('close_reason'), ('expected_on'), ('extra'), ('line'), ('need'), ('project'), ('reason'), ('stage') $$, 'columns of my_lead that a rep may write');
SELECT set_eq($$ SELECT attname::text FROM pg_attribute WHERE attrelid = 'crm.pool_item'::regclass AND attnum > 0 AND has_column_privilege('rep_' || current_database(), attrelid, attnum, 'UPDATE') $$, $$ VALUES ('claimed_by') $$, 'and of pool_item');
SELECT set_eq($$ SELECT split_part(role_name, '_', 1) FROM crm.access_list WHERE profile <> 'owner' AND has_parameter_privilege(role_name, 'leads.actor', 'SET') ORDER BY 1 $$, $$ VALUES ('admin'), ('app'), ('manager') $$, 'who may set leads.actor');
SELECT is_empty($$ SELECT role_name FROM crm.access_list WHERE has_parameter_privilege(role_name, 'leads.clock', 'SET') $$, 'nobody may set leads.clock');
SELECT is_empty($$ SELECT relname FROM pg_class WHERE relnamespace = 'crm'::regnamespace AND relname IN ('customer', 'contact', 'contact_point', 'customer_name', 'customer_key', 'lead', 'ownership', 'activity', 'registration', 'event', 'lead_journey', 'decision') AND (NOT relrowsecurity OR relforcerowsecurity) $$, 'row security stands behind, and lets the owner pass');
-- nothing is left when everything is taken back
SELECT lives_ok($$ SELECT leads.revoke_access(role_name, profile) FROM crm.access_list WHERE profile <> 'owner' $$, 'take everything back');
SELECT is_empty($$ SELECT r.rolname, c.relname FROM pg_roles r, pg_class c WHERE r.rolname LIKE '%\_' || current_database() AND r.rolname NOT LIKE 'owner%' AND c.relnamespace = 'crm'::regnamespace AND c.relkind IN ('r', 'v') AND has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') $$, 'no relation is left');
SELECT is_empty($$ SELECT r.rolname, p.proname FROM pg_roles r, pg_proc p WHERE r.rolname LIKE '%\_' || current_database() AND r.rolname NOT LIKE 'owner%' AND p.pronamespace = 'leads'::regnamespace AND has_function_privilege(r.oid, p.oid, 'EXECUTE') $$, 'no function is left');
SELECT is_empty($$ SELECT r.rolname FROM pg_roles r WHERE r.rolname LIKE '%\_' || current_database() AND r.rolname NOT LIKE 'owner%' AND (has_schema_privilege(r.oid, 'crm', 'USAGE') OR has_parameter_privilege(r.oid, 'leads.actor', 'SET')) $$, 'no USAGE and no parameter is left');
SELECT * FROM finish();
SELECT format('DROP ROLE %I', p || '_' || current_database()) FROM unnest('{admin,manager,rep,app,bi,sender,partner}'::text[]) p \gexec
