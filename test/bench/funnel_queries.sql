-- Queries of the funnel bench over company crm of funnel_load: by name and part, and what they are compared by.
SET client_min_messages = warning;
CREATE SCHEMA bench;
CREATE TABLE bench.query (part text, name text PRIMARY KEY, workers int NOT NULL DEFAULT 0, sql text, mem text NOT NULL DEFAULT '1GB');
-- furthest stage and state of each lead from its events; a win that was taken back does not count.
-- (a) the last event by window, (b) by an ordered aggregate, (c) by the greatest row in a hash
CREATE TABLE bench.lead_way (way text, sql text);
INSERT INTO bench.lead_way VALUES
('a', $q$SELECT lead_id, max(to_stage_id) FILTER (WHERE to_stage_id < 6 OR (to_stage_id = 6 AND nr = 1)) AS far, max(to_stage_id) FILTER (WHERE nr = 1) AS state
  FROM (SELECT lead_id, to_stage_id, row_number() OVER (PARTITION BY lead_id ORDER BY at DESC, id DESC) AS nr FROM crm.event
    WHERE kind IN ('entered', 'advanced', 'won', 'lost', 'reopened')) e GROUP BY lead_id$q$),
('b', $q$SELECT lead_id, CASE WHEN state = 6 THEN 6 ELSE far END AS far, state FROM (
  SELECT lead_id, max(to_stage_id) FILTER (WHERE to_stage_id < 6) AS far, (array_agg(to_stage_id ORDER BY at DESC, id DESC))[1] AS state
  FROM crm.event WHERE kind IN ('entered', 'advanced', 'won', 'lost', 'reopened') GROUP BY lead_id) e$q$),
('c', $q$SELECT lead_id, CASE WHEN last[3] = 6 THEN 6 ELSE far END AS far, last[3] AS state FROM (
  SELECT lead_id, max(to_stage_id) FILTER (WHERE to_stage_id < 6) AS far, max(ARRAY[extract(epoch FROM at), id, to_stage_id]) AS last
  FROM crm.event WHERE kind IN ('entered', 'advanced', 'won', 'lost', 'reopened') GROUP BY lead_id) e$q$),
-- not exact at any other instant than now, and right only while lead.stage_id is kept
('now', $q$SELECT e.lead_id, CASE WHEN l.stage_id = 6 THEN 6 ELSE far END AS far, l.stage_id AS state FROM (
  SELECT lead_id, max(to_stage_id) AS far FROM crm.event WHERE kind IN ('entered', 'advanced', 'reopened') GROUP BY lead_id) e JOIN crm.lead l ON l.id = e.lead_id$q$);
-- what was entered, and how long each stay was
CREATE VIEW bench.stays (sql) AS VALUES ($q$SELECT lead_id, to_stage_id AS s, at, lead(at) OVER w AS until, count(*) FILTER (WHERE kind = 'reopened') OVER w AS attempt
  FROM crm.event WHERE kind IN ('entered', 'advanced', 'won', 'lost', 'reopened') WINDOW w AS (PARTITION BY lead_id ORDER BY at, id)$q$);
-- what a funnel report says of each stage, hours of those that left it among it, as an analyst writes it: stays of one attempt are added up.
-- (a) all from one window over the events, (b) counts from a hash and hours from a window
CREATE TABLE bench.report_way (way text, sql text);
INSERT INTO bench.report_way SELECT w.way, format($q$WITH %s cell AS (SELECT far, state, count(*) AS n FROM (%s) l GROUP BY far, state),
  hours AS (SELECT s, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY spent) AS p FROM (
    SELECT lead_id, attempt, s, sum(extract(epoch FROM until)::float8 - extract(epoch FROM at)::float8) AS spent FROM %s e WHERE s < 6 AND until IS NOT NULL
    GROUP BY lead_id, attempt, s) x GROUP BY s)
