-- Bulk import: every error by its code, the edges of the input, and who may.
\ir include/company.sql
SET client_min_messages = error;
SELECT * FROM no_plan();
INSERT INTO crm.member (code, name, db_role) VALUES ('li', '李娜', 'imp_rep_' || current_database()), ('boss', '王总', 'imp_manager_' || current_database());
UPDATE crm.member SET is_manager = true WHERE code = 'boss';

SELECT throws_ok($$ SELECT leads.import_stage(NULL, '[]') $$, 'LD005', 'batch is required');
SELECT throws_ok($$ SELECT leads.import_stage('', '[]') $$, 'LD005', 'batch is required');
SELECT throws_ok($$ SELECT leads.import_stage('x', NULL) $$, 'LD005', 'rows_json is required');
SELECT throws_ok($$ SELECT leads.import_stage(repeat('x', 101), '[]') $$, 'LD007', 'batch is longer than 100 characters');
SELECT throws_ok($$ SELECT leads.import_stage('x', '{}') $$, '22023', 'rows_json must be a JSON array of objects');
SELECT throws_ok($$ SELECT leads.import_stage('x', '1') $$, '22023', 'rows_json must be a JSON array of objects');
SELECT throws_ok($$ SELECT leads.import_stage('x', '[{}, 1]') $$, '22023', 'rows_json must be a JSON array of objects');
SELECT throws_ok($$ SELECT leads.import_stage('x', '[[]]') $$, '22023', 'rows_json must be a JSON array of objects');
SELECT throws_ok($$ SELECT leads.import_stage('x', '[]', mapping => '[]') $$, '22023', 'mapping must be a JSON object');
SELECT throws_ok($$ SELECT leads.import_stage('x', '[{"row_no": "first"}]') $$, '22P02', 'row_no "first" is no whole number of at most 18 digits', 'row_no is a number');
SELECT throws_ok($$ SELECT leads.import_stage('x', '[{"row_no": null}, {"row_no": " 7 "}, {"row_no": 99999999999999999999}]') $$, '22P02', 'row_no "99999999999999999999" is no whole number of at most 18 digits', 'of eighteen digits at most');
SELECT throws_ok($$ SELECT leads.import_stage('x', '[{"序": 1.5}]', mapping => '{"序": "row_no"}') $$, '22P02', 'row_no "1.5" is no whole number of at most 18 digits', 'also under another name');
SELECT throws_ok($$ SELECT leads.import_stage('x', '[{"row_no": true}]') $$, '22P02', 'row_no "true" is no whole number of at most 18 digits', 'of no other type');
SELECT is(leads.import_stage('numbered', '[{"name": "一号有限公司", "row_no": "999999999999999999"}, {"name": "二号有限公司", "row_no": "x", "序": "-5"}, {"name": "三号有限公司", "序": "", "row_no": 3}]', mapping => '{"序": "row_no"}'), 3::bigint, 'the first key that holds something counts');
SELECT results_eq($$ SELECT row_no FROM leads.import_report('numbered') $$, ARRAY[999999999999999999, -5, 3]::bigint[], 'and is the number');
SELECT is(leads.import_stage('elsewhere', '[{"name": "四号有限公司", "row_no": "x"}]', mapping => '{"row_no": "need"}'), 1::bigint, 'a key that means something else may hold anything');
SELECT throws_ok($$ SELECT leads.import_stage('x', '[]', channel => 'nowhere') $$, 'LD001', 'unknown channel "nowhere"');
SELECT throws_ok($$ SELECT leads.import_stage('x', '[]', schema_name => 'nowhere') $$, 'LD008', NULL, 'no such company');
SELECT is(leads.import_stage('web', '[]', channel => 'website'), 0::bigint, 'no rows are fine');
SELECT throws_ok($$ SELECT leads.import_stage('web', '[]', channel => 'api') $$, 'LD002', 'batch "web" comes in through channel "website"');
SELECT lives_ok($$ CALL leads.import_commit('web') $$, 'an empty batch is done at once');
SELECT is((SELECT state FROM crm.import_progress WHERE batch = 'web'), 'committed');

