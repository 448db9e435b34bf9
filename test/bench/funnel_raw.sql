-- funnel_of_events over the events of a company that funnel_load made, in turn with a bare scan of the table and with plain SQL: wall and CPU
-- time, medians of RUNS. The answers are compared first, number by number. psql -v runs=5 -v big=256MB -v small=4MB -f funnel_raw.sql
\pset format aligned
\pset tuples_only off
\pset null ''
\if :{?runs} \else \set runs 5 \endif
\if :{?big} \else \set big 256MB \endif
\if :{?small} \else \set small 4MB \endif
SET client_min_messages = warning;
SET timezone = 'UTC'; SET jit = off; SET max_parallel_workers_per_gather = 0;
CREATE SCHEMA IF NOT EXISTS funnel_raw;
SET search_path = funnel_raw, public;

-- this backend's CPU seconds
CREATE OR REPLACE FUNCTION cpu() RETURNS numeric LANGUAGE sql AS
  $$ SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::numeric / 1e9 $$;

CREATE OR REPLACE PROCEDURE measure(runs int) LANGUAGE plpgsql AS $$
DECLARE r record; began timestamptz; began_cpu numeric;
BEGIN
  FOR r IN SELECT name, query, setting, run FROM funnel_raw.variant v, generate_series(0, runs) run ORDER BY run, v.n LOOP
    -- what takes long is asked but once
    CONTINUE WHEN EXISTS (SELECT FROM funnel_raw.measured m WHERE m.name = r.name AND m.wall > 10);
    PERFORM set_config('work_mem', r.setting, false);
    began := clock_timestamp(); began_cpu := funnel_raw.cpu();
    EXECUTE r.query;
    -- the first round warms the caches
    IF r.run > 0 OR clock_timestamp() - began > '10 seconds' THEN
      INSERT INTO funnel_raw.measured VALUES (r.name, extract(epoch FROM clock_timestamp() - began), funnel_raw.cpu() - began_cpu);
    END IF;
    COMMIT;
  END LOOP;
END $$;
DROP TABLE IF EXISTS measured, variant CASCADE;
CREATE TABLE measured (name text, wall numeric, cpu numeric);
CREATE TABLE variant (n int GENERATED ALWAYS AS IDENTITY, name text, setting text, query text, than text);
INSERT INTO variant (name, setting, query) VALUES
('bare scan', :'big', 'SELECT count(*), sum(lead_id) FROM crm.event'),
('bare scan of the stage', :'big', 'SELECT count(*), sum(to_stage_id) FROM crm.event'),
('cohort', :'big', $$ SELECT leads.funnel_of_events(lead_id, at, kind, to_stage_id, '{1,2,3,4,5,6}', NULL, 'cohort') FROM crm.event $$),
('cohort, to a file', :'small', $$ SELECT leads.funnel_of_events(lead_id, at, kind, to_stage_id, '{1,2,3,4,5,6}', NULL, 'cohort') FROM crm.event $$),
('strict within 30 days', :'big', $$ SELECT leads.funnel_of_events(lead_id, at, kind, to_stage_id, '{1,2,3,4,5,6}', '30 days', 'strict') FROM crm.event $$),
('strict, to a file', :'small', $$ SELECT leads.funnel_of_events(lead_id, at, kind, to_stage_id, '{1,2,3,4,5,6}', '30 days', 'strict') FROM crm.event $$),
('flow', :'big', $$ SELECT leads.funnel_of_events(lead_id, at, kind, to_stage_id, '{1,2,3,4,5,6}', NULL, 'flow') FROM crm.event $$),
('stages only', :'big', $$ SELECT leads.funnel_of_events(lead_id, at, to_stage_id, '{1,2,3,4,5,6}', NULL, 'cohort') FROM crm.event $$),
('window_funnel', :'big', $$ SELECT level, count(*) FROM (SELECT leads.window_funnel('30 days', at, to_stage_id::int) AS level FROM crm.event WHERE to_stage_id <= 6 GROUP BY lead_id) x GROUP BY level $$),
-- the furthest open stage, and the end by the last of the stage events: window functions, as an analyst writes it
('SQL: cohort, window functions', :'big', $$ SELECT s, count(*) FILTER (WHERE far >= s) AS entered, count(*) FILTER (WHERE far > s OR far = 6) AS advanced, count(*) FILTER (WHERE far = s AND last = 'lost') AS lost_here,
    count(*) FILTER (WHERE far = s AND last NOT IN ('lost', 'won')) AS open_here
  FROM (SELECT CASE last WHEN 'won' THEN 6 ELSE open END AS far, last FROM (
    SELECT lead_id, max(to_stage_id) FILTER (WHERE kind NOT IN ('won', 'lost')) AS open, max(kind) FILTER (WHERE back = 1) AS last
    FROM (SELECT *, row_number() OVER (PARTITION BY lead_id ORDER BY at DESC, to_stage_id DESC) AS back FROM crm.event WHERE to_stage_id IS NOT NULL) e GROUP BY lead_id) x) y, generate_series(1, 6) s GROUP BY s ORDER BY s $$),