SELECT s.step, coalesce(sum(n) FILTER (WHERE far >= s.step), 0)::bigint AS entered,
  coalesce(sum(n) FILTER (WHERE far > s.step OR (far = s.step AND state = 6)), 0)::bigint AS advanced,
  coalesce(sum(n) FILTER (WHERE far = s.step AND state = 7), 0)::bigint AS lost_here, coalesce(sum(n) FILTER (WHERE far = s.step AND state < 6), 0)::bigint AS open_here,
  min(h.p[1]) / 3600 AS median_hours, min(h.p[2]) / 3600 AS p90_hours
FROM generate_series(1, 6) s(step) CROSS JOIN cell LEFT JOIN hours h ON h.s = s.step GROUP BY s.step$q$, w.before, w.leads, w.stays)
FROM (SELECT 'a' AS way, 'e AS MATERIALIZED (' || w.sql || '),' AS before,
    'SELECT lead_id, max(s) FILTER (WHERE s < 6 OR (s = 6 AND until IS NULL)) AS far, max(s) FILTER (WHERE until IS NULL) AS state FROM e GROUP BY lead_id' AS leads, '' AS stays FROM bench.stays w
  UNION ALL SELECT 'b', '', l.sql, '(' || w.sql || ')' FROM bench.stays w, bench.lead_way l WHERE l.way = 'c') w;
CREATE FUNCTION bench.funnel_of(per_lead text) RETURNS text LANGUAGE sql AS $f$
SELECT format($q$SELECT s.step, coalesce(sum(n) FILTER (WHERE far >= s.step), 0) AS entered,
  coalesce(sum(n) FILTER (WHERE far > s.step OR (far = s.step AND state = 6)), 0) AS advanced,
  coalesce(sum(n) FILTER (WHERE far = s.step AND state = 7), 0) AS lost_here, coalesce(sum(n) FILTER (WHERE far = s.step AND state < 6), 0) AS open_here
FROM (SELECT far, state, count(*) AS n FROM (%s) l GROUP BY far, state) k CROSS JOIN generate_series(1, 6) s(step) GROUP BY s.step$q$, per_lead) $f$;
-- with much memory, and with that of an installation that nobody has looked at: small sorts are kinder to the cache
INSERT INTO bench.query SELECT 'agg', 'sql_' || way || m.suffix || w.suffix, w.workers, bench.funnel_of(sql), m.mem
  FROM bench.lead_way, (VALUES ('', '1GB'), ('_4mb', '4MB')) m(suffix, mem), (VALUES ('', 0), ('_2', 1)) w(suffix, workers);
