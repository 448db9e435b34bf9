-- Aggregates over rows of any table: by hand, against the journeys of the same rows, with little memory, in any plan, with errors.
SET client_min_messages = warning;
SET timezone = 'UTC'; SET datestyle = 'ISO';
CREATE SCHEMA fr; SET search_path = fr, public;

-- by hand: 1 comes to 3 by a skip and is won; 2 goes back and is lost; 3 is won, taken back to 2; 4 begins in no step; 5 has two rows of one instant
CREATE TABLE told (lead_id bigint, at timestamptz, kind text, stage bigint);
INSERT INTO told VALUES
  (1, '2026-01-05', 'won', 9), (1, '2026-01-01', 'entered', 10), (1, '2026-01-03', 'advanced', 30),
  (2, '2026-01-01', 'entered', 10), (2, '2026-01-02', 'advanced', 20), (2, '2026-01-04', 'advanced', 10), (2, '2026-01-05', 'lost', NULL),
  (3, '2026-01-01', 'entered', 10), (3, '2026-01-02', 'advanced', 20), (3, '2026-01-03', 'won', 9), (3, '2026-01-09', 'reopened', 20),
  (4, '2026-01-01', 'entered', 77), (4, '2026-01-02', 'moved', 20),
  (5, '2026-01-01', 'advanced', 20), (5, '2026-01-01', 'entered', 10),
  (6, NULL, 'entered', 10), (NULL, '2026-01-01', 'entered', 10), (7, '2026-01-01', 'advanced', NULL), (8, '2026-01-01', 'handed', NULL);
SELECT m, s.step, s.entered, s.advanced, s.lost_here AS lost, s.open_here AS open, s.conversion_from_previous AS step_rate, s.conversion_overall AS overall, s.drop_off AS off
  FROM unnest('{cohort,strict,flow,snapshot}'::text[]) m,
    LATERAL leads.funnel_steps((SELECT leads.funnel_of_events(lead_id, at, kind, stage, '{10,20,30,9}', NULL, m) FROM told)) s;
-- what was no lead was lost, to both
SELECT leads.funnel_of_events(lead_id, at, replace(kind, 'lost', 'invalid'), stage, '{10,20,30,9}', NULL, 'cohort') = leads.funnel_of_events(lead_id, at, kind, stage, '{10,20,30,9}', NULL, 'cohort') AS same,
  (SELECT leads.funnel_agg(j, '{10,20,30,9}', NULL, 'cohort') FROM (SELECT leads.journey_agg(at, replace(kind, 'lost', 'invalid'), stage, NULL) AS j FROM told WHERE lead_id < 5 GROUP BY lead_id) x)
  = leads.funnel_of_events(lead_id, at, kind, stage, '{10,20,30,9}', NULL, 'cohort') FILTER (WHERE lead_id < 5) AS journeys FROM told;
-- no kinds: each row says where the lead is, nobody is lost; the window of the cohort begins with its first row
SELECT coalesce(w::text, 'none') AS within, array_agg(s.entered ORDER BY step) AS entered, array_agg(s.open_here ORDER BY step) AS open
  FROM unnest(ARRAY[NULL, '0', '1 day', '2 days', '4 days']::interval[]) w,
    LATERAL leads.funnel_steps((SELECT leads.funnel_of_events(lead_id, at, stage, '{10,20,30,9}', w, NULL) FROM told)) s GROUP BY w ORDER BY w NULLS FIRST;
SELECT leads.funnel_of_events(lead_id, at, stage, '{1}', NULL, NULL) IS NULL AS nothing FROM told WHERE false;
SELECT count(*) AS steps, sum(entered) AS entered FROM leads.funnel_steps((SELECT leads.funnel_of_events(NULL, at, stage, '{1,2}', NULL, NULL) FROM told));
-- the smallest and the largest of everything
SELECT step, entered FROM leads.funnel_steps((SELECT leads.funnel_of_events(l, t, s, '{-9223372036854775808,0,9223372036854775807}', NULL, 'strict') FROM
  unnest('{-9223372036854775808,-1,0,1,9223372036854775807}'::bigint[]) l, unnest('{-9223372036854775808,0,9223372036854775807}'::bigint[]) s,
  unnest('{4713-01-01 BC,1969-01-01,2000-01-01,285000-01-01}'::timestamptz[]) t));

