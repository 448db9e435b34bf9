-- Extensions by approval: held at the end of the protection, approved from the old end, refused to the old deadline. No job runs here.
SET timezone = 'Asia/Shanghai';	-- the business zone
\ir include/company.sql
SELECT * FROM no_plan();
SET leads.clock = '2026-03-02 10:00+08';	-- a Monday
SET datestyle = 'ISO, YMD';
INSERT INTO crm.team (code, name) VALUES ('north', '北区'), ('south', '南区');
INSERT INTO crm.member (code, name, team_id, is_manager) SELECT m.code, m.code, t.id, m.boss FROM (VALUES ('zhang', 'north', false), ('li', 'north', false),
  ('wang', 'south', false), ('nboss', 'north', true), ('sboss', 'south', true), ('chief', NULL, true)) m(code, team, boss) LEFT JOIN crm.team t ON t.code = m.team;
CREATE TEMP SEQUENCE n;
CREATE FUNCTION pg_temp.fresh(owner text DEFAULT 'zhang') RETURNS bigint LANGUAGE sql AS $$
	SELECT customer_id FROM leads.register('重庆' || chr(20108 + 37 * nextval('n')::int) || chr(25108 + 41 * currval('n')::int)
		|| '科技有限公司', '139' || lpad(currval('n')::text, 8, '3'), amount => 100, by_member => owner) $$;
