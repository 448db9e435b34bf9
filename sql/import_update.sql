-- import of changes: by id, by key, bad rows, the same customer twice, keys anew, the latest row counts
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';
SELECT leads.install('iu', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'iu';
SET leads.clock = '2026-03-02 10:00+08';
INSERT INTO iu.member (code, name) VALUES ('zhang', 'Zhang Wei'), ('li', 'Li Na');
\pset format unaligned
SELECT customer_id, outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678', by_member => 'zhang');
SELECT customer_id, outcome FROM leads.register('成都青禾食品有限公司', uscc => '91500000MA5UTEQ7XL', by_member => 'li');
SELECT customer_id, outcome FROM leads.register('昆明云岭花卉有限公司', by_member => 'li');
SELECT customer_id, outcome FROM leads.register('昆明云岭花卉有限公司大理分公司', by_member => 'zhang');
SET leads.clock = '2026-03-03 10:00+08';
-- by id: a new name, region and industry, a mail address; owner and dates of the row do not count; what is empty stays
SELECT leads.import_stage('by id', '[
 {"customer_id": "1", "name": "重庆鸿源实业集团有限公司", "region": "重庆市渝北区", "industry": "批发", "email": "hy@hongyuan-cq.cn", "contact": "王芳", "owner": "li", "created_at": "2020-01-01", "客户级别": "A"},
 {"customer_id": "2", "phone": "13912345678"},
 {"customer_id": "2", "phone": "13800000000"},
 {"customer_id": "99", "industry": "零售"},
 {"customer_id": "two", "industry": "零售"},
 {"name": "昆明云岭花卉有限公司", "industry": "零售"},
 {"customer_id": " 3 ", "phone": "12"},
 {"customer_id": "3", "name": "昆明云岭花卉有限公司"},
 {"customer_id": "4", "name": "大理洱海月旅游有限公司"}]');
CALL leads.import_commit('by id', 'update_by_id', chunk => 2);
SELECT * FROM leads.import_report('by id');
SELECT batch, mode, state, total, done, created, duplicates, rejected, updated FROM iu.import_progress;
SELECT c.id, c.name, c.core, c.region, c.city, c.industry, c.extra, c.created_at, c.last_event_at, m.code AS owner FROM iu.customer c
  JOIN iu.ownership o ON o.customer_id = c.id AND o.until IS NULL JOIN iu.member m ON m.id = o.member_id ORDER BY c.id;
SELECT customer_id, kind, raw FROM iu.contact_point ORDER BY customer_id, id;
SELECT customer_id, name FROM iu.contact ORDER BY id;
SELECT customer_id, kind, at, data FROM iu.event WHERE kind IN ('edited', 'collided') ORDER BY id;
SELECT n.customer_id, n.name, n.kind FROM iu.customer_name n ORDER BY id;
SELECT line FROM leads.explain((SELECT max(decision_id) FROM iu.import_update)) AS line;
SELECT count(*) AS registered, (SELECT count(*) FROM iu.outbox WHERE created_at > '2026-03-03') AS told FROM iu.registration;
-- keyed anew: found by the new name and by the old one
SELECT outcome, owner FROM leads.register('鸿源实业集团重庆有限公司', by_member => 'li');
SELECT outcome, owner FROM leads.register('重庆鸿源商贸', by_member => 'li');
SELECT customer, band, owner FROM leads.check_duplicate('大理洱海月旅游');
-- again: nothing
CALL leads.import_commit('by id', 'update_by_id');
SELECT done, updated FROM iu.import_progress;
SELECT count(*) FROM iu.import_update;
-- by key: the one that it certainly is; none, or several: a bad row that tells which
SELECT leads.import_stage('by key', '[
 {"uscc": "91500000MA5UTEQ7XL", "industry": "食品加工"},
 {"name": "重慶鴻源實業集團有限公司", "phone": "023-67891234"},
 {"name": "贵阳甲秀楼旅行社有限公司", "phone": "13700001111"},
 {"name": "昆明云岭花卉有限公司", "industry": "农业"},
 {"contact": "王芳"},
 {"name": "成都青禾食品有限公司", "email": "nobody"}]');
CALL leads.import_commit('by key', 'update_by_key');
SELECT row_no, outcome, code, column_name, value, message, customer_id, matched FROM leads.import_report('by key');
SELECT id, industry FROM iu.customer ORDER BY id;
-- two that are certainly one: a merge has to come first
UPDATE iu.customer SET name = '昆明云岭花卉有限公司' WHERE id = 4;
SELECT leads.import_stage('two', '[{"name": "昆明云岭花卉有限公司", "industry": "园艺"}]');
CALL leads.import_commit('two', 'update_by_key');
SELECT row_no, outcome, code, message, customer_id, matched FROM leads.import_report('two');
SELECT outcome FROM leads.merge(3, '{4}', reason => 'one');
-- a tombstone leads to its survivor
SELECT leads.import_stage('merged', '[{"customer_id": "4", "industry": "园艺"}]');
CALL leads.import_commit('merged', 'update_by_id');
SELECT outcome, message, customer_id FROM leads.import_report('merged');
-- which of two rows counts: the first, or the latest
SELECT leads.import_stage('first', '[{"customer_id": "2", "industry": "甲"}, {"customer_id": "2", "industry": "乙"}]');
CALL leads.import_commit('first', 'update_by_id');
SELECT outcome, message FROM leads.import_report('first');
SELECT leads.import_stage('last', '[{"customer_id": "2", "industry": "丙"}, {"customer_id": "2", "industry": "丁"}]');
CALL leads.import_commit('last', 'update_by_id', chunk => 1, prefer => 'latest');
SELECT outcome, message FROM leads.import_report('last');
SELECT industry FROM iu.customer WHERE id = 2;
SELECT leads.import_stage('new', '[{"name": "西安大雁塔旅行社有限公司", "owner": "zhang"}, {"name": "西安大雁塔旅行社", "owner": "li"}]');
CALL leads.import_commit('new', prefer => 'latest');
SELECT row_no, outcome, message FROM leads.import_report('new');
-- the USCC of another customer, beside one's own: kept as sent, and on record as a collision
SELECT leads.import_stage('codes', '[{"customer_id": "3", "uscc": "91350100M000100Y43"}]');
CALL leads.import_commit('codes', 'update_by_id');
SELECT count(*) FROM iu.collision WHERE customer_id = 3;
SELECT leads.import_stage('wrong code', '[{"customer_id": "3", "uscc": "91500000MA5UTEQ7XL"}]');
CALL leads.import_commit('wrong code', 'update_by_id');
SELECT outcome, customer_id, other_id FROM iu.collision WHERE customer_id = 3;
SELECT raw, strong_key IS NOT NULL AS strong FROM iu.contact_point WHERE customer_id = 3 AND kind = 'uscc' ORDER BY id;
SELECT invariant, subject FROM leads.verify();
SELECT kind, state FROM leads.confirm_contact(3, '91500000MA5UTEQ7XL', false);
-- a manager with a team changes what that holds, and is not told what else there is
CREATE ROLE iu_boss;
SELECT FROM leads.grant_access('iu_boss', 'manager');
INSERT INTO iu.team (code, name) VALUES ('north', 'North');
INSERT INTO iu.member (code, name, is_manager, db_role, team_id) SELECT 'boss', 'Boss', true, 'iu_boss', id FROM iu.team;
UPDATE iu.member SET team_id = (SELECT id FROM iu.team) WHERE code = 'zhang';
SET ROLE iu_boss;
SELECT leads.import_stage('team', '[{"customer_id": "1", "industry": "贸易"}, {"customer_id": "2", "industry": "贸易"}]');
CALL leads.import_commit('team', 'update_by_id');
SELECT outcome, code, message, customer_id FROM leads.import_report('team');
SELECT leads.import_stage('team key', '[{"name": "成都青禾食品有限公司", "industry": "贸易"}]');
CALL leads.import_commit('team key', 'update_by_key');
SELECT outcome, code, customer_id, matched FROM leads.import_report('team key');
RESET ROLE;
SELECT * FROM leads.verify();
RESET leads.clock;
SELECT leads.uninstall('iu', 'iu');
DROP OWNED BY iu_boss;
DROP ROLE iu_boss;
