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
INSERT INTO name SELECT row_number() OVER (), c || w FROM unnest(ARRAY['重庆鸿源', '上海云帆', '广州明珠', '成都锦城', '青岛海蓝', '沈阳北方', '杭州西溪', '武汉长江']) c, unnest(ARRAY['商贸有限公司', '医疗器械厂', '信息技术股份有限公司', '餐饮管理有限公司', '机床制造有限公司']) w;
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
            SELECT outcome INTO r FROM leads.register((SELECT x.name FROM name x WHERE x.id = 1 + (hashint4(i * 13) & 1023) % 40), channel => CASE WHEN i % 3 = 0 THEN 'website' ELSE 'manual' END,
              amount => 1000 + i, region => CASE WHEN i % 2 = 0 THEN '重庆' END, by_member => CASE WHEN i % 3 <> 0 THEN who END);
            INSERT INTO done VALUES ('register', r.outcome);
          WHEN 4, 5, 6 THEN
            PERFORM leads.log_activity(l.id, (ARRAY['call', 'visit', 'mail', 'wechat'])[1 + i % 4], 'talked about what they need, number ' || i, seconds => NULLIF(i % 5, 4) * 40,
              by_member => (SELECT m.code FROM ks.ownership o JOIN ks.member m ON m.id = o.member_id WHERE o.customer_id = l.customer_id AND o.until IS NULL));
            INSERT INTO done VALUES ('log_activity', 'ok');
          WHEN 7, 8, 9 THEN
            PERFORM leads.advance(l.id, (ARRAY['contacted', 'qualified', 'proposal', 'negotiation'])[1 + i % 4], 'because');
            INSERT INTO done VALUES ('advance', 'ok');
          WHEN 10 THEN
            PERFORM leads.win(l.id, 5000 + i * 100);
            INSERT INTO done VALUES ('win', 'ok');
          WHEN 11 THEN
            PERFORM leads.lose(l.id, (ARRAY['price', 'spam'])[1 + i % 2]);
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
SELECT (SELECT count(*) FROM ks.lead) AS leads, (SELECT count(*) FROM ks.event WHERE kind = 'won') AS wins, (SELECT count(*) FROM ks.event WHERE kind = 'reopened') AS reopened, (SELECT count(*) FROM ks.registration WHERE outcome = 'blocked') AS blocked, (SELECT count(*) FROM leads.verify()) AS faults;

-- every figure, cut in every way that it has
CREATE TEMP TABLE cut (by text[]);
INSERT INTO cut VALUES (NULL), ('{owner}'), ('{team,month}'), ('{channel}'), ('{region}'), ('{stage}'), ('{returning}'), ('{week,channel}'), ('{reason}');
CREATE FUNCTION pg_temp.all_figures() RETURNS TABLE (what text, by text, said text) LANGUAGE plpgsql AS $$
DECLARE
  k text; b text[]; a text;