-- two leads whose mixed ids differ in the bits of the part alone
SELECT step, entered FROM leads.funnel_steps((SELECT leads.funnel_of_events(l, t, 1, '{1}', NULL, NULL) FROM unnest('{-2761198580566793151,-196666846251571010}'::bigint[]) l, unnest('{2026-01-01,2026-01-02}'::timestamptz[]) t));

-- 9,000 leads whose rows lie in disorder; ties of several stages; stages that are no step; some lost, won, reopened
CREATE TABLE e AS
SELECT l::bigint * 7919 % 9007 AS lead_id, '2025-01-01'::timestamptz + (d % 50) * interval '1 day' AS at, stage::bigint,
  CASE stage WHEN 99 THEN 'lost' WHEN 6 THEN 'won' ELSE 'advanced' END AS kind
FROM (SELECT l, n, d, CASE WHEN d / 64 % 9 < 6 THEN d / 64 % 9 + 1 WHEN d / 64 % 9 = 6 THEN 99 ELSE 8 + n END AS stage
  FROM (SELECT l, n, abs(hashint8(l * 31 + n)) AS d FROM generate_series(1, 9000) l, generate_series(1, 9) n WHERE abs(hashint8(l + n)) % 2 = 0) x) y
ORDER BY hashint8(l * 7 + n);
ANALYZE e;
CREATE TABLE j AS SELECT lead_id, leads.journey_agg(at, kind, stage, NULL) AS j, leads.journey_agg(at, NULL, stage, NULL) AS plain FROM e GROUP BY 1;
SELECT count(*) > 40000 AS many, count(DISTINCT lead_id) > 8500 AS leads, count(*) - count(DISTINCT (lead_id, at)) > 1000 AS ties FROM e;
CREATE TABLE asked AS SELECT row_number() OVER () AS n, * FROM unnest('{cohort,strict,flow,snapshot}'::text[]) mode, unnest(ARRAY[NULL, '3 days']::interval[]) within;
CREATE TABLE answer AS SELECT n, leads.funnel_agg(j, '{1,2,3,4,5,6}', within, mode) AS kinds, leads.funnel_agg(plain, '{1,2,3,4}', within, mode) AS plain FROM asked, j GROUP BY n;
SELECT count(DISTINCT kinds) > 5 AS tell_apart FROM answer;
CREATE FUNCTION differ() RETURNS TABLE (asked bigint, differences bigint) LANGUAGE sql SET search_path = fr, public AS $$
  SELECT count(*), count(*) FILTER (WHERE (a.kinds, a.plain) IS DISTINCT FROM (e.kinds, e.plain)) FROM answer a JOIN (
    SELECT n, leads.funnel_of_events(lead_id, at, kind, stage, '{1,2,3,4,5,6}', within, mode) AS kinds,
      leads.funnel_of_events(lead_id, at, stage, '{1,2,3,4}', within, mode) AS plain FROM asked, e GROUP BY n) e USING (n) $$;
