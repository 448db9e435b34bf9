-- The funnel against plain SQL written another way, over 600 journeys drawn by hash: every cut, every mode, many instants.
SET client_min_messages = warning; SET timezone = 'UTC'; SET datestyle = 'ISO';
SELECT leads.install('fo', lang => 'en', simulation => true, zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'fo'; SET leads.clock = '2025-06-01 00:00+00';
SET session_replication_role = replica;
INSERT INTO fo.member (code, name) VALUES ('a', 'A'), ('b', 'B');
INSERT INTO fo.customer (kind, name, region, created_at, last_event_at)
  SELECT 'company', 'c' || n, (ARRAY['north', 'south', NULL])[n % 3 + 1], '2025-01-01', '2025-01-01' FROM generate_series(1, 600) n;
INSERT INTO fo.lead (customer_id, stage_id, stage_since, channel_id, created_at) SELECT n, 1, '2025-01-01', n % 4 + 1, '2025-01-01' FROM generate_series(1, 600) n;
-- open leads move to any open stage, win or lose; closed ones reopen; up to nine moves; some at the very same instant
CREATE TEMP TABLE journey AS
WITH RECURSIVE j(lead_id, n, stage, kind, attempt, at) AS (
  SELECT l, 0, 1, 'entered'::text, 1, '2025-01-01'::timestamptz + (abs(hashint4(l)) % 40) * interval '1 day' FROM generate_series(1, 600) l
  UNION ALL
  SELECT lead_id, n + 1, CASE WHEN stage >= 6 THEN d % 5 + 1 WHEN d % 10 < 7 THEN (stage + d % 4) % 5 + 1 WHEN d % 10 = 7 THEN 6 ELSE 7 END,
    CASE WHEN stage >= 6 THEN 'reopened' WHEN d % 10 < 7 THEN 'advanced' WHEN d % 10 = 7 THEN 'won' ELSE 'lost' END,
    attempt + (stage >= 6)::int, at + (d / 16 % 9) * interval '13 hours'
  FROM (SELECT *, abs(hashint4(lead_id * 31 + n * 7919)) AS d FROM j) x WHERE n < 9 AND d / 256 % 5 > 0)
SELECT * FROM j;
INSERT INTO fo.event (customer_id, lead_id, kind, at, recorded_at, owner_id, from_stage_id, to_stage_id, attempt)
  SELECT lead_id, lead_id, kind, at, at, nullif((lead_id + n / 3) % 3, 0), lag(stage) OVER (PARTITION BY lead_id ORDER BY n), stage, attempt
  FROM journey ORDER BY lead_id, n;
RESET session_replication_role;
CALL leads.rebuild_journeys();
SELECT count(*) > 2000 AS many, count(DISTINCT kind) AS kinds, max(attempt) > 2 AS reopened_twice FROM journey;

CREATE TEMP TABLE instant AS SELECT '2025-01-02'::timestamptz + n * interval '11 days 13 hours' AS at FROM generate_series(0, 9) n;
-- by sets: the last event of each lead up to the instant says open, lost or won; the highest open stage says how far
CREATE TEMP TABLE told AS
WITH seen AS (SELECT i.at AS as_of, e.*, row_number() OVER (PARTITION BY i.at, e.lead_id ORDER BY e.at DESC, e.id DESC) AS back
    FROM instant i JOIN fo.event e ON e.at <= i.at),
  lead AS (SELECT s.as_of, s.lead_id, max(CASE WHEN s.to_stage_id <= 5 THEN s.to_stage_id END) AS reached,
      max(s.to_stage_id) FILTER (WHERE back = 1) AS last, max(s.owner_id) FILTER (WHERE back = 1) AS owner FROM seen s GROUP BY 1, 2),
  -- of each stage who had it when it was reached
  came AS (SELECT DISTINCT ON (s.as_of, s.lead_id, g.id) s.as_of, s.lead_id, g.id AS pos, s.owner_id FROM seen s, generate_series(1, 6) g(id)
    WHERE (s.to_stage_id <= 5 AND s.to_stage_id >= g.id) OR (s.to_stage_id = 6 AND back = 1) ORDER BY 1, 2, 3, s.at, s.id),
  placed AS (SELECT d.*, CASE last WHEN 6 THEN 6 ELSE reached END AS furthest, x.cut,
      CASE x.cut WHEN 'whole' THEN 'all' WHEN 'channel' THEN c.code WHEN 'owner' THEN coalesce(m.code, 'pool') ELSE coalesce(cu.region, 'unknown region') END AS segment
    FROM lead d JOIN fo.lead l ON l.id = d.lead_id JOIN fo.customer cu ON cu.id = l.customer_id JOIN fo.channel c ON c.id = l.channel_id
    LEFT JOIN fo.member m ON m.id = d.owner CROSS JOIN (VALUES ('whole'), ('channel'), ('owner'), ('region')) x(cut))
SELECT p.as_of, p.cut, p.segment, s.id AS pos, 'cohort' AS mode, count(*) FILTER (WHERE furthest >= s.id) AS entered,
    count(*) FILTER (WHERE furthest > s.id OR furthest = 6 AND s.id = 6) AS advanced,
    count(*) FILTER (WHERE furthest = s.id AND last = 7) AS lost_here, count(*) FILTER (WHERE furthest = s.id AND last <= 5) AS open_here
  FROM placed p, generate_series(1, 6) s(id) GROUP BY 1, 2, 3, 4
UNION ALL
SELECT p.as_of, 'event', coalesce(m.code, 'pool'), c.pos, 'cohort', count(*), count(*) FILTER (WHERE furthest > c.pos OR furthest = 6), count(*) FILTER (WHERE furthest = c.pos AND last = 7),
    count(*) FILTER (WHERE furthest = c.pos AND last <= 5)
  FROM placed p JOIN came c USING (as_of, lead_id) LEFT JOIN fo.member m ON m.id = c.owner_id WHERE p.cut = 'whole' GROUP BY 1, 2, 3, 4
UNION ALL
SELECT p.as_of, p.cut, p.segment, s.id, 'snapshot', count(*) FILTER (WHERE last = s.id), 0, 0, count(*) FILTER (WHERE last = s.id)
  FROM placed p, generate_series(1, 5) s(id) WHERE last <= 5 GROUP BY 1, 2, 3, 4;
CREATE TEMP TABLE counted AS
  SELECT i.at, x.cut, f.* FROM instant i, (VALUES ('whole', NULL), ('channel', NULL), ('owner', 'closer'), ('event', 'at_event'), ('region', NULL)) x(cut, attribution), (VALUES ('cohort'), ('snapshot')) m(mode),
    LATERAL leads.funnel(by => CASE x.cut WHEN 'event' THEN 'owner' WHEN 'whole' THEN NULL ELSE x.cut END, mode => m.mode, as_of => i.at, attribution => x.attribution) f WHERE x.cut <> 'event' OR m.mode = 'cohort';
SELECT count(*) > 800 AS enough FROM counted;
SELECT count(*) AS differences FROM
  (SELECT at, cut, segment, "position"::bigint AS pos, mode, entered, advanced, lost_here, open_here FROM counted) a
  FULL JOIN told t ON (a.at, a.cut, a.segment, a.pos, a.mode) = (t.as_of, t.cut, t.segment, t.pos, t.mode)
  WHERE (a.entered, a.advanced, a.lost_here, a.open_here) IS DISTINCT FROM (t.entered, t.advanced, t.lost_here, t.open_here)
    AND coalesce(a.entered, t.entered) > 0;
SELECT count(*) AS broken FROM counted WHERE entered <> advanced + lost_here + open_here;

-- hours: stays of one attempt added up, those still there left out
CREATE TEMP TABLE stay AS
  SELECT to_stage_id AS stage, lead_id, attempt, sum(extract(epoch FROM gone - at) / 3600) AS hours FROM
    (SELECT *, lead(at) OVER (PARTITION BY lead_id ORDER BY at, id) AS gone FROM fo.event) e
  WHERE to_stage_id <= 5 AND gone IS NOT NULL GROUP BY 1, 2, 3;
SELECT count(*) AS differences FROM leads.funnel() f LEFT JOIN
  (SELECT stage, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY hours::float8)::numeric, 2) AS m, round(percentile_cont(0.9) WITHIN GROUP (ORDER BY hours::float8)::numeric, 2) AS p
   FROM stay GROUP BY 1) s ON s.stage = f."position" WHERE (f.median_hours IS NULL) <> (s.m IS NULL) OR abs(f.median_hours - s.m) > 0.0157 * s.m + 0.01 OR abs(f.p90_hours - s.p) > 0.0157 * s.p + 0.01;
