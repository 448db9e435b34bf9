-- who sees what: own, team, everything, nothing
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
\set VERBOSITY sqlstate
CREATE ROLE as_own; CREATE ROLE as_zhang; CREATE ROLE as_li; CREATE ROLE as_wang; CREATE ROLE as_boss; CREATE ROLE as_chief; CREATE ROLE as_bi; CREATE ROLE as_app; CREATE ROLE as_admin; CREATE ROLE as_staff; CREATE ROLE as_none;
SELECT leads.install('asee', owner => 'as_own', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'asee';
INSERT INTO asee.team (code, name, parent_id) VALUES ('all', 'All', NULL), ('north', 'North', 1), ('north2', 'North 2', 2), ('south', 'South', 1);
INSERT INTO asee.member (code, name, db_role, team_id, is_manager) VALUES ('zhang', 'Zhang', 'as_zhang', 2, false), ('li', 'Li', 'as_li', 3, false), ('wang', 'Wang', 'as_wang', 4, false), ('boss', 'Boss', 'as_boss', 2, true);
SELECT count(leads.grant_access(r, p)) FROM (VALUES ('as_zhang', 'rep'), ('as_li', 'rep'), ('as_wang', 'rep'), ('as_boss', 'manager'),
  ('as_chief', 'manager'), ('as_bi', 'bi'), ('as_app', 'app'), ('as_admin', 'admin')) v(r, p);
CREATE TEMP TABLE who (ord int, role text); INSERT INTO who VALUES (1, 'as_own'), (2, 'as_admin'), (3, 'as_bi'), (4, 'as_chief'), (5, 'as_boss'), (6, 'as_zhang'), (7, 'as_li'), (8, 'as_wang'), (9, 'as_app');
SET leads.clock = '2026-03-02 10:00+08';
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678', contact => '王小芳', by_member => 'zhang');
SELECT outcome FROM leads.register('成都锦绣电子科技有限公司', phone => '13800001111', by_member => 'li');
SELECT outcome FROM leads.register('苏州蓝海机械制造有限公司', phone => '13700002222', by_member => 'wang');
SELECT decision_id IS NOT NULL AS released FROM leads.release(3, 'none', by_member => 'wang');
-- one line a role
SELECT format($f$SET ROLE %I; SELECT %L AS role, leads.sees_all('asee') AS everything, leads.visible_members('asee') AS members, leads.actor_id('asee') AS actor, leads.visible_pools('asee') AS pools, leads.may_see('asee', 1) AS zhang, leads.may_see('asee', 2) AS li, leads.may_see('asee', NULL) AS nobody, (SELECT string_agg(l.id || ':' || coalesce(l.owner, '-') || ':' || coalesce(l.phone, '-') || ':' || coalesce(l.contact, '-'), ' ' ORDER BY l.id) FROM asee.my_lead l) AS leads, (SELECT count(*) FROM asee.my_customer) AS customers, (SELECT string_agg(name, ' ') FROM asee.pool_item) AS pool, (SELECT count(*) FROM asee.member_list) AS members_listed$f$, role, role)
  FROM who ORDER BY ord \gexec
RESET ROLE;
-- row security behind it, for whom somebody grants the tables
GRANT SELECT ON asee.customer, asee.lead, asee.ownership, asee.contact_point, asee.contact, asee.activity, asee.registration TO as_li, as_boss, as_none;
SET ROLE as_li;
SELECT (SELECT array_agg(id) FROM asee.customer) AS customers, (SELECT array_agg(id) FROM asee.lead) AS leads, (SELECT array_agg(raw) FROM asee.contact_point) AS points, (SELECT count(*) FROM asee.contact) AS contacts, (SELECT array_agg(id) FROM asee.registration) AS registrations, (SELECT array_agg(customer_id) FROM asee.ownership) AS owned;
SET ROLE as_boss;
SELECT (SELECT array_agg(id ORDER BY id) FROM asee.customer) AS customers, (SELECT array_agg(raw ORDER BY raw) FROM asee.contact_point) AS points;
SET ROLE as_none;
SELECT * FROM asee.customer;
RESET ROLE;
GRANT USAGE ON SCHEMA asee TO as_none;
SET ROLE as_none;
SELECT * FROM asee.customer;
RESET ROLE;
-- who has left sees nothing and does nothing at that instant, though no job ran; a manager neither, nor through another role
-- the rights alone: what they own has a test of its own (pgtap protection)
SET session_replication_role = replica;
UPDATE asee.member SET left_at = '2026-03-02 10:00+08' WHERE code IN ('li', 'boss');
RESET session_replication_role;
SET ROLE as_li;
SELECT leads.sees_all('asee'), leads.visible_members('asee'), leads.actor_id('asee'), leads.visible_pools('asee'), (SELECT count(*) FROM asee.my_lead) AS leads, (SELECT count(*) FROM asee.pool_item) AS pool, (SELECT count(*) FROM asee.member_list) AS members;
SELECT outcome FROM leads.register('北京天桥科技有限公司');
RESET ROLE;
SET ROLE as_boss;
SELECT leads.sees_all('asee'), leads.visible_members('asee'), (SELECT count(*) FROM asee.my_lead) AS leads;
SELECT outcome FROM leads.register('北京天桥科技有限公司', by_member => 'zhang');
RESET ROLE;
GRANT as_chief TO as_li;
SET SESSION AUTHORIZATION as_li;
SET ROLE as_chief;
SELECT leads.sees_all('asee'), (SELECT count(*) FROM asee.my_lead) AS leads;
RESET ROLE;
RESET SESSION AUTHORIZATION;
SET leads.clock = '2026-03-02 09:59:59+08';
SET ROLE as_li;
SELECT leads.visible_members('asee') AS still_there;
RESET ROLE;
SET leads.clock = '2026-03-02 10:00+08';
UPDATE asee.member SET left_at = NULL;
-- acting for a member is seeing as that member
GRANT SET ON PARAMETER leads.actor TO as_zhang;
SET ROLE as_app;
SET leads.actor = 'li';
SELECT leads.sees_all('asee'), leads.visible_members('asee'), (SELECT array_agg(phone) FROM asee.my_lead) AS phones;
-- a rep names nobody, even with the right on the parameter
SET ROLE as_zhang;
SELECT leads.visible_members('asee'), leads.actor_id('asee'), (SELECT count(*) FROM asee.my_lead) AS leads;
RESET leads.actor;
RESET ROLE;
-- a lapse shows at its instant: gone from the owner, there in the pool
SELECT next_due_at AS due FROM asee.ownership WHERE customer_id = 1 AND until IS NULL \gset
SET leads.clock = :'due';
SET ROLE as_zhang;
SELECT (SELECT count(*) FROM asee.my_lead) AS leads, (SELECT count(*) FROM asee.my_customer) AS customers, (SELECT string_agg(name, ' ' ORDER BY customer_id) FROM asee.pool_item) AS pool;
RESET ROLE;
SET ROLE as_admin;
SELECT id, owner, pool FROM asee.my_lead ORDER BY id;
RESET ROLE;
SELECT count(*) AS written FROM asee.event WHERE kind = 'lapsed';
RESET leads.clock;
-- a pool with members is seen by them alone
INSERT INTO asee.pool_member (pool_id, member_id) SELECT 1, id FROM asee.member WHERE code = 'li';
SET ROLE as_zhang;
SELECT leads.visible_pools('asee'), (SELECT count(*) FROM asee.pool_item) AS items;
SET ROLE as_li;
SELECT leads.visible_pools('asee'), (SELECT count(*) > 0 FROM asee.pool_item) AS items;
RESET ROLE;
-- no USAGE, no company
SET ROLE as_none;
SELECT leads.sees_all('asee');
RESET ROLE;
SELECT leads.sees_all('nowhere');
SELECT leads.sees_all(NULL), leads.may_see(NULL, 1);
-- masks
SELECT leads.mask_name('重庆鸿源商贸有限公司'), leads.mask_name('张三丰'), leads.mask_name(''), leads.mask_phone('+86 139-1234-5678'), leads.mask_phone('none'), leads.mask_email('zhang.wei@example.com'), leads.mask_email(NULL);
SELECT leads.show_phone('13912345678', true), leads.show_phone('13912345678', false), leads.show_phone('13912345678', NULL), leads.show_email('a.b@example.com', NULL), leads.show_name('张三丰', true);
SET leads.clock = '2026-03-02 11:00+08';
-- a company renamed: its views still ask about themselves, even if another company has the old name now
ALTER SCHEMA asee RENAME TO asee2;
SELECT leads.install('asee', owner => 'as_own', lang => 'en') IS NOT NULL AS installed;
SET ROLE as_zhang;
SELECT array_agg(id) FROM asee2.my_lead;
RESET ROLE;
SELECT leads.install('asee2') IS NOT NULL AS installed;
SET ROLE as_zhang;
SELECT array_agg(id) FROM asee2.my_lead;
RESET ROLE;
RESET leads.clock;
SELECT leads.uninstall('asee', 'asee'), leads.uninstall('asee2', 'asee2');
DROP OWNED BY as_own, as_zhang, as_li, as_wang, as_boss, as_chief, as_bi, as_app, as_admin, as_staff, as_none;
DROP ROLE as_own, as_zhang, as_li, as_wang, as_boss, as_chief, as_bi, as_app, as_admin, as_staff, as_none;
