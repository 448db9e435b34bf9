-- hand-over: assign, what happens to protection, transfer_all, deactivate_member; leads keep their stages
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
SELECT leads.install('rt', lang => 'zh', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'rt';
-- what a leaver has is to be handed over by rules, however late, and not to lapse at its last day
SET leads.clock = '2026-03-02 09:00+08';
SELECT leads.publish('protection', '', '{"owner_left": false}');
SET leads.clock = '2026-03-02 10:00+08';
INSERT INTO rt.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜'), ('wang', '王芳');
INSERT INTO rt.pool (code, name) VALUES ('west', '西部');
\pset format unaligned
\pset tuples_only on
SELECT string_agg(r.outcome, ' ') FROM (VALUES ('重庆鸿源商贸有限公司'), ('成都锦绣电子科技有限公司'), ('苏州蓝海机械制造有限公司'), ('北京天桥科技有限公司'), ('青岛海蓝水产有限公司'), ('广州粤丰物流有限公司')) v(name),
  LATERAL leads.register(v.name, amount => 50000, by_member => 'zhang') r;
-- an opportunity at stage 4 and a won one (scenario 12)
SELECT leads.edit_lead(1, expected_on => '2026-06-30') IS NOT NULL;
SELECT stage FROM leads.advance(1, (SELECT code FROM rt.stage WHERE position = (SELECT position FROM rt.stage WHERE kind = 'open' ORDER BY position OFFSET 3 LIMIT 1)));
SELECT stage FROM leads.win(2, 80000);
SELECT effective FROM leads.log_activity(1, 'call', '已联系,需求明确');
CREATE TEMP TABLE before AS SELECT id, stage_id, stage_since, attempt, amount, closed_at FROM rt.lead;
CREATE TEMP TABLE kids AS SELECT * FROM rt.activity;
SET leads.clock = '2026-03-12 10:00+08';
-- to self: nothing happens; fresh protection by default, the rest of it if asked for, and a followup starts anew
SELECT owner, decision_id FROM leads.assign(3, 'zhang');
SELECT owner, protected_until FROM leads.assign(3, 'li', '区域调整');
SELECT owner, protected_until FROM leads.assign(4, 'li', protection => 'inherit');
SELECT reason FROM leads.explain((SELECT max(id) FROM rt.decision)) OFFSET 1;
SELECT since, protected_until, next_due_at, policy_version FROM rt.ownership WHERE customer_id = 4 AND until IS NULL;
SELECT leads.set_routing('inherit');
SELECT owner, protected_until FROM leads.assign(4, 'wang');
INSERT INTO rt.routing_rule (position, region, assign_to) VALUES (10, '重庆', 'member:wang');
SELECT body ->> 'handover' FROM leads.policy_history('routing') LIMIT 1;
SELECT owner, protected_until FROM leads.assign(3, 'zhang');
SELECT leads.set_routing('fresh');
-- everything of one member to another; the receiver's cap
UPDATE rt.member SET holder_cap = 2 WHERE code = 'wang';
\set VERBOSITY sqlstate
SELECT * FROM leads.transfer_all('zhang', 'member:wang', '换岗');
SELECT * FROM leads.transfer_all('zhang', 'member:zhang', '换岗');
SELECT * FROM leads.transfer_all('zhang', 'member:nobody', '换岗');
SELECT * FROM leads.transfer_all('zhang', 'pool:nobody', '换岗');
SELECT * FROM leads.transfer_all('zhang', 'ring:sales', '换岗');
SELECT * FROM leads.transfer_all('zhang', 'rules');
SELECT * FROM leads.transfer_all('nobody', 'rules', '换岗');
SELECT * FROM leads.transfer_all('zhang', 'rules', '换岗', 0);
\set VERBOSITY default
SELECT count(*) FROM rt.ownership WHERE end_cause = 'assigned' AND member_id = 1;
-- two at a time, ascending, until nothing is left
SELECT customer_id, owner FROM leads.transfer_all('zhang', 'member:wang', '换岗', most => 2, force => true);
SELECT customer_id, owner FROM leads.transfer_all('zhang', 'member:wang', '换岗', most => 2, force => true);
SELECT customer_id, owner FROM leads.transfer_all('zhang', 'member:wang', '换岗', most => 2, force => true);
SELECT customer_id, owner FROM leads.transfer_all('zhang', 'member:wang', '换岗', most => 2, force => true);
SELECT step, verdict, reason FROM leads.explain((SELECT max(id) FROM rt.decision)) OFFSET 1;
SELECT * FROM before EXCEPT SELECT id, stage_id, stage_since, attempt, amount, closed_at FROM rt.lead;
SELECT * FROM kids EXCEPT SELECT * FROM rt.activity;
-- the won one does not lapse in new hands either; totals by person add up to the grand total
SELECT exempt, next_due_at FROM rt.ownership WHERE customer_id = 2 AND until IS NULL;
SELECT sum(n) = (SELECT count(*) FROM rt.lead) FROM (SELECT owner, count(*) AS n FROM rt.my_lead GROUP BY owner) s;
SELECT string_agg(m.code || ' ' || c.held, ', ' ORDER BY m.code) FROM rt.member_counter c JOIN rt.member m ON m.id = c.member_id;
-- into a pool
SELECT customer_id, owner, pool FROM leads.transfer_all('li', 'pool:west', '回收');
SELECT customer_id, owner, pool FROM leads.transfer_all('wang', 'pool:west', '回收', most => 1);
-- who leaves: to come, its rights end at the instant without any job; then everything goes through the rules, not to itself
SELECT count(*) FROM leads.deactivate_member('wang', reason => '离职', left_at => '2026-03-20 18:00+08');
SET leads.clock = '2026-03-20 17:59:59.999999+08';
SELECT effective FROM leads.log_activity(6, 'call', '最后一次回访,一切正常', by_member => 'wang');
SET leads.clock = '2026-03-20 18:00+08';
\set VERBOSITY sqlstate
SELECT effective FROM leads.log_activity(6, 'call', '最后一次回访,一切正常', by_member => 'wang');
SELECT owner FROM leads.assign(1, 'wang');
\set VERBOSITY default
SELECT customer_id, owner, pool FROM leads.deactivate_member('wang', reason => '离职');
SELECT customer_id, owner, pool FROM leads.deactivate_member('wang', reason => '离职');
SELECT left_at FROM rt.member WHERE code = 'wang';
SELECT step, verdict, reason FROM leads.explain((SELECT max(id) FROM rt.decision)) OFFSET 1;
SELECT count(*) FROM rt.ownership WHERE member_id = 3 AND until IS NULL;
SELECT DISTINCT end_cause FROM rt.ownership WHERE member_id = 3 AND until >= '2026-03-20 18:00+08';
SELECT reason FROM leads.explain((SELECT max(id) FROM rt.decision WHERE kind = 'deactivate'));
-- a lapse that is due is a lapse, not a hand-over
SET leads.clock = '2026-12-01 10:00+08';
SELECT customer_id, owner FROM leads.transfer_all('zhang', 'rules', '换岗');
SELECT DISTINCT end_cause FROM rt.ownership WHERE member_id = 1 AND end_recorded_at = '2026-12-01 10:00+08';
-- by the rules, but not to itself, even if a rule names it
UPDATE rt.routing_rule SET region = NULL, assign_to = 'member:li';
SET leads.clock = '2026-12-01 11:00+08';
SELECT customer_id, owner <> 'li' FROM leads.transfer_all('li', 'rules', '换岗');
-- many at once are many one after the other: what route() says of each, in one transaction that is rolled back
SELECT count(r.owner) FROM generate_series(1, 9) i, LATERAL leads.register('批量' || (ARRAY['甲','乙','丙','丁','戊','己','庚','辛','壬'])[i] || chr(20000 + 531 * i) || chr(20500 + 177 * i) || '有限公司', by_member => 'zhang') r;
INSERT INTO rt.ring (code, name) VALUES ('pair', '双人');
INSERT INTO rt.member (code, name, daily_cap) VALUES ('chen', '陈强', 3);
INSERT INTO rt.ring_seat (ring_id, member_id, weight) SELECT r.id, m.id, CASE m.code WHEN 'li' THEN 2 ELSE 1 END FROM rt.ring r, rt.member m WHERE r.code = 'pair' AND m.code IN ('li', 'chen');
UPDATE rt.ring SET is_default = false;
UPDATE rt.routing_rule SET assign_to = 'ring:pair';
UPDATE rt.member SET holder_cap = (SELECT count(*) + 5 FROM rt.ownership o WHERE o.member_id = member.id AND o.until IS NULL) WHERE code = 'li';
SET leads.clock = '2026-12-01 12:00+08';
BEGIN;
CREATE TEMP TABLE singles AS SELECT o.customer_id, NULL::text AS owner, NULL::text AS pool FROM rt.ownership o WHERE o.member_id = 1 AND o.until IS NULL;
DO $$ DECLARE c bigint; BEGIN FOR c IN SELECT customer_id FROM singles ORDER BY 1 LOOP UPDATE singles s SET owner = r.owner, pool = r.pool FROM leads.route(c) r WHERE s.customer_id = c; END LOOP; END $$;
SELECT string_agg(coalesce(owner, pool), ' ' ORDER BY customer_id) FROM singles;
ROLLBACK;
SELECT string_agg(coalesce(owner, pool), ' ' ORDER BY customer_id) FROM leads.transfer_all('zhang', 'rules', '换岗');
-- who comes back is open again, at the first thing that it receives
UPDATE rt.member SET left_at = NULL, holder_cap = NULL WHERE code = 'wang';
SELECT closed FROM rt.member_counter WHERE member_id = 3;
SELECT owner FROM leads.assign(3, 'wang');
SELECT closed FROM rt.member_counter WHERE member_id = 3;
SELECT * FROM leads.verify();
-- nothing lost: every customer in exactly one hand or pool, at any instant since it began
SELECT count(*) FROM rt.customer c WHERE (SELECT count(*) FROM rt.ownership o WHERE o.customer_id = c.id AND o.until IS NULL) <> 1;
SELECT FROM leads.uninstall('rt', 'rt');
