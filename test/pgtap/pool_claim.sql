-- The pool: each refusal names what the caller can act on; the cool-down follows a customer whatever is done to it (directly, through a
-- merge, deleted and registered again); moving, help; and an id that is hidden answers as one that is not there, for every call.
\ir include/company.sql
SELECT * FROM no_plan();
SET leads.clock = '2026-03-02 09:00+08';
SET timezone = 'Asia/Shanghai';
SELECT 'li_' || current_database() AS li_db, 'chen_' || current_database() AS chen_db \gset
CREATE ROLE :"li_db"; CREATE ROLE :"chen_db";
INSERT INTO crm.team (code, name) VALUES ('south', '南区'), ('north', '北区');
INSERT INTO crm.team (code, name, parent_id) VALUES ('yubei', '渝北组', 1);
INSERT INTO crm.member (code, name, team_id) VALUES ('zhang', '张伟', 3), ('wang', '王强', 3), ('zhao', '赵敏', 2);
INSERT INTO crm.member (code, name, db_role, team_id) VALUES ('li', '李娜', :'li_db', 3);
INSERT INTO crm.member (code, name, db_role, team_id, is_manager) VALUES ('chen', '陈静', :'chen_db', 1, true);
SELECT leads.grant_access(:'li_db', 'rep'), leads.grant_access(:'chen_db', 'manager');
INSERT INTO crm.pool (code, name, cooldown_days) VALUES ('quiet', '静置池', 30);
INSERT INTO crm.pool (code, name, cooldown_days, cooldown_team) VALUES ('team', '团队池', 30, true);
INSERT INTO crm.pool (code, name, cooldown_days, cooldown_causes) VALUES ('lapses', '到期池', 30, '{lapsed}');
INSERT INTO crm.pool (code, name, daily_quota) VALUES ('few', '限量池', 1);
INSERT INTO crm.pool (code, name, new_data_delay) VALUES ('slow', '缓冲池', '1 hour');
CREATE FUNCTION pg_temp.own(name text, who text) RETURNS bigint LANGUAGE sql AS $$ SELECT customer_id FROM leads.register(name, by_member => who) $$;
-- SQLSTATE, message, detail and hint, ids left out
CREATE FUNCTION pg_temp.answer(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE m text; d text; h text;
BEGIN
  EXECUTE call;
  RETURN 'fine';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
  RETURN regexp_replace(SQLSTATE || ' ' || m || '/' || d || '/' || h, '\d{4}-\d\d-\d\d \d\d:\d\d', 'then', 'g');
END $$;
CREATE FUNCTION pg_temp.at(instant text) RETURNS void LANGUAGE sql AS $$ SELECT set_config('leads.clock', instant, false) $$;

-- scenario 7, directly: A -> B -> A within the cool-down
SELECT pg_temp.own('重庆鸿源商贸有限公司', 'zhang') AS c \gset
SELECT FROM leads.release(:c, '无意向', 'quiet', by_member => 'zhang');
SELECT pg_temp.at('2026-03-03 09:00+08');
SELECT FROM leads.claim(ARRAY[:c]::bigint[], by_member => 'li');
SELECT FROM leads.release(:c, '无意向', 'quiet', by_member => 'li');
SELECT pg_temp.at('2026-03-05 09:00+08');
SELECT is(pg_temp.answer(format('SELECT leads.claim(ARRAY[%s]::bigint[], by_member => ''zhang'')', :c)),
  format('LD063 customer %s cannot be claimed: you had it until lately; you can claim it from then on//', :c), 'A -> B -> A: LD063');
SELECT matches((SELECT message FROM leads.claim(ARRAY[:c]::bigint[], all_or_nothing => false, by_member => 'zhang')), '2026-04-01 01:00 起可认领', 'with the instant it ends');
-- through a merge: what was merged into it counts, too
SELECT pg_temp.own('成都锦城餐饮管理有限公司', 'zhang') AS loser \gset
SELECT pg_temp.own('青岛海蓝水产有限公司', 'wang') AS survivor \gset
SELECT FROM leads.release(:loser, 'x', 'quiet', by_member => 'zhang');
SELECT FROM leads.release(:survivor, 'x', 'quiet', by_member => 'wang');
SELECT FROM leads.merge(:survivor, ARRAY[:loser]::bigint[], reason => '同一家');
SELECT pg_temp.at('2026-03-06 09:00+08');
SELECT throws_like(format('SELECT leads.claim(ARRAY[%s]::bigint[], by_member => ''zhang'')', :survivor), '%until lately%', 'through a merge: LD063');
SELECT throws_ok(format('SELECT leads.claim(ARRAY[%s]::bigint[], by_member => ''zhang'')', :survivor), 'LD063');
SELECT lives_ok(format('SELECT leads.claim(ARRAY[%s]::bigint[], by_member => ''zhao'')', :survivor), 'others may');
-- deleted and captured again, by another spelling, through another channel
SELECT pg_temp.own('昆明云岭花卉有限公司', 'zhang') AS gone \gset
SELECT FROM leads.release(:gone, 'x', 'quiet', by_member => 'zhang');
SELECT throws_ok(format('SELECT leads.delete_customer(%s, '' '', by_member => ''chen'')', :gone), 'LD005', NULL, 'a deletion has a reason');
SELECT throws_ok(format('SELECT leads.delete_customer(%s, ''x'', by_member => ''zhang'')', :gone), 'LD004', NULL, 'and is no rep''s');
SELECT ok(leads.delete_customer(:gone, '重复', by_member => 'chen') > 0, 'deleted');
SELECT is_empty(format('SELECT FROM crm.ownership WHERE customer_id = %s AND until IS NULL', :gone), 'nobody holds it');
SELECT is_empty($$ SELECT * FROM leads.check_duplicate('昆明云岭花卉有限公司', by_member => 'li') $$, 'nothing finds it');
SELECT throws_ok(format('SELECT leads.claim(ARRAY[%s]::bigint[], by_member => ''li'')', :gone), 'LD001', NULL, 'it is not there');
INSERT INTO crm.routing_rule (position, assign_to) VALUES (1, 'pool:quiet');
SELECT customer_id AS again FROM leads.register('昆明雲嶺花卉', channel => 'website') \gset
SELECT isnt(:again, :gone, 'registered again, it is a new customer');
SELECT is((SELECT former_id FROM crm.customer_former WHERE customer_id = :again), :gone::bigint, 'that is known to be the old one');
SELECT pg_temp.at('2026-03-07 09:00+08');
SELECT throws_ok(format('SELECT leads.claim(ARRAY[%s]::bigint[], by_member => ''zhang'')', :again), 'LD063', NULL, 'deleted and captured again: LD063');
SELECT lives_ok(format('SELECT leads.claim(ARRAY[%s]::bigint[], by_member => ''li'')', :again), 'others may');
DELETE FROM crm.routing_rule;
-- the same team; only some causes; what a manager took away
SELECT pg_temp.own('广州明珠医疗器械有限公司', 'zhang') AS c2 \gset
SELECT FROM leads.release(:c2, 'x', 'team', by_member => 'zhang');
SELECT throws_ok(format('SELECT leads.claim(ARRAY[%s]::bigint[], by_member => ''wang'')', :c2), 'LD063', NULL, 'a colleague of the team had it');
SELECT lives_ok(format('SELECT leads.claim(ARRAY[%s]::bigint[], by_member => ''zhao'')', :c2), 'another team may');
SELECT pg_temp.own('西安雁塔旅行社有限公司', 'zhang') AS c3 \gset
SELECT FROM leads.release(:c3, 'x', 'lapses', by_member => 'zhang');
SELECT pg_temp.at('2026-03-07 09:01+08');
SELECT lives_ok(format('SELECT leads.claim(ARRAY[%s]::bigint[], by_member => ''zhang'')', :c3), 'a release does not count there');
SELECT FROM leads.assign(:c3, 'zhao');
SELECT FROM leads.release(:c3, 'x', 'quiet', by_member => 'zhao');
SELECT pg_temp.at('2026-05-08 09:01+08');
SELECT lives_ok(format('SELECT leads.claim(ARRAY[%s]::bigint[], by_member => ''zhang'')', :c3), 'what a manager took away does not count');

-- LD060 says who has it, to who may know; LD064 from when on; LD062 counts from the entry into that pool; LD065
SELECT pg_temp.own('合肥包公园林有限公司', 'wang') AS c4 \gset
SELECT FROM leads.release(:c4, 'x', 'few', by_member => 'wang');
SELECT FROM leads.claim(ARRAY[:c4]::bigint[], by_member => 'li');
SET ROLE :"chen_db";
SELECT is((SELECT reason || ' ' || message FROM leads.claim(ARRAY[:c4]::bigint[], all_or_nothing => false)), 'LD060 已不在公海，现归 li', 'a manager is told who has it');
RESET ROLE;
SELECT is((SELECT reason || ' ' || message FROM leads.claim(ARRAY[:c4]::bigint[], all_or_nothing => false, by_member => 'wang')), 'LD060 已不在公海', 'a rep is not');
SELECT pg_temp.own('武汉长江水产有限公司', 'wang') AS c5 \gset
SELECT FROM leads.release(:c5, 'x', 'few', by_member => 'wang');
SELECT is((SELECT reason || ' ' || message FROM leads.claim(ARRAY[:c5]::bigint[], all_or_nothing => false, by_member => 'li')), 'LD064 今日认领次数已达上限 1，2026-05-09 00:00 起可再认领', 'the quota, and when it begins anew');
SELECT is((SELECT into_pool FROM leads.move_pool(:c5, 'slow', '转缓冲', by_member => 'chen')), 'slow', 'moved to another pool');
SELECT is((SELECT decision_id FROM leads.move_pool(:c5, 'slow', by_member => 'chen')), NULL, 'it lies there already');
SELECT is((SELECT reason || ' ' || message FROM leads.claim(ARRAY[:c5]::bigint[], all_or_nothing => false, by_member => 'li')), 'LD062 进入公海未满等待时间，2026-05-08 02:01 起可认领', 'the wait counts from the move');
UPDATE crm.customer SET industry = '水产批发' WHERE id = :c5;
SELECT pg_temp.at('2026-05-08 10:02+08');
UPDATE crm.member SET holder_cap = 0 WHERE code = 'li';
SELECT throws_ok(format('SELECT leads.claim(ARRAY[%s]::bigint[], by_member => ''li'')', :c5), 'LD065', NULL, 'the cap');
SELECT throws_ok(format('SELECT leads.assign(%s, ''li'')', :c5), 'LD032', NULL, 'the administrator''s assignment skips the other checks, not the cap');
UPDATE crm.member SET holder_cap = NULL WHERE code = 'li';
SELECT lives_ok(format('SELECT leads.assign(%s, ''li'')', :c5), 'and skips delay, quota and cool-down');
SELECT throws_ok(format('SELECT leads.move_pool(%s, ''few'', by_member => ''chen'')', :c5), 'LD002', NULL, 'owned: not moved');
SELECT throws_ok(format('SELECT leads.move_pool(%s, ''nowhere'', by_member => ''chen'')', :c4), 'LD002', NULL, 'in no pool');
SELECT throws_ok(format('SELECT leads.move_pool(%s, ''few'', by_member => ''li'')', :c5), 'LD004', NULL, 'a rep moves nothing');
SELECT throws_ok(format('SELECT leads.move_pool(%s, NULL, by_member => ''chen'')', :c5), 'LD005', NULL, 'where to');
SELECT FROM leads.release(:c5, 'x', 'few', by_member => 'li');
SELECT throws_ok(format('SELECT leads.move_pool(%s, ''nowhere'', by_member => ''chen'')', :c5), 'LD001', NULL, 'no such pool');

-- help: the manager of the team above
SELECT is((SELECT superior FROM leads.ask_help(:c4, '客户压价', by_member => 'li')), 'chen', 'the superior is brought in');
SELECT is((SELECT m.code || ' ' || (o.payload ->> 'reason') FROM crm.outbox o JOIN crm.member m ON m.id = o.member_id WHERE topic = 'help'), 'chen 客户压价', 'and told');
SELECT throws_ok(format('SELECT leads.ask_help(%s, NULL, by_member => ''li'')', :c4), 'LD005', NULL, 'why');
SELECT throws_ok(format('SELECT leads.ask_help(%s, ''x'', by_member => ''chen'')', :c5), 'LD002', NULL, 'for a customer in a pool nobody asks');
SELECT pg_temp.own('太原晋阳印刷有限公司', 'zhao') AS c6 \gset
SELECT throws_ok(format('SELECT leads.ask_help(%s, ''x'', by_member => ''zhao'')', :c6), 'LD053', NULL, 'nobody stands above');
SELECT throws_ok(format('SELECT leads.delete_customer(%s, ''x'', by_member => ''chen'')', :c6), 'LD001', NULL, 'another team''s is not there for its manager');

-- hidden and missing: the same answer, to the word, from every call
SELECT customer_id AS hidden, lead_id AS hidden_lead, registration_id AS hidden_reg FROM leads.register('济南泉城物流有限公司', by_member => 'zhao') \gset
SELECT leads.set_registration(approval => true) > 0 AS on \gset
SELECT pg_temp.at('2026-05-08 10:03+08');
SELECT registration_id AS waiting FROM leads.register('沈阳浑河纺织有限公司', by_member => 'zhao') \gset
CREATE TEMP TABLE call (what text, call text);
INSERT INTO call VALUES ('customer', 'claim(ARRAY[%s]::bigint[]'), ('customer', 'release(%s, ''x'''), ('customer', 'extend(%s, 5'), ('customer', 'owner_at(%s'), ('customer', 'ask_help(%s, ''x'''),
  ('customer', 'matches(%s'),
  ('lead', 'log_activity(%s, ''call'', ''已联系,需求明确'''), ('lead', 'advance(%s, ''contacted'''), ('lead', 'advance(%s, ''nowhere'''), ('lead', 'win(%s'), ('lead', 'lose(%s, ''price'''), ('lead', 'reopen(%s'),
  ('lead', 'edit_lead(%s, need => ''x'''), ('lead', 'advance(%s, ''contacted'', expected_version => 77'),
  ('registration', 'withdraw_registration(%s'), ('registration', 'raise_conflict(%s, ''x''');
GRANT SELECT ON call TO :"li_db";
SET ROLE :"li_db";
SELECT is(replace(pg_temp.answer(format('SELECT leads.' || call || ')', id)), id, 'N'), replace(pg_temp.answer(format('SELECT leads.' || call || ')', 999999)), '999999', 'N'), call || ': hidden as missing')
  FROM call JOIN (VALUES ('customer', :'hidden'), ('lead', :'hidden_lead'), ('registration', :'hidden_reg'), ('registration', :'waiting')) v(kind, id) ON kind = what;
SELECT is(pg_temp.answer(format('SELECT leads.' || call || ')', id)) ~ '^LD001 ', true, call || ': LD001')
  FROM call JOIN (VALUES ('customer', :'hidden'), ('lead', :'hidden_lead'), ('registration', :'waiting')) v(kind, id) ON kind = what;
RESET ROLE;
-- what one had, or saw in a pool, is no secret
SELECT throws_ok(format('SELECT leads.release(%s, ''x'', by_member => ''wang'')', :c4), 'LD050', NULL, 'who had it is told that it is not its any more');
-- a survivor that is deleted takes its tombstones with it: all sound, and the merge is final
SELECT leads.set_registration(approval => false) > 0 AS off \gset
SELECT pg_temp.at('2026-05-08 11:00+08');
SELECT customer_id AS s1 FROM leads.register('长春伊通河餐饮有限公司', by_member => 'zhang') \gset
SELECT customer_id AS s2 FROM leads.register('大连星海湾造船有限公司', by_member => 'zhang') \gset
SELECT merge_id AS m FROM leads.merge(:s1, ARRAY[:s2]::bigint[], reason => '同一家') \gset
SELECT ok(leads.delete_customer(:s1, '错误数据', by_member => 'chen') > 0, 'a survivor is deleted');
SELECT throws_ok(format('SELECT leads.unmerge(%s, reason => ''x'')', :m), 'LD002', format('merge %s cannot be undone', :m), 'what was merged into it stays away');
-- a pool of its members: who had the customer learns where it lies and not more, who never knew of it learns nothing
SELECT pg_temp.own('厦门鹭岛茶业有限公司', 'li') AS k \gset
INSERT INTO crm.pool (code, name) VALUES ('closed', '内部池');
INSERT INTO crm.pool_member (pool_id, member_id) SELECT p.id, m.id FROM crm.pool p, crm.member m WHERE p.code = 'closed' AND m.code = 'wang';
SELECT FROM leads.release(:k, 'x', 'closed');
SELECT is(pg_temp.answer(format('SELECT leads.claim(ARRAY[%s]::bigint[], by_member => ''zhao'')', :k)), format('LD001 customer %s cannot be claimed: there is no such customer//', :k), 'never known: LD001');
SET ROLE :"li_db";
SELECT is(pg_temp.answer(format('SELECT leads.claim(ARRAY[%s]::bigint[])', :k)), format('LD061 customer %s cannot be claimed: you are no member of pool "closed"//', :k), 'known: LD061, and which pool');
SELECT is_empty(format('SELECT FROM crm.pool_item WHERE customer_id = %s', :k), 'its items are not shown');
SELECT is_empty(format('UPDATE crm.pool_item SET claimed_by = ''li'' WHERE customer_id = %s RETURNING claimed_by', :k), 'nor claimed by the view');
RESET ROLE;
INSERT INTO crm.pool_member (pool_id, member_id) SELECT p.id, m.id FROM crm.pool p, crm.member m WHERE p.code = 'closed' AND m.code = 'li';
SET ROLE :"li_db";
SELECT results_eq(format('UPDATE crm.pool_item SET claimed_by = ''li'' WHERE customer_id = %s RETURNING claimed_by', :k), $$ VALUES ('li') $$, 'a member claims it');
RESET ROLE;
-- many claims of one transaction do not fill the lock table
INSERT INTO crm.routing_rule (position, assign_to) VALUES (99, 'pool:public') ON CONFLICT DO NOTHING;
SELECT array_agg(customer_id) AS many FROM generate_series(1, 70) i, leads.register('伊春' || chr(20100 + i * 37) || chr(30100 + i * 53) || chr(25100 + i * 91) || '林业有限公司', channel => 'website') \gset
BEGIN;
SELECT count(*) FROM unnest(:'many'::bigint[]) c, leads.claim(ARRAY[c], all_or_nothing => false, by_member => 'wang') \gset
SELECT ok((SELECT count(*) BETWEEN 1 AND 64 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 8 AND pid = pg_backend_pid()), 'at most 64 locks of claims');
ROLLBACK;
SELECT is_empty('SELECT * FROM leads.verify()', 'the company is sound');
SELECT * FROM finish();
