-- What a superuser and crm_owner do before the demo, as README.md says; nothing of it is shown.
\set QUIET on
\set ON_ERROR_STOP on
\pset tuples_only on
\o /dev/null
SET client_min_messages = warning;
CREATE EXTENSION pg_cron;
CREATE EXTENSION pg_leads CASCADE;
CREATE ROLE crm_owner LOGIN;  CREATE ROLE zhang_db LOGIN;  CREATE ROLE li_db LOGIN;
CREATE ROLE chen_db LOGIN;    CREATE ROLE bi_db LOGIN;     CREATE ROLE web_db LOGIN;
GRANT USAGE ON SCHEMA cron TO crm_owner;
GRANT SET ON PARAMETER leads.clock TO crm_owner;
ALTER DATABASE demo OWNER TO crm_owner;
SELECT leads.install(owner => 'crm_owner', lang => 'zh', simulation => true);
\c - crm_owner
INSERT INTO crm.member(code, name, db_role, is_manager) VALUES
  ('zhang', '张伟', 'zhang_db', false), ('li', '李娜', 'li_db', false), ('zhao', '赵敏', NULL, false),
  ('chen', '陈静', 'chen_db', true);
SELECT leads.grant_access('zhang_db', 'rep'), leads.grant_access('li_db', 'rep'), leads.grant_access('chen_db', 'manager'),
       leads.grant_access('bi_db', 'bi'), leads.grant_access('web_db', 'app');
UPDATE crm.channel SET member_id = (SELECT id FROM crm.member WHERE code = 'chen') WHERE code = 'website';
INSERT INTO crm.routing_rule(position, region, assign_to) VALUES (10, '北京', 'member:li'), (20, '广东', 'member:zhao');
SELECT leads.set_protection(days => 30, remind_days => 3, no_followup_days => 7);
-- a rep brings a list longer than a day's duplicate checks, and is told of whom all the same
SELECT leads.set_match(probe_quota => 0);
