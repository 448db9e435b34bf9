-- Rollups: random work with aborted parts; every figure is the same from rollups, journeys and events, whatever is pending.
SET client_min_messages = warning; SET timezone = 'UTC'; SET datestyle = 'ISO';
SELECT leads.install('fr', lang => 'en', simulation => true, zone => 'America/New_York') IS NOT NULL AS installed;
SET leads.schema = 'fr';
INSERT INTO fr.member (code, name) VALUES ('a', 'A'), ('b', 'B'), ('c', 'C');
-- a new company has rollups from its first lead on
SELECT built_at IS NOT NULL AS built FROM fr.rollup_state;
INSERT INTO fr.channel (code, name, inbound, keeps, profiles, test) SELECT 'trial', 'Trial', inbound, keeps, profiles, true FROM fr.channel WHERE code = 'manual';
CREATE TEMP TABLE did (what text, ok boolean);
CREATE TEMP TABLE asked (mode text, cut text, attribution text, past boolean, period text, pending boolean, rollup boolean, same boolean, including text);
CREATE FUNCTION pg_temp.draw(INOUT seed bigint, n int, OUT d int) LANGUAGE plpgsql AS $$ BEGIN
  seed := (seed * 1103515245 + 12345) % 2147483648; d := (seed / 65536) % n; END $$;
