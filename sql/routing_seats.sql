-- whose turn it is: strict rings, weights, absence, caps, least loaded, teams, the last resort
SET client_min_messages = warning;
SELECT leads.install('rs', lang => 'en', zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'rs';
CREATE FUNCTION pg_temp.customers(n int) RETURNS void LANGUAGE sql AS $$
  WITH c AS (INSERT INTO rs.customer (kind, name, created_at, last_event_at)
             SELECT 'company', 'x', '2026-01-05', '2026-01-05' FROM generate_series(1, $1) RETURNING id)
  INSERT INTO rs.ownership (customer_id, pool_id, since, cause, decision_id, recorded_at)
    SELECT c.id, 1, '2026-01-05', 'pooled', 1, '2026-01-05' FROM c $$;
SET session_replication_role = replica;
SELECT FROM pg_temp.customers(400);
RESET session_replication_role;
\pset format unaligned
\pset tuples_only on
-- nobody there: the default pool, and why
SELECT owner, pool, changed, reasons FROM leads.route(1);
INSERT INTO rs.member (code, name, is_manager) VALUES ('a', 'A', false), ('b', 'B', false), ('c', 'C', false), ('boss', 'Boss', true);
-- everybody has a seat but managers; one after the other
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(1, 9) i, LATERAL leads.route(i) r;
SELECT code, seat.pass, seat.last_turn, seat.seated FROM rs.ring_seat seat JOIN rs.member m ON m.id = seat.member_id ORDER BY 1;
SELECT virtual_time, turn_no FROM rs.ring;
-- who comes in has its turn next, but no more than one
INSERT INTO rs.member (code, name) VALUES ('d', 'D');
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(10, 17) i, LATERAL leads.route(i) r;
-- who was away comes back without a flood; who left gets nothing and is told by nobody
UPDATE rs.member SET active = false WHERE code = 'a';
-- eligibility alone: what b owns stays here (pgtap protection has the rest)
SET session_replication_role = replica;
UPDATE rs.member SET left_at = now() WHERE code = 'b';
RESET session_replication_role;
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(18, 25) i, LATERAL leads.route(i) r;
UPDATE rs.member SET active = true, left_at = NULL WHERE code IN ('a', 'b');
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(26, 37) i, LATERAL leads.route(i) r;
-- a turn that is rolled back is given back
BEGIN; SELECT owner FROM leads.route(38); ROLLBACK;
BEGIN; SELECT owner FROM leads.route(38); SAVEPOINT s; SELECT owner FROM leads.route(39); ROLLBACK TO s; SELECT owner FROM leads.route(39); COMMIT;
-- weights: a ring of its own, in any window of 8 turns 5, 2 and 1
INSERT INTO rs.ring (code, name) VALUES ('heavy', 'Heavy');
INSERT INTO rs.ring_seat (ring_id, member_id, weight, position) SELECT 2, m.id, w, p FROM rs.member m JOIN (VALUES ('a', 5, 1), ('b', 2, 2), ('boss', 1, 3)) x(code, w, p) USING (code);
INSERT INTO rs.routing_rule (position, assign_to) VALUES (10, 'ring:heavy');
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(40, 55) i, LATERAL leads.route(i) r;
SELECT r.owner, count(*) FROM generate_series(56, 135) i, LATERAL leads.route(i) r GROUP BY 1 ORDER BY 1;
-- explicit seats of who cannot have it are passed over with their reasons; a full ring, then the next rule, then the default ring
UPDATE rs.member SET active = false WHERE code = 'a';
SET session_replication_role = replica;
UPDATE rs.member SET left_at = '2026-01-01' WHERE code = 'b';
RESET session_replication_role;
UPDATE rs.member SET holder_cap = 2 WHERE code = 'boss';
INSERT INTO rs.routing_rule (position, assign_to) VALUES (20, 'member:b');
SELECT unnest(reasons) FROM leads.route(136, dry_run => true);
SELECT unnest(reasons) FROM leads.route(136);
-- every one of the options is full: the pool; half-open cap
UPDATE rs.member SET holder_cap = 1 WHERE code IN ('c', 'd');
SELECT owner, pool, reasons FROM leads.route(137);
UPDATE rs.member SET holder_cap = (SELECT held + 1 FROM rs.member_counter x WHERE x.member_id = member.id) WHERE code = 'c';
SELECT r.owner, r.pool FROM generate_series(137, 138) i, LATERAL leads.route(i) r;
-- a customer that lapsed, swept or not, is not held
UPDATE rs.member SET active = true, left_at = NULL, holder_cap = NULL;
DELETE FROM rs.routing_rule;
-- least loaded: fewest held, then longest without, then position
UPDATE rs.ring SET strategy = 'least_loaded' WHERE code = 'heavy';
INSERT INTO rs.routing_rule (position, assign_to) VALUES (10, 'ring:heavy');
SELECT code, coalesce(held, 0) FROM rs.member LEFT JOIN rs.member_counter ON member_id = id ORDER BY 1;
SELECT string_agg(r.owner, ' ' ORDER BY i) FROM generate_series(139, 150) i, LATERAL leads.route(i) r;
SELECT unnest(reasons) FROM leads.route(151, dry_run => true);
SET session_replication_role = replica;
UPDATE rs.ownership SET next_due_at = now() - interval '1 second', lapse_pool_id = 1 WHERE until IS NULL AND member_id = (SELECT id FROM rs.member WHERE code = 'a');
RESET session_replication_role;
SELECT unnest(reasons) FROM leads.route(151, dry_run => true);
SET session_replication_role = replica;
UPDATE rs.ownership SET next_due_at = protected_until, lapse_pool_id = 1 WHERE until IS NULL AND member_id IS NOT NULL;
RESET session_replication_role;
-- a team is the team and those below it, without managers
INSERT INTO rs.team (code, name, parent_id) VALUES ('top', 'Top', NULL), ('low', 'Low', 1), ('empty', 'Empty', NULL);
UPDATE rs.member SET team_id = CASE code WHEN 'c' THEN 1 WHEN 'd' THEN 2 END;
UPDATE rs.member SET team_id = 1 WHERE code = 'boss';
UPDATE rs.routing_rule SET assign_to = 'team:top';
SELECT unnest(reasons) FROM leads.route(151, dry_run => true);
SELECT r.owner, count(*) FROM generate_series(151, 160) i, LATERAL leads.route(i) r GROUP BY 1 ORDER BY 1;
UPDATE rs.routing_rule SET assign_to = 'team:empty';
SELECT reasons[1:2] FROM leads.route(161, dry_run => true);
-- a target that is gone since the rule was made
DELETE FROM rs.team WHERE code = 'empty';
SELECT reasons[1] FROM leads.route(161, dry_run => true);
-- registrants: register() gives to who registers, if it may have more
UPDATE rs.member SET holder_cap = 0 WHERE code = 'a';
SELECT outcome, owner FROM leads.register('重庆鸿源商贸有限公司', by_member => 'b');
SELECT outcome, owner <> 'a' FROM leads.register('上海浦江机械有限公司', by_member => 'a');
SELECT reason FROM leads.explain((SELECT max(id) FROM rs.decision)) WHERE step = 'route' LIMIT 1;
-- customers made by hand get their keys
CALL leads.rekey();
SELECT * FROM leads.verify();
-- counters are what they count
SELECT count(*) FROM rs.member_counter c WHERE held <> (SELECT count(*) FROM rs.ownership o WHERE o.member_id = c.member_id AND o.until IS NULL);
SET client_min_messages = warning;
SELECT FROM leads.uninstall('rs', 'rs');
