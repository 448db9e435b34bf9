-- The views for BI tools: what funnel() says, who counts what, amounts and velocity by hand.
SET client_min_messages = warning; SET timezone = 'UTC'; SET datestyle = 'ISO';
SELECT leads.install('fv', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'fv';
CREATE ROLE regress_fv_zhang; CREATE ROLE regress_fv_boss; CREATE ROLE regress_fv_bi; CREATE ROLE regress_fv_nobody;
SET leads.clock = '2025-06-01 12:00+08';
-- without leads: the whole has its stages, the cuts no rows
SELECT (SELECT count(*) FROM fv.funnel) AS whole, (SELECT count(*) FROM fv.funnel_by_channel) + (SELECT count(*) FROM fv.funnel_by_owner)
  + (SELECT count(*) FROM fv.funnel_by_region) + (SELECT count(*) FROM fv.cohort_funnel) + (SELECT count(*) FROM fv.stage_time)
  + (SELECT count(*) FROM fv.stage_flow) + (SELECT count(*) FROM fv.pipeline_now) + (SELECT count(*) FROM fv.velocity) AS cuts;
INSERT INTO fv.team (code, name) VALUES ('north', 'North');
INSERT INTO fv.member (code, name, db_role, team_id, is_manager) VALUES ('zhang', 'Zhang', 'regress_fv_zhang', 1, false),
  ('li', 'Li', NULL, NULL, false), ('boss', 'Boss', 'regress_fv_boss', 1, true);
SELECT leads.grant_access('regress_fv_zhang', 'rep'), leads.grant_access('regress_fv_boss', 'rep'), leads.grant_access('regress_fv_bi', 'bi');
SET session_replication_role = replica;
INSERT INTO fv.customer (kind, name, region, created_at, last_event_at) SELECT 'company', 'customer ' || n, CASE WHEN n % 2 = 1 THEN 'north' END, '2025-03-01', '2025-03-01' FROM generate_series(1, 8) n;
-- 1 to 4: zhang, 3 has lapsed unwritten; 5 to 7: li; 8: in the pool
INSERT INTO fv.ownership (customer_id, member_id, pool_id, since, next_due_at, lapse_pool_id, cause, decision_id, recorded_at)
  SELECT n, CASE WHEN n <= 4 THEN 1 WHEN n <= 7 THEN 2 END, CASE WHEN n = 8 THEN 1 END, '2025-03-01', CASE n WHEN 3 THEN '2025-05-10'::timestamptz END, CASE WHEN n <= 7 THEN 1 END, 'registered', 1, '2025-03-01' FROM generate_series(1, 8) n;
-- lead, days after 31 March 00:30 in Shanghai, kind, from, to, attempt
CREATE TEMP TABLE told (lead_id bigint, day int, kind text, f int, t int, attempt int);
INSERT INTO told VALUES (1, 0, 'entered', NULL, 1, 1), (1, 2, 'advanced', 1, 3, 1), (1, 10, 'won', 3, 6, 1),
  (2, 0, 'entered', NULL, 1, 1), (2, 30, 'advanced', 1, 3, 1), (3, 1, 'entered', NULL, 1, 1), (3, 2, 'advanced', 1, 4, 1),
  (4, 1, 'entered', NULL, 1, 1), (4, 5, 'lost', 1, 7, 1), (5, 2, 'entered', NULL, 1, 1), (5, 22, 'won', 1, 6, 1), (6, 30, 'entered', NULL, 1, 1),
  (6, 31, 'advanced', 1, 2, 1), (6, 32, 'advanced', 2, 1, 1), (7, 31, 'entered', NULL, 1, 1), (8, 31, 'entered', NULL, 1, 1);
INSERT INTO fv.lead (customer_id, stage_id, stage_since, channel_id, created_at, amount, closed_at)
  SELECT n, (array_agg(t ORDER BY day DESC))[1], '2025-03-31 00:30+08'::timestamptz + max(day) * interval '1 day', CASE WHEN n <= 4 THEN 1 ELSE 2 END,
    '2025-03-31 00:30+08'::timestamptz + min(day) * interval '1 day', CASE WHEN n <> 7 THEN n * 100 END,
    max('2025-03-31 00:30+08'::timestamptz + day * interval '1 day') FILTER (WHERE kind IN ('won', 'lost')) FROM told t(n, day, kind, f, t, attempt) GROUP BY n ORDER BY n;
INSERT INTO fv.event (customer_id, lead_id, kind, at, recorded_at, owner_id, from_stage_id, to_stage_id, attempt)
  SELECT lead_id, lead_id, kind, '2025-03-31 00:30+08'::timestamptz + day * interval '1 day', now(), CASE WHEN lead_id <= 4 THEN 1 WHEN lead_id <= 7 THEN 2 END, f, t, attempt FROM told ORDER BY day, lead_id;
RESET session_replication_role;
CALL leads.rebuild_journeys();

-- each view is what funnel() says
CREATE TEMP VIEW view_row AS SELECT 'funnel' AS view, to_jsonb(v) AS r FROM fv.funnel v UNION ALL SELECT 'channel', to_jsonb(v) FROM fv.funnel_by_channel v
  UNION ALL SELECT 'owner', to_jsonb(v) FROM fv.funnel_by_owner v UNION ALL SELECT 'region', to_jsonb(v) FROM fv.funnel_by_region v
  UNION ALL SELECT 'cohort', to_jsonb(v) FROM fv.cohort_funnel v UNION ALL SELECT 'flow', to_jsonb(v) FROM fv.stage_flow v
  UNION ALL SELECT 'time', to_jsonb(v) - '{here,here_median_hours,here_p90_hours}'::text[] FROM fv.stage_time v
  UNION ALL SELECT 'now', to_jsonb(v) - '{amount,weighted_amount}'::text[] FROM fv.pipeline_now v;
CREATE TEMP VIEW call_row AS SELECT a.view, to_jsonb(f) - '{immature,skipped,regressed,re_entries,moved_away,pool_hours}'::text[] AS r
  FROM (VALUES ('funnel', NULL, NULL), ('channel', 'channel', NULL), ('owner', 'owner', NULL), ('region', 'region', NULL), ('cohort', 'month', NULL),
    ('flow', 'month', 'flow'), ('time', 'channel', NULL), ('now', 'owner', 'snapshot')) a(view, cut, mode), LATERAL leads.funnel(by => a.cut, mode => coalesce(a.mode, 'cohort')) f;
GRANT SELECT ON view_row, call_row TO regress_fv_zhang, regress_fv_boss, regress_fv_bi;
SELECT view, count(*) FROM view_row GROUP BY 1 ORDER BY 1;
SELECT count(*) AS differences FROM ((TABLE view_row EXCEPT ALL TABLE call_row) UNION ALL (TABLE call_row EXCEPT ALL TABLE view_row)) d;
SELECT count(*) AS broken FROM view_row WHERE (r ->> 'entered')::int <> (r ->> 'advanced')::int + (r ->> 'lost_here')::int + (r ->> 'open_here')::int;

-- months by hand: 1 and 2 began in March, in Shanghai; 2 came to qualified on 30 April at 00:30
SELECT segment, stage, entered, advanced, lost_here, open_here FROM fv.cohort_funnel WHERE entered > 0;
SELECT segment, stage, entered, advanced, lost_here, open_here FROM fv.stage_flow WHERE entered > 0;
-- a month is a period
SELECT count(*) AS rows, count(*) FILTER (WHERE to_jsonb(f) - '{segment,immature}'::text[] IS DISTINCT FROM to_jsonb(p) - '{segment,immature}'::text[]) AS differences
  FROM (VALUES ('cohort'), ('strict'), ('flow')) m(mode), (VALUES (false), (true)) e(from_events), LATERAL leads.funnel(by => 'month', mode => m.mode, from_events => e.from_events) f
  JOIN LATERAL leads.funnel((f.segment || '-01')::timestamp AT TIME ZONE 'Asia/Shanghai', ((f.segment || '-01')::timestamp + interval '1 month') AT TIME ZONE 'Asia/Shanghai', mode => m.mode) p ON p."position" = f."position";
-- a month that the period cuts
SELECT segment, stage, entered FROM leads.funnel('2025-04-01 23:00+08', '2025-05-01 23:00+08', by => 'month', mode => 'flow') WHERE entered > 0;

-- what is open, its worth and age
SELECT segment, stage, entered, open_here, median_hours, amount, weighted_amount FROM fv.pipeline_now WHERE entered > 0;
SELECT count(*) FILTER (WHERE amount IS NOT NULL) AS rows_with_amount, sum(amount) = (SELECT sum(amount) FROM fv.lead WHERE closed_at IS NULL) AS whole FROM fv.pipeline_now;
SELECT segment, stage, entered, median_hours, here, here_median_hours FROM fv.stage_time WHERE entered > 0;
-- in a year 1 won, 1 lost of channel 1; 1 won of channel 2: 2 * 1/2 * 100 / 10, 0 * 1 * 500 / 20
SELECT segment, open_leads, won, lost, win_rate, average_amount, cycle_days, velocity, as_of FROM fv.velocity ORDER BY 1;
SELECT count(*) FILTER (WHERE qualifies) AS qualifying, min(position) FILTER (WHERE qualifies) AS from_here FROM fv.stage;

-- who counts what; 3 has lapsed
\set ask 'SELECT (SELECT sum(entered) FROM fv.funnel WHERE "position" = 1) AS whole, (SELECT sum(entered) FROM fv.funnel_by_channel WHERE "position" = 1) AS channel, (SELECT sum(entered) FROM fv.funnel_by_region WHERE "position" = 1) AS region, (SELECT sum(entered) FROM fv.cohort_funnel WHERE "position" = 1) AS month, (SELECT sum(entered) FROM fv.stage_flow WHERE "position" = 1) AS flow, (SELECT string_agg(DISTINCT segment, \',\') FROM fv.funnel_by_owner) AS owners, (SELECT string_agg(segment || \' \' || amount, \', \' ORDER BY segment, amount) FROM fv.pipeline_now) AS now, (SELECT sum(won + lost + open_leads) FROM fv.velocity) AS velocity, (SELECT sum(here) FROM fv.stage_time) AS here;'
\set same 'SELECT count(*) AS differences FROM ((TABLE view_row EXCEPT ALL TABLE call_row) UNION ALL (TABLE call_row EXCEPT ALL TABLE view_row)) d;'
SET ROLE regress_fv_bi; :ask RESET ROLE;
SET ROLE regress_fv_zhang; :ask SET leads.schema = 'fv'; :same RESET ROLE;
SET ROLE regress_fv_boss; :ask RESET ROLE;
-- a function of the reader's own runs behind the barrier
SET ROLE regress_fv_zhang;
CREATE FUNCTION pg_temp.peep(text, numeric) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE WARNING 'peeped % %', $1, $2; RETURN true; END $$;
SELECT segment, amount FROM fv.pipeline_now WHERE pg_temp.peep(segment, amount) AND amount IS NOT NULL ORDER BY amount;
SELECT count(*) FROM fv.velocity WHERE pg_temp.peep(segment, average_amount);
RESET ROLE;
SET ROLE regress_fv_nobody;
\set VERBOSITY sqlstate
SELECT * FROM fv.funnel_by_owner; SELECT * FROM fv.pipeline_now; SELECT * FROM fv.velocity;
RESET ROLE;
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('fv', 'fv');
DROP OWNED BY regress_fv_zhang, regress_fv_boss, regress_fv_bi, regress_fv_nobody; DROP ROLE regress_fv_zhang, regress_fv_boss, regress_fv_bi, regress_fv_nobody;