BEGIN
  FOREACH k IN ARRAY string_to_array('leads invalid_leads new_leads conversion conversion_period opportunity_rate stage_conversion first_response first_response_p90 open_leads open_amount load_gini won lost win_rate win_rate_amount won_amount won_customers avg_deal avg_deal_size cycle_mean cycle_median cycle_p90 cycle_attempt cycle_owned followups followups_raw calls call_connect_rate talk_time claimed pool_in pool_out claim_rate pool_dwell recycle_rate churn registrations duplicate_rate invalid_rate contention_rate approval_rate approval_hours protected_won expired_unused channel_cost channel_roi channel_roi_last channel_roi_linear cac ltv output_per_head', ' ') LOOP
    FOR b IN SELECT c.by FROM cut c LOOP
      FOREACH a IN ARRAY ARRAY[NULL, 'at_event', 'closer', 'creator', 'first_owner'] LOOP
        BEGIN
          RETURN QUERY SELECT k, concat(b, ' ', a), string_agg(x::text, E'\n') FROM leads.kpi(k, '2025-03-05', '2025-07-01', b, a) x;
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
-- the same from event rows in plain SQL, which calls nothing of ours: what each lead's last move was, by channel and month
CREATE TEMP VIEW plain AS WITH span AS (SELECT '2025-03-05 00:00+08'::timestamptz AS since, '2025-05-30 00:00+08'::timestamptz AS until),
  move AS (SELECT e.*, row_number() OVER (PARTITION BY e.lead_id ORDER BY e.at DESC, e.id DESC) AS back FROM ks.event e WHERE e.kind IN ('entered', 'advanced', 'won', 'lost', 'reopened')),
  here AS (SELECT l.id, l.customer_id, h.code AS channel, l.amount, (SELECT min(e.at) FROM ks.event e WHERE e.lead_id = l.id AND e.kind = 'entered') AS begun, m.kind, m.at, (SELECT s.position FROM ks.stage s
    WHERE s.id = CASE WHEN m.kind = 'lost' THEN m.from_stage_id ELSE m.to_stage_id END) >= (SELECT min(q.position) FROM ks.stage q WHERE q.qualifies) AS qualified, m.data @> '{"invalid": true}' IS TRUE AS invalid FROM ks.lead l JOIN ks.channel h ON h.id = l.channel_id JOIN move m ON m.lead_id = l.id AND m.back = 1),
  closed AS (SELECT h.*, to_char(h.at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month FROM here h, span WHERE NOT h.invalid AND h.kind IN ('won', 'lost') AND h.at >= since AND h.at < until),
  every AS (SELECT h.*, to_char(h.begun AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month FROM here h, span WHERE h.begun >= since AND h.begun < until),
  begun AS (SELECT * FROM every WHERE NOT invalid),
  first AS (SELECT DISTINCT ON (customer_id) * FROM closed WHERE kind = 'won' ORDER BY customer_id, at, id),
  first_of_begun AS (SELECT DISTINCT ON (customer_id) * FROM begun WHERE kind = 'won' ORDER BY customer_id, at, id)
SELECT 'won' AS name, channel, month, count(*)::numeric AS value FROM closed WHERE kind = 'won' GROUP BY 2, 3
UNION ALL SELECT 'lost', channel, month, count(*) FROM closed WHERE kind = 'lost' GROUP BY 2, 3
UNION ALL SELECT 'win_rate', channel, month, round(100.0 * count(*) FILTER (WHERE kind = 'won') / count(*), 2) FROM closed GROUP BY 2, 3
UNION ALL SELECT 'win_rate_amount', channel, month, round(100 * sum(amount) FILTER (WHERE kind = 'won') / nullif(sum(amount), 0), 2) FROM closed GROUP BY 2, 3
UNION ALL SELECT 'won_amount', channel, month, trim_scale(sum(amount)) FROM closed WHERE kind = 'won' GROUP BY 2, 3
UNION ALL SELECT 'avg_deal_size', channel, month, round(sum(amount) / count(*), 2) FROM closed WHERE kind = 'won' GROUP BY 2, 3
UNION ALL SELECT 'won_customers', channel, month, count(*) FROM first GROUP BY 2, 3
UNION ALL SELECT 'cycle_mean', channel, month, round(avg(extract(epoch FROM at - begun)) / 86400, 2) FROM closed WHERE kind = 'won' GROUP BY 2, 3
UNION ALL SELECT 'leads', channel, month, count(*) FROM begun GROUP BY 2, 3
UNION ALL SELECT 'invalid_leads', channel, month, round(100.0 * count(*) FILTER (WHERE invalid) / count(*), 2) FROM every GROUP BY 2, 3
UNION ALL SELECT 'open_leads', channel, month, count(*) FROM begun WHERE kind NOT IN ('won', 'lost') GROUP BY 2, 3
UNION ALL SELECT 'opportunity_rate', channel, month, round(100.0 * count(*) FILTER (WHERE qualified OR kind = 'won') / count(*), 2) FROM begun GROUP BY 2, 3
UNION ALL SELECT 'conversion', b.channel, b.month, round(100.0 * (SELECT count(*) FROM first_of_begun f WHERE (f.channel, f.month) = (b.channel, b.month)) / count(*), 2) FROM begun b GROUP BY 2, 3
UNION ALL SELECT 'followups', h.code, to_char(a.occurred_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM'), count(*) FROM ks.activity a JOIN ks.lead l ON l.id = a.lead_id JOIN ks.channel h ON h.id = l.channel_id, span
  WHERE a.effective AND a.author_id IS NOT NULL AND a.occurred_at >= since AND a.occurred_at < until GROUP BY 2, 3
UNION ALL SELECT 'talk_time', h.code, to_char(a.occurred_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM'), sum(a.seconds) FROM ks.activity a JOIN ks.lead l ON l.id = a.lead_id JOIN ks.channel h ON h.id = l.channel_id, span
  WHERE a.kind = 'call' AND a.seconds >= 60 AND a.author_id IS NOT NULL AND a.occurred_at >= since AND a.occurred_at < until GROUP BY 2, 3
UNION ALL SELECT 'registrations', h.code, to_char(r.submitted_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM'), count(*) FROM ks.registration r JOIN ks.channel h ON h.id = r.channel_id, span
  WHERE r.submitted_at >= since AND r.submitted_at < until GROUP BY 2, 3;
SELECT p.name, count(*) AS rows, count(*) FILTER (WHERE p.value IS DISTINCT FROM k.value) AS differ FROM plain p
  FULL JOIN (SELECT k.* FROM (SELECT DISTINCT name FROM plain) n, LATERAL leads.kpi(n.name, '2025-03-05 00:00+08', '2025-05-30 00:00+08', '{channel,month}') k WHERE k.value <> 0) k ON (k.name, k.segment) = (p.name, ARRAY[p.channel, p.month])
  WHERE p.value <> 0 OR p.name IS NULL GROUP BY 1 ORDER BY 1;
-- pools from the intervals
SELECT (SELECT count(*) FROM ks.ownership p WHERE (p.pool_id IS NOT NULL AND NOT EXISTS (SELECT FROM ks.ownership q WHERE q.customer_id = p.customer_id AND q.scope = p.scope AND q.pool_id IS NOT NULL AND q.until = p.since)) OR p.next_due_at <= leads.now()) = (SELECT value FROM leads.kpi('pool_in')) AS came,
  (SELECT count(*) FROM ks.ownership WHERE cause = 'claimed') = (SELECT value FROM leads.kpi('claimed')) AS claimed, (SELECT count(*) FROM ks.event WHERE kind = 'claimed') = (SELECT value FROM leads.kpi('claimed')) AS claims,
  (SELECT sum(leads) FROM leads.forecast()) = (SELECT sum(open_here) FROM leads.funnel(mode => 'snapshot')) AS forecast_is_snapshot, (SELECT value FROM leads.kpi('leads')) = (SELECT entered FROM leads.funnel() WHERE "position" = 1) AS leads_are_cohort;
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.all_figures();
CALL leads.tick();
SELECT count(*) AS unwritten FROM ks.ownership WHERE until IS NULL AND next_due_at <= leads.now();
CREATE TEMP TABLE after AS SELECT * FROM pg_temp.all_figures();
SELECT count(*) > 200 AS many, count(DISTINCT b.what) AS kinds, count(*) FILTER (WHERE b.said IS DISTINCT FROM a.said) AS differ FROM before b FULL JOIN after a USING (what, by);
SELECT b.what, b.by, left(b.said, 200), left(a.said, 200) FROM before b FULL JOIN after a USING (what, by) WHERE b.said IS DISTINCT FROM a.said LIMIT 3;
-- three merges: all in pools, the survivor not, the survivor alone; undone in another order
SELECT customer_id, pool_id IS NOT NULL AS in_a_pool FROM ks.ownership WHERE until IS NULL AND customer_id < 8 ORDER BY 1;
SELECT merge_id FROM leads.merge(1, '{2}', reason => 'one', join_leads => false);
SELECT merge_id FROM leads.merge(3, '{4,5}', reason => 'one', join_leads => false);
SELECT merge_id FROM leads.merge(6, '{7}', reason => 'one', join_leads => false);
CREATE TEMP TABLE merged AS SELECT * FROM pg_temp.all_figures();
-- what counts leads does not care, what counts customers may
SELECT count(*) FILTER (WHERE b.said IS DISTINCT FROM m.said AND b.what IN ('leads', 'won', 'lost', 'won_amount', 'win_rate', 'cycle_mean', 'cycle_median', 'followups', 'registrations', 'duplicate_rate') AND b.by !~ 'owner|team|region|returning|month') AS leads_differ,
  count(*) FILTER (WHERE b.said IS DISTINCT FROM m.said) > 0 AS something_differs FROM before b JOIN merged m USING (what, by);
SELECT count(*) AS undone FROM leads.unmerge(2) a, leads.unmerge(1) b, leads.unmerge(3) c;
-- the same where their open leads become one: of these there are fewer
SELECT jsonb_array_length(moved -> 'lead_joined') AS joined FROM leads.merge(1, '{2}', reason => 'one') UNION ALL SELECT jsonb_array_length(moved -> 'lead_joined') FROM leads.merge(3, '{4,5}', reason => 'one')
  UNION ALL SELECT jsonb_array_length(moved -> 'lead_joined') FROM leads.merge(6, '{7}', reason => 'one');
SELECT b.what, a.value - m.value AS fewer FROM (VALUES ('leads', (SELECT count(*) FROM ks.lead WHERE NOT invalid)), ('open_leads', (SELECT count(*) FROM ks.lead WHERE closed_at IS NULL OR merged_into IS NOT NULL))) a(what, value)
  CROSS JOIN LATERAL (SELECT a.what) b CROSS JOIN LATERAL leads.kpi(b.what) m;
SELECT * FROM leads.verify();
SELECT count(*) AS undone FROM leads.unmerge(6) a, leads.unmerge(4) b, leads.unmerge(5) c;
CREATE TEMP TABLE undone AS SELECT * FROM pg_temp.all_figures();
SELECT count(*) > 200 AS many, count(*) FILTER (WHERE b.said IS DISTINCT FROM a.said) AS differ FROM before b FULL JOIN undone a USING (what, by);
SELECT b.what, b.by, left(b.said, 200), left(a.said, 200) FROM before b FULL JOIN undone a USING (what, by) WHERE b.said IS DISTINCT FROM a.said LIMIT 3;
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