INSERT INTO bench.query SELECT 'full', 'full_' || way || m.suffix, 0, sql, m.mem FROM bench.report_way, (VALUES ('', '1GB'), ('_4mb', '4MB')) m(suffix, mem);
INSERT INTO bench.query VALUES
('agg', 'agg_1', 0, $q$SELECT leads.funnel_agg(journey, '{1,2,3,4,5,6}', NULL, NULL) FROM crm.lead_journey$q$),
('agg', 'agg_2', 1, $q$SELECT leads.funnel_agg(journey, '{1,2,3,4,5,6}', NULL, NULL) FROM crm.lead_journey$q$),
('report', 'sums', 0, 'SELECT count(*), sum(lead_id), max(entered_at) FROM crm.lead_journey'),
-- with imported history rollups do not answer: each journey is read
('report', 'report', 0, 'SELECT count(*) FROM leads.funnel(include_imported => true)'),
('month', 'month', 0, $q$SELECT count(*) FROM leads.funnel('2024-06-01Z', '2024-07-01Z')$q$),
('month', 'month_agg', 0, $q$SELECT leads.funnel_agg(journey, '{1,2,3,4,5,6}', NULL, NULL) FROM crm.lead_journey WHERE entered_at >= '2024-06-01Z' AND entered_at < '2024-07-01Z'$q$),
('views', 'view_funnel', 0, 'SELECT count(*) FROM crm.funnel'),
('views', 'quarter_channel', 0, $q$SELECT count(*) FROM leads.funnel('2024-04-01Z', '2024-07-01Z', by => 'channel')$q$),
('views', 'quarter_owner', 0, $q$SELECT count(*) FROM leads.funnel('2024-04-01Z', '2024-07-01Z', by => 'owner')$q$),
-- not in rollups: each journey of the quarter is read
('views', 'quarter_closer', 0, $q$SELECT count(*) FROM leads.funnel('2024-04-01Z', '2024-07-01Z', by => 'owner', attribution => 'closer')$q$),
('views', 'quarter_region', 0, $q$SELECT count(*) FROM leads.funnel('2024-04-01Z', '2024-07-01Z', by => 'region')$q$);
-- what DuckDB is asked, too
CREATE VIEW bench.as_duck (kind, a, b, n) AS
SELECT 'furthest', far, 0, count(*) FROM (SELECT lead_id, max(to_stage_id) AS far FROM crm.event WHERE to_stage_id < 7 GROUP BY lead_id) e GROUP BY far
UNION ALL
SELECT 'exact', far, state, count(*) FROM (SELECT lead_id, CASE WHEN last[3] = 6 THEN 6 ELSE far END AS far, last[3]::int AS state FROM (
  SELECT lead_id, max(to_stage_id) FILTER (WHERE to_stage_id < 6) AS far, max(ARRAY[extract(epoch FROM at), id, to_stage_id]) AS last
  FROM crm.event WHERE kind IN ('entered', 'advanced', 'won', 'lost', 'reopened') GROUP BY lead_id) e) l GROUP BY far, state
UNION ALL
SELECT 'hours', s, q, floor(p[q])::bigint FROM (SELECT s, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY spent) AS p FROM (
  SELECT lead_id, attempt, s, sum(extract(epoch FROM until - at)) AS spent FROM (SELECT lead_id, to_stage_id AS s, at, lead(at) OVER w AS until, count(*) FILTER (WHERE kind = 'reopened') OVER w AS attempt
    FROM crm.event WHERE kind IN ('entered', 'advanced', 'won', 'lost', 'reopened') WINDOW w AS (PARTITION BY lead_id ORDER BY at, id)) e
  WHERE s < 6 AND until IS NOT NULL GROUP BY lead_id, attempt, s) x GROUP BY s) y, generate_series(1, 2) q;

-- lead by lead, then step by step
CREATE FUNCTION bench.same() RETURNS SETOF text LANGUAGE plpgsql SET work_mem = '1GB' AS $f$
DECLARE
	q record;
	n bigint;
BEGIN
	FOR q IN SELECT * FROM bench.lead_way WHERE way IN ('b', 'now') LOOP
		EXECUTE format($q$SELECT count(*) FROM (%s) w FULL JOIN crm.lead_journey j USING (lead_id)
			WHERE w.far IS DISTINCT FROM leads.journey_furthest(j.journey, '{1,2,3,4,5,6}')
			  OR w.state IS DISTINCT FROM leads.journey_stage_at(j.journey, 'infinity')$q$, q.sql) INTO n;
		RETURN NEXT format('way %s: %s leads differ from their journeys', q.way, n);
	END LOOP;
	FOR q IN SELECT * FROM bench.query WHERE name ~ '^sql_[a-z]+$' LOOP
		EXECUTE format($q$SELECT count(*) FROM (%s) a FULL JOIN (SELECT s.* FROM (SELECT leads.funnel_agg(journey, '{1,2,3,4,5,6}', NULL, NULL) AS f FROM crm.lead_journey) x,
			LATERAL leads.funnel_steps(x.f) s) b USING (step)
			WHERE (a.entered, a.advanced, a.lost_here, a.open_here) IS DISTINCT FROM (b.entered, b.advanced, b.lost_here, b.open_here)$q$, q.sql) INTO n;
		RETURN NEXT format('%s: %s steps of funnel_agg differ', q.name, n);
	END LOOP;
	-- hours of funnel() are those of a histogram, off by 1.6 % at most
	FOR q IN SELECT * FROM bench.report_way LOOP
		EXECUTE format($q$SELECT count(*) FROM (%s) a FULL JOIN leads.funnel(include_imported => true) b ON b."position" = a.step
			WHERE (a.entered, a.advanced, a.lost_here, a.open_here) IS DISTINCT FROM (b.entered, b.advanced, b.lost_here, b.open_here)
			  OR (a.median_hours IS NULL) <> (b.median_hours IS NULL) OR abs(a.median_hours / b.median_hours::float8 - 1) > 0.016
			  OR (a.p90_hours IS NULL) <> (b.p90_hours IS NULL) OR abs(a.p90_hours / b.p90_hours::float8 - 1) > 0.016$q$, q.sql) INTO n;
		RETURN NEXT format('report %s: %s stages of funnel() differ', q.way, n);
	END LOOP;
	SELECT count(*) INTO n FROM leads.funnel(include_imported => true) a FULL JOIN leads.funnel(include_imported => true, from_events => true) b USING ("position")
	WHERE (a.entered, a.advanced, a.lost_here, a.open_here, a.median_hours, a.p90_hours, a.skipped, a.regressed, a.re_entries, a.immature)
	  IS DISTINCT FROM (b.entered, b.advanced, b.lost_here, b.open_here, b.median_hours, b.p90_hours, b.skipped, b.regressed, b.re_entries, b.immature);
	RETURN NEXT format('funnel(): %s stages differ from those counted from events', n);
