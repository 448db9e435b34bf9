-- who may receive at this instant: absence, skills, previous owner, caps by day and by rule; further targets; what a hand-given turn costs
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
SELECT leads.install('re', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 're';
SET leads.clock = '2026-03-02 10:00+08';
INSERT INTO re.member (code, name, skills) VALUES ('zhang', '张伟', '{外贸,英语}'), ('li', '李娜', '{外贸}'), ('wang', '王芳', '{}');
CREATE FUNCTION pg_temp.customers(n int) RETURNS void LANGUAGE sql AS $$
  WITH c AS (INSERT INTO re.customer (kind, name, created_at, last_event_at)
             SELECT 'company', 'x', '2026-01-05', '2026-01-05' FROM generate_series(1, $1) RETURNING id)
  INSERT INTO re.ownership (customer_id, pool_id, since, cause, decision_id, recorded_at)
    SELECT c.id, 1, '2026-01-05', 'pooled', 1, '2026-01-05' FROM c $$;
SET session_replication_role = replica;
SELECT FROM pg_temp.customers(100);
RESET session_replication_role;
\pset format unaligned
\pset tuples_only on
-- away: the turn passes on, and the reason is kept; half-open
SELECT leads.set_availability('zhang', '2026-03-02 09:00+08', '2026-03-02 12:00+08');
SELECT r.owner FROM generate_series(1, 3) i, LATERAL leads.route(i) r;
SELECT unnest(reasons) FROM leads.route(4, dry_run => true);
SET leads.clock = '2026-03-02 11:59:59.999999+08';
SELECT owner FROM leads.route(4, dry_run => true);
SET leads.clock = '2026-03-02 12:00+08';
SELECT owner FROM leads.route(4);
-- back without a flood
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(5, 10) i, LATERAL leads.route(i) r;
-- a new word about a time replaces the old one; available takes back, and what lies outside stays
SELECT leads.set_availability('li', '2026-03-03+08', '2026-03-10+08', 'travel') > 0;
SELECT leads.set_availability('li', '2026-03-05+08', '2026-03-06+08', 'sick') > 0;
SELECT leads.set_availability('li', '2026-03-08+08', '2026-03-09+08', 'available');
SELECT leads.set_availability('li', '2026-03-20+08') > 0;
SELECT since, until, kind FROM re.absence WHERE member_id = 2 ORDER BY since;
SELECT leads.set_availability('li', '2026-03-01+08', NULL, 'available');
SELECT count(*) FROM re.absence WHERE member_id = 2;
-- who registers is there: its own wish does not ask the calendar
SELECT leads.set_availability('wang') > 0;
SELECT outcome, owner FROM leads.register('重庆鸿源商贸有限公司', by_member => 'wang');
SELECT leads.set_availability('wang', '2026-01-01+08', NULL, 'available');
-- skills: all that are asked for
INSERT INTO re.routing_rule (position, skills, assign_to) VALUES (10, '{外贸,英语}', 'ring:sales');
SET leads.clock = '2026-03-02 12:01+08';
SELECT unnest(reasons) FROM leads.route(11, dry_run => true);
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(11, 14) i, LATERAL leads.route(i) r;
UPDATE re.routing_rule SET skills = '{日语}';
SET leads.clock = '2026-03-02 12:02+08';
SELECT unnest(reasons) FROM leads.route(15, dry_run => true);
-- everybody with a skill is a target; the least loaded of them
UPDATE re.routing_rule SET skills = NULL, assign_to = 'role:外贸';
SET leads.clock = '2026-03-02 12:03+08';
SELECT unnest(reasons) FROM leads.route(15, dry_run => true);
UPDATE re.routing_rule SET assign_to = 'role:none';
SET leads.clock = '2026-03-02 12:04+08';
SELECT (leads.route(15, dry_run => true)).reasons[1:2];
-- not to who held it last: released, or held now
UPDATE re.routing_rule SET assign_to = 'member:zhang', skip_previous = true;
SET leads.clock = '2026-03-02 12:05+08';
SELECT owner FROM leads.route(15);
SELECT (leads.route(15, dry_run => true)).reasons[1:3];
SELECT into_pool FROM leads.release(15, '不做了');
SELECT (leads.route(15, dry_run => true)).reasons[1:3];
-- the customer's owner is a target: here in another scope
UPDATE re.routing_rule SET assign_to = 'owner', skip_previous = false;
SET leads.clock = '2026-03-02 12:06+08';
SELECT (leads.route(16, dry_run => true)).reasons[1:1];
SELECT owner FROM leads.assign(16, 'wang');
SELECT owner, changed FROM leads.route(16);
SET session_replication_role = replica;
INSERT INTO re.ownership (customer_id, scope, pool_id, since, cause, decision_id, recorded_at) VALUES (16, 'cloud', 1, '2026-01-05', 'pooled', 1, '2026-01-05');
RESET session_replication_role;
SELECT owner, reasons[1:2] FROM leads.route(16, 'cloud');
-- the manager of the partner that registered it
INSERT INTO re.partner (code, name, manager_id) VALUES ('huaxin', '华信代理', 2);
INSERT INTO re.member (code, name, partner_id) VALUES ('chen', '陈强', (SELECT id FROM re.partner));
UPDATE re.routing_rule SET assign_to = 'partner';
SET leads.clock = '2026-03-02 12:07+08';
SELECT owner FROM leads.register('成都锦绣电子科技有限公司', channel => 'website', by_member => 'chen');
SELECT owner <> 'li' FROM leads.register('苏州蓝海机械制造有限公司', channel => 'website', by_member => 'zhang');
-- people of partners have no seat in a ring of everybody
SELECT count(*) FILTER (WHERE r.owner = 'chen') FROM generate_series(17, 25) i, LATERAL leads.route(i) r;
DELETE FROM re.routing_rule;
SET leads.clock = '2026-03-02 12:08+08';
-- a daily cap, counted in business days; what the member registers itself is not given
UPDATE re.member SET active = false WHERE code IN ('zhang', 'chen');
UPDATE re.member SET daily_cap = (SELECT given + 1 FROM re.member_counter c WHERE c.member_id = member.id) WHERE code = 'li';
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(26, 29) i, LATERAL leads.route(i) r;
SELECT regexp_replace(unnest(reasons), '\d+', 'n', 'g') FROM leads.route(30, dry_run => true);
SELECT outcome, owner FROM leads.register('北京天桥科技有限公司', by_member => 'li');
SET leads.clock = '2026-03-02 23:59:59.999999+08';
SELECT owner FROM leads.route(30, dry_run => true);
SET leads.clock = '2026-03-03 00:00+08';
SELECT owner FROM leads.route(30);
SELECT owner FROM leads.route(31);
SELECT given, given_since FROM re.member_counter WHERE member_id = 2;
-- a cap by rule: so many a day to one member, another rule may give more
INSERT INTO re.routing_rule (position, member_cap, assign_to) VALUES (10, 2, 'ring:sales'), (20, NULL, 'member:wang');
SET leads.clock = '2026-03-03 00:01+08';
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(32, 40) i, LATERAL leads.route(i) r;
SELECT regexp_replace(unnest(reasons), 'today: \d+', 'n') FROM leads.route(41, dry_run => true);
SELECT m.code, c.given FROM re.rule_counter c JOIN re.member m ON m.id = c.member_id ORDER BY 1;
BEGIN; SET leads.clock = '2026-03-04 09:00+08'; SELECT owner FROM leads.route(41); ROLLBACK;
SET leads.clock = '2026-03-04 09:00+08';
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(41, 45) i, LATERAL leads.route(i) r;
-- customers made by hand get their keys
CALL leads.rekey();
SELECT * FROM leads.verify();
-- working hours, where the rule or the ring asks for them: half-open, over midnight, over the end of the week; NULL is always
DELETE FROM re.routing_rule;
UPDATE re.member SET active = true, daily_cap = NULL, hours = CASE code WHEN 'li' THEN '{1-5 09:00-12:00,1-5 13:30-18:00}'::text[] WHEN 'wang' THEN '{7 22:00-06:00}' END WHERE partner_id IS NULL;
UPDATE re.member SET active = false WHERE code = 'zhang';
INSERT INTO re.routing_rule (position, hours, assign_to) VALUES (10, 'require', 'ring:sales');
CREATE TEMP TABLE clock AS SELECT * FROM (VALUES (1, '2026-03-05 08:59:59+08'), (2, '2026-03-05 09:00+08'), (3, '2026-03-05 11:59:59+08'), (4, '2026-03-05 12:00+08'), (5, '2026-03-05 17:59+08'), (6, '2026-03-05 18:00+08'),
  (7, '2026-03-07 10:00+08'), (8, '2026-03-08 21:59+08'), (9, '2026-03-08 22:00+08'), (10, '2026-03-09 05:59+08'), (11, '2026-03-09 06:00+08')) v(n, at);
UPDATE re.ring SET is_default = false;
SELECT format('SET leads.clock = %L; SELECT %L, coalesce(owner, pool) FROM leads.route(70, dry_run => true)', at, at) FROM clock ORDER BY n \gexec
SELECT unnest(reasons) FROM leads.route(70, dry_run => true);
SET leads.clock = '2026-03-09 08:00+08';
UPDATE re.routing_rule SET hours = 'ignore';
SET leads.clock = '2026-03-09 08:01+08';
SELECT owner FROM leads.route(70, dry_run => true);
UPDATE re.ring SET hours = 'require';
SELECT coalesce(owner, pool) FROM leads.route(70, dry_run => true);
-- who has no hours of its own works when the company does, and on a holiday nobody
UPDATE re.member SET hours = NULL WHERE code = 'wang';
SELECT unnest(reasons[2:4]) FROM leads.route(70, dry_run => true);
SELECT leads.publish('calendar', '', '{"week": {"mon": [["08:00", "18:00"]], "tue": [["08:00", "18:00"]]}, "holidays": ["2026-03-10"]}') > 1;
SET leads.clock = '2026-03-09 08:02+08';
SELECT owner FROM leads.route(70, dry_run => true);
SET leads.clock = '2026-03-10 10:00+08';
SELECT unnest(reasons[2:4]) FROM leads.route(70, dry_run => true);
SET leads.clock = '2026-03-17 10:00+08';
SELECT owner FROM leads.route(70, dry_run => true);
SET leads.clock = '2026-03-09 08:03+08';
-- who registers, or holds it, is not asked
SELECT owner FROM leads.register('天津海河机械有限公司', by_member => 'li');
\set VERBOSITY sqlstate
UPDATE re.member SET hours = '{9-5}' WHERE code = 'li';
UPDATE re.member SET hours = '{1-5 09:00-24:01}' WHERE code = 'li';
UPDATE re.member SET hours = '{}' WHERE code = 'li';
UPDATE re.member SET hours = ARRAY['1-5 09:00-18:00', NULL] WHERE code = 'li';
\set VERBOSITY default
UPDATE re.ring SET hours = 'ignore', is_default = true;
UPDATE re.member SET hours = NULL, active = true WHERE partner_id IS NULL;
SET leads.clock = '2026-03-09 09:00+08';
-- what is given by hand is a turn only where the ring says so
DELETE FROM re.routing_rule;
SET leads.clock = '2026-03-09 09:01+08';
UPDATE re.member SET active = true, daily_cap = NULL WHERE partner_id IS NULL;
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(46, 48) i, LATERAL leads.route(i) r;
SELECT owner FROM leads.assign(49, 'zhang');
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(50, 52) i, LATERAL leads.route(i) r;
UPDATE re.ring SET manual_counts = true;
SELECT owner FROM leads.assign(53, 'zhang');
SELECT reason FROM leads.explain((SELECT max(id) FROM re.decision)) WHERE step = 'assign';
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(54, 58) i, LATERAL leads.route(i) r;
SELECT * FROM leads.verify();
-- least loaded by open leads, each by its stage, instead of customers: lost and lapsed ones weigh nothing, weights are capacities
INSERT INTO re.ring (code, name, strategy, load) VALUES ('work', '工作量', 'least_loaded', 'leads');
INSERT INTO re.ring_seat (ring_id, member_id) SELECT r.id, m.id FROM re.ring r, re.member m WHERE r.code = 'work' AND m.code IN ('li', 'wang');
INSERT INTO re.routing_rule (position, assign_to) VALUES (10, 'ring:work');
UPDATE re.stage SET load = CASE position WHEN (SELECT min(position) FROM re.stage) THEN 1 ELSE 10 END;
SET leads.clock = '2026-03-09 09:02+08';
SELECT m.code, count(DISTINCT l.id), count(DISTINCT o.id) > 5 FROM re.member m JOIN re.ownership o ON o.member_id = m.id AND o.until IS NULL LEFT JOIN re.lead l ON l.customer_id = o.customer_id AND l.closed_at IS NULL WHERE m.code IN ('li', 'wang') GROUP BY 1 ORDER BY 1;
SELECT owner FROM leads.route(70, dry_run => true);
SELECT stage FROM leads.advance((SELECT l.id FROM re.lead l JOIN re.ownership o USING (customer_id) WHERE o.member_id = 3 AND o.until IS NULL LIMIT 1), 'contacted');
SELECT owner FROM leads.route(70, dry_run => true);
UPDATE re.ring_seat SET weight = 20 WHERE ring_id = (SELECT id FROM re.ring WHERE code = 'work') AND member_id = 3;
SELECT owner FROM leads.route(70, dry_run => true);
UPDATE re.ring_seat SET weight = 1 WHERE ring_id = (SELECT id FROM re.ring WHERE code = 'work');
SELECT owner FROM leads.route(70, dry_run => true);
SELECT stage FROM leads.lose((SELECT l.id FROM re.lead l JOIN re.ownership o USING (customer_id) WHERE o.member_id = 3 AND o.until IS NULL LIMIT 1), 'price');
SELECT owner FROM leads.route(70, dry_run => true);
-- the customers of one call weigh in the next choice: zhang's three leads, one after the other
SELECT string_agg(r.owner, ' ') FROM (VALUES ('南京金陵印刷有限公司'), ('武汉江城贸易有限公司'), ('西安秦岭机电有限公司'), ('长沙岳麓文化有限公司')) v(name), LATERAL leads.register(v.name, by_member => 'zhang') r;
SELECT string_agg(t.owner, ' ' ORDER BY t.customer_id) FROM leads.transfer_all('zhang', 'rules', '换岗') t JOIN re.lead l ON l.customer_id = t.customer_id AND l.closed_at IS NULL;
SELECT * FROM leads.verify();
SELECT FROM leads.uninstall('re', 're');
