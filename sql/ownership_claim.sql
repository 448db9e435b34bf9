-- leads.claim(): the checks in their order, each by its SQLSTATE, and what a claim writes
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';
\set VERBOSITY sqlstate
SELECT leads.install('oc_real', lang => 'zh') IS NOT NULL AS installed;
INSERT INTO oc_real.member (code, name) VALUES ('zhang', '张伟');
SET leads.clock = '2026-03-02 09:00+08';
SELECT leads.install('oc', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'oc';
INSERT INTO oc.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li'), ('wang', 'Wang'), ('gone', 'Gone');
UPDATE oc.member SET active = false WHERE code = 'gone';
INSERT INTO oc.pool (code, name, cooldown_days, daily_quota, new_data_delay) VALUES
  ('quiet', 'Quiet', 7, NULL, '0'), ('few', 'Few', 0, 2, '0'), ('slow', 'Slow', 0, NULL, '1 hour'), ('closed', 'Closed', 0, NULL, '0');
INSERT INTO oc.pool_member (pool_id, member_id)
  SELECT p.id, m.id FROM oc.pool p, oc.member m WHERE p.code = 'closed' AND m.code = 'wang';
SELECT outcome, customer_id, owner FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SELECT outcome, customer_id, owner FROM leads.register('上海云帆信息技术有限公司', by_member => 'zhang');
SELECT outcome, customer_id, owner FROM leads.register('广州明珠医疗器械有限公司', by_member => 'zhang');
SELECT outcome, customer_id, owner FROM leads.register('成都锦城餐饮管理有限公司', by_member => 'zhang');
SELECT outcome, customer_id, owner FROM leads.register('青岛海蓝水产有限公司', by_member => 'zhang');

-- another's customer is not to be had, and the refusal names nobody; an unknown one neither
SELECT * FROM leads.claim('{1}', by_member => 'li');
\echo :LAST_ERROR_MESSAGE
SELECT * FROM leads.claim('{4711}', by_member => 'li');
SELECT * FROM leads.claim(NULL, by_member => 'li');
SELECT * FROM leads.claim('{1,NULL}', by_member => 'li');
SELECT * FROM leads.claim((SELECT array_agg(i::bigint) FROM generate_series(1, 1001) i), by_member => 'li');
SELECT * FROM leads.claim('{}', by_member => 'li');
-- nobody, the system, a member that may not act
SELECT * FROM leads.claim('{1}');
SELECT * FROM leads.claim('{1}', by_member => 'nobody');
SELECT * FROM leads.claim('{1}', by_member => 'gone');

-- from the open pool; a second one comes too late; one's own is a no-op, in any order and repeated
SET leads.clock = '2026-03-02 10:00+08';
SELECT into_pool FROM leads.release(1, 'wrong region', by_member => 'zhang');
SELECT customer_id, outcome, reason, message, owner, protected_until, decision_id IS NOT NULL AS decided
  FROM leads.claim('{1,1,1}', by_member => 'li');
SELECT * FROM leads.claim('{1}', by_member => 'wang');
SELECT customer_id, outcome, reason, message, owner, decision_id FROM leads.claim('{1}', by_member => 'li');
SELECT kind, at, owner_id, pool_id, data FROM oc.event WHERE customer_id = 1 AND kind IN ('released', 'claimed') ORDER BY at, id;
SELECT cause, end_cause, since, until, protected_until, next_due_at, remind_at FROM oc.ownership WHERE customer_id = 1 ORDER BY since;
SELECT step, verdict, reason FROM leads.explain((SELECT max(id) FROM oc.decision WHERE kind = 'claim')) ORDER BY step_no OFFSET 1;

-- all or nothing, and each for itself
SELECT into_pool FROM leads.release(2, 'no time', by_member => 'zhang');
SELECT * FROM leads.claim('{2,3}', by_member => 'li');
SELECT leads.owner_at(2);
SELECT customer_id, outcome, reason, message, owner FROM leads.claim('{4711,3,2,1}', all_or_nothing => false, by_member => 'li');

-- LD061: not a member of the pool
SELECT into_pool FROM leads.release(3, 'no time', 'closed');
SELECT * FROM leads.claim('{3}', by_member => 'li');
\echo :LAST_ERROR_MESSAGE
SELECT outcome FROM leads.claim('{3}', by_member => 'wang');

-- LD062: too new until the delay is over, to the instant
SELECT into_pool FROM leads.release(3, 'no time', 'slow', by_member => 'wang');
SELECT since AS entered FROM oc.ownership WHERE customer_id = 3 AND until IS NULL \gset
SELECT :'entered'::timestamptz + interval '1 hour' - interval '1 microsecond' AS before, :'entered'::timestamptz + interval '1 hour' AS after \gset
SET leads.clock = :'before';
SELECT * FROM leads.claim('{3}', by_member => 'li');
\echo :LAST_ERROR_MESSAGE
SET leads.clock = :'after';
SELECT outcome FROM leads.claim('{3}', by_member => 'li');

-- LD063: cool-down, for what was released or lapsed, not for what a manager took away
SELECT into_pool FROM leads.release(4, 'no time', 'quiet', by_member => 'zhang');
SELECT since AS lost FROM oc.ownership WHERE customer_id = 4 AND until IS NULL \gset
SELECT :'lost'::timestamptz + interval '7 days' - interval '1 microsecond' AS before, :'lost'::timestamptz + interval '7 days' AS after \gset
SELECT * FROM leads.claim('{4}', by_member => 'zhang');
\echo :LAST_ERROR_MESSAGE
SELECT outcome FROM leads.claim('{4}', by_member => 'li');
SELECT into_pool FROM leads.release(4, 'no time', 'quiet', by_member => 'li');
SET leads.clock = :'before';
SELECT * FROM leads.claim('{4}', by_member => 'zhang');
SET leads.clock = :'after';
SELECT outcome FROM leads.claim('{4}', by_member => 'zhang');
SELECT owner FROM leads.assign(4, 'wang', 'by the boss');
SELECT into_pool FROM leads.release(4, 'no time', 'quiet', by_member => 'wang');
SELECT outcome FROM leads.claim('{4}', by_member => 'zhang');

-- LD064: claims of a business day, from this pool; a release gives none back; refused ones are free; tomorrow anew
SET leads.clock = '2026-03-12 23:00+08';
SELECT c, (SELECT into_pool FROM leads.release(c, 'tidy', 'few')) FROM unnest('{1,2,3,5}'::bigint[]) c;
SELECT count(*) FROM leads.claim('{1,2,3}', by_member => 'wang');
SELECT customer_id, outcome, reason, message FROM leads.claim('{1,2,3}', all_or_nothing => false, by_member => 'wang');
SELECT into_pool FROM leads.release(1, 'tidy', 'few', by_member => 'wang');
SELECT count(*) FROM leads.claim('{5}', by_member => 'wang');
SELECT outcome FROM leads.claim('{5}', by_member => 'li');
SET leads.clock = '2026-03-13 00:00+08';
SELECT outcome FROM leads.claim('{3}', by_member => 'wang');

-- LD065: the holder's cap, what has lapsed but is not written down left out
UPDATE oc.member SET holder_cap = 2 WHERE code = 'wang';
SELECT into_pool FROM leads.release(4, 'tidy', 'public', by_member => 'zhang');
SELECT customer_id, leads.owner_at(customer_id) FROM oc.ownership WHERE until IS NULL ORDER BY 1;
SELECT * FROM leads.claim('{4}', by_member => 'wang');
\echo :LAST_ERROR_MESSAGE
SELECT message FROM leads.claim('{4}', all_or_nothing => false, by_member => 'wang');
SET leads.clock = '2026-04-12 00:00+08';
SELECT customer_id, leads.owner_at(customer_id) FROM oc.ownership WHERE until IS NULL ORDER BY 1;
SELECT outcome FROM leads.claim('{4}', by_member => 'wang');
-- a pool may hold a lapsed one that nobody wrote down: the claim does
SELECT outcome, owner FROM leads.claim('{2}', by_member => 'li');
SELECT cause, end_cause, member_id, pool_id, since, until FROM oc.ownership WHERE customer_id = 2 ORDER BY since DESC LIMIT 3;
UPDATE oc.pool SET cooldown_days = 3 WHERE code = 'public';
SELECT * FROM leads.claim('{5}', by_member => 'li');
\echo :LAST_ERROR_MESSAGE
SELECT outcome FROM leads.claim('{5}', by_member => 'zhang');
CALL leads.tick();
SELECT m.code, c.held FROM oc.member_counter c JOIN oc.member m ON m.id = c.member_id ORDER BY 1;

-- a false clock writes nothing in a company that works for real
SET leads.schema = 'oc_real';
SELECT * FROM leads.claim('{1}', by_member => 'zhang');
SELECT * FROM leads.claim('{}', by_member => 'zhang');
SET leads.clock = '';
-- messages in the install language
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SELECT into_pool FROM leads.release(1, '不对口', by_member => 'zhang');
SELECT outcome, left(message, 9) AS message FROM leads.claim('{1}', by_member => 'zhang');
SELECT customer_id, reason, message FROM leads.claim('{1,2}', all_or_nothing => false, by_member => 'zhang');
SET leads.schema = 'oc';
SELECT * FROM leads.verify();
SET client_min_messages = error;
SELECT FROM leads.uninstall('oc', 'oc');
SELECT FROM leads.uninstall('oc_real', 'oc_real');
