-- What counts as a follow-up: each rule of the part "followup" of the protection policy, and what gives a customer back.
SET timezone = 'Asia/Shanghai';	-- the business zone
\ir include/company.sql
SELECT * FROM no_plan();
SET leads.clock = '2026-03-01 09:00+08';
INSERT INTO crm.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜'), ('wang', '王强');
-- faults, each with its path
SELECT throws_ok(format('SELECT leads.publish(%L, %L, %L)', 'protection', '', body), 'LD014', NULL, body)
  FROM unnest(ARRAY['{"followup": 1}', '{"followup": {"kind": ["call"]}}', '{"followup": {"kinds": []}}', '{"followup": {"kinds": ["fax"]}}',
    '{"followup": {"kinds": ["call", "call"]}}', '{"followup": {"note_min": -1}}', '{"followup": {"note_min": 1.5}}', '{"followup": {"seconds_min": 86401}}',
    '{"followup": {"days_back": 3651}}', '{"followup": {"similarity": 0.4}}', '{"followup": {"similarity": "much"}}', '{"followup": {"similarity": 1.1}}',
    '{"followup": {"min_gap": {"working_hours": 4}}}', '{"followup": {"min_gap": {"hours": 4, "days": 1}}}', '{"followup": {"grace": -1}}',
    '{"entries": [{"followup": {"grace": true}}]}', '{"entries": [{"followup": []}]}']) body;
CREATE FUNCTION pg_temp.fault(body jsonb) RETURNS text LANGUAGE plpgsql AS $$ DECLARE d text; BEGIN
  PERFORM leads.publish('protection', '', body); RETURN NULL; EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL; RETURN SQLERRM || ' ' || d; END $$;
SELECT matches(pg_temp.fault('{"followup": {"min_gap": {"hours": -1}}}'), '\$\.followup\.min_gap\.hours', 'the path of a fault');
SELECT matches(pg_temp.fault('{"entries": [{}, {"followup": {"kinds": ["call", "fax"]}}]}'), '\$\.entries\[1\]\.followup\.kinds\[1\]', 'and within an entry');
SELECT leads.publish('protection', '', '{"days": 30, "no_followup_days": 3, "followup": {"kinds": ["call", "visit", "note"], "note_min": 5, "seconds_min": 60,
  "similarity": 0.9, "min_gap": {"hours": 4}, "days_back": 5, "grace": {"days": 2}},
  "entries": [{"when": "$.customer.industry == \"医疗\"", "followup": {"min_gap": 0, "note_min": 0}}]}');
SELECT FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
CREATE FUNCTION pg_temp.log(kind text, note text, who text DEFAULT 'zhang', at timestamptz DEFAULT NULL, seconds integer DEFAULT NULL, automatic boolean DEFAULT false, lead bigint DEFAULT 1)
  RETURNS text LANGUAGE sql AS $$ SELECT coalesce(reason, 'counts') FROM leads.log_activity(lead, kind, note, at, who, seconds, automatic) $$;
CREATE FUNCTION pg_temp.due(c bigint DEFAULT 1) RETURNS text LANGUAGE sql AS $$
  SELECT to_char(next_due_at, 'MM-DD HH24:MI') FROM crm.ownership WHERE customer_id = c AND until IS NULL $$;

