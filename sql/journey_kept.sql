-- Journeys follow every event in its transaction: stages, owners, lapses, merges; verify() compares, rebuild_journeys() mends.
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai'; SET datestyle = 'ISO';
SELECT leads.install('jk', lang => 'zh', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'jk';
INSERT INTO jk.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜');
CREATE FUNCTION pg_temp.told(lead bigint) RETURNS TABLE (n int, at timestamptz, kind text, stage text, owner text, attempt int) LANGUAGE sql AS $$
  SELECT e.n, e.at, e.kind, s.code, coalesce(m.code, '公海'), e.attempt FROM jk.lead_journey j, leads.journey_entries(j.journey) e
    LEFT JOIN jk.stage s ON s.id = e.stage LEFT JOIN jk.member m ON m.id = e.owner WHERE j.lead_id = $1 ORDER BY 1 $$;

SET leads.clock = '2026-03-02 09:00+08';
SELECT outcome, lead_id FROM leads.register('重庆长安汽车股份有限公司', region => '重庆市', by_member => 'zhang');
SELECT outcome, lead_id FROM leads.register('成都鼎盛科技有限公司', region => '四川省', by_member => 'li');
-- a region is looked for by its text, even before anybody knows how many there are
SELECT pg_stat_force_next_flush();
SELECT indexrelname, idx_scan > 0 AS used FROM pg_stat_user_indexes WHERE schemaname = 'jk' AND relname = 'journey_region' ORDER BY 1;
SET leads.clock = '2026-03-03 09:00+08';
SELECT FROM leads.advance(1, 'contacted');
SET leads.clock = '2026-03-04 09:00+08';
SELECT FROM leads.assign(1, 'li');
-- the same owner again is no news, nor is what is no move
SELECT FROM leads.log_activity(1, 'call', '已联系，需求明确，约下周拜访');
SET leads.clock = '2026-03-05 09:00+08';
SELECT FROM leads.release(1, '暂无需求');
SET leads.clock = '2026-03-06 09:00+08';
SELECT outcome FROM leads.claim('{1}', by_member => 'zhang');
SET leads.clock = '2026-03-07 09:00+08';
SELECT FROM leads.win(1, amount => 1000);
-- a closed lead changes no owner
SET leads.clock = '2026-03-08 09:00+08';
SELECT FROM leads.assign(1, 'li');
SET leads.clock = '2026-03-09 09:00+08';
SELECT FROM leads.reopen(1, 'proposal', '合同取消');
SET leads.clock = '2026-03-10 09:00+08';
SELECT FROM leads.lose(1, 'price');
SET leads.clock = '2026-03-11 09:00+08';
SELECT FROM leads.reopen(1, 'contacted', '再次询价');
SELECT * FROM pg_temp.told(1);
SELECT lead_id, entered_at, j.channel_id = l.channel_id AS channel, j.first_owner_id, j.creator_id, (SELECT r.region FROM jk.journey_region r WHERE r.id = j.region_id), octet_length(journey) AS bytes
  FROM jk.lead_journey j JOIN jk.lead l ON l.id = j.lead_id ORDER BY 1;
-- events tell the same, without a look at the customer
SELECT kind, owner_id, pool_id IS NOT NULL AS pooled, attempt, at FROM jk.event WHERE lead_id = 1 AND kind = 'handed' ORDER BY at, id;
SELECT * FROM leads.verify();

-- a lapse counts from its due instant, whenever it was written down
SELECT next_due_at AS due FROM jk.ownership WHERE customer_id = 2 AND until IS NULL \gset
SET leads.clock = '2026-09-01 09:00+08';
CALL leads.tick();
SELECT at = :'due' AS when_due, kind, owner FROM pg_temp.told(2) WHERE n = 2;
SELECT * FROM leads.verify();

-- the region is the customer's, as it is now
UPDATE jk.customer SET region = '贵州省' WHERE id = 2;
SELECT r.region FROM jk.lead_journey j JOIN jk.journey_region r ON r.id = j.region_id WHERE lead_id = 2;
-- a merge brings the leads to the survivor's owner, the undo brings them back
SET leads.clock = '2026-09-02 09:00+08';
SELECT FROM leads.assign(1, 'zhang'); SELECT FROM leads.assign(2, 'li');
SET leads.clock = '2026-09-03 09:00+08';
SELECT outcome FROM leads.merge(1, '{2}', reason => '同一客户', join_leads => false);
SELECT n, at, kind, owner FROM pg_temp.told(2);
SELECT r.region FROM jk.lead_journey j JOIN jk.journey_region r ON r.id = j.region_id ORDER BY lead_id;
SET leads.clock = '2026-09-04 09:00+08';
SELECT count(*) > 0 AS undone FROM leads.unmerge((SELECT max(id) FROM jk.merge), reason => '并非同一客户');
SELECT n, at, kind, owner FROM pg_temp.told(2);
SELECT r.region FROM jk.lead_journey j JOIN jk.journey_region r ON r.id = j.region_id ORDER BY lead_id;
SELECT * FROM leads.verify();

-- nothing is written of what is rolled back
CREATE TEMP TABLE before AS SELECT lead_id, journey FROM jk.lead_journey;
BEGIN; SELECT FROM leads.advance(2, 'negotiation'); SAVEPOINT s; SELECT FROM leads.lose(2, 'price'); ROLLBACK TO s;
SELECT kind, stage FROM pg_temp.told(2) ORDER BY n DESC LIMIT 1; ROLLBACK;
SELECT count(*) AS changed FROM jk.lead_journey j JOIN before b USING (lead_id) WHERE j.journey <> b.journey;

-- an import brings its history along
SET session_replication_role = replica;
UPDATE jk.lead SET imported = true WHERE id = 2;
RESET session_replication_role;
SELECT subject, problem FROM leads.verify();
CALL leads.rebuild_journeys();
SELECT get_byte(journey, 1) AS flags FROM jk.lead_journey ORDER BY lead_id;

-- faults: verify() tells each, rebuild_journeys() mends them
SET session_replication_role = replica;
UPDATE jk.lead_journey SET journey = set_byte(journey, 20, get_byte(journey, 20) # 1) WHERE lead_id = 1;
UPDATE jk.lead_journey SET region_id = 99, channel_id = 99 WHERE lead_id = 2;
RESET session_replication_role;
SELECT invariant, subject, problem FROM leads.verify();
CALL leads.rebuild_journeys(1);
-- what was added up of the damaged ones is counted anew, too
SELECT invariant, problem FROM leads.verify();
SET session_replication_role = replica;
DELETE FROM jk.lead_journey WHERE lead_id = 2;
UPDATE jk.lead_journey SET entered_at = entered_at - interval '1 day' WHERE lead_id = 1;
RESET session_replication_role;
SELECT invariant, subject, problem FROM leads.verify();
-- a move that meets no journey writes the whole
SET leads.clock = '2026-09-05 09:00+08';
SELECT FROM leads.advance(2, 'contacted');
SELECT n, kind, stage FROM pg_temp.told(2) ORDER BY n DESC LIMIT 2;
SELECT invariant, subject, problem FROM leads.verify();
CALL leads.rebuild_journeys();
SELECT count(*) AS faults FROM leads.verify();
SELECT after_id, finished_at IS NOT NULL AS finished, written FROM jk.journey_run ORDER BY id;

-- a company from before: funnels read events, install() and health() tell, the call builds
SET session_replication_role = replica;
DELETE FROM jk.lead_journey; DELETE FROM jk.journey_run;
RESET session_replication_role;
SET client_min_messages = notice;
SELECT leads.install('jk') IS NOT NULL AS installed;
SET client_min_messages = warning;
SELECT item, status, detail FROM leads.health() WHERE item = 'journeys';
SELECT count(*) AS faults FROM leads.verify();
-- inside a transaction one batch, the next call goes on
BEGIN; CALL leads.rebuild_journeys(1); COMMIT;
SELECT after_id, finished_at IS NOT NULL AS finished, written FROM jk.journey_run ORDER BY id;
CALL leads.rebuild_journeys(1);
SELECT after_id, finished_at IS NOT NULL AS finished, written FROM jk.journey_run ORDER BY id;
SELECT count(*) AS faults FROM leads.verify(), leads.health() h WHERE h.item = 'journeys';
SELECT count(*) AS changed FROM jk.lead_journey j JOIN before b USING (lead_id) WHERE j.journey <> b.journey AND j.lead_id = 1;
\set VERBOSITY sqlstate
CALL leads.rebuild_journeys(0);
CALL leads.rebuild_journeys(schema_name => 'nowhere');
\set VERBOSITY default
-- an import writes its leads together, with regions that are new and with those that are known
CREATE TABLE jk.statements (lead_id bigint);
CREATE FUNCTION jk.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO jk.statements VALUES (0); RETURN NULL; END $$;
CREATE TRIGGER note AFTER INSERT ON jk.lead_journey FOR EACH STATEMENT EXECUTE FUNCTION jk.note();
INSERT INTO jk.import_row (batch, row_no, name, region, owner) SELECT 'r', i, chr(20000 + i * 7) || chr(21000 + i * 13) || chr(30000 + i * 5) || '有限公司', (ARRAY['east', 'west', 'north'])[i % 3 + 1], 'zhang' FROM generate_series(1, 40) i;
CALL leads.import_commit('r');
SELECT count(*) < 5 AS few FROM jk.statements;
DROP TRIGGER note ON jk.lead_journey;
SELECT r.region, count(*) AS leads, count(DISTINCT r.id) AS numbers FROM jk.lead_journey j JOIN jk.journey_region r ON r.id = j.region_id WHERE r.region ~ '^[a-z]' GROUP BY 1 ORDER BY 1;
SELECT count(*) AS faults FROM leads.verify();
-- regions that are alike for long are two, in sums too
SELECT outcome FROM leads.register('鼎盛精密机械有限公司', by_member => 'zhang', region => repeat('长', 100) || '东');
SELECT outcome FROM leads.register('宏图软件科技有限公司', by_member => 'zhang', region => repeat('长', 100) || '西');
CALL leads.tick();
SELECT right(f.segment, 1) AS segment, f.entered, e.entered AS from_events FROM leads.funnel(by => 'region') f JOIN leads.funnel(by => 'region', from_events => true) e USING (segment, "position") WHERE f."position" = 1 AND f.segment ~ '长' ORDER BY 1;
-- a journey that is damaged where the answer does not depend on it is refused, too
SET session_replication_role = replica;
UPDATE jk.lead_journey SET journey = set_byte(journey, octet_length(journey) - 1, get_byte(journey, octet_length(journey) - 1) # 1) WHERE lead_id = 1;
RESET session_replication_role;
\set VERBOSITY sqlstate
SELECT count(*) FROM leads.funnel(as_of => (SELECT entered_at + interval '1 second' FROM jk.lead_journey WHERE lead_id = 1));
\set VERBOSITY default
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('jk', 'jk');
