-- Pauses, contracts, locks, another policy for what runs; explain_deadline(), when_would_lapse(), due_list(), policy_diff(). No job runs here.
SET timezone = 'Asia/Shanghai';	-- the business zone
\ir include/company.sql
SELECT * FROM no_plan();
SET leads.clock = '2026-03-02 10:00+08';	-- a Monday
SET datestyle = 'ISO, YMD';
INSERT INTO crm.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜');
CREATE FUNCTION pg_temp.rule(body text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE v integer;
BEGIN
	v := leads.publish('protection', '', body::jsonb);
	PERFORM set_config('leads.clock', (leads.now() + '1 ms')::text, false);
	RETURN v;
END $$;
CREATE TEMP SEQUENCE n;
CREATE FUNCTION pg_temp.fresh(owner text DEFAULT 'zhang') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
	SELECT * INTO r FROM leads.register('重庆' || chr(20108 + 37 * nextval('n')::int) || chr(25108 + 41 * currval('n')::int)
		|| '科技有限公司', '139' || lpad(currval('n')::text, 8, '3'), amount => 100, by_member => owner);
	IF r.outcome <> 'created' THEN RAISE 'not created: %', r; END IF;
	RETURN r.customer_id;
END $$;
CREATE FUNCTION pg_temp.due(c bigint) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(to_char(next_due_at, 'MM-DD HH24:MI'), 'never') || coalesce(' ' || due_by, '')
	  FROM crm.ownership WHERE customer_id = c AND until IS NULL AND member_id IS NOT NULL $$;
CREATE FUNCTION pg_temp.lead(c bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT id FROM crm.lead WHERE customer_id = c $$;

-- pauses: two of a day that overlap by half are a day and a half (scenario 6)
SELECT pg_temp.rule('{"days": 10, "grace_days": 1}');
SELECT pg_temp.fresh() AS c \gset
SELECT is(pg_temp.due(:c), '03-12 10:00 protection_end', 'ten days');
SELECT is((SELECT to_char(next_due_at, 'MM-DD HH24:MI') FROM leads.pause(:c, '2026-03-05 12:00+08', '2026-03-04 12:00+08', '客户出国')), '03-13 10:00', 'a day more');
SELECT is((SELECT to_char(next_due_at, 'MM-DD HH24:MI') FROM leads.pause(:c, '2026-03-06 00:00+08', '2026-03-05 00:00+08')), '03-13 22:00', 'and half a day');
SELECT is((SELECT to_char(next_due_at, 'MM-DD HH24:MI') FROM leads.pause(:c, '2026-04-06 00:00+08', '2026-04-05 00:00+08')), '03-13 22:00', 'one after the deadline comes too late');
SELECT is((SELECT array_agg(item ORDER BY step_no) FROM leads.explain_deadline(:c)), '{rules,any,"  protection_end",pause,deadline}', 'explained: one pause of what overlaps');
SELECT is((SELECT to_char(counts_from, 'MM-DD HH24:MI ') || span || to_char(without_pauses, ' MM-DD HH24:MI') || to_char(due_at, ' MM-DD HH24:MI') || ' ' || decides || ' ' || reason
  FROM leads.explain_deadline(:c) WHERE item = '  protection_end'), '03-02 10:00 10 days 03-12 10:00 03-13 22:00 true 保护期届满', 'from where, how long, without pauses, with them');
SELECT is((SELECT reason FROM leads.explain_deadline(:c, lang => 'en') WHERE item = 'deadline'), 'as these give it', 'in English');
SET leads.clock = '2026-03-05 06:00+08';
SELECT is((SELECT ended || to_char(next_due_at, ' MM-DD HH24:MI') FROM leads.resume(:c, '客户回国')), '3 03-13 04:00', 'resumed: what is past stays, the rest goes on');
SELECT is((SELECT ended || coalesce(decision_id::text, ' none') FROM leads.resume(:c)), '0 none', 'nothing to end');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
-- what a pause took away at the last moment comes back with the grace
SET leads.clock = '2026-03-12 18:00+08';
SELECT FROM leads.pause(:c, '2026-03-20 04:00+08', '2026-03-13 03:00+08');
SELECT is(pg_temp.due(:c), '03-20 05:00 protection_end', 'a week more');
SELECT FROM leads.resume(:c);
SELECT is(pg_temp.due(:c), '03-13 18:00 protection_end', 'taken back: not before the grace');
SELECT is((SELECT reason FROM leads.explain_deadline(:c) WHERE item = 'deadline'), '按条件为 2026-03-13 04:00，因宽限期推迟', 'and it says so');
SELECT is((SELECT protected_until FROM crm.ownership WHERE customer_id = :c), '2026-03-13 18:00:00.001+08'::timestamptz + (SELECT next_due_at - '2026-03-13 18:00:00.001+08'::timestamptz FROM crm.ownership WHERE customer_id = :c), 'protected until then');
-- an extension counts from the old end
SELECT is((SELECT to_char(protected_until, 'MM-DD HH24:MI') FROM leads.extend(:c, 5, by_member => 'zhang')), '03-18 18:00', 'extended from where the grace had moved it');

-- contracts
SELECT pg_temp.rule('{"days": 0, "contract_end_days": 10, "grace_days": 1}');
SELECT pg_temp.fresh() AS c \gset
SELECT is(pg_temp.due(:c), 'never', 'no contract: never');
SELECT is((SELECT to_char(next_due_at, 'MM-DD HH24:MI') FROM leads.set_contract(:c, '2026-06-30 00:00+08', '年度合同')), '07-10 00:00', 'ten days after its end');
SELECT is((SELECT next_due_at FROM leads.set_contract(:c, NULL)), NULL, 'there is none any more');
SELECT FROM leads.set_contract(:c, '2025-06-30 00:00+08');
SELECT is(pg_temp.due(:c), '03-22 18:00 contract_end', 'one that ended before: as if it ended as this owner came');

-- locks, and how many
SELECT pg_temp.rule('{"days": 10, "lock_quota": 1, "grace_days": 2}');
SELECT pg_temp.fresh() AS c, pg_temp.fresh() AS d \gset
SELECT is((SELECT next_due_at FROM leads.lock_customer(:c, '重点客户', by_member => 'zhang')), NULL, 'locked: no deadline');
SELECT is((SELECT decision_id FROM leads.lock_customer(:c, by_member => 'zhang')), NULL, 'it is already');
SELECT throws_ok(format('SELECT leads.lock_customer(%s, by_member => ''zhang'')', :d), 'LD044', NULL, 'one at most');
SELECT FROM leads.win(pg_temp.lead(:d), 5, by_member => 'zhang');
SELECT throws_ok(format('SELECT leads.lock_customer(%s, by_member => ''zhang'')', :d), 'LD002', NULL, 'won: need not be locked');
SET leads.clock = '2026-06-01 09:00+08';
SELECT is(leads.owner_at(:c), 'zhang', 'months later');
SELECT is((SELECT reason FROM leads.explain_deadline(:c) WHERE item = 'exempt'), '已锁定，不到期', 'explained');
SELECT is((SELECT to_char(next_due_at, 'MM-DD HH24:MI') FROM leads.unlock_customer(:c, by_member => 'zhang')), '06-03 09:00', 'unlocked: long overdue, the grace');
SELECT FROM leads.lock_customer(:c, by_member => 'zhang');
SELECT FROM leads.win(pg_temp.lead(:c), 5, by_member => 'zhang');
SELECT FROM leads.unlock_customer(:c, by_member => 'zhang');
SELECT is((SELECT exempt FROM crm.ownership WHERE customer_id = :c AND until IS NULL), 'won', 'unlocked, but won meanwhile');

-- another policy: what runs keeps its own, until somebody applies it; clocks go on; the grace (scenario 8)
SELECT pg_temp.rule('{"days": 30, "grace_days": 3, "no_followup_days": 0}') AS v1 \gset
SET leads.clock = '2026-07-01 09:00+08';
SELECT pg_temp.fresh() AS a, pg_temp.fresh() AS b \gset
SET leads.clock = '2026-07-10 09:00+08';
SELECT pg_temp.fresh() AS e \gset
SELECT FROM leads.log_activity(pg_temp.lead(:b), 'call', '客户说下周再谈', by_member => 'zhang');
SELECT leads.draft('protection', '', '{"days": 5, "grace_days": 3, "no_followup_days": 12}') AS draft \gset
SELECT is((SELECT to_char(due_now, 'MM-DD HH24:MI') || to_char(would_lapse_at, ' MM-DD HH24:MI') || to_char(without_grace, ' MM-DD HH24:MI') || ' ' || due_by FROM leads.when_would_lapse(:a, :draft)),
  '07-31 09:00 07-13 09:00 07-06 09:00 protection_end', 'by a draft it would have lapsed already: the grace');
SELECT is((SELECT array_agg(path || ' ' || coalesce(value_1::text, '-') || ' ' || value_2::text ORDER BY path) FROM leads.policy_diff('protection', '', :v1, :draft) WHERE item = 'changed'),
  '{"$.days 30 5","$.no_followup_days 0 12"}', 'what the documents differ in');
SELECT is((SELECT array_agg(path || ' ' || value_2::text) FROM leads.policy_diff('protection', '', :v1, :draft) WHERE item = 'count' AND value_2 <> '0'), '{"same 2","sooner 3"}', 'how many end sooner');
SELECT is((SELECT to_char(due_1, 'MM-DD HH24:MI') || to_char(due_2, ' MM-DD HH24:MI') FROM leads.policy_diff('protection', '', :v1, :draft) WHERE item = 'sooner' AND customer_id = :e), '08-09 09:00 07-15 09:00', 'listed, with the grace where it is needed');
SELECT is((SELECT count(*)::int FROM leads.policy_diff('protection', '', :v1, :draft, 1) WHERE item = 'sooner'), 1, 'no more than asked for');
SELECT throws_ok(format('SELECT * FROM leads.apply_policy(%s)', :draft), 'LD002', NULL, 'a draft is applied to nobody');
SELECT pg_temp.rule('{"days": 5, "grace_days": 3, "no_followup_days": 12}') AS v2 \gset
SELECT is(pg_temp.due(:a), '07-31 09:00 protection_end', 'published: what runs keeps its own');
SELECT is((SELECT array_agg(effect || ' ' || intervals ORDER BY effect) FROM leads.apply_policy(:v2, 'later')), '{"begins 0","ends 0","later 0","same 2","sooner 0"}', 'nobody loses by it: nobody but those whose deadline stays');
SELECT is(pg_temp.due(:a), '07-31 09:00 protection_end', 'so this one stays');
SELECT is((SELECT array_agg(effect || ' ' || intervals ORDER BY effect) FROM leads.apply_policy()), '{"begins 0","ends 0","later 0","same 0","sooner 3"}', 'all');
SELECT is(pg_temp.due(:a), '07-13 09:00 protection_end', 'it would have lapsed: the grace');
SELECT is(pg_temp.due(:e), '07-15 09:00 protection_end', 'five days from its own beginning');
SELECT is((SELECT array_agg(effect || ' ' || intervals ORDER BY effect) FROM leads.apply_policy()), '{"begins 0","ends 0","later 0","same 0","sooner 0"}', 'once more: nothing');
-- off and on: the clock is that of the last follow-up all the while
SELECT pg_temp.rule('{"days": 0, "grace_days": 0}') AS off \gset
SELECT FROM leads.apply_policy();
SELECT is(pg_temp.due(:b), 'never', 'off');
SET leads.clock = '2026-07-12 09:00+08';
SELECT pg_temp.rule('{"days": 0, "no_followup_days": 12, "grace_days": 0}') AS again \gset
SELECT FROM leads.apply_policy();
SELECT is(pg_temp.due(:b), '07-22 09:00 no_followup', 'on again: twelve days from the call, not from now');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');

-- what is due
SELECT is((SELECT array_agg(customer_id ORDER BY customer_id) FROM leads.due_list('zhang', '3 days') WHERE due_by = 'no_followup'), ARRAY[:a]::bigint[], 'within three days');
SELECT is((SELECT count(*)::int FROM leads.due_list(within => '30 days')), (SELECT count(*)::int FROM crm.due WHERE due_at <= '2026-08-11 09:00:01+08'), 'as the view says');
SELECT is((SELECT count(*)::int FROM leads.due_list('li')), 0, 'nobody else');
-- rights: a rep asks about its own; what is hidden is not there
SELECT 'rep_' || current_database() AS rep, 'boss_' || current_database() AS boss \gset
CREATE ROLE :"rep"; CREATE ROLE :"boss";
INSERT INTO crm.member (code, name, db_role) VALUES ('zhao', '赵敏', :'rep');
INSERT INTO crm.member (code, name, db_role, is_manager) VALUES ('qian', '钱经理', :'boss', true);
SELECT leads.grant_access(:'rep', 'rep');
SELECT leads.grant_access(:'boss', 'manager');
SET leads.clock = '2026-07-13 09:00+08';
SELECT pg_temp.fresh('zhao') AS own \gset
GRANT EXECUTE ON FUNCTION leads.pause(bigint, timestamptz, timestamptz, text, text), leads.resume(bigint, text, text), leads.set_contract(bigint, timestamptz, text, text, text) TO :"rep";
SELECT format('SELECT * FROM leads.explain_deadline(%s)', :b) AS hidden, format('SELECT * FROM leads.explain_deadline(%s)', 999999) AS missing,
  format('SELECT leads.when_would_lapse(%s, %s)', :b, :v1) AS hidden2 \gset
SET ROLE :"rep";
SELECT is((SELECT count(*)::int FROM leads.due_list(within => '60 days')), 1, 'a rep: its own');
SELECT is((SELECT count(*)::int FROM crm.due), 1, 'and in the view');
SELECT isnt_empty(format('SELECT * FROM leads.explain_deadline(%s)', :own), 'explained to its owner');
SELECT throws_ok(:'hidden', 'LD001', 'there is no customer ' || :b, 'not to others');
SELECT throws_ok(:'missing', 'LD001', 'there is no customer 999999', 'as one that is not there');
SELECT throws_ok(:'hidden2', 'LD001', 'there is no customer ' || :b, 'when_would_lapse() neither');
SELECT throws_ok(format('SELECT leads.pause(%s, ''2027-01-01'')', :own), 'LD004', NULL, 'a rep stops no clock');
SELECT throws_ok(format('SELECT leads.resume(%s)', :own), 'LD004', NULL, 'nor lets one go on');
SELECT throws_ok(format('SELECT leads.set_contract(%s, ''2027-01-01'')', :own), 'LD004', NULL, 'nor says when a contract ends');
SELECT throws_ok(format('SELECT leads.lock_customer(%s)', :b), 'LD001', NULL, 'nor locks what is not its own');
SELECT throws_ok(format('SELECT leads.unlock_customer(%s)', :b), 'LD001', NULL, 'nor unlocks it');
RESET ROLE;
SET ROLE :"boss";
SELECT isnt_empty(:'hidden', 'explained to a manager');
SELECT isnt_empty(format('SELECT * FROM leads.pause(%s, ''2026-08-01'')', :b), 'who may stop clocks');
RESET ROLE;
-- what is malformed
SELECT throws_ok('SELECT leads.pause(NULL, ''2027-01-01'')', 'LD005');
SELECT throws_ok(format('SELECT leads.pause(%s, NULL)', :b), 'LD005');
SELECT throws_ok('SELECT leads.pause(999999, ''2027-01-01'')', 'LD001');
SELECT throws_ok(format('SELECT leads.pause(%s, ''2027-01-01'', ''2026-01-01'')', :b), 'LD006', NULL, 'a pause in the past');
SELECT throws_ok(format('SELECT leads.pause(%s, ''2026-07-01'')', :b), '22023', NULL, 'that ends before it begins');
SELECT throws_ok(format('SELECT leads.pause(%s, ''infinity'')', :b), '22023', NULL, 'without end');
SELECT throws_ok(format('SELECT leads.pause(%s, ''2027-01-01'', reason => repeat(''x'', 1001))', :b), 'LD007');
SELECT throws_ok(format('SELECT leads.set_contract(%s, ''infinity'')', :b), 'LD006');
SELECT throws_ok(format('SELECT leads.set_contract(%s, ''294276-12-31'')', :b), 'LD006', NULL, 'a contract that no span can follow');
SELECT throws_ok(format('SELECT leads.pause(%s, ''%s'')', :b, i), '22023', NULL, 'a pause until ' || i) FROM unnest('{infinity,-infinity}'::text[]) i;
SELECT throws_ok(format('SELECT leads.deactivate_member(''li'', ''rules'', ''x'', ''%s'')', i), 'LD006', NULL, 'nobody leaves at ' || i) FROM unnest('{infinity,-infinity}'::text[]) i;
SELECT throws_ok(format('UPDATE crm.member SET left_at = ''%s'' WHERE code = ''li''', i), 'LD006', NULL, 'nor by a direct change at ' || i) FROM unnest('{infinity,-infinity}'::text[]) i;
SELECT throws_ok(format('SELECT leads.set_availability(''li'', NULL, ''%s'')', i), '22023', NULL, 'nor is away until ' || i) FROM unnest('{infinity,-infinity}'::text[]) i;
SELECT throws_ok(format('SELECT leads.publish(''match'', '''', ''{}'', ''%s'')', i), 'LD006', NULL, 'no policy begins at ' || i) FROM unnest('{infinity,-infinity}'::text[]) i;
SELECT throws_ok(format('SELECT leads.set_contract(%s, ''2027-01-01'', scope => ''none'')', :b), 'LD002');
SELECT throws_ok('SELECT leads.lock_customer(NULL)', 'LD005');
SELECT throws_ok('SELECT * FROM leads.explain_deadline(NULL)', 'LD005');
SELECT throws_ok(format('SELECT * FROM leads.explain_deadline(%s, lang => ''fr'')', :b), '22023');
SELECT throws_ok(format('SELECT leads.when_would_lapse(%s, 99)', :b), 'LD001');
SELECT throws_ok(format('SELECT leads.when_would_lapse(%s, NULL)', :b), 'LD005');
SELECT throws_ok('SELECT * FROM leads.policy_diff(''protection'', '''', 1, 99)', 'LD001');
SELECT throws_ok('SELECT * FROM leads.policy_diff(''protection'', '''', 1, NULL)', 'LD005');
SELECT throws_ok('SELECT * FROM leads.policy_diff(''protection'', '''', 1, 2, -1)', '22023');
SELECT throws_ok('SELECT * FROM leads.apply_policy(99)', 'LD001');
SELECT throws_ok('SELECT * FROM leads.apply_policy(mode => ''some'')', '22023');
SELECT throws_ok('SELECT * FROM leads.due_list(''nobody'')', 'LD001');
SELECT throws_ok('SELECT * FROM leads.due_list(within => ''-1 day'')', '22023');
SELECT throws_ok('SELECT * FROM leads.due_list(within => NULL)', 'LD005');
SELECT throws_ok('DELETE FROM crm.pause', 'LD009');
SELECT throws_ok('UPDATE crm.contract SET ends_at = NULL', 'LD009');
-- in a pool: where it lies
SELECT FROM leads.release(:b, '不做了', by_member => 'zhang');
SELECT is((SELECT item || ' ' || reason FROM leads.explain_deadline(:b)), 'pool 在公海“public”', 'in a pool');
SELECT throws_ok(format('SELECT leads.when_would_lapse(%s, %s)', :b, :v1), 'LD002');
SELECT throws_ok(format('SELECT leads.lock_customer(%s)', :b), 'LD002');
SELECT * FROM finish();