SELECT throws_ok($$ CALL leads.import_commit(NULL) $$, 'LD005', 'batch is required');
SELECT throws_ok($$ CALL leads.import_commit('none') $$, 'LD001', 'there is no import batch "none"');
SELECT throws_ok($$ CALL leads.import_commit('web', prefer => 'best') $$, '22023', 'prefer is ''first'' or ''latest''');
SELECT throws_ok($$ INSERT INTO crm.import_update (row_id, batch, outcome, message) VALUES (1, 'web', 'updated', 'x') $$, 'LD009', NULL, 'what became of an update is written by the call');
SELECT throws_ok($$ CALL leads.import_commit('web', 'perhaps') $$, '22023', 'unknown import mode "perhaps"');
SELECT throws_ok($$ CALL leads.import_commit('web', chunk => 0) $$, '22023', 'chunk is between 1 and 10000');
SELECT throws_ok($$ CALL leads.import_commit('web', chunk => 10001) $$, '22023', 'chunk is between 1 and 10000');
SELECT throws_ok($$ CALL leads.import_commit('web', schema_name => 'nowhere') $$, 'LD008', NULL, 'no such company');
SELECT throws_ok($$ SELECT * FROM leads.import_preview('none') $$, 'LD001', 'there is no import batch "none"');
SELECT throws_ok($$ SELECT * FROM leads.import_preview(NULL) $$, 'LD005', 'batch is required');
SELECT throws_ok($$ SELECT * FROM leads.import_preview('web', compared => -1) $$, '22023', NULL, 'compared has limits');
SELECT throws_ok($$ SELECT * FROM leads.import_preview('web', problems => 10001) $$, '22023', NULL, 'problems has limits');
SELECT throws_ok($$ SELECT * FROM leads.import_report('none') $$, 'LD001', 'there is no import batch "none"');
SELECT throws_ok($$ SELECT * FROM leads.import_report(NULL) $$, 'LD005', 'batch is required');
SELECT throws_ok($$ SELECT leads.import_suggest_mapping(array_fill('x'::text, ARRAY[1001])) $$, 'LD007', '1000 headers at most');
INSERT INTO crm.import_row (batch, name) SELECT 'big', '甲' || i FROM generate_series(1, 10001) i;
SELECT throws_ok($$ CALL leads.import_commit('big') $$, 'LD007', '10000 rows at most can be imported in one transaction');
SELECT throws_ok($$ CALL leads.import_commit('big', 'all_or_nothing') $$, 'LD007', NULL, 'nor as all or nothing');
SELECT leads.import_stage('bad', '[{"name": "贵阳甲公司", "phone": "1"}]') AS staged \gset
SELECT throws_ok($$ CALL leads.import_commit('bad', 'all_or_nothing') $$, 'LD002', 'batch "bad" has bad rows: 1');
SELECT throws_ok($$ INSERT INTO crm.import_result (row_id, registration_id, outcome) VALUES (1, 1, 'created') $$, 'LD009', NULL, 'results are written by the call');
SELECT throws_ok($$ UPDATE crm.import_batch SET state = 'committed' $$, 'LD009', NULL, 'and so are batches');

-- above READ COMMITTED the look would be of an old snapshot
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT throws_ok($$ CALL leads.import_commit('bad') $$, '0A000', 'import_commit() works in READ COMMITTED only');
COMMIT;
SET leads.clock = '2030-01-01';
SELECT leads.install('imp_real') AS made \gset
SELECT throws_ok($$ SELECT leads.import_stage('x', '[]', schema_name => 'imp_real') $$, 'LD010', NULL, 'no false clock in a real company');
RESET leads.clock;
SELECT leads.uninstall('imp_real', 'imp_real') AS gone \gset

-- odd values
SELECT leads.import_stage('odd', '[{"name": "大同云冈石材有限公司", "amount": 12.5, "created_at": "2024-2-29", "extra": {"name": 1}, "need": null, "contact": ""},
  {"name": "大同悬空寺旅行社有限公司", "amount": "-1"}, {"name": "大同九龙壁陶瓷有限公司", "created_at": "2023-02-29"}, {"name": "大同华严寺木业有限公司", "amount": "1e5"},
  {"name": "大同北魏服饰有限公司", "created_at": "2024-01-01 25:00"}, {"name": "大同凤临阁餐饮有限公司", "created_at": "2024-01-01T08:00:00.25Z"}]') AS staged \gset
