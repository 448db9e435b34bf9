-- leads.merge() and leads.unmerge(): children, owners, fields, keys, tombstones; everything goes back
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';
\set VERBOSITY sqlstate
SET leads.clock = '2026-03-01 08:00+08';
SELECT leads.install('mg', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'mg';
INSERT INTO mg.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li'), ('wang', 'Wang');
SELECT leads.set_match(scope => 'line') > 0 AS by_line;
SET leads.clock = '2026-03-02 09:00+08';
-- 1: zhang's, in scope '' and cloud; 2: zhang's in '', li's in 'data'; 3: in the pool; 4: a bystander
SELECT outcome, customer_id, lead_id, owner FROM leads.register('重庆鸿源商贸有限公司', phone => '13812345678', contact => '王五', region => '重庆', amount => 1000, by_member => 'zhang');
SELECT outcome, customer_id, lead_id, owner FROM leads.register('重庆鸿源商贸有限公司', line => 'cloud', by_member => 'zhang');
SET leads.clock = '2026-03-01 09:00+08';
SELECT outcome, customer_id, lead_id, owner FROM leads.register('成都锦绣电子科技有限公司', phone => '13912345679', contact => '赵六', region => '四川', industry => '电子', uscc => '91110108551385082Q', by_member => 'zhang');
SELECT outcome, customer_id, lead_id, owner FROM leads.register('成都锦绣电子科技有限公司', line => 'data', by_member => 'zhang');
SELECT owner FROM leads.assign(2, 'li', scope => 'data');
SET leads.clock = '2026-03-02 10:00+08';
SELECT outcome, customer_id, lead_id, owner FROM leads.register('广州明珠医疗器械有限公司', email => 'a@mingzhu.example', by_member => 'wang');
SELECT into_pool FROM leads.release(3, 'no time', by_member => 'wang');
SELECT outcome, customer_id, lead_id, owner FROM leads.register('青岛海蓝水产有限公司', by_member => 'wang');
UPDATE mg.customer SET tags = '{a,b}', extra = '{"x": 1, "y": 1}' WHERE id = 1;
UPDATE mg.customer SET tags = '{b,c}', extra = '{"y": 2, "z": 2}', level = 'A' WHERE id = 2;
SELECT stage FROM leads.advance(1, 'contacted', by_member => 'zhang');
SELECT stage FROM leads.win(3, 500, by_member => 'zhang');
SELECT stage FROM leads.lose(4, 'price', by_member => 'li');
SELECT effective FROM leads.log_activity(6, 'call', '已联系,需求明确');
SELECT effective FROM leads.log_activity(1, 'call', '已联系,需求明确', by_member => 'zhang');
SELECT distinct_id > 0 AS told_apart FROM leads.not_duplicate(2, 4, 'other people');
SELECT * FROM leads.verify();

-- what must come back as it was
CREATE TEMP VIEW picture AS
  SELECT 'customer' AS what, format('%s %s %s %s %s %s %s %s %s %s %s', id, name, core, region, city, industry, level, tags, extra, status, merged_into) AS row FROM mg.customer
  UNION ALL SELECT 'contact', format('%s %s', id, customer_id) FROM mg.contact
  UNION ALL SELECT 'point', format('%s %s %s', id, customer_id, strong_key) FROM mg.contact_point
  UNION ALL SELECT 'name', format('%s %s %s', id, customer_id, name) FROM mg.customer_name
  UNION ALL SELECT 'lead', format('%s %s %s %s %s', id, customer_id, scope, stage_id, row_version) FROM mg.lead
  UNION ALL SELECT 'activity', format('%s %s %s', id, customer_id, lead_id) FROM mg.activity
  UNION ALL SELECT 'key', format('%s %s', customer_id, k) FROM mg.customer_key, LATERAL (VALUES (key_a), (key_b)) v(k) WHERE k IS NOT NULL
  UNION ALL SELECT 'counter', format('%s %s', member_id, held) FROM mg.member_counter
  UNION ALL SELECT 'owner', format('%s %s %s %s %s', customer_id, scope, member_id, pool_id, exempt) FROM mg.ownership WHERE until IS NULL
  UNION ALL SELECT 'funnel', to_jsonb(f)::text FROM leads.funnel(as_of => leads.now()) f
  UNION ALL SELECT 'channel', to_jsonb(f)::text FROM leads.funnel(by => 'channel') f
  UNION ALL SELECT 'region', to_jsonb(f)::text FROM leads.funnel(by => 'region') f
  UNION ALL SELECT 'by owner', to_jsonb(f)::text FROM leads.funnel(by => 'owner') f
  UNION ALL SELECT 'snapshot', to_jsonb(f)::text FROM leads.funnel(mode => 'snapshot') f;
SET leads.clock = '2026-03-05 09:00+08';
CREATE TEMP TABLE before AS SELECT * FROM picture;
SELECT customer_id, scope, member_id, pool_id, protected_until, next_due_at FROM mg.ownership WHERE until IS NULL ORDER BY 1, 2;

-- a dry run tells everything and leaves nothing
SET leads.clock = '2026-03-05 09:00:00.5+08';
SELECT merge_id, customer_id, outcome, moved, decision_id FROM leads.merge(1, '{2,3}', reason => 'the same people', dry_run => true);
SELECT x.* FROM leads.merge(1, '{2,3}', reason => 'the same people', dry_run => true) m, jsonb_to_recordset(m.conflicts) x(field text, scope text, kept bigint, values jsonb);
SET leads.clock = '2026-03-05 09:00+08';
SELECT count(*) AS differences FROM ((TABLE before EXCEPT ALL SELECT * FROM picture) UNION ALL (SELECT * FROM picture EXCEPT ALL TABLE before)) d;
SELECT count(*) FROM mg.merge;

-- the merge; fields by choice
SET leads.clock = '2026-03-05 09:00:00.5+08';
SELECT merge_id > 0 AS merged, customer_id, outcome, moved, decision_id > 0 AS decided FROM leads.merge(1, '{2,3,2}', '{"region": 2}', 'the same people');
SELECT id, name, core, region, city, industry, level, tags, extra, status, merged_into FROM mg.customer ORDER BY id;
SELECT customer_id, name, kind FROM mg.customer_name ORDER BY id;
SELECT id, customer_id, scope FROM mg.lead ORDER BY id;
SELECT DISTINCT customer_id FROM mg.activity ORDER BY 1;
SELECT id, customer_id, strong_key FROM mg.contact_point ORDER BY id;
SELECT DISTINCT customer_id FROM mg.customer_key ORDER BY 1;
SELECT customer_id, scope, member_id, pool_id, since, until, protected_until, next_due_at, exempt, cause, end_cause FROM mg.ownership ORDER BY customer_id, scope, since;
SELECT m.code, c.held FROM mg.member_counter c JOIN mg.member m ON m.id = c.member_id ORDER BY 1;
SELECT kind, object, count(*) FROM mg.merge_item WHERE kind <> 'key' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) = (SELECT count(*) FROM before WHERE what = 'key' AND row ~ '^[23] ') AS every_key FROM mg.merge_item WHERE kind = 'key';
SELECT customer_id, kind, at, owner_id, data ->> 'merge' = (SELECT id::text FROM mg.merge) AS named FROM mg.event WHERE kind IN ('merged', 'collided') ORDER BY id;
SELECT step, verdict, reason FROM leads.explain((SELECT decision_id FROM mg.merge)) ORDER BY step_no OFFSET 1;
SELECT topic, subject, member_id, payload FROM mg.outbox WHERE topic = 'merged' ORDER BY id;
SELECT * FROM leads.verify();
-- who was told apart from a loser stands apart from the survivor
SELECT low_id, high_id, reason, until FROM mg.customer_distinct ORDER BY 1, 2;
-- ids stay resolvable; the past is what it was
SELECT i, leads.canonical(i), leads.owner_at(i), leads.owner_at(i, 'data') AS data, leads.owner_at(i, '', '2026-03-03 09:00+08') AS then FROM unnest('{1,2,3,4}'::bigint[]) i;
-- a variant of any of the names is the survivor; work goes on by the old id, and by the old leads
SELECT outcome, owner FROM leads.register('广州市明珠医疗器械', by_member => 'li');
SELECT outcome, owner FROM leads.register('成都锦繡電子科技有限公司', by_member => 'li');
SELECT count(*) AS mine FROM mg.my_lead WHERE customer_id = 1;
SELECT count(*) FROM mg.my_customer;
SELECT count(*) FROM mg.pool_item;
SELECT explain.verdict FROM leads.explain((SELECT min(decision_id) FROM mg.ownership WHERE customer_id = 2)) LIMIT 1;
-- again: nothing
SELECT id AS merge FROM mg.merge \gset
SELECT merge_id = :merge AS the_same, outcome, moved, conflicts, decision_id FROM leads.merge(1, '{2,3}', reason => 'again');
-- leads count once, wherever they are, and before the merge as they did then
SET leads.clock = '2026-03-05 09:00+08';
SELECT count(*) AS differences FROM ((SELECT * FROM before WHERE what IN ('funnel', 'channel', 'by owner', 'snapshot') EXCEPT ALL SELECT * FROM picture)) d;

