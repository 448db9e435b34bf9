-- What register() tells of others' customers is counted, and no ROLLBACK undoes it.
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SELECT leads.install('meter', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'meter';
SET leads.clock = '2026-03-02 09:00+08';
INSERT INTO meter.member(code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li');
-- one sequence a member
SELECT c.relname, obj_description(c.oid, 'pg_class') FROM pg_class c
 WHERE c.relnamespace = 'meter'::regnamespace AND c.relname LIKE 'meter%' ORDER BY 1;
CREATE TEMP VIEW meter AS SELECT m.code, '1970-01-01'::date + (s.last_value / 1000000)::int AS day, s.last_value % 1000000 AS n
  FROM pg_sequences s JOIN meter.member m ON s.sequencename = 'meter_' || m.id WHERE s.schemaname = 'meter' ORDER BY 1;

SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678', by_member => 'zhang');
SELECT * FROM meter;                -- created counts nothing
SELECT outcome FROM leads.register('重慶市鴻源商貿', by_member => 'li');
SELECT * FROM meter;
BEGIN;
SELECT outcome FROM leads.register('重慶鴻源商貿', by_member => 'li');
SELECT outcome FROM leads.register('x', phone => '12', by_member => 'li');
SAVEPOINT s;
SELECT outcome FROM leads.register('重慶鴻源商貿', by_member => 'li');
ROLLBACK TO s;
ROLLBACK;
SELECT * FROM meter;
SELECT count(*) FROM meter.registration;
-- the owner's own customer counts, too; the system has no meter
SELECT outcome FROM leads.register('重庆鸿源商贸', by_member => 'zhang');
SELECT outcome FROM leads.register('重庆鸿源商贸');
SELECT * FROM meter;
-- days are business days; a clock that goes back takes nothing away
SET leads.clock = '2026-03-03 00:00+08';
SELECT outcome FROM leads.register('重慶鴻源商貿', by_member => 'li');
SELECT outcome FROM leads.register('重慶鴻源商貿', by_member => 'li');
SELECT * FROM meter;
SET leads.clock = '2026-03-02 12:00+08';
SELECT outcome FROM leads.register('重慶鴻源商貿', by_member => 'li');
SELECT * FROM meter;
-- a member that came around its trigger: nothing stops, install() makes the meter
SET session_replication_role = replica;
INSERT INTO meter.member(code, name) VALUES ('wu', 'Wu');
SET session_replication_role = origin;
SELECT outcome FROM leads.register('重慶鴻源商貿', by_member => 'wu');
SELECT leads.install('meter') IS NOT NULL AS installed;
SELECT outcome FROM leads.register('重慶鴻源商貿', by_member => 'wu');
SELECT * FROM meter;
-- it goes with its member
INSERT INTO meter.member(code, name) VALUES ('gone', 'Gone');
DELETE FROM meter.member WHERE code = 'gone';
SELECT count(*) FROM pg_sequences WHERE schemaname = 'meter' AND sequencename LIKE 'meter%';
SELECT leads.uninstall('meter', 'meter');
