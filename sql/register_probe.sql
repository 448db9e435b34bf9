-- leads.check_duplicate(): what register() would meet; its quota; what register() says beyond it
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'Asia/Shanghai';
SELECT leads.install('probe', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'probe';
SET leads.clock = '2026-03-02 10:00+08';
CREATE ROLE probe_li;
CREATE ROLE probe_partner;
CREATE ROLE probe_boss;
INSERT INTO probe.member (code, name, db_role, is_manager) VALUES ('zhang', 'Zhang', NULL, false), ('li', 'Li', 'probe_li', false), ('chen', 'Chen', 'probe_boss', true), ('wu', 'Wu', 'probe_partner', false);
SELECT leads.grant_access('probe_li', 'rep'), leads.grant_access('probe_boss', 'manager'), leads.grant_access('probe_partner', 'partner');
INSERT INTO probe.pool (code, name) VALUES ('closed', 'Closed');
INSERT INTO probe.pool_member (pool_id, member_id) SELECT p.id, m.id FROM probe.pool p, probe.member m WHERE p.code = 'closed' AND m.code = 'zhang';
SELECT customer_id AS id1 FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678', contact => '王芳', by_member => 'zhang') \gset
SELECT customer_id AS id2 FROM leads.register('成都天府物流有限公司', phone => '13800001111', by_member => 'li') \gset
SELECT customer_id AS id3 FROM leads.register('昆明云岭花卉有限公司', by_member => 'zhang') \gset
SELECT customer_id AS id4 FROM leads.register('贵阳黔灵茶业有限公司', by_member => 'zhang') \gset
SELECT customer_id AS id5 FROM leads.register('南宁邕江船舶有限公司', by_member => 'zhang') \gset
SELECT into_pool FROM leads.release(:id3, 'x', by_member => 'zhang');
SELECT into_pool FROM leads.release(:id4, 'x', 'closed', by_member => 'zhang');
CREATE VIEW probe_sizes AS SELECT (SELECT count(*) FROM probe.customer) AS customers, (SELECT count(*) FROM probe.registration) AS registrations,
  (SELECT count(*) FROM probe.event) AS events, (SELECT count(*) FROM probe.decision) AS decisions, (SELECT max(last_event_at) FROM probe.customer) AS touched;
CREATE VIEW probe_meter AS SELECT m.code, '1970-01-01'::date + (s.last_value / 1000000)::int AS day, s.last_value % 1000000 AS n
  FROM pg_sequences s JOIN probe.member m ON s.sequencename = 'meter_' || m.id WHERE s.schemaname = 'probe' AND s.last_value > 1000000 ORDER BY 1;
SELECT * FROM probe_sizes \gset before_
\pset format unaligned

\echo == what is shown, by whose it is
SET ROLE probe_li;
SELECT rank, customer, band, score > 5 AS high, jsonb_typeof(shares), state, owner, pool, protected_until, customer_id, outcome, reason, message FROM leads.check_duplicate('重慶市鴻源商貿', phone => '139-1234-5678');
SELECT rank, customer, state, owner, pool, customer_id = :id2 AS mine, outcome, reason FROM leads.check_duplicate('成都天府物流');
SELECT rank, customer, state, owner, pool, protected_until, customer_id = :id3 AS shown, outcome, reason FROM leads.check_duplicate('昆明云岭花卉');
SELECT rank, customer, state, owner, pool, customer_id, outcome, reason FROM leads.check_duplicate('贵阳黔灵茶业');
SELECT count(*) AS nothing_there FROM leads.check_duplicate('海口椰风旅行社有限公司');
-- the shares are those of register(), one by one
SELECT k, d.shares ->> k AS share FROM leads.check_duplicate('重慶市鴻源商貿', phone => '139-1234-5678') d, jsonb_object_keys(d.shares) k ORDER BY 1;
RESET ROLE;
SELECT d.shares = r.matches -> 0 -> 'shares' AS same_shares, d.score = (r.matches -> 0 ->> 'score')::numeric AS same_score, d.band = r.matches -> 0 ->> 'band' AS same_band,
  d.customer = r.matches -> 0 ->> 'name' AS same_name, d.outcome = r.outcome AS same_outcome, d.reason = r.reason AS same_reason, d.owner = r.owner AS same_owner, d.protected_until = r.protected_until AS same_end
  FROM leads.check_duplicate('重庆鸿源商贸', by_member => 'li') d, leads.register('重庆鸿源商贸', by_member => 'li') r;
-- the channel decides what register() would answer
SELECT channel, outcome, reason FROM unnest('{manual,website}'::text[]) channel, leads.check_duplicate('重庆鸿源商贸', channel => channel, by_member => 'li');
SELECT outcome, reason FROM leads.check_duplicate('昆明云岭花卉', channel => 'website', by_member => 'li');
-- a boss sees names and ids
SET ROLE probe_boss;
SELECT customer, customer_id = :id1 AS shown, state, outcome FROM leads.check_duplicate('重慶市鴻源商貿');
RESET ROLE;
-- a lapse that nobody wrote down counts
SET leads.clock = '2026-04-02 10:00+08';
SELECT customer, state, owner, pool, protected_until, outcome FROM leads.check_duplicate('南宁邕江船舶', by_member => 'wu');
SELECT member_id IS NOT NULL AS unwritten FROM probe.ownership WHERE customer_id = :id5 AND until IS NULL;
SET leads.clock = '2026-03-02 10:00+08';
-- nothing but the meter was written (register() wrote one attempt)
SELECT s.customers - :before_customers AS customers, s.registrations - :before_registrations AS registrations, s.decisions - :before_decisions AS decisions FROM probe_sizes s;

\echo == the meter
\pset format aligned
SET leads.clock = '2026-03-04 09:00+08';
SELECT leads.set_match(probe_quota => 3) AS version;
SET leads.clock = '2026-03-04 10:00+08';
SELECT body -> 'probe_quota' AS quota FROM probe.policy WHERE kind = 'match' ORDER BY version DESC LIMIT 1;
BEGIN;
SELECT count(*) FROM leads.check_duplicate('重庆鸿源商贸', by_member => 'li');
ROLLBACK;
SELECT count(*) FROM leads.check_duplicate('没有这家公司', by_member => 'li');
SELECT * FROM probe_meter WHERE code = 'li';
-- the third is a blocked registration, still told everything
SELECT outcome, owner, matches -> 0 ->> 'band' AS band, customer_id FROM leads.register('重庆鸿源商贸', by_member => 'li');
\set VERBOSITY default
SELECT count(*) FROM leads.check_duplicate('重庆鸿源商贸', by_member => 'li');
\set VERBOSITY sqlstate
BEGIN;
SELECT count(*) FROM leads.check_duplicate('重庆鸿源商贸', by_member => 'li');
ROLLBACK;
SELECT * FROM probe_meter WHERE code = 'li';
-- register() goes on, but a refusal says no more than that
SELECT outcome, reason, message, owner, pool, protected_until, customer_id, matches, decision_id AS d FROM leads.register('重庆鸿源商贸', by_member => 'li', request_key => 'k') \gset withheld_
\echo :withheld_outcome :withheld_reason :withheld_message [:withheld_owner] [:withheld_pool] [:withheld_protected_until] [:withheld_customer_id] :withheld_matches
SELECT message = :'withheld_message' AS same, owner, matches FROM leads.register('重庆鸿源商贸', by_member => 'li', request_key => 'k');
SET ROLE probe_li;
SELECT step, verdict, reason FROM leads.explain(:withheld_d) WHERE step IN ('match', 'feature', 'action') ORDER BY step_no;
SELECT count(*) AS told FROM probe.intake WHERE decision_id = :withheld_d AND (owner IS NOT NULL OR protected_until IS NOT NULL OR customer_id IS NOT NULL OR pool IS NOT NULL);
RESET ROLE;
-- what is one's own, or to be had, is shown as ever
SELECT outcome, owner, jsonb_array_length(matches) AS matches FROM leads.register('海口椰风旅行社有限公司', by_member => 'li');
SELECT outcome, owner, jsonb_array_length(matches) AS matches FROM leads.register('海口椰风旅行社', by_member => 'li');
SELECT outcome, pool, jsonb_array_length(matches) AS matches FROM leads.register('昆明云岭花卉', by_member => 'li');
-- inbound channels, too; and a boss is told
SELECT outcome, jsonb_array_length(matches) AS matches FROM leads.register('海口椰风旅行社', channel => 'website', by_member => 'li');
SELECT count(r.*) AS attempts FROM generate_series(1, 5), leads.register('海口椰风旅行社', by_member => 'chen') r;
SET ROLE probe_boss;
SELECT outcome, owner, jsonb_array_length(matches) AS matches FROM leads.register('海口椰风旅行社');
RESET ROLE;
-- the next business day begins anew; the system has no quota; no quota at all
SET leads.clock = '2026-03-05 00:00+08';
SELECT count(*) FROM leads.check_duplicate('重庆鸿源商贸', by_member => 'li');
SELECT * FROM probe_meter WHERE code = 'li';
SELECT count(d.*) FROM generate_series(1, 5), leads.check_duplicate('重庆鸿源商贸') d;
SELECT leads.set_match(probe_quota => 0) AS version;
SET leads.clock = '2026-03-05 01:00+08';
SELECT count(d.*) FROM generate_series(1, 5), leads.check_duplicate('重庆鸿源商贸', by_member => 'li') d;
SELECT leads.set_match(probe_quota => 3) AS version;
SET leads.clock = '2026-03-05 02:00+08';
-- a member without a meter is refused, not let through
SET session_replication_role = replica;
INSERT INTO probe.member (code, name) VALUES ('sneak', 'Sneak');
RESET session_replication_role;
SELECT count(*) FROM leads.check_duplicate('重庆鸿源商贸', by_member => 'sneak');
-- a million uses do not reach the next day
SELECT setval('probe.meter_2', last_value - last_value % 1000000 + 899999) % 1000000 AS n FROM probe.meter_2;
SELECT count(d.*) FROM generate_series(1, 5) i, LATERAL (SELECT outcome FROM leads.register('重庆鸿源商贸', by_member => 'li', need => i::text)) d;
SELECT * FROM probe_meter WHERE code = 'li';

\echo == bad input
SELECT leads.set_match(probe_quota => 0) AS version;
SET leads.clock = '2026-03-05 03:00+08';
SELECT count(*) FROM leads.check_duplicate(NULL, by_member => 'li');
SELECT count(*) FROM leads.check_duplicate('  ', by_member => 'li');
SELECT count(*) FROM leads.check_duplicate(U&'\200B\202E', by_member => 'li');
SELECT count(*) FROM leads.check_duplicate(NULL, kind => 'person', by_member => 'li');
SELECT count(*) FROM leads.check_duplicate(repeat('重', 201), by_member => 'li');
SELECT count(*) FROM leads.check_duplicate('甲乙公司', phone => '123', by_member => 'li');
SELECT count(*) FROM leads.check_duplicate('甲乙公司', email => 'nobody', by_member => 'li');
SELECT count(*) FROM leads.check_duplicate('甲乙公司', uscc => '91500000MA5U000011', by_member => 'li');
SELECT count(*) FROM leads.check_duplicate('甲乙公司', amount => -1, by_member => 'li');
SELECT count(*) FROM leads.check_duplicate('甲乙公司', kind => 'dog', by_member => 'li');
SELECT count(*) FROM leads.check_duplicate('甲乙公司', channel => 'nowhere', by_member => 'li');
SELECT count(*) FROM leads.check_duplicate('甲乙公司', extra => '[]', by_member => 'li');
SELECT count(*) FROM leads.check_duplicate('甲乙公司', by_member => 'nobody');
-- what an inbound channel sends wrong is left out
SELECT outcome FROM leads.check_duplicate('重庆鸿源商贸', phone => '123', channel => 'website', by_member => 'li');
SELECT leads.publish('match', '', '{"probe_quota": -1}');
SELECT leads.publish('match', '', '{"probe_quota": 900001}');
SELECT leads.publish('match', '', '{"probe_quota": 1.5}');
SELECT leads.publish('match', '', '{"probe_quota": "many"}');
SELECT leads.set_match(probe_quota => -1);
SET ROLE probe_li;
SELECT count(*) FROM leads.check_duplicate('重庆鸿源商贸', channel => 'website');
SELECT count(*) FROM leads.check_duplicate('重庆鸿源商贸', by_member => 'zhang');
BEGIN READ ONLY;
SELECT count(*) FROM leads.check_duplicate('重庆鸿源商贸');
ROLLBACK;
RESET ROLE;
SET ROLE probe_partner;
SELECT outcome, customer_id FROM leads.check_duplicate('重庆鸿源商贸', channel => 'partner');
RESET ROLE;
SELECT * FROM leads.verify();
DROP VIEW probe_sizes, probe_meter;
RESET leads.clock;
-- a company that works for real: a false time shifts the look, never the count
SELECT leads.install('probe2', lang => 'en', zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'probe2';
INSERT INTO probe2.member (code, name) VALUES ('li', 'Li');
SET leads.clock = '+40 days';
SELECT count(*) FROM leads.check_duplicate('重庆鸿源商贸', by_member => 'li');
SELECT last_value / 1000000 <= extract(epoch FROM clock_timestamp()) / 86400 AS true_day, last_value % 1000000 AS n FROM probe2.meter_1;
RESET leads.clock;
SET client_min_messages = error;
SELECT leads.uninstall('probe', 'probe'), leads.uninstall('probe2', 'probe2');
DROP OWNED BY probe_li, probe_partner, probe_boss;
DROP ROLE probe_li, probe_partner, probe_boss;
