-- Rollups and instants of the past: cells are not read as of an instant before the last thing that is in them; what a rebuild counted is not pending; empty cells go.
SET client_min_messages = warning; SET timezone = 'UTC'; SET datestyle = 'ISO';
SELECT leads.install('rp', lang => 'en', simulation => true, zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'rp';
INSERT INTO rp.member (code, name) VALUES ('zhang', 'Zhang');
CREATE FUNCTION pg_temp.differ(as_of timestamptz) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM (SELECT c, f.* FROM unnest('{NULL,owner,region}'::text[]) c, LATERAL leads.funnel(by => c, as_of => $1) f) a
    FULL JOIN (SELECT c, f.* FROM unnest('{NULL,owner,region}'::text[]) c, LATERAL leads.funnel(by => c, as_of => $1, from_events => true) f) b
    ON to_jsonb(a) = to_jsonb(b) WHERE a IS NULL OR b IS NULL $$;
SET leads.clock = '2025-03-01 09:00+00';
SELECT outcome, count(*) FROM unnest('{Acme Pumps Ltd,Borealis Valves Inc,Cobalt Bearings GmbH}'::text[]) n, LATERAL leads.register(n, region => 'north', by_member => 'zhang') r GROUP BY 1;
CALL leads.rollup_rebuild();
-- a move is the last
SET leads.clock = '2025-03-05 09:00+00';
SELECT stage FROM leads.advance(1, 'qualified');
SELECT count(*) > 0 AS pending FROM rp.rollup_delta;
CALL leads.rollup_rebuild();
SELECT count(*) AS pending FROM rp.rollup_delta;
SELECT s.last_at::date FROM rp.rollup_state s;
SET leads.clock = '2025-03-06 09:00+00';
SELECT pg_temp.differ('2025-03-03') AS before, pg_temp.differ(NULL) AS now;
-- a loss is
SET leads.clock = '2025-03-10 09:00+00';
SELECT stage FROM leads.lose(2, 'price');
CALL leads.rollup_rebuild();
SELECT s.last_at::date FROM rp.rollup_state s;
SET leads.clock = '2025-03-11 09:00+00';
SELECT pg_temp.differ('2025-03-07') AS before, pg_temp.differ(NULL) AS now;
-- added up instead of counted anew, a win
SET leads.clock = '2025-03-15 09:00+00';
SELECT stage FROM leads.win(3, 10);
CALL leads.tick();
SELECT s.last_at::date FROM rp.rollup_state s;
SET leads.clock = '2025-03-16 09:00+00';
SELECT pg_temp.differ('2025-03-12') AS before, pg_temp.differ(NULL) AS now;
-- of a region that nobody is in any more there is no cell
UPDATE rp.customer SET region = 'south';
CALL leads.tick();
SELECT DISTINCT subject FROM rp.rollup_cell WHERE cut = 'region';
SELECT pg_temp.differ(NULL) AS now, (SELECT count(*) FROM leads.rollup_verify()) AS cells_that_differ;
SELECT leads.uninstall('rp', 'rp');

-- open leads by the day they came, also behind a day of 23 hours and one of 25: as old as by events, hour by hour
SELECT leads.install('rp', lang => 'en', simulation => true, zone => 'America/New_York') IS NOT NULL AS installed;
INSERT INTO rp.member (code, name) VALUES ('zhang', 'Zhang');
SET leads.clock = '2025-03-01 09:00-05';
SELECT outcome, lead_id FROM leads.register('Acme Pumps Ltd', by_member => 'zhang');
CREATE FUNCTION pg_temp.came(at timestamptz) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  FOR i IN 0 .. 11 LOOP
    PERFORM set_config('leads.clock', (at + i * interval '30 minutes')::text, false);
    PERFORM leads.register(repeat(chr(20000 + i * 7 + extract(day FROM at)::int * 300), 2) || chr(21000 + i * 3) || '有限公司', by_member => 'zhang');
  END LOOP;
END $$;
CREATE FUNCTION pg_temp.differing(at timestamptz) RETURNS TABLE (differ bigint, ages bigint) LANGUAGE plpgsql AS $$
DECLARE young bigint[];
BEGIN
  differ := 0;
  FOR i IN 0 .. 40 LOOP
    PERFORM set_config('leads.clock', (at + i * interval '15 minutes')::text, false);
    differ := differ + pg_temp.differ(NULL);
    young := young || (SELECT f.immature FROM leads.funnel() f WHERE f."position" = 1);
  END LOOP;
  ages := (SELECT count(DISTINCT y) FROM unnest(young) y);
  RETURN NEXT;
END $$;
SELECT pg_temp.came('2025-03-09 22:15-04');
SET leads.clock = '2025-03-11 10:00-04';
SELECT stage FROM leads.win(1, 10);
CALL leads.tick();
SELECT * FROM pg_temp.differing('2025-03-19 20:00-04');
SELECT pg_temp.came('2025-11-02 22:15-05');
CALL leads.tick();
SELECT * FROM pg_temp.differing('2025-11-12 20:00-05');
SELECT leads.uninstall('rp', 'rp');
-- a month begins where the company is
SELECT leads.install('rp', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
INSERT INTO rp.member (code, name) VALUES ('zhang', 'Zhang');
SET leads.clock = '2025-02-28 15:59:59+00';
SELECT outcome FROM leads.register('Acme Pumps Ltd', by_member => 'zhang');
SET leads.clock = '2025-02-28 16:00:00+00';
SELECT outcome FROM leads.register('Borealis Valves Inc', by_member => 'zhang');
CALL leads.tick();
SELECT month FROM rp.rollup_cell WHERE cut = 'whole' ORDER BY 1;
SELECT segment, entered FROM leads.funnel(by => 'month') WHERE "position" = 1 ORDER BY 1;
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('rp', 'rp');