-- what is given to a tombstone by hand is the survivor's
BEGIN;
INSERT INTO mg.contact (customer_id, name, created_at) VALUES (3, 'x', now()) RETURNING customer_id;
INSERT INTO mg.contact_point (customer_id, kind, raw) VALUES (2, 'phone', '13600000001') RETURNING customer_id, norm;
INSERT INTO mg.customer_name (customer_id, name, kind) VALUES (2, 'x', 'short') RETURNING customer_id;
SELECT * FROM leads.verify();
ROLLBACK;

-- and back: whatever it was
SET leads.clock = '2026-03-05 09:00:00.6+08';
SELECT regexp_replace(object, '\d+', 'n') AS object, field, value_now, value_then, outcome, decision_id > 0 AS decided FROM leads.unmerge(:merge, reason => 'not the same');
SET leads.clock = '2026-03-05 09:00+08';
(TABLE before EXCEPT ALL SELECT * FROM picture) UNION ALL (SELECT 'now ' || what, row FROM (SELECT * FROM picture EXCEPT ALL TABLE before) x) ORDER BY 1, 2;
SELECT customer_id, scope, member_id, pool_id, since, until, protected_until, next_due_at, exempt, cause, end_cause FROM mg.ownership ORDER BY customer_id, scope, since;
SET leads.clock = '2026-03-05 09:00:01+08';
SELECT i, leads.canonical(i), leads.owner_at(i), leads.owner_at(i, 'data') AS data FROM unnest('{1,2,3}'::bigint[]) i;
SELECT kind, customer_id, at, owner_id FROM mg.event WHERE kind = 'unmerged' ORDER BY id;
SELECT step, verdict, regexp_replace(reason, 'merge \d+', 'merge n') AS reason FROM leads.explain((SELECT undo_decision_id FROM mg.merge)) ORDER BY step_no OFFSET 1;
SELECT low_id, high_id, reason, until FROM mg.customer_distinct ORDER BY 1, 2;
SELECT * FROM leads.verify();
SELECT * FROM leads.unmerge(:merge);
DROP VIEW picture;
SET leads.clock = '';
SET client_min_messages = error;
SELECT FROM leads.uninstall('mg', 'mg');
