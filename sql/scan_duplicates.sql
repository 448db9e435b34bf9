-- duplicates in a whole table: groups, chains, what a person told apart, crowds, rights, going on after a stop
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SELECT leads.install('sd', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'sd';
SET leads.clock = '2026-03-02 10:00+08';
\pset format unaligned
CREATE SCHEMA sd_files;
CREATE TABLE sd_files."list of 2019" (nr text PRIMARY KEY, "公司" text, tel text, who text, mail text, place varchar(20), code text);
INSERT INTO sd_files."list of 2019" VALUES
  ('a1', '重庆鸿源商贸有限公司', '13912345678', '王芳', NULL, NULL, NULL),
  ('a2', '重慶市鴻源商貿', NULL, NULL, NULL, NULL, NULL),
  ('a3', '四川鸿源商贸有限公司', NULL, NULL, NULL, NULL, NULL),
  ('b1', '成都青禾食品有限公司', NULL, NULL, 'li@qinghe.example', NULL, '91510100MA61R6TL44'),
  ('b2', '青禾食品（成都）有限公司', '028-85551234', NULL, NULL, NULL, NULL),
  ('c1', '贵阳花溪茶业有限公司', NULL, NULL, NULL, '贵州', NULL),
  ('d1', NULL, '13700001111', '李强', NULL, NULL, NULL),
  ('d2', '', '13700001111', NULL, NULL, NULL, NULL),
  ('e1', '第一建筑工程有限公司', NULL, NULL, NULL, NULL, NULL),
  ('e2', '第二建筑工程有限公司', NULL, NULL, NULL, NULL, NULL),
  ('f1', '昆明滇池湖畔酒店管理有限公司', NULL, NULL, NULL, NULL, NULL),
  ('f2', '昆明滇池湖泮酒店管理有限公司', NULL, NULL, NULL, NULL, NULL);
SELECT cluster, id, name, matched_id, band, score > 1 AS sure, shares <> '{}' AS explained
  FROM leads.find_duplicates('sd_files."list of 2019"', name_column => '公司', phone_column => 'tel', contact_column => 'who', email_column => 'mail',
    region_column => 'place', uscc_column => 'code');
SELECT count(*) AS none FROM leads.find_duplicates('sd_files."list of 2019"', '公司', least_band => 'certain') WHERE band = 'likely';
-- persons are one by their mobile; a view will do, its id is named
CREATE VIEW sd_files.people AS SELECT nr, who, tel FROM sd_files."list of 2019";
SELECT cluster, id, matched_id, band FROM leads.find_duplicates('sd_files.people', 'who', 'tel', id_column => 'nr', kind => 'person');
-- A resembles B, B resembles C, A is not C: no chain becomes a group
CREATE TABLE sd_files.chain (id int PRIMARY KEY, name text);
INSERT INTO sd_files.chain VALUES (1, '重庆鸿源商贸有限公司'), (2, '鸿源商贸有限公司'), (3, '四川鸿源商贸有限公司'), (4, '湖北鸿源商贸有限公司');
SELECT cluster, id, name, matched_id, band FROM leads.find_duplicates('sd_files.chain');
-- more rows under a key than are compared with each other: equal ones, and those that share two such keys
CREATE TABLE sd_files.crowd (id int PRIMARY KEY, name text);
INSERT INTO sd_files.crowd SELECT i, '重庆鸿源商贸有限公司' FROM generate_series(1, 400) i;
SELECT count(*) AS rows, count(DISTINCT cluster) AS groups, count(matched_id) AS members FROM leads.find_duplicates('sd_files.crowd');
TRUNCATE sd_files.crowd;
INSERT INTO sd_files.crowd SELECT i, '云岭' || chr(20000 + i * 7) || chr(30000 + i * 11) || '有限公司' FROM generate_series(1, 320) i;
INSERT INTO sd_files.crowd SELECT 400 + i, chr(21000 + i * 7) || '岭花' || chr(31000 + i * 11) || '有限公司' FROM generate_series(1, 320) i;
INSERT INTO sd_files.crowd SELECT 800 + i, chr(22000 + i * 7) || chr(32000 + i * 11) || '花谷有限公司' FROM generate_series(1, 320) i;
INSERT INTO sd_files.crowd VALUES (2001, '云岭花谷商贸有限公司'), (2002, '云岭花谷股份有限公司');
SELECT id, matched_id FROM leads.find_duplicates('sd_files.crowd', least_band => 'possible') WHERE '2002' IN (id, matched_id) AND '2001' IN (id, matched_id);
TRUNCATE sd_files.crowd;
INSERT INTO sd_files.crowd SELECT i, chr(20000 + i * 3) || chr(30000 + i * 7) FROM generate_series(1, 350) i;
CREATE VIEW sd_files.one_phone AS SELECT id, name, '13700002222' AS tel FROM sd_files.crowd;
SELECT count(*) AS rows, count(DISTINCT cluster) AS groups FROM leads.find_duplicates('sd_files.one_phone', phone_column => 'tel', id_column => 'id', kind => 'person');
-- what resembles rows of two groups that differ is told, not joined
TRUNCATE sd_files.crowd;
INSERT INTO sd_files.crowd VALUES (1, '重庆鸿源商贸有限公司'), (2, '重庆市鸿源商贸公司'), (3, '四川鸿源商贸有限公司'), (4, '四川省鸿源商贸公司'), (5, '鸿源商贸有限公司');
SELECT cluster, id, name, matched_id, band FROM leads.find_duplicates('sd_files.crowd');
-- customers: former names and contact points count, merged ones do not, what a person told apart stays apart
INSERT INTO sd.member (code, name) VALUES ('zhang', 'Zhang Wei');
SELECT leads.set_match(certain => 300, likely => 200, possible => 100) IS NOT NULL AS off;
SELECT outcome, customer_id FROM leads.register('西安大雁塔旅行社有限公司', phone => '13912340001', by_member => 'zhang');
SELECT outcome, customer_id FROM leads.register('西安市大雁塔旅行社', phone => '13912340001', by_member => 'zhang');
SELECT outcome, customer_id FROM leads.register('西安大雁塔旅行社有限责任公司', by_member => 'zhang');
SELECT outcome, customer_id FROM leads.register('兰州黄河牛肉面有限公司', by_member => 'zhang');
SELECT outcome, customer_id FROM leads.register('银川西夏陵文化有限公司', by_member => 'zhang');
SELECT outcome, customer_id FROM leads.register('兰州市黄河牛肉面', by_member => 'zhang');
UPDATE sd.customer SET name = '西夏陵（银川）旅游有限公司' WHERE id = 4;
SET leads.clock = '2026-03-02 11:00+08';
SELECT leads.set_match(certain => 5, likely => 1, possible => -2.2) IS NOT NULL AS back;
SELECT cluster, id, name, matched_id, band FROM leads.find_duplicates();
SELECT distinct_id FROM leads.not_duplicate(1, 2, 'two offices');
SELECT cluster, id, matched_id FROM leads.find_duplicates() ORDER BY cluster, id;
SELECT merge_id FROM leads.merge(1, ARRAY[3::bigint], reason => 'one');
SELECT id, matched_id FROM leads.find_duplicates() WHERE id IN ('1', '2', '3');
-- the list that stays
CALL leads.scan_duplicates('customers');
SELECT scan, source, state, row_count, done = pair_count AS compared, found, clusters, listed, runs FROM sd.duplicate_progress;
SELECT scan, cluster, item, name, matched, band FROM sd.duplicate_list;
CALL leads.scan_duplicates('customers');
SELECT runs FROM sd.duplicate_progress;
CALL leads.scan_duplicates('customers', least_band => 'certain');
CALL leads.scan_duplicates('customers', least_band => 'certain', again => true);
SELECT scan, source, state, found, runs FROM sd.duplicate_progress;
-- stopped while it wrote the list: what was compared is not compared again
CREATE FUNCTION sd_stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stop' USING errcode = '57014'; END $$;
CREATE TRIGGER sd_stop BEFORE INSERT ON sd.duplicate_found FOR EACH ROW EXECUTE FUNCTION sd_stop();
CALL leads.scan_duplicates('chain', 'sd_files.chain');
DROP TRIGGER sd_stop ON sd.duplicate_found;
SELECT state, row_count, done = pair_count AS compared, found, runs, finished_at FROM sd.duplicate_progress WHERE scan = 'chain';
SELECT count(*) AS shown FROM sd.duplicate_list WHERE scan = 'chain';
SELECT count(*) AS kept FROM sd.duplicate_pair;
CALL leads.scan_duplicates('chain', 'sd_files.chain');
SELECT state, source, found, clusters, listed, runs FROM sd.duplicate_progress WHERE scan = 'chain';
SELECT cluster, item, matched FROM sd.duplicate_list WHERE scan = 'chain';
SELECT count(*) AS kept FROM sd.duplicate_pair;
-- stopped, and the table is another one when it goes on: everything is compared again
CREATE TRIGGER sd_stop BEFORE INSERT ON sd.duplicate_found FOR EACH ROW EXECUTE FUNCTION sd_stop();
CALL leads.scan_duplicates('moved', 'sd_files.chain');
DROP TRIGGER sd_stop ON sd.duplicate_found;
DELETE FROM sd_files.chain WHERE id = 1;
CALL leads.scan_duplicates('moved', 'sd_files.chain');
SELECT cluster, item, matched FROM sd.duplicate_list WHERE scan = 'moved';
-- within a transaction it is one
BEGIN;
CALL leads.scan_duplicates('gone', 'sd_files.chain');
SELECT state FROM sd.duplicate_progress WHERE scan = 'gone';
ROLLBACK;
SELECT count(*) AS gone FROM sd.duplicate_progress WHERE scan = 'gone';
SELECT leads.forget_scan('moved');
SELECT scan FROM sd.duplicate_progress ORDER BY 1;
-- rights: the caller's own for a table, a boss's for the company
CREATE ROLE sd_boss;
CREATE ROLE sd_rep;
SELECT leads.grant_access('sd_boss', 'manager'), leads.grant_access('sd_rep', 'rep');
GRANT USAGE ON SCHEMA sd_files TO sd_boss, sd_rep;
GRANT SELECT ON sd_files.people TO sd_boss, sd_rep;
GRANT SELECT (id) ON sd_files.chain TO sd_boss;
\set VERBOSITY sqlstate
SET ROLE sd_boss;
SELECT count(*) AS people FROM leads.find_duplicates('sd_files.people', 'who', 'tel', id_column => 'nr', kind => 'person');
SELECT count(*) AS customers FROM leads.find_duplicates();
CALL leads.scan_duplicates('boss', 'sd_files.people', 'who', 'tel', id_column => 'nr', kind => 'person');
SELECT count(*) AS listed FROM sd.duplicate_list WHERE scan = 'boss';
SELECT leads.find_duplicates('sd_files.chain');
CALL leads.scan_duplicates('no', 'sd_files.chain');
SELECT leads.find_duplicates('sd.customer');
RESET ROLE;
SET ROLE sd_rep;
SELECT leads.find_duplicates('sd_files.people', 'who', id_column => 'nr');
CALL leads.scan_duplicates('no');
SELECT leads.forget_scan('boss');
SELECT FROM sd.duplicate_list;
RESET ROLE;
-- bad arguments
SELECT leads.find_duplicates(name_column => 'name');
SELECT leads.find_duplicates('sd_files.people', 'who');
SELECT leads.find_duplicates('sd_files.chain', 'title');
SELECT leads.find_duplicates('sd_files.chain', 'name) FROM pg_class --');
SELECT leads.find_duplicates('sd_files.chain', kind => 'planet');
SELECT leads.find_duplicates('sd_files.chain', least_band => 'new');
SELECT leads.find_duplicates('sd_files.nothing');
SELECT leads.find_duplicates(1::oid::regclass);
SELECT leads.find_duplicates(schema_name => 'nowhere');
CALL leads.scan_duplicates(NULL);
CALL leads.scan_duplicates('');
SELECT leads.forget_scan('nothing');
SELECT leads.forget_scan(NULL);
DELETE FROM sd.duplicate_found;
\set VERBOSITY default
SELECT * FROM leads.verify('sd');
DROP FUNCTION sd_stop;
DROP SCHEMA sd_files CASCADE;
RESET leads.clock;
SELECT leads.uninstall('sd', 'sd');
DROP OWNED BY sd_boss, sd_rep;
DROP ROLE sd_boss, sd_rep;
