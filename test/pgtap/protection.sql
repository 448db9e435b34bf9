-- Protection: conditions, entries, spans, calendar, pauses of policy and calendar, an owner who leaves. No job runs here.
SET timezone = 'Asia/Shanghai';	-- the business zone
\ir include/company.sql
SELECT * FROM no_plan();
SET leads.clock = '2026-03-02 10:00+08';	-- a Monday
SET datestyle = 'ISO, YMD';
INSERT INTO crm.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜');
-- a version rules from the microsecond after the one before, if the clock stands still: let it go on
CREATE FUNCTION pg_temp.rule(body text) RETURNS integer LANGUAGE sql AS $$
	SELECT leads.publish('protection', '', body::jsonb);
	SELECT set_config('leads.clock', (leads.now() + '1 ms')::text, false);
	SELECT 1 $$;
-- a new customer under the rules that rule now: its number
CREATE TEMP SEQUENCE n;
CREATE FUNCTION pg_temp.fresh(level text DEFAULT NULL, line text DEFAULT '', owner text DEFAULT 'zhang') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
	SELECT * INTO r FROM leads.register('重庆' || chr(20108 + 37 * nextval('n')::int) || chr(25108 + 41 * currval('n')::int)
		|| '科技有限公司', '139' || lpad(currval('n')::text, 8, '3'), line => line, amount => 100, by_member => owner, extra => '{}');
	IF r.outcome <> 'created' THEN RAISE 'not created: %', r; END IF;
	RETURN r.customer_id;
END $$;
CREATE FUNCTION pg_temp.due(c bigint) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(to_char(next_due_at, 'MM-DD HH24:MI'), 'never') || coalesce(' ' || due_by, '')
	  FROM crm.ownership WHERE customer_id = c AND until IS NULL AND member_id IS NOT NULL $$;
