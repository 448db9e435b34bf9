-- rekey(): frequencies of one's own names make other keys; stopped in any phase everybody is still found; done again it is done
SET client_min_messages = warning;
SELECT leads.install('rk', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'rk';
SET leads.clock = '2026-03-02 10:00+08';
\pset format unaligned
INSERT INTO rk.member (code, name) VALUES ('zhang', 'Zhang Wei');
SELECT leads.set_match(certain => 300, likely => 200, possible => 100) IS NOT NULL AS off;
INSERT INTO rk.import_row (batch, name, owner) SELECT 'b', '昆明云岭鹤鸣' || chr(20000 + i * 7) || chr(30000 + i * 11) || '有限公司', 'zhang' FROM generate_series(1, 280) i;
CALL leads.import_commit('b');
SET leads.clock = '2026-03-02 11:00+08';
SELECT leads.set_match(certain => 5, likely => 1, possible => -2.2) IS NOT NULL AS back;
-- what a variant meets, at every level, and nothing stays
CREATE FUNCTION rk_meets(name text) RETURNS text LANGUAGE sql AS $$ SELECT outcome || ' ' || coalesce(customer_id::text, '-') FROM leads.register(name, by_member => 'zhang') $$;
CREATE VIEW rk_entry AS SELECT k.customer_id, v.entry FROM rk.customer_key k, LATERAL (VALUES (k.key_a), (k.key_b)) v(entry) WHERE v.entry IS NOT NULL AND k.customer_id <= 280 AND k.customer_id <> 5;
CREATE TABLE rk_keys AS SELECT * FROM rk_entry;
SELECT rk_meets('昆明云岭鹤鸣古树茶叶有限公司');
SELECT phase, generation FROM rk.key_progress;
-- some are deleted, and remembered by their keys
SELECT count(leads.delete_customer(i, 'gone')) AS deleted FROM generate_series(200, 219) i;
CREATE TABLE rk_former AS SELECT key FROM rk.former_key;
CREATE FUNCTION rk_stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stop' USING errcode = '57014'; END $$;
-- broken off while the second set is being written
CREATE TRIGGER rk_stop BEFORE UPDATE ON rk.key_state FOR EACH ROW WHEN (NEW.phase = 'building' AND NEW.after_id > 150) EXECUTE FUNCTION rk_stop();
CALL leads.rekey(batch => 100);
SELECT phase, generation, total, done, runs, finished_at FROM rk.key_progress;
SELECT status, detail FROM leads.health() WHERE item = 'keys';
SELECT rk_meets('昆明云岭鹿鸣普洱茶厂');
SELECT rk_meets('昆明云岭鹤鸣高山咖啡有限公司');
BEGIN ISOLATION LEVEL READ COMMITTED; SELECT rk_meets('昆明云岭贺鸣古树茶叶有限公司'), rk_meets('昆明云岭贺鸣高山咖啡有限公司'); ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT rk_meets('昆明云岭贺鸣古树茶叶有限公司'), rk_meets('昆明云岭贺鸣高山咖啡有限公司'); ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT rk_meets('昆明云岭贺鸣古树茶叶有限公司'), rk_meets('昆明云岭贺鸣高山咖啡有限公司'); ROLLBACK;
-- who is renamed, merged, unmerged or imported meanwhile has both sets, too
UPDATE rk.customer SET name = '昆明云岭鹤鸣野生菌类有限公司' WHERE id = 5;
INSERT INTO rk.import_row (batch, name, owner) VALUES ('c', '昆明云岭鹤鸣玫瑰鲜花有限公司', 'zhang');
CALL leads.import_commit('c');
SELECT count(*) AS wrong FROM leads.verify('rk') WHERE problem !~ 'certainly';
-- goes on; broken off while the first set is being removed
DROP TRIGGER rk_stop ON rk.key_state;
CREATE TRIGGER rk_stop BEFORE UPDATE ON rk.key_state FOR EACH ROW WHEN (NEW.phase = 'dropping' AND NEW.after_id > 150) EXECUTE FUNCTION rk_stop();
CALL leads.rekey(batch => 100);
SELECT phase, generation, done, runs FROM rk.key_progress;
BEGIN ISOLATION LEVEL READ COMMITTED; SELECT rk_meets('昆明云岭贺鸣古树茶叶有限公司'), rk_meets('昆明云岭贺鸣高山咖啡有限公司'), rk_meets('昆明云岭贺鸣野生菌类有限公司'), rk_meets('昆明云岭贺鸣玫瑰鲜花有限公司'); ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT rk_meets('昆明云岭贺鸣古树茶叶有限公司'), rk_meets('昆明云岭贺鸣高山咖啡有限公司'); ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT rk_meets('昆明云岭贺鸣古树茶叶有限公司'), rk_meets('昆明云岭贺鸣高山咖啡有限公司'); ROLLBACK;
SELECT count(*) AS wrong FROM leads.verify('rk') WHERE problem !~ 'certainly';
DROP TRIGGER rk_stop ON rk.key_state;
CALL leads.rekey(batch => 100);
SELECT phase, generation, norm_v, runs, changed > 0 AS changed, finished_at IS NOT NULL AS finished FROM rk.key_progress;
SELECT generation, names, length(frequencies) FROM rk.key_frequency;
-- keys really became others, and those of before are gone
SELECT count(*) > 50 AS went FROM (SELECT * FROM rk_keys EXCEPT SELECT * FROM rk_entry) x;
SELECT count(*) > 50 AS came FROM (SELECT * FROM rk_entry EXCEPT SELECT * FROM rk_keys) x;
SELECT rk_meets('昆明云岭贺鸣古树茶叶有限公司'), rk_meets('昆明云岭贺鸣高山咖啡有限公司'), rk_meets('昆明云岭贺鸣玫瑰鲜花有限公司');
SELECT count(*) AS wrong FROM leads.verify('rk') WHERE problem !~ 'certainly';
SELECT status, detail FROM leads.health() WHERE item = 'keys';
SELECT count(*) > 0 AS former_too FROM (SELECT key FROM rk.former_key EXCEPT SELECT key FROM rk_former) x;
-- keys that are not as they should be are told
SET session_replication_role = replica;
DELETE FROM rk.customer_key WHERE customer_id = 281 AND nr = 1;
INSERT INTO rk.customer_key (customer_id, nr, key_a) VALUES (282, 99, 282);
SELECT invariant, subject, problem FROM leads.verify('rk') WHERE problem !~ 'certainly';
-- keys of another version of the library: nobody registers until they are written
UPDATE rk.settings SET norm_v = 0;
RESET session_replication_role;
\c -
SET client_min_messages = warning;
SET leads.schema = 'rk';
SET leads.clock = '2026-03-02 12:00+08';
\pset format unaligned
SELECT status, detail FROM leads.health() WHERE item = 'keys';
SELECT subject, problem FROM leads.verify('rk') WHERE problem !~ 'certainly';
\set VERBOSITY sqlstate
SELECT rk_meets('昆明云岭贺鸣古树茶叶有限公司');
SELECT * FROM leads.check_duplicate('昆明云岭贺鸣古树茶叶有限公司', by_member => 'zhang');
SELECT * FROM leads.matches(281);
UPDATE rk.customer SET name = '昆明云岭鹤鸣野生菌有限公司' WHERE id = 5;
INSERT INTO rk.import_row (batch, name, owner) VALUES ('d', '昆明云岭鹤鸣多肉植物有限公司', 'zhang');
CALL leads.import_commit('d');
\set VERBOSITY default
CREATE TRIGGER rk_stop BEFORE UPDATE ON rk.key_state FOR EACH ROW WHEN (NEW.phase = 'building' AND NEW.after_id > 150) EXECUTE FUNCTION rk_stop();
CALL leads.rekey(batch => 100);
\set VERBOSITY sqlstate
SELECT rk_meets('昆明云岭贺鸣古树茶叶有限公司');
\set VERBOSITY default
DROP TRIGGER rk_stop ON rk.key_state;
CALL leads.rekey();
SELECT phase, generation, norm_v, done FROM rk.key_progress;
SELECT rk_meets('昆明云岭贺鸣古树茶叶有限公司'), rk_meets('昆明云岭贺鸣高山咖啡有限公司');
SELECT count(*) AS wrong FROM leads.verify('rk') WHERE problem !~ 'certainly';
-- refusals
\set VERBOSITY sqlstate
BEGIN;
CALL leads.rekey();
ROLLBACK;
CALL leads.rekey(batch => 0);
CALL leads.rekey(schema_name => 'nowhere');
UPDATE rk.key_state SET phase = 'building';
DELETE FROM rk.key_frequency;
CREATE ROLE rk_boss;
SELECT leads.grant_access('rk_boss', 'manager');
SET ROLE rk_boss;
CALL leads.rekey();
SELECT * FROM rk.key_progress;
RESET ROLE;
\set VERBOSITY default
DROP VIEW rk_entry;
DROP TABLE rk_keys, rk_former;
DROP FUNCTION rk_stop, rk_meets;
RESET leads.clock;
SELECT leads.uninstall('rk', 'rk');
DROP OWNED BY rk_boss;
DROP ROLE rk_boss;
