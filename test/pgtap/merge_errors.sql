-- Every error that merge(), unmerge() and canonical() can raise, by SQLSTATE; and who may call them.
\ir include/company.sql
SELECT * FROM no_plan();
SET leads.clock = '2025-03-01 09:00+08';
SET timezone = 'Asia/Shanghai';
INSERT INTO crm.member (code, name, is_manager) VALUES ('zhang', '张伟', false), ('li', '李娜', false), ('boss', '陈总', true);
SELECT FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SELECT FROM leads.register('四川天府物流有限公司', by_member => 'zhang');
SELECT FROM leads.register('广州明珠医疗器械有限公司', by_member => 'li');
SELECT FROM leads.register('青岛海蓝水产有限公司', by_member => 'zhang');
SELECT 'rep_' || current_database() AS rep, 'mgr_' || current_database() AS manager, 'adm_' || current_database() AS admin,
  'app_' || current_database() AS app, 'bi_' || current_database() AS bi, 'out_' || current_database() AS outsider \gset
CREATE ROLE :"rep"; CREATE ROLE :"manager"; CREATE ROLE :"admin"; CREATE ROLE :"app"; CREATE ROLE :"bi"; CREATE ROLE :"outsider";
INSERT INTO crm.member (code, name, db_role) VALUES ('zhao', '赵敏', :'rep'), ('ma', '马力', :'manager'), ('ad', '安迪', :'admin');
SELECT leads.grant_access(:'rep', 'rep'), leads.grant_access(:'manager', 'manager'), leads.grant_access(:'admin', 'admin'),
  leads.grant_access(:'app', 'app'), leads.grant_access(:'bi', 'bi');
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA leads TO :"outsider", :"rep", :"app";

-- arguments
SELECT throws_ok($$ SELECT leads.merge(NULL, '{2}', reason => 'x') $$, 'LD005', NULL, 'no survivor');
SELECT throws_ok($$ SELECT leads.merge(1, NULL, reason => 'x') $$, 'LD005', NULL, 'no losers');
SELECT throws_ok($$ SELECT leads.merge(1, '{}', reason => 'x') $$, 'LD005', NULL, 'an empty list');
SELECT throws_ok($$ SELECT leads.merge(1, '{2,NULL}', reason => 'x') $$, 'LD005', NULL, 'a NULL among them');
SELECT throws_ok($$ SELECT leads.merge(1, '{2}') $$, 'LD005', NULL, 'no reason');
SELECT throws_ok($$ SELECT leads.merge(1, '{2}', reason => E' \t') $$, 'LD005', NULL, 'a blank reason');
SELECT throws_ok($$ SELECT leads.merge(1, '{2}', reason => repeat('x', 1001)) $$, 'LD007', NULL, 'a long reason');
SELECT throws_ok($$ SELECT leads.merge(1, (SELECT array_agg(n::bigint) FROM generate_series(2, 22) n), reason => 'x') $$, 'LD007', NULL, '21 losers');
SELECT throws_ok($$ SELECT leads.merge(1, (SELECT array_agg(n::bigint) FROM generate_series(2, 21) n), reason => 'x') $$, 'LD001', NULL, '20 are not too many');
SELECT throws_ok($$ SELECT leads.merge(1, '{99}', reason => 'x') $$, 'LD001', NULL, 'an unknown loser');
SELECT throws_ok($$ SELECT leads.merge(99, '{1}', reason => 'x') $$, 'LD001', NULL, 'an unknown survivor');
SELECT throws_ok($$ SELECT leads.merge(-1, '{0}', reason => 'x') $$, 'LD001', NULL, 'ids that cannot be');
SELECT throws_ok($$ SELECT leads.merge(1, '{2,1}', reason => 'x') $$, 'LD002', NULL, 'itself');
SELECT throws_ok(format('SELECT leads.merge(1, %L, %L, %L)', '{2}', c, 'x'), '22023', NULL, 'field_choices ' || c)
  FROM unnest(ARRAY['[]', '1', '{"phone": 1}', '{"name": 3}', '{"name": "1"}', '{"name": null}', '{"name": {}}', '{"name": [1]}', '{"name": 1.5}']) c;
SELECT throws_ok($$ SELECT leads.merge(1, '{2}', reason => 'x', by_member => 'nobody') $$, 'LD004', NULL, 'an unknown member');
SELECT throws_ok($$ SELECT leads.merge(1, '{2}', reason => 'x', by_member => 'zhang') $$, 'LD004', NULL, 'a member that is no manager');
SELECT throws_ok($$ SELECT leads.unmerge(NULL) $$, 'LD005', NULL, 'no merge');
SELECT throws_ok($$ SELECT leads.unmerge(99) $$, 'LD001', NULL, 'an unknown merge');
SELECT throws_ok($$ SELECT leads.unmerge(1, reason => repeat('x', 1001)) $$, 'LD007', NULL, 'a long reason');
SELECT throws_ok(format('SELECT leads.unmerge(1, %L)', c), '22023', NULL, 'resolution ' || c)
  FROM unnest(ARRAY['[]', '1', '{"*": "yes"}', '{"*": 1}', '{"*": null}']) c;