SELECT * FROM differ();
-- eight groups at once share what there is
SET work_mem = '64kB';
SELECT * FROM differ();
SET enable_hashagg = off;
SELECT * FROM differ();
RESET enable_hashagg; RESET work_mem;
-- in any plan
SELECT FROM (SELECT set_config(name, 'on', false) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')) x;
SELECT * FROM differ();
SELECT FROM (SELECT set_config(name, 'off', false) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')) x;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 4;
SELECT * FROM differ();

-- ten times as many leads do not fit and go to a file
CREATE VIEW tenfold AS SELECT lead_id * 10 + g AS lead_id, at, kind, stage FROM e, generate_series(0, 9) g;
CREATE FUNCTION written(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT json) ' || query INTO plan;
  RETURN (plan->0->'Plan'->>'Temp Written Blocks')::int > 100;
END $$;
SET work_mem = '64kB';
SELECT mode, within, leads.funnel_of_events(lead_id, at, kind, stage, '{1,2,3,4,5,6}', within, mode) = (SELECT leads.rollup(kinds) FROM answer, generate_series(1, 10) WHERE n = asked.n) AS tenfold
  FROM asked, tenfold GROUP BY n, 1, 2 ORDER BY n;
SELECT written($$ SELECT leads.funnel_of_events(lead_id, at, stage, '{1}', NULL, NULL) FROM fr.tenfold $$) AS "64 kB: to a file";
SET work_mem = '64MB';
SELECT written($$ SELECT leads.funnel_of_events(lead_id, at, stage, '{1}', NULL, NULL) FROM fr.tenfold $$) AS "64 MB: to a file";
RESET work_mem;

-- groups that are split the leads of one table add up to the whole
SELECT leads.rollup(f) = (SELECT leads.funnel_of_events(lead_id, at, kind, stage, '{1,2,3}', NULL, 'strict') FROM e) AS whole
  FROM (SELECT leads.funnel_of_events(lead_id, at, kind, stage, '{1,2,3}', NULL, 'strict') AS f FROM e GROUP BY lead_id % 10) x;
CREATE TABLE days AS SELECT lead_id % 1000 AS d, leads.funnel_agg(j, '{1,2,3,4,5,6}', NULL, 'flow') AS f FROM j GROUP BY 1;
ANALYZE days;
SELECT count(*) AS days, leads.rollup(f) = (SELECT leads.funnel_agg(j, '{1,2,3,4,5,6}', NULL, 'flow') FROM j) AS whole FROM days;
SELECT leads.rollup(f) = (SELECT leads.rollup(x) FROM (SELECT leads.rollup(f) AS x FROM days GROUP BY d % 7) y) AS of_rollups FROM days;
EXPLAIN (COSTS off) SELECT leads.rollup(f) FROM days;
SELECT leads.rollup(NULL) IS NULL AS nothing, leads.rollup(NULL::bytea) OVER () IS NULL AS over FROM generate_series(1, 2) GROUP BY ();
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;

-- steps of the table itself, of a parameter, of an array made for each row
PREPARE f(bigint[]) AS SELECT leads.funnel_of_events(lead_id, at, stage, $1, NULL, NULL) = (SELECT leads.funnel_of_events(lead_id, at, stage, ARRAY[lead_id - lead_id + 1, 2], NULL, NULL) FROM e) AS same FROM e;
EXECUTE f('{1,2}');
-- with DISTINCT, FILTER, ORDER BY; rows of a rescanned plan
SELECT leads.funnel_of_events(DISTINCT lead_id, at, stage, '{1,2}'::bigint[], NULL::interval, NULL::text) = leads.funnel_of_events(lead_id, at, stage, '{1,2}', NULL, NULL ORDER BY stage DESC) AS same,
  leads.funnel_of_events(lead_id, at, stage, '{1,2}', NULL, NULL) FILTER (WHERE lead_id < 0) IS NULL AS none FROM e WHERE lead_id < 500;
SELECT count(*), count(DISTINCT f) AS answers FROM generate_series(1, 5) g, LATERAL (SELECT leads.funnel_of_events(lead_id, at, stage, '{1,2}', NULL, NULL) AS f FROM e WHERE lead_id < 4000 + g * 0) x;

-- window_funnel: the cases of ClickHouse's own test of windowFunnel, with its answers
CREATE TABLE w (grp int, at timestamptz, action text);
INSERT INTO w SELECT g, '2026-01-01'::timestamptz + n * interval '1 second', c FROM (VALUES (1, 'abc'), (2, 'adbc'), (3, 'aabbcc'), (4, 'aaaabbcc'), (5, 'aabbdcc'), (6, 'ccbbaa'), (7, 'acb'), (8, 'ababc'), (9, 'abac')) v(g, t),
  LATERAL regexp_split_to_table(t, '') WITH ORDINALITY s(c, n);
SELECT grp, string_agg(action, '' ORDER BY at) AS actions, leads.window_funnel('1 day', at, strpos('abc', action)) AS plain,
  leads.window_funnel('1 day', at, strpos('abc', action), 'default') AS "default", leads.window_funnel('1 day', at, strpos('abc', action), 'strict_order') AS strict_order,
  leads.window_funnel('1 day', at, strpos('abc', action), 'strict_deduplication') AS dedup, leads.window_funnel('1 day', at, strpos('abc', action), 'strict_deduplication, strict_order') AS both,
  leads.window_funnel('1 day', at, strpos('abc', action), 'strict_increase') AS increase FROM w GROUP BY grp ORDER BY grp;
-- the window: its limit belongs to it; it slides
SELECT s, leads.window_funnel(s * interval '1 second', '2026-01-01'::timestamptz + n * interval '1 second', n) AS of_five FROM generate_series(0, 5) s, generate_series(1, 5) n GROUP BY s ORDER BY s;
SELECT leads.window_funnel('2 seconds', at, step) AS slides FROM (VALUES ('2026-01-01 00:00:00'::timestamptz, 1), ('2026-01-01 00:00:05', 1), ('2026-01-01 00:00:06', 2), ('2026-01-01 00:00:07', 3), ('2026-01-01 00:00:20', 2)) v(at, step);
-- rows of one instant: 1001, 1002, 1003 at second 1; 3 conditions met by each row
SELECT leads.window_funnel('10000 seconds', at, step) AS plain, leads.window_funnel('10000 seconds', at, step, 'strict_increase') AS increase
  FROM (SELECT '2026-01-01'::timestamptz + unnest('{0,1,1,1,2}'::int[]) * interval '1 second' AS at, unnest('{1,4,3,2,5}'::int[]) AS step) x;
SELECT leads.window_funnel('10000 seconds', '2026-01-01', step) AS plain, leads.window_funnel('10000 seconds', '2026-01-01', step, 'strict_increase') AS increase FROM generate_series(1, 3) step;
-- a, b, c, b, d: deduplication ends at the second b
SELECT leads.window_funnel('1 day', '2026-01-01'::timestamptz + n * interval '1 second', strpos('abcd', c), 'strict_deduplication') AS three FROM regexp_split_to_table('abcbd', '') WITH ORDINALITY s(c, n);
SELECT leads.window_funnel('1 day', at, 1) AS zero, leads.window_funnel('1 day', NULL, NULL) OVER () AS zero_over FROM w WHERE false GROUP BY ();
SELECT leads.window_funnel('1 day', at, NULL) AS zero, leads.window_funnel('1 day', NULL, 1) AS also, leads.window_funnel('1 day', at, n) AS thirtytwo
  FROM (SELECT '2026-01-01'::timestamptz + n * interval '1 second' AS at, n FROM generate_series(1, 32) n) x;
SELECT n, leads.window_funnel('2 seconds', at, n) OVER (ORDER BY n) AS so_far FROM (SELECT '2026-01-01'::timestamptz + n * interval '1 second' AS at, n FROM generate_series(1, 4) n) x;
-- any plan: one group, many groups
CREATE FUNCTION levels() RETURNS TABLE (md5 text) LANGUAGE sql SET search_path = fr, public AS $$
  SELECT md5(string_agg(x::text, ',' ORDER BY x)) FROM (
    SELECT lead_id, leads.window_funnel('3 days', at, (stage % 8)::int) AS a, leads.window_funnel('20 days', at, (stage % 8)::int, 'strict_order') AS b, leads.window_funnel('9 days', at, (stage % 8)::int, 'strict_increase,strict_deduplication') AS c FROM e GROUP BY 1
    UNION ALL SELECT -1, leads.window_funnel('0', at, (stage % 8)::int), leads.window_funnel('1 day', at, (stage % 8)::int, 'strict_increase'), leads.window_funnel('1 day', at, (stage % 8)::int, 'strict_order') FROM e) x $$;
CREATE TEMP TABLE level AS SELECT md5 FROM levels();
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 4;
EXPLAIN (COSTS off) SELECT leads.window_funnel('1 day', at, stage::int) FROM e;
SELECT levels() = md5 AS parallel FROM level;
SET enable_hashagg = off;
SELECT levels() = md5 AS sorted FROM level;
RESET enable_hashagg; RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;
SELECT FROM (SELECT set_config(name, 'on', false) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')) x; SET work_mem = '64kB';
SELECT levels() = md5 AS forced FROM level;
SELECT FROM (SELECT set_config(name, 'off', false) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')) x; RESET work_mem;

-- wrong
\set VERBOSITY terse
SELECT leads.funnel_of_events(lead_id, at, stage, NULL, NULL, NULL) FROM told;
SELECT leads.funnel_of_events(lead_id, at, stage, '{}', NULL, NULL) FROM told;
SELECT leads.funnel_of_events(lead_id, at, stage, '{1,1}', NULL, NULL) FROM told;
SELECT leads.funnel_of_events(lead_id, at, stage, (SELECT array_agg(i::bigint) FROM generate_series(1, 33) i), NULL, NULL) FROM told;
SELECT leads.funnel_of_events(lead_id, at, stage, '{1}', '1 month', NULL) FROM told;
SELECT leads.funnel_of_events(lead_id, at, stage, '{1}', NULL, 'sideways') FROM told;
SELECT leads.funnel_of_events(lead_id, 'infinity', stage, '{1}', NULL, NULL) FROM told;
SELECT leads.funnel_of_events(lead_id, at, stage, ARRAY[1, lead_id + 1], NULL, NULL) FROM told WHERE lead_id IS NOT NULL;
SELECT leads.funnel_of_events(lead_id, at, 'followed', stage, '{1}', NULL, NULL) FROM told;
SELECT leads.funnel_of_events(lead_id, at, stage, '{1}', NULL, NULL) OVER () FROM told;
SELECT leads.window_funnel(NULL, at, 1) FROM told;
SELECT leads.window_funnel('-1 day', at, 1) FROM told;
SELECT leads.window_funnel('1 day', at, 33) FROM told;
SELECT leads.window_funnel('1 day', at, -1) FROM told;
SELECT leads.window_funnel('1 day', at, 1, 'strict') FROM told;
-- window and mode are the same in every row of a group, whatever the plan
SELECT leads.window_funnel(n * interval '1 second', '2026-01-01', n) FROM generate_series(1, 2) n;
SELECT leads.window_funnel(CASE WHEN n = 1 THEN interval '1 second' END, '2026-01-01', n) FROM generate_series(1, 2) n;
SELECT leads.window_funnel('1 day', '2026-01-01', n, (ARRAY['default', 'strict_increase'])[n]) FROM generate_series(1, 2) n;
SELECT leads.window_funnel('1 day', '2026-01-01', n, (ARRAY['strict_order, strict_increase', 'strict_increase, strict_order'])[n]) AS the_same FROM generate_series(1, 2) n;
SELECT leads.rollup(f) FROM (VALUES ('\x'::bytea)) v(f);
SELECT leads.rollup(f) FROM (SELECT leads.funnel_of_events(lead_id, at, stage, '{1,2}', NULL, m) AS f FROM told, unnest('{cohort,flow}'::text[]) m GROUP BY m) x;
SELECT leads.rollup(f) FROM (SELECT leads.funnel_of_events(lead_id, at, stage, '{1,2}', NULL, NULL) AS f FROM told UNION ALL SELECT leads.funnel_of_events(lead_id, at, stage, '{1,2,3}', NULL, NULL) FROM told) x;
SELECT leads.rollup(f) FROM (SELECT '\x010001'::bytea || decode('1fffffffffffffff' || '0000000000000000' || '0000000000000000' || '0000000000000000' || '1fffffffffffffff', 'hex') AS f FROM generate_series(1, 2)) x;
-- a result with any byte changed is refused, or is one that could be: the counts of each step add up
\set VERBOSITY default
CREATE FUNCTION taken(f bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE s text;
BEGIN
  SELECT CASE WHEN bool_and(entered = advanced + lost_here + open_here) AND (SELECT leads.rollup(x) FROM (SELECT f) y(x)) = f THEN 'taken' ELSE 'wrong' END INTO s FROM leads.funnel_steps(f);
  RETURN s;
EXCEPTION WHEN SQLSTATE 'LD095' THEN RETURN 'refused';
END $$;
WITH f AS (SELECT leads.funnel_of_events(lead_id, at, kind, stage, '{1,2,3}', NULL, 'cohort') AS f FROM e),
  g AS (SELECT set_byte(f, n, get_byte(f, n) # bit) AS f, n FROM f, generate_series(0, length(f) - 1) n, unnest('{1,2,64,128,255}'::int[]) bit
    UNION ALL SELECT substr(f, 1, n), -1 FROM f, generate_series(0, length(f) - 1) n UNION ALL SELECT f || '\x00', -1 FROM f)
SELECT n < 0 AS cut, n IN (1) AS mode, taken(f), count(*) FROM g GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
DROP SCHEMA fr CASCADE;
