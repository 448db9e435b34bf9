-- exact to the instant, with every job stopped: the deadline minus a microsecond, and the deadline
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';
\set VERBOSITY sqlstate
SET leads.clock = '2026-03-02 09:00+08';
SELECT leads.install('oi', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'oi';
INSERT INTO oi.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li');
SELECT outcome, customer_id, lead_id, protected_until FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SELECT outcome, customer_id, lead_id FROM leads.register('上海云帆信息技术有限公司', by_member => 'zhang');
SELECT outcome, customer_id, lead_id FROM leads.register('广州明珠医疗器械有限公司', by_member => 'zhang');
SELECT outcome, customer_id, lead_id FROM leads.register('成都锦城餐饮管理有限公司', by_member => 'zhang');

-- a microsecond before: still the owner's, not to be claimed; the owner works
SET leads.clock = '2026-04-01 08:59:59.999999+08';
SELECT leads.owner_at(1), leads.owner_at(1, at_time => '2026-04-01 09:00+08');
SELECT * FROM leads.claim('{1}', by_member => 'li');
SELECT activity_id IS NOT NULL AS logged FROM leads.log_activity(2, 'call', 'asked for a quote', by_member => 'zhang');
SELECT protected_until FROM leads.extend(3, 5, by_member => 'zhang');
BEGIN; SELECT into_pool FROM leads.release(1, 'x', by_member => 'zhang'); ROLLBACK;

-- at the deadline the right is gone, and nobody wrote that down
SET leads.clock = '2026-04-01 09:00+08';
SELECT leads.owner_at(1), leads.owner_at(2), leads.owner_at(3), leads.owner_at(1, at_time => '2026-04-01 08:59:59.999999+08');
SELECT * FROM leads.release(1, 'x', by_member => 'zhang');
\set VERBOSITY default
SELECT * FROM leads.extend(1, 5, by_member => 'zhang');
\set VERBOSITY sqlstate
SELECT * FROM leads.log_activity(1, 'call', 'too late', by_member => 'zhang');
SELECT * FROM leads.advance(1, 'contacted', by_member => 'zhang');
SELECT * FROM leads.win(1, by_member => 'zhang');
SELECT count(*) AS written_by_refusals FROM oi.ownership WHERE cause = 'lapsed';
-- the claim of another writes the lapse at its instant, and itself after it
SELECT outcome, owner FROM leads.claim('{1}', by_member => 'li');
SELECT (SELECT code FROM oi.member m WHERE m.id = o.member_id) AS member, pool_id, since, until, cause, end_cause, recorded_at, end_recorded_at
  FROM oi.ownership o WHERE customer_id = 1 ORDER BY since;
SELECT kind, at, recorded_at, actor_id, owner_id, pool_id FROM oi.event WHERE customer_id = 1 AND kind IN ('lapsed', 'claimed') ORDER BY at, id;
SELECT verdict, decided_at, recorded_at, actor_id, policies FROM oi.decision WHERE customer_id = 1 AND kind = 'lapse';
SELECT step, verdict, reason FROM leads.explain((SELECT id FROM oi.decision WHERE customer_id = 1 AND kind = 'lapse')) ORDER BY step_no OFFSET 1;
SELECT topic, member_id, payload, effective_at FROM oi.outbox WHERE topic = 'lapsed';
-- any past instant
SELECT t AS at_time, leads.owner_at(1, '', t::timestamptz) FROM unnest(ARRAY['2026-03-02 08:59:59.999999+08', '2026-03-02 09:00+08',
  '2026-04-01 08:59:59.999999+08', '2026-04-01 09:00+08', '2026-04-01 09:00:00.000001+08', '2026-05-01 09:00+08', '2026-05-01 09:00:00.000001+08',
  '-infinity', 'infinity']) t;

-- stopped for a month: the same answers before and after the sweep
SET leads.clock = '2026-05-11 00:00+08';
CREATE TEMP TABLE before AS SELECT c, t, leads.owner_at(c, '', t) AS owner FROM generate_series(1, 4) c,
  generate_series('2026-03-02 00:00+08'::timestamptz, '2026-05-10 00:00+08', '9 hours') t;
CALL leads.tick();
SELECT count(*) AS asked, count(*) FILTER (WHERE b.owner IS DISTINCT FROM leads.owner_at(c, '', t)) AS differ, count(DISTINCT owner) FROM before b;
SELECT customer_id, since, recorded_at FROM oi.ownership WHERE cause = 'lapsed' ORDER BY 1, 2;
SELECT * FROM leads.verify();

-- no follow-up for 7 days lapses; a follow-up moves it; what comes first counts
SELECT leads.set_protection(days => 20, no_followup_days => 7, remind_days => 2) AS version;
SET leads.clock = '2026-05-12 09:00+08';
SELECT outcome, protected_until FROM leads.claim('{4}', by_member => 'zhang');
SELECT protected_until, next_due_at, remind_at FROM oi.ownership WHERE customer_id = 4 AND until IS NULL;
SET leads.clock = '2026-05-19 08:59:59.999999+08';
SELECT activity_id IS NOT NULL AS logged FROM leads.log_activity(4, 'visit', 'met the buyer, wants samples', by_member => 'zhang');
SELECT protected_until, next_due_at, remind_at, followed_at FROM oi.ownership WHERE customer_id = 4 AND until IS NULL;
SET leads.clock = '2026-05-26 08:59:59.999999+08';
SELECT leads.owner_at(4);
SELECT * FROM leads.log_activity(4, 'visit', 'met the buyer once more', by_member => 'zhang');
SELECT outcome FROM leads.claim('{4}', by_member => 'li');
SELECT step, verdict, reason FROM leads.explain((SELECT max(id) FROM oi.decision WHERE customer_id = 4 AND kind = 'lapse')) ORDER BY step_no OFFSET 1;
SET leads.clock = '2026-06-01 09:00+08';
SELECT activity_id IS NOT NULL AS logged FROM leads.log_activity(4, 'call', 'price agreed upon', by_member => 'li');
SELECT protected_until, next_due_at, remind_at FROM oi.ownership WHERE customer_id = 4 AND until IS NULL;
SET leads.clock = '2026-06-07 09:00+08';
SELECT activity_id IS NOT NULL AS logged FROM leads.log_activity(4, 'call', 'waiting for the contract', by_member => 'li');
SET leads.clock = '2026-06-13 09:00+08';
SELECT activity_id IS NOT NULL AS logged FROM leads.log_activity(4, 'call', 'the contract is with the lawyers', by_member => 'li');
-- the end of the protection is nearer than the idle time; a follow-up near it postpones nothing
SELECT protected_until, next_due_at FROM oi.ownership WHERE customer_id = 4 AND until IS NULL;
-- won: no deadline; opened again: never nearer than the grace of 3 days
SELECT leads.owner_at(4);
SELECT FROM leads.win(4, by_member => 'li');
SELECT next_due_at, remind_at, exempt FROM oi.ownership WHERE customer_id = 4 AND until IS NULL;
SELECT * FROM leads.extend(4, 1, by_member => 'li');
SET leads.clock = '2027-06-13 09:00+08';
SELECT leads.owner_at(4);
SELECT FROM leads.reopen(4, by_member => 'li');
SELECT protected_until, next_due_at, remind_at, exempt FROM oi.ownership WHERE customer_id = 4 AND until IS NULL;
SELECT leads.owner_at(4, at_time => '2027-06-16 08:59:59.999999+08'), leads.owner_at(4, at_time => '2027-06-16 09:00+08');
SELECT * FROM leads.verify();

-- days are calendar days of the business zone: noon stays noon across the change of the clocks
SET leads.clock = '2026-03-01 12:00-05';
SELECT leads.install('oi_ny', lang => 'en', simulation => true, zone => 'America/New_York') IS NOT NULL AS installed;
SET leads.schema = 'oi_ny';
SET timezone = 'America/New_York';
INSERT INTO oi_ny.member (code, name) VALUES ('smith', 'Smith');
SELECT protected_until FROM leads.register('重庆鸿源商贸有限公司', by_member => 'smith');
SELECT next_due_at - since AS elapsed, remind_at FROM oi_ny.ownership;
-- 02:30 does not exist on the day it falls on
SET leads.clock = '2026-03-05 02:30-05';
SELECT leads.set_protection(days => 3) AS version;
SET leads.clock = '2026-03-05 02:31-05';
SELECT protected_until FROM leads.register('上海云帆信息技术有限公司', by_member => 'smith');
SELECT * FROM leads.verify();
SET client_min_messages = error;
SELECT FROM leads.uninstall('oi', 'oi');
SELECT FROM leads.uninstall('oi_ny', 'oi_ny');
