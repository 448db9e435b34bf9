-- back-test, coverage, fairness: rules judged by what happened (scenario 11)
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
SELECT leads.install('rh', lang => 'zh', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'rh';
SET leads.clock = '2026-03-02 10:00+08';
INSERT INTO rh.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜'), ('wang', '王芳');
INSERT INTO rh.pool (code, name) VALUES ('west', '西部');
UPDATE rh.ring SET is_default = false;
INSERT INTO rh.ring (code, name) VALUES ('north', '北区');
INSERT INTO rh.ring_seat (ring_id, member_id) SELECT r.id, m.id FROM rh.ring r, rh.member m WHERE r.code = 'north';
-- a shadowed rule, one behind a ring, one that contradicts itself, one that nothing fits, a predicate that raises; 四川 is nobody's
INSERT INTO rh.territory (code, regions) VALUES ('yuxi', ARRAY['重庆市永川区', '江津区']);
INSERT INTO rh.routing_rule (position, region, territory, industry, line, channel, min_amount, max_amount, when_path, assign_to) VALUES
  (10, '北京', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'ring:north'),
  (20, '重庆', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'pool:west'),
  (30, '重庆市永川区', NULL, '物流', NULL, NULL, 1000, NULL, NULL, 'member:zhang'),
  (40, '北京市海淀区', NULL, NULL, NULL, 'website', NULL, NULL, NULL, 'member:zhang'),
  (50, '四川', 'yuxi', NULL, NULL, NULL, NULL, NULL, NULL, 'member:zhang'),
  (60, NULL, NULL, NULL, 'cloud', NULL, NULL, NULL, NULL, 'member:zhang'),
  (70, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '$.lead.extra.score > 5', 'member:wang');
\pset format unaligned
\pset tuples_only on
SET leads.clock = '2026-03-03 10:00+08';
SELECT string_agg(coalesce(r.owner, r.pool), ' ' ORDER BY v.n) FROM (VALUES (1, '北京天桥科技有限公司'), (2, '北京燕京印刷有限公司'), (3, '北京西城餐饮有限公司'), (4, '北京朝阳门贸易有限公司')) v(n, name),
  LATERAL leads.register(v.name, channel => 'website', amount => 50000) r;
SELECT coalesce(owner, pool) FROM leads.register('重庆鸿源商贸有限公司', channel => 'website');
SET leads.clock = '2026-03-04 10:00+08';
SELECT coalesce(owner, pool) FROM leads.register('成都天府食品有限公司', channel => 'website', extra => '{"score": "seven"}');
SELECT coalesce(owner, pool) FROM leads.register('成都锦绣电子科技有限公司', channel => 'website', extra => '{"score": "eight"}');
SELECT coalesce(owner, pool) FROM leads.register('绵阳长虹机械有限公司', channel => 'sem', extra => '{"score": 9}');
-- zhang is away for a turn; then a full cap
SELECT leads.set_availability('zhang', '2026-03-05 09:00+08', '2026-03-05 12:00+08') > 0;
SET leads.clock = '2026-03-05 10:00+08';
SELECT string_agg(coalesce(r.owner, r.pool), ' ' ORDER BY v.n) FROM (VALUES (1, '北京海淀图书有限公司'), (2, '北京东城家具有限公司')) v(n, name),
  LATERAL leads.register(v.name, channel => 'website', amount => 900) r;
SET leads.clock = '2026-03-06 10:00+08';
UPDATE rh.member SET holder_cap = 1 WHERE code = 'li';
SELECT coalesce(owner, pool) FROM leads.register('北京通州服装有限公司', channel => 'website');
-- coverage of the rules that rule: intake went on, what nobody covers lies in the default pool
SELECT * FROM leads.coverage('routing');
-- the ring: what was due, what came, and why not
SELECT * FROM leads.fairness_report('north', '2026-03-01+08', '2026-04-01+08');
SELECT * FROM leads.fairness_report('north', '2026-03-05+08', '2026-03-06+08');
-- the same rules replayed give what happened: a ring that was new then
SELECT item, did, would, n_did, n_would FROM leads.backtest('routing', '', NULL, '2026-03-01+08', '2026-04-01+08') WHERE item <> 'decision';
-- before zhang's turn was passed over li had no cap: the cap is today's
SELECT did, would, rule_position, at_time FROM leads.backtest('routing', '', NULL, '2026-03-01+08', '2026-04-01+08') WHERE item = 'decision' AND did IS DISTINCT FROM would;
UPDATE rh.member SET holder_cap = NULL WHERE code = 'li';
SELECT did, would, rule_position, at_time FROM leads.backtest('routing', '', NULL, '2026-03-01+08', '2026-04-01+08') WHERE item = 'decision' AND did IS DISTINCT FROM would;
-- a draft: 四川 to wang, 北京 below 1000 to zhang, who is away in the morning of the 5th
SELECT leads.draft('routing', '', '{"rules": [{"position": 5, "region": "北京", "max_amount": 1000, "assign_to": "member:zhang"},
  {"position": 10, "region": "北京", "assign_to": "ring:north"}, {"position": 15, "region": "四川", "id": 77, "member_cap": 2, "assign_to": "member:wang"},
  {"position": 20, "region": "重庆", "assign_to": "pool:west"}]}') AS draft \gset
