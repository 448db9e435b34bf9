-- leads.health(): what is missing, what waits, who may read it
SET client_min_messages = warning;
-- rows are made by hand here, so the guards keep still
SET session_replication_role = replica;
SET timezone = 'UTC';
SELECT leads.install('rh', lang => 'en', zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'rh';
\pset format unaligned
-- a fresh company; cron depends on the server these tests run in
SELECT item, status FROM leads.health() WHERE item NOT IN ('cron', 'grants');
SELECT count(*) FROM leads.health() WHERE item = 'cron';

-- tick
INSERT INTO rh.heartbeat (job, started_at, finished_at) VALUES ('tick', now(), now());
SELECT status FROM leads.health() WHERE item = 'tick';
UPDATE rh.heartbeat SET finished_at = now() - interval '1 hour';
SELECT status, detail ~ '360\d s ago' AS age FROM leads.health() WHERE item = 'tick';
-- a run that never came to its end is no sign of life
UPDATE rh.heartbeat SET finished_at = NULL;
SELECT status, detail FROM leads.health() WHERE item = 'tick';

-- what waits: new, then old
INSERT INTO rh.member (code, name) VALUES ('zhang', 'Zhang');
INSERT INTO rh.customer (kind, name, created_at, last_event_at) VALUES ('company', 'one', now(), now()), ('company', 'two', now(), now());
INSERT INTO rh.ownership (customer_id, member_id, since, next_due_at, remind_at, lapse_pool_id, cause, decision_id, recorded_at) VALUES
  (1, 1, now() - interval '1 day', now(), now(), 1, 'registered', 1, now()),
  (2, 1, now() - interval '1 day', now() + interval '1 day', now(), 1, 'registered', 1, now());
SELECT item, status, detail FROM leads.health() WHERE item IN ('backlog', 'reminders');
UPDATE rh.ownership SET next_due_at = next_due_at - interval '1 hour', remind_at = remind_at - interval '1 hour';
SELECT item, status, detail FROM leads.health() WHERE item IN ('backlog', 'reminders');
INSERT INTO rh.quarantine (customer_id, error_code, error_text, failed_at, retry_at) VALUES (1, 'XX000', 'x', now(), now());
SELECT status, detail FROM leads.health() WHERE item = 'quarantine';

-- what install() made and somebody took away
DROP TABLE rh.outbox;
SELECT status, detail FROM leads.health() WHERE item = 'install';

-- roles that are not there (a restore into another cluster), rights on the parameter
INSERT INTO rh.access_grant (role_name, profile, granted_by, granted_at) VALUES ('regress_rh_gone', 'rep', 'x', now());
SELECT status, detail FROM leads.health() WHERE item = 'grants';
DELETE FROM rh.access_grant WHERE role_name = 'regress_rh_gone';
CREATE ROLE regress_rh_app; CREATE ROLE regress_rh_rep; CREATE ROLE regress_rh_bi;
GRANT USAGE ON SCHEMA rh TO regress_rh_app, regress_rh_rep, regress_rh_bi;
GRANT EXECUTE ON FUNCTION leads.health() TO regress_rh_app, regress_rh_rep, regress_rh_bi;
INSERT INTO rh.access_grant (role_name, profile, granted_by, granted_at) VALUES
  ('regress_rh_app', 'app', 'x', now()), ('regress_rh_rep', 'rep', 'x', now()), ('regress_rh_bi', 'bi', 'x', now());
SELECT status, detail FROM leads.health() WHERE item = 'grants';
GRANT SET ON PARAMETER leads.actor TO regress_rh_app;
SELECT status, detail FROM leads.health() WHERE item = 'grants';
REVOKE SET ON PARAMETER leads.actor FROM regress_rh_app;

-- others that may create objects where functions are looked up
GRANT CREATE ON SCHEMA leads TO regress_rh_rep;
SELECT status, detail FROM leads.health() WHERE item = 'create_rights';
REVOKE CREATE ON SCHEMA leads FROM regress_rh_rep;
SELECT status FROM leads.health() WHERE item = 'create_rights';

-- a false clock is told
SET leads.clock = '2030-01-01';
SELECT status, detail FROM leads.health() WHERE item = 'clock';
RESET leads.clock;

-- who may read it
\set VERBOSITY sqlstate
SET ROLE regress_rh_bi;  SELECT count(*) > 5 AS many FROM leads.health();
SET ROLE regress_rh_rep; SELECT count(*) FROM leads.health();
SET ROLE regress_rh_app; SELECT count(*) FROM leads.health();
RESET ROLE;
-- tables of another version let nobody in
UPDATE rh.schema_version SET step = step + 1000 WHERE step = (SELECT max(step) FROM rh.schema_version);
SELECT count(*) FROM leads.health();
DROP SCHEMA rh CASCADE;
DROP OWNED BY regress_rh_app, regress_rh_rep, regress_rh_bi;
DROP ROLE regress_rh_app, regress_rh_rep, regress_rh_bi;
