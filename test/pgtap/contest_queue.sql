-- Approval, the queue behind a registration, rulings, partners: who gets the customer, who is told what, and every error.
\ir include/company.sql
SELECT * FROM no_plan();
SET leads.clock = '2026-03-02 09:00+08';
SET timezone = 'Asia/Shanghai';
SELECT 'li_' || current_database() AS li_db, 'chen_' || current_database() AS chen_db, 'qian_' || current_database() AS qian_db, 'sun_' || current_database() AS sun_db \gset
CREATE ROLE :"li_db"; CREATE ROLE :"chen_db"; CREATE ROLE :"qian_db"; CREATE ROLE :"sun_db";
INSERT INTO crm.member (code, name) VALUES ('zhang', '张伟'), ('wang', '王强'), ('zhao', '赵敏');
INSERT INTO crm.member (code, name, db_role) VALUES ('li', '李娜', :'li_db');
INSERT INTO crm.member (code, name, db_role, is_manager) VALUES ('chen', '陈静', :'chen_db', true), ('zhou', '周洁', NULL, true);
INSERT INTO crm.partner (code, name, manager_id) SELECT 'huaxin', '华信渠道', id FROM crm.member WHERE code = 'zhao';
INSERT INTO crm.member (code, name, db_role, partner_id) VALUES ('qian', '钱进', :'qian_db', 1), ('sun', '孙晓', :'sun_db', 1);
SELECT leads.grant_access(:'li_db', 'rep'), leads.grant_access(:'chen_db', 'manager'), leads.grant_access(:'qian_db', 'partner'), leads.grant_access(:'sun_db', 'partner');
CREATE TEMP VIEW waiting AS SELECT r.id, m.code, r.state, r.rival_id FROM crm.registration r LEFT JOIN crm.member m ON m.id = r.actor_id;
CREATE FUNCTION pg_temp.reg(name text, who text) RETURNS TABLE (id bigint, outcome text, reason text) LANGUAGE sql AS
  $$ SELECT registration_id, outcome, reason FROM leads.register(name, by_member => who, need => '设备') $$;

-- the policy: faults, and what stays
SELECT is(leads.set_registration(approval => true), 2, 'approval on');
SET leads.clock = '2026-03-02 09:01+08';
SELECT is(leads.set_protection(days => 20), 3, 'another part of the policy');
SET leads.clock = '2026-03-02 09:02+08';
SELECT is(body -> 'registration', '{"from": "approval", "queue": true, "approval": true, "evidence": []}', 'keeps what was said of registrations')
  FROM crm.policy WHERE kind = 'protection' AND version = 3;
