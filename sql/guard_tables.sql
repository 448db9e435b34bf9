-- direct changes of base tables: what is refused, what is free, what is keyed anew
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
\set VERBOSITY terse
CREATE ROLE gt_own;
SELECT leads.install('gt', owner => 'gt_own', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'gt';
SET leads.clock = '2026-03-02 10:00+08';
INSERT INTO gt.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li');
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678', by_member => 'zhang');
SELECT outcome FROM leads.register('成都锦绣电子科技有限公司', phone => '13800001111', by_member => 'li');
SELECT activity_id FROM leads.log_activity(1, 'call', 'x', by_member => 'zhang');
-- every table that only the functions write: INSERT, UPDATE, DELETE and TRUNCATE, as the owner itself
SET ROLE gt_own;
\set VERBOSITY sqlstate
SELECT format('%s gt.%I %s', verb, t, rest) FROM unnest('{customer,registration,ownership,lead,activity,event,lead_journey,journey_region,journey_run,rollup_cell,rollup_delta,rollup_state,decision,outbox,customer_key,member_counter,policy,access_grant,settings,schema_version}'::text[]) t,
  (VALUES ('INSERT INTO', 'DEFAULT VALUES'), ('DELETE FROM', ''), ('TRUNCATE', 'CASCADE')) v(verb, rest) \gexec
UPDATE gt.customer SET status = 'deleted';
UPDATE gt.customer SET last_event_at = '2030-01-01';
UPDATE gt.registration SET outcome = 'created';
UPDATE gt.ownership SET member_id = 2;
UPDATE gt.ownership SET next_due_at = NULL WHERE false;
UPDATE gt.lead SET stage_id = 2;
UPDATE gt.lead SET closed_at = NULL;
UPDATE gt.activity SET effective = true;
UPDATE gt.event SET at = '2026-01-01';
UPDATE gt.decision SET evidence = '[]';
UPDATE gt.outbox SET payload = '{}';
UPDATE gt.customer_key SET key_a = 1;
UPDATE gt.member_counter SET held = 0;
UPDATE gt.policy SET body = '{}';
UPDATE gt.access_grant SET profile = 'owner';
UPDATE gt.settings SET simulation = false;
UPDATE gt.schema_version SET step = 1;
UPDATE gt.ring SET turn_no = 0;
UPDATE gt.ring_seat SET pass = 0;
TRUNCATE gt.contact_point;
TRUNCATE gt.customer_name;
-- a data-modifying CTE, MERGE and COPY are no way around
WITH gone AS (DELETE FROM gt.event RETURNING 1) SELECT count(*) FROM gone;
MERGE INTO gt.ownership o USING gt.member m ON o.member_id = m.id WHEN MATCHED THEN UPDATE SET until = now();
COPY gt.outbox (topic, subject, dedupe_key, payload, created_at, effective_at) FROM stdin;
x	x	x	{}	2026-01-01	2026-01-01
\.
\set VERBOSITY default
-- the hint names the call
DELETE FROM gt.lead;
UPDATE gt.lead SET stage_id = 2;
INSERT INTO gt.activity DEFAULT VALUES;
UPDATE gt.ownership SET until = now();
\set VERBOSITY sqlstate
-- free: what harms nobody, and the user's own columns, on guarded tables too
UPDATE gt.customer SET level = 'A', tags = '{vip}', industry = '商贸', extra = '{"a": 1}' WHERE id = 1;
UPDATE gt.lead SET amount = 5, need = 'x', expected_on = '2026-05-01', extra = '{"b": 2}' WHERE id = 1;
ALTER TABLE gt.ownership ADD COLUMN remark text;
UPDATE gt.ownership SET remark = 'mine';
UPDATE gt.ring SET name = 'Everybody';
-- a trigger of the user's, fired by our own statement, is not the corridor
CREATE FUNCTION gt.sly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE gt.lead SET stage_id = 2; RETURN NULL; END $$;
CREATE TRIGGER sly AFTER INSERT ON gt.activity EXECUTE FUNCTION gt.sly();
SELECT activity_id FROM leads.log_activity(1, 'call', 'y', by_member => 'zhang');
DROP TRIGGER sly ON gt.activity;
-- nor is what follows an error inside a subtransaction
BEGIN;
SAVEPOINT s;
SELECT decision_id FROM leads.release(99, 'x');
ROLLBACK TO s;
UPDATE gt.lead SET stage_id = 2;
ROLLBACK;
-- a name: keyed anew, the former one still finds it, and a twin is written down
UPDATE gt.customer SET name = '重庆市鴻源商貿有限公司' WHERE id = 2;
SELECT id, name, core FROM gt.customer ORDER BY id;
SELECT customer_id, name, kind FROM gt.customer_name;
SELECT customer_id, data, owner_id, at FROM gt.event WHERE kind = 'collided';
SELECT outcome FROM leads.register('成都锦绣电子科技有限公司', by_member => 'zhang');
-- a name that stays the same writes nothing
UPDATE gt.customer SET name = name WHERE id = 2;
SELECT count(*) FROM gt.event WHERE kind = 'collided';
-- a contact point: normalised whatever is given, found at once, not found when it is gone
INSERT INTO gt.contact_point (customer_id, kind, raw, norm, weak) VALUES (1, 'phone', '+86 137-0000-2222', 'nonsense', true), (1, 'email', 'Wang.Fang+x@Hongyuan-Trade.cn', NULL, true), (1, 'uscc', '12345', 'x', false), (1, 'phone', '400-800-1234', NULL, false);
SELECT kind, raw, norm, weak, strong_key, created_at IS NOT NULL AS dated FROM gt.contact_point WHERE customer_id = 1 ORDER BY id;
SELECT count(*) AS keys FROM gt.customer_key WHERE customer_id = 1 AND key_b IS NOT NULL;
UPDATE gt.contact_point SET raw = '13600003333' WHERE raw = '13912345678';
SELECT norm FROM gt.contact_point WHERE raw = '13600003333';
DELETE FROM gt.contact_point WHERE kind = 'phone' AND customer_id = 1;
SELECT count(*) AS keys FROM gt.customer_key WHERE customer_id = 1 AND key_b IS NOT NULL;
-- the same customer's keys as register() would make them: nothing forgotten, nothing left over
INSERT INTO gt.contact_point (customer_id, kind, raw) VALUES (1, 'phone', '13912345678');
SELECT invariant, subject FROM leads.verify('gt');
-- somebody else's table with the same trigger function: needs EXECUTE, which nobody has
RESET ROLE;
CREATE ROLE gt_evil;
SET ROLE gt_evil;
CREATE TEMP TABLE mine (id int);
CREATE TRIGGER g BEFORE INSERT ON mine EXECUTE FUNCTION leads.guard();
RESET ROLE;
DROP TABLE mine;
-- called outside a trigger, or on the wrong thing
SELECT leads.guard();
CREATE TEMP TABLE plain (customer_id bigint);
CREATE TRIGGER g INSTEAD OF INSERT ON gt.stage_list FOR EACH ROW EXECUTE FUNCTION leads.face_pool();
INSERT INTO gt.stage_list (code) VALUES ('x');
DROP TRIGGER g ON gt.stage_list;
-- a replica and a restore load as they please
SET session_replication_role = replica;
UPDATE gt.ownership SET remark = remark, recorded_at = recorded_at;
RESET session_replication_role;
RESET leads.clock;
SELECT leads.uninstall('gt', 'gt');
DROP OWNED BY gt_own, gt_evil;
DROP ROLE gt_own, gt_evil;
