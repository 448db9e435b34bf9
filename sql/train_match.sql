-- leads.train_match(): refusals and merges move the weights of a draft; nothing that rules changes
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT leads.install('train', lang => 'en', simulation => true, zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'train';
SET leads.clock = '2026-03-02 10:00+00';
CREATE ROLE train_rep;
CREATE ROLE train_boss;
CREATE ROLE train_admin;
INSERT INTO train.member (code, name, db_role, is_manager) VALUES ('zhang', 'Zhang', 'train_rep', false), ('chen', 'Chen', 'train_boss', true);
SELECT leads.grant_access('train_rep', 'rep'), leads.grant_access('train_boss', 'manager'), leads.grant_access('train_admin', 'admin');

\echo == nothing to learn from
SELECT * FROM leads.train_match();
SELECT count(*) AS drafts FROM train.policy WHERE status = 'draft';

-- 25 pairs of the same sound in one town, 25 that differ in the legal form alone; they come in under other names
CREATE TABLE train_pair AS
SELECT i, k, town || '市' || CASE k WHEN 0 THEN brand ELSE twin END || trade || '有限公司' AS a,
       town || CASE k WHEN 0 THEN twin ELSE twin END || trade || CASE k WHEN 0 THEN '有限公司' ELSE '有限责任公司' END AS b
  FROM (SELECT i, k, (ARRAY['重庆', '成都', '昆山', '宁波', '常熟', '长沙', '厦门', '大连'])[i % 8 + 1] AS town,
               (ARRAY[ARRAY['鸿源', '腾胜', '佳成', '军峰', '信一'], ARRAY['云岭', '明达', '瑞泰', '江河', '长风']])[k + 1][i % 5 + 1] AS brand,
               (ARRAY[ARRAY['弘源', '腾盛', '嘉成', '俊峰', '信谊'], ARRAY['云岭', '明达', '瑞泰', '江河', '长风']])[k + 1][i % 5 + 1] AS twin,
               (ARRAY['商贸', '物流', '建筑工程'])[i % 3 + 1] AS trade
          FROM generate_series(0, 24) i, generate_series(0, 1) k) x;
CREATE TABLE train_id AS
SELECT i, k, s, (SELECT r.customer_id FROM leads.register(chr(20000 + 371 * (i * 4 + k * 2 + s) % 5000) || chr(26000 + 617 * (i * 4 + k * 2 + s) % 5000)
  || chr(31000 + 911 * (i * 4 + k * 2 + s) % 5000) || '厂', by_member => 'zhang') r) AS id
  FROM train_pair, generate_series(0, 1) s;
SELECT count(DISTINCT id) FROM train_id;
UPDATE train.customer c SET name = CASE x.s WHEN 0 THEN p.a ELSE p.b END FROM train_id x JOIN train_pair p USING (i, k) WHERE c.id = x.id;

\echo == unjudged pairs alone: EM helps out, nothing can be measured
SELECT version, confirmed, refused, unjudged > 50 AS unjudged, precision_before, f1_after, weights IS NOT NULL AS weights FROM leads.train_match();
SELECT unjudged, version FROM leads.train_match(0);

\echo == judged ones
SELECT count(n.distinct_id) AS apart FROM train_id x JOIN train_id y USING (i, k), leads.not_duplicate(x.id, y.id, 'visited both', by_member => 'chen') n
  WHERE k = 0 AND x.s = 0 AND y.s = 1;
SELECT count(m.merge_id) AS merged FROM train_id x JOIN train_id y USING (i, k), leads.merge(x.id, ARRAY[y.id], '{}', 'one licence', by_member => 'chen') m
  WHERE k = 1 AND x.s = 0 AND y.s = 1;
SET ROLE train_admin;
SELECT * FROM leads.train_match() \gset new_
RESET ROLE;
SELECT :new_confirmed AS confirmed, :new_refused AS refused, :new_unjudged AS unjudged, :new_precision_before < :new_precision_after AS more_precise,
       :new_recall_after AS recall_after, :new_f1_before < :new_f1_after AS better;
-- the same sound in one town is no match here: its weight falls, nothing changes its sign, no conflict occurred
SELECT (:'new_weights'::jsonb ->> 'core_sound')::numeric BETWEEN 0 AND 3 AS sound_falls, :'new_weights'::jsonb ? 'region_conflict' AS conflict,
       :'new_weights'::jsonb ? 'phone_equal' AS phone;

\echo == a draft does not rule, until it is published
SELECT version, status FROM leads.policy_history('match') ORDER BY version;
SELECT outcome FROM leads.register('武汉市腾胜商贸有限公司', by_member => 'zhang');
SELECT band AS before FROM leads.check_duplicate('武汉腾盛商贸有限公司') WHERE rank = 1;
SELECT leads.publish('match', '', (SELECT body FROM train.policy WHERE kind = 'match' AND version = :new_version)) > :new_version AS published;
SELECT status FROM leads.policy_history('match') ORDER BY version DESC LIMIT 1;
SELECT band AS after FROM leads.check_duplicate('武汉腾盛商贸有限公司') WHERE rank = 1 OR rank IS NULL;

\echo == unmerge is a refusal
SELECT outcome FROM leads.unmerge((SELECT min(id) FROM train.merge), reason => 'two licences', by_member => 'chen') LIMIT 1;
SELECT confirmed, refused FROM leads.train_match();

\echo == what was queued, and a person attached it, is confirmed
SET session_replication_role = replica;
UPDATE train.registration SET outcome = 'queued', state = 'attached' WHERE id = (SELECT max(id) FROM train.registration WHERE customer_id IS NOT NULL);
SET session_replication_role = origin;
SELECT confirmed, refused FROM leads.train_match();

\echo == who may
\set VERBOSITY sqlstate
SET ROLE train_boss;
SELECT leads.train_match();
SET ROLE train_rep;
SELECT leads.train_match();
RESET ROLE;
SELECT leads.train_match(-1);
SELECT leads.train_match(5001);
SELECT leads.train_match(NULL);
\set VERBOSITY default
RESET leads.schema;
RESET leads.clock;
DROP TABLE train_pair, train_id;
SET client_min_messages = error;
SELECT leads.uninstall('train', 'train');
DROP OWNED BY train_rep, train_boss, train_admin;
DROP ROLE train_rep, train_boss, train_admin;