SELECT throws_ok($$ SELECT leads.canonical(NULL) $$, 'LD005', NULL, 'no customer');
SELECT throws_ok($$ SELECT leads.canonical(99) $$, 'LD001', NULL, 'an unknown customer');
SELECT is_empty('SELECT FROM crm.merge', 'a refusal leaves nothing');

-- different owners: an administrator as itself
SET ROLE :"manager";
SELECT throws_ok($$ SELECT leads.merge(1, '{3}', reason => 'x') $$, 'LD002', NULL, 'two owners, by a manager');
SELECT lives_ok($$ SELECT leads.merge(1, '{2}', reason => 'x', dry_run => true) $$, 'one owner, by a manager');
-- a dry run that fails ends what it began: who catches the error goes on as itself, not as the owner of the data schema
CREATE FUNCTION pg_temp.catches(call text, OUT state text, OUT who name, OUT reads boolean) LANGUAGE plpgsql AS $$
BEGIN
  BEGIN EXECUTE call; EXCEPTION WHEN OTHERS THEN state := SQLSTATE; END;
  who := current_user;
  reads := has_table_privilege('crm.contact_point', 'SELECT');
END $$;
SELECT results_eq($$ SELECT * FROM pg_temp.catches('SELECT leads.merge(99, ''{1}'', reason => ''x'', dry_run => true)') $$,
  format($$ VALUES ('LD001', %L::name, false) $$, :'manager'), 'a dry run that fails gives nobody the rights of the owner');
SELECT is(current_user, :'manager'::name, 'nor afterwards');
SELECT is((SELECT outcome FROM leads.merge(1, '{2}', reason => 'x', dry_run => true)), 'dry_run', 'and the next one works');
SELECT is((SELECT jsonb_path_query_first(conflicts, '$[*].refused') FROM leads.merge(1, '{3}', reason => 'x', dry_run => true)), '"LD002"', 'a dry run says that it would be refused');
SET ROLE :"admin";
SELECT throws_ok($$ SELECT leads.merge(1, '{3}', reason => 'x', by_member => 'boss') $$, 'LD002', NULL, 'two owners, by an administrator for a manager');
SELECT lives_ok($$ SELECT leads.merge(1, '{3}', reason => 'x') $$, 'two owners, by an administrator');
SELECT is((SELECT leads.canonical(3)), 1::bigint, 'canonical()');
SELECT throws_ok($$ SELECT leads.merge(2, '{3}', reason => 'x') $$, 'LD002', NULL, 'a tombstone');
SELECT throws_ok($$ SELECT leads.merge(3, '{1}', reason => 'x') $$, 'LD002', NULL, 'a circle');
SELECT ok((SELECT count(*) > 0 FROM crm.merge_item), 'an administrator reads the journal');
RESET ROLE;
SELECT max(id) AS m FROM crm.merge \gset
SELECT throws_ok(format('SELECT leads.unmerge(%s, give => %L)', :m, c), '22023', NULL, 'give ' || c)
  FROM unnest(ARRAY['[]', '{"lead/1": 2}', '{"lead": 3}', '{"lead/1": "3"}', '{"lead/1": {}}']) c;
SELECT throws_ok(format('SELECT leads.unmerge(%s, give => %L)', :m, c), 'LD001', NULL, 'give ' || c)
  FROM unnest(ARRAY['{"lead/99": 3}', '{"lead/x": 3}', '{"lead/3": 3}', '{"event/1": 3}', '{"customer_name/1": 3, "/": 3}']) c;
