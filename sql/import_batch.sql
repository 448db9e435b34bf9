-- bulk import: mapping, staging, preview, bad rows, variants within the file, history, errors in the middle, doing it again
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';
SELECT leads.install('im', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'im';
SET leads.clock = '2026-03-02 10:00+08';
INSERT INTO im.member (code, name) VALUES ('zhang', 'Zhang Wei'), ('li', 'Li Na'), ('gone', 'Gone');
UPDATE im.member SET left_at = '2026-01-01' WHERE code = 'gone';
\pset format unaligned
-- headers of a spreadsheet
SELECT * FROM leads.import_suggest_mapping(ARRAY['公司名称','客户','联系电话','负责人','手 机','预计金额（元）','E-mail','Company Name','归属人','＊客户需求','Mobile','統一社會信用代碼','城市','创建日期','微信','',NULL]);
SELECT * FROM leads.import_suggest_mapping('{}');
-- stage: by columns, by mapping, the rest to extra; COPY brings rows, too
SELECT leads.import_stage('b1', '[
 {"name": "重庆鸿源商贸有限公司", "phone": "13912345678", "contact": "王芳", "owner": "zhang", "created_by": "li", "created_at": "2024/1/5 10:30"},
 {"name": "重慶市鴻源商貿", "owner": "zhang", "need": "again"},
 {"name": "重庆鸿源商贸", "owner": "li"},
 {"name": "贵阳甲公司", "phone": "1381234567"},
 {"name": "贵阳甲公司", "email": "nobody"},
 {"name": "贵阳甲公司", "amount": "twelve"},
 {"name": "贵阳甲公司", "owner": "wang"},
 {"name": "贵阳甲公司", "owner": "zhang", "created_by": "wang"},
 {"name": "贵阳甲公司", "created_at": "2024-02-30"},
 {"name": "贵阳甲公司", "created_at": "2026-03-02 10:00:01"},
 {"name": "贵阳甲公司", "kind": "planet"},
 {"name": "  "},
 {"kind": "个人", "phone": "13700001111", "owner": "li"}]');
SELECT leads.import_stage('b1', '[{"公司": "成都青禾食品有限公司", "金额": "¥12,000.50", "微信": "qh", "业务员": "gone", "日期": "2025年3月4日", "extra": {"a": [1]}}]',
  mapping => '{"公司": "name", "金额": "amount", "业务员": "owner", "日期": "created_at"}');
COPY im.import_row (batch, name, phone, owner, created_at) FROM stdin;
b1	昆明云岭花卉有限公司	13712340000	li	2025-12-31T23:30:00+00:00
b1	第一建筑工程有限公司	\N	li	\N
\.
-- a customer that is there already, in another's hands
SELECT outcome, owner FROM leads.register('昆明云岭花卉', phone => '13712340000', by_member => 'zhang');
SELECT item, n, row_no, code, column_name, value, message FROM leads.import_preview('b1', problems => 3);
SELECT count(*) AS nothing_written FROM im.registration WHERE channel_id = (SELECT id FROM im.channel WHERE code = 'import');
CALL leads.import_commit('b1', chunk => 3);
SELECT row_no, outcome, code, column_name, value, regexp_replace(message, ' \(.*\)', '') AS message, customer_id, matched FROM leads.import_report('b1');
SELECT count(*) AS problems FROM leads.import_report('b1', only_problems => true);
SELECT batch, channel, mode, state, total, done, created, duplicates, rejected, gate_ms > 0 AS timed, finished_at FROM im.import_progress;
-- history is kept, and marked; protection begins now; nobody is told of it
SELECT c.name, c.created_at, m.code AS created_by, l.imported, l.created_at = c.created_at AS lead, l.created_by = c.created_by AS by, o.since = c.created_at AS since,
    w.code AS owner, o.protected_until, l.amount, l.extra
  FROM im.customer c JOIN im.lead l ON l.customer_id = c.id JOIN im.ownership o ON o.customer_id = c.id LEFT JOIN im.member m ON m.id = c.created_by
  LEFT JOIN im.member w ON w.id = o.member_id ORDER BY c.id;
SELECT kind, at, recorded_at FROM im.event WHERE customer_id = (SELECT id FROM im.customer WHERE name = '重庆鸿源商贸有限公司') ORDER BY at, id;
SELECT count(*) AS told FROM im.outbox;
SELECT code, held FROM im.member_counter JOIN im.member m ON m.id = member_id ORDER BY code;
SELECT * FROM leads.verify('im');
-- the same again: nothing
CALL leads.import_commit('b1');
SELECT done, finished_at FROM im.import_progress;
SELECT count(*) AS registrations, count(DISTINCT row_id) AS results FROM im.import_result;
-- what comes later is imported by the next commit, whatever its place; in the batch's own channel, which is inbound
INSERT INTO im.import_row (id, batch, name) OVERRIDING SYSTEM VALUE VALUES (-5, 'b1', '西安大雁塔旅行社有限公司');
CALL leads.import_commit('b1');
SELECT total, done, created FROM im.import_progress;
SELECT leads.import_stage('web', '[{"name": "重庆鸿源商贸有限公司", "phone": "not a phone"}]', channel => 'website') AS staged;
CALL leads.import_commit('web');
SELECT outcome, code FROM leads.import_report('web');
SELECT count(*) AS told FROM im.outbox;
-- and one that turns up with a lower number while the commit is at work
CREATE FUNCTION im_late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO im.import_row (id, batch, name) OVERRIDING SYSTEM VALUE VALUES (-4, 'late', '兰州黄河牛肉面有限公司'); RETURN NEW; END $$;
CREATE TRIGGER im_late BEFORE INSERT ON im.customer FOR EACH ROW WHEN (NEW.name LIKE '银川%') EXECUTE FUNCTION im_late();
SELECT leads.import_stage('late', '[{"name": "银川西夏陵文化有限公司"}]') AS staged;
CALL leads.import_commit('late');
SELECT outcome, state, done FROM leads.import_report('late'), im.import_progress WHERE batch = 'late';
DROP TRIGGER im_late ON im.customer;
-- one row that fails does not stop the others: a trigger of the user's
CREATE FUNCTION im_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no % here', NEW.name; END $$;
CREATE TRIGGER im_refuse BEFORE INSERT ON im.customer FOR EACH ROW WHEN (NEW.name LIKE '坏%') EXECUTE FUNCTION im_refuse();
SELECT leads.import_stage('b2', '[{"name": "南昌滕王阁酒业有限公司"}, {"name": "坏一有限公司"}, {"name": "南昌滕王阁酒业"}, {"name": "坏二有限公司"}, {"name": "合肥包公园林有限公司"}]');
CALL leads.import_commit('b2');
SELECT row_no, outcome, code, regexp_replace(message, ' \(.*\)', '') AS message FROM leads.import_report('b2');
DROP TRIGGER im_refuse ON im.customer;
-- an error that ends the call in the middle: what was committed stays, and it goes on from there
SELECT leads.import_stage('b3', (SELECT jsonb_agg(jsonb_build_object('name', '第' || i || '号大街' || chr(20000 + i * 37) || chr(30000 + i * 41) || '有限公司')) FROM generate_series(1, 40) i));
CREATE FUNCTION im_stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stop' USING errcode = '57014'; END $$;
CREATE TRIGGER im_stop BEFORE INSERT ON im.customer FOR EACH ROW WHEN (NEW.name LIKE '第25号%') EXECUTE FUNCTION im_stop();
CALL leads.import_commit('b3', chunk => 10);
SELECT state, total, done, finished_at FROM im.import_progress WHERE batch = 'b3';
DROP TRIGGER im_stop ON im.customer;
CALL leads.import_commit('b3', chunk => 10);
SELECT state, total, done, created + duplicates AS taken FROM im.import_progress WHERE batch = 'b3';
SELECT count(*) AS rows, count(DISTINCT registration_id) AS registrations FROM leads.import_report('b3');
-- all or nothing
SELECT leads.import_stage('b4', '[{"name": "苏州平江丝绸有限公司"}, {"name": "苏州平江丝绸", "phone": "1"}]');
CALL leads.import_commit('b4', 'all_or_nothing');
SELECT count(*) AS nothing FROM im.customer WHERE name LIKE '苏州%';
SELECT leads.import_stage('b5', '[{"name": "苏州平江丝绸有限公司"}, {"name": "苏州平江丝绸"}]');
CALL leads.import_commit('b5', 'all_or_nothing');
SELECT row_no, outcome FROM leads.import_report('b5');
-- within a transaction it is one, too, and goes with it
SELECT leads.import_stage('b6', '[{"name": "无锡太湖鱼庄有限公司"}]');
BEGIN;
CALL leads.import_commit('b6');
SELECT outcome FROM leads.import_report('b6');
ROLLBACK;
SELECT outcome FROM leads.import_report('b6');
SELECT * FROM leads.verify('im');
DROP FUNCTION im_refuse, im_stop, im_late;
RESET leads.clock;
SELECT leads.uninstall('im', 'im');
