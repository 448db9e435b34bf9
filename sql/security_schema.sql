-- what somebody plants in a schema never runs with more than the planter's own rights
SET client_min_messages = warning;
\set VERBOSITY sqlstate
CREATE ROLE ss_own; CREATE ROLE ss_evil; CREATE ROLE ss_rep;
SELECT leads.install('ss', owner => 'ss_own', lang => 'en', simulation => true) IS NOT NULL AS installed;
SET leads.schema = 'ss';
INSERT INTO ss.member (code, name, db_role) VALUES ('zhang', 'Zhang', 'ss_rep');
SELECT FROM leads.grant_access('ss_rep', 'rep');
-- where a planted thing ran, and as whom
CREATE TABLE public.ss_trace (what text, as_role text, session_role text);
GRANT INSERT ON public.ss_trace TO PUBLIC;
CREATE FUNCTION public.ss_planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.ss_trace VALUES (TG_TABLE_NAME, current_user, session_user); RETURN NEW; END $$;
SET ROLE ss_rep;
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678');
RESET ROLE;
-- CREATE on the data schema for another role: nothing works until it is taken back, whoever calls
GRANT CREATE, USAGE ON SCHEMA ss TO ss_evil;
SELECT outcome FROM leads.register('成都锦绣电子科技有限公司');
SET ROLE ss_rep;
SELECT outcome FROM leads.register('成都锦绣电子科技有限公司');
INSERT INTO ss.intake (name) VALUES ('成都锦绣电子科技有限公司');
SELECT count(*) FROM ss.my_lead;
RESET ROLE;
SELECT leads.install('ss');
REVOKE CREATE ON SCHEMA ss FROM ss_evil;
SELECT leads.sees_all('ss') AS works_again;
-- a table planted meanwhile stays a fault
GRANT CREATE ON SCHEMA ss TO ss_evil;
SET ROLE ss_evil;
CREATE TABLE ss.call (id bigint);
RESET ROLE;
REVOKE CREATE ON SCHEMA ss FROM ss_evil;
SET ROLE ss_rep;
SELECT count(*) FROM ss.my_lead;
RESET ROLE;
\set VERBOSITY default
SELECT leads.sees_all('ss');
\set VERBOSITY sqlstate
DROP TABLE ss.call;
SELECT leads.sees_all('ss') AS works_again;
-- the TRIGGER right on a table, and a trigger made with it
GRANT TRIGGER ON ss.customer TO ss_evil;
SELECT leads.sees_all('ss');
SET ROLE ss_evil;
CREATE TRIGGER evil AFTER INSERT ON ss.customer FOR EACH ROW EXECUTE FUNCTION public.ss_planted();
RESET ROLE;
SELECT outcome FROM leads.register('成都锦绣电子科技有限公司');
REVOKE TRIGGER ON ss.customer FROM ss_evil;
DROP TRIGGER evil ON ss.customer;
SELECT leads.sees_all('ss') AS works_again;
SELECT * FROM ss_trace;
-- a schema of the attacker, dressed up as a company: views in place of tables are not even looked at
CREATE SCHEMA ss_trap AUTHORIZATION ss_evil;
SELECT max(step) AS last FROM ss.schema_version \gset
SET ROLE ss_evil;
CREATE FUNCTION ss_trap.spy(what text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.ss_trace VALUES (what, current_user, session_user);
  BEGIN EXECUTE 'ALTER ROLE ss_evil SUPERUSER'; INSERT INTO public.ss_trace VALUES ('escaped', current_user, session_user); EXCEPTION WHEN insufficient_privilege THEN NULL; END; RETURN false; END $$;
CREATE VIEW ss_trap.settings AS SELECT 'en'::text AS lang, ss_trap.spy('settings') AS simulation, 'UTC'::text AS zone;
CREATE TABLE ss_trap.schema_version (step integer); INSERT INTO ss_trap.schema_version VALUES (:last);
CREATE VIEW ss_trap.access_grant AS SELECT 'ss_evil'::text AS role_name, 'admin'::text AS profile WHERE NOT ss_trap.spy('access_grant');
RESET ROLE;
SELECT leads.sees_all('ss_trap');
SELECT count(*) AS ran FROM ss_trace;
-- dressed up to the last column: whoever is lured into it works with the attacker's rights only
DROP VIEW ss_trap.settings, ss_trap.access_grant;
DROP TABLE ss_trap.schema_version;
DO $$ DECLARE t text; BEGIN FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'ss'::regnamespace AND relkind = 'r' LOOP
  EXECUTE format('CREATE TABLE ss_trap.%I (LIKE ss.%1$I INCLUDING IDENTITY); ALTER TABLE ss_trap.%1$I OWNER TO ss_evil', t); END LOOP; END $$;
SET ROLE ss_evil;
CREATE SEQUENCE ss_trap.gate_turn;
INSERT INTO ss_trap.settings (lang, simulation, zone, norm_v, installed_at, installed_by) VALUES ('en', true, 'UTC', 1, '2026-01-01', 'x');
INSERT INTO ss_trap.schema_version VALUES (:last, 'x', 'x', '2026-01-01');
INSERT INTO ss_trap.access_grant (role_name, profile, granted_by, granted_at) VALUES ('ss_evil', 'admin', 'x', '2026-01-01');
SELECT format('ALTER TABLE ss_trap.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t), format('CREATE POLICY spy ON ss_trap.%I USING (NOT ss_trap.spy(%1$L))', t) FROM unnest('{settings,access_grant}'::text[]) t \gexec
CREATE TRIGGER spy AFTER INSERT ON ss_trap.policy FOR EACH ROW EXECUTE FUNCTION public.ss_planted();
-- nor does the name of our trigger make it ours
CREATE TRIGGER leads_guard BEFORE INSERT ON ss_trap.schema_version FOR EACH ROW EXECUTE FUNCTION public.ss_planted();
RESET ROLE;
SELECT leads.sees_all('ss_trap');
SET leads.schema = 'ss_trap';
SELECT leads.draft('protection', '', '{"days": 5}');
SELECT DISTINCT what, as_role FROM ss_trace ORDER BY 1, 2;
SELECT rolsuper FROM pg_roles WHERE rolname = 'ss_evil';
-- a deferred trigger would run at commit, as whoever commits: refused while it is queued
TRUNCATE ss_trace;
SET ROLE ss_evil;
DROP TRIGGER spy ON ss_trap.policy;
CREATE CONSTRAINT TRIGGER spy AFTER INSERT ON ss_trap.policy DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.ss_planted();
RESET ROLE;
SELECT leads.draft('protection', '', '{"days": 5}');
SELECT * FROM ss_trace WHERE what = 'policy';
-- a table of the attacker in a superuser's own company, a superuser's table in the attacker's: neither opens a door
SET leads.schema = 'ss';
-- grants of a trap are not asked when rights of another company are taken back
SELECT FROM leads.grant_access('ss_evil', 'rep');
TRUNCATE ss_trace;
SELECT FROM leads.revoke_access('ss_evil', 'rep');
SELECT count(*) AS asked FROM ss_trace;
-- install() and uninstall() leave a foreign schema alone
SET ROLE ss_evil;
SELECT leads.install('ss_trap');
SELECT leads.uninstall('ss', 'ss');
RESET ROLE;
CREATE SCHEMA ss_plain;
SELECT leads.install('ss_plain');
SELECT leads.install('public');
SELECT leads.install('pg_catalog');
SELECT leads.install('leads');
-- what the caller put in its search_path or in pg_temp is never called
CREATE SCHEMA ss_path AUTHORIZATION ss_rep;
SET ROLE ss_rep;
CREATE FUNCTION ss_path.shadow(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.ss_trace VALUES ('operator', current_user, session_user); RETURN true; END $$;
CREATE FUNCTION ss_path.shadow8(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.ss_trace VALUES ('operator', current_user, session_user); RETURN true; END $$;
CREATE OPERATOR ss_path.= (LEFTARG = text, RIGHTARG = text, FUNCTION = ss_path.shadow);
CREATE OPERATOR ss_path.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = ss_path.shadow8);
CREATE FUNCTION ss_path.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.ss_trace VALUES ('now', current_user, session_user); RETURN '1999-01-01'; END $$;
CREATE FUNCTION ss_path.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '1999-01-01'::timestamptz $$;
CREATE TEMP TABLE customer (id bigint, name text);
CREATE TEMP TABLE settings (lang text);
SET search_path = ss_path, pg_temp, pg_catalog;
SELECT outcome FROM leads.register('苏州蓝海机械制造有限公司', phone => '13700002222');
INSERT INTO ss.intake (name) VALUES ('苏州蓝海机械制造有限公司') RETURNING outcome;
SELECT count(*) FROM ss.my_lead;
SELECT activity_id IS NOT NULL AS logged FROM leads.log_activity(2, 'call', 'x');
UPDATE ss.my_lead SET stage = 'contacted' WHERE id OPERATOR(pg_catalog.=) 2;
RESET search_path;
RESET ROLE;
SELECT * FROM ss_trace;
SELECT count(*) FROM ss.customer WHERE created_at < '2000-01-01';
-- the search_path of the caller is its own again, after success and after failure
SET search_path = ss_path, public;
SELECT leads.sees_all('ss');
SHOW search_path;
SELECT leads.sees_all('nowhere');
SHOW search_path;
SELECT current_user = session_user AS self;
RESET search_path;
DROP TABLE ss_trace;
DROP FUNCTION public.ss_planted() CASCADE;
SELECT leads.uninstall('ss', 'ss');
DROP OWNED BY ss_own, ss_evil, ss_rep CASCADE;
DROP SCHEMA ss_plain;
DROP ROLE ss_own, ss_evil, ss_rep;