SELECT throws_ok($$ SELECT leads.set_registration(protect_from => 'payment') $$, '22023', NULL, 'from when');
SELECT throws_ok($$ SELECT leads.set_registration(evidence => '{blood}') $$, '22023', NULL, 'no such evidence');
SELECT throws_ok($$ SELECT leads.set_registration(approval_when => '$.lead.amount') $$, 'LD014', NULL, 'no predicate');
SELECT throws_like(format('SELECT leads.publish(''protection'', '''', %L)', d), '%' || p || '%', d) FROM (VALUES
  ('{"registration": true}', '$.registration'), ('{"registration": {"approval": 1}}', '$.registration.approval'), ('{"registration": {"queue": "no"}}', '$.registration.queue'),
  ('{"registration": {"from": "now"}}', '$.registration.from'), ('{"registration": {"when": 7}}', '$.registration.when'), ('{"registration": {"evidence": "need"}}', '$.registration.evidence'),
  ('{"registration": {"evidence": ["need", "x"]}}', '$.registration.evidence[1]'), ('{"registration": {"vip": true}}', '$.registration.vip')) v(d, p);

-- first come, first served: one waits, the others behind it in the order of their submits; the rival is not named
SELECT is((SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678', need => '设备', by_member => 'zhang')), 'pending', 'the first waits for approval');
SELECT is((SELECT count(*) FROM crm.ownership), 0::bigint, 'nobody owns it');
SELECT is((SELECT count(*) FROM crm.lead), 0::bigint, 'there is no lead');
SELECT is_empty('SELECT * FROM leads.verify()', 'which is sound');
SET ROLE :"li_db";
SELECT results_eq($$ SELECT outcome, reason, customer_id, owner, message FROM leads.register('重慶市鴻源商貿', phone => '139-1234-5678', need => '设备') $$,
  $$ VALUES ('queued', 'register.queued_contender', NULL::bigint, NULL::text, '“重庆****公司”已有报备待审批（除组织形式外全名相同、共有的少见字词、电话相同），您排在第 1 位') $$, 'the second is told its place, not its rival');
SELECT results_eq($$ SELECT state, outcome FROM leads.check_duplicate('重慶市鴻源商貿') $$, $$ VALUES ('pending', 'queued') $$, 'as check_duplicate() says');
RESET ROLE;
SELECT results_eq($$ SELECT outcome, reason FROM pg_temp.reg('重庆鸿源商贸公司', 'wang') $$, $$ VALUES ('queued', 'register.queued_contender') $$, 'the third, too');
SELECT matches((SELECT message FROM leads.register('重庆鸿源商贸公司', by_member => 'zhao')), '第 3 位', 'the fourth is number three behind it');
SELECT results_eq($$ SELECT outcome, reason FROM pg_temp.reg('重庆鸿源商贸', 'zhang') $$, $$ VALUES ('attached', 'register.attached_pending') $$, 'the first one itself is told that it waits');
SELECT results_eq($$ SELECT outcome, reason FROM leads.register('重庆鸿源商贸有限公司', need => '自己来的', channel => 'website') $$,
  $$ VALUES ('attached', 'register.attached_waiting') $$, 'what the customer sends itself is kept');

-- who may decide
SET ROLE :"li_db";
SELECT throws_ok('SELECT leads.approve_registration(1)', '42501', NULL, 'a rep approves nothing');
SELECT throws_ok('SELECT leads.withdraw_registration(1)', 'LD001', 'there is no registration 1', 'nor withdraws another''s: it is not there');
SELECT throws_ok('SELECT leads.withdraw_registration(4711)', 'LD001', 'there is no registration 4711', 'as one that is not');
SELECT throws_ok('SELECT leads.raise_conflict(1, ''x'')', 'LD001', 'there is no registration 1', 'nor contests it');
RESET ROLE;
SELECT throws_ok($$ SELECT leads.approve_registration(1, by_member => 'li') $$, 'LD001', NULL, 'nor when named by somebody: it is not there');
SELECT throws_ok($$ SELECT leads.approve_registration(1, by_member => 'zhang') $$, 'LD004', NULL, 'not its own');
SELECT is((SELECT outcome FROM pg_temp.reg('苏州虎丘模具有限公司', 'chen')), 'pending', 'a manager registers');
SELECT throws_ok(format('SELECT leads.approve_registration(%s, by_member => ''chen'')', max(id)), 'LD004', 'nobody decides over a registration of its own', 'and does not approve it') FROM waiting WHERE state = 'pending';
SELECT is((SELECT state FROM leads.withdraw_registration((SELECT max(id) FROM waiting WHERE state = 'pending'), by_member => 'chen')), 'withdrawn', 'but may withdraw it');
SELECT throws_ok('SELECT leads.approve_registration(NULL)', 'LD005', NULL, 'which one');
SELECT throws_ok('SELECT leads.reject_registration(1, NULL)', 'LD005', NULL, 'a reason');
SELECT throws_ok('SELECT leads.reject_registration(1, repeat(''x'', 1001))', 'LD007', NULL, 'not a novel');
SELECT throws_ok($$ SELECT leads.approve_registration(2, by_member => 'chen') $$, 'LD002', NULL, 'not past the one before it');
SELECT throws_ok($$ SELECT leads.assign(1, 'wang') $$, 'LD002', NULL, 'nobody has it yet: nothing to assign');

-- rejected: the head of the queue comes up; whose registrant has left is passed over
UPDATE crm.member SET left_at = '2026-03-02 08:00+08' WHERE code = 'li';
SELECT is((SELECT state FROM leads.reject_registration(1, '资料不实', by_member => 'chen')), 'rejected', 'rejected');
SELECT results_eq('SELECT code, state, rival_id FROM waiting WHERE id <= 4 ORDER BY id', $$ VALUES ('zhang', 'rejected', NULL::bigint), ('li', 'withdrawn', 1), ('wang', 'pending', NULL), ('zhao', 'queued', 3) $$, 'the queue moved up in the same transaction');
SELECT is((SELECT outcome FROM pg_temp.reg('重庆鸿源商贸有限公司', 'zhang')), 'queued', 'who was rejected waits at the end');
SELECT is((SELECT resubmits_id FROM crm.registration ORDER BY id DESC LIMIT 1), 1::bigint, 'its new attempt is linked to the old');
-- approved: owner, lead, the inquiry on it; the others are blocked, with the winner as reference, and told
SELECT is((SELECT state FROM leads.approve_registration(3, '有拜访记录', by_member => 'chen')), 'approved', 'approved');
SET leads.clock = '2026-03-02 09:03+08';
SELECT is(leads.owner_at(1), 'wang', 'the registrant owns it');
SELECT is((SELECT count(*) FROM crm.lead WHERE registration_id = 3 AND need = '设备' AND created_by = (SELECT id FROM crm.member WHERE code = 'wang')), 1::bigint, 'with a lead of what was sent');
SELECT results_eq('SELECT note FROM crm.activity', $$ VALUES ('自己来的') $$, 'the inquiry is on it');
SELECT results_eq($$ SELECT code, state, rival_id FROM waiting WHERE id IN (4, 8) ORDER BY id $$, $$ VALUES ('zhao', 'blocked', 3::bigint), ('zhang', 'blocked', 3) $$, 'the others are blocked, with reference');
SELECT results_eq($$ SELECT m.code, o.payload ->> 'state' FROM crm.outbox o JOIN crm.member m ON m.id = o.member_id WHERE topic = 'registration' ORDER BY o.id $$,
  $$ VALUES ('zhang', 'rejected'), ('wang', 'pending'), ('wang', 'approved'), ('zhao', 'blocked'), ('zhang', 'blocked') $$, 'each was told');
SELECT matches((SELECT reason FROM leads.explain((SELECT max(id) FROM crm.decision WHERE kind = 'approve')) WHERE verdict = 'yes' AND step = 'contest'), '有拜访记录', 'the reason is on record');
-- one's own protection: extend it
SELECT results_eq($$ SELECT outcome, reason FROM pg_temp.reg('重庆鸿源商贸有限公司', 'wang') $$, $$ VALUES ('rejected', 'LD042') $$, 'LD042: registered again while the protection stands');
SELECT is((SELECT outcome FROM pg_temp.reg('重庆鸿源商贸有限公司', 'zhang')), 'blocked', 'and another''s is blocked');

-- nobody behind it: what came by itself goes where the rules say; the customer is free for the next one
UPDATE crm.member SET left_at = NULL WHERE code = 'li';
SELECT is((SELECT outcome FROM pg_temp.reg('成都锦城餐饮管理有限公司', 'li')), 'pending', 'one more');
SELECT FROM leads.register('成都锦城餐饮管理有限公司', need => '订餐', channel => 'website');
SELECT is((SELECT state FROM leads.withdraw_registration((SELECT max(id) FROM waiting WHERE state = 'pending'), by_member => 'li')), 'withdrawn', 'withdrawn by its registrant');
SET leads.clock = '2026-03-02 09:04+08';
SELECT is((SELECT count(*) FROM crm.lead l JOIN crm.customer c ON c.id = l.customer_id WHERE c.name ~ '锦城' AND l.need = '订餐' AND l.first_owner_id IS NOT NULL), 1::bigint, 'the inquiry was routed');
SELECT is((SELECT outcome FROM pg_temp.reg('青岛海蓝水产有限公司', 'li')), 'pending', 'another');
SELECT is((SELECT state FROM leads.withdraw_registration((SELECT max(id) FROM waiting WHERE state = 'pending'), by_member => 'chen')), 'withdrawn', 'withdrawn by a manager');
SELECT is((SELECT outcome FROM pg_temp.reg('青岛海蓝水产有限公司', 'zhang')), 'pending', 'free for the next one');
SELECT is_empty('SELECT * FROM leads.verify()', 'sound');

-- approval only where the condition holds; without it for those who come up
SELECT FROM leads.set_registration(approval_when => '$.lead.amount >= 100000');
SET leads.clock = '2026-03-02 09:05+08';
SELECT is((SELECT outcome FROM leads.register('广州明珠医疗器械有限公司', amount => 99999, by_member => 'li')), 'created', 'small: at once');
SELECT is((SELECT outcome FROM leads.register('昆明云岭花卉有限公司', amount => 100000, by_member => 'li')), 'pending', 'large: waits');
SELECT is((SELECT outcome FROM leads.register('昆明云岭花卉有限公司', amount => 1, by_member => 'wang')), 'queued', 'a small one behind it');
SELECT is((SELECT outcome FROM leads.register('昆明云岭花卉有限公司', amount => 2, by_member => 'zhang')), 'queued', 'and another');
SELECT is((SELECT state FROM leads.reject_registration((SELECT max(id) FROM waiting WHERE state = 'pending'), 'x', by_member => 'chen')), 'rejected', 'the large one falls');
SET leads.clock = '2026-03-02 09:06+08';
SELECT results_eq($$ SELECT code, state FROM waiting ORDER BY id DESC LIMIT 2 $$, $$ VALUES ('zhang', 'blocked'), ('wang', 'approved') $$, 'the first behind it needs no approval: approved, the next one blocked');
SELECT is(leads.owner_at((SELECT id FROM crm.customer WHERE name ~ '云岭')), 'wang', 'and owns it');
SELECT FROM leads.set_registration(approval_when => '');
SET leads.clock = '2026-03-02 09:07+08';
-- protection from the submit
SELECT FROM leads.set_registration(protect_from => 'submit');
SET leads.clock = '2026-03-02 09:08+08';
SELECT is((SELECT outcome FROM pg_temp.reg('西安雁塔旅行社有限公司', 'li')), 'pending', 'submitted on the 2nd');
SET leads.clock = '2026-03-07 09:00+08';
SELECT is((SELECT protected_until::date FROM leads.approve_registration((SELECT max(id) FROM waiting WHERE state = 'pending'), by_member => 'chen')), '2026-03-22'::date, 'twenty days from the submit');
SELECT is((SELECT outcome FROM pg_temp.reg('合肥包公园林有限公司', 'li')), 'pending', 'another');
SET leads.clock = '2026-04-07 09:00+08';
SELECT is((SELECT protected_until::date FROM leads.approve_registration((SELECT max(id) FROM waiting WHERE state = 'pending'), by_member => 'chen')), '2026-04-10'::date, 'never nearer than the grace');
SELECT FROM leads.set_registration(protect_from => 'approval');
SET leads.clock = '2026-04-07 09:01+08';
-- no queue; evidence
SELECT FROM leads.set_registration(queue => false, evidence => '{contact,need,amount,proof}');
SET leads.clock = '2026-04-07 09:02+08';
SELECT results_eq($$ SELECT outcome, message FROM leads.register('南京秦淮印刷有限公司', need => 'x', by_member => 'li') $$,
  $$ VALUES ('rejected', '未登记：报备资料不全，缺少 contact, amount, extra.proof') $$, 'what is missing is named');
SELECT is((SELECT outcome FROM leads.register('南京秦淮印刷有限公司', need => 'x', channel => 'website')), 'created', 'never of what the customer sends');
SELECT is((SELECT outcome FROM leads.register('杭州西湖纺织有限公司', contact => '刘洋', need => 'x', amount => 5, extra => '{"proof": "s3:a.pdf"}', by_member => 'li')), 'pending', 'complete');
SELECT results_eq($$ SELECT outcome, reason FROM leads.register('杭州西湖纺织有限公司', contact => '刘洋', need => 'x', amount => 5, extra => '{"proof": ["s3:b.pdf"]}', by_member => 'wang') $$,
  $$ VALUES ('blocked', 'register.blocked_pending') $$, 'the second is blocked at once');
SELECT is((SELECT outcome FROM leads.register('长沙岳麓模具有限公司', contact => '刘洋', need => 'x', amount => 5, extra => jsonb_build_object('proof', 'x', 'pad', (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 1200) i)), by_member => 'li')),
  'rejected', 'more than is kept cannot wait');
SELECT FROM leads.set_registration(queue => true, evidence => '{}');
SET leads.clock = '2026-04-07 09:03+08';

-- it went to somebody else meanwhile; the registrant cannot hold more
SELECT id AS hang FROM waiting WHERE state = 'pending' ORDER BY id DESC LIMIT 1 \gset
UPDATE crm.member SET holder_cap = 0 WHERE code = 'li';
SELECT throws_ok(format('SELECT leads.approve_registration(%s, by_member => ''chen'')', :hang), 'LD032', NULL, 'over the cap');
UPDATE crm.member SET active = false WHERE code = 'li';
SELECT throws_ok(format('SELECT leads.approve_registration(%s, by_member => ''chen'')', :hang), 'LD031', NULL, 'inactive');
UPDATE crm.member SET active = true, holder_cap = NULL WHERE code = 'li';
-- (a former customer, long in the pool, registered again; claimed before the approval)
SET leads.clock = '2025-03-03 09:00+08';
SELECT FROM leads.register('太原晋阳印刷有限公司', by_member => 'zhang', channel => 'website');
SELECT FROM leads.lose((SELECT max(id) FROM crm.lead), 'price');
SELECT FROM leads.release((SELECT max(id) FROM crm.customer), 'x');
SET leads.clock = '2026-04-07 09:30+08';
SELECT is((SELECT outcome FROM pg_temp.reg('太原晋阳印刷有限公司', 'li')), 'pending', 'a former customer waits like a new one');
SELECT max(id) AS late FROM waiting \gset
SELECT FROM leads.claim((SELECT array_agg(id) FROM crm.customer WHERE name ~ '晋阳'), by_member => 'wang');
SELECT throws_ok(format('SELECT leads.approve_registration(%s, by_member => ''chen'')', :late), 'LD051', NULL, 'claimed meanwhile by another');
SELECT is((SELECT state FROM leads.reject_registration(:late, '已被认领', by_member => 'chen')), 'rejected', 'it can be rejected');
SELECT is((SELECT outcome FROM pg_temp.reg('太原晋阳印刷有限公司', 'zhao')), 'blocked', 'and is wang''s');

-- rulings: against who has it
SET leads.clock = '2026-04-08 09:00+08';
SELECT outcome FROM leads.register('武汉长江水产有限公司', by_member => 'zhang') \gset
SELECT is(:'outcome'::text, 'pending', 'a registration of zhang');
SELECT FROM leads.approve_registration((SELECT max(id) FROM waiting WHERE state = 'pending'), by_member => 'chen');
SELECT FROM leads.set_registration(approval => false);
SET leads.clock = '2026-04-08 09:01+08';
SELECT is((SELECT outcome FROM leads.register('武汉长江水产有限公司', by_member => 'wang')), 'blocked', 'now wang is blocked');
SELECT max(id) AS mine FROM waiting \gset
SELECT throws_ok(format('SELECT leads.raise_conflict(%s, NULL, by_member => ''wang'')', :mine), 'LD005', NULL, 'why');
SELECT conflict AS x1 FROM leads.raise_conflict(:mine, '我先拜访', by_member => 'wang') \gset
SELECT throws_ok(format('SELECT leads.raise_conflict(%s, ''x'', by_member => ''wang'')', :mine), 'LD002', NULL, 'once is enough');
SELECT throws_ok(format('SELECT leads.rule_conflict(%s, ''registrant'', ''x'', by_member => ''wang'')', :x1), 'LD001', NULL, 'wang does not rule');
SELECT throws_ok(format('SELECT leads.rule_conflict(%s, ''registrant'', NULL, by_member => ''chen'')', :x1), 'LD005', NULL, 'a ruling has a reason');
SELECT throws_ok(format('SELECT leads.rule_conflict(%s, NULL, ''x'', by_member => ''chen'')', :x1), 'LD005', NULL, 'and a winner');
SELECT throws_ok(format('SELECT leads.rule_conflict(%s, ''wang'', ''x'', by_member => ''chen'')', :x1), '22023', NULL, 'of three');
SELECT throws_ok($$ SELECT leads.rule_conflict(4711, 'both', 'x', by_member => 'chen') $$, 'LD001', NULL, 'that is there');
SELECT results_eq(format('SELECT state, owner FROM leads.rule_conflict(%s, ''registrant'', ''有签到记录'', by_member => ''chen'')', :x1), $$ VALUES ('approved', 'wang') $$, 'it supersedes an active protection');
SELECT throws_ok(format('SELECT leads.rule_conflict(%s, ''holder'', ''x'', by_member => ''chen'')', :x1), 'LD002', NULL, 'ruled');
SELECT results_eq($$ SELECT m.code FROM crm.outbox o JOIN crm.member m ON m.id = o.member_id WHERE topic = 'conflict_ruled' ORDER BY 1 $$, $$ VALUES ('wang'), ('zhang') $$, 'both parties are told');
SELECT is((SELECT state FROM waiting WHERE code = 'zhang' ORDER BY id DESC LIMIT 1), 'superseded', 'zhang''s registration is superseded');
SELECT is((SELECT end_cause FROM crm.ownership o WHERE o.customer_id = (SELECT id FROM crm.customer WHERE name ~ '长江') AND o.until IS NOT NULL ORDER BY o.until DESC LIMIT 1), 'assigned', 'taken away, not given up: no cool-down');
-- for the holder
SELECT is((SELECT outcome FROM leads.register('武汉长江水产有限公司', by_member => 'zhao')), 'blocked', 'zhao is blocked');
SELECT conflict AS x2 FROM leads.raise_conflict((SELECT max(id) FROM waiting), '老客户', by_member => 'zhao') \gset
SELECT results_eq(format('SELECT state, owner FROM leads.rule_conflict(%s, ''holder'', ''无依据'', by_member => ''chen'')', :x2), $$ VALUES ('blocked', NULL::text) $$, 'and stays so');
-- two customers
SELECT conflict AS x3 FROM leads.raise_conflict((SELECT max(id) FROM waiting), '另一家', by_member => 'zhao') \gset
SELECT results_eq(format('SELECT state, owner FROM leads.rule_conflict(%s, ''both'', ''同名不同厂'', by_member => ''chen'')', :x3), $$ VALUES ('approved', 'zhao') $$, 'both');
SELECT is((SELECT count(*) FROM crm.customer_distinct WHERE until IS NULL), 1::bigint, 'told apart');
-- a party does not rule: a manager's own customer
SELECT FROM leads.register('济南泉城物流有限公司', by_member => 'chen');
SELECT is((SELECT outcome FROM leads.register('济南泉城物流有限公司', by_member => 'wang')), 'blocked', 'wang meets chen''s');
SELECT conflict AS x4 FROM leads.raise_conflict((SELECT max(id) FROM waiting), '先到', by_member => 'wang') \gset
SELECT throws_ok(format('SELECT leads.rule_conflict(%s, ''holder'', ''x'', by_member => ''chen'')', :x4), 'LD004', NULL, 'nobody rules its own');
-- against who waits
SELECT FROM leads.set_registration(approval => true);
SET leads.clock = '2026-04-08 09:02+08';
SELECT is((SELECT outcome FROM pg_temp.reg('沈阳浑河纺织有限公司', 'li')), 'pending', 'li waits');
SELECT is((SELECT outcome FROM pg_temp.reg('沈阳浑河纺织有限公司', 'wang')), 'queued', 'wang behind li');
SELECT is((SELECT outcome FROM pg_temp.reg('沈阳浑河纺织有限公司', 'zhao')), 'queued', 'zhao behind wang');
SELECT conflict AS x5 FROM leads.raise_conflict((SELECT max(id) FROM waiting), '合同在先', by_member => 'zhao') \gset
SELECT results_eq(format('SELECT state, owner FROM leads.rule_conflict(%s, ''registrant'', ''合同在先'', by_member => ''chen'')', :x5), $$ VALUES ('approved', 'zhao') $$, 'zhao wins');
SELECT results_eq('SELECT code, state FROM waiting ORDER BY id DESC LIMIT 3', $$ VALUES ('zhao', 'approved'), ('wang', 'blocked'), ('li', 'rejected') $$, 'li is rejected, wang blocked');

-- partners: the organisation's right, held by its internal manager; masked outcome; colleagues
SET ROLE :"qian_db";
SELECT is((SELECT outcome FROM leads.register('福州闽江印刷有限公司', need => 'x', channel => 'partner')), 'pending', 'a partner registers');
SET ROLE :"sun_db";
SELECT is((SELECT outcome FROM leads.register('福州闽江印刷有限公司', need => 'x', channel => 'partner')), 'attached', 'a colleague meets its organisation''s own');
RESET ROLE;
SELECT is((SELECT owner FROM leads.approve_registration((SELECT max(id) FROM waiting WHERE state = 'pending'), by_member => 'chen')), 'zhao', 'its internal manager holds it');
SELECT is((SELECT partner_id FROM crm.ownership WHERE until IS NULL ORDER BY id DESC LIMIT 1), 1::bigint, 'for the organisation');
SELECT FROM leads.set_registration(approval => false);
SET leads.clock = '2026-04-08 09:03+08';
SET ROLE :"sun_db";
SELECT is((SELECT outcome FROM leads.register('福州闽江印刷有限公司', need => 'y', channel => 'partner')), 'attached', 'it is the organisation''s own');
SELECT results_eq($$ SELECT outcome, owner, protected_until, customer_id, message FROM leads.register('武汉长江水产有限公司', channel => 'partner') $$,
  $$ VALUES ('blocked', NULL::text, NULL::timestamptz, NULL::bigint, '撞单：与“武汉****公司”重复（除组织形式外全名相同、共有的少见字词、全称相同）') $$, 'a refusal does not say whose');
SELECT results_eq('SELECT outcome, owner, protected_until, customer_id FROM crm.intake ORDER BY registration_id DESC LIMIT 1', $$ VALUES ('blocked', NULL::text, NULL::timestamptz, NULL::bigint) $$, 'nor does the view');
SELECT is_empty($$ SELECT * FROM leads.check_duplicate('武汉长江水产有限公司', channel => 'partner') WHERE owner IS NOT NULL OR protected_until IS NOT NULL OR message ~ '王强' $$, 'nor the duplicate check');
RESET ROLE;
SELECT is((SELECT outcome FROM leads.register('福州闽江印刷有限公司', by_member => 'zhao')), 'blocked', 'for its internal manager it is the partner''s');
UPDATE crm.partner SET active = false;
SET ROLE :"qian_db";
SELECT results_eq($$ SELECT outcome, reason FROM leads.register('太原汾河园林有限公司', channel => 'partner') $$, $$ VALUES ('rejected', 'register.partner_closed') $$, 'a partner that is not active registers nothing');
RESET ROLE;
SELECT is_empty('SELECT * FROM leads.verify()', 'the company is sound');
SELECT * FROM finish();
