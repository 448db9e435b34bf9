-- leads.grant_access(), leads.revoke_access(): profiles become rights and go again
SET client_min_messages = warning;
\set VERBOSITY sqlstate
CREATE ROLE ag_own; CREATE ROLE ag_rep; CREATE ROLE ag_app; CREATE ROLE ag_admin; CREATE ROLE ag_bi; CREATE ROLE ag_sender; CREATE ROLE ag_partner; CREATE ROLE ag_manager; CREATE ROLE ag_other; CREATE ROLE "ag we""ird";
SELECT leads.install('ag', owner => 'ag_own', lang => 'en', simulation => true) IS NOT NULL AS installed;
SET leads.schema = 'ag';
SELECT count(leads.grant_access(r, p)) FROM (VALUES ('ag_rep', 'rep'), ('ag_app', 'app'), ('ag_admin', 'admin'), ('ag_bi', 'bi'),
  ('ag_sender', 'sender'), ('ag_partner', 'partner'), ('ag_manager', 'manager'), ('ag we"ird', 'rep')) v(r, p);
-- twice is once
SELECT FROM leads.grant_access('ag_rep', 'rep');
SELECT role_name, profile, role_exists FROM ag.access_list ORDER BY role_name COLLATE "C";
-- the contract in a few lines: who may call what
CREATE TEMP VIEW may AS SELECT r.rolname AS role, p.proname AS call FROM pg_roles r, pg_proc p
  WHERE r.rolname LIKE 'ag\_%' AND p.pronamespace = 'leads'::regnamespace AND has_function_privilege(r.oid, p.oid, 'EXECUTE');
SELECT call, string_agg(substr(role, 4), ' ' ORDER BY role COLLATE "C") AS roles FROM may
  WHERE call IN ('register', 'claim', 'advance', 'grant_access', 'install', 'uninstall', 'guard', 'publish', 'sees_all', 'check_encoding', 'explain') GROUP BY call ORDER BY call COLLATE "C";
-- nobody but the owner and a superuser may do what is not listed
SELECT DISTINCT role FROM may WHERE call LIKE 'guard%' OR call LIKE 'face%' OR call IN ('install', 'uninstall');
-- base tables: reps, apps, managers, partners and BI have none; raw contacts are granted to nobody
SELECT r.rolname, count(*) FROM pg_roles r, pg_class c WHERE r.rolname LIKE 'ag\_%' AND r.rolname <> 'ag_own' AND c.relnamespace = 'ag'::regnamespace AND c.relkind = 'r'
  AND has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES') GROUP BY 1 HAVING r.rolname <> 'ag_admin' ORDER BY 1;
SELECT r.rolname, c.relname FROM pg_roles r, pg_class c WHERE r.rolname LIKE 'ag\_%' AND r.rolname <> 'ag_own' AND c.relnamespace = 'ag'::regnamespace
  AND c.relname IN ('contact', 'contact_point', 'registration', 'customer_key', 'access_grant') AND has_any_column_privilege(r.oid, c.oid, 'SELECT');
SELECT r.rolname FROM pg_roles r WHERE r.rolname LIKE 'ag\_%' AND has_parameter_privilege(r.oid, 'leads.actor', 'SET') ORDER BY 1;
SELECT has_schema_privilege('public', 'ag', 'USAGE') AS public_usage, has_function_privilege('public', 'leads.now()', 'EXECUTE') AS public_execute;
-- an admin grants reps, but no admins and no owners; a rep grants nothing
SET ROLE ag_admin;
SELECT FROM leads.grant_access('ag_other', 'rep');
SELECT FROM leads.grant_access('ag_other', 'admin');
SELECT FROM leads.grant_access('ag_other', 'owner');
SELECT FROM leads.revoke_access('ag_admin', 'admin');
RESET ROLE;
SET ROLE ag_rep;
SELECT FROM leads.grant_access('ag_rep', 'admin');
RESET ROLE;
-- the owner, no superuser, grants everything
SET ROLE ag_own;
SELECT FROM leads.grant_access('ag_other', 'owner');
RESET ROLE;
SET ROLE ag_other;
SELECT FROM leads.grant_access('ag_other', 'admin');
SELECT FROM leads.revoke_access('ag_other', 'admin');
RESET ROLE;
SET ROLE ag_own;
SELECT FROM leads.revoke_access('ag_other', 'owner');
SELECT FROM leads.revoke_access('ag_own', 'owner');
RESET ROLE;
-- faults
SELECT FROM leads.grant_access('ag_nobody', 'rep');
SELECT FROM leads.revoke_access('ag_nobody', 'rep');
SELECT FROM leads.grant_access('public', 'rep');
SELECT FROM leads.grant_access('ag_rep', 'boss');
SELECT FROM leads.grant_access(NULL, 'rep');
SELECT FROM leads.grant_access('ag_rep', NULL);
SELECT FROM leads.grant_access('ag_rep', 'rep', 'ag_nothing');
-- one profile goes, what the other needs stays
SELECT FROM leads.grant_access('ag_other', 'bi');
SELECT profile FROM ag.access_list WHERE role_name = 'ag_other' ORDER BY 1;
SELECT FROM leads.revoke_access('ag_other', 'rep');
SELECT has_table_privilege('ag_other', 'ag.my_lead', 'SELECT') AS reads, has_any_column_privilege('ag_other', 'ag.my_lead', 'UPDATE') AS writes,
  has_table_privilege('ag_other', 'ag.intake', 'INSERT') AS registers, array(SELECT call FROM may WHERE role = 'ag_other' AND call IN ('claim', 'sees_all', 'register') ORDER BY 1) AS calls,
  has_schema_privilege('ag_other', 'ag', 'USAGE') AS usage;