CREATE FUNCTION pg_temp.lead(c bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT id FROM crm.lead WHERE customer_id = c $$;

-- each condition alone: from where it counts, and what moves it
SELECT pg_temp.rule('{"days": 0, "no_first_contact_days": 1}');
SELECT pg_temp.fresh() AS c \gset
SELECT is(pg_temp.due(:c), '03-03 10:00 no_first_contact', 'no first contact: from the beginning');
SELECT FROM leads.log_activity(pg_temp.lead(:c), 'note', '只是备注而已', by_member => 'zhang');
SELECT is(pg_temp.due(:c), '03-03 10:00 no_first_contact', 'a note is no contact');
SELECT FROM leads.log_activity(pg_temp.lead(:c), 'call', '短', by_member => 'zhang');
SELECT is(pg_temp.due(:c), 'never', 'a call is one, though too short for a follow-up');

SELECT pg_temp.rule('{"days": 0, "no_stage_progress_days": 5, "grace_days": 0}');
SELECT pg_temp.fresh() AS c \gset
SELECT is(pg_temp.due(:c), '03-07 10:00 no_stage_progress', 'no stage progress: from the beginning');
SET leads.clock = '2026-03-04 12:00+08';
SELECT FROM leads.advance(pg_temp.lead(:c), 'contacted', by_member => 'zhang');
SELECT is(pg_temp.due(:c), '03-09 12:00 no_stage_progress', 'from the last move forward');
SET leads.clock = '2026-03-05 12:00+08';
SELECT FROM leads.advance(pg_temp.lead(:c), 'new', '退回', by_member => 'zhang');
SELECT is(pg_temp.due(:c), '03-09 12:00 no_stage_progress', 'a move back is no progress');

SELECT pg_temp.rule('{"days": 0, "no_opportunity_days": 10, "grace_days": 2}');
SELECT pg_temp.fresh() AS c \gset
SELECT is(pg_temp.due(:c), '03-15 12:00 no_opportunity', 'no opportunity: from the beginning');
SELECT FROM leads.edit_lead(pg_temp.lead(:c), expected_on => '2026-06-01', by_member => 'zhang');
SELECT FROM leads.advance(pg_temp.lead(:c), (SELECT code FROM crm.stage WHERE qualifies), by_member => 'zhang');
SELECT is(pg_temp.due(:c), 'never', 'an opportunity waits for nothing');
SET leads.clock = '2026-03-20 12:00+08';
SELECT is(leads.owner_at(:c), 'zhang', 'nor lapses');
SELECT FROM leads.advance(pg_temp.lead(:c), 'new', '退回', by_member => 'zhang');
SELECT is(pg_temp.due(:c), '03-22 12:00 no_opportunity', 'one no longer: long overdue, so the grace begins');

SELECT pg_temp.rule('{"days": 0, "no_deal_days": 4}');
SELECT pg_temp.fresh() AS c \gset
SELECT is(pg_temp.due(:c), '03-24 12:00 no_deal', 'no deal: from the beginning');
SELECT FROM leads.log_activity(pg_temp.lead(:c), 'call', '客户说下周再谈', by_member => 'zhang');
SELECT is(pg_temp.due(:c), '03-24 12:00 no_deal', 'a follow-up is no deal');
SELECT FROM leads.win(pg_temp.lead(:c), 100, by_member => 'zhang');
SELECT is(pg_temp.due(:c), 'never', 'won');

-- the earliest of any, the latest of all, one in the other
SELECT pg_temp.rule('{"days": 30, "lapse": {"any": ["protection_end", {"all": [{"no_followup": 3}, {"no_deal": {"hours": 100}}]}]}}');
SELECT pg_temp.fresh() AS c \gset
SELECT is(pg_temp.due(:c), '03-24 16:00 no_deal', 'all: the latest');
SET leads.clock = '2026-03-23 12:00+08';
SELECT FROM leads.log_activity(pg_temp.lead(:c), 'call', '客户说下周再谈', by_member => 'zhang');
SELECT is(pg_temp.due(:c), '03-26 12:00 no_followup', 'which is another after a follow-up');
SELECT pg_temp.rule('{"days": 2, "lapse": {"any": ["protection_end", {"all": [{"no_followup": 3}, {"no_opportunity": 1}]}]}}');
SELECT pg_temp.fresh() AS c \gset
SELECT is(pg_temp.due(:c), '03-25 12:00 protection_end', 'any: the earliest');
SELECT pg_temp.rule('{"days": 2, "lapse": {"all": ["protection_end", {"no_opportunity": 1}]}}');
SELECT pg_temp.fresh() AS c \gset
SELECT FROM leads.edit_lead(pg_temp.lead(:c), expected_on => '2026-06-01', by_member => 'zhang');
SELECT FROM leads.advance(pg_temp.lead(:c), (SELECT code FROM crm.stage WHERE qualifies), by_member => 'zhang');
SELECT is(pg_temp.due(:c), 'never', 'all, and one of them waits for nothing');
-- the reason of a lapse
SELECT pg_temp.rule('{"days": 30, "no_first_contact_days": 1}');
SELECT pg_temp.fresh() AS c \gset
SET leads.clock = '2026-03-24 12:00:01+08';
SELECT is(leads.owner_at(:c), NULL, 'lapsed, and no job ran');
SELECT FROM leads.claim(ARRAY[:c], by_member => 'li');
SELECT is((SELECT reason FROM leads.explain((SELECT end_decision_id FROM crm.ownership WHERE customer_id = :c AND end_cause = 'lapsed')) WHERE step = 'lapse' AND verdict = 'yes'),
  '截至 2026-03-24 12:00 没有首次联系', 'the decision says which condition it was');

-- entries: the first whose condition holds; what it leaves out is the document's
SELECT pg_temp.rule('{"days": 30, "grace_days": 1, "entries": [
  {"name": "云", "when": "$.lead.line == \"cloud\"", "days": {"working_days": 5}, "pool": "public"},
  {"when": "$.owner.code == \"li\"", "days": 10, "no_followup_days": 4}, {"when": "$.customer.name == 1", "days": 1}]}');
SET leads.clock = '2026-03-27 16:00+08';	-- a Friday
SELECT is(pg_temp.due(pg_temp.fresh()), '04-26 16:00 protection_end', 'no entry: the document');
SELECT is(pg_temp.due(pg_temp.fresh(owner => 'li')), '03-31 16:00 no_followup', 'by the owner');
SELECT is(pg_temp.due(pg_temp.fresh(line => 'cloud', owner => 'li')), '04-03 16:00 protection_end', 'by the line; the first counts; in working days');
SELECT is((SELECT array_agg(policy_entry ORDER BY id DESC) FROM (SELECT * FROM crm.ownership ORDER BY id DESC LIMIT 3) o), '{1,2,0}', 'the interval knows its entry');

