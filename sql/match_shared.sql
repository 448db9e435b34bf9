-- a number that many customers have is an agent's or a landlord's: it weighs no more than a hotline, and finds them all the same
SET client_min_messages = warning;
SELECT leads.install('ms', lang => 'en', zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'ms';
INSERT INTO ms.member (code, name) VALUES ('zhang', 'Zhang');
SELECT customer_id AS a FROM leads.register('重庆鸿源商贸有限公司', phone => '023-67891234', by_member => 'zhang') \gset
SELECT name, outcome FROM unnest(ARRAY['成都天府物流有限公司', '昆明云岭花卉有限公司', '贵阳甲秀楼旅行社有限公司']) name, LATERAL leads.register(name, phone => '(023) 6789-1234', by_member => 'zhang');
-- of the same last digits: another number
SELECT outcome, customer_id AS o FROM leads.register('广州明珠医疗器械有限公司', phone => '010-67891234', by_member => 'zhang') \gset
SELECT :'outcome' AS outcome;
CREATE TEMP VIEW look AS SELECT d.customer_id, d.shares ? 'phone_equal' AS whole, d.shares ? 'phone_weak_equal' AS weak
  FROM leads.check_duplicate('重庆弘远商贸有限公司', phone => '02367891234') d WHERE d.customer = '重庆鸿源商贸有限公司';
SELECT customer_id = :a AS a, whole, weak FROM look;
-- a fifth
SELECT outcome FROM leads.register('青岛海蓝水产有限公司', phone => '023 67891234', by_member => 'zhang');
SELECT customer_id = :a AS a, whole, weak FROM look;
SELECT count(*) > 0 AS still_found FROM leads.check_duplicate('鸿源商贸', phone => '02367891234') d WHERE d.customer_id = :a;
-- a stored customer is not counted itself: four others have it, then five
UPDATE ms.customer SET name = '重庆弘远商贸有限公司' WHERE name = '青岛海蓝水产有限公司';
SELECT shares ? 'phone_equal' AS whole, shares ? 'phone_weak_equal' AS weak FROM leads.matches(:a) LIMIT 1;
INSERT INTO ms.contact_point (customer_id, kind, raw) VALUES (:o, 'phone', '02367891234');
SELECT shares ? 'phone_equal' AS whole, shares ? 'phone_weak_equal' AS weak FROM leads.matches(:a) LIMIT 1;
UPDATE ms.customer SET name = '青岛海蓝水产有限公司' WHERE name = '重庆弘远商贸有限公司';
-- the policy says how many, 0 = it always counts
SELECT leads.set_match(shared_by => 8) > 0 AS set;
SELECT whole, weak FROM look;
SELECT leads.set_match(shared_by => 0) > 0 AS set;
SELECT whole, weak FROM look;
\set VERBOSITY sqlstate
SELECT leads.set_match(shared_by => 1001);
SELECT leads.set_match(shared_by => -1);
SELECT leads.publish('match', '', '{"shared_by": 1.5}');
\set VERBOSITY default
-- of so many that have it a few are looked at, as under a common pair of characters
SELECT leads.set_match(shared_by => 5) > 0 AS set;
INSERT INTO ms.member (code, name) VALUES ('li', 'Li');
SELECT count(*) FROM generate_series(1, 300) i, leads.register('第' || i || '号大街' || chr(20000 + i * 37) || chr(30000 + i * 41) || '有限公司', by_member => 'li');
INSERT INTO ms.contact_point (customer_id, kind, raw) SELECT id, 'phone', '02367891234' FROM ms.customer c WHERE created_by = (SELECT id FROM ms.member WHERE code = 'li') ORDER BY id;
CREATE FUNCTION pg_temp.walked() RETURNS bigint LANGUAGE sql AS $$ SELECT pg_stat_get_xact_tuples_returned('ms.customer_key_b'::regclass) $$;
BEGIN;
SELECT pg_temp.walked() AS before \gset
SELECT count(*) AS answers FROM leads.check_duplicate('泸州老窖池酒业有限公司', phone => '023-6789-1234');
SELECT pg_temp.walked() - :before BETWEEN 1 AND 150 AS few;
COMMIT;
SELECT leads.set_match(shared_by => 0) > 0 AS set;
BEGIN;
SELECT pg_temp.walked() AS before \gset
SELECT count(*) AS answers FROM leads.check_duplicate('泸州老窖池酒业有限公司', phone => '023-6789-1234');
SELECT pg_temp.walked() - :before > 300 AS whole;
COMMIT;
-- a person is its mobile
SELECT leads.set_match(shared_by => 1) > 0 AS set;
SELECT outcome, customer_id AS p FROM leads.register('王芳', phone => '13812345678', kind => 'person', by_member => 'zhang') \gset
SELECT band FROM leads.check_duplicate(NULL, phone => '138 1234 5678', kind => 'person');
SELECT * FROM leads.verify();
SELECT leads.uninstall('ms', 'ms');
