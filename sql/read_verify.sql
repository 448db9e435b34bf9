-- leads.verify(): a sound company is clean, and every fault is found by its invariant
SET client_min_messages = warning;
-- rows are made by hand here, so the guards keep still
SET session_replication_role = replica;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';
\set VERBOSITY sqlstate
SELECT leads.install('rv', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'rv';

-- two members, three customers: one owned and followed up, one lapsed (tick never ran), one that went to the pool
INSERT INTO rv.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li');
INSERT INTO rv.customer (kind, name, created_at, last_event_at) VALUES
  ('company', 'one', '2026-01-05 10:00+08', '2026-01-07 10:00+08'),
  ('company', 'two', '2025-11-05 10:00+08', '2025-11-05 10:00+08'),
  ('person', NULL, '2025-10-01 10:00+08', '2025-10-11 10:00+08');
INSERT INTO rv.contact_point (customer_id, kind, raw, norm, strong_key, created_at) VALUES
  (1, 'uscc', 'x', '91500000MA5U000017', '91500000MA5U000017', '2026-01-05 10:00+08'),
  (2, 'phone', 'x', '+8613912345678', NULL, '2026-01-05 10:00+08'),
  (3, 'phone', 'x', '+8613912345678', '+8613912345678', '2026-01-05 10:00+08');
INSERT INTO rv.decision (kind, verdict, customer_id, session_role, decided_at, recorded_at) VALUES
  ('register', 'created', 1, 'x', '2026-01-05 10:00+08', '2026-01-05 10:00+08'),
  ('register', 'created', 2, 'x', '2025-11-05 10:00+08', '2025-11-05 10:00+08'),
  ('register', 'created', 3, 'x', '2025-10-01 10:00+08', '2025-10-01 10:00+08'),
  ('release', 'released', 3, 'x', '2025-10-11 10:00+08', '2025-10-11 10:00+08');
INSERT INTO rv.ownership (customer_id, member_id, pool_id, since, until, protected_until, next_due_at, followed_at, lapse_pool_id,
    policy_version, cause, end_cause, decision_id, end_decision_id, recorded_at, end_recorded_at) VALUES
  (1, 1, NULL, '2026-01-05 10:00+08', NULL, '2026-02-04 10:00+08', '2026-02-04 10:00+08', '2026-01-07 10:00+08', 1,
    1, 'registered', NULL, 1, NULL, '2026-01-05 10:00+08', NULL),
  (2, 1, NULL, '2025-11-05 10:00+08', NULL, '2025-12-05 10:00+08', '2025-12-05 10:00+08', NULL, 1,
    1, 'registered', NULL, 2, NULL, '2025-11-05 10:00+08', NULL),
  (3, 2, NULL, '2025-10-01 10:00+08', '2025-10-11 10:00+08', '2025-10-31 10:00+08', '2025-10-31 10:00+08', NULL, 1,
    1, 'registered', 'released', 3, 4, '2025-10-01 10:00+08', '2025-10-11 10:00+08'),
  (3, NULL, 1, '2025-10-11 10:00+08', NULL, NULL, NULL, NULL, NULL,
    NULL, 'released', NULL, 4, NULL, '2025-10-11 10:00+08', NULL);
INSERT INTO rv.member_counter (member_id, held) VALUES (1, 2) ON CONFLICT (member_id) DO UPDATE SET held = excluded.held;
INSERT INTO rv.lead (customer_id, stage_id, stage_since, channel_id, created_at) VALUES
  (1, (SELECT id FROM rv.stage ORDER BY position LIMIT 1), '2026-01-05 10:00+08', 1, '2026-01-05 10:00+08');
INSERT INTO rv.event (customer_id, lead_id, kind, at, recorded_at, owner_id, to_stage_id, attempt) VALUES
  (1, 1, 'entered', '2026-01-05 10:00+08', '2026-01-05 10:00+08', 1, (SELECT id FROM rv.stage ORDER BY position LIMIT 1), 1);
CALL leads.rebuild_journeys();
-- those made by hand have no keys yet
SELECT count(*) AS without FROM leads.verify() WHERE problem ~ 'lacks \d+ keys';
CALL leads.rekey();
SELECT * FROM leads.verify();
SELECT * FROM leads.verify('rv');

-- one fault at a time, taken back each time
-- I1
BEGIN; INSERT INTO rv.customer (kind, name, created_at, last_event_at) VALUES ('company', 'four', now(), now());
SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; DELETE FROM rv.ownership WHERE id = 4; SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; DROP INDEX rv.ownership_open; ALTER TABLE rv.ownership DROP CONSTRAINT ownership_customer_id_scope_tstzrange_excl;
INSERT INTO rv.ownership (customer_id, pool_id, since, cause, decision_id, recorded_at) VALUES (1, 1, '2026-01-09 10:00+08', 'pooled', 1, now());
SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; ALTER TABLE rv.ownership DROP CONSTRAINT ownership_check; UPDATE rv.ownership SET pool_id = 1 WHERE id = 1;
SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; UPDATE rv.ownership SET lapse_pool_id = NULL WHERE id = 2; SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; UPDATE rv.customer SET status = 'deleted' WHERE id = 2; SELECT * FROM leads.verify(); ROLLBACK;
-- I2
BEGIN; UPDATE rv.ownership SET since = '2025-10-12 10:00+08' WHERE id = 4; SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; UPDATE rv.customer SET created_at = '2025-09-01 10:00+08' WHERE id = 3; SELECT * FROM leads.verify(); ROLLBACK;
-- I3
BEGIN; UPDATE rv.lead SET scope = 'line:x'; SELECT * FROM leads.verify(); ROLLBACK;
-- a closed lead needs no home
BEGIN; UPDATE rv.lead SET scope = 'line:x', stage_id = (SELECT id FROM rv.stage WHERE kind = 'lost');
UPDATE rv.event SET to_stage_id = (SELECT id FROM rv.stage WHERE kind = 'lost'); SELECT * FROM leads.verify(); ROLLBACK;
-- I4: a USCC that was not kept as strong; a company may share the phone of a person
BEGIN; INSERT INTO rv.contact_point (customer_id, kind, raw, norm, created_at) VALUES (2, 'uscc', 'x', '91500000MA5U000017', now());
SELECT * FROM leads.verify(); ROLLBACK;
-- I7: two deadlines off by a microsecond; a grace may lift one; exempt has none
BEGIN; UPDATE rv.ownership SET next_due_at = next_due_at - interval '1 us' WHERE id = 1; SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; UPDATE rv.ownership SET next_due_at = next_due_at + interval '1 us' WHERE id = 1; SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; UPDATE rv.ownership SET protected_until = '2026-01-08 10:00+08', next_due_at = '2026-01-10 10:00+08' WHERE id = 1;
SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; UPDATE rv.ownership SET exempt = 'won' WHERE id = 1; SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; UPDATE rv.ownership SET exempt = 'won', next_due_at = NULL WHERE id = 1; SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; UPDATE rv.ownership SET policy_version = 9 WHERE id = 1; SELECT * FROM leads.verify(); ROLLBACK;
-- I8
BEGIN; UPDATE rv.ownership SET end_decision_id = NULL WHERE id = 3; SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; UPDATE rv.ownership SET decision_id = 99 WHERE id = 1; SELECT * FROM leads.verify(); ROLLBACK;
-- I9: too many, too few, none
BEGIN; UPDATE rv.member_counter SET held = 3 WHERE member_id = 1; SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; DELETE FROM rv.member_counter WHERE member_id = 1; SELECT * FROM leads.verify(); ROLLBACK;
-- I10
BEGIN; UPDATE rv.lead SET stage_id = (SELECT id FROM rv.stage WHERE code = 'contacted'); SELECT * FROM leads.verify(); ROLLBACK;
BEGIN; DELETE FROM rv.event; SELECT * FROM leads.verify(); ROLLBACK;
-- I14
BEGIN; ALTER TABLE rv.policy DROP CONSTRAINT policy_kind_key_tstzrange_excl;
INSERT INTO rv.policy (kind, version, status, body, active_from, created_at, created_by)
  SELECT kind, 7, status, body, active_from, created_at, created_by FROM rv.policy WHERE kind = 'protection' AND version = 1;
SELECT * FROM leads.verify(); ROLLBACK;

-- clean again, at any time the clock shows
SET leads.clock = '2030-01-01'; SELECT * FROM leads.verify(); RESET leads.clock;
SELECT * FROM leads.verify();

-- for owner and admin only
SELECT * FROM leads.verify('nowhere');
CREATE ROLE regress_rv_rep;
GRANT EXECUTE ON FUNCTION leads.verify(text) TO regress_rv_rep;
SET ROLE regress_rv_rep; SELECT * FROM leads.verify(); RESET ROLE;
GRANT USAGE ON SCHEMA rv TO regress_rv_rep;
INSERT INTO rv.access_grant (role_name, profile, granted_by, granted_at) VALUES ('regress_rv_rep', 'manager', 'x', now());
SET ROLE regress_rv_rep; SELECT * FROM leads.verify(); RESET ROLE;
UPDATE rv.access_grant SET profile = 'admin' WHERE role_name = 'regress_rv_rep';
SET ROLE regress_rv_rep; SELECT * FROM leads.verify(); RESET ROLE;
SELECT leads.uninstall('rv', 'rv');
DROP OWNED BY regress_rv_rep; DROP ROLE regress_rv_rep;
