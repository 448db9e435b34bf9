-- Stage 0 of a funnel: registrations and what became of them, where the pipeline policy counts them.
SET client_min_messages = warning; SET timezone = 'UTC'; SET datestyle = 'ISO';
SELECT leads.install('fg', lang => 'zh', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'fg';
CREATE ROLE regress_fg_zhang;
INSERT INTO fg.member (code, name, db_role) VALUES ('zhang', '张伟', 'regress_fg_zhang'), ('li', '李娜', NULL);
SELECT leads.grant_access('regress_fg_zhang', 'rep');
SET leads.clock = '2026-03-02 09:00+08';
SELECT outcome FROM leads.register('重庆长安汽车股份有限公司', region => '重庆市', by_member => 'zhang');
-- another's: refused
SELECT outcome FROM leads.register('重庆长安汽车股份有限公司', region => '重庆市', by_member => 'li');
SELECT outcome FROM leads.register('成都鼎盛科技有限公司', region => '四川省', by_member => 'li');
-- without a name: rejected, no customer
SELECT outcome FROM leads.register('', by_member => 'li');
SET leads.clock = '2026-04-02 09:00+08';
SELECT outcome FROM leads.register('成都鼎盛科技有限公司', by_member => 'li');
SELECT FROM leads.advance(1, 'contacted');
SELECT count(*) AS rows, min("position") AS from_here FROM leads.funnel();
SELECT leads.publish('pipeline', '', '{"count_registrations": 1}');
SELECT count(*) > 0 AS published FROM leads.publish('pipeline', '', '{"count_registrations": true}');
SELECT "position", stage, label, entered, advanced, lost_here, open_here, conversion_from_previous AS step, conversion_overall AS overall, drop_off, drop_off_rate FROM leads.funnel() WHERE "position" < 3;
SELECT segment, entered, advanced, lost_here, open_here FROM leads.funnel(by => 'owner') WHERE "position" = 0;
SELECT segment, entered, advanced, lost_here, open_here FROM leads.funnel(by => 'region') WHERE "position" = 0;
SELECT segment, "position", entered, advanced, lost_here, open_here FROM leads.funnel(by => 'month') WHERE "position" < 2;
SELECT segment, "position", entered FROM leads.funnel(by => 'channel') WHERE "position" < 2;
SELECT entered FROM leads.funnel(since => '2026-04-01') WHERE "position" = 0;
SELECT entered, open_here FROM leads.funnel(mode => 'snapshot') WHERE "position" = 0;
SELECT mode, entered, advanced FROM unnest('{strict,flow}'::text[]) m(k), LATERAL leads.funnel(mode => k) WHERE "position" = 0;
SELECT leads.funnel_chart(width => 10);
-- as it was: the states of then
SELECT entered, advanced, lost_here, open_here FROM leads.funnel(as_of => '2026-03-02 09:00+08') WHERE "position" = 0;
SET session_replication_role = replica;
-- pending until April, then approved
UPDATE fg.registration SET outcome = 'pending', state = 'approved', settled_at = '2026-04-01' WHERE id = 1;
RESET session_replication_role;
SELECT entered, advanced, lost_here, open_here FROM leads.funnel(as_of => '2026-03-02 12:00+08') WHERE "position" = 0;
SELECT entered, advanced, lost_here, open_here FROM leads.funnel(as_of => '2026-04-01') WHERE "position" = 0;
-- the same from events; entered = advanced + lost_here + open_here; parts add up to the whole
SELECT count(*) AS rows, count(*) FILTER (WHERE a IS DISTINCT FROM b) AS differences, count(*) FILTER (WHERE (a ->> 'entered')::int <> (a ->> 'advanced')::int + (a ->> 'lost_here')::int + (a ->> 'open_here')::int) AS broken
  FROM (SELECT c.cut, to_jsonb(f) AS a, f.segment, f."position" FROM unnest('{NULL,channel,owner,region,month}'::text[]) c(cut), LATERAL leads.funnel(by => c.cut) f) x
  JOIN (SELECT c.cut, to_jsonb(f) AS b, f.segment, f."position" FROM unnest('{NULL,channel,owner,region,month}'::text[]) c(cut), LATERAL leads.funnel(by => c.cut, from_events => true) f) y ON (x.cut IS NOT DISTINCT FROM y.cut) AND x.segment = y.segment AND x."position" = y."position";
SELECT coalesce(c.cut, 'whole') AS cut, sum(f.entered) AS registrations FROM unnest('{NULL,channel,owner,region,month}'::text[]) c(cut), LATERAL leads.funnel(by => c.cut) f WHERE f."position" = 0 GROUP BY 1 ORDER BY 1;
-- a rep counts its own
SET ROLE regress_fg_zhang;
SELECT segment, entered FROM fg.funnel_by_owner WHERE "position" = 0;
RESET ROLE;
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('fg', 'fg');
DROP OWNED BY regress_fg_zhang; DROP ROLE regress_fg_zhang;