-- working time: Ching Ming on Monday the 6th, worked for on Sunday the 5th; published, it moves what runs
SELECT pg_temp.rule('{"days": {"working_hours": 12}}');
SET leads.clock = '2026-04-03 16:00+08';	-- a Friday
SELECT pg_temp.fresh() AS c \gset
SELECT is(pg_temp.due(:c), '04-07 10:00 protection_end', 'twelve working hours: two, nine and one');
SELECT leads.publish('calendar', '', '{"week": {"mon": [["09:00","18:00"]], "tue": [["09:00","18:00"]], "wed": [["09:00","18:00"]],
  "thu": [["09:00","18:00"]], "fri": [["09:00","18:00"]]}, "holidays": ["2026-04-06"], "workdays": [{"date": "2026-04-05", "like": "mon"}]}');
SELECT is(pg_temp.due(:c), '04-07 10:00 protection_end', 'a holiday and the day it is worked for cancel out');
SELECT leads.publish('calendar', '', '{"week": {"mon": [["09:00","18:00"]], "tue": [["09:00","18:00"]]}, "holidays": [{"since": "2026-04-06", "until": "2026-04-08"}]}');
SELECT is(pg_temp.due(:c), '04-14 12:00 protection_end', 'another week and holidays: Monday the 13th nine hours, and three');
SELECT is((SELECT count(*)::int FROM crm.decision WHERE kind = 'deadline' AND customer_id = :c), 1, 'a decision for the deadline that moved');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
-- never nearer than the grace
SELECT leads.publish('calendar', '', '{"week": {"fri": [["00:00","24:00"]], "sat": [["00:00","24:00"]]}}');
SELECT is(pg_temp.due(:c), '04-06 16:00 protection_end', 'it would be tomorrow: the grace');
-- a slot across midnight, DST
SELECT pg_temp.rule('{"days": {"working_hours": 1}}');
SELECT leads.publish('calendar', '', '{"zone": "Europe/Berlin", "week": {"sat": [["22:00","06:00"]]}}');
SET leads.clock = '2026-03-28 22:00+01';
SET leads.clock = '2026-10-24 21:59+02';
SELECT pg_temp.rule('{"days": {"working_hours": 8}}');
SELECT pg_temp.fresh() AS c \gset
SELECT is((SELECT next_due_at FROM crm.ownership WHERE customer_id = :c), '2026-10-25 05:00+01'::timestamptz, 'eight hours of the night that has nine');
-- freezes stop the clocks of calendar days, too; with a pause of the policy over half of it, once
SELECT leads.publish('calendar', '', '{"week": {"mon": [["09:00","18:00"]]}, "freezes": [{"since": "2027-02-05", "until": "2027-02-13", "name": "春节"}]}');
SET leads.clock = '2027-02-01 09:00+08';
SELECT pg_temp.rule('{"days": 10}');
SELECT is(to_char((SELECT next_due_at FROM crm.ownership WHERE customer_id = pg_temp.fresh()), 'MM-DD HH24:MI'), NULL, 'asked before it is there');
SELECT is(pg_temp.due(pg_temp.fresh()), '02-19 09:00 protection_end', 'ten days, and eight of the Spring Festival');
SELECT pg_temp.rule('{"days": 10, "pauses": [{"since": "2027-02-12T00:00:00+08:00", "until": "2027-02-14T00:00:00+08:00"}]}');
SELECT is(pg_temp.due(pg_temp.fresh()), '02-20 09:00 protection_end', 'a pause of two days beside it, one of them within: one more');
-- exempt by a stage
SELECT pg_temp.rule('{"days": 10, "exempt_stage": "contacted", "grace_days": 1}');
SELECT pg_temp.fresh() AS c \gset
SELECT FROM leads.advance(pg_temp.lead(:c), 'contacted', by_member => 'zhang');
SELECT is(pg_temp.due(:c), 'never', 'exempt while a lead is there');
SELECT FROM leads.lose(pg_temp.lead(:c), 'price', by_member => 'zhang');
SELECT is(pg_temp.due(:c), '02-19 09:00 protection_end', 'lost: not any more');