-- some call of funnel(), once as it comes and once from events; whether it reads rollups is seen by spoiling them
CREATE FUNCTION pg_temp.ask(seed bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE d int; m text; c text; a text; past boolean; per int; s timestamptz; u timestamptz; t timestamptz; inc text; q text; same boolean; used boolean := false; pend boolean;
BEGIN
  SELECT * INTO seed, d FROM pg_temp.draw(seed, 8); m := (ARRAY['cohort','cohort','cohort','cohort','cohort','strict','flow','snapshot'])[d + 1];
  SELECT * INTO seed, d FROM pg_temp.draw(seed, 6); c := (ARRAY[NULL,'channel','owner','region','month','owner'])[d + 1];
  SELECT * INTO seed, d FROM pg_temp.draw(seed, 5); a := CASE WHEN c = 'owner' THEN (ARRAY['at_event','at_event','closer','creator','first_owner'])[d + 1] END;
  SELECT * INTO seed, d FROM pg_temp.draw(seed, 5); past := d = 0;
  SELECT * INTO seed, per FROM pg_temp.draw(seed, 5);
  -- hours ago: often before the last sum, and seldom before the last merge
  t := CASE WHEN past THEN leads.now() - CASE WHEN per % 2 = 0 THEN interval '9 hours' ELSE interval '17 days' END END;
  SELECT * INTO seed, d FROM pg_temp.draw(seed, 4); s := ('2025-01-01'::timestamp + d * interval '1 month') AT TIME ZONE 'America/New_York';
  SELECT * INTO seed, d FROM pg_temp.draw(seed, 3); u := ((s AT TIME ZONE 'America/New_York') + (d + 1) * interval '1 month') AT TIME ZONE 'America/New_York';
  -- 0: whole months, 1: cut on both sides, 2: from some instant on, 3: within a month, 4: all
  IF per = 1 THEN s := s - interval '9 days 5 hours'; u := u + interval '11 days'; ELSIF per = 2 THEN s := s + interval '6 days'; u := NULL; ELSIF per = 3 THEN s := s + interval '3 days'; u := s + interval '15 days'; ELSIF per = 4 THEN s := NULL; u := NULL; END IF;
  SELECT * INTO seed, d FROM pg_temp.draw(seed, 12); inc := (ARRAY['imported', 'test', 'invalid'])[d + 1];
  q := format('SELECT to_jsonb(f) FROM leads.funnel(%L, %L, by => %L, mode => %L, as_of => %L, attribution => %L, from_events => $1%s) f', s, u, c, m, t, a, ', include_' || inc || ' => true');
  EXECUTE format('SELECT NOT EXISTS (SELECT FROM (%s) x FULL JOIN (%s) y USING (to_jsonb) WHERE x IS NULL OR y IS NULL)', replace(q, '$1', 'false'), replace(q, '$1', 'true')) INTO same;
  pend := EXISTS (SELECT FROM fr.rollup_delta);
  BEGIN
    SET LOCAL session_replication_role = replica;
    UPDATE fr.rollup_cell SET cell = '\x00';
    EXECUTE replace(q, '$1', 'false');
    RAISE EXCEPTION 'not read';
  EXCEPTION WHEN SQLSTATE 'LD095' THEN used := true; WHEN raise_exception THEN used := false;
  END;
  INSERT INTO asked VALUES (m, coalesce(c, 'whole'), a, past, (ARRAY['months', 'cut', 'open end', 'inside', 'all'])[per + 1], pend, used, same, inc);
  RETURN seed;
END $$;
CREATE FUNCTION pg_temp.act(seed bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE d int; e int; l bigint; what text; ok boolean := true; n int;
BEGIN
  SELECT * INTO seed, d FROM pg_temp.draw(seed, 100); SELECT * INTO seed, e FROM pg_temp.draw(seed, 1000);
  SELECT max(id) INTO n FROM fr.lead; l := 1 + e % greatest(coalesce(n, 0), 1);
  what := CASE WHEN n IS NULL OR d < 24 THEN 'register' WHEN d < 54 THEN 'advance' WHEN d < 60 THEN 'win' WHEN d < 67 THEN 'lose' WHEN d < 76 THEN 'reopen' WHEN d < 82 THEN 'assign'
    WHEN d < 85 THEN 'release' WHEN d < 88 THEN 'claim' WHEN d < 91 THEN 'merge' WHEN d < 93 THEN 'unmerge' WHEN d < 94 THEN 'region' WHEN d < 96 THEN 'aborted' ELSE 'tick' END;
  BEGIN
    CASE what
    WHEN 'register' THEN PERFORM leads.register(repeat(chr(20000 + e * 7), 2) || chr(21000 + e * 3) || '有限公司', region => (ARRAY['north', 'south', NULL])[e % 3 + 1], by_member => (ARRAY['a', 'b', 'c'])[e % 3 + 1], channel => CASE WHEN e % 11 = 0 THEN 'trial' ELSE (ARRAY['manual', 'website'])[e % 2 + 1] END);
    WHEN 'advance' THEN PERFORM leads.advance(l, (ARRAY['new', 'contacted', 'qualified', 'proposal', 'negotiation'])[e % 5 + 1], reason => 'so it is');
    WHEN 'win' THEN PERFORM leads.win(l, amount => 100);
    WHEN 'lose' THEN PERFORM leads.lose(l, (ARRAY['price', 'spam'])[e % 2 + 1]);
    WHEN 'reopen' THEN PERFORM leads.reopen(l, (ARRAY['new', 'contacted', 'qualified'])[e % 3 + 1], 'again');
    WHEN 'assign' THEN PERFORM leads.assign((SELECT customer_id FROM fr.lead WHERE id = l), (ARRAY['a', 'b', 'c'])[e % 3 + 1]);
    WHEN 'release' THEN PERFORM leads.release((SELECT customer_id FROM fr.lead WHERE id = l), 'no need');
    WHEN 'claim' THEN PERFORM leads.claim(ARRAY[(SELECT customer_id FROM fr.lead WHERE id = l)], by_member => (ARRAY['a', 'b', 'c'])[e % 3 + 1]);
    WHEN 'merge' THEN PERFORM leads.merge((SELECT customer_id FROM fr.lead WHERE id = l), ARRAY[(SELECT customer_id FROM fr.lead WHERE id = 1 + (l + e) % n)], reason => 'the same');
    WHEN 'unmerge' THEN PERFORM leads.unmerge((SELECT max(id) FROM fr.merge), reason => 'not the same');
    WHEN 'region' THEN UPDATE fr.customer SET region = (ARRAY['west', 'north', 'south'])[e % 3 + 1] WHERE id = (SELECT customer_id FROM fr.lead WHERE id = l);
    WHEN 'aborted' THEN BEGIN
        PERFORM leads.advance(l, (ARRAY['contacted', 'qualified'])[e % 2 + 1], reason => 'no');
        IF NOT EXISTS (SELECT FROM fr.rollup_delta) THEN RAISE WARNING 'a move without a delta'; END IF;
        RAISE division_by_zero;
      EXCEPTION WHEN division_by_zero THEN NULL; END;
    WHEN 'tick' THEN CALL leads.tick();
    END CASE;
  EXCEPTION WHEN OTHERS THEN ok := false;
    IF SQLSTATE !~ '^(LD|23)' THEN RAISE; END IF;
  END;
  INSERT INTO did VALUES (what, ok);
  RETURN seed;
END $$;
SELECT set_config('leads.clock', '2025-01-03 10:00+00', false) IS NOT NULL AS begun;
DO $$
DECLARE seed bigint := 7; seed2 bigint := 11; at timestamptz := '2025-01-03 10:00+00'; wrong int;
BEGIN
  FOR i IN 1 .. 600 LOOP
    at := at + ((seed / 1000) % 16) * interval '37 minutes'; PERFORM set_config('leads.clock', at::text, false);
    seed := pg_temp.act(seed);
    IF i % 2 = 0 THEN seed2 := pg_temp.ask(seed2); END IF;
    IF i % 50 = 0 THEN
      SELECT count(*) INTO wrong FROM leads.rollup_verify();
      IF wrong > 0 THEN RAISE WARNING '% cells differ after % steps', wrong, i; END IF;
    END IF;
  END LOOP;
END $$;
SELECT what, count(*) FILTER (WHERE ok) > CASE WHEN what IN ('register', 'advance') THEN 50 WHEN what = 'unmerge' THEN 0 ELSE 2 END AS often FROM did GROUP BY 1 ORDER BY 1;
SELECT count(*) AS asked, count(*) FILTER (WHERE rollup) > 25 AS of_rollups, count(*) FILTER (WHERE rollup AND pending) > 15 AS pending,
  count(*) FILTER (WHERE rollup AND NOT pending) > 2 AS none_pending, count(*) FILTER (WHERE NOT same) AS differences FROM asked;
SELECT cut, count(*) FILTER (WHERE rollup) > 3 AS of_rollups FROM asked GROUP BY 1 ORDER BY 1;
SELECT period, count(*) > 10 AS asked, count(*) FILTER (WHERE rollup) > 3 AS of_rollups FROM asked GROUP BY 1 ORDER BY 1;
SELECT attribution, count(*) > 3 AS asked, bool_or(rollup) AS of_rollups FROM asked WHERE attribution IS NOT NULL GROUP BY 1 ORDER BY 1;
SELECT including, count(*) > 5 AS asked, bool_or(rollup) AS of_rollups FROM asked GROUP BY 1 ORDER BY 1;
SELECT count(*) FILTER (WHERE test) > 5 AS tests, count(*) FILTER (WHERE invalid) > 2 AS no_leads, (SELECT count(*) FROM fr.event e JOIN fr.event r ON r.lead_id = e.lead_id AND r.kind = 'reopened' AND r.id > e.id WHERE e.data @> '{"invalid": true}') > 2 AS and_opened_again FROM fr.lead;
-- only cohorts, and only what the cells are not younger than
SELECT mode, bool_or(rollup) AS of_rollups FROM asked GROUP BY 1 ORDER BY 1;
SELECT past, count(*) > 10 AS asked, bool_or(rollup) AS of_rollups FROM asked GROUP BY 1 ORDER BY 1;
SELECT count(*) > 50 AS leads, max(attempt) > 2 AS reopened_twice, count(DISTINCT date_trunc('month', created_at)) > 3 AS months FROM fr.lead;

-- all of it added up: the same; nothing pending
CREATE TEMP TABLE before AS SELECT c.cut, f.* FROM unnest('{NULL,channel,owner,region,month}'::text[]) c(cut), LATERAL leads.funnel(by => c.cut) f;
CALL leads.tick();
SELECT count(*) AS pending FROM fr.rollup_delta;
CREATE TEMP TABLE after AS SELECT c.cut, f.* FROM unnest('{NULL,channel,owner,region,month}'::text[]) c(cut), LATERAL leads.funnel(by => c.cut) f;
SELECT count(*) AS differences FROM ((TABLE before EXCEPT ALL TABLE after) UNION ALL (TABLE after EXCEPT ALL TABLE before)) d;
SELECT * FROM leads.rollup_verify();
-- and counted anew
CREATE TEMP TABLE cell AS SELECT cut, month, subject_id, subject, cell FROM fr.rollup_cell;
CALL leads.rollup_rebuild();
SELECT count(*) AS differences FROM cell FULL JOIN fr.rollup_cell r USING (cut, month, subject_id, subject) WHERE cell.cell IS DISTINCT FROM r.cell;
SELECT count(*) > 20 AS cells, count(DISTINCT cut) AS cuts FROM fr.rollup_cell;
-- cells that differ are found, and counted anew
SET session_replication_role = replica;
DELETE FROM fr.rollup_cell WHERE cut = 'whole' AND month = '2025-02-01';
SELECT invariant, subject, count(*) > 3 AS figures FROM leads.verify() GROUP BY 1, 2;
RESET session_replication_role;
SELECT * FROM leads.rollup_verify();
CALL leads.rollup_rebuild();
SELECT * FROM leads.rollup_verify();

-- stages change: cells are no longer read, figures are right at once; few journeys are counted anew by the next tick()
INSERT INTO fr.stage (code, label_zh, label_en, position, kind, probability) VALUES ('trial', 'trial', 'Trial', 35, 'open', 0.4);
\set same 'SELECT count(*) AS differences FROM ((SELECT * FROM leads.funnel(by => ''owner'') EXCEPT ALL SELECT * FROM leads.funnel(by => ''owner'', from_events => true)) UNION ALL (SELECT * FROM leads.funnel(by => ''owner'', from_events => true) EXCEPT ALL SELECT * FROM leads.funnel(by => ''owner''))) d;'
SELECT item, status FROM leads.health() WHERE item = 'rollups';
:same
SET client_min_messages = notice;
SELECT * FROM leads.rollup_verify();
SET client_min_messages = warning;
CALL leads.tick();
SELECT item, status FROM leads.health() WHERE item = 'rollups';
:same
SELECT * FROM leads.rollup_verify();
-- a journey written in bulk, changed and deleted by hand
SET session_replication_role = replica; ALTER TABLE fr.lead_journey DISABLE TRIGGER leads_guard; ALTER TABLE fr.lead_journey DISABLE TRIGGER leads_guard_update; ALTER TABLE fr.journey_region DISABLE TRIGGER leads_guard; RESET session_replication_role;
SELECT count(*) AS pending FROM fr.rollup_delta;
INSERT INTO fr.journey_region (region) VALUES ('east');
INSERT INTO fr.lead_journey SELECT 100000 + lead_id, entered_at, journey, channel_id, first_owner_id, creator_id, region_id FROM fr.lead_journey WHERE get_byte(journey, 1) = 0;
UPDATE fr.lead_journey SET channel_id = channel_id + 1 WHERE lead_id > 100000;
UPDATE fr.lead_journey SET region_id = (SELECT id FROM fr.journey_region WHERE region = 'east'), journey = leads.journey_append(journey, '2025-12-01', 'advanced', 2, 1) WHERE lead_id > 100000;
UPDATE fr.lead_journey SET creator_id = 1 WHERE lead_id > 100000;
UPDATE fr.lead_journey SET journey = set_byte(journey, 1, 1) WHERE lead_id > 100000 AND lead_id % 3 = 0;
DELETE FROM fr.lead_journey WHERE lead_id > 100000 AND lead_id % 2 = 0;
-- a row, two for another channel, two for another region, one for what is imported from now on, one for what is deleted and was not
SELECT count(*) = (SELECT sum(5 + (lead_id % 3 = 0)::int + (lead_id % 2 = 0 AND lead_id % 3 <> 0)::int) FROM (SELECT lead_id + 100000 AS lead_id FROM fr.lead_journey WHERE lead_id <= 100000 AND get_byte(journey, 1) = 0) j) AS a_delta_a_change FROM fr.rollup_delta;
SELECT * FROM leads.rollup_verify();
CALL leads.tick();
SELECT * FROM leads.rollup_verify();
-- another owner at the end changes nothing that counts
UPDATE fr.lead_journey SET journey = leads.journey_append(journey, '2025-12-02', 'handed', NULL, 300) WHERE lead_id > 100000;
UPDATE fr.lead_journey SET journey = leads.journey_append(leads.journey_append(journey, '2035-12-03', 'handed', NULL, NULL), '2035-12-03', 'handed', NULL, 20000) WHERE lead_id > 100000 AND lead_id % 7 = 0;
SELECT (SELECT count(*) FROM fr.rollup_delta d WHERE octet_length(journey_after) < octet_length(journey_before) + 12) AS pending, (SELECT count(*) FROM leads.rollup_verify()) AS differences;
CALL leads.tick();
SELECT * FROM leads.rollup_verify();
DELETE FROM fr.lead_journey WHERE lead_id > 100000;
ALTER TABLE fr.lead_journey ENABLE TRIGGER leads_guard; ALTER TABLE fr.lead_journey ENABLE TRIGGER leads_guard_update; ALTER TABLE fr.journey_region ENABLE TRIGGER leads_guard;
CALL leads.tick();
SELECT * FROM leads.rollup_verify();
-- imported history and test data are not in them
SET session_replication_role = replica; ALTER TABLE fr.lead_journey DISABLE TRIGGER leads_guard; RESET session_replication_role;
INSERT INTO fr.lead_journey SELECT 200000 + lead_id, entered_at, set_byte(journey, 1, 1), channel_id, first_owner_id, creator_id, region_id FROM fr.lead_journey WHERE lead_id < 5;
INSERT INTO fr.lead_journey SELECT 300000 + lead_id, entered_at, set_byte(journey, 1, 2), channel_id, first_owner_id, creator_id, region_id FROM fr.lead_journey WHERE lead_id < 5;
SELECT count(*) AS pending FROM fr.rollup_delta;
DELETE FROM fr.lead_journey WHERE lead_id > 200000;
ALTER TABLE fr.lead_journey ENABLE TRIGGER leads_guard;
\set VERBOSITY sqlstate
INSERT INTO fr.rollup_cell (cut, month, cell) VALUES ('whole', '2025-01-01', '\x00');
UPDATE fr.rollup_state SET built_at = NULL; DELETE FROM fr.rollup_delta;
SELECT leads.rollup_note();
CREATE ROLE regress_fr_rep; SELECT leads.grant_access('regress_fr_rep', 'rep');
SET ROLE regress_fr_rep; CALL leads.rollup_rebuild(); SELECT leads.rollup_verify(); RESET ROLE;
CALL leads.rollup_rebuild('public'); SELECT leads.rollup_verify('public');
SET leads.clock = '2026-01-01';
SET session_replication_role = replica; UPDATE fr.rollup_cell SET cell = '\x01'; RESET session_replication_role;
SELECT invariant, subject LIKE 'rollup_cell/%' AS a_cell, problem, count(*) > 3 AS several FROM leads.verify() GROUP BY 1, 2, 3;
SELECT * FROM leads.funnel(); SELECT leads.rollup_verify(); SELECT count(*) FROM leads.funnel(from_events => true); SELECT count(*) FROM leads.funnel(as_of => '2025-03-01');
-- more stages than a funnel may have: it is the funnel that says so, not the jobs
INSERT INTO fr.stage (code, label_zh, label_en, position, kind, probability) SELECT 's' || g, 's', 's', 1000 + g, 'open', 0.1 FROM generate_series(1, 40) g;
SELECT count(*) AS sums FROM leads.verify() WHERE invariant = 'I15';
SELECT * FROM leads.funnel();
CALL leads.tick(); SELECT leads.install('fr') IS NOT NULL AS installed;
SELECT item, status FROM leads.health() WHERE item = 'rollups';
CALL leads.rollup_rebuild(); SELECT leads.rollup_verify();
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('fr', 'fr');
DROP OWNED BY regress_fr_rep; DROP ROLE regress_fr_rep;
