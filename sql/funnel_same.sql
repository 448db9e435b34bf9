-- Random histories, merges that make leads one and their undoing among them: as of any past instant every funnel is what it was
-- then; and at any instant the checks of the law of figures hold, for each subject and for all of them.
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai'; SET datestyle = 'ISO';
SET leads.clock = '2025-03-01 09:00+08';
SELECT leads.install('fs', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'fs';
SET synchronous_commit = off;
INSERT INTO fs.channel (code, name, inbound, keeps, profiles, test) SELECT 'trial', 'Trial', inbound, keeps, profiles, true FROM fs.channel WHERE code = 'manual';
INSERT INTO fs.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li'), ('wang', 'Wang');
CREATE FUNCTION pg_temp.figures(at timestamptz, events boolean) RETURNS TABLE (mode text, cut text, attribution text, per_attempt boolean, within interval, figures text) LANGUAGE sql AS $$
  SELECT m.mode, c.cut, c.attribution, p.per_attempt, w.within,
    (SELECT string_agg((f.segment, f."position", f.entered, f.advanced, f.lost_here, f.open_here, f.conversion_from_previous, f.median_hours, f.p90_hours, f.immature, f.skipped, f.regressed, f.re_entries, f.moved_away, f.pool_hours)::text, E'\n')
      FROM leads.funnel(mode => m.mode, by => c.cut, attribution => c.attribution, per_attempt => p.per_attempt, within => w.within, as_of => at, from_events => events) f)
    FROM (VALUES ('cohort'), ('strict'), ('flow'), ('snapshot')) m(mode) JOIN (VALUES (false), (true)) p(per_attempt) ON m.mode <> 'snapshot' OR NOT p.per_attempt
      JOIN (VALUES (NULL), (interval '9 days')) w(within) ON m.mode <> 'snapshot' OR w.within IS NULL,
      (VALUES (NULL, NULL), ('channel', NULL), ('month', NULL), ('owner', 'at_event'), ('owner', 'closer'), ('owner', 'creator'), ('owner', 'first_owner')) c(cut, attribution) $$;
CREATE TEMP TABLE live (at timestamptz, mode text, cut text, attribution text, per_attempt boolean, within interval, figures text);
CREATE TEMP TABLE done (what text, outcome text);
-- each customer has a region of its own, so that a cut by region is one by subject
DO $$
DECLARE
  d int; n int; i int; h int; l record; c bigint; who text; what text;
BEGIN
  FOR d IN 0..59 LOOP
    FOR n IN 0..5 LOOP
      i := d * 6 + n;
      h := hashint4(i * 31 + 11) & 1023;
      PERFORM set_config('leads.clock', ('2025-03-03 09:00+08'::timestamptz + d * interval '1 day' + n * interval '77 minutes')::text, false);
      who := (ARRAY['zhang', 'li', 'wang'])[1 + (hashint4(i) & 1023) % 3];
      SELECT * INTO l FROM fs.lead ORDER BY hashint8(id * 7919 + i) LIMIT 1;
      what := CASE WHEN h < 240 OR l.id IS NULL THEN 'register' WHEN h < 560 THEN 'advance' WHEN h < 620 THEN 'win' WHEN h < 690 THEN 'lose' WHEN h < 770 THEN 'reopen'
        WHEN h < 820 THEN 'assign' WHEN h < 870 THEN 'release' WHEN h < 910 THEN 'claim' WHEN h < 990 THEN 'merge' ELSE 'unmerge' END;
      BEGIN
        CASE what
          WHEN 'register' THEN PERFORM leads.register(chr(20000 + i * 7) || chr(21000 + i * 13) || chr(30000 + i * 5) || '有限公司', channel => CASE WHEN i % 13 = 0 THEN 'trial' ELSE (ARRAY['manual', 'website'])[1 + i % 2] END, region => 'r' || i, by_member => CASE WHEN i % 2 = 0 THEN who END);
          WHEN 'advance' THEN PERFORM leads.advance(l.id, (ARRAY['new', 'contacted', 'qualified', 'proposal', 'negotiation'])[1 + h % 5], 'because');
          WHEN 'win' THEN PERFORM leads.win(l.id, 100);
          WHEN 'lose' THEN PERFORM leads.lose(coalesce((SELECT x.id FROM fs.lead x JOIN fs.lead t ON t.merged_into = x.id WHERE x.closed_at IS NULL AND i % 2 = 0 LIMIT 1), l.id), CASE WHEN i % 4 = 0 THEN 'price' ELSE 'spam' END);
          WHEN 'reopen' THEN PERFORM leads.reopen(l.id, (ARRAY['new', 'contacted', 'qualified'])[1 + h % 3]);
          WHEN 'assign' THEN PERFORM leads.assign(l.customer_id, who);
          WHEN 'release' THEN PERFORM leads.release(l.customer_id, 'no time');
          WHEN 'claim' THEN
            SELECT customer_id INTO c FROM fs.pool_item ORDER BY hashint8(customer_id + i) LIMIT 1;
            PERFORM leads.claim(ARRAY[c], by_member => who);
          WHEN 'merge' THEN PERFORM leads.merge(leads.canonical(l.customer_id), ARRAY[leads.canonical((SELECT x.customer_id FROM fs.lead x WHERE x.customer_id <> l.customer_id ORDER BY hashint8(x.id * 31 + i) LIMIT 1))], reason => 'one', join_leads => i % 5 > 0);
          WHEN 'unmerge' THEN PERFORM leads.unmerge((SELECT m.id FROM fs.merge m WHERE m.undone_at IS NULL ORDER BY hashint8(m.id + i) LIMIT 1), '{"*": "restore"}');
        END CASE;
        INSERT INTO done VALUES (what, 'ok');
      EXCEPTION WHEN OTHERS THEN
        INSERT INTO done VALUES (what, SQLSTATE);
      END;
    END LOOP;
    IF d % 10 = 9 THEN
      PERFORM set_config('leads.clock', ('2025-03-03 20:00+08'::timestamptz + d * interval '1 day')::text, false);
      INSERT INTO live SELECT leads.now(), * FROM pg_temp.figures(leads.now(), false);
    END IF;
  END LOOP;
END $$;
SELECT what, count(*) FILTER (WHERE outcome = 'ok') >= 4 AS often FROM done GROUP BY 1 ORDER BY 1;
SELECT outcome FROM done WHERE outcome NOT IN ('ok', 'LD002', 'LD060', 'LD063', 'LD005', 'LD050', '22023') GROUP BY 1 ORDER BY 1;
SELECT (SELECT count(*) FROM fs.lead WHERE merged_into IS NOT NULL) > 5 AS several_are_one, (SELECT count(DISTINCT merge_id) FROM fs.merge_item i JOIN fs.merge m ON m.id = i.merge_id WHERE i.object = 'lead' AND i.kind = 'field' AND m.undone_at IS NOT NULL) > 1 AS and_some_two_again;
SELECT count(*) FILTER (WHERE test) > 3 AS tests, count(*) FILTER (WHERE invalid) > 2 AS no_leads, (SELECT count(*) FROM fs.event e JOIN fs.event r ON r.lead_id = e.lead_id AND r.kind = 'reopened' AND r.id > e.id WHERE e.data @> '{"invalid": true}') > 2 AS and_opened_again,
  (SELECT count(DISTINCT l.id) FROM fs.lead l JOIN fs.lead t ON t.merged_into = l.id JOIN fs.event e ON e.lead_id IN (l.id, t.id) AND e.data @> '{"invalid": true}') > 0 AS and_merged FROM fs.lead;
SET leads.clock = '2025-05-05 09:00+08';
SELECT * FROM leads.verify();
SELECT * FROM leads.rollup_verify();
CALL leads.tick();
-- as of then, from journeys, rollups and the events of what was merged since; and from events alone
SELECT e.events, count(DISTINCT a.at) AS instants, count(*) > 400 AS figures, count(*) FILTER (WHERE f.figures IS DISTINCT FROM a.figures) AS differences
  FROM (SELECT DISTINCT at FROM live) d CROSS JOIN (VALUES (false), (true)) e(events) CROSS JOIN LATERAL pg_temp.figures(d.at, e.events) f
  JOIN live a ON a.at = d.at AND (a.mode, a.per_attempt) = (f.mode, f.per_attempt) AND (a.cut, a.attribution, a.within) IS NOT DISTINCT FROM (f.cut, f.attribution, f.within) GROUP BY 1 ORDER BY 1;
SELECT a.at, a.mode, a.cut, a.attribution, a.per_attempt, a.within FROM live a JOIN LATERAL pg_temp.figures(a.at, false) f ON (a.mode, a.per_attempt) = (f.mode, f.per_attempt) AND (a.cut, a.attribution, a.within) IS NOT DISTINCT FROM (f.cut, f.attribution, f.within) AND f.figures IS DISTINCT FROM a.figures
  WHERE a.cut IS NULL AND a.within IS NULL LIMIT 3;
-- of each subject: what came into a stage less what went out of it is there now
CREATE TEMP TABLE flowed AS SELECT segment[1] AS subject, stage, opening, entries, forward + back + lost + won + moved AS exits, closing FROM leads.flow_report(by => '{region}');
CREATE TEMP TABLE here AS SELECT segment AS subject, stage, open_here FROM leads.funnel(by => 'region', mode => 'snapshot');
SELECT count(DISTINCT w.subject) > 60 AS subjects, sum(w.entries) > 100 AS entries, count(*) FILTER (WHERE w.opening <> 0) AS before_the_beginning,
  count(*) FILTER (WHERE w.entries - w.exits <> coalesce(h.open_here, 0)) AS differences
  FROM flowed w LEFT JOIN here h USING (subject, stage) WHERE w.stage <> 'won';
SELECT count(*) AS there_without_an_entry FROM here h LEFT JOIN flowed w USING (subject, stage) WHERE h.open_here > 0 AND w.subject IS NULL;
-- open leads are those of the snapshot; who reached a stage reached the one before; people add up to all
SELECT (SELECT sum(open_here) FROM leads.funnel(mode => 'snapshot')) = (SELECT count(*) FROM fs.lead WHERE closed_at IS NULL AND NOT test) AS open_leads;
SELECT count(*) AS more_than_before FROM (SELECT entered, lag(entered) OVER (PARTITION BY d.at, segment ORDER BY "position") AS before FROM (SELECT DISTINCT at FROM live) d, LATERAL leads.funnel(by => 'channel', as_of => d.at)) x WHERE entered > before;
SELECT count(*) AS differences FROM (SELECT DISTINCT at FROM live) d CROSS JOIN (VALUES ('cohort'), ('strict'), ('flow'), ('snapshot')) m(mode) CROSS JOIN (VALUES ('at_event'), ('closer'), ('creator'), ('first_owner')) c(attribution)
  CROSS JOIN LATERAL (SELECT "position", sum(entered) AS entered, sum(advanced) AS advanced, sum(lost_here) AS lost, sum(open_here) AS open FROM leads.funnel(mode => m.mode, by => 'owner', attribution => c.attribution, as_of => d.at) GROUP BY 1) p
  JOIN LATERAL leads.funnel(mode => m.mode, as_of => d.at) w USING ("position") WHERE (p.entered, p.advanced, p.lost, p.open) IS DISTINCT FROM (w.entered, w.advanced, w.lost_here, w.open_here);
-- the leads behind a figure add up to it: any mode, cut, attribution and measure, as of then; and each of them was a lead then
SELECT a.at, count(*) > 5000 AS figures, sum(f.n) > 1000 AS leads, count(*) FILTER (WHERE f.n > 0) AS not_empty, count(*) FILTER (WHERE f.n IS DISTINCT FROM x.n) AS differences, bool_and(f.good) AS good
  FROM (SELECT min(at) AS at FROM live UNION ALL SELECT max(at) FROM live) a CROSS JOIN (VALUES ('cohort'), ('strict'), ('flow'), ('snapshot')) m(mode) JOIN (VALUES (false), (true)) p(per_attempt) ON m.mode <> 'snapshot' OR NOT p.per_attempt
  JOIN (VALUES (NULL, NULL), ('channel', NULL), ('month', NULL), ('region', NULL), ('owner', 'at_event'), ('owner', 'closer'), ('owner', 'creator'), ('owner', 'first_owner')) c(cut, attribution) ON c.cut IS DISTINCT FROM 'region' OR m.mode = 'strict'
  CROSS JOIN LATERAL (SELECT f.segment, f.stage, v.measure, v.n FROM leads.funnel(mode => m.mode, by => c.cut, attribution => c.attribution, per_attempt => p.per_attempt, as_of => a.at) f,
    LATERAL (VALUES ('entered', f.entered), ('advanced', f.advanced), ('lost_here', f.lost_here), ('open_here', f.open_here), ('skipped', coalesce(f.skipped, 0)), ('regressed', coalesce(f.regressed, 0)), ('re_entries', coalesce(f.re_entries, 0)),
      ('moved_away', coalesce(f.moved_away, 0))) v(measure, n)) x
  CROSS JOIN LATERAL (SELECT coalesce(sum(l.n), 0) AS n, coalesce(bool_and(l.began_at <= a.at AND l.began_at = (SELECT min(e.at) FROM fs.event e WHERE e.lead_id IN (SELECT g.id FROM fs.lead g WHERE l.lead_id IN (g.id, g.merged_into)) AND e.kind = 'entered')), true) AS good
    FROM leads.funnel_leads(x.stage, x.measure, mode => m.mode, by => c.cut, attribution => c.attribution, per_attempt => p.per_attempt, as_of => a.at) l WHERE l.segment = x.segment) f GROUP BY 1 ORDER BY 1;
-- every merge undone, the last first: every figure as of the end of the first day is what it was
CREATE TEMP TABLE undone AS SELECT 0 AS n;
DO $$
DECLARE m bigint;
BEGIN
  LOOP
    SELECT max(id) INTO m FROM fs.merge WHERE undone_at IS NULL;
    EXIT WHEN m IS NULL;
    PERFORM set_config('leads.clock', ('2025-05-06 09:00+08'::timestamptz + (SELECT n FROM undone) * interval '1 minute')::text, false);
    PERFORM leads.unmerge(m, '{"*": "restore"}');
    UPDATE undone SET n = n + 1;
  END LOOP;
END $$;
SELECT n > 3 AS some FROM undone;
SELECT count(*) AS tombstones FROM fs.lead WHERE merged_into IS NOT NULL;
SELECT count(*) FILTER (WHERE f.figures IS DISTINCT FROM a.figures) AS differences FROM (SELECT DISTINCT at FROM live) d CROSS JOIN LATERAL pg_temp.figures(d.at, false) f
  JOIN live a ON a.at = d.at AND (a.mode, a.per_attempt) = (f.mode, f.per_attempt) AND (a.cut, a.attribution, a.within) IS NOT DISTINCT FROM (f.cut, f.attribution, f.within);
SELECT * FROM leads.verify();
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('fs', 'fs');
