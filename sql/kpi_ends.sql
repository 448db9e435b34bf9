-- Ends of periods, a past now, odd values, and reports in a query that runs in parallel.
SET client_min_messages = warning; SET timezone = 'UTC'; SET datestyle = 'ISO';
SELECT leads.install('ke', lang => 'en', simulation => true, zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'ke';
INSERT INTO ke.member (code, name, created_at) VALUES ('zhang', 'Zhang', '2025-01-01');
SET leads.clock = '2025-03-01 09:00+00';
SELECT outcome FROM leads.register('Acme Pumps Ltd', phone => '13900000001', by_member => 'zhang', amount => 100);
SELECT outcome FROM leads.register('Borealis Valves Inc', phone => '13900000002', by_member => 'zhang', amount => 200);
SELECT outcome FROM leads.register('Cobalt Bearings GmbH', phone => '13900000003', by_member => 'zhang', amount => 400);
SET leads.clock = '2025-03-02 09:00+00';
SELECT stage FROM leads.lose(1, 'price'); SELECT stage FROM leads.win(2, 250);
SET leads.clock = '2025-03-03 09:00+00';
CREATE TEMP TABLE live AS SELECT s.since, k.name, k.value FROM (VALUES (NULL::timestamptz), ('2025-03-02 00:00+00')) s(since),
  unnest(ARRAY['won', 'lost', 'win_rate', 'open_leads', 'conversion', 'cycle_mean']) n, LATERAL leads.kpi(n, s.since) k;
SET leads.clock = '2025-03-05 09:00+00';
SELECT stage FROM leads.reopen(1); SELECT stage FROM leads.reopen(2, reason => 'money came back');
SELECT name, value FROM unnest(ARRAY['won', 'lost', 'open_leads']) n, LATERAL leads.kpi(n) k;
-- a past now: what was closed then and is open again was closed
SET leads.clock = '2025-03-03 09:00+00';
SELECT l.since, k.name, k.value, k.value IS NOT DISTINCT FROM l.value AS as_live FROM live l, LATERAL leads.kpi(l.name, l.since) k;
SET leads.clock = '2025-03-06 09:00+00';

-- before everything is no open end
SELECT sum(entered) FROM leads.funnel(until => '-infinity'); SELECT sum(entered) FROM leads.funnel(as_of => '-infinity'); SELECT sum(entered) FROM leads.funnel(until => '-infinity', mode => 'flow', from_events => true);
SELECT sum(entered) FROM leads.funnel(since => '-infinity', until => 'infinity') WHERE "position" = 1; SELECT sum(entered) FROM leads.funnel(since => '0044-03-15 BC') WHERE "position" = 1;
SELECT value FROM leads.kpi('leads', until => '-infinity'); SELECT value FROM leads.kpi('leads', '-infinity', 'infinity'); SELECT sum(entries) FROM leads.flow_report(until => '-infinity');
-- no amount is infinite, no date expected at infinity is said, a name keeps to its place
\set VERBOSITY sqlstate
SELECT value FROM leads.kpi('channel_roi', margin => 'Infinity');
\set VERBOSITY default
UPDATE ke.lead SET expected_on = CASE id WHEN 1 THEN 'infinity' WHEN 2 THEN '-infinity' ELSE '2025-04-01' END::date;
SELECT month, slipped, sum(leads) AS leads FROM leads.forecast() GROUP BY 1, 2 ORDER BY 1;
UPDATE ke.customer SET industry = E'a\x1fb' WHERE id = 1;
SELECT segment, value FROM leads.kpi('leads', by => '{industry,channel}');

-- beside parallel workers, in a transaction that has written, as CREATE TABLE AS
CREATE TABLE ke_rows AS SELECT n FROM generate_series(1, 1000) n;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
CREATE TEMP TABLE kept AS SELECT b.n, f.leads FROM (SELECT count(*) AS n FROM ke_rows) b, LATERAL (SELECT sum(entered) AS leads FROM leads.funnel() WHERE b.n > 0 AND "position" = 1) f;
SELECT * FROM kept;
CREATE TEMP TABLE kept2 AS SELECT b.n, f.value FROM (SELECT count(*) AS n FROM ke_rows) b, LATERAL (SELECT sum(value) AS value FROM leads.kpi('leads') WHERE b.n > 0) f;
SELECT * FROM kept2;
DROP TABLE ke_rows;
-- one funnel has one rule: it does not depend on which row comes first
\set VERBOSITY sqlstate
SELECT leads.funnel_of_events(n, now(), 1, ARRAY[1]::bigint[], make_interval(days => n), NULL) FROM generate_series(1, 2) n;
SELECT leads.funnel_of_events(n, now(), NULL::text, 1, ARRAY[1]::bigint[], NULL, (ARRAY['cohort', 'flow'])[n]) FROM generate_series(1, 2) n;
SELECT leads.funnel_agg(leads.journey_append(NULL, '2025-03-01', 'entered', 1, 1), ARRAY[1]::bigint[], NULL, (ARRAY['cohort', 'flow'])[n]) FROM generate_series(1, 2) n;
\set VERBOSITY default
SELECT s.entered FROM leads.funnel_steps((SELECT leads.funnel_agg(leads.journey_append(NULL, '2025-03-01', 'entered', 1, 1), ARRAY[1]::bigint[], make_interval(days => 1 + 0 * n), concat('co', 'hort')) FROM generate_series(1, 2) n)) s;
-- a protection goes on behind a merge that was undone, and where a merge took it: 5 and 7 are won within theirs, that of 4 ends
SET leads.clock = '2025-03-06 10:00+00';
SELECT customer_id, outcome FROM unnest('{Delta Looms AG,Ember Kilns SA,Fjord Cranes Oy,Granite Mills Kft}'::text[]) n, LATERAL leads.register(n, by_member => 'zhang') r;
SELECT into_pool FROM leads.release(6, 'no time', by_member => 'zhang');
SET leads.clock = '2025-03-07 09:00+00';
SELECT merge_id AS merge FROM leads.merge(4, '{5}', reason => 'the same people') \gset
SELECT outcome FROM leads.merge(6, '{7}', reason => 'the same people');
SET leads.clock = '2025-03-08 09:00+00';
SELECT outcome FROM leads.unmerge(:merge);
SET leads.clock = '2025-03-09 09:00+00';
SELECT stage FROM leads.win(5, 10); SELECT stage FROM leads.win(7, 10);
SET leads.clock = '2025-03-10 09:00+00';
-- three touches of one win: their parts are the whole
INSERT INTO ke.channel_cost (channel_id, since, until, amount) SELECT id, '2025-03-10', '2025-03-11', 1 FROM ke.channel WHERE code IN ('manual', 'website');
SELECT outcome FROM leads.register('Hagen Looms AG', by_member => 'zhang'); SELECT outcome FROM unnest('{website,website}'::text[]) h, LATERAL leads.register('Hagen Looms AG', channel => h) r;
SELECT stage FROM leads.win((SELECT max(id) FROM ke.lead), 100);
SET leads.clock = '2025-03-10 10:00+00';
SELECT name, segment, numerator FROM unnest('{channel_roi,channel_roi_linear}'::text[]) k, unnest(ARRAY[NULL, '{channel}']::text[]) b, LATERAL leads.kpi(k, '2025-03-10', by => b::text[]) ORDER BY 1, 2;
SET leads.clock = '2025-06-01 09:00+00';
SELECT name, value, n, numerator FROM unnest('{protected_won,expired_unused}'::text[]) k, LATERAL leads.kpi(k, '2025-03-06 10:00+00', '2025-03-10');
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('ke', 'ke');
