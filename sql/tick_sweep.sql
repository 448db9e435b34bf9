-- CALL leads.tick(): lapses at their due instants, reminders, twice, in batches, quarantine
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';
\set VERBOSITY sqlstate
CREATE ROLE ts_owner LOGIN;
CREATE ROLE ts_rep LOGIN;
SET leads.clock = '2026-03-02 09:00+08';
SELECT leads.install('ts', owner => 'ts_owner', lang => 'zh', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'ts';
INSERT INTO ts.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜');
SELECT outcome, customer_id FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SELECT outcome, customer_id FROM leads.register('上海云帆信息技术有限公司', by_member => 'zhang');
SELECT outcome, customer_id FROM leads.register('广州明珠医疗器械有限公司', by_member => 'li');
SET leads.clock = '2026-03-03 09:00+08';
SELECT outcome, customer_id FROM leads.register('成都锦城餐饮管理有限公司', by_member => 'li');
SELECT outcome, customer_id FROM leads.register('青岛海蓝水产有限公司', by_member => 'li');
SELECT FROM leads.win((SELECT id FROM ts.lead WHERE customer_id = 5), by_member => 'li');
CREATE VIEW ts_state AS SELECT customer_id AS c, (SELECT code FROM ts.member m WHERE m.id = o.member_id) AS member, pool_id AS pool, since, until, next_due_at, remind_at
  FROM ts.ownership o;
CREATE VIEW ts_beat AS SELECT job, started_at, finished_at, settled, reminded, failed FROM ts.heartbeat;

-- nothing due: only a sign of life
CALL leads.tick();
SELECT * FROM ts_beat;

-- a microsecond before the reminder, and at it; twice; as the owner, who is no superuser
SET leads.clock = '2026-03-29 08:59:59.999999+08';
CALL leads.tick();
SELECT count(*) FROM ts.outbox WHERE topic = 'reminder';
SET leads.clock = '2026-03-29 09:00+08';
SET ROLE ts_owner;
CALL leads.tick();
SELECT current_user, current_setting('search_path') AS path, current_setting('enable_seqscan') AS seqscan;
CALL leads.tick();
RESET ROLE;
SELECT subject, member_id, payload, effective_at FROM ts.outbox WHERE topic = 'reminder' ORDER BY id;
SELECT kind, customer_id, at, recorded_at, actor_id FROM ts.event WHERE kind = 'reminded' ORDER BY id;
SELECT * FROM ts_beat;
-- a moved deadline is reminded of anew
SELECT protected_until FROM leads.extend(1, 7, by_member => 'zhang');
SET leads.clock = '2026-04-05 09:00+08';
-- a week's silence: what lapsed is not reminded of, and lapsed at its own instant
CALL leads.tick();
SELECT subject, payload ->> 'due_at' AS due_at, effective_at FROM ts.outbox WHERE topic = 'reminder' ORDER BY id;
SELECT * FROM ts_state ORDER BY c, since;
SELECT customer_id, at, recorded_at FROM ts.event WHERE kind = 'lapsed' ORDER BY id;
SELECT subject, member_id, effective_at, created_at FROM ts.outbox WHERE topic = 'lapsed' ORDER BY id;
SELECT * FROM ts_beat;
CREATE TEMP TABLE once AS SELECT * FROM ts.ownership;
CALL leads.tick();
SELECT count(*) AS changed FROM (SELECT * FROM ts.ownership EXCEPT SELECT * FROM once) x;
SELECT * FROM ts_beat;
SELECT * FROM leads.verify();

-- who may not, and what is no batch
CALL leads.tick(0);
CALL leads.tick(NULL, 'nowhere');
SELECT FROM leads.grant_access('ts_rep', 'rep');
SET ROLE ts_rep;
CALL leads.tick();
RESET ROLE;

-- many at once, in small batches; in a transaction block it is one batch; a stranger's trigger fails for two of them
SET session_replication_role = replica;
INSERT INTO ts.customer (kind, name, created_at, last_event_at) SELECT 'company', 'many ' || i, '2026-03-01', '2026-03-01' FROM generate_series(6, 105) i;
INSERT INTO ts.decision (kind, verdict, customer_id, session_role, decided_at, recorded_at)
  SELECT 'register', 'created', id, 'x', created_at, created_at FROM ts.customer WHERE name LIKE 'many%';
INSERT INTO ts.ownership (customer_id, member_id, since, protected_until, next_due_at, lapse_pool_id, policy_version, cause, decision_id, recorded_at)
  SELECT c.id, 1 + c.id % 2, c.created_at, '2026-03-31', '2026-03-31', 1, 1, 'routed', d.id, c.created_at
    FROM ts.customer c JOIN ts.decision d ON d.customer_id = c.id AND d.kind = 'register' WHERE c.name LIKE 'many%';
UPDATE ts.member_counter c SET held = (SELECT count(*) FROM ts.ownership o WHERE o.member_id = c.member_id AND o.until IS NULL);
RESET session_replication_role;
CREATE FUNCTION ts_trouble() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN IF NEW.customer_id IN (10, 50) THEN RAISE EXCEPTION 'no luck with %', NEW.customer_id; END IF; RETURN NEW; END $$;
CREATE TRIGGER users_own BEFORE UPDATE ON ts.ownership FOR EACH ROW EXECUTE FUNCTION ts_trouble();
BEGIN;
CALL leads.tick(10);
SELECT settled, failed, finished_at FROM ts_beat;
ROLLBACK;
SELECT count(*) FROM ts.ownership WHERE cause = 'lapsed' AND customer_id > 5;
CALL leads.tick(30);
SELECT settled, failed FROM ts_beat;
SELECT * FROM ts.quarantine ORDER BY 1;
SELECT count(*), count(DISTINCT since), count(DISTINCT end_decision_id) FILTER (WHERE end_cause = 'lapsed') FROM ts.ownership WHERE customer_id > 5;
SELECT customer_id, leads.owner_at(customer_id) FROM ts.ownership WHERE customer_id IN (10, 50);
SELECT m.code, c.held, (SELECT count(*) FROM ts.ownership o WHERE o.member_id = m.id AND o.until IS NULL) AS counted
  FROM ts.member_counter c JOIN ts.member m ON m.id = c.member_id ORDER BY 1;
SELECT item, status FROM leads.health() WHERE item = 'quarantine';
-- it is left alone until its time, then tried again, with longer and longer pauses; others go on
CALL leads.tick();
SELECT settled, failed FROM ts_beat;
SET leads.clock = '2026-04-05 09:01+08';
CALL leads.tick();
SELECT settled, failed FROM ts_beat;
SELECT customer_id, failures, retry_at FROM ts.quarantine ORDER BY 1;
-- the cause is gone; one is settled by a claim, the other by the sweep; both leave the quarantine
DROP FUNCTION ts_trouble CASCADE;
SELECT outcome FROM leads.claim('{10}', by_member => 'zhang');
SET leads.clock = '2026-04-05 09:03+08';
CALL leads.tick();
SELECT settled, failed FROM ts_beat;
SELECT count(*) FROM ts.quarantine;
-- customers made by hand get their keys
CALL leads.rekey();
SELECT * FROM leads.verify();

-- a false clock sweeps nothing in a company that works for real
RESET leads.clock;
SELECT leads.install('ts_real', lang => 'en') IS NOT NULL AS installed;
SET leads.clock = '2099-01-01';
CALL leads.tick(1000, 'ts_real');
RESET leads.clock;
CALL leads.tick(1000, 'ts_real');
SELECT job, finished_at >= started_at AS finished FROM ts_real.heartbeat;
SET client_min_messages = error;
DROP VIEW ts_state, ts_beat;
SELECT FROM leads.uninstall('ts', 'ts');
SELECT FROM leads.uninstall('ts_real', 'ts_real');
DROP OWNED BY ts_owner, ts_rep;
DROP ROLE ts_owner, ts_rep;
