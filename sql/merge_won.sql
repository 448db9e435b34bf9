-- leads.merge(): the survivor's own interval goes on; a won lead and follow-ups of the loser count for it; unmerge() takes them back; deadlines and grace
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';
SET leads.clock = '2026-03-02 09:00+08';
SELECT leads.install('mw', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'mw';
INSERT INTO mw.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li');
SELECT leads.set_protection(days => 30, no_followup_days => 7) AS version;
SELECT customer_id, owner FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SET leads.clock = '2026-03-02 10:00+08';
SELECT customer_id, owner FROM leads.register('成都锦绣电子科技有限公司', by_member => 'zhang');
SELECT customer_id, owner FROM leads.register('广州明珠医疗器械有限公司', by_member => 'zhang');
SET leads.clock = '2026-03-05 10:00+08';
SELECT effective FROM leads.log_activity(2, 'call', 'agreed on a date', by_member => 'zhang');
CREATE TEMP VIEW held AS SELECT o.id, o.customer_id AS c, m.code AS owner, o.since, o.protected_until, o.next_due_at, o.followed_at, o.exempt, o.cause
  FROM mw.ownership o LEFT JOIN mw.member m ON m.id = o.member_id WHERE o.until IS NULL ORDER BY 2;
SELECT * FROM held;
-- the follow-up of the loser moves the survivor's deadline, in the same interval
SET leads.clock = '2026-03-06 10:00+08';
SELECT merge_id AS m1 FROM leads.merge(1, '{2}', reason => 'x') \gset
SELECT * FROM held;
SELECT kind, object, field, value_before, value_after FROM mw.merge_item WHERE object = 'ownership' ORDER BY id;
SELECT * FROM leads.verify();
SELECT outcome FROM leads.unmerge(:m1);
SELECT * FROM held;
SELECT * FROM leads.verify();
-- a follow-up made since is the survivor's own and stays
SELECT merge_id AS m2 FROM leads.merge(1, '{2}', reason => 'x') \gset
SET leads.clock = '2026-03-07 10:00+08';
SELECT effective FROM leads.log_activity(1, 'call', 'agreed on a place', by_member => 'zhang');
SELECT outcome FROM leads.unmerge(:m2);
SELECT * FROM held;
-- a won lead of the loser: the survivor does not lapse; taken back, it does, after the grace at the earliest
SELECT stage FROM leads.win(3, 100, by_member => 'zhang');
SELECT merge_id AS m3 FROM leads.merge(1, '{3}', reason => 'x') \gset
SELECT * FROM held;
SET leads.clock = '2026-05-01 10:00+08';
SELECT leads.owner_at(1) AS one, leads.owner_at(2) AS two, leads.owner_at(3) AS three;
SELECT outcome FROM leads.unmerge(:m3);
SELECT * FROM held;
SELECT * FROM leads.verify();
-- the loser comes back after its protection ended: not before the grace, to whom it was; not to who has left
SET leads.clock = '2026-05-02 10:00+08';
SELECT customer_id, owner FROM leads.register('青岛海蓝水产有限公司', by_member => 'li');
SELECT customer_id, owner FROM leads.register('上海云帆信息技术有限公司', by_member => 'li');
SELECT merge_id AS m4 FROM leads.merge(5, '{4}', reason => 'x') \gset
SET leads.clock = '2026-07-01 10:00+08';
SELECT leads.owner_at(4) AS four, leads.owner_at(5) AS five;
BEGIN;
SELECT outcome FROM leads.unmerge(:m4);
SELECT * FROM held WHERE c IN (4, 5);
SELECT * FROM leads.verify();
ROLLBACK;
UPDATE mw.member SET left_at = '2026-06-01' WHERE code = 'li';
SELECT outcome FROM leads.unmerge(:m4);
SELECT c, owner, cause FROM held WHERE c IN (4, 5);
SELECT customer_id, pool FROM mw.pool_item WHERE customer_id IN (4, 5) ORDER BY 1;
SELECT * FROM leads.verify();
SET leads.clock = '';
SET client_min_messages = error;
SELECT FROM leads.uninstall('mw', 'mw');
