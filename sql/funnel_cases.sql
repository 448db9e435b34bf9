-- Every case of the table of funnels, counted by hand: skip, back, reopened, win taken back, moved to another pipeline, handed over, pool, merged.
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai'; SET datestyle = 'ISO';
SELECT leads.install('fc', lang => 'zh', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'fc';
SET leads.clock = '2025-03-10 09:00+08';
INSERT INTO fc.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜');
SET session_replication_role = replica;
INSERT INTO fc.customer (kind, name, region, created_at, last_event_at)
  SELECT 'company', 'customer ' || n, CASE WHEN n < 5 THEN '重庆市' END, '2025-03-01', '2025-03-01' FROM generate_series(1, 8) n;
INSERT INTO fc.lead (customer_id, stage_id, stage_since, channel_id, created_at, created_by)
  SELECT n, 1, '2025-03-01', 1 + n % 3, '2025-03-01', CASE WHEN n <= 4 THEN 1 END FROM generate_series(1, 8) n ORDER BY n;
-- lead, day of March at 09:00, kind, stage after, owner after (1 zhang, 2 li, none = pool); stage 99 belongs to another pipeline
CREATE TEMP TABLE fixture (lead_id bigint, day int, kind text, t int, owner_id int);
INSERT INTO fixture VALUES
  (1, 1, 'entered', 1, 1), (1, 3, 'advanced', 4, 1), (1, 6, 'won', 6, 1),
  (2, 1, 'entered', 1, 2), (2, 2, 'advanced', 2, 2), (2, 4, 'advanced', 3, 2), (2, 7, 'advanced', 2, 2),
  (3, 1, 'entered', 1, 2), (3, 2, 'advanced', 2, 2), (3, 4, 'lost', 7, 2), (3, 6, 'reopened', 3, 1), (3, 8, 'advanced', 4, 1), (3, 9, 'lost', 7, 1),
  (4, 1, 'entered', 1, 1), (4, 3, 'won', 6, 1), (4, 5, 'reopened', 2, 1),
  (5, 2, 'entered', 1, 2), (5, 3, 'advanced', 2, 2), (5, 5, 'moved', 99, 2),
  (6, 2, 'entered', 1, 2), (6, 4, 'moved', 3, 2),
  (7, 2, 'entered', 1, 1), (7, 3, 'handed', NULL, 2), (7, 5, 'advanced', 2, 2), (7, 6, 'handed', NULL, 1), (7, 8, 'advanced', 3, 1),
  (8, 1, 'entered', 1, NULL), (8, 5, 'handed', NULL, 2), (8, 7, 'advanced', 2, 2), (8, 9, 'handed', NULL, NULL);
INSERT INTO fc.event (customer_id, lead_id, kind, at, recorded_at, owner_id, to_stage_id)
  SELECT lead_id, lead_id, kind, '2025-03-01 09:00+08'::timestamptz + (day - 1) * interval '1 day', now(), owner_id, t FROM fixture ORDER BY day, lead_id;
RESET session_replication_role;
CALL leads.rebuild_journeys();

-- by hand: entered, advanced, lost here, open here, skipped, left backwards, came again, moved away, hours in a pool, median
CREATE TEMP TABLE hand (mode text, per_attempt boolean, "position" int, e int, a int, l int, o int, conversion numeric, skip int, back int, again int, away int, pool numeric, median numeric);
INSERT INTO hand VALUES
  ('cohort', false, 1, 8, 8, 0, 0, NULL, 0, 0, 0, 0, 96, 48), ('cohort', false, 2, 8, 5, 0, 3, 1, 2, 0, 1, 1, 0, 48), ('cohort', false, 3, 5, 2, 0, 3, 0.625, 1, 1, 0, 0, 0, 60),
  ('cohort', false, 4, 2, 1, 1, 0, 0.4, 0, 0, 0, 0, 0, 48), ('cohort', false, 5, 1, 1, 0, 0, 0.5, 1, 0, 0, 0, NULL, NULL), ('cohort', false, 6, 1, 1, 0, 0, 1, 0, 0, 0, 0, NULL, NULL),
  -- lead 3 is two attempts: lost at 2, and lost at 4 with 1 and 2 left out
  ('cohort', true, 1, 9, 9, 0, 0, NULL, 1, 0, 0, 0, 96, 48), ('cohort', true, 2, 9, 5, 1, 3, 1, 3, 0, 1, 1, 0, 48), ('cohort', true, 3, 5, 2, 0, 3, 0.5556, 1, 1, 0, 0, 0, 60),
  ('cohort', true, 4, 2, 1, 1, 0, 0.4, 0, 0, 0, 0, 0, 48), ('cohort', true, 5, 1, 1, 0, 0, 0.5, 1, 0, 0, 0, NULL, NULL), ('cohort', true, 6, 1, 1, 0, 0, 1, 0, 0, 0, 0, NULL, NULL),
  ('strict', false, 1, 8, 8, 0, 0, NULL, NULL, 0, 0, 0, 96, 48), ('strict', false, 2, 6, 3, 0, 3, 0.75, NULL, 0, 1, 1, 0, 48), ('strict', false, 3, 4, 1, 0, 3, 0.5, NULL, 1, 0, 0, 0, 60),
  ('strict', false, 4, 2, 1, 1, 0, 0.25, NULL, 0, 0, 0, 0, 48), ('strict', false, 5, 0, 0, 0, 0, 0, NULL, 0, 0, 0, NULL, NULL), ('strict', false, 6, 1, 1, 0, 0, NULL, NULL, 0, 0, 0, NULL, NULL),
  -- the first attempt of lead 3 ends at 2, the second begins at 3: no way from 2 to 3
  ('strict', true, 1, 8, 8, 0, 0, NULL, NULL, 0, 0, 0, 96, 48), ('strict', true, 2, 6, 2, 1, 3, 0.75, NULL, 0, 1, 1, 0, 48), ('strict', true, 3, 4, 1, 0, 3, 0.3333, NULL, 1, 0, 0, 0, 60),
  ('strict', true, 4, 2, 1, 1, 0, 0.25, NULL, 0, 0, 0, 0, 48), ('strict', true, 5, 0, 0, 0, 0, 0, NULL, 0, 0, 0, NULL, NULL), ('strict', true, 6, 1, 1, 0, 0, NULL, NULL, 0, 0, 0, NULL, NULL),
  -- lead 2 leaves 3 backwards, lead 4 the win, lead 5 leaves 2 for another pipeline
  ('flow', false, 1, 8, 8, 0, 0, NULL, NULL, 0, 0, 0, 96, 48), ('flow', false, 2, 6, 2, 1, 3, 1, NULL, 0, 1, 1, 0, 48), ('flow', false, 3, 4, 1, 0, 3, 0.3333, NULL, 1, 0, 0, 0, 60),
  ('flow', false, 4, 2, 1, 1, 0, 0.25, NULL, 0, 0, 0, 0, 48), ('flow', false, 5, 0, 0, 0, 0, 0.5, NULL, 0, 0, 0, NULL, NULL), ('flow', false, 6, 2, 1, 0, 1, NULL, NULL, 1, 0, 0, NULL, NULL),
  -- lead 5 is in no step of this pipeline
  ('snapshot', false, 1, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('snapshot', false, 2, 3, 0, 0, 3, NULL, NULL, NULL, NULL, NULL, NULL, 72),
  ('snapshot', false, 3, 2, 0, 0, 2, NULL, NULL, NULL, NULL, NULL, NULL, 96), ('snapshot', false, 4, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  ('snapshot', false, 5, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT h.mode, h.per_attempt, v.from_events, count(*) AS rows, count(*) FILTER (WHERE
    (f.entered, f.advanced, f.lost_here, f.open_here, f.conversion_from_previous, f.skipped, f.regressed, f.re_entries, f.moved_away, f.pool_hours)
      IS DISTINCT FROM (h.e, h.a, h.l, h.o, h.conversion, h.skip, h.back, h.again, h.away, h.pool)
    OR (f.median_hours IS NULL) <> (h.median IS NULL) OR abs(f.median_hours - h.median) > 0.016 * h.median) AS differences
  FROM hand h CROSS JOIN (VALUES (false), (true)) v(from_events)
  JOIN LATERAL leads.funnel(mode => h.mode, per_attempt => h.per_attempt, from_events => v.from_events) f USING ("position") GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
-- whose, by hand: entered of each step
CREATE TEMP TABLE whose (attribution text, per_attempt boolean, segment text, entered bigint[]);
INSERT INTO whose VALUES
  ('at_event', false, 'zhang', '{3,2,3,2,1,1}'), ('at_event', false, 'li', '{4,6,2,0,0,0}'), ('at_event', false, '公海', '{1,0,0,0,0,0}'),
  ('closer', false, 'zhang', '{4,4,3,2,1,1}'), ('closer', false, 'li', '{3,3,2,0,0,0}'), ('closer', false, '公海', '{1,1,0,0,0,0}'),
  ('first_owner', false, 'zhang', '{3,3,2,1,1,1}'), ('first_owner', false, 'li', '{4,4,3,1,0,0}'), ('first_owner', false, '公海', '{1,1,0,0,0,0}'),
  ('creator', false, 'zhang', '{4,4,3,2,1,1}'), ('creator', false, '公海', '{4,4,2,0,0,0}'),
  -- li lost the first attempt of lead 3, zhang the second
  ('closer', true, 'zhang', '{4,4,3,2,1,1}'), ('closer', true, 'li', '{4,4,2,0,0,0}'), ('closer', true, '公海', '{1,1,0,0,0,0}');
SELECT w.attribution, w.per_attempt, count(*) AS segments, count(*) FILTER (WHERE w.entered IS DISTINCT FROM f.entered) AS differences
  FROM whose w JOIN LATERAL (SELECT f.segment, array_agg(f.entered ORDER BY f."position") AS entered
    FROM leads.funnel(by => 'owner', attribution => w.attribution, per_attempt => w.per_attempt) f GROUP BY 1) f USING (segment) GROUP BY 1, 2 ORDER BY 1, 2;
-- in every cut, mode and attribution, of leads and of attempts: parts are the whole, and every row adds up
SELECT m.mode, p.per_attempt, count(DISTINCT (c.cut, c.attribution)) AS cuts, count(*) FILTER (WHERE (f.entered, f.advanced, f.lost_here, f.open_here, f.skipped, f.regressed, f.re_entries, f.moved_away)
    IS DISTINCT FROM (w.entered, w.advanced, w.lost_here, w.open_here, w.skipped, w.regressed, w.re_entries, w.moved_away)
    OR abs(f.pool_hours - w.pool_hours) > 0.05 OR f.entered <> f.advanced + f.lost_here + f.open_here) AS differences
  FROM (VALUES ('cohort'), ('strict'), ('flow'), ('snapshot')) m(mode) JOIN (VALUES (false), (true)) p(per_attempt) ON m.mode <> 'snapshot' OR NOT p.per_attempt,
    (VALUES ('channel', NULL), ('region', NULL), ('owner', 'at_event'), ('owner', 'closer'), ('owner', 'creator'), ('owner', 'first_owner'), ('month', NULL)) c(cut, attribution),
    LATERAL (SELECT "position", sum(entered) AS entered, sum(advanced) AS advanced, sum(lost_here) AS lost_here, sum(open_here) AS open_here, sum(skipped) AS skipped,
      sum(regressed) AS regressed, sum(re_entries) AS re_entries, sum(moved_away) AS moved_away, sum(pool_hours) AS pool_hours
      FROM leads.funnel(mode => m.mode, by => c.cut, attribution => c.attribution, per_attempt => p.per_attempt) GROUP BY 1) f
    JOIN LATERAL leads.funnel(mode => m.mode, per_attempt => p.per_attempt) w USING ("position")
  GROUP BY 1, 2 ORDER BY 1, 2;
-- an attempt as of any day: at the beginning of the 6th lead 3 was lost once, a microsecond later it is two
SELECT d.at, sum(entered) FILTER (WHERE "position" = 1) AS attempts, sum(lost_here) AS lost FROM (VALUES ('2025-03-06 09:00+08'::timestamptz - interval '1 microsecond'), ('2025-03-06 09:00+08')) d(at),
  LATERAL leads.funnel(as_of => d.at, per_attempt => true) GROUP BY 1 ORDER BY 1;
\set VERBOSITY sqlstate
SELECT * FROM leads.funnel(mode => 'snapshot', per_attempt => true);
\set VERBOSITY default

-- a merge makes open leads one; before it, and undone, every figure is as if it had never been
CREATE FUNCTION pg_temp.figures() RETURNS text LANGUAGE sql AS $$
  SELECT md5(string_agg(x::text, E'\n' ORDER BY x::text)) FROM (SELECT m.mode, c.cut, c.attribution, p.per_attempt, e.from_events, f.segment, f."position", f.entered, f.advanced, f.lost_here, f.open_here,
      f.conversion_from_previous, f.median_hours, f.p90_hours, f.immature, f.skipped, f.regressed, f.re_entries, f.moved_away, f.pool_hours
    FROM (VALUES ('cohort'), ('strict'), ('flow'), ('snapshot')) m(mode) JOIN (VALUES (false), (true)) p(per_attempt) ON m.mode <> 'snapshot' OR NOT p.per_attempt,
      (VALUES (NULL, NULL), ('channel', NULL), ('region', NULL), ('owner', 'at_event'), ('owner', 'closer'), ('owner', 'creator'), ('owner', 'first_owner')) c(cut, attribution),
      (VALUES (false), (true)) e(from_events),
      LATERAL leads.funnel(mode => m.mode, by => c.cut, attribution => c.attribution, per_attempt => p.per_attempt, from_events => e.from_events, as_of => '2025-04-01 09:00+08') f) x $$;
SET leads.clock = '2025-03-20 09:00+08';
SELECT outcome FROM leads.register('重庆长江机械有限公司', by_member => 'zhang', region => '重庆市');
SET leads.clock = '2025-03-21 09:00+08';
SELECT outcome FROM leads.register('成都锦江电子有限公司', by_member => 'li', region => '四川省成都市');
SET leads.clock = '2025-03-22 09:00+08';
SELECT stage FROM leads.advance(9, 'contacted'), leads.advance(10, 'qualified') x(lead_id, s);
SET leads.clock = '2025-03-25 09:00+08';
SELECT stage FROM leads.advance(10, 'proposal');
SET leads.clock = '2025-04-02 09:00+08';
SELECT pg_temp.figures() AS before \gset
SELECT sum(entered) FILTER (WHERE "position" = 1) AS leads, sum(open_here) AS open FROM leads.funnel();
SELECT merge_id FROM leads.merge(9, '{10}', reason => 'one company') \gset
SELECT sum(entered) FILTER (WHERE "position" = 1) AS leads, sum(open_here) AS open FROM leads.funnel();
SELECT segment, entered FROM leads.funnel(by => 'region') WHERE "position" = 4 ORDER BY segment COLLATE "C";
SET leads.clock = '2025-04-03 09:00+08';
SELECT count(*) AS undone FROM leads.unmerge(:merge_id, reason => 'two after all');
SELECT pg_temp.figures() = :'before' AS as_before;
SELECT count(*) AS faults FROM leads.verify() WHERE problem ~ 'journey';
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('fc', 'fc');
