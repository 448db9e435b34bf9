-- Partners are organisations: their people see the registrations of all of it, and of nobody else; open pools are not theirs.
\ir include/company.sql
SELECT * FROM no_plan();
SELECT 'pa_' || current_database() AS pa, 'pb_' || current_database() AS pb, 'pc_' || current_database() AS pc, 'rep_' || current_database() AS rep \gset
CREATE ROLE :"pa"; CREATE ROLE :"pb"; CREATE ROLE :"pc"; CREATE ROLE :"rep";
INSERT INTO crm.member (code, name) VALUES ('chen', '陈静');
INSERT INTO crm.partner (code, name, manager_id) VALUES ('huaxin', '华信渠道', 1), ('jinqiao', '金桥代理', NULL);
INSERT INTO crm.member (code, name, db_role, partner_id) VALUES ('qian', '钱进', :'pa', 1), ('sun', '孙晓', :'pb', 1), ('wu', '吴刚', :'pc', 2);
INSERT INTO crm.member (code, name, db_role) VALUES ('zhang', '张伟', :'rep');
SELECT leads.grant_access(:'pa', 'partner'), leads.grant_access(:'pb', 'partner'), leads.grant_access(:'pc', 'partner'), leads.grant_access(:'rep', 'rep');

SET ROLE :"pa";
SELECT is((SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', channel => 'partner')), 'created', 'a partner registers');
SET ROLE :"pb";
SELECT results_eq('SELECT name, by_member FROM crm.intake', $$ VALUES ('重庆鸿源商贸有限公司', 'qian') $$, 'a colleague of the organisation sees it');
SET ROLE :"pc";
SELECT is_empty('SELECT * FROM crm.intake', 'another partner does not');
SET ROLE :"rep";
SELECT is_empty('SELECT * FROM crm.intake', 'nor does a rep');
SELECT isnt_empty($$ SELECT unnest(leads.visible_pools('crm')) $$, 'the open pool is a rep''s');
SET ROLE :"pa";
SELECT is_empty($$ SELECT unnest(leads.visible_pools('crm')) $$, 'and no partner''s');
RESET ROLE;
-- in that pool a partner is not offered it, as nobody is who may not claim there
SELECT FROM leads.register('四川天府物流有限公司', by_member => 'zhang');
SELECT FROM leads.release((SELECT id FROM crm.customer WHERE name = '四川天府物流有限公司'), 'x');
SET ROLE :"pa";
SELECT is((SELECT outcome FROM leads.register('四川天府物流有限公司', channel => 'partner')), 'queued', 'what lies in a pool of the company is for a person to judge');
RESET ROLE;
INSERT INTO crm.pool_member (pool_id, member_id) SELECT p.id, m.id FROM crm.pool p, crm.member m WHERE p.is_default AND m.code IN ('qian', 'zhang');
SET ROLE :"pa";
SELECT is((SELECT outcome FROM leads.register('四川天府物流有限公司', channel => 'partner', need => '再报')), 'offered', 'unless the pool names it');
RESET ROLE;
-- a portal that acts for a partner's person is told no more than that person
SELECT 'app_' || current_database() AS app \gset
CREATE ROLE :"app";
SELECT leads.grant_access(:'app', 'app');
SET ROLE :"app";
SELECT results_eq($$ SELECT outcome, owner, protected_until FROM leads.register('重庆鸿源商贸有限公司', channel => 'partner', by_member => 'wu') $$,
  $$ VALUES ('blocked', NULL::text, NULL::timestamptz) $$);
RESET ROLE;
-- nor is it told whose those are that are like what lies in its pool
SELECT FROM leads.register('昆明云岭花卉有限公司', by_member => 'zhang');
UPDATE crm.customer SET name = '四川天俯物流有限公司' WHERE name = '昆明云岭花卉有限公司';
SELECT set_config('t.pooled', (SELECT id::text FROM crm.customer WHERE name = '四川天府物流有限公司'), false);
SET ROLE :"app";
SET leads.actor = 'qian';
SELECT results_eq($$ SELECT state, owner, match_id FROM leads.matches(current_setting('t.pooled')::bigint) $$, $$ VALUES ('owned', NULL::text, NULL::bigint) $$, 'matches() does not say whose');
RESET leads.actor;
RESET ROLE;
SELECT results_eq($$ SELECT state, owner FROM leads.matches(current_setting('t.pooled')::bigint) $$, $$ VALUES ('owned', 'zhang') $$, 'but to a boss');
SELECT * FROM finish();
