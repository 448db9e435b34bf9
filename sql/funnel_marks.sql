-- Test data and what turned out to be no lead: out of every figure unless asked for, and past figures as they were.
SET client_min_messages = warning; SET timezone = 'Asia/Shanghai'; SET datestyle = 'ISO';
SELECT leads.install('fm', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'fm';
INSERT INTO fm.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li');
INSERT INTO fm.channel (code, name, inbound, keeps, profiles, test) SELECT 'trial', 'Trial', inbound, keeps, profiles, true FROM fm.channel WHERE code = 'manual';
SET leads.clock = '2025-03-03 08:00+08';
SELECT count(*) > 0 AS published FROM leads.publish('pipeline', '', '{"count_registrations": true}');
SET leads.clock = '2025-03-03 09:00+08';
SELECT outcome, lead_id FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang', amount => 1000);
SELECT outcome, lead_id FROM leads.register('成都鼎盛科技有限公司', by_member => 'zhang', amount => 2000);
SELECT outcome, lead_id FROM leads.register('上海云帆医疗器械厂', by_member => 'li', amount => 4000);
SELECT outcome, lead_id FROM leads.register('广州明珠餐饮管理有限公司', by_member => 'li', amount => 8000, channel => 'trial');
SELECT effective FROM (VALUES (2), (4)) v(lead), LATERAL leads.log_activity(v.lead, 'call', 'asked what they need in detail', by_member => CASE v.lead WHEN 2 THEN 'zhang' ELSE 'li' END);
SELECT l.id, l.test, r.test AS registration, get_byte(j.journey, 1) AS flags FROM fm.lead l JOIN fm.registration r ON r.lead_id = l.id JOIN fm.lead_journey j ON j.lead_id = l.id ORDER BY 1;
-- what the channel becomes later changes nothing that was
UPDATE fm.channel SET test = NOT test WHERE code IN ('trial', 'manual');
SELECT string_agg(l.test::text, ' ' ORDER BY l.id) AS test FROM fm.lead l;
UPDATE fm.channel SET test = NOT test WHERE code IN ('trial', 'manual');

CREATE FUNCTION pg_temp.figures(test boolean, invalid boolean) RETURNS TABLE (figure text, value text) LANGUAGE sql AS $$
  SELECT m || coalesce(' by ' || b, '') || CASE WHEN e THEN ', events' ELSE '' END || CASE WHEN p THEN ', attempts' ELSE '' END, (SELECT string_agg(f.entered || '/' || f.lost_here || '/' || f.open_here, ' ' ORDER BY f.segment, f."position") FROM
      leads.funnel(mode => m, by => b, from_events => e, per_attempt => p, include_test => test, include_invalid => invalid) f WHERE f."position" IN (0, 1, 2))
    FROM unnest('{cohort,strict,flow,snapshot}'::text[]) m, unnest('{NULL,owner}'::text[]) b, unnest('{f,t}'::boolean[]) e, unnest('{f,t}'::boolean[]) p WHERE NOT (p AND m = 'snapshot')
  UNION ALL SELECT k, coalesce(v.value::text, '-') FROM unnest('{leads,conversion,invalid_leads,open_leads,open_amount,lost,win_rate,followups,calls,registrations,first_response,cac,load_gini}'::text[]) k, LATERAL leads.kpi(k, include_test => test, include_invalid => invalid) v
  UNION ALL SELECT 'losses', (SELECT coalesce(sum(losses), 0) || ' ' || coalesce(string_agg(reason, ',' ORDER BY reason), '-') FROM leads.loss_analysis(include_test => test, include_invalid => invalid))
  UNION ALL SELECT 'contact', n::text FROM leads.contact_effect(include_test => test, include_invalid => invalid) WHERE contact = 'all'
  UNION ALL SELECT 'flow_report', (SELECT string_agg(entries || '-' || lost, ' ' ORDER BY "position") FROM leads.flow_report(include_test => test, include_invalid => invalid) WHERE "position" < 3)
  UNION ALL SELECT 'forecast', (SELECT coalesce(sum(leads), 0)::text FROM leads.forecast())
  UNION ALL SELECT 'pipeline_now', (SELECT sum(entered) || ' ' || coalesce(sum(amount), 0) FROM fm.pipeline_now)
  UNION ALL SELECT 'velocity', (SELECT string_agg(segment || ' ' || open_leads || '/' || won || '/' || lost, ', ' ORDER BY segment) FROM fm.velocity)
  UNION ALL SELECT 'channels', (SELECT string_agg(channel || ' ' || leads || ' ' || registrations || ' ' || coalesce(invalid_lead_rate::text, '-'), ', ' ORDER BY channel) FROM leads.channel_performance()) $$;
SET leads.clock = '2025-03-03 10:00+08';
CREATE TEMP TABLE told (what text, at timestamptz, figure text, value text);
SELECT * FROM pg_temp.figures(false, false);
INSERT INTO told SELECT 'four leads', leads.now(), * FROM pg_temp.figures(false, false);
-- asked for, test data is there
INSERT INTO told SELECT 'and tests', leads.now(), * FROM pg_temp.figures(true, false);
SELECT a.figure, a.value, b.value AS with_tests FROM told a JOIN told b USING (figure) WHERE a.what = 'four leads' AND b.what = 'and tests' AND a.value <> b.value AND figure !~ ',' ORDER BY 1;

-- one is found to be spam: it leaves every figure of leads, what was done stays done
SET leads.clock = '2025-03-04 09:00+08';
SELECT stage FROM leads.lose(1, 'price');
SELECT stage FROM leads.advance(2, 'contacted');
SET leads.clock = '2025-03-05 09:00+08';
INSERT INTO told SELECT 'before', leads.now(), * FROM pg_temp.figures(false, false);
SELECT stage FROM leads.lose(2, 'spam');
INSERT INTO told SELECT 'spam', leads.now(), * FROM pg_temp.figures(false, false);
INSERT INTO told SELECT 'spam too', leads.now(), * FROM pg_temp.figures(false, true);
SELECT a.figure, a.value AS before, b.value AS spam, c.value AS included FROM told a JOIN told b USING (figure) JOIN told c USING (figure) WHERE (a.what, b.what, c.what) = ('before', 'spam', 'spam too') AND (a.value <> b.value OR b.value <> c.value) AND figure !~ ',' ORDER BY 1;
-- from events and rollups the same; attempts of a lead that has one are the lead
SELECT what, count(DISTINCT value) FILTER (WHERE figure ~ '^(cohort|strict|flow|snapshot)') AS funnels, count(*) FILTER (WHERE split_part(figure, ',', 1) <> figure) AS compared,
    count(*) FILTER (WHERE value <> (SELECT x.value FROM told x WHERE x.what = t.what AND x.figure = split_part(t.figure, ',', 1))) AS differences FROM told t GROUP BY 1 ORDER BY 1;
SELECT * FROM leads.verify();
SELECT * FROM leads.rollup_verify();
SET leads.clock = '2025-03-05 10:00+08';
CALL leads.tick();
SELECT count(*) AS pending, (SELECT entered FROM leads.funnel() WHERE stage = 'new') AS from_cells FROM fm.rollup_delta;
-- as of before the loss it counts as it did, as of the loss it does not
SELECT d.at, f.stage, f.entered, f.lost_here, f.open_here FROM (VALUES (timestamptz '2025-03-05 08:59:59.999999+08'), ('2025-03-05 09:00:01+08')) d(at), LATERAL leads.funnel(as_of => d.at) f WHERE f."position" IN (1, 2) ORDER BY 1, f."position";
SELECT stage, entered, lost_here, open_here FROM leads.funnel(as_of => '2025-03-05 09:00:01+08', include_invalid => true) WHERE "position" IN (1, 2);
-- a time limit that ends before the loss hides it from nobody
SELECT per_attempt, include, f.entered FROM unnest('{f,t}'::boolean[]) per_attempt, unnest('{f,t}'::boolean[]) include, LATERAL leads.funnel(within => '12 hours', per_attempt => per_attempt, include_invalid => include) f WHERE f.stage = 'new' ORDER BY 1, 2;

-- opened again it is a lead, and its first attempt was none
SET leads.clock = '2025-03-06 09:00+08';
SELECT stage FROM leads.reopen(2, 'contacted', 'they called');
SELECT per_attempt, include, f.stage, f.entered, f.lost_here, f.open_here FROM unnest('{f,t}'::boolean[]) per_attempt, unnest('{f,t}'::boolean[]) include, LATERAL leads.funnel(per_attempt => per_attempt, include_invalid => include) f WHERE f."position" IN (1, 2) ORDER BY 1, 2, f."position";
-- the limit of an attempt runs from its own beginning
SELECT e AS events, f.stage, f.entered, f.open_here FROM unnest('{f,t}'::boolean[]) e, LATERAL leads.funnel(within => '30 minutes', per_attempt => true, from_events => e) f WHERE f."position" IN (1, 2) ORDER BY 1, f."position";
SELECT lead_id, segment, n FROM leads.funnel_leads('contacted', by => 'owner', attribution => 'closer', within => '30 minutes', per_attempt => true);
SELECT value, n FROM leads.kpi('invalid_leads');
SELECT include, coalesce(sum(losses), 0) AS losses FROM unnest('{f,t}'::boolean[]) include LEFT JOIN LATERAL leads.loss_analysis(include_invalid => include) ON true GROUP BY 1 ORDER BY 1;
SET leads.clock = '2025-03-06 10:00+08';
-- lost for another reason it is a lead that was lost; the loss as spam still counts for nothing
SELECT stage FROM leads.lose(2, 'no_need');
SELECT reason, losses FROM leads.loss_analysis() ORDER BY 1;
SELECT value FROM leads.kpi('lost');
-- yesterday's figures are yesterday's
SELECT (SELECT string_agg(entered || '/' || lost_here || '/' || open_here, ' ' ORDER BY "position") FROM leads.funnel(as_of => '2025-03-05 09:00:01+08') WHERE "position" BETWEEN 1 AND 2) AS spam, (SELECT value FROM told WHERE what = 'spam' AND figure = 'cohort') AS told;
SELECT * FROM leads.rollup_verify();
CALL leads.tick();
SELECT * FROM leads.rollup_verify();

-- the reasons are those of the policy in force when it was lost
SET leads.clock = '2025-03-07 09:00+08';
SELECT count(*) > 0 AS published FROM leads.publish('pipeline', '', '{"lose_reasons": ["price", "no_need", "spam"], "invalid_reasons": ["no_need"]}');
SET leads.clock = '2025-03-07 09:01+08';
SELECT id, invalid FROM fm.lead ORDER BY 1;
SELECT stage FROM leads.lose(3, 'no_need');
SELECT count(*) > 0 AS published FROM leads.publish('pipeline', '', '{"invalid_reasons": []}');
SET leads.clock = '2025-03-07 09:02+08';
SELECT id, invalid FROM fm.lead ORDER BY 1;
SELECT stage, entered FROM leads.funnel() WHERE stage = 'new';
SELECT numerator, denominator, value FROM leads.kpi('invalid_leads');

-- merged: who asked twice is one; the last loss says what it was. Test data stays by itself.
SET leads.clock = '2025-03-10 09:00+08';
SELECT count(*) > 0 AS published FROM leads.publish('pipeline', '', '{}');
SET leads.clock = '2025-03-10 09:01+08';
SELECT outcome, lead_id FROM leads.register('青岛海蓝机床制造有限公司', by_member => 'zhang');
SELECT outcome, lead_id FROM leads.register('沈阳北方机械有限公司', by_member => 'zhang');
SELECT outcome, lead_id FROM leads.register('武汉长江物流有限公司', by_member => 'zhang', channel => 'trial');
SET leads.clock = '2025-03-11 09:00+08';
SELECT jsonb_array_length(moved -> 'lead_joined') AS joined FROM leads.merge((SELECT customer_id FROM fm.lead WHERE id = 5), ARRAY(SELECT customer_id FROM fm.lead WHERE id IN (6, 7) ORDER BY id), reason => 'one');
SELECT id, merged_into, test FROM fm.lead WHERE id > 4 ORDER BY 1;
SET leads.clock = '2025-03-12 09:00+08';
SELECT events, f.entered FROM unnest('{f,t}'::boolean[]) events, LATERAL leads.funnel('2025-03-10', from_events => events) f WHERE f.stage = 'new';
SELECT stage FROM leads.lose(6, 'wrong_number');
SELECT events, f.entered FROM unnest('{f,t}'::boolean[]) events, LATERAL leads.funnel('2025-03-10', from_events => events) f WHERE f.stage = 'new';
SELECT events, f.entered FROM unnest('{f,t}'::boolean[]) events, LATERAL leads.funnel('2025-03-10', from_events => events, as_of => '2025-03-10 10:00+08') f WHERE f.stage = 'new';
SELECT * FROM leads.verify();
SELECT * FROM leads.rollup_verify();

-- before journeys are built figures come from events, and are the same
CREATE TEMP TABLE before AS SELECT x.* FROM unnest('{leads,invalid_leads,lost,open_leads}'::text[]) k, LATERAL leads.kpi(k) x;
CREATE TEMP TABLE journey AS SELECT lead_id, journey FROM fm.lead_journey;
SET session_replication_role = replica;
UPDATE fm.journey_run SET finished_at = NULL;
RESET session_replication_role;
SELECT count(*) AS differences FROM (SELECT x.* FROM unnest('{leads,invalid_leads,lost,open_leads}'::text[]) k, LATERAL leads.kpi(k) x EXCEPT TABLE before) d;
-- damaged and lost journeys are made anew with their marks
SET session_replication_role = replica;
UPDATE fm.lead_journey SET journey = set_byte(journey, 1, 0); DELETE FROM fm.lead_journey WHERE lead_id IN (3, 4);
RESET session_replication_role;
CALL leads.rebuild_journeys();
SELECT count(*) AS journeys, count(*) FILTER (WHERE a.journey IS DISTINCT FROM b.journey) AS differences FROM journey a FULL JOIN fm.lead_journey b USING (lead_id);

-- the lead and its history say the same
SET session_replication_role = replica;
UPDATE fm.lead SET invalid = NOT invalid WHERE id IN (1, 3);
RESET session_replication_role;
SELECT * FROM leads.verify();
SET session_replication_role = replica;
UPDATE fm.lead SET invalid = NOT invalid WHERE id IN (1, 3);
RESET session_replication_role;
SELECT * FROM leads.verify();

-- what waits for approval is what it was when it came
SELECT leads.set_registration(approval => true) > 0 AS published;
SET leads.clock = '2025-03-13 09:00+08';
SELECT outcome, registration_id FROM leads.register('昆明云岭花卉有限公司', by_member => 'li', channel => 'trial') \gset
\echo :outcome
UPDATE fm.channel SET test = false WHERE code = 'trial';
SELECT state FROM leads.approve_registration(:registration_id);
UPDATE fm.channel SET test = true WHERE code = 'trial';
SELECT r.state, r.test AS registration, l.test FROM fm.registration r JOIN fm.lead l ON l.registration_id = r.id WHERE r.id = :registration_id;
-- an imported lead through a channel for tests is both
SELECT leads.import_stage('b1', '[{"name": "长沙湘江贸易有限公司", "owner": "li", "created_at": "2025-01-05 09:00"}]', channel => 'trial') IS NOT NULL AS staged;
CALL leads.import_commit('b1');
SELECT l.imported, l.test, r.test AS registration, get_byte(j.journey, 1) AS flags FROM fm.lead l JOIN fm.registration r ON r.id = l.registration_id JOIN fm.lead_journey j ON j.lead_id = l.id ORDER BY l.id DESC LIMIT 1;
SELECT imported, test, f.entered FROM unnest('{f,t}'::boolean[]) imported, unnest('{f,t}'::boolean[]) test, LATERAL leads.funnel('2025-01-01', '2025-02-01', include_imported => imported, include_test => test) f WHERE f.stage = 'new' ORDER BY 1, 2;
-- nor does a test touch what was won, or make somebody known; who was no lead was none
SET leads.clock = '2025-03-14 09:00+08';
SELECT leads.set_registration(approval => false) > 0 AS published;
INSERT INTO fm.channel_cost (channel_id, since, until, amount) SELECT id, '2025-03-14', '2025-03-15', 100 FROM fm.channel WHERE code IN ('manual', 'trial');
SET leads.clock = '2025-03-14 09:01+08';
SELECT outcome, lead_id FROM leads.register('南昌赣江陶瓷有限公司', by_member => 'li') \gset touched_
SELECT outcome, lead_id = :touched_lead_id AS same FROM leads.register('南昌赣江陶瓷有限公司', by_member => 'li', channel => 'trial');
SELECT outcome, lead_id FROM leads.register('贵阳乌江酒业有限公司', by_member => 'li', channel => 'trial') \gset test_
SELECT outcome, lead_id FROM leads.register('兰州河西葡萄酒厂', by_member => 'li') \gset spam_
SET leads.clock = '2025-03-14 10:00+08';
SELECT stage FROM leads.win(:touched_lead_id, 1000);
SELECT stage FROM leads.lose(:test_lead_id, 'price');
SELECT stage FROM leads.lose(:spam_lead_id, 'spam');
SET leads.clock = '2026-03-14 09:00+08';
SELECT outcome FROM leads.register('贵阳乌江酒业有限公司', by_member => 'li');
SELECT outcome FROM leads.register('兰州河西葡萄酒厂', by_member => 'li');
SELECT k, test, segment, value, numerator FROM unnest('{channel_roi_last,channel_roi_linear}'::text[]) k, unnest('{f,t}'::boolean[]) test, LATERAL leads.kpi(k, '2025-03-14', by => '{channel}', include_test => test) ORDER BY k, test, segment;
SELECT test, invalid, segment, value FROM unnest('{f,t}'::boolean[]) test, unnest('{f,t}'::boolean[]) invalid, LATERAL leads.kpi('leads', '2026-01-01', by => '{returning}', include_test => test, include_invalid => invalid) ORDER BY 1, 2, 3;
-- what a real customer asks is not hidden in what was only tried out: a lead of its own, and the next inquiry goes there
SELECT outcome, lead_id FROM leads.register('西宁青稞酒业有限公司', by_member => 'li', channel => 'trial') \gset tried_
SELECT outcome, lead_id FROM leads.register('西宁青稞酒业有限公司', by_member => 'li') \gset real_
SELECT :'tried_outcome' AS tried, :'real_outcome' AS real, :real_lead_id <> :tried_lead_id AS of_its_own, (SELECT string_agg(l.test::text, ' ' ORDER BY l.id) FROM fm.lead l WHERE l.id IN (:tried_lead_id, :real_lead_id)) AS test;
SELECT outcome, lead_id = :real_lead_id AS same FROM leads.register('西宁青稞酒业有限公司', by_member => 'li');
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('fm', 'fm');