SELECT FROM leads.revoke_access('ag_other', 'bi');
SELECT has_schema_privilege('ag_other', 'ag', 'USAGE') AS usage, (SELECT count(*) FROM may WHERE role = 'ag_other') AS calls,
  (SELECT count(*) FROM pg_class c WHERE relnamespace = 'ag'::regnamespace AND relkind IN ('r', 'v') AND has_any_column_privilege('ag_other', c.oid, 'SELECT, INSERT, UPDATE')) AS relations;
-- taking back what is not there is no fault
SELECT FROM leads.revoke_access('ag_other', 'bi');
SELECT FROM leads.revoke_access('ag_app', 'app');
SELECT has_parameter_privilege('ag_app', 'leads.actor', 'SET') AS may_set;
-- a second company of the same owner: what it needs is not taken away by the first
SELECT leads.install('ag2', owner => 'ag_own', lang => 'en') IS NOT NULL AS installed;
SELECT FROM leads.grant_access('ag_rep', 'app', 'ag2');
SELECT FROM leads.revoke_access('ag_rep', 'rep');
SELECT has_schema_privilege('ag_rep', 'ag', 'USAGE') AS in_first, has_schema_privilege('ag_rep', 'ag2', 'USAGE') AS in_second,
  array(SELECT call FROM may WHERE role = 'ag_rep' AND call IN ('register', 'grant_access') ORDER BY 1) AS calls, has_parameter_privilege('ag_rep', 'leads.actor', 'SET') AS may_set;
SELECT FROM leads.revoke_access('ag_rep', 'app', 'ag2');
SELECT (SELECT count(*) FROM may WHERE role = 'ag_rep') AS calls, has_parameter_privilege('ag_rep', 'leads.actor', 'SET') AS may_set;
-- install() applies the rows again, whatever was taken by hand; a role that is gone is skipped
REVOKE ALL ON ag.my_lead FROM ag_manager; REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA leads FROM ag_manager; REVOKE USAGE ON SCHEMA ag FROM ag_manager;
SET session_replication_role = replica;
INSERT INTO ag.access_grant (role_name, profile, granted_by, granted_at) VALUES ('ag_ghost', 'rep', 'x', '2026-01-01');
RESET session_replication_role;
SELECT leads.install('ag') IS NOT NULL AS installed;
SELECT has_table_privilege('ag_manager', 'ag.my_lead', 'SELECT') AS reads, has_schema_privilege('ag_manager', 'ag', 'USAGE') AS usage,
  array(SELECT call FROM may WHERE role = 'ag_manager' AND call IN ('assign', 'install') ORDER BY 1) AS calls;
SELECT role_name, role_exists FROM ag.access_list WHERE NOT role_exists;
SELECT FROM leads.revoke_access('ag_ghost', 'rep');
SELECT count(*) FROM ag.access_list WHERE NOT role_exists;
-- what was taken back holds nobody: the role can be dropped
SELECT FROM leads.revoke_access('ag_sender', 'sender');
DROP ROLE ag_sender;
-- rows outlive a role that was dropped without revoke_access(); a new role of its name does not inherit them
CREATE ROLE ag_twin;
SELECT FROM leads.grant_access('ag_twin', 'admin');
REVOKE USAGE ON SCHEMA ag FROM ag_twin;   -- as DROP ROLE demands
SELECT FROM leads.grant_access('ag_twin', 'rep');
SELECT profile FROM ag.access_grant WHERE role_name = 'ag_twin';
-- profile owner before the company exists
CREATE ROLE ag_founder;
SELECT current_database() AS db \gset
GRANT CREATE ON DATABASE :"db" TO ag_founder;
SELECT FROM leads.grant_access('ag_founder', 'owner', 'ag3');
SET ROLE ag_founder;
SELECT leads.install('ag3', lang => 'en') IS NOT NULL AS installed;
SELECT FROM leads.grant_access('ag_bi', 'bi', 'ag3');
SELECT leads.uninstall('ag3', 'ag3');
RESET ROLE;
SELECT leads.uninstall('ag', 'ag'), leads.uninstall('ag2', 'ag2');
DROP OWNED BY ag_own, ag_rep, ag_app, ag_admin, ag_bi, ag_partner, ag_manager, ag_other, "ag we""ird", ag_founder, ag_twin CASCADE;
DROP ROLE ag_own, ag_rep, ag_app, ag_admin, ag_bi, ag_partner, ag_manager, ag_other, "ag we""ird", ag_founder, ag_twin;
