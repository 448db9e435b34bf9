-- No figure changes by a sweep, nor by a merge that is undone; a thousand reports leave no memory behind.
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai'; SET datestyle = 'ISO';
SET leads.clock = '2025-03-03 09:00+08';
SELECT leads.install('ks', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'ks';
SET synchronous_commit = off;
INSERT INTO ks.team (code, name) VALUES ('north', 'North');
INSERT INTO ks.member (code, name, team_id, created_at) VALUES ('zhang', 'Zhang', 1, '2025-01-01'), ('li', 'Li', NULL, '2025-01-01'), ('wang', 'Wang', 1, '2025-03-10');
INSERT INTO ks.channel_cost (channel_id, since, until, amount) SELECT id, '2025-03-01', '2025-06-01', 9200 FROM ks.channel;
CREATE TEMP TABLE name (id int, name text);
INSERT INTO name VALUES (1, '重庆鸿源商贸有限公司'), (2, '上海云帆信息技术有限公司'), (3, '广州明珠医疗器械有限公司'), (4, '成都锦城餐饮管理有限公司'), (5, '青岛海蓝水产有限公司'), (6, '沈阳北方机床制造有限公司'), (7, '杭州西溪茶叶有限公司'),
  (8, '武汉长江造船厂'), (9, '西安秦岭药业有限公司'), (10, '昆明滇池旅游发展有限公司'), (11, '哈尔滨雪原食品有限公司'), (12, '厦门鹭岛物流有限公司');
-- a history of ninety days, each day a few of what people do; what is refused is refused
CREATE TEMP TABLE done (what text, outcome text);
DO $$
DECLARE
  d int; n int; i int; l record; r record; c bigint; who text; at timestamptz;
BEGIN
  FOR d IN 0..89 LOOP
    FOR n IN 0..3 LOOP
      i := d * 4 + n;
      at := '2025-03-03 09:00+08'::timestamptz + d * interval '1 day' + n * interval '90 minutes';
      PERFORM set_config('leads.clock', at::text, false);
      who := (ARRAY['zhang', 'li', 'wang'])[1 + hashint4(i) % 3 + CASE WHEN hashint4(i) % 3 < 0 THEN 3 ELSE 0 END];
      BEGIN
        SELECT * INTO l FROM ks.lead ORDER BY hashint8(id * 7919 + i) LIMIT 1;
        CASE (hashint4(i * 31 + 7) & 15)
          WHEN 0, 1, 2, 3 THEN
            SELECT outcome INTO r FROM leads.register((SELECT x.name FROM name x WHERE x.id = 1 + (hashint4(i * 13) & 1023) % 12), channel => CASE WHEN i % 3 = 0 THEN 'website' ELSE 'manual' END,
              amount => 1000 + i, region => CASE WHEN i % 2 = 0 THEN '重庆' END, by_member => CASE WHEN i % 3 <> 0 THEN who END);
            INSERT INTO done VALUES ('register', r.outcome);
          WHEN 4, 5, 6 THEN
            PERFORM leads.log_activity(l.id, (ARRAY['call', 'visit', 'mail', 'wechat'])[1 + i % 4], 'talked about what they need, number ' || i, seconds => NULLIF(i % 5, 4) * 40);
            INSERT INTO done VALUES ('log_activity', 'ok');
          WHEN 7, 8, 9 THEN
            PERFORM leads.advance(l.id, (ARRAY['contacted', 'qualified', 'proposal', 'negotiation'])[1 + i % 4], 'because');
            INSERT INTO done VALUES ('advance', 'ok');
          WHEN 10 THEN
            PERFORM leads.win(l.id, 5000 + i * 100);
            INSERT INTO done VALUES ('win', 'ok');
          WHEN 11 THEN
            PERFORM leads.lose(l.id, 'price');
            INSERT INTO done VALUES ('lose', 'ok');
          WHEN 12 THEN
            PERFORM leads.reopen(l.id);
            INSERT INTO done VALUES ('reopen', 'ok');
          WHEN 13 THEN
            PERFORM leads.release(l.customer_id, 'no time');
            INSERT INTO done VALUES ('release', 'ok');
          ELSE
            SELECT customer_id INTO c FROM ks.pool_item ORDER BY customer_id LIMIT 1;
            IF c IS NOT NULL THEN
              PERFORM leads.claim(ARRAY[c], by_member => who);
              INSERT INTO done VALUES ('claim', 'ok');
            END IF;
        END CASE;
      EXCEPTION WHEN OTHERS THEN
        INSERT INTO done VALUES ('refused', SQLSTATE);
      END;
    END LOOP;
  END LOOP;
END $$;
-- each happened often enough to count for something
SELECT what, count(*) >= 5 AS often FROM done WHERE what <> 'refused' GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM leads.verify();

-- every figure, cut in every way that it has
CREATE TEMP TABLE cut (by text[]);
INSERT INTO cut VALUES (NULL), ('{owner}'), ('{team,month}'), ('{channel}'), ('{region}'), ('{stage}'), ('{returning}'), ('{week,channel}'), ('{reason}');
CREATE FUNCTION pg_temp.all_figures() RETURNS TABLE (what text, by text, said text) LANGUAGE plpgsql AS $$
DECLARE
  k text; b text[]; a text;
BEGIN
  FOREACH k IN ARRAY string_to_array('leads new_leads conversion conversion_period opportunity_rate stage_conversion first_response first_response_p90 open_leads open_amount load_gini won lost win_rate win_rate_amount won_amount won_customers avg_deal avg_deal_size cycle_mean cycle_median cycle_p90 cycle_attempt cycle_owned followups followups_raw calls call_connect_rate talk_time claimed pool_in pool_out claim_rate pool_dwell recycle_rate churn registrations duplicate_rate invalid_rate contention_rate approval_rate approval_hours protected_won expired_unused channel_cost channel_roi cac ltv output_per_head', ' ') LOOP
    FOR b IN SELECT c.by FROM cut c LOOP
      FOREACH a IN ARRAY ARRAY[NULL, 'at_event', 'closer', 'creator', 'first_owner'] LOOP
        BEGIN
          RETURN QUERY SELECT k, concat(b, ' ', a), string_agg(x::text, E'\n') FROM leads.kpi(k, '2025-03-05', '2025-05-30', b, a) x;
        EXCEPTION WHEN invalid_parameter_value THEN NULL;
        END;
      END LOOP;
    END LOOP;
  END LOOP;
  RETURN QUERY SELECT 'leaderboard', '', string_agg(x::text, E'\n') FROM leads.leaderboard(per => 'month') x;
  RETURN QUERY SELECT 'channel_performance', '', string_agg(x::text, E'\n') FROM leads.channel_performance(per => 'month') x;
  RETURN QUERY SELECT 'sales_cycle', '', string_agg(x::text, E'\n') FROM leads.sales_cycle(by => '{owner,month}') x;
  RETURN QUERY SELECT 'loss_analysis', '', string_agg(x::text, E'\n') FROM leads.loss_analysis(by => '{owner}') x;
  RETURN QUERY SELECT 'contact_effect', '', string_agg(x::text, E'\n') FROM leads.contact_effect() x;
  RETURN QUERY SELECT 'flow_report', '', string_agg(x::text, E'\n') FROM leads.flow_report('2025-04-01', '2025-05-01', '{owner}') x;
  RETURN QUERY SELECT 'forecast', '', string_agg(x::text, E'\n') FROM leads.forecast(by => '{owner}', min_support => 2) x;
END $$;
SET leads.clock = '2025-06-30 09:00+08';
SELECT outcome FROM leads.claim('{3,7}', by_member => 'wang');
-- a month later what nobody worked on has lapsed, and nobody has written it down
SET leads.clock = '2025-07-01 09:00+08';
SELECT count(*) > 3 AS some_have_lapsed FROM ks.ownership WHERE until IS NULL AND next_due_at <= leads.now();
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.all_figures();
CALL leads.tick();
SELECT count(*) AS unwritten FROM ks.ownership WHERE until IS NULL AND next_due_at <= leads.now();
CREATE TEMP TABLE after AS SELECT * FROM pg_temp.all_figures();
SELECT count(*) > 200 AS many, count(DISTINCT b.what) AS kinds, count(*) FILTER (WHERE b.said IS DISTINCT FROM a.said) AS differ FROM before b FULL JOIN after a USING (what, by);
SELECT b.what, b.by, b.said, a.said FROM before b FULL JOIN after a USING (what, by) WHERE b.said IS DISTINCT FROM a.said LIMIT 3;
-- three merges: all in pools, the survivor not, the survivor alone; undone in another order
SELECT customer_id, pool_id IS NOT NULL AS in_a_pool FROM ks.ownership WHERE until IS NULL AND customer_id < 8 ORDER BY 1;
SELECT merge_id FROM leads.merge(1, '{2}', reason => 'one');
SELECT merge_id FROM leads.merge(3, '{4,5}', reason => 'one');
SELECT merge_id FROM leads.merge(6, '{7}', reason => 'one');
CREATE TEMP TABLE merged AS SELECT * FROM pg_temp.all_figures();
-- what counts leads does not care, what counts customers may
SELECT count(*) FILTER (WHERE b.said IS DISTINCT FROM m.said AND b.what IN ('leads', 'won', 'lost', 'won_amount', 'win_rate', 'cycle_mean', 'cycle_median', 'followups', 'registrations', 'duplicate_rate') AND b.by !~ 'owner|team|region|returning|month') AS leads_differ,
  count(*) FILTER (WHERE b.said IS DISTINCT FROM m.said) > 0 AS something_differs FROM before b JOIN merged m USING (what, by);
SELECT count(*) AS undone FROM leads.unmerge(2) a, leads.unmerge(1) b, leads.unmerge(3) c;
CREATE TEMP TABLE undone AS SELECT * FROM pg_temp.all_figures();
SELECT count(*) > 200 AS many, count(*) FILTER (WHERE b.said IS DISTINCT FROM a.said) AS differ FROM before b FULL JOIN undone a USING (what, by);
SELECT b.what, b.by, b.said, a.said FROM before b FULL JOIN undone a USING (what, by) WHERE b.said IS DISTINCT FROM a.said LIMIT 3;
-- a stay in a pool that was merged meanwhile is one stay: who claims it claims what came before
SET leads.clock = '2025-07-02 09:00+08';
SELECT numerator AS claimed FROM leads.kpi('claim_rate') \gset
SELECT outcome FROM leads.claim('{2}', by_member => 'wang');
SET leads.clock = '2025-07-02 10:00+08';
SELECT numerator - :claimed AS one_more FROM leads.kpi('claim_rate');

-- memory
CREATE FUNCTION pg_temp.used() RETURNS bigint LANGUAGE sql AS 'SELECT sum(used_bytes)::bigint FROM pg_backend_memory_contexts';
CREATE TEMP TABLE used (entry text, warm bigint, after bigint);
\set kpi 'SELECT count(*) FROM generate_series(1, :n) i, LATERAL leads.kpi((ARRAY[''conversion'', ''win_rate'', ''won_amount'', ''first_response'', ''pool_dwell'', ''protected_won'', ''cac'', ''ltv'', ''output_per_head'', ''load_gini''])[1 + i % 10], ''2025-03-05'', ''2025-05-30'')'
\set reports 'SELECT count(*) FROM generate_series(1, :n) i, LATERAL (SELECT 1 FROM leads.leaderboard(per => ''month'') UNION ALL SELECT 1 FROM leads.channel_performance() UNION ALL SELECT 1 FROM leads.sales_cycle(by => ARRAY[left(''month'', 5 + 0 * i)]) UNION ALL SELECT 1 FROM leads.loss_analysis() UNION ALL SELECT 1 FROM leads.contact_effect() UNION ALL SELECT 1 FROM leads.flow_report() UNION ALL SELECT 1 FROM leads.forecast()) x'
\o /dev/null
\set n 20
:kpi;
:reports;
INSERT INTO used SELECT 'measuring', pg_temp.used(); UPDATE used SET after = pg_temp.used(); DELETE FROM used;
INSERT INTO used VALUES ('kpi', pg_temp.used());
\set n 1000
:kpi;
UPDATE used SET after = pg_temp.used() WHERE after IS NULL;
INSERT INTO used VALUES ('reports', pg_temp.used());
\set n 200
:reports;
UPDATE used SET after = pg_temp.used() WHERE after IS NULL;
\o
SELECT entry, CASE WHEN after - warm < 60000 THEN 'no leak' ELSE 'grew by ' || (after - warm) END AS verdict FROM used;
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('ks', 'ks');
