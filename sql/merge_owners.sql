-- leads.merge(): different owners, the protection registered first, cool-down, cap, chains; unmerge() with conflicts
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';
\set VERBOSITY sqlstate
SET leads.clock = '2026-03-02 09:00+08';
SELECT leads.install('mo', lang => 'zh', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'mo';
INSERT INTO mo.member (code, name, is_manager) VALUES ('zhang', '张伟', false), ('li', '李娜', false), ('wang', '王芳', false), ('boss', '陈总', true);
SELECT leads.set_protection(days => 30, no_followup_days => 7) AS version;
SELECT customer_id, owner FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SET leads.clock = '2026-03-02 10:00+08';
SELECT customer_id, owner FROM leads.register('成都锦绣电子科技有限公司', by_member => 'li');
SELECT customer_id, owner FROM leads.register('广州明珠医疗器械有限公司', by_member => 'li');
SELECT customer_id, owner FROM leads.register('青岛海蓝水产有限公司', by_member => 'zhang');
SELECT customer_id, owner FROM leads.register('上海云帆信息技术有限公司', by_member => 'wang');
CREATE TEMP VIEW held AS SELECT o.customer_id AS c, m.code AS owner, o.pool_id AS pool, o.since, o.protected_until, o.next_due_at, o.followed_at, o.exempt, o.cause
  FROM mo.ownership o LEFT JOIN mo.member m ON m.id = o.member_id WHERE o.until IS NULL ORDER BY 1;

-- two owners: a manager may not, and is told in a dry run; an administrator may; the one registered first keeps it
SELECT FROM leads.merge(2, '{1}', reason => 'the same', by_member => 'boss');
\echo :LAST_ERROR_MESSAGE
SELECT outcome, (SELECT c FROM jsonb_array_elements(conflicts) c WHERE c ->> 'field' = 'owner') AS owner FROM leads.merge(2, '{1}', reason => 'the same', dry_run => true, by_member => 'boss');
SELECT outcome, (SELECT c FROM jsonb_array_elements(conflicts) c WHERE c ->> 'field' = 'owner') AS owner FROM leads.merge(2, '{1}', reason => 'the same', dry_run => true);
SET leads.clock = '2026-03-04 09:00+08';
SELECT merge_id AS m1, outcome FROM leads.merge(2, '{1}', reason => 'the same') \gset
SELECT * FROM held;
SELECT m.code, c.held FROM mo.member_counter c JOIN mo.member m ON m.id = c.member_id ORDER BY 1;
SELECT object, row_id, value_after FROM mo.merge_item WHERE kind = 'counter' ORDER BY row_id;
SELECT topic, m.code, payload FROM mo.outbox o JOIN mo.member m ON m.id = o.member_id WHERE topic IN ('merged', 'unmerged') ORDER BY o.id;
-- the former owner of the survivor has lost it, and the loser's owner works on
SELECT effective FROM leads.log_activity(1, 'call', '已联系,需求明确', by_member => 'li');
SELECT effective FROM leads.log_activity(1, 'call', '已联系,需求明确', by_member => 'zhang');
SELECT leads.owner_at(1, '', '2026-03-03 09:00+08') AS one, leads.owner_at(2, '', '2026-03-03 09:00+08') AS two, leads.owner_at(1), leads.owner_at(2);
SELECT * FROM leads.verify();

-- chains: 2 into 3; 1 redirects to 3; the first merge must wait for the second to be undone; the same owner: follow-ups count
SELECT owner FROM leads.assign(3, 'zhang');
SET leads.clock = '2026-03-05 09:00+08';
SELECT merge_id AS m2, outcome FROM leads.merge(3, '{2}', reason => 'and this one') \gset
SELECT id, status, merged_into FROM mo.customer ORDER BY id;
SELECT * FROM held;
SELECT leads.canonical(1) AS one, leads.canonical(2) AS two, leads.owner_at(1) AS now, leads.owner_at(1, '', '2026-03-04 12:00+08') AS between;
SELECT * FROM leads.unmerge(:m1);
\echo :LAST_ERROR_MESSAGE
-- a circle, itself, a tombstone
SELECT FROM leads.merge(1, '{3}', reason => 'x');
SELECT FROM leads.merge(3, '{3}', reason => 'x');
SELECT FROM leads.merge(4, '{1}', reason => 'x');
SELECT outcome FROM leads.merge(3, '{1,2}', reason => 'x');
SELECT outcome FROM leads.unmerge(:m2);
SELECT id, status, merged_into FROM mo.customer ORDER BY id;
SELECT * FROM held;
SELECT * FROM leads.verify();
-- nobody touched what the second merge took and gave back: the first one is undone without a question
BEGIN;
SELECT outcome FROM leads.unmerge(:m1);
SELECT c, owner, cause FROM held;
SELECT * FROM leads.verify();
ROLLBACK;

-- after the merge: a field edited, the customer released and claimed by another, a lead made: conflicts are told, nothing is undone
SET leads.clock = '2026-03-06 09:00+08';
UPDATE mo.customer SET industry = '贸易', tags = '{x}' WHERE id = 3;
SELECT merge_id AS m3 FROM leads.merge(3, '{4}', '{"name": 4, "industry": 4}', 'x', join_leads => false) \gset
SELECT name, core, industry FROM mo.customer WHERE id = 3;
SELECT name, kind FROM mo.customer_name WHERE customer_id = 3 ORDER BY id;
UPDATE mo.customer SET industry = '渔业' WHERE id = 3;
SELECT outcome, customer_id, lead_id FROM leads.register('青岛海蓝水产有限公司', channel => 'website', need => '急');
SELECT stage FROM leads.win(3, 10);
SELECT outcome, customer_id, lead_id FROM leads.register('青岛海蓝水产有限公司', channel => 'website', need => '急');
SELECT effective FROM leads.log_activity(4, 'call', '谈好了一部分', by_member => 'zhang');
SELECT into_pool FROM leads.release(3, 'x', by_member => 'zhang');
SELECT outcome FROM leads.claim('{3}', by_member => 'wang');
SELECT regexp_replace(object, 'merge/\d+', 'merge/n') AS object, field, value_now, value_then, outcome FROM leads.unmerge(:m3);
SELECT undone_at FROM mo.merge WHERE id = :m3;
SELECT status FROM mo.customer WHERE id = 4;
SELECT regexp_replace(object, 'merge/\d+', 'merge/n') AS object, field, value_now, value_then, outcome FROM leads.unmerge(:m3, '{"customer/3.industry": "keep_current", "*": "restore"}');
SELECT id, name, core, industry FROM mo.customer WHERE id IN (3, 4) ORDER BY 1;
SELECT * FROM held;
SELECT id, customer_id FROM mo.lead ORDER BY id;
SELECT lead_id, customer_id FROM mo.activity ORDER BY id;
SELECT * FROM leads.verify();
SELECT * FROM leads.unmerge(:m3);
\echo :LAST_ERROR_MESSAGE

-- what was made since goes along if it is named
SELECT merge_id AS m4 FROM leads.merge(5, '{4}', reason => 'x') \gset
INSERT INTO mo.contact (customer_id, name, created_at) VALUES (5, '赵六', now());
INSERT INTO mo.contact_point (customer_id, contact_id, kind, raw) SELECT 5, max(id), 'phone', '13912345679' FROM mo.contact;
SELECT * FROM leads.unmerge(:m4, give => '{"contact/99": 4}');
SELECT * FROM leads.unmerge(:m4, give => '{"member/1": 4}');
SELECT * FROM leads.unmerge(:m4, give => '{"lead/4": 4}');
SELECT * FROM leads.unmerge(:m4, give => '{"contact/1": 3}');
SELECT outcome FROM leads.unmerge(:m4, give => jsonb_build_object('contact_point/' || (SELECT max(id) FROM mo.contact_point), 4));
SELECT customer_id FROM mo.contact UNION ALL SELECT customer_id FROM mo.contact_point;
-- a row that somebody moved by hand is a conflict, too
SELECT merge_id AS m5 FROM leads.merge(5, '{4}', reason => 'x') \gset
UPDATE mo.contact_point SET customer_id = 2 WHERE raw = '13912345679';
SELECT regexp_replace(object, '\d+', 'n') AS object, field, value_now, value_then, outcome FROM leads.unmerge(:m5);
SELECT outcome FROM leads.unmerge(:m5, '{"*": "restore"}');
SELECT customer_id FROM mo.contact_point;
SELECT * FROM leads.verify();

-- cool-down goes along: who released the loser may not claim the survivor
UPDATE mo.pool SET cooldown_days = 5;
SELECT into_pool FROM leads.release(5, 'x', by_member => 'wang');
SELECT into_pool FROM leads.release(4, 'x', by_member => 'zhang');
SELECT merge_id AS m6, outcome FROM leads.merge(5, '{4}', reason => 'x') \gset
SELECT * FROM held WHERE c IN (4, 5);
SELECT FROM leads.claim('{5}', by_member => 'zhang');
\echo :LAST_ERROR_MESSAGE
SELECT customer_id, outcome, reason FROM leads.claim('{4}', all_or_nothing => false, by_member => 'wang');
SELECT customer_id, outcome FROM leads.claim('{4}', by_member => 'li');
SELECT outcome FROM leads.unmerge(:m6);
SELECT * FROM held WHERE c IN (4, 5);
-- and so does the cap: the owner of both holds one less
UPDATE mo.member SET holder_cap = 2 WHERE code = 'li';
SELECT owner FROM leads.assign(4, 'li');
UPDATE mo.pool SET cooldown_days = 0;
SELECT into_pool FROM leads.release(3, 'x', by_member => 'wang');
SELECT FROM leads.claim('{3}', by_member => 'li');
\echo :LAST_ERROR_MESSAGE
SELECT merge_id AS m7, outcome FROM leads.merge(5, '{4}', reason => 'x') \gset
SELECT m.code, c.held FROM mo.member_counter c JOIN mo.member m ON m.id = c.member_id ORDER BY 1;
SELECT outcome FROM leads.claim('{3}', by_member => 'li');

-- who was the owner when the merge came is not the owner any more: that is for somebody to say
SELECT merge_id AS m8, outcome FROM leads.merge(5, '{2}', reason => 'x') \gset
SELECT c, owner, protected_until, cause FROM held WHERE c IN (2, 5);
SELECT into_pool FROM leads.release(5, 'x', by_member => 'zhang');
SELECT outcome FROM leads.claim('{5}', by_member => 'wang');
SELECT regexp_replace(object, 'merge/\d+', 'merge/n') AS object, field, value_now, value_then, outcome FROM leads.unmerge(:m8);
SELECT * FROM leads.unmerge(:m8, '{"*": "keep"}');
BEGIN;
SELECT outcome FROM leads.unmerge(:m8, '{"*": "keep_current"}');
SELECT c, owner, pool, cause FROM held WHERE c IN (2, 5);
SELECT * FROM leads.verify();
ROLLBACK;
SELECT outcome FROM leads.unmerge(:m8, '{"*": "restore"}');
SELECT c, owner, pool, cause FROM held WHERE c IN (2, 5);
SELECT * FROM leads.verify();

-- a protection that ends with the merge standing: the pool has the survivor once, from the deadline on
SET leads.clock = '2026-05-20 09:00+08';
SELECT customer_id, pool FROM mo.pool_item ORDER BY 1;
SELECT i, leads.owner_at(i) FROM unnest('{1,2,3,4,5}'::bigint[]) i;
CALL leads.tick();
SELECT * FROM leads.verify();
-- persons with companies, and registrations that wait
SELECT customer_id FROM leads.register(NULL, kind => 'person', phone => '13700000001', by_member => 'li') \gset p
SELECT FROM leads.merge(5, ARRAY[:pcustomer_id], reason => 'x');
\echo :LAST_ERROR_MESSAGE
SET session_replication_role = replica;
UPDATE mo.registration SET state = 'pending' WHERE customer_id = 3 AND id = 3;
RESET session_replication_role;
SELECT FROM leads.merge(5, '{3}', reason => 'x');
\echo :LAST_ERROR_MESSAGE
SELECT FROM leads.merge(3, '{5}', reason => 'x');

-- tombstones and journal are not for hands
DELETE FROM mo.merge_item;
UPDATE mo.merge SET undone_at = NULL;
\echo :LAST_ERROR_MESSAGE
INSERT INTO mo.merge (survivor_id, losers, reason, merged_at, decision_id) VALUES (1, '{2}', 'x', now(), 1);
-- what verify() finds
SET session_replication_role = replica;
BEGIN; UPDATE mo.customer SET status = 'merged', merged_into = 4 WHERE id = 5;
SELECT invariant, subject, problem FROM leads.verify() WHERE invariant = 'I12' AND problem !~ 'customer_key'; ROLLBACK;
BEGIN; UPDATE mo.lead SET customer_id = 4 WHERE id = 4; SELECT invariant, subject, problem FROM leads.verify() WHERE invariant = 'I12'; ROLLBACK;
BEGIN; UPDATE mo.merge SET undone_at = '2027-01-01', undo_decision_id = 1; SELECT invariant, subject, problem FROM leads.verify() WHERE invariant = 'I12'; ROLLBACK;
RESET session_replication_role;
SET leads.clock = '';
SET client_min_messages = error;
SELECT FROM leads.uninstall('mo', 'mo');
