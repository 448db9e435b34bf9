-- Notices as rows, and a release that waits for one (min_notice): the one exception to expiry at the instant.
SET timezone = 'Asia/Shanghai';	-- the business zone
\ir include/company.sql
SET client_min_messages = error;
SELECT * FROM no_plan();
SET leads.clock = '2026-03-02 09:00+08';
CREATE ROLE mn_zhang; CREATE ROLE mn_li;
INSERT INTO crm.member (code, name, db_role) VALUES ('zhang', '张伟', 'mn_zhang'), ('li', '李娜', 'mn_li');
SELECT leads.grant_access('mn_zhang', 'rep'), leads.grant_access('mn_li', 'rep');
CREATE FUNCTION pg_temp.rows(c bigint) RETURNS text[] LANGUAGE sql AS $$
  SELECT array_agg(to_char(due_at, 'MM-DD HH24:MI') || ' ' || ahead || ' ' || state ORDER BY notify_at, due_at) FROM crm.notice WHERE customer_id = c $$;
CREATE FUNCTION pg_temp.told(c bigint) RETURNS text LANGUAGE sql AS $$
  SELECT to_char(notice_at, 'MM-DD HH24:MI') FROM leads.due_list(within => '100 days') WHERE customer_id = c $$;
CREATE FUNCTION pg_temp.release(c bigint) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', coalesce(to_char(deadline_at, 'MM-DD HH24:MI'), '-'), CASE WHEN isfinite(next_due_at) THEN to_char(next_due_at, 'MM-DD HH24:MI') ELSE 'waits' END, to_char(noticed_at, 'MM-DD HH24:MI'))
    FROM crm.ownership WHERE customer_id = c AND until IS NULL $$;
SELECT throws_ok(format('SELECT leads.publish(%L, %L, %L)', 'protection', '', body), 'LD014', NULL, body)
  FROM unnest(ARRAY['{"min_notice": -1}', '{"min_notice": {"working_days": 2}}', '{"min_notice": "2 days"}', '{"entries": [{"min_notice": true}]}']) body;

-- off: notices are rows
SELECT leads.publish('protection', '', '{"days": 30, "notices": [7, 3, {"hours": 4}], "extend_days": 30}');
SET leads.clock = '2026-03-02 10:00+08';	-- until April 1st, 10:00
SELECT FROM leads.register(NULL, '13900001111', kind => 'person', by_member => 'zhang');
SELECT FROM leads.register(NULL, '13900002222', kind => 'person', by_member => 'zhang');
SELECT is(pg_temp.told(1), NULL, 'none has fallen due');
SET leads.clock = '2026-03-25 10:00+08';
SELECT is(pg_temp.told(1), '03-25 10:00', 'due_list() tells, no job having run');
CALL leads.tick();
SELECT is(pg_temp.told(1), '03-25 10:00', 'and the same once it ran');
SELECT is(pg_temp.rows(1), '{"04-01 10:00 7 days sent"}', 'a row');
CALL leads.tick();
SELECT is(pg_temp.rows(1), '{"04-01 10:00 7 days sent"}', 'once');
SET leads.clock = '2026-04-01 07:00+08';
SELECT is(pg_temp.told(1), '04-01 06:00', 'the most urgent one stands, no job having run');
CALL leads.tick();
SELECT is(pg_temp.told(1), '04-01 06:00', 'and the same once it ran');
SELECT is(pg_temp.rows(1), '{"04-01 10:00 7 days sent","04-01 10:00 3 days collapsed","04-01 10:00 4 hours sent"}', 'after an outage the most urgent alone is sent');
-- moved before it was sent
SELECT FROM leads.extend(1, 4, by_member => 'zhang');
SELECT is(pg_temp.told(1), '03-29 10:00', 'of the new deadline the first has fallen due');
SET leads.clock = '2026-04-02 11:00+08';
SELECT FROM leads.pause(1, '2026-04-20 10:00+08');
SELECT is(pg_temp.rows(1), '{"04-01 10:00 7 days sent","04-01 10:00 3 days collapsed","04-05 10:00 7 days superseded","04-01 10:00 4 hours sent","04-05 10:00 3 days superseded"}', 'what had not been sent is superseded');
SELECT is(pg_temp.told(1), NULL, 'the new deadline has its own');
SET ROLE mn_zhang;
SELECT is((SELECT count(*)::int FROM crm.notice_list WHERE customer_id = 1), 5, 'the owner reads them');
SET ROLE mn_li;
SELECT is_empty('SELECT * FROM crm.notice_list', 'others do not');
RESET ROLE;
SELECT throws_ok('DELETE FROM crm.notice', 'LD009', NULL, 'nobody rewrites them');
SELECT is(leads.owner_at(2), NULL, 'customer 2 lapsed at its instant');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');

