-- Functions over one journey, and the aggregates, by hand and against plain SQL over 10,000 journeys drawn by hash; any plan gives one answer.
SET client_min_messages = warning;
SET timezone = 'UTC'; SET datestyle = 'ISO';
CREATE SCHEMA js; SET search_path = js, public;

-- by hand: 1, 2, to li, 4, won, taken back to 3, in a pool, lost, reopened at 1
CREATE TABLE told (n int, at timestamptz, kind text, stage bigint, owner bigint);
INSERT INTO told VALUES (1, '2026-01-01', 'entered', 1, 1), (2, '2026-01-02', 'advanced', 2, 1), (3, '2026-01-03', 'handed', NULL, 2),
  (4, '2026-01-05', 'advanced', 4, 2), (5, '2026-01-08', 'won', 6, 2), (6, '2026-01-10', 'reopened', 3, 2), (7, '2026-01-11', 'handed', NULL, NULL),
  (8, '2026-01-12', 'lost', 7, NULL), (9, '2026-01-13', 'reopened', 1, 3);
CREATE TABLE one AS SELECT leads.journey_agg(at, kind, stage, owner) AS j FROM told;
SELECT e.* FROM one, leads.journey_entries(j) e;
SELECT octet_length(j) AS bytes FROM one;
-- the order of rows does not matter; one by one it is the same; what comes late takes its place
SELECT (SELECT leads.journey_agg(at, kind, stage, owner ORDER BY n DESC) FROM told) = j AS backwards FROM one;
WITH RECURSIVE x(n, j) AS (SELECT 0, NULL::bytea UNION ALL
    SELECT t.n, leads.journey_append(x.j, t.at, t.kind, t.stage, t.owner) FROM x JOIN told t ON t.n = x.n + 1)
  SELECT x.j = one.j AS one_by_one FROM x, one WHERE n = 9;
SELECT leads.journey_append((SELECT leads.journey_agg(at, kind, stage, owner) FROM told WHERE n <> 4), '2026-01-05', 'advanced', 4, 2) = j AS late FROM one;
SELECT d::date AS day, leads.journey_stage_at(j, d) AS stage, leads.journey_owner_at(j, d) AS owner, leads.journey_time_in(j, 3, d) AS in_3, leads.journey_time_in(j, 1, d) AS in_1
  FROM one, generate_series('2025-12-31'::timestamptz, '2026-01-14', '1 day') d;
SELECT leads.journey_stage_at(j, '2026-01-05'::timestamptz - interval '1 microsecond') AS just_before FROM one;
SELECT leads.journey_time_in(j, 1, 'infinity') = leads.journey_time_in(j, 1, '294000-01-01') AS same_at_the_end_of_time FROM one;
SELECT leads.journey_time_in(j, 1, '2026-01-20') AS in_1, leads.journey_time_in(j, 9, '2026-01-20') AS in_9, leads.journey_entered(j, 4) AS at_4, leads.journey_entered(j, 1) AS first_at_1,
  leads.journey_entered(j, 5) AS at_5, leads.journey_furthest(j, '{1,2,3,4,5,6}') AS furthest, leads.journey_furthest(j, '{9}') AS nowhere,
  leads.journey_level(j, '{1,2,3,4,5,6}', '2 days') AS two_days, leads.journey_level(j, '{1,2,4,6}', NULL, 'strict') AS strict,
  leads.journey_level(j, '{1,2,4,6}', '3 days 23:59', 'strict') AS strict_4_days, leads.journey_level(j, '{1,2,4}', NULL, 'snapshot') AS now_in FROM one;
