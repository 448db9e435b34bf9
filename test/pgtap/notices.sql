-- Notices before a deadline: each once, those missed collapse into the most urgent one, a moved deadline has its own.
SET timezone = 'Asia/Shanghai';	-- the business zone
\ir include/company.sql
SELECT * FROM no_plan();
SET leads.clock = '2026-03-02 09:00+08';
INSERT INTO crm.member (code, name) VALUES ('zhang', '张伟');
SELECT leads.publish('protection', '', '{"days": 30, "notices": [3, {"hours": 4}, 7, 60], "extend_days": 30}');
SET leads.clock = '2026-03-02 10:00+08';	-- until April 1st, 10:00
SELECT FROM leads.register(NULL, '13900001111', kind => 'person', by_member => 'zhang');
SELECT FROM leads.register(NULL, '13900002222', kind => 'person', by_member => 'zhang');
CREATE FUNCTION pg_temp.sent(c bigint) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(to_char(effective_at, 'MM-DD HH24:MI') || coalesce(' +' || (payload ->> 'collapsed'), '') ORDER BY id) FROM crm.outbox
	 WHERE topic = 'reminder' AND subject = 'customer/' || c $$;
CREATE FUNCTION pg_temp.next(c bigint) RETURNS text LANGUAGE sql AS $$
	SELECT to_char(remind_at, 'MM-DD HH24:MI') FROM crm.ownership WHERE customer_id = c AND until IS NULL $$;