-- the same without an order: an end counts if nothing came after it
('SQL: cohort, one hash', :'big', $$ SELECT s, sum(n) FILTER (WHERE far >= s) AS entered, sum(n) FILTER (WHERE far > s OR far = 6) AS advanced, sum(n) FILTER (WHERE far = s AND last = 'lost') AS lost_here, sum(n) FILTER (WHERE far = s AND last = 'open') AS open_here
  FROM (SELECT CASE last WHEN 'won' THEN 6 ELSE open END AS far, last, count(*) AS n FROM (
    SELECT max(to_stage_id) FILTER (WHERE kind NOT IN ('won', 'lost')) AS open,
      CASE WHEN max(at) FILTER (WHERE kind = 'lost') >= max(at) THEN 'lost' WHEN max(at) FILTER (WHERE kind = 'won') >= max(at) THEN 'won' ELSE 'open' END AS last
    FROM crm.event WHERE to_stage_id IS NOT NULL GROUP BY lead_id) x GROUP BY 1, 2) y, generate_series(1, 6) s GROUP BY s ORDER BY s $$),
-- what was entered, and of that the next one after it within 30 days; a win only if it stands
('SQL: strict within 30 days', :'big', $$ WITH e AS (SELECT lead_id, at, to_stage_id AS s, kind, lead(kind) OVER w IS NULL AS last FROM crm.event WHERE to_stage_id IS NOT NULL WINDOW w AS (PARTITION BY lead_id ORDER BY at, to_stage_id)),
    step AS (SELECT lead_id, at, s, max(at) FILTER (WHERE s = 1) OVER w AS a1, max(at) FILTER (WHERE s = 2) OVER w AS a2, max(at) FILTER (WHERE s = 3) OVER w AS a3, max(at) FILTER (WHERE s = 4) OVER w AS a4,
        max(at) FILTER (WHERE s = 5) OVER w AS a5 FROM e WHERE s <= 5 OR (s = 6 AND last) WINDOW w AS (PARTITION BY lead_id ORDER BY at, s ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
    lead AS (SELECT lead_id, s, bool_or(at - CASE s WHEN 2 THEN a1 WHEN 3 THEN a2 WHEN 4 THEN a3 WHEN 5 THEN a4 WHEN 6 THEN a5 END <= '30 days') AS came FROM step GROUP BY 1, 2)
  SELECT s, count(*) AS entered, count(*) FILTER (WHERE came) AS came FROM lead GROUP BY s ORDER BY s $$);

-- what each is compared with; and plain SQL with the memory of an installation that nobody has looked at
UPDATE variant SET than = 'cohort' WHERE name = 'cohort, to a file' OR name LIKE 'SQL: cohort%';
UPDATE variant SET than = 'strict within 30 days' WHERE name = 'strict, to a file' OR name LIKE 'SQL: strict%';
INSERT INTO variant (name, setting, query, than) SELECT name || ', to files', :'small', query, split_part(than, ' ', 1) || ', to a file' FROM variant WHERE name LIKE 'SQL%' ORDER BY n;

\echo answers: differences of each to plain SQL
SET work_mem = :'big';
SELECT query AS q1 FROM variant WHERE name = 'SQL: cohort, window functions' \gset
SELECT query AS q2 FROM variant WHERE name = 'SQL: cohort, one hash' \gset
SELECT query AS q3 FROM variant WHERE name = 'SQL: strict within 30 days' \gset
CREATE TEMP TABLE answer1 AS :q1;
CREATE TEMP TABLE answer2 AS :q2;
CREATE TEMP TABLE answer3 AS :q3;
SELECT setting, (SELECT count(*) FROM leads.funnel_steps(cohort) f FULL JOIN answer1 a ON a.s = f.step
    WHERE (f.entered, f.advanced, f.lost_here, f.open_here) IS DISTINCT FROM (a.entered, a.advanced, a.lost_here, a.open_here)) AS cohort,
  (SELECT count(*) FROM leads.funnel_steps(cohort) f FULL JOIN answer2 a ON a.s = f.step
    WHERE (f.entered, f.advanced, f.lost_here, f.open_here) IS DISTINCT FROM (a.entered::bigint, a.advanced::bigint, coalesce(a.lost_here, 0)::bigint, coalesce(a.open_here, 0)::bigint)) AS cohort_hash,
  (SELECT count(*) FROM (SELECT step, entered, lead(conversion_from_previous) OVER (ORDER BY step) AS rate FROM leads.funnel_steps(strict)) f FULL JOIN (SELECT *, lead(came) OVER (ORDER BY s) AS next FROM answer3) a ON a.s = f.step
    WHERE (f.entered, f.rate) IS DISTINCT FROM (a.entered, round(a.next::numeric / a.entered, 4))) AS strict
FROM (SELECT setting, set_config('work_mem', setting, false), (SELECT leads.funnel_of_events(lead_id, at, kind, to_stage_id, '{1,2,3,4,5,6}', NULL, 'cohort') FROM crm.event) AS cohort,
    (SELECT leads.funnel_of_events(lead_id, at, kind, to_stage_id, '{1,2,3,4,5,6}', '30 days', 'strict') FROM crm.event) AS strict FROM (VALUES (:'big'), (:'small')) v(setting) OFFSET 0) x;
\echo and to the journeys of the same leads (0 = equal in cohort, strict, flow, snapshot)
SELECT count(*) FILTER (WHERE leads.funnel_agg IS DISTINCT FROM raw) AS differences FROM (
  SELECT mode, leads.funnel_agg(journey, '{1,2,3,4,5,6}', '30 days', mode), (SELECT leads.funnel_of_events(lead_id, at, kind, to_stage_id, '{1,2,3,4,5,6}', '30 days', mode) FROM crm.event) AS raw
  FROM unnest('{cohort,strict,flow,snapshot}'::text[]) mode, crm.lead_journey GROUP BY mode) leads;

CALL measure(:runs);
CREATE OR REPLACE VIEW middle AS SELECT name, percentile_cont(0.5) WITHIN GROUP (ORDER BY wall)::numeric AS w, percentile_cont(0.5) WITHIN GROUP (ORDER BY cpu)::numeric AS c FROM measured GROUP BY 1;
\echo medians: seconds, CPU seconds, and both against the bare scan of the same run
SELECT name, round(w, 3) AS wall, round(c, 3) AS cpu, round(w / first_value(w) OVER o, 2) AS "wall / scan", round(c / nullif(first_value(c) OVER o, 0), 2) AS "cpu / scan",
  round(c / nullif(min(c) FILTER (WHERE name = 'bare scan of the stage') OVER (), 0), 2) AS "cpu / scan of the stage",
  -- plain SQL against ours with the same memory, ours in files against ours in memory
  CASE WHEN name LIKE 'SQL%' THEN round(w / than_w, 1) END AS "times ours", CASE WHEN name LIKE 'SQL%' THEN round(c / than_c, 1) END AS "by cpu", CASE WHEN name LIKE '%to a file' THEN round(w / than_w, 2) END AS "file / memory"
FROM (SELECT v.*, m.w, m.c, o.w AS than_w, nullif(o.c, 0) AS than_c FROM variant v JOIN middle m USING (name) LEFT JOIN middle o ON o.name = v.than) x
WINDOW o AS (ORDER BY n) ORDER BY n;