-- an owner who leaves: the last day is a deadline, of what is won, too; whatever job runs
SELECT pg_temp.rule('{"days": 30}');
SELECT leads.publish('calendar', '', '{"week": {"mon": [["09:00","18:00"]]}}');
INSERT INTO crm.member (code, name) VALUES ('wang', '王芳');
SELECT pg_temp.fresh(owner => 'wang') AS c, pg_temp.fresh(owner => 'wang') AS won \gset
SELECT FROM leads.win(pg_temp.lead(:won), 5, by_member => 'wang');
UPDATE crm.member SET left_at = '2027-02-10 18:00+08' WHERE code = 'wang';
SELECT is(pg_temp.due(:c), '02-10 18:00 owner_left', 'the last day');
SELECT is(pg_temp.due(:won), '02-10 18:00 owner_left', 'of what is won');
SELECT is(pg_temp.due(pg_temp.fresh(owner => 'wang')), '02-10 18:00 owner_left', 'of what comes later');
UPDATE crm.member SET left_at = '2027-02-20 18:00+08' WHERE code = 'wang';
SELECT is(pg_temp.due(:c), '02-20 18:00 owner_left', 'later: later');
UPDATE crm.member SET left_at = NULL WHERE code = 'wang';
SELECT is(pg_temp.due(:c), '03-03 09:00 protection_end', 'stays: as before');
SELECT is(pg_temp.due(:won), 'never', 'won, and stays');
UPDATE crm.member SET left_at = '2027-02-10 18:00+08', name = '王芳芳' WHERE code = 'wang';
SET leads.clock = '2027-02-10 17:59:59.999999+08';
SELECT is(leads.owner_at(:c), 'wang', 'a microsecond before');
SET leads.clock = '2027-02-10 18:00+08';
SELECT is(leads.owner_at(:c), NULL, 'gone');
SELECT is((SELECT pool FROM crm.pool_item WHERE customer_id = :won), 'public', 'in the pool, and no job ran');
SELECT FROM leads.claim(ARRAY[:c], by_member => 'li');
SELECT is((SELECT array_agg(end_cause || to_char(until, ' MM-DD HH24:MI') ORDER BY since) FROM crm.ownership WHERE customer_id = :c AND member_id = (SELECT id FROM crm.member WHERE code = 'wang')),
  '{left 02-10 18:00}', 'written with that instant');
-- in the past: from now on
SELECT pg_temp.fresh(owner => 'zhang') AS c \gset
UPDATE crm.member SET left_at = '2027-01-01 00:00+08' WHERE code = 'zhang';
SET leads.clock = '2027-02-10 18:00:01+08';
SELECT is(leads.owner_at(:c), NULL, 'has left already: gone at once');
SELECT is(leads.owner_at(:c, at_time => '2027-02-10 17:00+08'), NULL, 'it was not there yet');
CALL leads.tick();
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
SELECT is((SELECT count(*)::int FROM crm.ownership WHERE until IS NULL AND next_due_at <= leads.now()), 0, 'the sweep wrote all of it');

