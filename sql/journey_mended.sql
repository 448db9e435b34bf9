-- Journeys damaged, wrong, of nobody, or written while no trigger fired: verify() tells, no job fails, one call mends all, sums included.
SET client_min_messages = warning;
SET timezone = 'UTC'; SET datestyle = 'ISO';
SET leads.clock = '2026-03-02 09:00+08';
SELECT leads.install('jm', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'jm';
INSERT INTO jm.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li');
SELECT count(*) AS registered FROM generate_series(1, 12) i, LATERAL leads.register(chr(20000 + i * 7) || chr(21000 + i * 13) || chr(30000 + i * 5) || '有限公司', region => 'north', by_member => 'zhang');
-- moves touch no index: rows of leads and journeys stay on their page
BEGIN;
SELECT FROM leads.advance(7, 'contacted'); SELECT FROM leads.advance(7, 'qualified'); SELECT FROM leads.win(7, amount => 5); SELECT FROM leads.reopen(7, 'proposal', 'again'); SELECT FROM leads.lose(7, 'price'); SELECT FROM leads.reopen(7, 'contacted', 'again');
SELECT relname, pg_stat_get_xact_tuples_updated(oid) >= 6 AS moves, pg_stat_get_xact_tuples_hot_updated(oid) = pg_stat_get_xact_tuples_updated(oid) AS all_hot
  FROM pg_class WHERE relnamespace = 'jm'::regnamespace AND relname IN ('lead', 'lead_journey') ORDER BY 1;
ROLLBACK;

SET leads.clock = '2026-03-03 09:00+08';
SELECT count(*) AS moved FROM generate_series(1, 6) i, LATERAL leads.advance(i, 'contacted');
SET leads.clock = '2026-03-04 09:00+08';
CALL leads.tick();
\set figures 'SELECT c.cut, array_agg(f.entered ORDER BY f.segment, f."position") FILTER (WHERE f."position" < 4) AS entered, bool_and(f.entered = e.entered) AS as_events FROM (VALUES (NULL), (''owner''), (''region'')) c(cut), LATERAL leads.funnel(by => c.cut) f, LATERAL leads.funnel(by => c.cut, from_events => true) e WHERE (e.segment, e."position") = (f.segment, f."position") GROUP BY 1 ORDER BY 1;'
:figures

-- one that is sound, but another's, written where no trigger fires: the sums know what was there before
SET session_replication_role = replica;
UPDATE jm.lead_journey SET journey = (SELECT journey FROM jm.lead_journey WHERE lead_id = 10) WHERE lead_id = 1;
RESET session_replication_role;
SELECT invariant, subject, problem FROM leads.verify() ORDER BY 1, 2;
CALL leads.rebuild_journeys();
:figures
SELECT (SELECT count(*) FROM leads.verify()) AS faults, (SELECT count(*) FROM leads.rollup_verify()) AS cells;

-- damaged ones: who works goes on, moves, merges and changes of owner tell them anew; jobs go on, too
SET session_replication_role = replica;
UPDATE jm.lead_journey SET journey = '\x01' WHERE lead_id = 2;
UPDATE jm.lead_journey SET journey = set_byte(journey, 9, get_byte(journey, 9) # 1) WHERE lead_id IN (3, 4, 11, 12);
SELECT lead_id, leads.journey_fault(journey) FROM jm.lead_journey WHERE leads.journey_fault(journey) IS NOT NULL ORDER BY 1;
RESET session_replication_role;
SELECT invariant, subject FROM leads.verify() ORDER BY 1, 2;
SELECT count(*) FROM leads.funnel(mode => 'strict');
SELECT stage FROM leads.advance(2, 'qualified');
SELECT outcome FROM leads.merge(4, '{5}', reason => 'one');
SELECT count(*) AS handed FROM leads.transfer_all('zhang', 'member:li', reason => 'turn', most => 20);
SELECT lead_id, leads.journey_fault(journey) FROM jm.lead_journey WHERE leads.journey_fault(journey) IS NOT NULL ORDER BY 1;
SELECT count(*) AS faults FROM leads.verify();
:figures
SET session_replication_role = replica;
UPDATE jm.lead_journey SET journey = '\x01' WHERE lead_id IN (2, 3, 11);
RESET session_replication_role;
SELECT count(*) FROM leads.funnel();
CALL leads.tick();
SELECT item, status FROM leads.health() WHERE item = 'rollups';
SELECT count(*) AS faults FROM leads.verify() WHERE invariant = 'I10';
-- and again: they cannot be counted yet
CALL leads.tick();
SELECT count(*) FROM leads.funnel();
CALL leads.rollup_rebuild();
CALL leads.rebuild_journeys();
SELECT (SELECT count(*) FROM leads.verify()) AS faults, (SELECT count(*) FROM leads.rollup_verify()) AS cells;
SELECT item, status FROM leads.health() WHERE item = 'rollups';
:figures

-- a delta that is damaged while its journey is not, and a cell: a job throws them away, the next one counts anew
SELECT count(*) AS moved FROM generate_series(7, 9) i, LATERAL leads.advance(i, 'contacted');
SET leads.clock = '2026-03-05 09:00+08';
SET session_replication_role = replica;
UPDATE jm.rollup_delta SET journey_before = '\x01';
RESET session_replication_role;
SELECT invariant, subject LIKE 'rollup_delta/%' AS a_delta, count(*) FROM leads.verify() GROUP BY 1, 2;
CALL leads.tick();
:figures
CALL leads.tick();
SELECT (SELECT count(*) FROM leads.verify()) AS faults, (SELECT count(*) FROM leads.rollup_verify()) AS cells;
SET session_replication_role = replica;
UPDATE jm.rollup_cell SET cell = '\x01' WHERE cut = 'region';
RESET session_replication_role;
SELECT invariant, subject, problem FROM leads.verify() ORDER BY 1, 2;
SELECT leads.advance(10, 'contacted') IS NOT NULL AS moved;
SET leads.clock = '2026-03-06 09:00+08';
CALL leads.tick();
CALL leads.tick();
SELECT (SELECT count(*) FROM leads.verify()) AS faults, (SELECT count(*) FROM leads.rollup_verify()) AS cells;
:figures

-- a call where no trigger fires leaves no delta: the sums miss it
SET session_replication_role = replica;
SELECT leads.advance(12, 'contacted') IS NOT NULL AS moved;
RESET session_replication_role;
SELECT invariant, subject, problem FROM leads.verify() ORDER BY 1, 2;
CALL leads.rollup_rebuild();
SELECT count(*) AS faults FROM leads.verify();

-- a journey whose lead is gone
SET session_replication_role = replica;
INSERT INTO jm.lead_journey SELECT g, entered_at, journey, channel_id, first_owner_id, creator_id, region_id FROM jm.lead_journey, (VALUES (500), (501)) x(g) WHERE lead_id = 1;
RESET session_replication_role;
SELECT invariant, subject, problem FROM leads.verify() WHERE invariant = 'I10';
CALL leads.rebuild_journeys(3);
SELECT (SELECT count(*) FROM leads.verify()) AS faults, (SELECT count(*) FROM leads.rollup_verify()) AS cells;
SELECT count(*) AS journeys FROM jm.lead_journey;

-- where transactions are SERIALIZABLE by default jobs do their work, too, and leave the default as it is
SELECT count(*) AS moved FROM generate_series(1, 3) i, LATERAL leads.advance(i, 'proposal');
SELECT count(*) AS pending FROM jm.rollup_delta;
SET default_transaction_isolation = 'serializable';
CALL leads.tick();
SELECT count(*) AS pending FROM jm.rollup_delta;
DO $$ BEGIN CALL leads.rebuild_journeys(5); RAISE WARNING '%', current_setting('transaction_isolation'); CALL leads.tick(); RAISE WARNING '%', current_setting('transaction_isolation'); END $$;
SELECT count(*) AS faults FROM leads.verify();
CREATE FUNCTION jm.level() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO jm.levels VALUES (current_setting('transaction_isolation')); RETURN NULL; END $$;
CREATE TABLE jm.levels (level text); CREATE TRIGGER level AFTER INSERT ON jm.event EXECUTE FUNCTION jm.level();
SET leads.clock = '2027-03-06 09:00+08';
CALL leads.tick();
DROP TRIGGER level ON jm.event;
SELECT DISTINCT level FROM jm.levels;
SELECT (SELECT count(*) FROM leads.verify()) AS faults, (SELECT count(*) FROM jm.rollup_delta) AS pending;
-- in a block the snapshot stays the caller's: what is pending waits
SELECT stage FROM leads.advance(6, 'qualified');
BEGIN; CALL leads.tick(); COMMIT;
SELECT count(*) AS pending FROM jm.rollup_delta;
BEGIN; CALL leads.rebuild_journeys(100); CALL leads.rebuild_journeys(100); COMMIT;
SELECT count(*) AS pending, (SELECT count(*) FROM leads.verify()) AS faults FROM jm.rollup_delta;
RESET default_transaction_isolation;

-- more stages than a funnel has: journeys are made, sums are not
SELECT stage FROM leads.advance(11, 'contacted');
INSERT INTO jm.stage (code, label_zh, label_en, position, kind, probability) SELECT 's' || g, 's', 's', 1000 + g, 'open', 0.1 FROM generate_series(1, 40) g;
CALL leads.rebuild_journeys();
SELECT item, status FROM leads.health() WHERE item = 'rollups';
DELETE FROM jm.stage WHERE position > 1000;
CALL leads.rebuild_journeys();
SELECT (SELECT count(*) FROM leads.verify()) AS faults, (SELECT count(*) FROM leads.rollup_verify()) AS cells;

-- numbers of regions that are lost, or say another one
SELECT count(*) AS regions, bool_and(region = 'north') AS north FROM jm.journey_region;
SET session_replication_role = replica;
DELETE FROM jm.journey_region;
RESET session_replication_role;
SELECT count(*) AS faults, count(DISTINCT invariant) AS invariants FROM leads.verify();
CALL leads.rebuild_journeys();
SELECT (SELECT count(*) FROM leads.verify()) AS faults, (SELECT count(*) FROM leads.rollup_verify()) AS cells, (SELECT count(*) FROM jm.journey_region) AS regions;
:figures
SET session_replication_role = replica;
UPDATE jm.journey_region SET region = 'south';
RESET session_replication_role;
SELECT count(*) > 0 AS told FROM leads.verify();
CALL leads.rebuild_journeys();
SELECT (SELECT count(*) FROM leads.verify()) AS faults, (SELECT count(*) FROM leads.rollup_verify()) AS cells;
:figures
-- ids of members and channels have room in a row of lead_journey
\set VERBOSITY sqlstate
INSERT INTO jm.member (id, code, name) OVERRIDING SYSTEM VALUE VALUES (2147483648, 'far', 'Far');
INSERT INTO jm.channel (id, code, name, inbound, keeps, profiles) OVERRIDING SYSTEM VALUE SELECT 2147483648, 'far', 'Far', inbound, keeps, profiles FROM jm.channel LIMIT 1;
\set VERBOSITY default
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('jm', 'jm');
