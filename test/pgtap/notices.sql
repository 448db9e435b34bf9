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
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
SELECT * FROM finish();
