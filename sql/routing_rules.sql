-- routing rules: each condition, order, what is said about those that do not fit
SET client_min_messages = warning;
SELECT leads.install('rr', lang => 'en', zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'rr';
INSERT INTO rr.team (code, name) VALUES ('north', 'North');
INSERT INTO rr.member (code, name, team_id) VALUES ('zhang', 'Zhang', NULL), ('li', 'Li', 1), ('wang', 'Wang', 1), ('zhao', 'Zhao', NULL);
INSERT INTO rr.territory (code, regions) VALUES ('yuxi', ARRAY['重庆市永川区', '江津区', '重庆市大足区']);
INSERT INTO rr.pool (code, name) VALUES ('spare', 'Spare');
-- customers as register() would leave them in the pool
CREATE FUNCTION pg_temp.customer(name text, region text DEFAULT NULL, industry text DEFAULT NULL, channel text DEFAULT 'website',
  line text DEFAULT '', amount numeric DEFAULT NULL, extra jsonb DEFAULT '{}', kind text DEFAULT 'company') RETURNS bigint LANGUAGE sql AS $$
  WITH c AS (INSERT INTO rr.customer (kind, name, region, industry, tags, created_at, last_event_at)
             VALUES ($8, $1, $2, $3, '{vip}', '2026-01-05', '2026-01-05') RETURNING id),
  l AS (INSERT INTO rr.lead (customer_id, stage_id, stage_since, channel_id, line, amount, extra, created_at)
        SELECT c.id, 1, '2026-01-05', h.id, $5, $6, $7, '2026-01-05' FROM c, rr.channel h WHERE h.code = $4 RETURNING id, customer_id),
  e AS (INSERT INTO rr.event (customer_id, lead_id, kind, at, recorded_at, to_stage_id, attempt)
        SELECT l.customer_id, l.id, 'entered', '2026-01-05', '2026-01-05', 1, 1 FROM l),
  o AS (INSERT INTO rr.ownership (customer_id, pool_id, since, cause, decision_id, recorded_at)
        SELECT c.id, 1, '2026-01-05', 'pooled', 1, '2026-01-05' FROM c)
  SELECT id FROM c $$;
SET session_replication_role = replica;
SELECT pg_temp.customer('one', region => '重庆市渝北区', industry => '医疗器械', amount => 50000),
       pg_temp.customer('two', region => '重庆市江津区', channel => 'fair', line => 'cloud', amount => 200000, extra => '{"score": 7}'),
       pg_temp.customer('three', region => '四川省', industry => '医療', extra => '{"score": "seven"}'),
       pg_temp.customer('four', kind => 'person');
CALL leads.rebuild_journeys();
RESET session_replication_role;
\pset format unaligned
\pset tuples_only on
-- no rule: the default ring
SELECT owner, pool, changed, decision_id, reasons FROM leads.route(1, dry_run => true);
INSERT INTO rr.routing_rule (position, territory, region, industry, line, channel, min_amount, max_amount, when_path, assign_to) VALUES
  (10, 'yuxi', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'member:zhang'),
  (20, NULL, '重慶渝北', NULL, NULL, NULL, 100000, NULL, NULL, 'member:zhang'),
  (30, NULL, NULL, '医疗', NULL, NULL, NULL, 10000, NULL, 'member:zhang'),
  (40, NULL, NULL, NULL, 'cloud', NULL, NULL, NULL, NULL, 'member:zhang'),
  (50, NULL, NULL, NULL, NULL, 'sem', NULL, NULL, NULL, 'member:zhang'),
  (60, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '$.lead.extra.score > 6', 'member:zhang'),
  (70, NULL, '重庆', '医疗', '', 'website', 50000, 50000, '$.customer.kind == "company" && $.customer.tags[*] == "vip"', 'member:li'),
  (80, NULL, NULL, '医疗', NULL, NULL, NULL, NULL, NULL, 'pool:spare'),
  (90, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '$.customer.kind == "person" && $.lead.channel == "website" && $.now > "2026-01-01"', 'team:north');
-- all of 70 holds, nothing before it does; amounts are inclusive
SELECT owner, pool, changed, unnest(reasons) FROM leads.route(1, dry_run => true);
-- a region inside the territory, by its short name
SELECT owner, reasons FROM leads.route(2, dry_run => true);
UPDATE rr.routing_rule SET active = false WHERE position = 10;
-- line, when; then the industry in traditional characters, and a predicate that cannot be evaluated
SELECT owner, pool, unnest(reasons) FROM leads.route(2, dry_run => true);
SELECT owner, pool, unnest(reasons) FROM leads.route(3, dry_run => true);
-- a person without region or industry; the least loaded of a team
SELECT owner, pool, unnest(reasons) FROM leads.route(4, dry_run => true);
-- dry runs wrote nothing
SELECT count(*) FROM rr.decision; SELECT turn_no FROM rr.ring; SELECT count(*) FROM rr.ring_seat;
-- the real thing: what it does, what explain() says, who is told
SELECT owner, pool, changed, decision_id, protected_until > leads.now() FROM leads.route(1);
SELECT step, verdict, reason FROM leads.explain(1) WHERE step = 'route' AND step_no > 1;
SELECT owner, pool, changed, decision_id, protected_until FROM leads.route(3);
SELECT o.customer_id, m.code, p.code, o.cause, o.end_cause, o.decision_id, o.end_decision_id FROM rr.ownership o
  LEFT JOIN rr.member m ON m.id = o.member_id LEFT JOIN rr.pool p ON p.id = o.pool_id WHERE o.customer_id IN (1, 3) ORDER BY o.id;
SELECT kind, customer_id, owner_id, pool_id, decision_id FROM rr.event WHERE kind <> 'entered' ORDER BY id;
SELECT kind, verdict, customer_id, policies FROM rr.decision ORDER BY id;
SELECT topic, subject, member_id FROM rr.outbox ORDER BY id;
SELECT member_id, held, last_assigned_at IS NOT NULL FROM rr.member_counter ORDER BY 1;
-- the same answer again is a decision, but no new interval
SELECT owner, changed, decision_id FROM leads.route(1);
SELECT count(*) FROM rr.ownership WHERE customer_id = 1;
-- the present owner has no claim here: the rule has changed
UPDATE rr.routing_rule SET assign_to = 'member:wang' WHERE position = 70;
SELECT owner, changed FROM leads.route(1);
SELECT topic, member_id FROM rr.outbox ORDER BY id;
SELECT member_id, held FROM rr.member_counter ORDER BY 1;
-- customers made by hand get their keys
CALL leads.rekey();
SELECT * FROM leads.verify();
-- every change was a version; changing what is not active makes none
SELECT version, status, jsonb_array_length(body -> 'rules') FROM leads.policy_history('routing');
UPDATE rr.routing_rule SET name = 'west' WHERE position = 10;
UPDATE rr.territory SET regions = regions || '四川'::text WHERE code = 'yuxi';
SELECT max(version) FROM leads.policy_history('routing');
UPDATE rr.routing_rule SET active = true WHERE position = 10;
SELECT owner, reasons FROM leads.route(3, dry_run => true);
UPDATE rr.territory SET regions = ARRAY['永川'] WHERE code = 'yuxi';
SELECT max(version) FROM leads.policy_history('routing');
SELECT body -> 'rules' -> 0 FROM leads.policy_history('routing') LIMIT 1;
SELECT owner, reasons[1] FROM leads.route(2, dry_run => true);
TRUNCATE rr.routing_rule;
SELECT version, body FROM leads.policy_history('routing') LIMIT 1;
-- many rules: the first fifty are told, the rest are counted
INSERT INTO rr.routing_rule (position, region, assign_to) SELECT i, '西藏', 'pool:spare' FROM generate_series(1, 60) i;
SELECT cardinality(reasons), reasons[50:54] FROM leads.route(4, dry_run => true);
SET client_min_messages = warning;
-- a version that its owner changed by hand, against the law, is what it is now, and not what this session remembers
SET session_replication_role = replica;
UPDATE rr.policy SET body = '{"rules": [{"position": 1, "assign_to": "pool:spare"}]}' WHERE kind = 'routing' AND status = 'published' AND active_until IS NULL;
RESET session_replication_role;
SELECT pool FROM leads.route(1, dry_run => true);
SELECT FROM leads.uninstall('rr', 'rr');
