-- What counts as of a false, past now; what the customers of a period are worth to date; ends and imports that figures leave out.
SET client_min_messages = warning; SET timezone = 'UTC'; SET datestyle = 'ISO';
SELECT leads.install('kq', lang => 'en', simulation => true, zone => 'America/New_York') IS NOT NULL AS installed;
SET leads.schema = 'kq';
INSERT INTO kq.member (code, name, created_at) VALUES ('zhang', 'Zhang', '2025-01-01'), ('li', 'Li', '2025-01-01');
SET leads.clock = '2025-03-01 09:00-05';
SELECT customer_id, outcome FROM unnest('{Acme Pumps Ltd,Borealis Valves Inc,Cobalt Bearings GmbH}'::text[]) n, LATERAL leads.register(n, by_member => 'zhang', amount => 100) r ORDER BY 1;
SELECT outcome FROM leads.register('Dunes Cranes Oy', by_member => 'li', amount => 100);
SET leads.clock = '2025-03-03 09:00-05';
SELECT effective FROM leads.log_activity(1, 'call', 'talked about what they need', by_member => 'zhang');
SET leads.clock = '2025-03-04 09:00-05';
SELECT stage FROM leads.lose(1, 'price'); SELECT stage FROM leads.win(4, 100);
SET leads.clock = '2025-03-05 09:00-05';
CREATE FUNCTION pg_temp.figures() RETURNS TABLE (what text, figures text) LANGUAGE sql AS $$
  SELECT u.name, string_agg(concat_ws(' ', k.segment, k.value, k.n), ', ') FROM unnest('{protected_won,expired_unused,approval_rate,won,lost}'::text[]) u(name), LATERAL leads.kpi(u.name) k GROUP BY 1
  UNION ALL SELECT 'lost by reason', string_agg(concat_ws(' ', k.segment, k.value), ', ') FROM leads.kpi('lost', by => '{reason}') k
  UNION ALL SELECT u.name, string_agg(concat_ws(' ', k.segment, k.numerator), ', ') FROM unnest('{channel_roi_last,channel_roi_linear}'::text[]) u(name), LATERAL leads.kpi(u.name, by => '{channel}') k GROUP BY 1
  UNION ALL SELECT 'contact_effect', string_agg(concat_ws(' ', c.contact, c.n, c.won), ', ') FROM leads.contact_effect() c $$;
CREATE TEMP TABLE live AS SELECT * FROM pg_temp.figures();
SELECT * FROM live ORDER BY 1;
-- then one is reopened, called and lost again for another reason, one is won within its protection, one lapses
SET leads.clock = '2025-03-06 09:00-05';
SELECT stage FROM leads.reopen(1); SELECT stage FROM leads.win(2, 300); SELECT stage FROM leads.reopen(4, reason => 'they took it back');
SELECT outcome FROM leads.register('Dunes Cranes Oy', channel => 'website');
SELECT effective FROM leads.log_activity(1, 'visit', 'showed them the new pumps', by_member => 'zhang');
SET leads.clock = '2025-03-08 09:00-05';
SELECT stage FROM leads.lose(1, 'no_need'); SELECT stage FROM leads.win(4, 100);
SET leads.clock = '2025-05-05 09:00-04';
CALL leads.tick();
SELECT * FROM pg_temp.figures() ORDER BY 1;
SET leads.clock = '2025-03-05 09:00-05';
SELECT l.what, l.figures AS live, p.figures AS past FROM live l JOIN pg_temp.figures() p USING (what) WHERE l.figures IS DISTINCT FROM p.figures;

-- to date is to date: customer 2 was won for the first time in March, and again in May
SET leads.clock = '2025-05-05 09:00-04';
SELECT lead_id FROM leads.register('Borealis Valves Inc', by_member => 'zhang', amount => 50) \gset
SELECT stage FROM leads.win(:lead_id, 1000);
SET leads.clock = '2025-05-06 09:00-04';
SELECT name, segment, value, numerator, denominator FROM unnest('{ltv,cac}'::text[]) n, LATERAL leads.kpi(n, '2025-03-05 00:00-05', '2025-04-01 00:00-04') k;
-- wins before and after the period make no row in it
SELECT name, segment, denominator FROM unnest('{ltv,cac}'::text[]) n, LATERAL leads.kpi(n, '2025-03-06 00:00-05', '2025-03-07 00:00-05', '{month}') k;
SELECT period, channel, won FROM leads.channel_performance('2025-05-01 00:00-04', NULL, 'month');

-- a margin is a share, however it is written; far ends of a period are ends; a day without a month has none
\set VERBOSITY sqlstate
SELECT value FROM leads.kpi('ltv', margin => 1e120);
SELECT value FROM leads.kpi('ltv', margin => -1e-12);
SELECT value FROM leads.kpi('ltv', margin => 1.000000000001);
\set VERBOSITY default
SELECT sum(entered) AS none FROM leads.funnel('294276-12-31 00:00+00', '294276-12-31 23:00+00');
SELECT f.entered AS all FROM leads.funnel(NULL, '294276-12-31 23:00+00') f WHERE "position" = 1;
UPDATE kq.lead SET expected_on = '5874897-12-31' WHERE id = 3;
SELECT month, slipped, leads FROM leads.forecast();
-- a year is as long in every session: the clocks of New York went forward meanwhile
SET leads.clock = '2026-03-08 12:00-04';
CREATE FUNCTION pg_temp.pace(zone text) RETURNS bigint LANGUAGE sql AS $$ SELECT set_config('timezone', zone, true); SELECT sum(won + lost)::bigint FROM kq.velocity $$;
SET session_replication_role = replica;
UPDATE kq.lead SET closed_at = '2025-03-08 11:30-05' WHERE id = 4;
RESET session_replication_role;
SELECT pg_temp.pace('UTC') = pg_temp.pace('America/New_York') AS same;

