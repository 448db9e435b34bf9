-- release, extend, assign, owner_at, set_protection: who may, what is refused, what is written
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';
\set VERBOSITY sqlstate
SET leads.clock = '2026-03-02 09:00+08';
SELECT leads.install('om', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'om';
INSERT INTO om.member (code, name, is_manager) VALUES ('zhang', 'Zhang', false), ('li', 'Li', false), ('boss', 'Boss', true);
INSERT INTO om.member (code, name, active, left_at) VALUES ('off', 'Off', false, NULL), ('left', 'Left', true, '2026-03-02 09:00+08');
INSERT INTO om.pool (code, name) VALUES ('north', 'North');
SELECT outcome, customer_id FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SELECT outcome, customer_id FROM leads.register('上海云帆信息技术有限公司', by_member => 'zhang');
SELECT outcome, customer_id FROM leads.register('广州明珠医疗器械有限公司', by_member => 'li');

-- release: the owner, a manager, the system; nobody else; with a reason; into a pool that exists
SELECT * FROM leads.release(1, 'mine now', by_member => 'li');
\set VERBOSITY default
SELECT * FROM leads.release(1, 'mine now', by_member => 'li');
\set VERBOSITY sqlstate
SELECT * FROM leads.release(1, NULL, by_member => 'zhang');
SELECT * FROM leads.release(1, E' \n', by_member => 'zhang');
SELECT * FROM leads.release(1, repeat('长', 1001), by_member => 'zhang');
SELECT * FROM leads.release(NULL, 'x', by_member => 'zhang');
SELECT * FROM leads.release(4711, 'x', by_member => 'zhang');
SELECT * FROM leads.release(1, 'x', 'nowhere', by_member => 'zhang');
SELECT * FROM leads.release(1, 'x', scope => 'other', by_member => 'zhang');
SELECT * FROM leads.release(1, 'x', scope => 'other');
SELECT into_pool FROM leads.release(1, repeat('长', 1000), 'north', by_member => 'zhang');
SELECT * FROM leads.release(1, 'again', by_member => 'zhang');
SELECT * FROM leads.release(1, 'again');
SELECT into_pool FROM leads.release(3, 'idle', by_member => 'boss');
SELECT topic, subject, member_id, payload FROM om.outbox WHERE topic = 'released' ORDER BY id;
SELECT step, verdict, left(reason, 40) AS reason FROM leads.explain((SELECT max(id) FROM om.decision WHERE kind = 'release')) ORDER BY step_no OFFSET 1;

-- assign: managers and the system only; unknown, inactive, gone; over the cap; to the same one nothing happens
SELECT * FROM leads.assign(1, 'li', by_member => 'li');
SELECT * FROM leads.assign(1, 'nobody');
SELECT * FROM leads.assign(1, NULL);
SELECT * FROM leads.assign(NULL, 'li');
SELECT * FROM leads.assign(4711, 'li');
SELECT * FROM leads.assign(1, 'off');
SELECT * FROM leads.assign(1, 'left', by_member => 'boss');
SELECT * FROM leads.assign(1, 'li', scope => 'other');
SELECT owner, protected_until, decision_id IS NULL AS nothing FROM leads.assign(1, 'li', 'knows them', by_member => 'boss');
SELECT owner, protected_until, decision_id IS NULL AS nothing FROM leads.assign(1, 'li', by_member => 'boss');
SELECT topic, subject, member_id, payload FROM om.outbox WHERE topic IN ('owned', 'reassigned') ORDER BY id;
UPDATE om.member SET holder_cap = 1 WHERE code = 'li';
SELECT * FROM leads.assign(2, 'li');
SELECT owner FROM leads.assign(2, 'li', force => true);
SELECT step, verdict, reason FROM leads.explain((SELECT max(id) FROM om.decision WHERE kind = 'assign')) ORDER BY step_no OFFSET 1;
SELECT topic, subject, member_id, payload FROM om.outbox WHERE topic IN ('owned', 'reassigned') ORDER BY id OFFSET 1;
SELECT kind, owner_id, pool_id FROM om.event WHERE customer_id = 1 AND kind IN ('released', 'assigned') ORDER BY at, id;

-- extend: the owner, within the limits of the interval's own policy version, while it is protected
SELECT * FROM leads.extend(1, 0, by_member => 'li');
SELECT * FROM leads.extend(1, -5, by_member => 'li');
SELECT * FROM leads.extend(1, NULL, by_member => 'li');
SELECT * FROM leads.extend(1, 5, by_member => 'zhang');
SELECT * FROM leads.extend(3, 5);
SELECT * FROM leads.extend(4711, 5);
SELECT * FROM leads.extend(1, 31, by_member => 'li');
SELECT * FROM leads.extend(1, 2147483647, by_member => 'li');
SELECT protected_until, next_due_at FROM leads.extend(1, 30, 'tender in May', by_member => 'li');
SELECT * FROM leads.extend(1, 1, by_member => 'li');
\set VERBOSITY default
SELECT * FROM leads.extend(1, 1, by_member => 'li');
\set VERBOSITY sqlstate
SELECT remind_at, extended_times, extended_days FROM om.ownership WHERE customer_id = 1 AND until IS NULL;
SELECT step, verdict, reason FROM leads.explain((SELECT max(id) FROM om.decision WHERE kind = 'extend')) ORDER BY step_no OFFSET 1;

-- set_protection: what is not said stays; running intervals keep theirs; faults are named
SELECT leads.set_protection(days => 10, extend_times => 2, extend_days => 4, pool => 'north');
SET leads.clock = '2026-03-02 09:30+08';
SELECT leads.set_protection(remind_days => 1);
SELECT version, body FROM om.policy WHERE kind = 'protection' ORDER BY version;
SELECT leads.set_protection(days => -1);
\echo :LAST_ERROR_MESSAGE
SELECT leads.set_protection(remind_days => 3651);
\echo :LAST_ERROR_MESSAGE
SELECT leads.set_protection(pool => 'nowhere');
SELECT leads.publish('protection', '', '{"days": 1.5}');
\echo :LAST_ERROR_MESSAGE
SELECT leads.publish('protection', '', '{"days": "30"}');
\echo :LAST_ERROR_MESSAGE
SELECT leads.publish('protection', '', '{"dayz": 30}');
\echo :LAST_ERROR_MESSAGE
SELECT leads.publish('protection', '', '{"pool": 1}');
\echo :LAST_ERROR_MESSAGE
SELECT leads.publish('protection', '', '{"pool": "a b"}');
SELECT leads.publish('protection', '', '{"days": {"a": 1}}');
SELECT leads.publish('protection', '', '[]');
SELECT leads.publish('protection', '', '{}');
-- at one instant of a frozen clock they still come one after the other
SELECT leads.publish('protection', '', '{"days": 7}');
SELECT version, active_from, active_until FROM om.policy WHERE kind = 'protection' ORDER BY version;
SET leads.clock = '2026-03-02 10:00+08';
SELECT leads.set_protection(days => 10, extend_times => 2, extend_days => 4, pool => 'north');
SELECT protected_until, policy_version FROM om.ownership WHERE customer_id = 1 AND until IS NULL;
SELECT outcome, protected_until FROM leads.claim('{3}', by_member => 'zhang');
SELECT protected_until, (SELECT code FROM om.pool p WHERE p.id = o.lapse_pool_id) AS lapses_to, policy_version
  FROM om.ownership o WHERE customer_id = 3 AND until IS NULL;
SELECT protected_until FROM leads.extend(3, 3, by_member => 'zhang');
SELECT protected_until FROM leads.extend(3, 2, by_member => 'zhang');
SELECT protected_until FROM leads.extend(3, 1, by_member => 'zhang');
SELECT protected_until FROM leads.extend(3, 1, by_member => 'zhang');
-- a protection without end can neither lapse nor be extended
SET leads.clock = '2026-03-02 11:00+08';
SELECT leads.set_protection(days => 0) IS NOT NULL AS published;
SELECT owner, protected_until FROM leads.assign(2, 'boss');
SELECT next_due_at, remind_at FROM om.ownership WHERE customer_id = 2 AND until IS NULL;
SELECT * FROM leads.extend(2, 1, by_member => 'boss');
SELECT leads.owner_at(2, at_time => '2099-01-01');

-- the rights of roles: a rep may do as itself only, and ask only about what it may know
CREATE ROLE om_rep LOGIN;
CREATE ROLE om_manager LOGIN;
CREATE ROLE om_app LOGIN;
CREATE ROLE om_outsider LOGIN;
SELECT FROM leads.grant_access('om_rep', 'rep');
SELECT FROM leads.grant_access('om_manager', 'manager');
SELECT FROM leads.grant_access('om_app', 'app');
SET leads.clock = '2026-03-02 12:00+08';
UPDATE om.member SET db_role = 'om_rep' WHERE code = 'zhang';
UPDATE om.member SET db_role = 'om_manager' WHERE code = 'boss';
SELECT customer_id, leads.owner_at(customer_id) FROM om.ownership WHERE until IS NULL ORDER BY 1;
SET ROLE om_rep;
SELECT leads.owner_at(1), leads.owner_at(3);
SELECT leads.owner_at(2);
SELECT * FROM leads.release(1, 'x', by_member => 'li');
SELECT * FROM leads.assign(1, 'zhang');
SELECT leads.set_protection(days => 999);
RESET ROLE;
SELECT owner FROM leads.assign(1, 'zhang', by_member => 'boss');
SELECT owner FROM leads.assign(1, 'li', force => true, by_member => 'boss');
UPDATE om.member SET holder_cap = NULL;
SELECT outcome, customer_id FROM leads.register('青岛海蓝水产有限公司', by_member => 'li');
SET leads.clock = '2026-03-02 13:00+08';
SET ROLE om_rep;
SELECT leads.owner_at(4);
SELECT leads.owner_at(4712);
SELECT leads.owner_at(NULL);
SELECT into_pool FROM leads.release(3, 'gladly');
SELECT leads.owner_at(3);
RESET ROLE;
SET ROLE om_app;
SELECT leads.owner_at(4);
SELECT * FROM leads.assign(4, 'zhang', by_member => 'li');
SELECT owner FROM leads.assign(4, 'zhang', by_member => 'boss');
SELECT * FROM leads.release(4, 'for another', by_member => 'li');
RESET ROLE;
SET leads.clock = '2026-03-02 14:00+08';
SET ROLE om_manager;
SELECT leads.owner_at(4);
SELECT into_pool FROM leads.release(4, 'reorganisation');
SELECT * FROM leads.assign(4, 'zhang');
RESET ROLE;
SET ROLE om_outsider;
SELECT leads.owner_at(1);
SELECT * FROM leads.claim('{3}');
SELECT * FROM leads.release(1, 'x');
SELECT * FROM leads.extend(1, 1);
SELECT * FROM leads.assign(1, 'li');
SELECT leads.set_protection(days => 1);
CALL leads.tick();
SELECT leads.schedule_jobs();
RESET ROLE;
SELECT * FROM leads.verify();
SET client_min_messages = error;
SELECT FROM leads.uninstall('om', 'om');
DROP OWNED BY om_rep, om_manager, om_app, om_outsider;
DROP ROLE om_rep, om_manager, om_app, om_outsider;
