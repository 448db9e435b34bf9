-- An import that keeps owners asks how many customers each may hold: who is full gets no more, the rules decide, nothing is lost.
\ir include/company.sql
SET client_min_messages = error;
SELECT * FROM no_plan();
INSERT INTO crm.member (code, name, holder_cap) VALUES ('zhang', '张伟', 3), ('li', '李娜', NULL), ('wang', '王强', 0);
SELECT FROM leads.register('杭州西泠科技有限公司', by_member => 'zhang');
INSERT INTO crm.routing_rule (position, region, assign_to) VALUES (10, '四川', 'member:li'), (20, '云南', 'member:zhang'), (30, '北京', 'pool:public');
SELECT is(leads.import_stage('旧系统', '[
  {"name": "重庆鸿源商贸有限公司", "owner": "zhang"}, {"name": "成都锦绣电子科技有限公司", "owner": "zhang"}, {"name": "苏州蓝海机械制造有限公司", "owner": "li"},
  {"name": "成都青禾食品有限公司", "owner": "zhang", "region": "四川"}, {"name": "北京天桥科技有限公司", "owner": "zhang"}, {"name": "昆明滇池花卉有限公司", "owner": "zhang", "region": "云南"},
  {"name": "大理苍山石材有限公司", "owner": "wang"}, {"name": "杭州西泠科技", "owner": "zhang"}, {"name": "青岛海蓝水产有限公司"}]'), 9::bigint, 'nine rows');
CALL leads.import_commit('旧系统', chunk => 2);
SELECT results_eq($$ SELECT r.row_no::int, r.outcome, r.code, m.code FROM leads.import_report('旧系统') r LEFT JOIN crm.ownership o ON o.customer_id = r.customer_id AND o.until IS NULL LEFT JOIN crm.member m ON m.id = o.member_id ORDER BY 1 $$,
  $$ VALUES (1, 'created', 'register.created', 'zhang'), (2, 'created', 'register.created', 'zhang'), (3, 'created', 'register.created', 'li'), (4, 'created', 'import.owner_full', 'li'),
    (5, 'created', 'import.owner_full', NULL), (6, 'created', 'import.owner_full', 'li'), (7, 'created', 'import.owner_full', 'li'), (8, 'attached', 'register.attached_own', 'zhang'),
    (9, 'created', 'register.created', 'li') $$, 'two more for zhang; then the rules, which do not overfill it either; none for wang; its own customer is its own');
SELECT is((SELECT message FROM leads.import_report('旧系统') WHERE row_no = 4), '原归属人持有已达上限，按规则分配：李娜', 'the report says why, and who has it now');
SELECT is((SELECT message FROM leads.import_report('旧系统') WHERE row_no = 5), '原归属人持有已达上限，按规则分配：公海', 'also if that is a pool');
SELECT results_eq($$ SELECT m.code, k.held FROM crm.member_counter k JOIN crm.member m ON m.id = k.member_id WHERE k.held > 0 ORDER BY 1 $$, $$ VALUES ('li', 5), ('zhang', 3) $$, 'counted');
SELECT is((SELECT string_agg(step || ' ' || verdict, '; ' ORDER BY step_no) FROM leads.explain((SELECT g.decision_id FROM crm.registration g JOIN leads.import_report('旧系统') r ON r.registration_id = g.id WHERE r.row_no = 2)) WHERE step = 'cap'), 'cap yes', 'who may have it is counted, too');
SELECT is((SELECT reason FROM leads.explain((SELECT g.decision_id FROM crm.registration g JOIN leads.import_report('旧系统') r ON r.registration_id = g.id WHERE r.row_no = 4)) WHERE step = 'cap' AND verdict = 'no'), '持有 3，上限 3', 'the decision has the numbers');
SELECT is((SELECT count(*)::int FROM crm.import_row r WHERE NOT EXISTS (SELECT FROM crm.import_result x WHERE x.row_id = r.id)), 0, 'every row has its outcome');
SELECT is_empty('SELECT * FROM leads.verify()', 'the company is sound');
-- in one transaction, and with rows taken from the last on
SELECT is(leads.import_stage('二', '[{"name": "贵阳观山湖茶业有限公司", "owner": "wang"}, {"name": "遵义红花岗酒业有限公司", "owner": "wang"}]'), 2::bigint, 'two more');
UPDATE crm.member SET holder_cap = 1 WHERE code = 'wang';
CALL leads.import_commit('二', mode => 'all_or_nothing', prefer => 'latest');
SELECT results_eq($$ SELECT row_no::int, code FROM leads.import_report('二') ORDER BY 1 $$, $$ VALUES (1, 'import.owner_full'), (2, 'register.created') $$, 'the last one first');
-- lapsed ones do not count
SET leads.clock = '+40 days';
SELECT is(leads.import_stage('三', '[{"name": "桂林漓江旅行社有限公司", "owner": "wang"}]'), 1::bigint, 'one more');
CALL leads.import_commit('三');
SELECT is((SELECT code FROM leads.import_report('三')), 'register.created', 'what has lapsed makes room, written down or not');
SELECT is_empty('SELECT * FROM leads.verify()', 'the company is sound');
SELECT * FROM finish();