-- what an import brought along is no attempt, whatever became of it: not in stage 0 either
SET leads.clock = '2026-03-09 12:00-04';
SELECT leads.import_stage('b', '[{"name": "Elbe Docks AG", "owner": "li"}, {"name": "Acme Pumps Ltd", "owner": "li"}, {"name": "Cobalt Bearings GmbH"}, {"name": ""}]') AS staged;
CALL leads.import_commit('b');
SELECT outcome, count(*) FROM leads.import_report('b') GROUP BY 1 ORDER BY 1;
SELECT count(*) > 0 AS published FROM leads.publish('pipeline', '', '{"count_registrations": true}');
SET leads.clock = '2026-03-10 12:00-04';
SELECT i AS include_imported, f.entered, f.advanced, f.lost_here, f.open_here, k.value AS registrations FROM unnest('{f,t}'::boolean[]) i, LATERAL leads.funnel(include_imported => i) f, LATERAL leads.kpi('registrations', include_imported => i) k WHERE f."position" = 0;

-- what is done since for an imported lead is no history: it counts for who did it
SELECT effective FROM leads.log_activity((SELECT max(id) FROM kq.lead), 'call', 'talked about the docks', seconds => 90, by_member => 'li');
SET leads.clock = '2026-03-11 12:00-04';
SELECT name, segment, value FROM unnest('{followups,calls,talk_time}'::text[]) n, LATERAL leads.kpi(n, '2026-03-01', by => '{owner}') k;
SELECT member, followups, won FROM leads.leaderboard('2026-03-01');

-- names that are alike for long are two; what lies in a pool is nobody's, whatever people are called
SET leads.clock = '2026-04-01 09:00-04';
SELECT outcome FROM unnest('{A,B}'::text[]) e, LATERAL leads.register('Long Place ' || repeat(e, 9) || ' Ltd', by_member => 'li', region => repeat('很长的地区', 39) || e, industry => repeat('很长的行业', 39) || e);
SET leads.clock = '2026-04-02 09:00-04';
SELECT 'funnel' AS what, right(segment, 1) AS ends, length(segment), entered FROM leads.funnel(since => '2026-04-01', by => 'region') WHERE "position" = 1
  UNION ALL SELECT c, right(segment[1], 1), length(segment[1]), value FROM unnest('{region,industry}'::text[]) c, LATERAL leads.kpi('leads', '2026-04-01', by => ARRAY[c]) ORDER BY 1, 2;
SELECT DISTINCT length(segment) FROM leads.funnel(since => '2026-04-01', by => 'region', from_events => true);
\set VERBOSITY sqlstate
INSERT INTO kq.member (code, name) VALUES ('公海', 'x'); INSERT INTO kq.team (code, name) VALUES ('-', 'x'); UPDATE kq.channel SET code = 'pool' WHERE code = 'fair';
\set VERBOSITY default
-- a sum of large amounts is exact to the last digit
SELECT lead_id FROM leads.register('Great Works Ltd', by_member => 'li', amount => 9999999999999999.9999) \gset a_
SELECT lead_id FROM leads.register('Greater Yards Inc', by_member => 'li', amount => 9999999999999999.9999) \gset b_
SELECT stage FROM unnest(ARRAY[:a_lead_id, :b_lead_id]) l, LATERAL leads.win(l);
SET leads.clock = '2026-04-03 09:00-04';
SELECT name, numerator, value FROM unnest('{won_amount,ltv,avg_deal}'::text[]) n, LATERAL leads.kpi(n, '2026-04-01', margin => 0.3333);

-- a stage is a line of the chart, whatever it is called
UPDATE kq.stage SET label_en = E'two\nlines\t' WHERE code = 'contacted';
SELECT line FROM regexp_split_to_table(leads.funnel_chart('2026-04-01', width => 5), '\n') WITH ORDINALITY l(line, n) WHERE n BETWEEN 3 AND 5;
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('kq', 'kq');

-- the clocks of Havana come to midnight of 1 November twice: the month begins with the first, in every figure
SET leads.clock = '2026-10-01 09:00+00';
SELECT leads.install('kq', lang => 'en', simulation => true, zone => 'America/Havana') IS NOT NULL AS installed;
SET leads.schema = 'kq';
SELECT count(*) > 0 AS published FROM leads.publish('pipeline', '', '{"count_registrations": true}');
SET leads.clock = '2026-11-01 03:59:59.999999+00';
SELECT outcome FROM leads.register('Acme Pumps Ltd', channel => 'website');
SET leads.clock = '2026-11-01 04:00+00';
SELECT outcome FROM leads.register('Borealis Valves Inc', channel => 'website');
SET leads.clock = '2026-11-01 05:30+00';
SELECT outcome FROM leads.register('Cobalt Bearings GmbH', channel => 'website');
SET leads.clock = '2026-11-02 09:00+00';
SELECT segment, "position", entered FROM leads.funnel(by => 'month') WHERE "position" < 2;
SELECT segment, value FROM leads.kpi('leads', by => '{month}');
CALL leads.tick();
SELECT segment, "position", entered FROM leads.funnel(by => 'month') WHERE "position" = 1;
SELECT * FROM leads.rollup_verify();
-- a figure has no more stages than a funnel
INSERT INTO kq.stage (code, label_zh, label_en, position, kind, probability) SELECT 'x' || i, 'x', 'x', 100 + i, 'open', 0 FROM generate_series(1, 27) i;
\set VERBOSITY sqlstate
SELECT value FROM leads.kpi('leads'); SELECT count(*) FROM leads.forecast(); SELECT count(*) FROM leads.loss_analysis();
\set VERBOSITY default
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('kq', 'kq');
