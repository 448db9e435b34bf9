-- two companies in one database: a role of the one reads and writes nothing of the other; nobody poses as somebody else
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
\set VERBOSITY sqlstate
CREATE ROLE sc_own1; CREATE ROLE sc_own2; CREATE ROLE sc_rep1; CREATE ROLE sc_rep2; CREATE ROLE sc_app1; CREATE ROLE sc_admin1; CREATE ROLE sc_bi1; CREATE ROLE sc_loose; CREATE ROLE sc_peer1;
SELECT leads.install('sc1', owner => 'sc_own1', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AND leads.install('sc2', owner => 'sc_own2', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.clock = '2026-03-02 10:00+08';
INSERT INTO sc1.member (code, name, db_role) VALUES ('zhang', 'Zhang', 'sc_rep1'), ('li', 'Li', 'sc_peer1');
INSERT INTO sc2.member (code, name, db_role) VALUES ('wang', 'Wang', 'sc_rep2'), ('zhang', 'Other Zhang', NULL);
SELECT count(leads.grant_access(r, p, s)) FROM (VALUES ('sc_rep1', 'rep', 'sc1'), ('sc_peer1', 'rep', 'sc1'), ('sc_app1', 'app', 'sc1'), ('sc_admin1', 'admin', 'sc1'), ('sc_bi1', 'bi', 'sc1'), ('sc_rep2', 'rep', 'sc2')) v(r, p, s);
SET leads.schema = 'sc2';
SET ROLE sc_rep2;
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678', contact => '王小芳');
RESET ROLE;
SET leads.schema = 'sc1';
SET ROLE sc_rep1;
-- the same customer is another company's business
SELECT outcome, matches FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678');
RESET ROLE;
-- every function that an own role may call, aimed at the other company through leads.schema
SET leads.schema = 'sc2';
SELECT format('SET ROLE %I', r) FROM unnest('{sc_rep1}'::text[]) r \gexec
SELECT outcome FROM leads.register('北京天桥科技有限公司');
SELECT outcome FROM leads.register_json('{"name": "北京天桥科技有限公司"}');
SELECT * FROM leads.claim('{1}');
SELECT * FROM leads.release(1, 'x');
SELECT * FROM leads.extend(1, 5);
SELECT leads.owner_at(1);
SELECT * FROM leads.log_activity(1, 'call');
SELECT * FROM leads.advance(1, 'contacted');
SELECT * FROM leads.win(1);
SELECT * FROM leads.lose(1, 'price');
SELECT * FROM leads.reopen(1);
SELECT * FROM leads.edit_lead(1, 5);
SELECT * FROM leads.explain(1);
RESET ROLE;
SET ROLE sc_admin1;
SELECT leads.sees_all('sc2');
SELECT leads.visible_members('sc2');
SELECT leads.actor_id('sc2');
SELECT leads.may_see('sc2', 1);
SELECT * FROM leads.health();
SELECT * FROM leads.verify('sc2');
SELECT leads.publish('protection', '', '{"days": 1}');
SELECT leads.draft('protection', '', '{"days": 1}');
SELECT leads.set_protection(days => 1);
SELECT * FROM leads.assign(1, 'zhang');
SELECT leads.grant_access('sc_admin1', 'admin', 'sc2');
SELECT leads.revoke_access('sc_rep2', 'rep', 'sc2');
CALL leads.tick(10, 'sc2');
SELECT leads.uninstall('sc2', 'sc2');
RESET ROLE;
-- and at its relations, every one, by every role of the first
SELECT format('SELECT FROM sc2.%I', relname) AS q FROM pg_class WHERE relnamespace = 'sc2'::regnamespace AND relkind IN ('r', 'v') AND (SELECT bool_or(has_any_column_privilege(r, oid, 'SELECT, INSERT, UPDATE, REFERENCES') OR has_table_privilege(r, oid, 'DELETE, TRUNCATE, TRIGGER')) FROM unnest('{sc_own1,sc_rep1,sc_app1,sc_admin1,sc_bi1,sc_peer1}'::text[]) r);
SELECT r FROM unnest('{sc_own1,sc_rep1,sc_app1,sc_admin1,sc_bi1,sc_peer1}'::text[]) r WHERE has_schema_privilege(r, 'sc2', 'USAGE') OR has_schema_privilege(r, 'sc2', 'CREATE');
SET ROLE sc_rep1;
SELECT * FROM sc2.my_lead;
INSERT INTO sc2.intake (name) VALUES ('x');
RESET ROLE;
-- even with the view granted by hand, and USAGE, there is nothing without a profile there
GRANT USAGE ON SCHEMA sc2 TO sc_admin1;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA sc2 TO sc_admin1;
SET ROLE sc_admin1;
SELECT (SELECT count(*) FROM sc2.my_lead) AS leads, (SELECT count(*) FROM sc2.my_customer) AS customers, (SELECT count(*) FROM sc2.pool_item) AS pool, (SELECT count(*) FROM sc2.followup) AS followups, (SELECT count(*) FROM sc2.intake) AS attempts, (SELECT count(*) FROM sc2.member_list) AS members, (SELECT count(*) FROM sc2.customer) AS base, (SELECT count(*) FROM sc2.contact_point) AS points;
INSERT INTO sc2.intake (name) VALUES ('北京天桥科技有限公司');
INSERT INTO sc2.followup (lead_id, kind) VALUES (1, 'call');
SELECT outcome FROM leads.register('北京天桥科技有限公司');
RESET ROLE;
REVOKE ALL ON ALL TABLES IN SCHEMA sc2 FROM sc_admin1;
REVOKE USAGE ON SCHEMA sc2 FROM sc_admin1;
-- a view over a view does not lend its owner's sight
CREATE VIEW public.sc_lent AS SELECT * FROM sc2.my_lead;
GRANT SELECT ON public.sc_lent TO sc_admin1;
SET ROLE sc_admin1;
SELECT * FROM public.sc_lent;
RESET ROLE;
DROP VIEW public.sc_lent;
-- EXECUTE alone opens nothing
SET leads.schema = 'sc1';
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA leads TO sc_loose;
SET ROLE sc_loose;
SELECT outcome FROM leads.register('北京天桥科技有限公司');
SELECT leads.sees_all('sc1');
RESET ROLE;
GRANT USAGE ON SCHEMA sc1 TO sc_loose;
SET ROLE sc_loose;
SELECT outcome FROM leads.register('北京天桥科技有限公司');
SELECT leads.sees_all('sc1'), leads.visible_members('sc1'), leads.actor_id('sc1');
RESET ROLE;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA leads FROM sc_loose;
SET ROLE sc_loose;
SELECT leads.version();
RESET ROLE;
-- posing: by_member as a rep; leads.actor without the right, without the profile, with the profile of another company
SET ROLE sc_rep1;
SELECT outcome FROM leads.register('北京天桥科技有限公司', by_member => 'li');
SELECT outcome FROM leads.register('北京天桥科技有限公司', by_member => 'nobody');
SELECT * FROM leads.claim('{1}', by_member => 'li');
SELECT outcome FROM leads.register('苏州蓝海机械制造有限公司', by_member => 'zhang');
SET leads.actor = 'li';
RESET ROLE;
GRANT SET ON PARAMETER leads.actor TO sc_rep1;
SET ROLE sc_rep1;
SET leads.actor = 'li';
SELECT outcome FROM leads.register('北京天桥科技有限公司');
SELECT * FROM leads.advance(1, 'contacted');
SELECT count(*) FROM sc1.my_lead;
RESET leads.actor;
SET leads.clock = '2030-01-01';
RESET ROLE;
SELECT leads.grant_access('sc_rep1', 'app', 'sc2');
SET ROLE sc_rep1;
SET leads.actor = 'li';
SELECT outcome FROM leads.register('北京天桥科技有限公司');
RESET leads.actor;
RESET ROLE;
SELECT leads.revoke_access('sc_rep1', 'app', 'sc2');
-- a rep cannot pass through a channel that is not for reps
SET ROLE sc_rep1;
SELECT outcome FROM leads.register('北京天桥科技有限公司', channel => 'website');
RESET ROLE;
-- reps and BI read no base table, write no table, and a function in their WHERE sees no row that they do not
SET ROLE sc_peer1;
SELECT outcome FROM leads.register('成都锦绣电子科技有限公司', phone => '13800001111');
SELECT * FROM sc1.customer;
SELECT raw FROM sc1.contact_point;
SELECT payload FROM sc1.registration;
UPDATE sc1.customer SET level = 'A';
SELECT * FROM sc1.access_list;
CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE WARNING 'saw %', $1; RETURN true; END $$;
\set VERBOSITY terse
SELECT phone FROM sc1.my_lead WHERE pg_temp.leak(phone) AND pg_temp.leak(customer);
SELECT phone FROM sc1.intake WHERE pg_temp.leak(phone);
RESET ROLE;
SET ROLE sc_bi1;
SELECT phone FROM sc1.my_lead ORDER BY id;
SELECT * FROM sc1.contact_point;
RESET ROLE;
\set VERBOSITY default
-- no error tells what the caller may not see
SET ROLE sc_peer1;
SELECT * FROM leads.advance(1, 'contacted');
SELECT * FROM leads.advance(99, 'contacted');
SELECT * FROM leads.log_activity(1, 'call');
SELECT * FROM leads.release(1, 'x');
SELECT * FROM leads.claim('{1}');
SELECT * FROM leads.explain(1);
SELECT outcome, regexp_replace(message, '\(.*?\)', '(...)') AS message, customer_id, matches -> 0 ->> 'name' AS shown, matches::text ~ '1391234|鸿源' AS told FROM leads.register('重庆鸿源商贸', phone => '13912345678');
RESET ROLE;
RESET leads.clock;
SELECT leads.uninstall('sc1', 'sc1'), leads.uninstall('sc2', 'sc2');
DROP OWNED BY sc_own1, sc_own2, sc_rep1, sc_rep2, sc_app1, sc_admin1, sc_bi1, sc_loose, sc_peer1;
DROP ROLE sc_own1, sc_own2, sc_rep1, sc_rep2, sc_app1, sc_admin1, sc_bi1, sc_loose, sc_peer1;
