-- The funnel over a fixture that was counted by hand: skip, back, lost, reopened, won, win taken back.
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai'; SET datestyle = 'ISO';
SELECT leads.install('fx', lang => 'zh', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'fx';
SET leads.clock = '2025-03-20 09:00+08';

-- a company without leads
SELECT "position", stage, label, entered, advanced, lost_here, open_here, conversion_from_previous AS step, conversion_overall AS overall,
  drop_off, drop_off_rate, median_hours, p90_hours, as_of, mode FROM leads.funnel();
SELECT count(*) FROM leads.funnel(by => 'owner');
SELECT count(*) AS snapshot_rows, sum(entered) AS leads FROM leads.funnel(mode => 'snapshot');
SELECT leads.funnel_chart();

SET session_replication_role = replica;
INSERT INTO fx.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜');
INSERT INTO fx.customer (kind, name, region, status, merged_into, created_at, last_event_at)
  SELECT 'company', 'customer ' || n, CASE WHEN n IN (1, 2, 6, 10) THEN '重庆市' WHEN n <> 7 THEN '四川省' END,
    CASE n WHEN 9 THEN 'merged' ELSE 'live' END, CASE n WHEN 9 THEN 1 END, '2025-03-01', '2025-03-01' FROM generate_series(1, 11) n;
INSERT INTO fx.lead (customer_id, stage_id, stage_since, channel_id, created_at, imported)
  SELECT n, 1, '2025-03-01', c.id, '2025-03-01', n = 8 FROM generate_series(1, 11) n
  JOIN fx.channel c ON c.code = CASE WHEN n IN (1, 2, 5, 6, 10) THEN 'website' ELSE 'manual' END ORDER BY n;
-- lead, day of March at 09:00, kind, from, to, attempt, owner (1 zhang, 2 li, none = pool)
CREATE TEMP TABLE fixture (lead_id bigint, day int, kind text, f int, t int, attempt int, owner_id int);
INSERT INTO fixture VALUES
  -- 1: straight to the win
  (1, 1, 'entered', NULL, 1, 1, 1), (1, 2, 'advanced', 1, 2, 1, 1), (1, 4, 'advanced', 2, 3, 1, 1), (1, 5, 'advanced', 3, 4, 1, 1),
  (1, 7, 'advanced', 4, 5, 1, 1), (1, 10, 'won', 5, 6, 1, 1),
  -- 2: leaves out two stages, open at 4
  (2, 1, 'entered', NULL, 1, 1, 1), (2, 3, 'advanced', 1, 4, 1, 1),
  -- 3: to 3 and back to 2
  (3, 1, 'entered', NULL, 1, 1, 2), (3, 2, 'advanced', 1, 2, 1, 2), (3, 3, 'advanced', 2, 3, 1, 2), (3, 6, 'advanced', 3, 2, 1, 2),
  -- 4: lost at 2
  (4, 2, 'entered', NULL, 1, 1, 2), (4, 3, 'advanced', 1, 2, 1, 2), (4, 5, 'lost', 2, 7, 1, 2),
  -- 5: lost at 3, reopened, now at 2; reassigned from li to zhang
  (5, 2, 'entered', NULL, 1, 1, 2), (5, 3, 'advanced', 1, 2, 1, 2), (5, 4, 'advanced', 2, 3, 1, 2), (5, 5, 'lost', 3, 7, 1, 2),
  (5, 8, 'reopened', 7, 1, 2, 1), (5, 9, 'advanced', 1, 2, 2, 1),
  -- 6: won at once, the win taken back, now at 2: the win counts for nothing, nor what it skipped
  (6, 2, 'entered', NULL, 1, 1, 2), (6, 4, 'won', 1, 6, 1, 2), (6, 6, 'reopened', 6, 2, 2, 2),
  -- 7: new, in the pool
  (7, 3, 'entered', NULL, 1, 1, NULL),
  -- 8: imported, does not count
  (8, 1, 'entered', NULL, 1, 1, 2), (8, 2, 'won', 1, 6, 1, 2),
  -- 9: moves to a lead of the survivor: nothing is left of it
  -- 10: won, taken back, won again
  (10, 3, 'entered', NULL, 1, 1, 1), (10, 4, 'advanced', 1, 2, 1, 1), (10, 5, 'won', 2, 6, 1, 1), (10, 6, 'reopened', 6, 3, 2, 1), (10, 8, 'won', 3, 6, 2, 1),
  -- 11: won, taken back, lost at 4
  (11, 4, 'entered', NULL, 1, 1, 2), (11, 5, 'won', 1, 6, 1, 2), (11, 6, 'reopened', 6, 4, 2, 2), (11, 7, 'lost', 4, 7, 2, 2);
INSERT INTO fx.event (customer_id, lead_id, kind, at, recorded_at, owner_id, from_stage_id, to_stage_id, attempt)
  SELECT lead_id, lead_id, kind, '2025-03-01 09:00+08'::timestamptz + (day - 1) * interval '1 day', now(), owner_id, f, t, attempt
  FROM fixture ORDER BY day, lead_id;
-- what is no stage move does not disturb
INSERT INTO fx.event (customer_id, lead_id, kind, at, recorded_at, owner_id)
  SELECT lead_id, lead_id, 'followed', '2025-03-04 10:00+08', now(), 1 FROM (VALUES (1), (2), (7)) v(lead_id);
UPDATE fx.lead SET created_by = 2 WHERE id <= 3;
RESET session_replication_role;
CALL leads.rebuild_journeys();

-- cohort, everything
SELECT "position", stage, label, entered, advanced, lost_here, open_here, conversion_from_previous AS step, conversion_overall AS overall,
  drop_off, drop_off_rate, median_hours, p90_hours, mode FROM leads.funnel();
-- the same by hand
SELECT count(*) = 6 AS as_by_hand FROM leads.funnel() f JOIN (VALUES
  ('new', 9, 8, 0, 1, NULL, 24, 48), ('contacted', 8, 6, 1, 1, 0.8889, 24, 48), ('qualified', 6, 4, 0, 2, 0.75, 36, 64.8),
  ('proposal', 4, 2, 1, 1, 0.6667, 36, 45.6), ('negotiation', 2, 2, 0, 0, 0.5, 72, 72), ('won', 2, 2, 0, 0, 1, NULL, NULL))
  h(stage, entered, advanced, lost_here, open_here, step, median, p90)
  ON (f.stage, f.entered, f.advanced, f.lost_here, f.open_here) = (h.stage, h.entered, h.advanced, h.lost_here, h.open_here)
  AND f.conversion_from_previous IS NOT DISTINCT FROM h.step AND (f.median_hours IS NULL) = (h.median IS NULL)
  AND coalesce(abs(f.median_hours - h.median) <= 0.016 * h.median AND abs(f.p90_hours - h.p90) <= 0.016 * h.p90, true);
-- as it was on the 5th at 09:00, that instant included: three wins, two of them taken back since
SELECT stage, entered, advanced, lost_here, open_here FROM leads.funnel(as_of => '2025-03-05 09:00+08');
-- and a microsecond before
SELECT stage, entered, advanced, lost_here, open_here FROM leads.funnel(as_of => '2025-03-05 09:00+08'::timestamptz - interval '1 microsecond');
-- begun on the 2nd: the first instant belongs to the period, the last does not
SELECT stage, entered, advanced, lost_here, open_here FROM leads.funnel('2025-03-02 09:00+08', '2025-03-03 09:00+08');
SELECT sum(entered) FILTER (WHERE stage = 'new') AS leads FROM leads.funnel(since => '2025-03-04 09:00+08');
SELECT sum(entered) FILTER (WHERE stage = 'new') AS leads FROM leads.funnel(until => '2025-03-02 09:00+08');
SELECT sum(entered) FILTER (WHERE stage = 'new') AS leads FROM leads.funnel('2025-04-01', '2025-05-01');
SELECT stage, entered FROM leads.funnel(include_imported => true) WHERE stage IN ('new', 'won');

-- snapshot: who is where; not a conversion
SELECT "position", stage, entered, advanced, lost_here, open_here, conversion_from_previous AS step, conversion_overall AS overall,
  drop_off, drop_off_rate, median_hours, p90_hours, mode FROM leads.funnel(mode => 'snapshot');
SELECT stage, open_here FROM leads.funnel(mode => 'snapshot', as_of => '2025-03-05 09:00+08');

-- all modes by hand: entered, advanced, lost here, open here, to the next, left backwards, came again
CREATE TEMP TABLE hand (mode text, since int, until int, "position" int, e int, a int, l int, o int, step numeric, back int, again int);
INSERT INTO hand VALUES
  ('strict', NULL, NULL, 1, 9, 8, 0, 1, NULL, 0, 1), ('strict', NULL, NULL, 2, 6, 4, 1, 1, 0.6667, 0, 2), ('strict', NULL, NULL, 3, 4, 2, 0, 2, 0.6667, 1, 0),
  ('strict', NULL, NULL, 4, 3, 1, 1, 1, 0.25, 0, 0), ('strict', NULL, NULL, 5, 1, 1, 0, 0, 0.3333, 0, 0), ('strict', NULL, NULL, 6, 2, 2, 0, 0, 1, 0, 0),
  ('flow', NULL, NULL, 1, 9, 8, 0, 1, NULL, 0, 1), ('flow', NULL, NULL, 2, 6, 4, 1, 1, 0.8889, 0, 2), ('flow', NULL, NULL, 3, 4, 2, 1, 1, 0.6667, 1, 0),
  ('flow', NULL, NULL, 4, 3, 1, 1, 1, 0.5, 0, 0), ('flow', NULL, NULL, 5, 1, 1, 0, 0, 0.3333, 0, 0), ('flow', NULL, NULL, 6, 4, 2, 0, 2, 1, 3, 1),
  -- entries from the 5th to before the 7th, and what came of them since
  ('flow', 5, 7, 1, 0, 0, 0, 0, NULL, 0, 0), ('flow', 5, 7, 2, 2, 0, 0, 2, NULL, 0, 0), ('flow', 5, 7, 3, 1, 1, 0, 0, 0, 0, 0),
  ('flow', 5, 7, 4, 2, 1, 1, 0, 1, 0, 0), ('flow', 5, 7, 5, 0, 0, 0, 0, 0.5, 0, 0), ('flow', 5, 7, 6, 2, 0, 0, 2, NULL, 2, 0);
SELECT h.mode, h.since, count(*) AS rows, count(*) FILTER (WHERE (f.entered, f.advanced, f.lost_here, f.open_here, f.regressed, f.re_entries) IS DISTINCT FROM (h.e, h.a, h.l, h.o, h.back, h.again)
    OR f.conversion_from_previous IS DISTINCT FROM round(h.step, 4)) AS differences
  FROM hand h JOIN LATERAL leads.funnel('2025-02-28 09:00+08'::timestamptz + h.since * interval '1 day', '2025-02-28 09:00+08'::timestamptz + h.until * interval '1 day', mode => h.mode) f
    USING ("position") GROUP BY 1, 2 ORDER BY 1, 2;
-- within a day: what of it was left forward in time
SELECT stage, entered, advanced, conversion_from_previous FROM leads.funnel(mode => 'flow', within => '1 day');
SELECT stage, entered, advanced, conversion_from_previous FROM leads.funnel(mode => 'strict', within => '1 day');
SELECT stage, entered, advanced, skipped FROM leads.funnel(within => '3 days');
-- skipped by those counted; too young to be judged: on the 6th two had closed, after three days each
SELECT stage, entered, skipped, regressed, re_entries, immature FROM leads.funnel();
SELECT stage, open_here, immature FROM leads.funnel(as_of => '2025-03-06 09:00+08') WHERE open_here > 0;
SELECT sum(open_here) = sum(immature) AS nothing_closed_yet FROM leads.funnel(as_of => '2025-03-03 09:00+08');
-- whose: by hand
CREATE TEMP TABLE whose (attribution text, segment text, entered bigint[]);
INSERT INTO whose VALUES ('at_event', 'zhang', '{3,3,3,3,2,2}'), ('at_event', 'li', '{5,5,3,1,0,0}'), ('at_event', '公海', '{1,0,0,0,0,0}'),
  ('closer', 'zhang', '{4,4,4,3,2,2}'), ('closer', 'li', '{4,4,2,1,0,0}'), ('closer', '公海', '{1,0,0,0,0,0}'),
  ('first_owner', 'zhang', '{3,3,3,3,2,2}'), ('first_owner', 'li', '{5,5,3,1,0,0}'), ('first_owner', '公海', '{1,0,0,0,0,0}'),
  ('creator', 'li', '{3,3,3,2,1,1}'), ('creator', '公海', '{6,5,3,2,1,1}');
SELECT count(*) AS segments, count(*) FILTER (WHERE w.entered IS DISTINCT FROM f.entered) AS differences FROM whose w FULL JOIN
  (SELECT a.attribution, f.segment, array_agg(f.entered ORDER BY "position") AS entered FROM unnest('{at_event,closer,creator,first_owner}'::text[]) a(attribution),
     LATERAL leads.funnel(by => 'owner', attribution => a.attribution) f GROUP BY 1, 2) f USING (attribution, segment);

-- cuts
SELECT segment, stage, entered, advanced, lost_here, open_here, conversion_overall FROM leads.funnel(by => 'channel');
SELECT segment, entered, open_here FROM leads.funnel(by => 'owner') WHERE stage IN ('new', 'won');
SELECT segment, entered FROM leads.funnel(by => 'region') WHERE stage = 'new';
SELECT segment, stage, open_here FROM leads.funnel(by => 'owner', mode => 'snapshot') WHERE open_here > 0;

-- what must hold in every row, in every cut, at every day
CREATE TEMP TABLE every AS
  SELECT concat_ws(' ', c.cut, c.attribution) AS cut, d.at, e.from_events, f.* FROM (VALUES (NULL, NULL), ('channel', NULL), ('owner', 'at_event'), ('owner', 'closer'), ('owner', 'creator'),
      ('owner', 'first_owner'), ('region', NULL)) c(cut, attribution), (VALUES ('cohort'), ('strict'), ('flow'), ('snapshot')) m(mode), (VALUES (false), (true)) e(from_events),
    generate_series('2025-03-01 09:00+08'::timestamptz, '2025-03-12 09:00+08', '1 day') d(at),
    LATERAL leads.funnel(by => c.cut, mode => m.mode, as_of => d.at, attribution => c.attribution, from_events => e.from_events) f;
-- with journeys switched off every figure is the same
SELECT count(*) AS differences FROM (SELECT cut, at, f.segment, f."position", f.mode, f.entered, f.advanced, f.lost_here, f.open_here, f.conversion_from_previous, f.median_hours, f.p90_hours, f.immature, f.skipped, f.regressed, f.re_entries, count(*)
  FROM every f GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 HAVING count(*) <> 2) x;
DELETE FROM every WHERE from_events;
SELECT count(*) > 500 AS enough, count(*) FILTER (WHERE entered <> advanced + lost_here + open_here) AS broken FROM every;
SELECT count(*) AS rises FROM (SELECT entered, lag(entered) OVER (PARTITION BY cut, at, segment ORDER BY "position") AS before
  FROM every WHERE mode = 'cohort') x WHERE entered > before;
SELECT count(*) AS parts_that_miss_the_whole FROM
  (SELECT at, mode, stage, cut, sum(entered) AS e, sum(advanced) AS a, sum(lost_here) AS l, sum(open_here) AS o FROM every GROUP BY 1, 2, 3, 4) p
  JOIN (SELECT * FROM every WHERE cut = '') w USING (at, mode, stage)
  WHERE (p.e, p.a, p.l, p.o) <> (w.entered, w.advanced, w.lost_here, w.open_here);
SELECT count(*) AS snapshots_that_miss_a_lead FROM
  (SELECT at, sum(open_here) AS n FROM every WHERE cut = '' AND mode = 'snapshot' GROUP BY 1) s
  JOIN (SELECT at, sum(open_here) AS n FROM every WHERE cut = '' AND mode = 'cohort' GROUP BY 1) c USING (at) WHERE s.n <> c.n;

-- the view, and the chart
SELECT * FROM fx.funnel;
SELECT leads.funnel_chart(width => 30);
SELECT leads.funnel_chart(mode => 'snapshot', width => 10);

-- a false clock in the past is a past "now"
SET leads.clock = '2025-03-05 09:00+08';
SELECT stage, entered, as_of FROM fx.funnel WHERE stage = 'won';
\set VERBOSITY sqlstate
SELECT * FROM leads.funnel(as_of => '2025-03-05 09:00:01+08');
SELECT * FROM leads.funnel(as_of => 'infinity');
SELECT * FROM leads.funnel(mode => 'loose');
SELECT * FROM leads.funnel(by => 'owner', attribution => 'split');
SELECT * FROM leads.funnel(by => 'channel', attribution => 'closer');
SELECT * FROM leads.funnel(mode => 'snapshot', within => '1 day');
SELECT * FROM leads.funnel(within => '-1 day');
SELECT * FROM leads.funnel(by => 'colour');
SELECT * FROM leads.funnel('2025-03-05', '2025-03-04');
SELECT * FROM leads.funnel(schema_name => 'nowhere');
SELECT leads.funnel_chart(width => 0);
SELECT leads.funnel_chart(width => 201);
SELECT leads.funnel_chart(mode => 'x');
\set VERBOSITY default
SELECT count(*) FROM leads.funnel('2025-03-05', '2025-03-05', mode => NULL);
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('fx', 'fx');