SELECT lives_ok($$ CALL leads.import_commit('odd') $$);
SELECT results_eq($$ SELECT row_no, outcome, column_name FROM leads.import_report('odd') $$,
  $$ VALUES (1::bigint, 'created', NULL), (2, 'rejected', 'amount'), (3, 'rejected', 'created_at'), (4, 'rejected', 'amount'), (5, 'rejected', 'created_at'), (6, 'created', NULL) $$, 'odd values');
SELECT is((SELECT l.extra FROM crm.lead l JOIN crm.customer c ON c.id = l.customer_id WHERE c.name = '大同云冈石材有限公司'), '{"name": 1}'::jsonb, 'extra is kept');
SELECT is((SELECT created_at FROM crm.customer WHERE name = '大同凤临阁餐饮有限公司'), '2024-01-01 08:00:00.25+00'::timestamptz, 'an instant with its zone');
SELECT is_empty($$ SELECT * FROM leads.verify() $$, 'the company is sound');

-- rights
SELECT format('CREATE ROLE %I', 'imp_' || p || '_' || current_database()) FROM unnest('{rep,manager,app,bi}'::text[]) p \gexec
SELECT count(leads.grant_access('imp_' || p || '_' || current_database(), p)) AS granted FROM unnest('{rep,manager,app,bi}'::text[]) p \gset
SELECT 'imp_manager_' || current_database() AS manager, 'imp_rep_' || current_database() AS rep \gset
SET ROLE :"rep";
SELECT throws_ok($$ SELECT leads.import_stage('r', '[]') $$, '42501', NULL, 'a rep stages nothing');
SELECT throws_ok($$ CALL leads.import_commit('odd') $$, '42501', NULL, 'commits nothing');
SELECT throws_ok($$ SELECT * FROM leads.import_report('odd') $$, '42501', NULL, 'reads no report');
SELECT throws_ok($$ SELECT * FROM crm.import_progress $$, '42501', NULL, 'and no progress');
RESET ROLE;
SET ROLE :"manager";
SELECT is(leads.import_stage('m', '[{"name": "太原晋祠泉水有限公司"}]'), 1::bigint, 'a manager stages');
SELECT throws_ok($$ SELECT * FROM crm.import_row $$, '42501', NULL, 'but reads no raw contacts');
SELECT lives_ok($$ INSERT INTO crm.import_row (batch, name) VALUES ('m', '太原双塔印刷有限公司') $$, 'COPY and INSERT are open');
SELECT lives_ok($$ CALL leads.import_commit('m') $$, 'a manager commits');
SELECT is((SELECT count(*) FROM leads.import_report('m') WHERE outcome = 'created'), 2::bigint, 'and reads the report');
SELECT isnt((SELECT state FROM crm.import_progress WHERE batch = 'm'), 'running', 'and the progress');
RESET ROLE;
UPDATE crm.channel SET profiles = '{admin}' WHERE code = 'import';
SET ROLE :"manager";
SELECT throws_ok($$ SELECT leads.import_stage('m2', '[]') $$, 'LD004', 'no right to register through channel "import"');
SELECT throws_ok($$ CALL leads.import_commit('m') $$, 'LD004', 'no right to register through channel "import"');
RESET ROLE;
UPDATE crm.channel SET active = false WHERE code = 'import';
SELECT throws_ok($$ CALL leads.import_commit('m') $$, 'LD001', 'unknown channel "import"');
UPDATE crm.member SET db_role = NULL;
SELECT count(leads.revoke_access(role_name, profile)) AS revoked FROM crm.access_list WHERE role_name LIKE 'imp\_%' \gset
SELECT * FROM finish();
SELECT format('DROP ROLE %I', 'imp_' || p || '_' || current_database()) FROM unnest('{rep,manager,app,bi}'::text[]) p \gexec
