-- Clocks that stand still while the owner is on leave, where the protection policy says so.
SET timezone = 'Asia/Shanghai';	-- the business zone
\ir include/company.sql
SET client_min_messages = error;
SELECT * FROM no_plan();
SET leads.clock = '2026-03-02 09:00+08';
INSERT INTO crm.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜');
CREATE FUNCTION pg_temp.due(c bigint) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(to_char(next_due_at, 'MM-DD HH24:MI'), 'none') || '/' || coalesce(to_char(protected_until, 'MM-DD HH24:MI'), 'none') FROM crm.ownership WHERE customer_id = c AND until IS NULL $$;
SELECT throws_ok($$ SELECT leads.publish('protection', '', '{"leave_pauses": 1}') $$, 'LD014', NULL, 'true or false');
SELECT throws_ok($$ SELECT leads.publish('protection', '', '{"entries": [{"leave_pauses": "yes"}]}') $$, 'LD014', NULL, 'in an entry, too');
-- a policy that does not say so
SELECT leads.publish('protection', '', '{"days": 10, "no_followup_days": 5, "grace_days": 1}');
SELECT FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SELECT leads.set_availability('zhang', '2026-03-03 09:00+08', '2026-03-05 09:00+08');
SELECT is(pg_temp.due(1), '03-07 09:00/03-12 09:00', 'off by default');
-- one that does
SELECT leads.publish('protection', '', '{"days": 10, "no_followup_days": 5, "grace_days": 1, "leave_pauses": true}');
SET leads.clock = '2026-03-02 10:00+08';
SELECT FROM leads.register('成都锦绣电子科技有限公司', by_member => 'zhang');
SELECT FROM leads.register('苏州蓝海机械制造有限公司', by_member => 'li');
SELECT is(pg_temp.due(2), '03-09 10:00/03-14 10:00', 'what begins knows of the leave: two days more');
SELECT is(pg_temp.due(3), '03-07 10:00/03-12 10:00', 'of others'' leaves nothing');
SELECT is(pg_temp.due(1), '03-07 09:00/03-12 09:00', 'what runs under another version keeps it');
-- moved, in the same transaction
SELECT leads.set_availability('zhang', '2026-03-03 09:00+08', '2026-03-06 09:00+08');
SELECT is(pg_temp.due(2), '03-10 10:00/03-15 10:00', 'a day more');
SELECT is(pg_temp.due(1), '03-07 09:00/03-12 09:00', 'the other version stays as it is');
SELECT is((SELECT count(*)::int FROM crm.decision WHERE kind = 'deadline'), 1, 'one decision a deadline that moves');
SELECT is((SELECT count(*)::int FROM leads.explain_deadline(2) WHERE item = 'pause' AND counts_from = '2026-03-03 09:00+08'), 1, 'explain_deadline() shows the pause');
-- a pause that overlaps counts once
SELECT FROM leads.pause(2, '2026-03-05 21:00+08', '2026-03-05 09:00+08');
SELECT is(pg_temp.due(2), '03-10 10:00/03-15 10:00', 'a pause within the leave adds nothing');
SELECT FROM leads.pause(2, '2026-03-06 21:00+08', '2026-03-05 21:00+08');
SELECT is(pg_temp.due(2), '03-10 22:00/03-15 22:00', 'what lies beyond it does');
-- sick is no leave
SELECT leads.set_availability('li', '2026-03-03 09:00+08', '2026-03-06 09:00+08', 'sick');
SELECT is(pg_temp.due(3), '03-07 10:00/03-12 10:00', 'another absence stops no clock');
-- until further notice
SELECT leads.set_availability('li', '2026-03-06 09:00+08', NULL);
SELECT is(pg_temp.due(3), 'none/none', 'no end known: no deadline');
SET leads.clock = '2026-04-20 09:00+08';
SELECT is(leads.owner_at(3), 'li', 'though the time is long over');
SELECT throws_ok($$ SELECT leads.extend(3, 5, by_member => 'li') $$, 'LD043', NULL, 'there is no end to extend');
SELECT leads.set_availability('li', NULL, NULL, 'available');
SELECT is(pg_temp.due(3), '04-21 10:00/04-26 10:00', 'back: what was left goes on; a day and an hour of five were left');
-- taken back after the fact: not before the grace
SELECT leads.set_availability('li', '2026-03-06 09:00+08', NULL, 'available');
SELECT is(pg_temp.due(3), '04-21 09:00/04-21 09:00', 'long overdue: the grace');
-- what lapsed does not come back
SELECT is(leads.owner_at(2), NULL, 'lapsed');
SELECT leads.set_availability('zhang', '2026-03-03 09:00+08', '2026-05-06 09:00+08');
SELECT is(leads.owner_at(2), NULL, 'a leave that is entered afterwards gives nothing back');
SELECT is((SELECT until FROM crm.ownership WHERE customer_id = 2 ORDER BY id LIMIT 1), '2026-03-10 22:00+08'::timestamptz, 'it is written down with its own instant');
-- the table itself
SELECT FROM leads.claim('{2}', by_member => 'li');
SELECT is(pg_temp.due(2), '04-25 09:00/04-30 09:00', 'li has it');
INSERT INTO crm.absence (member_id, since, until, kind, recorded_at) SELECT id, '2026-04-21 09:00+08', '2026-04-22 09:00+08', 'leave', now() FROM crm.member WHERE code = 'li';
SELECT is(pg_temp.due(2), '04-26 09:00/05-01 09:00', 'a row that an administrator writes moves them, too');
UPDATE crm.absence SET kind = 'travel' WHERE since = '2026-04-21 09:00+08';
SELECT is(pg_temp.due(2), '04-25 09:00/04-30 09:00', 'no leave any more');
UPDATE crm.absence SET kind = 'leave' WHERE since = '2026-04-21 09:00+08';
SELECT throws_ok('TRUNCATE crm.absence', 'LD009', 'table "absence" cannot be truncated directly', 'nor all at once, unseen by the deadlines');
DELETE FROM crm.absence WHERE since = '2026-04-21 09:00+08';
SELECT is(pg_temp.due(2), '04-25 09:00/04-30 09:00', 'gone');
-- an entry, working time
SELECT leads.publish('protection', '', '{"days": {"working_days": 5}, "entries": [{"when": "$.customer.region starts with \"四川\"", "leave_pauses": true}]}');
SET leads.clock = '2026-06-01 10:00+08';	-- a Monday
SELECT FROM leads.register('四川天府物流有限公司', region => '四川', by_member => 'zhang');
SELECT FROM leads.register('青岛海蓝水产有限公司', region => '山东', by_member => 'zhang');
SELECT max(id) AS last FROM crm.customer \gset
SELECT leads.set_availability('zhang', '2026-06-04 09:00+08', '2026-06-06 09:00+08');
SELECT is(pg_temp.due(:last - 1), '06-10 10:00/06-10 10:00', 'two working days more');
SELECT is(pg_temp.due(:last), '06-08 10:00/06-08 10:00', 'the entry alone says so');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
SELECT * FROM finish();
