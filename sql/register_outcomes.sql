-- leads.register(): every outcome, by channel, band and state; what each leaves behind
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';
SELECT leads.install('ro', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'ro';
SET leads.clock = '2026-03-02 10:00+08';
INSERT INTO ro.member (code, name) VALUES ('zhang', 'Zhang Wei'), ('li', 'Li Na');
CREATE VIEW ro_last AS SELECT r.id, r.outcome, r.state, r.reason, m.code AS actor, r.customer_id IS NOT NULL AS customer, r.decision_id IS NOT NULL AS decided
  FROM ro.registration r LEFT JOIN ro.member m ON m.id = r.actor_id ORDER BY r.id;
\pset format unaligned
-- created: the registrant keeps it
SELECT outcome, reason, message, owner, pool, protected_until, matches FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678', contact => '王芳', need => '采购', amount => 12000.5, by_member => 'zhang');
-- blocked: another's, in another spelling; the message names no phone and masks the name
SELECT outcome, reason, message, owner, pool, protected_until, customer_id, lead_id, matches -> 0 ->> 'name' AS shown, matches -> 0 ->> 'band' AS band
  FROM leads.register('重慶市鴻源商貿', phone => '139-1234-5678', by_member => 'li');
-- by the name alone, by full-width and traditional characters, by the legal form left out
SELECT outcome FROM leads.register('重庆鸿源商贸', by_member => 'li');
SELECT outcome FROM leads.register('  重慶鴻源商貿有限公司 ', by_member => 'li');
SELECT outcome FROM leads.register('鸿源商贸(重庆)有限公司', by_member => 'li');
-- not the same: another core name, another place, another number
SELECT outcome, owner FROM leads.register('重庆丙丁商贸有限公司', by_member => 'li');
SELECT outcome FROM leads.register('重庆市第一建筑工程有限公司', by_member => 'li');
SELECT outcome FROM leads.register('重庆市第二建筑工程有限公司', by_member => 'zhang');
-- attached: one's own
SELECT outcome, reason, message, owner FROM leads.register('重庆鸿源商贸有限公司', need => '再来一单', by_member => 'zhang');
SELECT kind, note, effective, ineffective_reason FROM ro.activity;
-- what only looks like one's own is a customer beside it
SELECT outcome, reason, owner, matches -> 0 ->> 'band' AS band, matches -> 0 ->> 'name' AS name FROM leads.register('鸿源', by_member => 'zhang');
-- an inbound channel never blocks: the owner is told
SELECT outcome, reason, message, owner FROM leads.register('重庆鸿源商贸有限公司', channel => 'website', need => '官网询价');
SELECT topic, m.code, payload ->> 'need' AS need FROM ro.outbox o JOIN ro.member m ON m.id = o.member_id ORDER BY o.id;
-- an inbound inquiry of somebody new: the ring gives it to somebody
SELECT outcome, reason, owner IS NOT NULL AS owned FROM leads.register('成都青禾食品有限公司', channel => 'website', phone => 'not a phone');
-- rejected: the row stays, whatever was wrong
SELECT outcome, reason, message FROM leads.register(NULL, by_member => 'li');
SELECT outcome, reason FROM leads.register('   ', by_member => 'li');
SELECT outcome, reason FROM leads.register(E'\u200B\u202E\u0007', by_member => 'li');
SELECT outcome, reason, message FROM leads.register('贵阳甲公司', phone => '12345', by_member => 'li');
SELECT outcome, reason, message FROM leads.register('贵阳甲公司', email => 'nobody', by_member => 'li');
SELECT outcome, reason, message FROM leads.register('贵阳甲公司', uscc => '91500000MA5U12345X', by_member => 'li');
SELECT outcome, reason, message FROM leads.register('贵阳甲公司', amount => -1, by_member => 'li');
SELECT outcome, reason FROM leads.register('贵阳甲公司', amount => 'NaN', by_member => 'li');
SELECT outcome, reason, message FROM leads.register(repeat('贵', 201), by_member => 'li');
SELECT outcome, reason, message FROM leads.register('贵阳甲公司', need => repeat('x', 4001), by_member => 'li');
SELECT outcome, reason FROM leads.register(repeat('x', 1024 * 1024), by_member => 'li');
SELECT count(*), max(pg_column_size(payload)) < 66000 AS cut FROM ro.registration WHERE outcome = 'rejected';
-- offered: it lies in the pool; an inbound inquiry takes it out of there
SELECT leads.release((SELECT id FROM ro.customer WHERE name = '重庆丙丁商贸有限公司'), 'no answer', by_member => 'li') IS NOT NULL AS released;
SELECT outcome, reason, message, owner, pool FROM leads.register('重庆丙丁商贸', by_member => 'zhang');
SELECT outcome, reason, owner IS NOT NULL AS owned, pool FROM leads.register('重庆丙丁商贸有限公司', channel => 'hotline');
SELECT cause, end_cause, member_id IS NOT NULL AS owned FROM ro.ownership WHERE customer_id = (SELECT id FROM ro.customer WHERE name = '重庆丙丁商贸有限公司') ORDER BY since;
-- queued: won or lost lately and in the pool; returning after 180 days
SELECT lead_id FROM leads.register('昆明云岭花卉有限公司', by_member => 'li') \gset
SELECT leads.lose(:lead_id, 'price', by_member => 'li') IS NOT NULL AS lost;
SELECT leads.release((SELECT customer_id FROM ro.lead WHERE id = :lead_id), 'lost', by_member => 'li') IS NOT NULL AS released;
SELECT outcome, reason, message FROM leads.register('昆明云岭花卉', by_member => 'zhang');
SET leads.clock = '2026-10-02 10:00+08';
SELECT outcome, reason, message, owner FROM leads.register('昆明云岭花卉', by_member => 'zhang');
-- lapse is settled first: at the deadline the customer is in the pool
SET leads.clock = '2026-10-02 10:30+08';
SELECT outcome, reason, owner, pool FROM leads.register('重庆鸿源商贸有限公司', by_member => 'li');
-- every attempt left its row
SELECT * FROM ro_last;
SELECT * FROM leads.verify('ro');
-- an unseen error never hides in a count: one open interval a customer
SELECT count(*) AS customers, (SELECT count(*) FROM ro.ownership WHERE until IS NULL) AS open_intervals FROM ro.customer;
DROP VIEW ro_last;
RESET leads.clock;
-- the very same name is one's own, however short it is, and another's for a person to judge; what only looks like it stands beside
SELECT outcome FROM leads.register('阜丰集团有限公司', by_member => 'zhang');
SELECT outcome, reason, matches -> 0 ->> 'band' AS band FROM leads.register('阜丰集团有限公司', by_member => 'zhang');
SELECT outcome, reason, matches -> 0 ->> 'band' AS band FROM leads.register('阜丰集团有限公司', by_member => 'li');
SELECT outcome, reason, matches -> 0 ->> 'band' AS band FROM leads.register('阜丰', by_member => 'zhang');
SELECT leads.uninstall('ro', 'ro');