-- on: told in time it lapses at its deadline
SELECT leads.publish('protection', '', '{"days": 10, "remind_days": 1, "min_notice": 3, "no_followup_days": 0, "extend_days": 30}');
SET leads.clock = '2026-05-01 10:00+08';
SELECT FROM leads.register(NULL, '13900003333', kind => 'person', by_member => 'zhang');
SELECT FROM leads.register(NULL, '13900004444', kind => 'person', by_member => 'zhang');
SELECT is(pg_temp.release(3), '05-11 10:00 waits', 'it waits for its notice');
SELECT is((SELECT to_char(due_at, 'MM-DD HH24:MI') FROM leads.due_list(within => '11 days') WHERE customer_id = 3), '05-11 10:00', 'due_list() has its deadline');
SELECT is((SELECT to_char(remind_at, 'MM-DD HH24:MI') FROM crm.ownership WHERE customer_id = 3), '05-08 10:00', 'which comes so long before, whatever remind_days says');
SET leads.clock = '2026-05-08 10:00+08';
CALL leads.tick();
SELECT is(pg_temp.release(3), '05-11 10:00 05-11 10:00 05-08 10:00', 'told in time: at the deadline');
SET leads.clock = '2026-05-10 10:00+08';
CALL leads.tick();
SELECT is(pg_temp.rows(3), '{"05-11 10:00 3 days sent","05-11 10:00 1 days sent"}', 'the nearer one is sent, too');
SELECT is(pg_temp.release(3), '05-11 10:00 05-11 10:00 05-08 10:00', 'and counts nothing anew');
-- a moved deadline wants its own notice
SELECT FROM leads.extend(3, 2, by_member => 'zhang');
SELECT is(pg_temp.release(3), '05-13 10:00 waits', 'another deadline, another notice');
SET leads.clock = '2026-05-11 10:00+08';
SELECT is(leads.owner_at(3), 'zhang', 'the old one is nothing');
SELECT is(leads.owner_at(4), NULL, 'customer 4, told in time, is gone at its instant');
-- an outage: told late, released late
SET leads.clock = '2026-05-20 10:00+08';
SELECT is(leads.owner_at(3), 'zhang', 'nobody was told: a week after its deadline it is his');
SELECT is_empty('SELECT * FROM crm.pool_item WHERE customer_id = 3', 'in no pool');
SELECT throws_ok($$ SELECT leads.claim('{3}', by_member => 'li') $$, 'LD001', NULL, 'nor claimed by who does not know of it');
SELECT lives_ok($$ SELECT leads.log_activity(3, 'call', '到期后仍在跟进中', by_member => 'zhang') $$, 'he works on it');
SELECT is((SELECT reason FROM leads.explain_deadline(3, lang => 'en') WHERE item = 'release'), 'its owner was not told yet: it does not lapse before', 'explain_deadline() says so');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
CALL leads.tick();
SET session_replication_role = replica;
UPDATE crm.ownership SET next_due_at = next_due_at - interval '1 hour' WHERE customer_id = 3 AND until IS NULL;
SELECT is((SELECT array_agg(invariant || ' ' || subject) FROM leads.verify()), '{"I7 customer/3"}', 'verify() finds a release that is not what the notice gives');
UPDATE crm.ownership SET next_due_at = next_due_at + interval '1 hour' WHERE customer_id = 3 AND until IS NULL;
RESET session_replication_role;
SELECT is((SELECT state || ' ' || ahead FROM crm.notice WHERE customer_id = 3 ORDER BY id DESC LIMIT 1), 'sent 1 days', 'the most urgent alone');
SELECT is(pg_temp.release(3), '05-13 10:00 05-23 10:00 05-20 10:00', 'three days from then');
SELECT is((SELECT due_at FROM leads.due_list(within => '4 days') WHERE customer_id = 3), '2026-05-23 10:00:00.000001+08'::timestamptz, 'due_list() has the release');
SELECT is((SELECT to_char(due_at, 'MM-DD HH24:MI') FROM leads.explain_deadline(3) WHERE item = 'release'), '05-23 10:00', 'explain_deadline() too');
SET leads.clock = '2026-05-23 10:00+08';
SELECT is(leads.owner_at(3), 'zhang', 'a moment before');
SET leads.clock = '2026-05-23 10:00:00.000001+08';
SELECT is(leads.owner_at(3), NULL, 'at that instant it is gone, no job having run');
SELECT isnt_empty('SELECT * FROM crm.pool_item WHERE customer_id = 3', 'in its pool');
SELECT throws_ok($$ SELECT leads.log_activity(3, 'call', '释放之后的电话', by_member => 'zhang') $$, 'LD050', NULL, 'not his any more');
SELECT is((SELECT outcome FROM leads.claim('{3}', by_member => 'li')), 'claimed', 'and claimed');
SELECT is((SELECT until FROM crm.ownership WHERE customer_id = 3 ORDER BY id LIMIT 1), '2026-05-23 10:00:00.000001+08'::timestamptz, 'written down with that instant');
-- a period shorter than the notice: whoever gets it is told by that
SELECT leads.publish('protection', '', '{"days": 1, "remind_days": 0, "min_notice": {"hours": 60}, "grace_days": 0, "extension": {"approval": true, "hold_hours": 1}}');
SET leads.clock = '2026-06-01 10:00+08';
SELECT FROM leads.register(NULL, '13900005555', kind => 'person', by_member => 'zhang');
SELECT is(pg_temp.release(5), '06-02 10:00 06-03 22:00 06-01 10:00', 'sixty hours from the beginning');
-- an extension that is refused
SET leads.clock = '2026-06-01 11:00+08';
SELECT FROM leads.extend(5, 1, by_member => 'zhang');
SET leads.clock = '2026-06-02 10:30+08';
SELECT FROM leads.refuse_extension((SELECT max(id) FROM crm.extension_request), '不同意');
SELECT is((SELECT to_char(deadline_at, 'MM-DD HH24:MI') FROM crm.ownership WHERE customer_id = 5), '06-04 22:30', 'refused: not before so long from then');
-- an owner who leaves is not waited for
SELECT FROM leads.register(NULL, '13900006666', kind => 'person', by_member => 'zhang');
UPDATE crm.member SET left_at = '2026-06-02 12:00+08' WHERE code = 'zhang';
SELECT is(pg_temp.release(6), '06-02 12:00 06-02 12:00 06-02 10:30', 'gone with its owner');
SET leads.clock = '2026-06-02 12:00+08';
SELECT is(leads.owner_at(6), NULL, 'at that instant');
-- another policy takes the wait away
SELECT leads.publish('protection', '', '{"days": 40}');
SET leads.clock = '2026-06-03 10:00+08';
SELECT FROM leads.apply_policy();
SELECT is(pg_temp.release(3), '- 07-02 10:00', 'off again');
-- what waited for its release after a deadline that is over is not taken back to that: nobody loses what he had yesterday
SELECT leads.publish('protection', '', '{"days": 10, "remind_days": 0, "min_notice": 2}');
SET leads.clock = '2026-06-04 10:00+08';
SELECT FROM leads.register(NULL, '13900007777', kind => 'person', by_member => 'li');
SELECT leads.publish('protection', '', '{"days": 10, "remind_days": 0}');
SET leads.clock = '2026-06-04 10:01+08';
SELECT FROM leads.apply_policy(mode => 'later');
SELECT is(pg_temp.release(7), '06-14 10:00 waits', 'nobody loses by the mode later: one that waits for a notice does');
SELECT leads.publish('protection', '', '{"days": 1, "remind_days": 0, "min_notice": {"hours": 60}}');
SET leads.clock = '2026-06-04 11:00+08';
SELECT FROM leads.register(NULL, '13900008888', kind => 'person', by_member => 'li');
SET leads.clock = '2026-06-16 10:00+08';
SELECT FROM leads.register(NULL, '13900009999', kind => 'person', by_member => 'li');
SET leads.clock = '2026-06-18 10:00+08';
SELECT is(leads.owner_at(8), NULL, 'released');
SELECT is(pg_temp.release(9), '06-17 10:00 06-18 22:00 06-16 10:00', 'its deadline is over, its release to come');
SELECT leads.publish('protection', '', '{"days": 1, "remind_days": 0, "grace_days": 3}');
SET leads.clock = '2026-06-18 10:01+08';
SELECT FROM leads.apply_policy();
SELECT is(pg_temp.release(9), '- 06-18 22:00', 'without min_notice: where it would have been released');
SELECT is(pg_temp.release(7), '- 06-21 10:01', 'one that waits for a notice after its deadline: the grace');
SELECT is((SELECT to_char(protected_until, 'MM-DD HH24:MI') FROM crm.ownership WHERE customer_id = 7), '06-21 10:01', 'protected until then');
SELECT is(leads.owner_at(7, '', '2026-06-17 12:00+08') || leads.owner_at(9, '', '2026-06-17 12:00+08'), 'lili', 'yesterday is as it was');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
-- another min_notice for a deadline that stays: the notice is one of the new version, and comes
SELECT leads.publish('protection', '', '{"days": 10, "remind_days": 0, "min_notice": {"hours": 10}}');
SET leads.clock = '2026-07-01 10:00+08';
SELECT customer_id AS w FROM leads.register(NULL, '13900010000', kind => 'person', by_member => 'li') \gset
SET leads.clock = '2026-07-14 10:00+08';
SELECT leads.publish('protection', '', '{"days": 10, "notices": [3], "min_notice": 2, "grace_days": 0}');
SET leads.clock = '2026-07-14 10:01+08';
SELECT FROM leads.apply_policy();
SELECT is(pg_temp.release(:w), '07-11 10:00 waits', 'it still waits');
CALL leads.tick();
SELECT is(pg_temp.release(:w), '07-11 10:00 07-16 10:01 07-14 10:01', 'told now, released two days later');
SELECT is(leads.owner_at(:w, '', '2026-07-13 10:00+08'), 'li', 'yesterday is as it was');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
SELECT * FROM finish();