-- kinds of the protection policy, not of the pipeline's
SET leads.clock = '2026-03-02 09:00+08';
SELECT is(pg_temp.log('mail', '发送了产品资料'), 'kind_not_counted', 'mail is not listed here');
SET leads.clock = '2026-03-02 09:01+08';
SELECT is(pg_temp.log('note', '客户生日是十月', at => '2026-03-02 09:00+08'), 'counts', 'a note is');
SELECT is(pg_temp.due(), '03-05 09:00', 'and moves the deadline');
-- the gap, both ways, to the microsecond
SET leads.clock = '2026-03-02 12:59:59.999999+08';
SELECT is(pg_temp.log('call', '第二次电话沟通过'), 'too_soon', 'less than four hours later: the two count once');
SELECT is(pg_temp.due(), '03-05 09:00', 'which moves nothing');
SET leads.clock = '2026-03-02 13:00+08';
SELECT is(pg_temp.log('call', '下午又谈了一轮'), 'counts', 'four hours later it counts');
SELECT is(pg_temp.log('call', '补记早上的电话', at => '2026-03-02 05:00:00.000001+08'), 'too_soon', 'entered late, but near one that counts');
SELECT is(pg_temp.log('call', '补记凌晨的电话', at => '2026-03-02 05:00+08'), 'counts', 'far enough before it');
SELECT is(pg_temp.due(), '03-05 13:00', 'the anchor does not go back');
-- words or seconds
SET leads.clock = '2026-03-03 09:00+08';
SELECT is(pg_temp.log('call', '好'), 'note_too_short', 'neither words …');
SELECT is(pg_temp.log('call', '好', seconds => 59), 'note_too_short', '… nor long enough');
SELECT is(pg_temp.log('call', NULL, seconds => 60), 'counts', 'a minute on the telephone needs no words');
SELECT is((SELECT seconds FROM crm.activity ORDER BY id DESC LIMIT 1), 60, 'kept');
SELECT throws_ok($$ SELECT pg_temp.log('call', 'x', seconds => -1) $$, '22023', NULL, 'seconds are none below 0');
SELECT throws_ok($$ SELECT pg_temp.log('call', 'x', seconds => 86401) $$, '22023', NULL, 'nor beyond a day');
-- a program's
SET leads.clock = '2026-03-03 14:00+08';
SELECT is(pg_temp.log('call', '系统自动外呼一次', automatic => true), 'automatic', 'what a program wrote does not count');
-- nearly the same words: .9 of twenty characters are two
SELECT is(pg_temp.log('call', '今天和王总通电话,确认了设备的采购数量清单'), 'counts', 'twenty-one characters');
SET leads.clock = '2026-03-03 19:00+08';
SELECT is(pg_temp.log('call', '今天和王总通电话,确认了设备的采购数量报表'), 'note_repeated', 'two of them differ');
SELECT is(pg_temp.log('call', '今天和王總通電話，確認了設備的採購數量清單'), 'note_repeated', 'the traditional characters and another comma are the same words');
SELECT is(pg_temp.log('call', '明天和李总通电话,确认了设备的采购数量报表'), 'counts', 'compared with what was written last, counted or not: three differ from that');
SET leads.clock = '2026-03-03 23:30+08';
SELECT is(pg_temp.log('call', '明天和李总见个面,确认了设备的采购数量报表'), 'counts', 'three others differ');
-- whose words: the author's own
SELECT FROM leads.add_collaborator(1, 'li', 'work', by_member => 'zhang');
SET leads.clock = '2026-03-04 04:00+08';
SELECT is(pg_temp.log('call', '明天和李总见个面,确认了设备的采购数量报表', 'li'), 'counts', 'another author says it for the first time; who works along counts for the owner');
SELECT is(pg_temp.due(), '03-07 04:00', 'and moves the deadline');
SET leads.clock = '2026-03-04 09:00+08';
SELECT is(pg_temp.log('call', '明天和李总见个面,确认了设备的采购数量报表'), 'note_repeated', 'the owner''s own last words are compared');
-- the back-date limit is the policy's
SELECT throws_ok($$ SELECT pg_temp.log('call', '很久以前的电话', at => '2026-02-27 08:59:59+08') $$, 'LD006', NULL, 'five days back, not more');
SELECT is(pg_temp.log('call', '登记之前的电话', at => '2026-02-27 09:01+08'), 'before_ownership', 'five days are allowed');

-- an entry says what differs
UPDATE crm.member SET active = active;
SELECT FROM leads.register('四川天府医疗器械有限公司', industry => '医疗', by_member => 'wang');
SELECT is((SELECT policy_entry FROM crm.ownership WHERE customer_id = 2), 1, 'the entry rules the interval');
SELECT is(pg_temp.log('call', NULL, 'wang', lead => 2), 'counts', 'no words asked here');
SELECT is(pg_temp.log('call', NULL, 'wang', lead => 2), 'counts', 'and no gap');
SELECT is(pg_temp.log('mail', NULL, 'wang', lead => 2), 'kind_not_counted', 'the kinds are those of the document');

-- entered after the lapse
SET leads.clock = '2026-03-07 04:00+08';
SELECT is(leads.owner_at(1), NULL, 'lapsed, no job having run');
SELECT throws_ok($$ SELECT pg_temp.log('call', '到期那一刻的电话') $$, 'LD050', NULL, 'now is too late');
SELECT throws_ok($$ SELECT pg_temp.log('call', '到期那一刻的电话', at => '2026-03-07 04:00+08') $$, 'LD050', NULL, 'at the lapse is not before it');
SELECT throws_ok($$ SELECT pg_temp.log('mail', '到期之前发了资料', at => '2026-03-06 23:00+08') $$, 'LD050', NULL, 'what would not have counted gives nothing back');
SELECT throws_ok($$ SELECT pg_temp.log('call', '李娜的迟到记录', 'li', '2026-03-06 23:00+08') $$, 'LD050', NULL, 'nor does who is not the owner');
SET leads.clock = '2026-03-09 03:59:59.999999+08';
SELECT is(pg_temp.log('call', '六日深夜和客户通了电话', at => '2026-03-07 03:59:59.999999+08'), 'counts', 'a microsecond before the lapse, entered within the grace');
SELECT is(leads.owner_at(1), 'zhang', 'gives it back');
SELECT is(leads.owner_at(1, at_time => '2026-03-08 12:00+08'), NULL, 'what was true between stays true');
SELECT is((SELECT next_due_at FROM crm.ownership WHERE customer_id = 1 AND until IS NULL), '2026-03-10 03:59:59.999999+08'::timestamptz, 'with the deadline that it would have had');
SELECT is((SELECT array_agg(cause || '>' || coalesce(end_cause, '') ORDER BY since) FROM crm.ownership WHERE customer_id = 1),
  '{registered>lapsed,lapsed>revived,revived>}', 'three intervals, without a gap');