CREATE FUNCTION pg_temp.at(t timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(to_char(t, 'MM-DD HH24:MI'), 'never') $$;
CREATE FUNCTION pg_temp.row(c bigint) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.at(protected_until) || ', ' || pg_temp.at(next_due_at) || coalesce(' ' || due_by, '') || CASE WHEN extension_id IS NOT NULL THEN ' without: ' || pg_temp.at(extension_due) ELSE '' END
	  FROM crm.ownership WHERE customer_id = c AND until IS NULL AND member_id IS NOT NULL $$;

-- the rule, in plain arguments and in the document
SELECT is(leads.set_protection(days => 10, remind_days => 2, extend_times => 3, extend_days => 60, grace_days => 3), 2, 'a policy');
SELECT is((SELECT state FROM leads.extend(pg_temp.fresh(), 5, by_member => 'zhang')), 'extended', 'without the option: at once');
SET leads.clock = '2026-03-02 10:01+08';
SELECT is(leads.set_extension(approval => true), 3, 'with it');
SELECT is((SELECT body -> 'extension' FROM crm.policy WHERE kind = 'protection' AND version = 3), '{"approval": true, "hold_hours": 24}'::jsonb, 'the document says so');
SELECT is((SELECT (body -> 'days', body -> 'extend_times')::text FROM crm.policy WHERE kind = 'protection' AND version = 3), '(10,3)', 'and the rest stays');
SELECT throws_ok('SELECT leads.set_extension(hold_hours => -1)', '22023', NULL, 'hold_hours from 0');
SELECT throws_ok('SELECT leads.set_extension(hold_hours => 1001)', '22023', NULL, 'to 1000');
SELECT throws_ok($$ SELECT leads.publish('protection', '', '{"extension": true}') $$, 'LD014', 'policy document refused at $.extension: not an object', 'the document is checked: an object');
SELECT throws_ok($$ SELECT leads.publish('protection', '', '{"extension": {"approval": 1}}') $$, 'LD014', NULL, 'approval is true or false');
SELECT throws_ok($$ SELECT leads.publish('protection', '', '{"extension": {"hold_hours": 2.5}}') $$, 'LD014', 'policy document refused at $.extension.hold_hours: not a whole number', 'hours are whole');
SELECT throws_ok($$ SELECT leads.publish('protection', '', '{"entries": [{"extension": {"hold": 2}}]}') $$, 'LD014', NULL, 'no other key');
SET leads.clock = '2026-03-02 11:00+08';

-- asked for: pending, the deadline is held, the end stays
SELECT pg_temp.fresh() AS c \gset
SELECT is(pg_temp.row(:c), '03-12 11:00, 03-12 11:00 protection_end', 'ten days');
SELECT results_eq(format($$ SELECT pg_temp.at(protected_until), pg_temp.at(next_due_at), state FROM leads.extend(%s, 7, '等投标', by_member => 'zhang') $$, :c),
  $$ VALUES ('03-12 11:00', '03-16 17:00', 'pending') $$, 'pending; held for 24 working hours: seven on Thursday, nine on Friday, eight on Monday');
SELECT extension_id AS x FROM crm.extension_list WHERE customer_id = :c \gset
SELECT is(pg_temp.row(:c), '03-12 11:00, 03-16 17:00 protection_end without: 03-12 11:00', 'what is stored');
SELECT is((SELECT pg_temp.at(remind_at) FROM crm.ownership WHERE customer_id = :c AND until IS NULL), '03-14 17:00', 'the reminder is that of the end of the hold');
SELECT throws_ok(format($$ SELECT leads.extend(%s, 1, by_member => 'zhang') $$, :c), 'LD045', NULL, 'one waits already');
SELECT throws_ok(format($$ SELECT leads.extend(%s, 1, by_member => 'nboss') $$, :c), 'LD045', NULL, 'whoever asks');
SELECT is((SELECT payload ->> 'state' || ' ' || (payload ->> 'days') FROM crm.outbox o JOIN crm.member m ON m.id = o.member_id WHERE topic = 'extension' AND m.code = 'nboss'), 'pending 7', 'the superior is told');
SELECT results_eq(format($$ SELECT item, pg_temp.at(due_at), decides FROM leads.explain_deadline(%s, lang => 'en') WHERE item IN ('hold', 'deadline') $$, :c),
  $$ VALUES ('hold', '03-16 17:00', false), ('deadline', '03-16 17:00', true) $$, 'explain_deadline() shows the hold');
SELECT is_empty('SELECT * FROM leads.verify()', 'and verify() knows it');
SELECT is((SELECT string_agg(step || ' ' || verdict, ', ' ORDER BY step_no) FROM leads.explain((SELECT decision_id FROM crm.extension_request WHERE id = :x)) WHERE step = 'extend'),
  'extend pending, extend pending, extend pending, extend yes', 'the decision says why it waits');

-- who may decide
SELECT throws_ok(format($$ SELECT leads.approve_extension(%s, by_member => 'zhang') $$, :x), 'LD004', NULL, 'a rep decides nothing');
SELECT throws_ok($$ SELECT leads.approve_extension(4711, by_member => 'zhang') $$, 'LD004', NULL, 'whether it is there or not');
SELECT throws_ok(format($$ SELECT leads.approve_extension(%s, by_member => 'sboss') $$, :x), 'LD001', format('there is no extension %s', :x), 'beyond the team: as if it were not there');
SELECT throws_ok($$ SELECT leads.refuse_extension(4711, 'x', by_member => 'sboss') $$, 'LD001', 'there is no extension 4711', 'as one that is not');
SELECT throws_ok('SELECT leads.approve_extension(NULL)', 'LD005', NULL, 'which one');
SELECT throws_ok(format('SELECT leads.refuse_extension(%s, NULL)', :x), 'LD005', NULL, 'why not');
SELECT throws_ok(format('SELECT leads.refuse_extension(%s, repeat(''x'', 1001))', :x), 'LD007', NULL, 'in few words');
SELECT pg_temp.fresh('nboss') AS own \gset
SELECT extension_id AS ownx, state AS ownstate FROM leads.extend(:own, 3, by_member => 'nboss') \gset
SELECT is(:'ownstate'::text, 'pending', 'a boss asks for its own, too');
SELECT throws_ok(format($$ SELECT leads.approve_extension(%s, by_member => 'nboss') $$, :ownx), 'LD004', NULL, 'and does not decide over it');
SELECT is((SELECT state FROM leads.approve_extension(:ownx, by_member => 'chief')), 'approved', 'another one does');
SELECT is((SELECT state FROM leads.extend(pg_temp.fresh(), 3, by_member => 'nboss')), 'extended', 'for its people it needs nobody');

-- pending at the deadline: held, exactly, with no job; then it lapses
SET leads.clock = '2026-03-12 11:00+08';
SELECT is(leads.owner_at(:c), 'zhang', 'at the end of the protection: held');
SELECT throws_ok(format($$ SELECT leads.claim(ARRAY[%s], by_member => 'nboss') $$, :c), 'LD060', NULL, 'so nobody claims it');
SELECT FROM leads.log_activity((SELECT id FROM crm.lead WHERE customer_id = :c), 'call', '客户周五定标，催审批', by_member => 'zhang');
SELECT is(pg_temp.row(:c), '03-12 11:00, 03-16 17:00 protection_end without: 03-12 11:00', 'a follow-up moves nothing here');
SET leads.clock = '2026-03-16 16:59:59.999999+08';
SELECT is(leads.owner_at(:c), 'zhang', 'a microsecond before the end of the hold');
SELECT is((SELECT count(*)::int FROM crm.extension_list WHERE customer_id = :c), 1, 'it still waits');
SET leads.clock = '2026-03-16 17:00+08';
SELECT is(leads.owner_at(:c), NULL, 'at the end of it: lapsed');
SELECT is((SELECT count(*)::int FROM crm.extension_list WHERE customer_id = :c), 0, 'it waits no more');
SELECT throws_ok(format($$ SELECT leads.approve_extension(%s, by_member => 'nboss') $$, :x), 'LD002', format('extension %s does not wait any more', :x), 'too late');
SELECT lives_ok(format($$ SELECT leads.claim(ARRAY[%s], by_member => 'li') $$, :c), 'claimed by another');
SELECT is((SELECT pg_temp.at(until) FROM crm.ownership WHERE customer_id = :c AND end_cause = 'lapsed'), '03-16 17:00', 'the lapse is written at its instant');
SELECT is((SELECT string_agg(step, ', ' ORDER BY step_no) FROM leads.explain((SELECT end_decision_id FROM crm.ownership WHERE customer_id = :c AND end_cause = 'lapsed')) WHERE step IN ('lapse', 'extension')),
  'lapse, lapse, extension', 'and names the request that nobody decided');
SELECT is((SELECT state FROM leads.extend(:c, 2, by_member => 'li')), 'pending', 'the new owner asks for itself');
SELECT throws_ok(format($$ SELECT leads.refuse_extension(%s, 'x', by_member => 'nboss') $$, :x), 'LD002', NULL, 'the old request stays ended');

-- approved before the end, and while it is held: from the old end
SELECT pg_temp.fresh() AS c1, pg_temp.fresh() AS c2, pg_temp.fresh() AS c3, pg_temp.fresh() AS c4, pg_temp.fresh() AS c5 \gset
SELECT is(pg_temp.row(:c1), '03-26 17:00, 03-26 17:00 protection_end', 'ten days from the 16th');
SELECT count(leads.extend(c, 7, by_member => 'zhang')) FROM unnest(ARRAY[:c1, :c2, :c3, :c4, :c5]) c \gset
SET leads.clock = '2026-03-18 09:00+08';
SELECT results_eq(format($$ SELECT state, pg_temp.at(protected_until), pg_temp.at(next_due_at) FROM leads.approve_extension((SELECT extension_id FROM crm.extension_list WHERE customer_id = %s), '同意', by_member => 'nboss') $$, :c1),
  $$ VALUES ('approved', '04-02 17:00', '04-02 17:00') $$, 'approved early: the old end and seven days');
SELECT results_eq(format($$ SELECT ruling, ruling_reason, pg_temp.at(ruled_at) FROM crm.extension_request WHERE customer_id = %s $$, :c1), $$ VALUES ('approved', '同意', '03-18 09:00') $$, 'its row');
SELECT results_eq(format($$ SELECT extended_times, extended_days, extension_id FROM crm.ownership WHERE customer_id = %s AND until IS NULL $$, :c1), $$ VALUES (1, 7, NULL::bigint) $$, 'counted');
SELECT throws_ok(format($$ SELECT leads.approve_extension((SELECT id FROM crm.extension_request WHERE customer_id = %s), by_member => 'nboss') $$, :c1), 'LD002', NULL, 'once');
-- refused early: the old deadline
SELECT results_eq(format($$ SELECT state, pg_temp.at(protected_until), pg_temp.at(next_due_at) FROM leads.refuse_extension((SELECT extension_id FROM crm.extension_list WHERE customer_id = %s), '没有进展', by_member => 'nboss') $$, :c3),
  $$ VALUES ('refused', '03-26 17:00', '03-26 17:00') $$, 'refused early: the old deadline');
SELECT results_eq(format($$ SELECT extended_times, extended_days FROM crm.ownership WHERE customer_id = %s AND until IS NULL $$, :c3), $$ VALUES (0, 0) $$, 'nothing used');
SELECT is((SELECT payload ->> 'state' FROM crm.outbox o WHERE topic = 'extension' AND o.dedupe_key LIKE '%/refused'), 'refused', 'who asked is told');
SET leads.clock = '2026-03-28 12:00+08';	-- a Saturday
SELECT is(leads.owner_at(:c2), 'zhang', 'held over the weekend');
SELECT is(leads.owner_at(:c3), NULL, 'the refused one is not');
SELECT results_eq(format($$ SELECT pg_temp.at(protected_until), pg_temp.at(next_due_at) FROM leads.approve_extension((SELECT extension_id FROM crm.extension_list WHERE customer_id = %s), by_member => 'nboss') $$, :c2),
  $$ VALUES ('04-02 17:00', '04-02 17:00') $$, 'approved late: still from the old end');
-- refused late: it lapses now
SELECT results_eq(format($$ SELECT state, pg_temp.at(next_due_at) FROM leads.refuse_extension((SELECT extension_id FROM crm.extension_list WHERE customer_id = %s), '太晚', by_member => 'nboss') $$, :c4),
  $$ VALUES ('refused', '03-28 12:00') $$, 'refused late: now');
SELECT is((SELECT pg_temp.at(until) FROM crm.ownership WHERE customer_id = :c4 AND end_cause = 'lapsed'), '03-28 12:00', 'written in the same transaction');
SELECT is(leads.owner_at(:c4), NULL, 'it is in its pool');
SELECT is((SELECT string_agg(kind, ' ' ORDER BY id) FROM crm.event WHERE customer_id = :c4 AND at >= '2026-03-28 12:00+08'), 'extension_refused lapsed handed', 'one after the other');
-- days that end within the hold: the hold stands
SET leads.clock = '2026-03-31 16:00+08';
SELECT is(leads.owner_at(:c5), NULL, 'nobody decided over c5');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');

-- what ends the interval ends the request; a transfer with the rest of the protection, too
SELECT pg_temp.fresh() AS r1, pg_temp.fresh() AS r2, pg_temp.fresh() AS r3, pg_temp.fresh() AS r4 \gset
SELECT count(leads.extend(c, 7, by_member => 'zhang')) FROM unnest(ARRAY[:r1, :r2, :r3, :r4]) c \gset
SELECT is(pg_temp.row(:r2), '04-10 16:00, 04-15 13:00 protection_end without: 04-10 16:00', 'Friday afternoon to Wednesday: two, nine, nine and four');
SELECT FROM leads.release(:r1, '不做了', by_member => 'zhang');
SELECT FROM leads.assign(:r2, 'li', protection => 'inherit');
SELECT is(pg_temp.row(:r2), '04-10 16:00, 04-10 16:00 protection_end', 'the new owner has what was left, without the hold');
SELECT throws_ok(format($$ SELECT leads.approve_extension((SELECT id FROM crm.extension_request WHERE customer_id = %s), by_member => 'nboss') $$, c), 'LD002', NULL, 'it ended with ' || why) FROM (VALUES (:r1, 'a release'), (:r2, 'a transfer')) v(c, why);
SET leads.clock = '2026-04-09 10:00+08';
SELECT FROM leads.assign(:r4, 'li', protection => 'inherit');
SELECT is(pg_temp.row(:r4), '04-10 16:00, 04-10 16:00 protection_end', 'nor does a grace give it back');
SET leads.clock = '2026-04-14 10:00+08';
SELECT FROM leads.assign(:r3, 'li', protection => 'inherit');
SELECT is((SELECT pg_temp.at(next_due_at) FROM crm.ownership WHERE customer_id = :r3 AND until IS NULL), '04-15 13:00', 'handed over while it is held: until then');

-- pauses and calendars move what is held; only the end of the protection is held
SELECT pg_temp.fresh() AS p1, pg_temp.fresh() AS p2 \gset
SELECT count(leads.extend(c, 7, by_member => 'zhang')) FROM unnest(ARRAY[:p1, :p2]) c \gset
SELECT is(pg_temp.row(:p1), '04-24 10:00, 04-28 16:00 protection_end without: 04-24 10:00', 'as before');
SELECT FROM leads.pause(:p1, '2026-04-21 10:00+08', '2026-04-20 10:00+08');
SELECT is(pg_temp.row(:p1), '04-25 10:00, 04-29 15:00 protection_end without: 04-25 10:00', 'a day later, a Saturday: the hold begins on Monday');
SELECT FROM leads.pause(:p2, '2026-04-27 18:00+08', '2026-04-27 09:00+08');
SELECT is(pg_temp.row(:p2), '04-24 10:00, 04-29 16:00 protection_end without: 04-24 10:00', 'a pause within the hold: a working day');
SELECT leads.publish('calendar', '', '{"week": {"mon": [["09:00","18:00"]], "tue": [["09:00","18:00"]], "wed": [["09:00","18:00"]], "thu": [["09:00","18:00"]], "fri": [["09:00","18:00"]]}, "holidays": ["2026-04-28"]}');
SELECT is(pg_temp.row(:p1), '04-25 10:00, 04-30 15:00 protection_end without: 04-25 10:00', 'a holiday');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
SET leads.clock = '2026-04-14 10:01+08';
SELECT leads.publish('protection', '', '{"days": 10, "no_followup_days": 4, "extend_times": 3, "extend_days": 60, "extension": {"approval": true}}');
SET leads.clock = '2026-04-14 10:02+08';
SELECT pg_temp.fresh() AS q1 \gset
SELECT FROM leads.extend(:q1, 7, by_member => 'zhang');
SELECT is(pg_temp.row(:q1), '04-24 10:02, 04-18 10:02 no_followup without: 04-18 10:02', 'a condition that an extension would not move holds nothing');

-- scenario 8: a version that shortens to the past, off and on again, a new version during a pending extension
SELECT leads.set_protection(days => 20, no_followup_days => 0, grace_days => 3) AS v20 \gset
SET leads.clock = '2026-04-14 10:03+08';
SELECT pg_temp.fresh() AS s1, pg_temp.fresh() AS s2, pg_temp.fresh() AS s3 \gset
SELECT extension_id AS s1x FROM leads.extend(:s1, 10, by_member => 'zhang') \gset
SELECT is(pg_temp.row(:s1), '05-04 10:03, 05-06 16:03 protection_end without: 05-04 10:03', 'twenty days, and the hold') ;
SET leads.clock = '2026-04-24 10:03+08';
SELECT leads.set_protection(days => 5) AS v5 \gset
SELECT is(pg_temp.row(:s1), '05-04 10:03, 05-06 16:03 protection_end without: 05-04 10:03', 'a new version: what runs keeps its own');
SET leads.clock = '2026-04-24 10:04+08';
SELECT is((SELECT intervals FROM leads.apply_policy(:v5) WHERE effect = 'sooner') > 2, true, 'applied');
SELECT is(pg_temp.row(:s2), '04-27 10:04, 04-27 10:04 protection_end', 'shortened to the past: the grace begins');
SELECT is(pg_temp.row(:s1), '04-27 10:04, 04-30 16:04 protection_end without: 04-27 10:04', 'with the extension that waits: the grace, and the hold behind it');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
SET leads.clock = '2026-04-25 12:00+08';
SELECT results_eq(format($$ SELECT pg_temp.at(protected_until), pg_temp.at(next_due_at) FROM leads.approve_extension(%s, by_member => 'nboss') $$, :s1x),
  $$ VALUES ('05-07 10:04', '05-07 10:04') $$, 'approved: the end that stands and ten days, the limits of the request');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
-- refused while a grace holds: the grace stays
SELECT extension_id AS s2x FROM leads.extend(:s2, 10, by_member => 'zhang') \gset
SELECT is(pg_temp.row(:s2), '04-27 10:04, 04-30 16:04 protection_end without: 04-27 10:04', 'asked for in the grace');
SELECT results_eq(format($$ SELECT pg_temp.at(next_due_at) FROM leads.refuse_extension(%s, 'x', by_member => 'nboss') $$, :s2x), $$ VALUES ('04-27 10:04') $$, 'refused: the grace');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
-- off and on
SELECT leads.set_protection(days => 0) AS voff \gset
SET leads.clock = '2026-04-25 12:01+08';
SELECT FROM leads.apply_policy(:voff);
SELECT is(pg_temp.row(:s3), 'never, never', 'off: no deadline');
SELECT leads.set_protection(days => 20) AS von \gset
SET leads.clock = '2026-04-25 12:02+08';
SELECT FROM leads.apply_policy(:von);
SELECT is(pg_temp.row(:s3), '05-04 10:03, 05-04 10:03 protection_end', 'on again: counted from where it began');
SELECT throws_ok(format($$ SELECT leads.extend(%s, 61, by_member => 'zhang') $$, :s3), 'LD043', NULL, 'no more than the policy allows');
-- a hold of nothing
SELECT leads.set_extension(hold_hours => 0);
SET leads.clock = '2026-04-25 12:03+08';
SELECT pg_temp.fresh() AS z \gset
SELECT FROM leads.extend(:z, 7, by_member => 'zhang');
SELECT is(pg_temp.row(:z), '05-15 12:03, 05-15 12:03 protection_end without: 05-15 12:03', 'hold_hours 0: pending, not held');
SELECT leads.set_extension(approval => false);
SET leads.clock = '2026-04-25 12:04+08';
SELECT is((SELECT state FROM leads.extend(pg_temp.fresh(), 7, by_member => 'zhang')), 'extended', 'approval off: at once');

-- only what stands is extended
SELECT leads.publish('protection', '', '{"days": 2, "grace_days": 0, "lapse": {"all": ["protection_end", {"no_followup": 5}]}, "extend_times": 2}');
SET leads.clock = '2026-04-25 12:05+08';
SELECT pg_temp.fresh() AS e \gset
SET leads.clock = '2026-04-27 12:05+08';
SELECT throws_ok(format($$ SELECT leads.extend(%s, 1, by_member => 'zhang') $$, :e), 'LD043', NULL, 'its protection is over, though it has not lapsed');

-- merged: the survivor's request goes on, a loser's ends
SELECT leads.publish('protection', '', '{"days": 30, "extend_times": 3, "extend_days": 60, "extension": {"approval": true}}');
SET leads.clock = '2026-04-27 12:06+08';
SELECT pg_temp.fresh() AS m1 \gset
SET leads.clock = '2026-04-27 12:07+08';
SELECT pg_temp.fresh() AS m2 \gset
SELECT count(leads.extend(c, 7, by_member => 'zhang')) FROM unnest(ARRAY[:m1, :m2]) c \gset
SELECT merge_id AS g FROM leads.merge(:m1, ARRAY[:m2]::bigint[], reason => '同一客户', by_member => 'chief') \gset
SELECT results_eq($$ SELECT customer_id FROM crm.extension_list ORDER BY 1 $$, format($$ SELECT customer_id FROM crm.ownership WHERE extension_id IS NOT NULL AND until IS NULL AND next_due_at > leads.now() ORDER BY 1 $$), 'the list');
SELECT is((SELECT extension_id IS NOT NULL FROM crm.ownership WHERE customer_id = :m1 AND until IS NULL), true, 'the survivor''s goes on');
SELECT throws_ok(format($$ SELECT leads.approve_extension((SELECT id FROM crm.extension_request WHERE customer_id = %s), by_member => 'nboss') $$, :m2), 'LD002', NULL, 'the loser''s has ended');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
SELECT lives_ok(format('SELECT leads.unmerge(%s, by_member => ''chief'')', :g), 'and apart again');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
SELECT FROM leads.merge(:m2, ARRAY[:m1]::bigint[], reason => '同一客户', by_member => 'chief');
SELECT results_eq(format('SELECT cause, extension_id, next_due_at = protected_until FROM crm.ownership WHERE customer_id = %s AND until IS NULL', :m2), 'VALUES (''merged'', NULL::bigint, true)',
  'the right of the one merged into the other goes on there; its request has ended, and holds nothing');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');

-- direct changes are refused, and who sees what
SELECT throws_ok('DELETE FROM crm.extension_request', 'LD009', NULL, 'the table is guarded');
SELECT throws_ok('UPDATE crm.ownership SET extension_id = NULL', 'LD009', NULL, 'so is what waits for it');

-- a hold that a version or a calendar shortens ends now at the earliest: what was held was held
SELECT leads.publish('protection', '', '{"days": 10, "remind_days": 0, "extend_times": 3, "extend_days": 60, "grace_days": 1, "extension": {"approval": true, "hold_hours": 100}}');
SET leads.clock = '2026-07-01 10:00+08';
SELECT pg_temp.fresh() AS h1, pg_temp.fresh() AS h2 \gset
SELECT count(leads.extend(c, 7, by_member => 'zhang')) FROM unnest(ARRAY[:h1, :h2]) c \gset
SET leads.clock = '2026-07-20 10:00+08';
SELECT is(pg_temp.row(:h1), '07-11 10:00, 07-28 10:00 protection_end without: 07-11 10:00', 'held for 100 working hours');
SELECT leads.publish('calendar', '', '{"week": {"mon": [["00:00","24:00"]], "tue": [["00:00","24:00"]], "wed": [["00:00","24:00"]], "thu": [["00:00","24:00"]], "fri": [["00:00","24:00"]], "sat": [["00:00","24:00"]], "sun": [["00:00","24:00"]]}}');
SELECT is(pg_temp.row(:h1), '07-21 10:00, 07-21 10:00 protection_end without: 07-11 10:00', 'which are over by another calendar: the grace');
SELECT is(leads.owner_at(:h1, '', '2026-07-19 10:00+08'), 'zhang', 'yesterday is as it was');
SELECT leads.publish('protection', '', '{"days": 10, "remind_days": 0, "extend_times": 3, "extend_days": 60, "grace_days": 0, "extension": {"approval": true, "hold_hours": 0}}') AS v0 \gset
SET leads.clock = '2026-07-20 11:00+08';
SELECT FROM leads.apply_policy(:v0);
SELECT is(pg_temp.row(:h2), '07-20 11:00, 07-20 11:00 protection_end without: 07-11 10:00', 'no hold, no grace: now');
SELECT is(leads.owner_at(:h2, '', '2026-07-20 10:59+08') || coalesce(leads.owner_at(:h2, '', '2026-07-20 11:00+08'), ', nobody'), 'zhang, nobody', 'until now');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
-- a calendar that would bring a near deadline into the past leaves it where it is, and verify() knows why
SELECT leads.publish('calendar', '', '{"week": {"mon": [["09:00","18:00"]]}}');
SELECT leads.publish('protection', '', '{"days": {"working_days": 1}, "remind_days": 0, "grace_days": 3}');
SET leads.clock = '2026-07-20 12:00+08';
SELECT pg_temp.fresh() AS k1 \gset
SELECT is(pg_temp.row(:k1), '07-27 12:00, 07-27 12:00 protection_end', 'the next Monday');
SET leads.clock = '2026-07-26 12:00+08';
SELECT leads.publish('calendar', '', '{"week": {"mon": [["09:00","18:00"]], "tue": [["09:00","18:00"]]}}');
SELECT is(pg_temp.row(:k1), '07-27 12:00, 07-27 12:00 protection_end', 'it would have been on Tuesday');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
SELECT * FROM finish();