SELECT count(*), max(id) FROM rh.decision \gset before_
SELECT item, did, would, n_did, n_would FROM leads.backtest('routing', '', :draft, '2026-03-01+08', '2026-04-01+08') WHERE item <> 'decision';
SELECT customer_id, did, would, rule_position FROM leads.backtest('routing', '', :draft, '2026-03-01+08', '2026-04-01+08') WHERE item = 'decision' ORDER BY decision_id;
SELECT item, rule_position, region, n, detail FROM leads.coverage('routing', '', :draft);
-- a cap holds in the replay, and what a member let go of makes room again
SELECT leads.draft('routing', '', '{"rules": [{"position": 10, "assign_to": "member:wang"}]}') AS draft \gset
UPDATE rh.member SET holder_cap = 3 WHERE code = 'wang';
SELECT would, count(*) FROM leads.backtest('routing', '', :draft, '2026-03-01+08', '2026-04-01+08') WHERE item = 'decision' GROUP BY 1 ORDER BY 1;
SET leads.clock = '2026-03-03 12:00+08';
SELECT into_pool FROM leads.release(1, 'x');
SET leads.clock = '2026-03-06 12:00+08';
SELECT would, count(*) FROM leads.backtest('routing', '', :draft, '2026-03-01+08', '2026-04-01+08') WHERE item = 'decision' GROUP BY 1 ORDER BY 1;
-- nothing was written
SELECT count(*) - :before_count FROM rh.decision WHERE kind <> 'release';
SELECT sum(turn_no) FROM rh.ring;
-- what an earlier rule takes from a later one, pair by pair: 1 = all of it
CREATE TEMP TABLE pair AS SELECT n, a, b, leads.draft('routing', '', jsonb_build_object('rules', jsonb_build_array(a::jsonb || '{"position": 1, "assign_to": "member:li"}', b::jsonb || '{"position": 2, "assign_to": "member:wang"}'))) AS version
  FROM (VALUES (1, '{}', '{"region": "北京"}'), (2, '{"region": "北京"}', '{}'), (3, '{"region": "四川"}', '{"territory": ["成都市", "绵阳市"]}'),
    (4, '{"region": "四川"}', '{"territory": ["成都市", "北京"]}'), (5, '{"territory": ["四川", "北京"]}', '{"region": "成都市"}'),
    (6, '{"territory": ["四川", "北京"]}', '{"territory": ["绵阳市", "上海"]}'), (7, '{"industry": "物流"}', '{"industry": "冷链物流"}'), (8, '{"industry": "冷链物流"}', '{"industry": "物流"}'),
    (9, '{"line": "a"}', '{"line": "a", "channel": "sem"}'), (10, '{"line": "a"}', '{"line": "b"}'), (11, '{"line": "a"}', '{}'), (12, '{"channel": "sem"}', '{"channel": "website"}'),
    (13, '{"min_amount": 10}', '{"min_amount": 10}'), (14, '{"min_amount": 10}', '{"min_amount": 9.99}'), (15, '{"min_amount": 10}', '{}'), (16, '{"max_amount": 10}', '{"min_amount": 5}'),
    (17, '{"min_amount": 1, "max_amount": 10}', '{"min_amount": 2, "max_amount": 10}'), (18, '{"max_amount": 10}', '{"max_amount": 10.01}'),
    (21, '{"min_amount": 10}', '{"max_amount": 20}'), (22, '{"max_amount": 20}', '{"min_amount": 10, "max_amount": 15}'), (19, '{"when": "$.lead.amount > 1"}', '{"when": "$.lead.amount > 1", "region": "北京"}'), (20, '{"when": "$.lead.amount > 1"}', '{"when": "$.lead.amount > 2"}')) v(n, a, b);
