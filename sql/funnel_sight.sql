-- Who counts what: a rep what it owns now, a team's manager the team, manager, admin, bi and the owner all.
SET client_min_messages = warning; SET timezone = 'UTC'; SET datestyle = 'ISO';
SELECT leads.install('fs', lang => 'en', simulation => true, zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'fs';
CREATE ROLE regress_fs_zhang; CREATE ROLE regress_fs_li; CREATE ROLE regress_fs_boss; CREATE ROLE regress_fs_manager;
CREATE ROLE regress_fs_bi; CREATE ROLE regress_fs_sender; CREATE ROLE regress_fs_nobody; CREATE ROLE regress_fs_other;
SELECT leads.install('fs2', lang => 'en', zone => 'UTC') IS NOT NULL AS installed;
INSERT INTO fs.team (code, name) VALUES ('north', 'North');
INSERT INTO fs.member (code, name, db_role, team_id, is_manager) VALUES ('zhang', 'Zhang', 'regress_fs_zhang', 1, false),
  ('li', 'Li', 'regress_fs_li', NULL, false), ('boss', 'Boss', 'regress_fs_boss', 1, true);
SELECT leads.grant_access('regress_fs_zhang', 'rep'), leads.grant_access('regress_fs_li', 'rep'), leads.grant_access('regress_fs_boss', 'rep'),
  leads.grant_access('regress_fs_manager', 'manager'), leads.grant_access('regress_fs_bi', 'bi'), leads.grant_access('regress_fs_sender', 'sender');
SET leads.schema = 'fs2';
SELECT leads.grant_access('regress_fs_other', 'admin');
SET leads.schema = 'fs';
SET session_replication_role = replica;
INSERT INTO fs.customer (kind, name, created_at, last_event_at) SELECT 'company', 'customer ' || n, '2025-03-01', '2025-03-01' FROM generate_series(1, 4) n;
-- 1, 2: zhang; 3: zhang until it lapsed; 4: li
INSERT INTO fs.ownership (customer_id, member_id, since, next_due_at, lapse_pool_id, cause, decision_id, recorded_at)
  SELECT n, CASE n WHEN 4 THEN 2 ELSE 1 END, '2025-03-01', CASE n WHEN 3 THEN '2025-03-10'::timestamptz END, 1, 'registered', 1, '2025-03-01' FROM generate_series(1, 4) n;
INSERT INTO fs.lead (customer_id, stage_id, stage_since, channel_id, created_at) SELECT n, 1, '2025-03-01', 1, '2025-03-01' FROM generate_series(1, 4) n;
INSERT INTO fs.event (customer_id, lead_id, kind, at, recorded_at, owner_id, to_stage_id, attempt)
  SELECT n, n, 'entered', '2025-03-01', now(), CASE n WHEN 4 THEN 2 ELSE 1 END, 1, 1 FROM generate_series(1, 4) n;
RESET session_replication_role;
CALL leads.rebuild_journeys(schema_name => 'fs');
SET leads.clock = '2025-03-10 00:00+00';
\set ask 'SELECT entered FROM fs.funnel WHERE stage = ''new'''
\set ask2 'SELECT entered FROM leads.funnel() WHERE stage = ''new'''
SET ROLE regress_fs_zhang; :ask; :ask2; SELECT segment, entered FROM leads.funnel(by => 'owner') WHERE stage = 'new'; RESET ROLE;
SET ROLE regress_fs_li; :ask; :ask2; SELECT leads.funnel_chart(mode => 'snapshot', width => 5); RESET ROLE;
SET ROLE regress_fs_boss; :ask; RESET ROLE;
SET ROLE regress_fs_manager; :ask; RESET ROLE;
SET ROLE regress_fs_bi; :ask; SELECT segment, entered FROM leads.funnel(by => 'owner') WHERE stage = 'new'; RESET ROLE;
-- the leads behind a figure: those that the reader may count, and only their numbers
\set who 'SELECT array_agg(lead_id ORDER BY lead_id) AS leads, sum(n) AS n, min(segment) AS segment FROM leads.funnel_leads(''new'')'
SET ROLE regress_fs_zhang; :who; SELECT * FROM leads.funnel_leads('new', by => 'owner') ORDER BY 1; RESET ROLE;
SET ROLE regress_fs_li; :who; RESET ROLE;
SET ROLE regress_fs_boss; :who; RESET ROLE;
SET ROLE regress_fs_bi; :who; SELECT * FROM leads.funnel_leads('new', 'open_here', by => 'owner', mode => 'snapshot') ORDER BY 1; SELECT * FROM leads.funnel_leads('contacted'); SELECT * FROM leads.funnel_leads('won', mode => 'snapshot'); RESET ROLE;
SELECT * FROM leads.funnel_leads('registered');
SELECT * FROM leads.funnel_leads(NULL);
SELECT * FROM leads.funnel_leads('new', 'gone');
SELECT * FROM leads.funnel_leads('new', NULL);
SELECT * FROM leads.funnel_leads('new', within => '1 day', mode => 'snapshot');
-- 3 has lapsed, though nobody wrote it down: nobody's now, zhang's when it came
SET ROLE regress_fs_bi; SELECT segment, entered FROM leads.funnel(by => 'owner', mode => 'snapshot') WHERE stage = 'new'; SELECT segment, entered FROM leads.funnel(by => 'owner', attribution => 'closer') WHERE stage = 'new'; RESET ROLE;
-- a microsecond before the deadline it was still zhang's
SET leads.clock = '2025-03-09 23:59:59.999999+00';
SET ROLE regress_fs_zhang; :ask; RESET ROLE;
-- a view of one company answers for that company, whatever leads.schema says
SET leads.schema = 'fs2';
SET ROLE regress_fs_zhang; :ask; RESET ROLE;
\set VERBOSITY sqlstate
SET ROLE regress_fs_zhang; :ask2; RESET ROLE;
SET leads.schema = 'fs';
-- no profile that reads; none at all; admin of another company
SET ROLE regress_fs_sender; :ask; :ask2; :who; RESET ROLE;
SET ROLE regress_fs_nobody; :ask; :ask2; :who; RESET ROLE;
SET ROLE regress_fs_other; :ask; :ask2; :who; SELECT leads.funnel_chart(schema_name => 'fs'); RESET ROLE;
-- as another: only who may
SET leads.actor = 'li';
:ask2;
SET ROLE regress_fs_zhang; :ask2; RESET ROLE;
RESET leads.actor; RESET leads.clock; RESET leads.schema;
-- a company whose name needs quotes, and one that was renamed, have their funnel
SELECT leads.install('Fuchs & Co', lang => 'en') IS NOT NULL AS installed;
SELECT count(*) FROM "Fuchs & Co".funnel;
ALTER SCHEMA "Fuchs & Co" RENAME TO fs3;
SELECT count(*) FROM fs3.funnel;
SELECT leads.uninstall(s, s) FROM unnest(ARRAY['fs', 'fs2', 'fs3']) s;
DROP OWNED BY regress_fs_zhang, regress_fs_li, regress_fs_boss, regress_fs_manager, regress_fs_bi, regress_fs_sender, regress_fs_nobody, regress_fs_other;
DROP ROLE regress_fs_zhang, regress_fs_li, regress_fs_boss, regress_fs_manager, regress_fs_bi, regress_fs_sender, regress_fs_nobody, regress_fs_other;