-- as long as it was won, the win counts
SELECT leads.journey_furthest((SELECT leads.journey_agg(at, kind, stage, owner) FROM told WHERE n <= 5), '{1,2,3,4,5,6}') AS furthest;
SELECT leads.journey_agg(at, kind, stage, owner) IS NULL AS nothing FROM told WHERE false;
SELECT leads.journey_append(NULL, '2026-01-01', 'advanced', 1, 1) IS NULL AS nothing_before_entered;
-- stages and owners of any size; a tie goes by stage
SELECT e.* FROM leads.journey_entries((SELECT leads.journey_agg(at, NULL, stage, owner) FROM (VALUES
  ('2026-01-01'::timestamptz, 9000000000, 9223372036854775807), ('2026-01-01', 3, 0), ('2050-01-01', 255, 128)) v(at, stage, owner))) e;

-- damaged, or wrong
\set VERBOSITY terse
SELECT leads.journey_furthest(''::bytea, '{1}');
SELECT leads.journey_furthest('\x00', '{1}');
SELECT leads.journey_furthest(set_byte(j, 0, 2), '{1}') FROM one;
SELECT leads.journey_furthest(set_byte(j, 1, 4), '{1}') FROM one;
SELECT leads.journey_stage_at(substr(j, 1, octet_length(j) - 8), now()) FROM one;
SELECT leads.journey_owner_at(substr(j, 1, octet_length(j) - 3), now()) FROM one;
SELECT leads.journey_time_in(set_byte(j, 15, 77), 1, now()) FROM one;
SELECT count(*) FROM one, leads.journey_entries(set_byte(j, 30, get_byte(j, 30) # 16));
SELECT leads.journey_entered(j || '\x01', 1) FROM one;
SELECT leads.journey_append(set_byte(j, 2, get_byte(j, 2) # 1), now(), 'won', 6, 1) FROM one;
SELECT leads.journey_level(set_byte(j, 2, get_byte(j, 2) # 1), '{1}') FROM one;
SELECT leads.funnel_agg(set_byte(j, 2, get_byte(j, 2) # 1), '{1}', NULL, m) FROM one, unnest('{cohort,flow}'::text[]) m GROUP BY m;
SELECT leads.funnel_steps('\x0100');
SELECT leads.funnel_steps(set_byte(leads.funnel_agg(j, '{1,2}', NULL, NULL), 10, 9)) FROM one;
SELECT leads.journey_append(j, now(), 'followed', 1, 1) FROM one;
SELECT leads.journey_append(j, now(), 'advanced', -1, 1) FROM one;
SELECT leads.journey_append(j, 'infinity', 'advanced', 1, 1) FROM one;
SELECT leads.journey_furthest(j, '{}') FROM one;
SELECT leads.journey_furthest(j, '{1,NULL}') FROM one;
SELECT leads.journey_furthest(j, '{{1,2}}') FROM one;
SELECT leads.journey_furthest(j, '{1,2,1}') FROM one;
SELECT leads.journey_furthest(j, (SELECT array_agg(i::bigint) FROM generate_series(1, 32) i)) FROM one;
SELECT leads.journey_furthest(j, (SELECT array_agg(i::bigint) FROM generate_series(1, 33) i)) FROM one;
SELECT leads.journey_level(j, '{1}', '-1 day') FROM one;
SELECT leads.journey_level(j, '{1}', '1 month') FROM one;
SELECT leads.journey_level(j, '{1}', NULL, 'flow') FROM one;
SELECT leads.journey_level(j, '{1}', NULL, 'x') FROM one;
SELECT leads.journey_level(NULL, '{1}') IS NULL AS "null";
SELECT leads.funnel_agg(j, NULL, NULL, NULL) FROM one;
SELECT leads.funnel_agg(j, ARRAY[n, 9]::bigint[], NULL, NULL) FROM one, generate_series(1, 2) n;
\set VERBOSITY sqlstate
SELECT leads.journey_furthest('\x00', '{1}');
\set VERBOSITY default

-- 10,000 leads: up to nine moves, forward and back; won, lost, reopened; owners change in between
CREATE TABLE e AS
WITH RECURSIVE x(lead_id, n, stage, kind, owner, at) AS (
  SELECT l::bigint, 0, 1, 'entered'::text, abs(hashint4(l)) % 4, '2025-01-01'::timestamptz + (abs(hashint4(l)) % 400) * interval '1 day' FROM generate_series(1, 10000) l
  UNION ALL
  SELECT lead_id, n + 1, CASE WHEN kind = 'handed' THEN stage WHEN stage >= 6 THEN d % 5 + 1 WHEN d % 10 < 7 THEN (stage + d % 4) % 5 + 1 WHEN d % 10 = 7 THEN 6 ELSE 7 END,
    kind, CASE WHEN kind = 'handed' THEN (owner + 1) % 4 WHEN d % 7 = 0 THEN d % 4 ELSE owner END, at + (1 + d / 16 % 200) * interval '37 minutes'
  FROM (SELECT lead_id, n, stage, owner, at, d, CASE WHEN stage >= 6 THEN 'reopened' WHEN d / 1024 % 6 = 0 THEN 'handed' WHEN d % 10 < 7 THEN 'advanced' WHEN d % 10 = 7 THEN 'won' ELSE 'lost' END AS kind
    FROM (SELECT lead_id, n, stage, owner, at, abs(hashint4(lead_id::int * 31 + n * 7919)) AS d FROM x) y) z WHERE n < 9 AND d / 256 % 6 > 0)
SELECT * FROM x;
CREATE TABLE j AS SELECT lead_id, leads.journey_agg(at, kind, stage, owner) AS journey FROM e GROUP BY 1;
CREATE INDEX ON e (lead_id); ANALYZE j, e;
SELECT count(*) > 30000 AS many, count(DISTINCT kind) AS kinds FROM e;
SELECT round(sum(octet_length(journey) - 12) / (SELECT count(*) FROM e)::numeric, 1) AS bytes_an_entry FROM j;

-- the answer of sets: no journey, no walk
CREATE TABLE w AS SELECT w AS n, nullif(w, 9999) * interval '37 minutes' AS within FROM unnest(ARRAY[0, 100, 300, 9999]) w;
CREATE TABLE m AS SELECT *, lead(at) OVER o AS gone, lead(kind) OVER o AS next_kind, lead(stage) OVER o AS next_stage,
      row_number() OVER (PARTITION BY lead_id ORDER BY n DESC) AS back, first_value(at) OVER o AS begun
    FROM e WHERE kind <> 'handed' WINDOW o AS (PARTITION BY lead_id ORDER BY n);
-- steps entered: a win only if it stands
CREATE TABLE step AS SELECT * FROM m WHERE stage <= 5 OR (stage = 6 AND back = 1);
ANALYZE m, step, w;
CREATE TABLE answer AS
WITH
  -- furthest and end, by what happened within so long
  far AS (SELECT w.n AS w, lead_id, max(stage) FILTER (WHERE stage <= 5) AS open, (array_agg(stage ORDER BY m.n DESC))[1] AS last
    FROM m JOIN w ON w.within IS NULL OR m.at <= m.begun + w.within GROUP BY 1, 2),
  reach AS (SELECT *, CASE last WHEN 6 THEN 6 ELSE open END AS far FROM far),
  pair AS (SELECT DISTINCT w.n AS w, a.lead_id, a.stage FROM w, step a JOIN step b ON b.lead_id = a.lead_id AND b.stage = a.stage + 1 AND b.n > a.n
    WHERE w.within IS NULL OR b.at - a.at <= w.within),
  flow AS (SELECT w.n AS w, lead_id, stage,
      bool_or(coalesce(((next_kind = 'won' OR (next_kind = 'advanced' AND next_stage > stage)) AND (w.within IS NULL OR gone - at <= w.within)) OR (stage = 6 AND gone IS NULL), false)) AS fwd,
      bool_or(next_kind IS NOT DISTINCT FROM 'lost') AS lost FROM m, w WHERE stage <= 6 GROUP BY 1, 2, 3)
SELECT 'cohort' AS mode, w, s AS step, count(*) FILTER (WHERE far >= s) AS entered, count(*) FILTER (WHERE far > s OR (far = s AND last = 6)) AS advanced,
    count(*) FILTER (WHERE far = s AND last = 7) AS lost_here, count(*) FILTER (WHERE far = s AND last <= 5) AS open_here, NULL::bigint AS next
  FROM reach, generate_series(1, 6) s GROUP BY 2, 3
UNION ALL
SELECT 'strict', w.n, s, count(*), count(*) FILTER (WHERE far > s OR last = 6), count(*) FILTER (WHERE far = s AND last = 7), count(*) FILTER (WHERE far = s AND last <= 5),
    count(*) FILTER (WHERE (w.n, lead_id, s) IN (SELECT * FROM pair))
  FROM w, (SELECT DISTINCT lead_id, stage AS s FROM step) x JOIN (SELECT lead_id, far, last FROM reach WHERE w = 9999) r USING (lead_id) GROUP BY 2, 3
UNION ALL
SELECT 'flow', w, stage, count(*), count(*) FILTER (WHERE fwd), count(*) FILTER (WHERE NOT fwd AND lost), count(*) FILTER (WHERE NOT fwd AND NOT lost), count(*) FILTER (WHERE fwd)
  FROM flow GROUP BY 2, 3
UNION ALL
SELECT 'snapshot', w.n, stage, count(*), 0, 0, count(*), NULL FROM w, m WHERE back = 1 AND stage <= 5 GROUP BY 2, 3;

CREATE TABLE counted AS
  SELECT w.n AS w, s.* FROM w, unnest('{cohort,strict,flow,snapshot}'::text[]) m(mode),
    LATERAL leads.funnel_steps((SELECT leads.funnel_agg(journey, '{1,2,3,4,5,6}', w.within, m.mode) FROM j)) s;
SELECT count(*) AS rows, min(entered) AS least, max(entered) AS most FROM counted WHERE entered > 0;
SELECT count(*) AS differences FROM counted c FULL JOIN answer a ON (a.mode, a.w, a.step) = (c.mode, c.w, c.step)
  WHERE (c.entered, c.advanced, c.lost_here, c.open_here) IS DISTINCT FROM (a.entered, a.advanced, a.lost_here, a.open_here) AND coalesce(c.entered, a.entered) > 0;
SELECT count(*) AS differences FROM counted c JOIN answer a ON (a.mode, a.w) = (c.mode, c.w) AND c.step = a.step + 1
  WHERE a.mode IN ('strict', 'flow') AND conversion_from_previous IS DISTINCT FROM round(a.next::numeric / nullif(a.entered, 0), 4);
SELECT count(*) AS broken FROM counted WHERE entered <> advanced + lost_here + open_here;
SELECT count(*) AS rises FROM (SELECT entered, lag(entered) OVER (PARTITION BY w ORDER BY step) AS before FROM counted WHERE mode = 'cohort') x WHERE entered > before;

-- levels: the longest chain, by trying all
WITH RECURSIVE s AS (SELECT lead_id, n, stage, at FROM (SELECT *, row_number() OVER (PARTITION BY lead_id ORDER BY n DESC) AS back FROM e WHERE kind <> 'handed') m
    WHERE (stage <= 5 OR (stage = 6 AND back = 1)) AND lead_id <= 2000),
  chain(lead_id, stage, n, since) AS (SELECT lead_id, 1, n, at FROM s WHERE stage = 1
    UNION SELECT s.lead_id, s.stage, s.n, c.since FROM chain c JOIN s ON s.lead_id = c.lead_id AND s.stage = c.stage + 1 AND s.n > c.n AND s.at - c.since <= interval '7 days'),
  best AS (SELECT lead_id, max(stage) AS level FROM chain GROUP BY 1)
SELECT count(*) AS leads, max(level) AS most, count(*) FILTER (WHERE leads.journey_level(journey, '{1,2,3,4,5,6}', '7 days', 'strict') <> level) AS differences FROM best JOIN j USING (lead_id);
SELECT count(*) AS differences FROM j JOIN (SELECT lead_id, (array_agg(stage ORDER BY n DESC))[1] AS last, max(stage) FILTER (WHERE stage <= 5) AS far FROM e WHERE kind <> 'handed' GROUP BY 1) x USING (lead_id)
  WHERE leads.journey_furthest(journey, '{1,2,3,4,5,6}') <> CASE last WHEN 6 THEN 6 ELSE far END
    OR leads.journey_level(journey, '{1,2,3,4,5,6}', NULL, 'snapshot') <> CASE WHEN last <= 5 THEN last ELSE 0 END;
SELECT count(*) AS differences FROM j, generate_series('2025-01-01'::timestamptz, '2026-03-01', '29 days 7 hours') t, LATERAL
    (SELECT (array_agg(stage ORDER BY n DESC) FILTER (WHERE kind <> 'handed'))[1] AS stage FROM e WHERE e.lead_id = j.lead_id AND e.at <= t) x
  WHERE j.lead_id <= 300 AND leads.journey_stage_at(journey, t) IS DISTINCT FROM x.stage;

-- any plan, any order of rows, with states sent between processes
SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
ALTER TABLE j SET (parallel_workers = 2);
EXPLAIN (COSTS OFF) SELECT leads.funnel_agg(journey, '{1,2,3,4,5,6}', NULL, 'cohort') FROM j;
SELECT FROM (SELECT set_config(name, 'on', false) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')) x;
CREATE TABLE parallel AS
  SELECT w.n AS w, m.mode, (SELECT leads.funnel_agg(journey, '{1,2,3,4,5,6}', w.within, m.mode) FROM j) AS state FROM w, unnest('{cohort,strict,flow,snapshot}'::text[]) m(mode);
SELECT leads.funnel_agg(journey, '{1,2,3,4,5,6}', NULL, 'strict') = (SELECT state FROM parallel WHERE mode = 'strict' AND w = 9999) AS same FROM j;
SET max_parallel_workers_per_gather = 0;
SELECT FROM (SELECT set_config(name, 'off', false) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')) x;
SELECT count(*) AS states, count(*) FILTER (WHERE state IS DISTINCT FROM (SELECT leads.funnel_agg(journey, '{1,2,3,4,5,6}', (SELECT within FROM w WHERE w.n = p.w), p.mode) FROM (SELECT * FROM j ORDER BY lead_id DESC) d)) AS differences
  FROM parallel p;
-- three parts, always three states to put together
CREATE TABLE jp (LIKE j) PARTITION BY HASH (lead_id);
SELECT format('CREATE TABLE jp%s PARTITION OF jp FOR VALUES WITH (MODULUS 3, REMAINDER %s)', i, i) FROM generate_series(0, 2) i \gexec
INSERT INTO jp SELECT * FROM j; ANALYZE jp;
SET enable_partitionwise_aggregate = on;
EXPLAIN (COSTS OFF) SELECT leads.funnel_agg(journey, '{1,2,3,4,5,6}', NULL, 'cohort') FROM jp;
SELECT count(*) FILTER (WHERE state IS DISTINCT FROM (SELECT leads.funnel_agg(journey, '{1,2,3,4,5,6}', (SELECT within FROM w WHERE w.n = p.w), p.mode) FROM jp)) AS differences FROM parallel p;
RESET enable_partitionwise_aggregate;
-- groups that are empty, and groups of a hash
SELECT g, (leads.funnel_steps(leads.funnel_agg(journey, '{1,6}', NULL, NULL))).* FROM (SELECT lead_id % 3 AS g, journey FROM j) x GROUP BY 1 ORDER BY 1, 2;
SELECT leads.funnel_agg(journey, '{1}', NULL, NULL) IS NULL AS nothing FROM j WHERE false;
SELECT leads.funnel_agg(NULL, '{1}', NULL, NULL) IS NULL AS nothing FROM j;
RESET max_parallel_workers_per_gather; RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET search_path;
DROP SCHEMA js CASCADE;