SELECT is(pg_temp.next(1), '03-25 10:00', 'the first that lies within the period: seven days before');
SET leads.clock = '2026-03-25 09:59:59+08';
CALL leads.tick();
SELECT is(pg_temp.sent(1), NULL, 'not yet');
SET leads.clock = '2026-03-25 10:00+08';
CALL leads.tick();
CALL leads.tick();
SELECT is(pg_temp.sent(1), '{"03-25 10:00"}', 'sent, once');
SELECT is(pg_temp.next(1), '03-29 10:00', 'the next: three days before');
-- the job stands still until three hours before the end
SET leads.clock = '2026-04-01 07:00+08';
CALL leads.tick();
SELECT is(pg_temp.sent(1), '{"03-25 10:00","04-01 06:00 +1"}', 'of those missed the most urgent one alone');
SELECT is(pg_temp.next(1), NULL, 'none comes any more');
-- a moved deadline has its own; what was not sent for the old one is not
SELECT to_char(protected_until, 'MM-DD') FROM leads.extend(1, 10, by_member => 'zhang');
SET leads.clock = '2026-04-01 07:01+08';
CALL leads.tick();
SELECT is(pg_temp.sent(1), '{"03-25 10:00","04-01 06:00 +1"}', 'ten days more: nothing is due');
SELECT is(pg_temp.next(1), '04-04 10:00', 'seven days before the new end');
SET leads.clock = '2026-04-04 10:00+08';
CALL leads.tick();
SELECT is(pg_temp.sent(1), '{"03-25 10:00","04-01 06:00 +1","04-04 10:00"}', 'sent for the new one');
-- once it has lapsed there is none
SELECT is((SELECT count(*)::int FROM crm.outbox WHERE topic = 'reminder' AND subject = 'customer/2' AND effective_at > '2026-04-01 10:00+08'), 0, 'none after the end');
-- another policy moves the deadline: what fell due for the old one and was not sent is superseded
CREATE FUNCTION pg_temp.rows(c bigint) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(to_char(due_at, 'MM-DD HH24:MI') || ' ' || ahead || ' ' || state ORDER BY due_at, notify_at) FROM crm.notice WHERE customer_id = c $$;
SET leads.clock = '2026-06-01 09:00+08';
SELECT leads.publish('protection', '', '{"days": 10, "notices": [5, 2], "leave_pauses": true, "extend_times": 3, "extend_days": 60, "extension": {"approval": true, "hold_hours": 24}}');
SET leads.clock = '2026-06-01 10:00+08';	-- until June 11th
SELECT FROM leads.register(NULL, '13900003333', kind => 'person', by_member => 'zhang');
SELECT FROM leads.register(NULL, '13900004444', kind => 'person', by_member => 'zhang');
SET leads.clock = '2026-06-07 10:00+08';
-- a leave moves the deadline, and goes: the notice of the first one was never sent, and is now
SELECT FROM leads.set_availability('zhang', '2026-06-07 12:00+08', '2026-06-10 12:00+08');
SELECT is(pg_temp.rows(3), '{"06-11 10:00 5 days superseded"}', 'a leave moved the deadline');
SELECT FROM leads.set_availability('zhang', '2026-06-07 12:00+08', '2026-06-10 12:00+08', 'available');
CALL leads.tick();
SELECT is(pg_temp.rows(3), '{"06-11 10:00 5 days sent"}', 'the deadline is back: what was not sent for it is sent');
SELECT is(pg_temp.sent(3), '{"06-06 10:00"}', 'to its owner');
SET leads.clock = '2026-06-09 11:00+08';
SELECT leads.publish('protection', '', '{"days": 30, "notices": [5, 2]}');
SELECT FROM leads.apply_policy();
SELECT is(pg_temp.rows(3), '{"06-11 10:00 5 days sent","06-11 10:00 2 days superseded"}', 'another policy: what fell due for the old deadline and was not sent is superseded');
-- a refused extension: the notices of the deadline that is back are sent, those of the hold are not
SELECT leads.publish('protection', '', '{"days": 10, "notices": [5, 2], "extend_times": 3, "extend_days": 60, "extension": {"approval": true, "hold_hours": 24}}');
SET leads.clock = '2026-08-03 10:00+08';	-- until August 13th
SELECT customer_id AS c FROM leads.register(NULL, '13900005555', kind => 'person', by_member => 'zhang') \gset
SELECT extension_id AS x FROM leads.extend(:c, 5, by_member => 'zhang') \gset
SET leads.clock = '2026-08-08 11:00+08';
CALL leads.tick();
SELECT is(pg_temp.rows(:c), NULL, 'held: the notices are those of the end of the hold');
SELECT FROM leads.refuse_extension(:x, '不同意');
CALL leads.tick();
SELECT is(pg_temp.rows(:c), '{"08-13 10:00 5 days sent"}', 'refused: the deadline is back, and what fell due for it is sent');
SET leads.clock = '2026-08-11 10:00+08';
CALL leads.tick();
SELECT is(pg_temp.rows(:c), '{"08-13 10:00 5 days sent","08-13 10:00 2 days sent"}', 'and what comes after');
-- asked for after a notice fell due that no job sent: it belongs to the end of the protection, and is not sent any more
SET leads.clock = '2026-09-01 10:00+08';	-- until September 11th
SELECT customer_id AS c FROM leads.register(NULL, '13900006666', kind => 'person', by_member => 'zhang') \gset
SET leads.clock = '2026-09-06 11:00+08';
SELECT to_char(next_due_at, 'MM-DD HH24:MI') AS held FROM leads.extend(:c, 5, by_member => 'zhang') \gset
SELECT is(pg_temp.rows(:c), '{"09-11 10:00 5 days superseded"}', 'asked for: what fell due for the end that stood is superseded');
SELECT is((SELECT to_char(remind_at + interval '5 days', 'MM-DD HH24:MI') FROM crm.ownership WHERE customer_id = :c AND until IS NULL), :'held', 'and the next is that of the end of the hold, before any job');
-- nor does a pause give the reminder of the end of the protection back
SELECT FROM leads.pause(:c, '2026-09-08 11:00+08');
SELECT results_eq(format($$ SELECT remind_at + interval '5 days' = next_due_at, extension_due < next_due_at FROM crm.ownership WHERE customer_id = %s AND until IS NULL $$, :c), 'VALUES (true, true)', 'nor after a pause');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
SELECT * FROM finish();