END $f$;

-- milliseconds on the processor, of this backend alone
CREATE FUNCTION bench.cpu() RETURNS float8 LANGUAGE sql AS $f$ SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::float8 / 1e6 $f$;
-- medians in milliseconds, by the clock and on the processor; the queries of a part in turn, those that take longer than ten seconds once
CREATE FUNCTION bench.times(part text, times int) RETURNS TABLE (name text, ms float8, cpu float8) LANGUAGE plpgsql SET jit = off AS $f$
DECLARE
	q record;
	t timestamptz;
	c float8;
	d float8;
BEGIN
	CREATE TEMP TABLE taken (name text, ms float8, cpu float8);
	PERFORM set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true), set_config('min_parallel_table_scan_size', '0', true);
	FOR i IN 0 .. times LOOP
		FOR q IN SELECT * FROM bench.query b WHERE b.part = times.part AND NOT EXISTS (SELECT FROM taken k WHERE k.name = b.name AND k.ms > 10000) LOOP
			PERFORM set_config('max_parallel_workers_per_gather', q.workers::text, true), set_config('work_mem', q.mem, true);
			t := clock_timestamp();
			c := bench.cpu();
			EXECUTE q.sql;
			d := extract(epoch FROM clock_timestamp() - t) * 1000;
			-- the first time warms up
			IF i > 0 OR d > 10000 THEN
				INSERT INTO taken VALUES (q.name, d, CASE q.workers WHEN 0 THEN bench.cpu() - c END);
			END IF;
		END LOOP;
	END LOOP;
	CREATE TEMP TABLE middle AS SELECT k.name, percentile_cont(0.5) WITHIN GROUP (ORDER BY k.ms) AS ms, percentile_cont(0.5) WITHIN GROUP (ORDER BY k.cpu) AS cpu FROM taken k GROUP BY k.name;
	RETURN QUERY SELECT m.name, m.ms, m.cpu FROM middle m;
	RETURN QUERY SELECT v.name, min(m.ms), min(m.cpu) FROM (VALUES ('sql_exact', '^sql_[abc]$'), ('sql_exact_4mb', '^sql_[abc]_4mb$'), ('sql_best', '^sql_[abc](_4mb)?$'), ('sql_best_2', '^sql_[abc](_4mb)?_2$'), ('sql_now_best', '^sql_now(_4mb)?$'), ('full_best', '^full_')) v(name, those) JOIN middle m ON m.name ~ v.those GROUP BY v.name;
	DROP TABLE taken, middle;
END $f$;