SELECT n, (SELECT count(*) FROM leads.coverage('routing', '', version) WHERE item = 'shadowed'), a, b FROM pair ORDER BY n;
\set VERBOSITY sqlstate
SELECT * FROM leads.backtest('match');
SELECT * FROM leads.backtest(NULL);
SELECT * FROM leads.backtest('routing', 'x');
SELECT * FROM leads.backtest('routing', '', 99);
SELECT * FROM leads.backtest('routing', '', NULL, '2026-03-02', '2026-03-01');
SELECT * FROM leads.coverage('routing', '', 99);
SELECT * FROM leads.coverage('pipeline');
SELECT * FROM leads.fairness_report('nobody');
SELECT * FROM leads.fairness_report(NULL);
SELECT * FROM leads.fairness_report('north', '2026-03-02', '2026-03-01');
\set VERBOSITY default
SELECT * FROM leads.verify();
SELECT FROM leads.uninstall('rh', 'rh');
-- who came later has no share in what was before
SELECT leads.install('rh2', lang => 'en', zone => 'Asia/Shanghai') IS NOT NULL;
SET leads.clock = '';
SET leads.schema = 'rh2';
INSERT INTO rh2.member (code, name) VALUES ('a', 'A'), ('b', 'B');
SELECT owner FROM leads.register('重庆鸿源商贸有限公司', channel => 'website');
SELECT owner FROM leads.register('上海浦江机械有限公司', channel => 'website');
INSERT INTO rh2.member (code, name) VALUES ('c', 'C');
SELECT owner FROM leads.register('成都锦绣电子科技有限公司', channel => 'website');
SELECT owner FROM leads.register('苏州蓝海机械制造有限公司', channel => 'website');
SELECT owner FROM leads.register('青岛海蓝水产有限公司', channel => 'website');
SELECT member, turns, expected, received, difference, skipped FROM leads.fairness_report('sales');
UPDATE rh2.ring SET strategy = 'least_loaded';
SELECT owner FROM leads.register('广州粤丰物流有限公司', channel => 'website');
SELECT member, turns, expected, received, difference, skipped FROM leads.fairness_report('sales');
SELECT FROM leads.uninstall('rh2', 'rh2');
-- what lapsed makes room in the replay, whether a sweep wrote it down or not
SELECT leads.install('rh3', lang => 'en', zone => 'Asia/Shanghai', simulation => true) IS NOT NULL;
SET leads.schema = 'rh3';
SET leads.clock = '2026-03-02 10:00+08';
INSERT INTO rh3.member (code, name, holder_cap) VALUES ('a', 'A', 1);
INSERT INTO rh3.routing_rule (position, assign_to) VALUES (1, 'member:a');
SELECT leads.set_protection(days => 2);
SET leads.clock = '2026-03-02 11:00+08';
SELECT owner FROM leads.register('重庆鸿源商贸有限公司', channel => 'website');
SET leads.clock = '2026-03-10 11:00+08';
SELECT owner FROM leads.register('上海浦江机械有限公司', channel => 'website');
SELECT did, would FROM leads.backtest('routing', '', NULL, '2026-03-01+08', '2026-04-01+08') WHERE item = 'decision' ORDER BY decision_id;
CALL leads.tick();
SELECT did, would FROM leads.backtest('routing', '', NULL, '2026-03-01+08', '2026-04-01+08') WHERE item = 'decision' ORDER BY decision_id;
-- what was approved made a lead, too: coverage asks for it with what was sent
SELECT leads.set_registration(approval => true) > 0;
SET leads.clock = '2026-03-10 12:00+08';
INSERT INTO rh3.member (code, name) VALUES ('b', 'B');
SELECT registration_id AS pending, outcome FROM leads.register('南宁桂香食品有限公司', line => 'tea', by_member => 'b') \gset
SELECT leads.draft('routing', '', '{"rules": [{"position": 1, "region": "重庆", "assign_to": "member:a"}]}') AS draft \gset
SELECT region, industry, line, channel, n FROM leads.coverage('routing', '', :draft) WHERE item = 'uncovered';
SET leads.clock = '2026-03-10 13:00+08';
SELECT owner FROM leads.approve_registration(:pending);
SELECT region, industry, line, channel, n FROM leads.coverage('routing', '', :draft) WHERE item = 'uncovered';
SELECT FROM leads.uninstall('rh3', 'rh3');
-- of a ring of sixty with fifty-eight away each is told by name, and none of them has a share in the turns
SELECT leads.install('rh4', lang => 'en', zone => 'Asia/Shanghai', simulation => true) IS NOT NULL;
SET leads.schema = 'rh4';
SET leads.clock = '2026-03-02 10:00+08';
INSERT INTO rh4.member (code, name) SELECT 'm' || i, 'M' || i FROM generate_series(1, 60) i;
UPDATE rh4.member SET daily_cap = 1 WHERE code = 'm3';
SELECT count(leads.set_availability('m' || i, until => '2026-03-03 09:00+08', kind => CASE i WHEN 57 THEN 'sick' ELSE 'leave' END)) FROM generate_series(3, 60) i;
SET leads.clock = '2026-03-02 11:00+08';
SELECT owner FROM leads.register('重庆鸿源商贸有限公司', channel => 'website');
SELECT decision_id, owner FROM leads.register('上海浦江机械有限公司', channel => 'website') \gset
SELECT verdict, reason FROM leads.explain(:decision_id) WHERE step = 'route' ORDER BY step_no OFFSET 49;
SET leads.clock = '2026-03-02 12:00+08';
SELECT count(*), turns, expected, received, difference, skipped, reason FROM leads.fairness_report('sales') GROUP BY 2, 3, 4, 5, 6, 7 ORDER BY 2 DESC NULLS LAST, 6;
-- a ring of one seat, and one that could give it to nobody: passed over all the same, there and in the default ring
INSERT INTO rh4.ring (code, name, strategy) VALUES ('one', 'One', 'least_loaded'), ('strict', 'Strict', 'strict');
INSERT INTO rh4.ring_seat (ring_id, member_id) SELECT r.id, m.id FROM rh4.ring r JOIN rh4.member m ON m.code = CASE r.code WHEN 'one' THEN 'm1' WHEN 'strict' THEN 'm3' END;
INSERT INTO rh4.routing_rule (position, line, assign_to) VALUES (1, 'a', 'ring:one'), (2, 'b', 'ring:strict');
SET leads.clock = '2026-03-03 11:00+08';
SELECT owner FROM leads.register('成都锦绣电子科技有限公司', channel => 'website', line => 'a');
SELECT owner = 'm3' FROM leads.register('苏州蓝海机械制造有限公司', channel => 'website', line => 'b');
SELECT owner = 'm3' FROM leads.register('青岛海蓝水产有限公司', channel => 'website', line => 'b');
SET leads.clock = '2026-03-03 12:00+08';
SELECT * FROM leads.fairness_report('one');
SELECT * FROM leads.fairness_report('strict');
-- the same where it is the default ring
UPDATE rh4.ring SET is_default = false;
UPDATE rh4.ring SET is_default = true WHERE code = 'strict';
SELECT owner, pool FROM leads.register('广州粤丰物流有限公司', channel => 'website');
SELECT * FROM leads.fairness_report('strict', until => '2026-03-03 12:01+08');
SELECT FROM leads.uninstall('rh4', 'rh4');
