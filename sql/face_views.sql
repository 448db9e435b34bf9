-- the table face: intake, my_lead, followup, pool_item walk the same way as the functions
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';   -- CST means something else elsewhere
\set VERBOSITY sqlstate
CREATE ROLE fv_own; CREATE ROLE fv_zhang; CREATE ROLE fv_li; CREATE ROLE fv_app; CREATE ROLE fv_bi;
SELECT leads.install('fv', owner => 'fv_own', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
INSERT INTO fv.member (code, name, db_role) VALUES ('zhang', 'Zhang', 'fv_zhang'), ('li', 'Li', 'fv_li');
SELECT count(leads.grant_access(r, p, 'fv')) FROM (VALUES ('fv_zhang', 'rep'), ('fv_li', 'rep'), ('fv_app', 'app'), ('fv_bi', 'bi')) v(r, p);
SET leads.clock = '2026-03-02 10:00+08';
-- the company is the view's, whatever leads.schema says
SET leads.schema = 'nowhere';
SET ROLE fv_zhang;
INSERT INTO fv.intake (name, phone, contact, email, amount, extra) VALUES ('重庆鸿源商贸有限公司', '13912345678', '王小芳', 'wang@example.com', 1000, '{"a": 1}')
  RETURNING outcome, reason, message, owner, pool, protected_until, customer_id, lead_id, registration_id, decision_id;
SET ROLE fv_li;
INSERT INTO fv.intake (name, phone, by_member) VALUES ('重慶市鴻源商貿', '139-1234-5678', 'li') RETURNING outcome, regexp_replace(message, '\(.*?\)', '(...)') AS message, owner, customer_id, lead_id;
-- what is read back: one's own attempts, contacts masked, nothing of the other's customer
SELECT name, phone, contact, email, outcome, owner, by_member, customer_id, lead_id, state FROM fv.intake;
-- an answer cannot be given, another not be named, a profile not be left out
INSERT INTO fv.intake (name, outcome) VALUES ('x', 'created');
INSERT INTO fv.intake (name, customer_id) VALUES ('x', 1);
INSERT INTO fv.intake (name, by_member) VALUES ('北京天桥科技有限公司', 'zhang');
INSERT INTO fv.intake (name, channel) VALUES ('北京天桥科技有限公司', 'nowhere');
UPDATE fv.intake SET name = 'x';
DELETE FROM fv.intake;
SET ROLE fv_bi;
INSERT INTO fv.intake (name) VALUES ('x');
SELECT count(*) FROM fv.intake;
-- a refusal of the business is an outcome here, too
SET ROLE fv_app;
INSERT INTO fv.intake (name, by_member) VALUES ('', 'li') RETURNING outcome, reason;
-- COPY, and several rows of which one is a twin of another
COPY fv.intake (name, phone, by_member, request_key) FROM stdin;
苏州蓝海机械制造有限公司	13700002222	li	k1
苏州市蓝海机械制造	13700002222	zhang	k2
\.
SELECT name, outcome, by_member FROM fv.intake;
RESET ROLE;
SELECT name, outcome, by_member, request_key FROM fv.intake ORDER BY registration_id;
-- my_lead: fields and stage in one statement, the fields first
SET ROLE fv_zhang;
SET leads.clock = '2026-03-02 11:00+08';
UPDATE fv.my_lead SET stage = 'contacted', amount = 500, need = '10 台', expected_on = '2026-06-01', extra = '{"b": 2}' WHERE id = 1
  RETURNING id, stage, label, amount, need, expected_on, extra, row_version, owner;
SELECT stage, label, amount, need, expected_on, extra, row_version, phone, contact FROM fv.my_lead;
-- nothing changed is no change
UPDATE fv.my_lead SET stage = 'contacted', amount = 500 WHERE id = 1 RETURNING row_version;
-- a move back wants a reason
UPDATE fv.my_lead SET stage = 'new' WHERE id = 1;
UPDATE fv.my_lead SET stage = 'new', reason = 'wrong number' WHERE id = 1 RETURNING stage, row_version;
UPDATE fv.my_lead SET stage = 'nowhere' WHERE id = 1;
UPDATE fv.my_lead SET stage = NULL WHERE id = 1;
UPDATE fv.my_lead SET stage = 'lost' WHERE id = 1;
UPDATE fv.my_lead SET close_reason = 'price' WHERE id = 1;
UPDATE fv.my_lead SET stage = 'lost', close_reason = 'price', close_note = '太贵' WHERE id = 1 RETURNING stage, close_reason, close_note;
UPDATE fv.my_lead SET stage = 'contacted', reason = 'called again' WHERE id = 1 RETURNING stage, row_version;
-- what is not granted, and what is not accepted even of the owner
UPDATE fv.my_lead SET owner = 'li' WHERE id = 1;
UPDATE fv.my_lead SET next_due_at = NULL WHERE id = 1;
INSERT INTO fv.my_lead (id) VALUES (1);
DELETE FROM fv.my_lead;
SET ROLE fv_own;
UPDATE fv.my_lead SET owner = 'li' WHERE id = 1;
UPDATE fv.my_lead SET next_due_at = '2030-01-01' WHERE id = 1;
UPDATE fv.my_lead SET phone = '1' WHERE id = 1;
-- another's lead is not there
SET ROLE fv_li;
UPDATE fv.my_lead SET amount = 1 WHERE id = 1;
SELECT id FROM fv.my_lead;
-- followup
SET ROLE fv_zhang;
INSERT INTO fv.followup (lead_id, kind, note) VALUES (1, 'call', '已联系,需求明确') RETURNING id, author, effective, reason, next_due_at, decision_id IS NOT NULL AS decided;
INSERT INTO fv.followup (lead_id, kind, note, occurred_at) VALUES (1, 'visit', '去年', '2025-01-01');
INSERT INTO fv.followup (lead_id, kind, note, occurred_at) VALUES (1, 'visit', '明天', '2026-03-03');
INSERT INTO fv.followup (lead_id, kind) VALUES (1, 'juggling');
INSERT INTO fv.followup (lead_id) VALUES (1);
INSERT INTO fv.followup (kind) VALUES ('call');
INSERT INTO fv.followup (lead_id, kind, occurred_at) VALUES (1, 'call', 'infinity');
INSERT INTO fv.followup (lead_id, kind, effective) VALUES (1, 'call', true);
INSERT INTO fv.followup (lead_id, kind, by_member) VALUES (1, 'call', 'li');
SELECT id, lead_id, customer, kind, note, occurred_at, author, effective FROM fv.followup;
UPDATE fv.followup SET note = 'x';
SET ROLE fv_li;
INSERT INTO fv.followup (lead_id, kind, note) VALUES (1, 'call', 'not mine');
SELECT count(*) FROM fv.followup;
-- pool_item: lapsed customers lie there before any job has written it down
RESET ROLE;
SELECT next_due_at AS due FROM fv.ownership WHERE customer_id = 1 AND until IS NULL \gset
SET leads.clock = :'due';
SET ROLE fv_li;
SELECT customer_id, name, pool, since = :'due' AS at_the_instant, claimed_by FROM fv.pool_item ORDER BY 1;
UPDATE fv.pool_item SET claimed_by = 'zhang' WHERE customer_id = 1;
UPDATE fv.pool_item SET name = 'x' WHERE customer_id = 1;
UPDATE fv.pool_item SET claimed_by = NULL WHERE customer_id = 1 RETURNING claimed_by;
UPDATE fv.pool_item SET claimed_by = 'li' WHERE customer_id = 1 RETURNING customer_id, claimed_by;
UPDATE fv.pool_item SET claimed_by = 'li' WHERE customer_id = 1;
SELECT id, owner, phone, contact FROM fv.my_lead ORDER BY id;
SELECT customer_id, name, owner, phone, email, contact FROM fv.my_customer ORDER BY 1;
-- the late owner's write finds nothing
SET ROLE fv_zhang;
UPDATE fv.my_lead SET amount = 9 WHERE id = 1;
SELECT count(*) FROM fv.followup;
-- the owner of the tables accepts no other column either
SET ROLE fv_own;
UPDATE fv.pool_item SET pool = 'x';
-- a concurrent change since the statement began is LD003: simulated by a function that changes the lead first
RESET ROLE;
SET leads.actor = 'li';
CREATE FUNCTION pg_temp.meddle() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT stage FROM leads.advance(1, 'qualified') $$;
SET leads.schema = 'fv';
UPDATE fv.my_lead SET need = pg_temp.meddle() WHERE id = 1;
RESET leads.actor;
SELECT * FROM leads.verify('fv');
-- pages come from indexes, whatever the size: no branch of a rep's page scans a table
SET leads.clock = '2026-03-02 10:00+08';
SET session_replication_role = replica;
INSERT INTO fv.customer (kind, name, created_at, last_event_at) SELECT 'company', 'bulk ' || i, '2026-03-01', '2026-03-01' FROM generate_series(1, 20000) i;
INSERT INTO fv.ownership (customer_id, member_id, pool_id, since, cause, decision_id, recorded_at) SELECT id, CASE WHEN id % 2 = 0 THEN 2 END, CASE WHEN id % 2 = 1 THEN 1 END, '2026-03-01', 'registered', 1, '2026-03-01' FROM fv.customer WHERE name LIKE 'bulk%';
INSERT INTO fv.lead (customer_id, stage_id, stage_since, channel_id, created_at) SELECT id, 1, '2026-03-01', 1, '2026-03-01' FROM fv.customer WHERE name LIKE 'bulk%';
RESET session_replication_role;
ANALYZE;
CREATE FUNCTION pg_temp.seq_scans(q text) RETURNS SETOF text LANGUAGE plpgsql AS $$ DECLARE l text; BEGIN FOR l IN EXECUTE 'EXPLAIN (COSTS OFF) ' || q LOOP IF l ~ 'Seq Scan on (customer|ownership|lead|activity|registration) ' THEN RETURN NEXT l; END IF; END LOOP; END $$;
CREATE FUNCTION pg_temp.buffers(q text) RETURNS boolean LANGUAGE plpgsql AS $$ DECLARE j json; BEGIN EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT json) ' || q INTO j; RETURN (j->0->'Plan'->>'Shared Hit Blocks')::int + (j->0->'Plan'->>'Shared Read Blocks')::int < 1500; END $$;
GRANT ALL ON FUNCTION pg_temp.buffers(text), pg_temp.seq_scans(text) TO PUBLIC;
SET ROLE fv_zhang;
SELECT q, pg_temp.buffers(q) AS cheap FROM unnest('{SELECT * FROM fv.my_lead LIMIT 20,SELECT * FROM fv.my_lead WHERE id = 1,SELECT * FROM fv.my_customer LIMIT 20,SELECT * FROM fv.pool_item LIMIT 20,SELECT * FROM fv.pool_item WHERE customer_id = 20000,SELECT * FROM fv.followup LIMIT 20,SELECT * FROM fv.intake LIMIT 20}'::text[]) q;
SELECT pg_temp.seq_scans('SELECT * FROM fv.my_lead WHERE id = 1');
RESET ROLE;
SELECT q, pg_temp.buffers(q) AS cheap FROM unnest('{SELECT * FROM fv.my_lead LIMIT 20,SELECT * FROM fv.my_lead WHERE id = 1,SELECT * FROM fv.my_customer LIMIT 20,SELECT * FROM fv.pool_item LIMIT 20}'::text[]) q;
RESET leads.clock;
RESET leads.schema;
SELECT leads.uninstall('fv', 'fv');
DROP OWNED BY fv_own, fv_zhang, fv_li, fv_app, fv_bi;
DROP ROLE fv_own, fv_zhang, fv_li, fv_app, fv_bi;
