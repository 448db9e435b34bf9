-- what the owner of a data schema does to its own tables harms nobody else: no crash, nothing left behind in a caller's session
SET client_min_messages = warning;
\set VERBOSITY terse
CREATE ROLE sh_own; CREATE ROLE sh_rep; CREATE ROLE sh_mgr;
SELECT leads.install('sh', owner => 'sh_own', lang => 'en', zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'sh';
INSERT INTO sh.team (code, name) VALUES ('a', 'A');
INSERT INTO sh.member (code, name, db_role, team_id, is_manager) VALUES ('zhang', 'Zhang', 'sh_rep', NULL, false), ('boss', 'Boss', 'sh_mgr', 1, true);
SELECT FROM leads.grant_access('sh_rep', 'rep');
SELECT FROM leads.grant_access('sh_mgr', 'manager');
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678', by_member => 'zhang');
-- a SET by a trigger of the owner ends with the call, whoever calls: a function, a view, a sweep
CREATE SCHEMA sh_evil AUTHORIZATION sh_own;
SET ROLE sh_own;
CREATE FUNCTION sh_evil.turn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM set_config('search_path', 'sh_evil, pg_catalog', false), set_config('leads.schema', 'sh_evil', false), set_config('row_security', 'off', false), set_config('enable_seqscan', 'off', false), set_config('application_name', 'turned', false);
  RETURN NEW; END $$;
CREATE TRIGGER turn BEFORE INSERT OR UPDATE ON sh.registration FOR EACH ROW EXECUTE FUNCTION sh_evil.turn();
CREATE TRIGGER turn BEFORE INSERT OR UPDATE ON sh.heartbeat FOR EACH ROW EXECUTE FUNCTION sh_evil.turn();
RESET ROLE;
CREATE VIEW sh_session AS SELECT current_setting('search_path') AS path, current_setting('leads.schema') AS company, current_setting('row_security') AS rls, current_setting('enable_seqscan') AS seqscan, current_setting('application_name') = 'turned' AS turned;
SELECT outcome FROM leads.register('成都锦绣电子科技有限公司', by_member => 'zhang');
SELECT * FROM sh_session;
INSERT INTO sh.intake (name, by_member) VALUES ('苏州蓝海机械制造有限公司', 'zhang') RETURNING outcome;
SELECT * FROM sh_session;
CALL leads.tick(10, 'sh');
SELECT * FROM sh_session;
SELECT outcome FROM leads.register('成都锦绣电子科技有限公司', by_member => 'nobody');
SELECT * FROM sh_session;
DROP TRIGGER turn ON sh.registration;
DROP TRIGGER turn ON sh.heartbeat;
-- a column of another type or without its NOT NULL is never read
SET ROLE sh_own;
BEGIN;
ALTER TABLE sh.contact_point ALTER weak DROP DEFAULT, ALTER weak TYPE text USING 'x';
INSERT INTO sh.contact_point (customer_id, kind, raw) VALUES (1, 'phone', '13700000000');
ROLLBACK;
BEGIN;
ALTER TABLE sh.customer ALTER kind DROP NOT NULL, DISABLE TRIGGER USER;
UPDATE sh.customer SET kind = NULL;
ALTER TABLE sh.customer ENABLE TRIGGER USER;
UPDATE sh.customer SET name = '北京天桥科技有限公司' WHERE id = 1;
ROLLBACK;
BEGIN;
ALTER TABLE sh.settings ALTER lang DROP NOT NULL;
SELECT leads.sees_all('sh');
ROLLBACK;
BEGIN;
ALTER TABLE sh.access_grant RENAME TO was_grant;
CREATE VIEW sh.access_grant AS SELECT * FROM sh.was_grant;
SELECT leads.sees_all('sh');
ROLLBACK;
BEGIN;
DROP TRIGGER leads_guard_update ON sh.policy;
ALTER TABLE sh.policy DROP CONSTRAINT policy_body_check, ALTER body TYPE bigint USING 4096;
SELECT outcome FROM leads.register('北京天桥科技有限公司');
ROLLBACK;
-- a policy that was never published is checked where it is read
BEGIN;
ALTER TABLE sh.policy DISABLE TRIGGER USER;
UPDATE sh.policy SET body = '{"rules": [null, 5, {"assign_to": 5, "when": "$ x $", "territory": "x"}]}' WHERE kind = 'routing';
SELECT outcome FROM leads.register('北京天桥科技有限公司', channel => 'website');
ROLLBACK;
-- columns of one's own are no fault
BEGIN;
ALTER TABLE sh.customer ADD COLUMN mine integer;
SELECT leads.sees_all('sh');
ROLLBACK;
-- our triggers on somebody's own table or view
CREATE TABLE sh_evil.point (id int, norm int, weak text, strong_key int, raw text, kind text, created_at int, customer_id text);
CREATE TRIGGER g BEFORE INSERT ON sh_evil.point FOR EACH ROW EXECUTE FUNCTION leads.guard_point();
INSERT INTO sh_evil.point (kind, raw) VALUES ('phone', '13700000000');
CREATE TABLE sh.point (LIKE sh_evil.point);
CREATE TRIGGER g BEFORE INSERT ON sh.point FOR EACH ROW EXECUTE FUNCTION leads.guard_point();
INSERT INTO sh.point (kind, raw) VALUES ('phone', '13700000000');
CREATE TRIGGER r AFTER INSERT ON sh.point FOR EACH ROW EXECUTE FUNCTION leads.guard_rekey();
DROP TRIGGER g ON sh.point;
INSERT INTO sh.point (kind, raw, customer_id) VALUES ('phone', '13700000000', 'x');
DROP TABLE sh.point;
SELECT format('CREATE VIEW sh.%s_x AS SELECT %s FROM sh.%1$s', v, string_agg(CASE WHEN a.attname = c THEN '4096::' || t || ' AS ' || c ELSE a.attname END, ', ' ORDER BY a.attnum)) AS view,
  format('CREATE TRIGGER f INSTEAD OF %s ON sh.%s_x FOR EACH ROW EXECUTE FUNCTION leads.face_%s()', w, v, f) AS trigger
FROM (VALUES ('intake', 'amount', 'bigint', 'INSERT', 'intake'), ('followup', 'occurred_at', 'text', 'INSERT', 'followup'), ('my_lead', 'extra', 'bigint', 'UPDATE', 'lead'), ('pool_item', 'customer_id', 'text', 'UPDATE', 'pool')) x(v, c, t, w, f)
JOIN pg_attribute a ON a.attrelid = format('sh.%s', v)::regclass AND a.attnum > 0 GROUP BY v, w, f \gexec
INSERT INTO sh.intake_x (name, amount) VALUES ('x', 4096);
INSERT INTO sh.followup_x (lead_id, kind, occurred_at) VALUES (1, 'call', 'x');
UPDATE sh.my_lead_x SET need = 'x' WHERE id = 1;
INSERT INTO sh.intake (name, by_member) VALUES ('广州珠江贸易有限公司', 'zhang') RETURNING outcome;
SELECT into_pool FROM leads.release((SELECT max(id) FROM sh.customer), 'not for us');
UPDATE sh.pool_item_x SET claimed_by = 'zhang';
RESET ROLE;
-- a role is called as it is called
CREATE ROLE "sh_@.x"; CREATE ROLE "sh_sh.x";
SELECT FROM leads.grant_access('sh_@.x', 'rep');
SELECT has_schema_privilege('sh_@.x', 'sh', 'USAGE') AS meant, has_schema_privilege('sh_sh.x', 'sh', 'USAGE') AS other;
SELECT FROM leads.revoke_access('sh_@.x', 'rep');
SELECT has_schema_privilege('sh_@.x', 'sh', 'USAGE') AS meant, has_function_privilege('sh_@.x', 'leads.claim(bigint[],text,boolean,text)', 'EXECUTE') AS may_claim;
-- a long text in a message ends with a whole character
CREATE TABLE sh_said (m text);
DO $$ BEGIN PERFORM leads.register('x', channel => repeat('鸿', 50)); EXCEPTION WHEN OTHERS THEN INSERT INTO sh_said VALUES (SQLERRM); END $$;
DO $$ BEGIN PERFORM leads.register_json(jsonb_build_object(repeat('鸿', 50), 1)); EXCEPTION WHEN OTHERS THEN INSERT INTO sh_said VALUES (SQLERRM); END $$;
SELECT regexp_replace(m, '鸿+', '鸿') AS said, (SELECT count(*) FROM regexp_matches(m, '鸿', 'g')) AS characters FROM sh_said;
-- row security stands behind for names, keys, history and decisions too
GRANT SELECT ON sh.ownership, sh.customer_name, sh.customer_key, sh.event, sh.decision TO sh_mgr, sh_rep;
INSERT INTO sh.customer_name (customer_id, name, kind) VALUES (1, '鸿源', 'short');
SET ROLE sh_mgr;
SELECT (SELECT count(*) FROM sh.customer_name) AS names, (SELECT count(*) FROM sh.customer_key) AS keys, (SELECT count(*) FROM sh.event) AS events, (SELECT count(*) FROM sh.decision) AS decisions;
RESET ROLE;
SET ROLE sh_rep;
SELECT (SELECT count(*) FROM sh.customer_name) AS names, (SELECT count(DISTINCT customer_id) FROM sh.customer_key) AS keyed, (SELECT count(DISTINCT customer_id) FROM sh.event) AS events, (SELECT count(DISTINCT customer_id) FROM sh.decision) AS decisions;
RESET ROLE;
-- the owner asked for is the owner
SELECT leads.install('sh', owner => 'sh_rep');
SELECT leads.install('sh', owner => 'sh_own') IS NOT NULL AS again;
DROP VIEW sh_session;
DROP TABLE sh_said;
SELECT leads.uninstall('sh', 'sh');
DROP OWNED BY sh_own, sh_rep, sh_mgr, "sh_@.x", "sh_sh.x" CASCADE;
DROP ROLE sh_own, sh_rep, sh_mgr, "sh_@.x", "sh_sh.x";
