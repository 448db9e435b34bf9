-- Open leads of merged customers become one: by hand in every mode, as of any day, for calls, KPIs, views, rollups; undone they are two again.
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai'; SET datestyle = 'ISO';
SET leads.clock = '2025-03-01 09:00+08';
SELECT leads.install('ml', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'ml';
INSERT INTO ml.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li');
SELECT leads.set_match(scope => 'line') > 0 AS by_line;
-- every figure as of an instant, from journeys or rollups and from events
CREATE FUNCTION pg_temp.figures(at timestamptz) RETURNS TABLE (mode text, cut text, attribution text, per_attempt boolean, from_events boolean, figures text) LANGUAGE sql AS $$
  SELECT m.mode, c.cut, c.attribution, p.per_attempt, e.from_events,
    (SELECT string_agg((f.segment, f."position", f.entered, f.advanced, f.lost_here, f.open_here, f.conversion_from_previous, f.median_hours, f.p90_hours, f.immature, f.skipped, f.regressed, f.re_entries, f.pool_hours)::text, E'\n')
      FROM leads.funnel(mode => m.mode, by => c.cut, attribution => c.attribution, per_attempt => p.per_attempt, as_of => at, from_events => e.from_events) f)
    FROM (VALUES ('cohort'), ('strict'), ('flow'), ('snapshot')) m(mode) JOIN (VALUES (false), (true)) p(per_attempt) ON m.mode <> 'snapshot' OR NOT p.per_attempt,
      (VALUES (NULL, NULL), ('channel', NULL), ('month', NULL), ('owner', 'at_event'), ('owner', 'closer'), ('owner', 'creator'), ('owner', 'first_owner')) c(cut, attribution), (VALUES (false), (true)) e(from_events) $$;
CREATE TEMP TABLE live AS SELECT leads.now() AS at, * FROM pg_temp.figures(leads.now());

-- customer 1: lead 1 of Zhang, lead 2 of the line cloud; customer 2: lead 3 of Li, later and further, lead 4 of the line cloud; customer 3: lead 5, lost,
-- lead 6, a new inquiry, and lead 5 again
SET leads.clock = '2025-03-03 09:00+08';
SELECT customer_id, lead_id, outcome FROM leads.register('重庆鸿源商贸有限公司', channel => 'manual', amount => 1000, by_member => 'zhang');
SELECT customer_id, lead_id, outcome FROM leads.register('重庆鸿源商贸有限公司', line => 'cloud', by_member => 'zhang');
INSERT INTO live SELECT leads.now(), * FROM pg_temp.figures(leads.now());
SET leads.clock = '2025-03-04 09:00+08';
SELECT customer_id, lead_id, outcome FROM leads.register('成都锦绣电子科技有限公司', channel => 'website', amount => 800);
SELECT owner FROM leads.assign(2, 'li');
SELECT customer_id, lead_id, outcome FROM leads.register('成都锦绣电子科技有限公司', line => 'cloud', by_member => 'zhang');
SELECT customer_id, lead_id, outcome FROM leads.register('广州明珠医疗器械有限公司', by_member => 'li');
SET leads.clock = '2025-03-05 09:00+08';
SELECT lead_id, stage FROM leads.advance(1, 'contacted', by_member => 'zhang');
SELECT lead_id, stage FROM leads.lose(5, 'price', by_member => 'li');
INSERT INTO live SELECT leads.now(), * FROM pg_temp.figures(leads.now());
SET leads.clock = '2025-03-06 09:00+08';
SELECT lead_id, stage FROM leads.advance(3, 'contacted', by_member => 'li');
SELECT effective FROM leads.log_activity(3, 'visit', 'saw their workshop', by_member => 'li');
SELECT customer_id, lead_id, outcome FROM leads.register('广州明珠医疗器械有限公司', channel => 'website');
SET leads.clock = '2025-03-07 09:00+08';
SELECT lead_id, stage FROM leads.advance(3, 'proposal', by_member => 'li');
SELECT lead_id, stage FROM leads.reopen(5, by_member => 'li');
INSERT INTO live SELECT leads.now(), * FROM pg_temp.figures(leads.now());
SET leads.clock = '2025-03-09 09:00+08';
INSERT INTO live SELECT leads.now(), * FROM pg_temp.figures(leads.now());
SET leads.clock = '2025-03-10 09:00+08';
CREATE TEMP VIEW picture AS
  SELECT 'lead' AS what, to_jsonb(l)::text AS row FROM ml.lead l UNION ALL SELECT 'activity', format('%s %s %s', id, customer_id, lead_id) FROM ml.activity
  UNION ALL SELECT 'journey', to_jsonb(j)::text FROM ml.lead_journey j
  UNION ALL SELECT 'kpi', (k, x)::text FROM unnest('{leads,conversion,open_leads,open_amount,first_response,followups,new_leads}'::text[]) k, LATERAL leads.kpi(k, by => '{channel}') x
  UNION ALL SELECT 'figures', to_jsonb(f)::text FROM pg_temp.figures('2025-03-09 09:00+08') f;
CREATE TEMP TABLE before AS SELECT * FROM picture;

-- told beforehand; apart if it is asked for
SELECT outcome, moved -> 'lead_joined' AS joined FROM leads.merge(1, '{2,3}', reason => 'the same people', dry_run => true);
SELECT outcome, moved -> 'lead_joined' AS joined FROM leads.merge(1, '{2,3}', reason => 'two deals all the same', dry_run => true, join_leads => false);
SELECT count(*) AS differences FROM ((TABLE before EXCEPT ALL SELECT * FROM picture) UNION ALL (SELECT * FROM picture EXCEPT ALL TABLE before)) d;
SELECT merge_id AS merge, outcome, moved FROM leads.merge(1, '{2,3}', reason => 'the same people') \gset
SELECT :'outcome' AS outcome, :'moved' AS moved;
INSERT INTO live SELECT leads.now(), * FROM pg_temp.figures(leads.now());
SELECT id, customer_id, scope, merged_into, closed_at, row_version, (SELECT s.code FROM ml.stage s WHERE s.id = stage_id) AS stage FROM ml.lead ORDER BY id;
SELECT step, verdict, reason FROM leads.explain((SELECT decision_id FROM ml.merge WHERE id = :merge)) WHERE step = 'lead';
SELECT lead_id, kind, at, data - 'merge' AS data FROM ml.event WHERE kind IN ('merged', 'unmerged') AND lead_id IS NOT NULL ORDER BY id;
-- one journey: began with lead 1, went on with lead 3; the tombstone has none
SELECT j.lead_id, h.code AS channel, m.code AS first_owner, e.n, e.at, e.kind, s.code AS stage, o.code AS owner FROM ml.lead_journey j JOIN ml.channel h ON h.id = j.channel_id LEFT JOIN ml.member m ON m.id = j.first_owner_id,
  LATERAL leads.journey_entries(j.journey) e LEFT JOIN ml.stage s ON s.id = e.stage LEFT JOIN ml.member o ON o.id = e.owner WHERE j.lead_id IN (1, 3) ORDER BY j.lead_id, e.n;
SELECT mode, "position", entered, advanced, lost_here, open_here, median_hours FROM unnest('{cohort,strict,flow,snapshot}'::text[]) m, LATERAL leads.funnel(mode => m) WHERE "position" < 5;
SELECT "position", entered, advanced, lost_here, open_here FROM leads.funnel_steps((SELECT leads.funnel_agg(journey, '{1,2,3,4}', NULL, NULL) FROM ml.lead_journey)) s("position") WHERE "position" < 5;
SELECT k, x.segment, x.value FROM unnest('{leads,open_leads,open_amount,new_leads}'::text[]) k, LATERAL leads.kpi(k, by => '{channel}') x ORDER BY 1, 2;
SELECT x.value AS hours_to_the_first_contact FROM leads.kpi('first_response') x;
SELECT segment, open_leads FROM ml.velocity ORDER BY segment COLLATE "C";
SELECT segment, stage, open_here, amount FROM ml.pipeline_now WHERE open_here > 0 ORDER BY 1, 2;
SELECT id, customer_id, stage FROM ml.my_lead ORDER BY id;
SELECT lead_id, note FROM ml.followup ORDER BY id;
SELECT * FROM leads.verify();
SELECT * FROM leads.rollup_verify();

-- calls by the old id work on the lead that stays; a version of the old one is a stale one
SET leads.clock = '2025-03-11 09:00+08';
SELECT lead_id, stage FROM leads.advance(1, 'negotiation');
SELECT lead_id FROM leads.edit_lead(1, need => 'forty machines');
SELECT effective FROM leads.log_activity(1, 'call', 'when shall we deliver');
\set VERBOSITY sqlstate
SELECT * FROM leads.advance(1, 'proposal', 'no', expected_version => (SELECT row_version FROM ml.lead WHERE id = 3));
SELECT * FROM leads.reopen(1);
UPDATE ml.lead SET merged_into = NULL WHERE id = 1;
\set VERBOSITY default
SELECT a.lead_id, l.need FROM ml.activity a JOIN ml.lead l ON l.id = a.lead_id ORDER BY a.id;
INSERT INTO live SELECT leads.now(), * FROM pg_temp.figures(leads.now());
SET leads.clock = '2025-03-12 09:00+08';
SELECT lead_id, stage FROM leads.win(1, 900);
SELECT x.segment, x.value FROM leads.kpi('won', by => '{channel}') x;
SELECT contact, n, won FROM leads.contact_effect() ORDER BY contact COLLATE "C";
INSERT INTO live SELECT leads.now(), * FROM pg_temp.figures(leads.now());

-- a third: what was made one is one with it, too; then only the last merge can be undone
SET leads.clock = '2025-03-13 09:00+08';
SELECT lead_id, stage FROM leads.reopen(3, 'contacted');
SELECT customer_id AS third, lead_id FROM leads.register('青岛海蓝水产有限公司', by_member => 'li') \gset
SET leads.clock = '2025-03-14 09:00+08';
SELECT lead_id, stage FROM leads.advance(:lead_id, 'qualified');
SELECT merge_id AS later FROM leads.merge(1, ARRAY[:third], reason => 'they, too') \gset
SELECT id, merged_into FROM ml.lead WHERE merged_into IS NOT NULL ORDER BY id;
INSERT INTO live SELECT leads.now(), * FROM pg_temp.figures(leads.now());
SELECT * FROM leads.verify();
SET leads.clock = '2025-03-15 09:00+08';
\set VERBOSITY sqlstate
SELECT * FROM leads.unmerge(:merge);
\set VERBOSITY default
SELECT outcome FROM leads.unmerge(:later);
INSERT INTO live SELECT leads.now(), * FROM pg_temp.figures(leads.now());
SELECT id, merged_into FROM ml.lead WHERE merged_into IS NOT NULL ORDER BY id;
SELECT * FROM leads.verify();
-- and back: two again, with what was done since where it was done
SET leads.clock = '2025-03-16 09:00+08';
SELECT outcome FROM leads.unmerge(:merge);
SELECT id, customer_id, scope, merged_into, closed_at, (SELECT s.code FROM ml.stage s WHERE s.id = stage_id) AS stage FROM ml.lead ORDER BY id;
SELECT what, count(*) AS gone FROM (TABLE before EXCEPT ALL SELECT * FROM picture) d WHERE what IN ('activity', 'figures') GROUP BY 1;
INSERT INTO live SELECT leads.now(), * FROM pg_temp.figures(leads.now());
SELECT * FROM leads.verify();
SELECT * FROM leads.rollup_verify();
-- a lead that a merge brought, made one with another by the next: only that one can be undone first
SET leads.clock = '2025-03-17 09:00+08';
SELECT merge_id AS m1 FROM leads.merge(1, '{2}', reason => 'one', join_leads => false) \gset
SELECT stage FROM leads.advance(3, 'negotiation');
SET leads.clock = '2025-03-17 10:00+08';
SELECT merge_id AS m2, moved -> 'lead_joined' AS joined FROM leads.merge(1, ARRAY[:third], reason => 'one') \gset
SELECT id, customer_id, merged_into FROM ml.lead WHERE merged_into IS NOT NULL;
\set VERBOSITY sqlstate
SELECT * FROM leads.unmerge(:m1);
\set VERBOSITY default
SET leads.clock = '2025-03-17 11:00+08';
SELECT outcome FROM leads.unmerge(:m2);
SELECT outcome FROM leads.unmerge(:m1);
SELECT * FROM leads.verify();
-- as of every one of these days the figures are those of then
SELECT a.at, count(*) AS figures, count(*) FILTER (WHERE f.figures IS DISTINCT FROM a.figures) AS differences FROM (SELECT DISTINCT at FROM live) d CROSS JOIN LATERAL pg_temp.figures(d.at) f
  JOIN live a ON a.at = d.at AND (a.mode, a.per_attempt, a.from_events) = (f.mode, f.per_attempt, f.from_events) AND (a.cut, a.attribution) IS NOT DISTINCT FROM (f.cut, f.attribution) GROUP BY 1 ORDER BY 1;
SELECT count(*) AS journeys_say_something_else FROM live a JOIN live b USING (at, mode, per_attempt) WHERE a.from_events AND NOT b.from_events AND (a.cut, a.attribution) IS NOT DISTINCT FROM (b.cut, b.attribution) AND a.figures IS DISTINCT FROM b.figures;
-- and of the leads that began in a period: those that are one, when the first of them did
SELECT d.at, v.since, sum(a.n) AS leads, count(*) FILTER (WHERE a.f IS DISTINCT FROM b.f) AS differences FROM (VALUES ('2025-03-01'::timestamptz, '2025-03-04'::timestamptz), ('2025-03-04', '2025-03-05'), ('2025-03-06', '2025-04-01')) v(since, until)
  CROSS JOIN (VALUES ('2025-03-09 09:00+08'::timestamptz), ('2025-03-12 09:00+08'), ('2025-03-16 09:00+08')) d(at) CROSS JOIN (VALUES ('cohort'), ('strict'), ('flow')) m(mode)
  CROSS JOIN LATERAL (SELECT array_agg((segment, "position", entered, advanced, lost_here, open_here) ORDER BY segment, "position") AS f, sum(entered) FILTER (WHERE "position" = 1 AND m.mode = 'cohort') AS n FROM leads.funnel(v.since, v.until, by => 'channel', mode => m.mode, as_of => d.at)) a
  CROSS JOIN LATERAL (SELECT array_agg((segment, "position", entered, advanced, lost_here, open_here) ORDER BY segment, "position") AS f FROM leads.funnel(v.since, v.until, by => 'channel', mode => m.mode, as_of => d.at, from_events => true)) b GROUP BY 1, 2 ORDER BY 1, 2;
-- a tombstone of which no merge knows, or one that still has something
SET session_replication_role = replica;
UPDATE ml.lead SET merged_into = 3, closed_at = '2025-03-16 09:00+08' WHERE id = 1;
RESET session_replication_role;
SELECT invariant, subject, problem FROM leads.verify() WHERE invariant IN ('I10', 'I12') ORDER BY 1, 2;
RESET leads.clock; RESET leads.schema;
DROP VIEW picture;
SELECT leads.uninstall('ml', 'ml');