SELECT is((SELECT verdict FROM crm.decision WHERE kind = 'followup' ORDER BY id DESC LIMIT 1), 'revived', 'the decision says so');
SELECT is((SELECT counts_from FROM leads.explain_deadline(1) WHERE decides AND item LIKE '%no_followup'), '2026-03-07 03:59:59.999999+08'::timestamptz, 'explain_deadline() counts from it');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
-- the clocks of before go on: who works along does not
SELECT throws_ok($$ SELECT pg_temp.log('call', '李娜又打了一个电话', 'li') $$, 'LD050', NULL, 'a time in the pool ended the collaboration');
-- the grace is over at its last instant
SET leads.clock = '2026-03-12 03:59:59.999999+08';
SELECT throws_ok($$ SELECT pg_temp.log('call', '太迟的补记内容', at => '2026-03-10 00:00+08') $$, 'LD050', NULL, 'two days later');
-- somebody else got it meanwhile
SET leads.clock = '2026-03-12 05:00+08';
SELECT FROM leads.claim('{1}', by_member => 'li');
SET leads.clock = '2026-03-15 05:01+08';
SELECT FROM leads.claim('{1}', by_member => 'zhang');
SET leads.clock = '2026-03-18 05:02+08';
SELECT is((SELECT outcome FROM leads.claim('{1}', by_member => 'wang')), 'claimed', 'it lapsed again, and another took it');
SELECT throws_ok($$ SELECT pg_temp.log('call', '晚了一步的补记', at => '2026-03-18 04:00+08') $$, 'LD050', NULL, 'who has it keeps it');
SELECT FROM leads.release(1, '不做了', by_member => 'wang');
SELECT throws_ok($$ SELECT pg_temp.log('call', '晚了一步的补记', at => '2026-03-18 04:00+08') $$, 'LD050', NULL, 'though it is in the pool again: somebody had it meanwhile');
-- given back by hand is no lapse
SET leads.clock = '2026-03-18 10:00+08';
SELECT FROM leads.claim('{1}', by_member => 'zhang');
SET leads.clock = '2026-03-18 11:00+08';
SELECT FROM leads.release(1, '不做了', by_member => 'zhang');
SELECT throws_ok($$ SELECT pg_temp.log('call', '退回之前的电话', at => '2026-03-18 10:30+08') $$, 'LD050', NULL, 'what was released stays released');
-- the end of the protection is none that a follow-up moves
SELECT leads.publish('protection', '', '{"days": 2, "no_followup_days": 0, "followup": {"grace": 2}}');
SELECT FROM leads.claim('{1}', by_member => 'zhang');
SET leads.clock = '2026-03-20 11:01+08';
SELECT throws_like($$ SELECT pg_temp.log('call', '保护期内的电话', at => '2026-03-20 10:30+08') $$, '%is not yours%', 'it would have lapsed all the same');
-- a first contact that was entered late; over the cap it is not given back
SELECT leads.publish('protection', '', '{"days": 30, "no_first_contact_days": 1, "followup": {"grace": 2}}');
SET leads.clock = '2026-03-20 12:00+08';
SELECT FROM leads.claim('{1}', by_member => 'zhang');
SET leads.clock = '2026-03-21 13:00+08';
UPDATE crm.member SET holder_cap = 0 WHERE code = 'zhang';
SELECT throws_ok($$ SELECT pg_temp.log('call', '首次联系的电话', at => '2026-03-21 11:00+08') $$, 'LD032', NULL, 'over the cap');
UPDATE crm.member SET holder_cap = 1 WHERE code = 'zhang';
SELECT is(pg_temp.log('call', '首次联系的电话', at => '2026-03-21 11:00+08'), 'counts', 'within it');
SELECT is(pg_temp.due(), '04-19 12:00', 'no first contact is waited for any more; the protection goes on from where it began');
SELECT is((SELECT held FROM crm.member_counter k JOIN crm.member m ON m.id = k.member_id WHERE code = 'zhang'), 1, 'counted as held');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
SELECT * FROM finish();