-- and of each first owner
SELECT count(*) FILTER (WHERE f.median_hours IS NOT NULL) > 10 AS enough,
    count(*) FILTER (WHERE (f.median_hours IS NULL) <> (s.m IS NULL) OR abs(f.median_hours - s.m) > 0.0157 * s.m + 0.01 OR abs(f.p90_hours - s.p) > 0.0157 * s.p + 0.01) AS differences
  FROM leads.funnel(by => 'owner', attribution => 'first_owner') f LEFT JOIN
  (SELECT coalesce(m.code, 'pool') AS segment, t.stage, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t.hours::float8)::numeric, 2) AS m,
     round(percentile_cont(0.9) WITHIN GROUP (ORDER BY t.hours::float8)::numeric, 2) AS p
   FROM stay t JOIN (SELECT lead_id, owner_id FROM fo.event WHERE kind = 'entered') o USING (lead_id) LEFT JOIN fo.member m ON m.id = o.owner_id GROUP BY 1, 2) s
  ON (s.segment, s.stage) = (f.segment, f."position");
-- rates follow from the counts
SELECT count(*) AS differences FROM (SELECT *, lag(advanced) OVER w AS came, lag(entered) OVER w AS previous, first_value(entered) OVER w AS first FROM counted WHERE mode = 'cohort'
    WINDOW w AS (PARTITION BY at, cut, segment ORDER BY "position")) f
  WHERE conversion_from_previous IS DISTINCT FROM round(came::numeric / nullif(previous, 0), 4)
    OR conversion_overall IS DISTINCT FROM round(entered::numeric / nullif(first, 0), 4)
    OR drop_off <> entered - advanced OR drop_off_rate IS DISTINCT FROM round(drop_off::numeric / nullif(entered, 0), 4);
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('fo', 'fo');
