-- Scope of a right: the whole customer, the product line, or the project, by the match policy, through registration, ownership, leads,
-- claim, owner_at(), views and pool; spellings of one line or project are one.
\ir include/company.sql
SELECT * FROM no_plan();
SET leads.clock = '2026-03-02 09:00+08';
SET timezone = 'Asia/Shanghai';
INSERT INTO crm.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜'), ('wang', '王强');
CREATE FUNCTION pg_temp.reg(customer text, who text, l text DEFAULT NULL, p text DEFAULT NULL, c text DEFAULT 'manual') RETURNS text LANGUAGE sql AS
  $$ SELECT concat_ws(' ', r.outcome, r.owner) FROM leads.register(customer, line => l, project => p, by_member => who, channel => c) r $$;
CREATE FUNCTION pg_temp.at(instant text) RETURNS void LANGUAGE sql AS $$ SELECT set_config('leads.clock', instant, false) $$;

-- the whole customer: lines and projects make no difference
SELECT is(pg_temp.reg('重庆鸿源商贸有限公司', 'zhang', l => '云产品'), 'created zhang', 'customer: the first');
SELECT is(pg_temp.reg('重庆鸿源商贸有限公司', 'li', l => '硬件', p => '渝北万达广场'), 'blocked zhang', 'customer: another line is the same customer');
SELECT is((SELECT string_agg(scope, ',') FROM crm.ownership), '', 'customer: one scope');

-- the product line: one owner each
SELECT FROM leads.set_match(scope => 'line');
SELECT pg_temp.at('2026-03-02 09:01+08');
SELECT is(pg_temp.reg('成都锦城餐饮管理有限公司', 'zhang', l => '云产品'), 'created zhang', 'line: the first');
SELECT is(pg_temp.reg('成都锦城餐饮管理有限公司', 'li', l => '硬件'), 'created li', 'line: another line is free');
SELECT is(pg_temp.reg('成都锦城餐饮管理', 'wang', l => '雲產品'), 'blocked zhang', 'line: the same one in traditional characters is not');
SELECT is(pg_temp.reg('成都锦城餐饮管理', 'zhang', l => ' 云产品 '), 'attached zhang', 'line: one''s own');
SELECT id AS c FROM crm.customer WHERE name ~ '锦城' \gset
SELECT pg_temp.at('2026-03-02 09:01:30+08');
SELECT is(leads.owner_at(:c, '云产品'), 'zhang', 'owner_at() of the one');
SELECT is(leads.owner_at(:c, '硬件'), 'li', 'and of the other');
SELECT is(leads.owner_at(:c), NULL, 'nobody has the whole');
SELECT results_eq(format('SELECT scope FROM crm.lead WHERE customer_id = %s ORDER BY id', :c), $$ VALUES ('云产品'), ('硬件') $$, 'a lead each');
SELECT FROM leads.release(:c, 'x', scope => '硬件', by_member => 'li');
SELECT pg_temp.at('2026-03-02 09:02+08');
SELECT results_eq('SELECT customer_id, scope FROM crm.pool_item', format('VALUES (%s::bigint, ''硬件'')', :c), 'the pool has the one');
SELECT is(pg_temp.reg('成都锦城餐饮管理有限公司', 'wang', l => '硬件'), 'offered', 'and offers it');
SELECT throws_ok(format('SELECT leads.claim(ARRAY[%s]::bigint[], scope => ''云产品'', by_member => ''wang'')', :c), 'LD060', NULL, 'the other is not to be had');
SELECT is((SELECT outcome FROM leads.claim(ARRAY[:c]::bigint[], scope => '硬件', by_member => 'wang')), 'claimed', 'claimed');
SELECT results_eq('SELECT scope, owner FROM crm.my_customer WHERE name ~ ''锦城'' ORDER BY owner', $$ VALUES ('硬件', 'wang'), ('云产品', 'zhang') $$, 'my_customer has a row each');
SELECT is_empty('SELECT * FROM leads.verify()', 'sound');

-- the project, whatever customer it is registered for: general contractor or owner
SELECT FROM leads.set_match(scope => 'project');
SELECT pg_temp.at('2026-03-02 09:03+08');
SELECT is(pg_temp.reg('广州明珠置业有限公司', 'zhang', p => '渝北万达广场二期'), 'created zhang', 'project: the first');
SELECT is(pg_temp.reg('上海云帆建设工程有限公司', 'li', p => '渝北萬達廣場（二期）'), 'blocked zhang', 'project: for another customer, in another spelling: the same');
SELECT is((SELECT message ~ '同一项目' FROM crm.intake ORDER BY registration_id DESC LIMIT 1), true, 'and says why');
SELECT is(pg_temp.reg('广州明珠置业有限公司', 'li', p => '南岸滨江路改造'), 'created li', 'project: another one of the same customer is free');
SELECT is(pg_temp.reg('武汉长江设计院有限公司', NULL, p => '渝北万达广场二期', c => 'website'), 'attached zhang', 'project: an inquiry goes to its owner');
SET leads.actor = 'li';
SELECT is((SELECT outcome || ' ' || state || ' ' || owner FROM leads.check_duplicate('沈阳浑河建设有限公司', project => '渝北万达广场二期')), 'blocked owned zhang', 'check_duplicate() says the same');
RESET leads.actor;
SELECT is(pg_temp.reg('青岛海蓝置业有限公司', 'wang', p => '二期'), 'created wang', 'project: a name of two characters is a scope of the customer');
SELECT is(pg_temp.reg('昆明滇池置业有限公司', 'li', p => '二期'), 'created li', 'and another customer''s is another');
SELECT is(pg_temp.reg('青岛海蓝置业有限公司', 'li', p => '二 期'), 'blocked wang', 'while this one''s is this one');
SELECT is((SELECT count(*) FROM crm.project), 2::bigint, 'two projects');
-- deleted: the project goes on with the next one
SELECT customer_id AS pc FROM crm.project ORDER BY id LIMIT 1 \gset
SELECT FROM leads.delete_customer(:pc, 'x');
SELECT pg_temp.at('2026-03-02 09:04+08');
SELECT is(pg_temp.reg('上海云帆建设工程有限公司', 'li', p => '渝北万达广场二期'), 'created li', 'free again');
SELECT is(pg_temp.reg('西安雁塔建设有限公司', 'zhang', p => '渝北万达广场二期'), 'blocked li', 'and the next one''s');
-- with approval: who comes second with the project waits, whatever its customer
SELECT FROM leads.set_registration(approval => true);
SELECT pg_temp.at('2026-03-02 09:05+08');
SELECT is(pg_temp.reg('合肥包公置业有限公司', 'zhang', p => '巢湖半岛污水处理厂'), 'pending', 'waits');
SELECT is(pg_temp.reg('南京秦淮水务有限公司', 'li', p => '巢湖半岛污水处理厂'), 'queued', 'and the second behind it');
SELECT is((SELECT state || ' ' || owner FROM leads.approve_registration((SELECT max(id) FROM crm.registration WHERE state = 'pending'), by_member => NULL)), 'approved zhang', 'approved');
SELECT pg_temp.at('2026-03-02 09:06+08');
SELECT is((SELECT count(*) FROM crm.ownership WHERE scope = '巢湖半岛污水处理厂' AND until IS NULL), 1::bigint, 'one owner');
SELECT is_empty('SELECT * FROM leads.verify()', 'sound');
SELECT throws_ok($$ SELECT leads.set_match(scope => 'region') $$, 'LD014', NULL, 'no such scope');
SELECT * FROM finish();