-- documents that are refused, with the path of the first fault
CREATE TEMP TABLE bad (kind text, body text, fault text);
INSERT INTO bad VALUES
 ('protection', '{"days": -1}', '$.days: not between 0 and 3650'),
 ('protection', '{"days": 1.5}', '$.days: not a whole number'),
 ('protection', '{"days": {"weeks": 1}}', '$.days: not one of days, working_days, hours, working_hours'),
 ('protection', '{"days": {"days": 1, "hours": 2}}', '$.days: not one of days, working_days, hours, working_hours'),
 ('protection', '{"nonsense": 1}', '$.nonsense: unknown key'),
 ('protection', '{"lapse": "no_followup"}', '$.lapse: this condition wants a span or a list'),
 ('protection', '{"lapse": {"protection_end": 3}}', '$.lapse: this condition has no span'),
 ('protection', '{"lapse": {"any": []}}', '$.lapse.any: an empty list'),
 ('protection', '{"lapse": {"any": ["protection_end", {"no_deal": 0}]}}', '$.lapse.any[1].no_deal: not between 1 and 3650'),
 ('protection', '{"lapse": {"any": [{"any": [{"all": [{"any": [{"all": [{"any": [{"all": ["protection_end"]}]}]}]}]}]}]}}', '$.lapse.any[0].any[0].all[0].any[0].all[0].any[0].all[0]: nested too deep'),
 ('protection', '{"lapse": "protection_end", "no_deal_days": 3}', '$.no_deal_days: lapse says it already'),
 ('protection', '{"lapse": 5}', '$.lapse: not a condition'),
 ('protection', '{"lapse": {"no_deal": 1, "no_followup": 2}}', '$.lapse: not one condition'),
 ('protection', '{"remind_days": 3, "notices": [1]}', '$.remind_days: notices says it already'),
 ('protection', '{"notices": [1, {"hours": 24}]}', '$.notices: two notices at the same time'),
 ('protection', '{"notices": [{"working_days": 1}]}', '$.notices[0]: a notice counts days or hours back'),
 ('protection', '{"entries": [{"when": "$.customer.core like_regex \"x\""}]}', '$.entries[0].when: %'),
 ('protection', '{"entries": [{"days": 5}, {"entries": []}]}', '$.entries[1].entries: unknown key'),
 ('protection', '{"entries": [5]}', '$.entries[0]: not an object'),
 ('protection', '{"entries": 5}', '$.entries: not an array'),
 ('protection', '{"owner_left": 1}', '$.owner_left: neither true nor false'),
 ('protection', '{"pool": "a b"}', '$.pool: not a code'),
 ('protection', '{"pauses": [{"since": "2027-02-12", "until": "2027-02-14T00:00:00+08:00"}]}', '$.pauses[0].since: not an instant like%'),
 ('protection', '{"pauses": [{"since": "2027-02-30T00:00:00+08:00", "until": "2027-03-14T00:00:00+08:00"}]}', '$.pauses[0].since: not an instant like%'),
 ('protection', '{"pauses": [{"since": "2027-03-14T00:00:00+08:00", "until": "2027-03-14T00:00:00+08:00"}]}', '$.pauses[0]: ends before it begins'),
 ('calendar', '{}', '$.week: has no working slot'),
 ('calendar', '{"week": {}}', '$.week: has no working slot'),
 ('calendar', '{"week": {"mon": []}}', '$.week: has no working slot'),
 ('calendar', '{"week": {"mo": []}}', '$.week.mo: unknown key'),
 ('calendar', '{"week": {"mon": [["9:00", "18:00"]]}}', '$.week.mon[0][0]: not a time of day from 00:00 to 24:00'),
 ('calendar', '{"week": {"mon": [["09:00"]]}}', '$.week.mon[0]: not a beginning and an end'),
 ('calendar', '{"week": {"mon": [["09:00", "18:00"], ["17:00", "19:00"]]}}', '$.week: has slots that overlap'),
 ('calendar', '{"week": {"sat": [["22:00", "06:00"]], "sun": [["05:00", "07:00"]]}}', '$.week: has slots that overlap'),
 ('calendar', '{"week": {"mon": [["09:00", "18:00"]]}, "zone": "Mars/Base"}', '$.zone: not a time zone'),
 ('calendar', '{"week": {"mon": [["09:00", "18:00"]]}, "holidays": ["2026-02-30"]}', '$.holidays[0]: not a date like%'),
 ('calendar', '{"week": {"mon": [["09:00", "18:00"]]}, "holidays": ["2026-02-20", "2026-02-20"]}', '$.holidays[1]: names a date twice'),
 ('calendar', '{"week": {"mon": [["09:00", "18:00"]]}, "holidays": [{"since": "2026-02-20", "until": "2026-02-20"}]}', '$.holidays[0]: ends before it begins%'),
 ('calendar', '{"week": {"mon": [["09:00", "18:00"]]}, "freezes": [{"since": "2026-02-20", "until": "2028-02-20"}]}', '$.freezes[0]: longer than 400 days'),
 ('calendar', '{"week": {"mon": [["09:00", "18:00"]]}, "workdays": [{"date": "2026-02-21", "like": "monday"}]}', '$.workdays[0].like: not one of%');
CREATE FUNCTION pg_temp.refusal(kind text, body text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM leads.publish(kind, '', body::jsonb);
	RETURN 'accepted';
EXCEPTION WHEN SQLSTATE 'LD014' THEN RETURN sqlerrm;
END $$;
SELECT alike(pg_temp.refusal(kind, body), 'policy document refused at ' || fault, left(body, 100)) FROM bad;
SELECT throws_ok($$ SELECT leads.publish('calendar', '', '{"week": {"mon": [["09:00","18:00"]]}}', '2028-01-01') $$, 'LD006', NULL, 'a calendar rules from now on');
-- the face leaves the rest of the document alone
SELECT pg_temp.rule('{"days": {"working_days": 5}, "entries": [{"when": "$.lead.line == \"cloud\"", "days": 3}], "notices": [7, 1]}');
SELECT leads.set_protection(no_deal_days => 90, lock_quota => 3);
SELECT is((SELECT body FROM crm.policy WHERE kind = 'protection' ORDER BY version DESC LIMIT 1),
  '{"days": {"working_days": 5}, "entries": [{"when": "$.lead.line == \"cloud\"", "days": 3}], "notices": [7, 1], "no_deal_days": 90, "lock_quota": 3}', 'set_protection() changes what it names');
SELECT leads.set_protection(remind_days => 2);
SELECT is((SELECT body -> 'notices' FROM crm.policy WHERE kind = 'protection' ORDER BY version DESC LIMIT 1), NULL, 'one reminder takes the place of several');
SELECT * FROM finish();
