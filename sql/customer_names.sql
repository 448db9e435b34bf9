-- a customer is found by all its names, former, short and merged ones, not by the first few
SET client_min_messages = warning;
SELECT leads.install('cn', lang => 'en', zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'cn';
INSERT INTO cn.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li');
SELECT customer_id AS a FROM leads.register('重庆鸿源商贸有限公司', phone => '13812345678', by_member => 'zhang') \gset
CREATE TEMP TABLE name (n int, name text);
INSERT INTO name SELECT n, '成都' || substr('天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨', 2 * n - 1, 4) || '科技有限公司' FROM generate_series(1, 19) n;
INSERT INTO cn.customer_name (customer_id, name, kind) SELECT :a, name, 'former' FROM name ORDER BY n;
-- each of them
SELECT count(*) AS names, count(*) FILTER (WHERE d.band = 'certain') AS certain, count(DISTINCT d.rank) AS ranks
  FROM name, LATERAL (SELECT * FROM leads.check_duplicate(name.name) LIMIT 1) d;
SELECT outcome, customer_id = :a AS same FROM leads.register((SELECT name FROM name WHERE n = 19), by_member => 'zhang');
SELECT outcome FROM leads.register((SELECT name FROM name WHERE n = 12), by_member => 'li');
-- and by each of its numbers
INSERT INTO cn.contact_point (customer_id, kind, raw) SELECT :a, 'phone', '139' || lpad(n::text, 8, '0') FROM generate_series(1, 12) n;
SELECT count(*) AS numbers, count(*) FILTER (WHERE EXISTS (SELECT FROM leads.check_duplicate('重庆鸿源商贸', phone => '139' || lpad(n::text, 8, '0')) d WHERE d.shares ? 'phone_equal')) AS found
  FROM generate_series(1, 12) n;
SELECT count(*) FROM leads.health() WHERE item = 'names';
-- beyond what a record holds, health() says so
INSERT INTO cn.customer_name (customer_id, name, kind) SELECT :a, '昆明' || substr('海咸河淡鳞潜羽翔龙师火帝', n, 3) || '食品有限公司', 'former' FROM generate_series(1, 5) n;
SELECT status, detail FROM leads.health() WHERE item = 'names';
-- the same of numbers: sixteen, each counted once however it is written, and those that no one is found by not at all
INSERT INTO cn.contact_point (customer_id, kind, raw) SELECT :a, 'phone', '139' || lpad(n::text, 8, '0') FROM generate_series(13, 15) n;
INSERT INTO cn.contact_point (customer_id, kind, raw) VALUES (:a, 'phone', '+86 139 0000 0001'), (:a, 'phone', 'none'), (:a, 'phone', '123');
SELECT count(*) FROM leads.health() WHERE item = 'points';
INSERT INTO cn.contact_point (customer_id, kind, raw) VALUES (:a, 'phone', '13900000016');
SELECT status, detail FROM leads.health() WHERE item = 'points';
SELECT * FROM leads.verify();
SELECT leads.uninstall('cn', 'cn');