-- a reason and rights
SET ROLE :"rep";
SELECT throws_ok($$ SELECT leads.merge(1, '{2}', reason => 'x') $$, 'LD004', NULL, 'merge() by a rep');
SELECT throws_ok($$ SELECT leads.unmerge(1) $$, 'LD004', NULL, 'unmerge() by a rep');
SELECT throws_ok($$ SELECT FROM crm.merge $$, '42501', NULL, 'a rep reads no merge');
SELECT throws_ok($$ SELECT FROM crm.merge_item $$, '42501', NULL, 'nor the journal');
SELECT throws_ok('SELECT leads.canonical(3)', 'LD001', NULL, 'canonical() by a rep who may not know of it');
SET ROLE :"app";
SELECT throws_ok($$ SELECT leads.merge(1, '{2}', reason => 'x', by_member => 'li') $$, 'LD004', NULL, 'merge() by an app for a rep');
SELECT lives_ok($$ SELECT leads.merge(1, '{2}', reason => 'x', dry_run => true, by_member => 'boss') $$, 'merge() by an app for a manager');
SET ROLE :"bi";
SELECT throws_ok($$ SELECT leads.merge(1, '{2}', reason => 'x') $$, '42501', NULL, 'merge() by bi');
SELECT is(leads.canonical(3), 1::bigint, 'canonical() by bi');
SET ROLE :"outsider";
SELECT throws_ok($$ SELECT leads.merge(1, '{2}', reason => 'x') $$, 'LD004', NULL, 'merge() by an outsider');
SELECT throws_ok($$ SELECT leads.unmerge(1) $$, 'LD004', NULL, 'unmerge() by an outsider');
SELECT throws_ok($$ SELECT leads.canonical(1) $$, 'LD004', NULL, 'canonical() by an outsider');
RESET ROLE;
SELECT lives_ok(format('SELECT leads.unmerge(%s)', :m), 'undone');
SELECT throws_ok(format('SELECT leads.unmerge(%s)', :m), 'LD002', NULL, 'and not twice');
-- another clock in a company that works for real
SELECT FROM leads.install('real', owner => :'owner');
INSERT INTO real.member (code, name) VALUES ('zhang', '张伟');
RESET leads.clock; SET leads.schema = 'real';
SELECT FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SELECT FROM leads.register('四川天府物流有限公司', by_member => 'zhang');
SELECT leads.merge(1, '{2}', reason => 'x');
SET leads.clock = '2055-03-01';
SELECT throws_ok($$ SELECT leads.merge(1, '{2}', reason => 'x') $$, 'LD010', NULL, 'merge() under a false clock');
SELECT throws_ok($$ SELECT leads.unmerge((SELECT max(id) FROM real.merge)) $$, 'LD010', NULL, 'unmerge() under a false clock');
RESET leads.clock;
-- 21: leads.schema names no company
SET leads.schema = 'nowhere';
SELECT throws_ok($$ SELECT leads.merge(1, '{2}', reason => 'x') $$, 'LD008', NULL, 'no company');
SET leads.schema = 'crm';
-- merged into one that was deleted: not there, and nothing to try again
SELECT customer_id AS gone FROM leads.register('贵阳黔灵食品有限公司', by_member => 'zhang') \gset
SELECT customer_id AS into FROM leads.register('昆明滇池机械有限公司', by_member => 'zhang') \gset
SELECT FROM leads.merge(:into, ARRAY[:gone]::bigint[], reason => 'x');
SELECT FROM leads.delete_customer(:into, 'x');
SELECT throws_ok(format(c, :gone), 'LD001', NULL, 'deleted with its survivor: ' || c) FROM unnest(ARRAY['SELECT leads.release(%s, ''x'')', 'SELECT leads.assign(%s, ''li'')', 'SELECT leads.pause(%s, ''2026-01-01'')', 'SELECT leads.claim(ARRAY[%s], by_member => ''li'')', 'SELECT leads.extend(%s, 1)']) c;
-- unmerged when its protection would be over, without a grace: it is held for a moment, and nothing stands in the way of whoever comes next
SET leads.clock = '2056-03-19 09:00+08';
SELECT leads.publish('protection', '', '{"days": 5, "remind_days": 0, "grace_days": 0}') AS v0 \gset
SET leads.clock = '2056-03-20 09:00+08';
SELECT customer_id AS kept FROM leads.register('兰州黄河机械有限公司', by_member => 'zhang') \gset
SELECT customer_id AS away FROM leads.register('西宁青海湖食品有限公司', by_member => 'zhang') \gset
SELECT merge_id AS away_merge FROM leads.merge(:kept, ARRAY[:away]::bigint[], reason => 'x') \gset
SET leads.clock = '2056-04-01 09:00+08';
SELECT FROM leads.unmerge(:away_merge, reason => 'x');
SELECT is_empty('SELECT * FROM leads.verify()', 'unmerged: verify() is clean');
SET leads.clock = '2056-04-01 09:01+08';
SELECT is(leads.owner_at(:away), NULL, 'over');
CALL leads.tick();
SELECT is_empty('SELECT * FROM crm.quarantine', 'and written down');
SELECT is((SELECT outcome FROM leads.claim(ARRAY[:away], by_member => 'li')), 'claimed', 'and claimed');
RESET leads.clock;
-- the last customer that a key can name
ALTER TABLE crm.customer ALTER COLUMN id RESTART WITH 4294967296;
SELECT throws_ok($$ SELECT leads.register('昆明滇池花卉有限公司', by_member => 'zhang') $$, '54000', NULL, 'too many customers');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() is clean');
SELECT * FROM finish();
