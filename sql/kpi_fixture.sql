-- Every figure over a fixture that was counted by hand; the sums stand beside.
SET client_min_messages = warning;
SET timezone = 'America/New_York'; SET datestyle = 'ISO';
SELECT leads.install('kp', lang => 'zh', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'kp';
SET leads.clock = '2025-04-10 09:00+08';
\set march '''2025-03-01 00:00+08'', ''2025-04-01 00:00+08'''
-- a company without anything: counts are 0, what divides by nothing is NULL
SELECT k.name, k.value, k.n FROM unnest(ARRAY['leads', 'conversion', 'win_rate', 'won_amount', 'avg_deal', 'cycle_median', 'first_response', 'claim_rate', 'channel_roi', 'cac', 'load_gini']) u(name),
  LATERAL leads.kpi(u.name, :march) k;
CREATE ROLE regress_kp_zhang; CREATE ROLE regress_kp_li; CREATE ROLE regress_kp_boss; CREATE ROLE regress_kp_bi; CREATE ROLE regress_kp_sender; CREATE ROLE regress_kp_admin;
INSERT INTO kp.team (code, name) VALUES ('north', 'North');
INSERT INTO kp.member (code, name, team_id, is_manager, created_at, db_role) VALUES ('zhang', '张伟', 1, false, '2025-01-01 00:00+08', 'regress_kp_zhang'),
  ('li', '李娜', NULL, false, '2025-03-17 00:00+08', 'regress_kp_li'), ('boss', '王总', 1, true, '2025-01-01 00:00+08', 'regress_kp_boss');
SELECT leads.grant_access('regress_kp_zhang', 'rep'), leads.grant_access('regress_kp_li', 'rep'), leads.grant_access('regress_kp_boss', 'rep'),
  leads.grant_access('regress_kp_bi', 'bi'), leads.grant_access('regress_kp_sender', 'sender'), leads.grant_access('regress_kp_admin', 'admin');
-- who keeps the books enters costs: website 100 a day in March, salaries 2000; of a website deal 0.4 remains
SET ROLE regress_kp_admin;
INSERT INTO kp.channel_cost (channel_id, since, until, amount, note) SELECT c.id, '2025-03-01', '2025-04-01', 3100, 'ads' FROM kp.channel c WHERE c.code = 'website';
INSERT INTO kp.channel_cost (since, until, amount, note) VALUES ('2025-03-01', '2025-04-01', 2000, 'salaries');
UPDATE kp.channel SET margin = 0.4 WHERE code = 'website';
RESET ROLE;
SET session_replication_role = replica;
INSERT INTO kp.pool (code, name) VALUES ('second', '二池');
INSERT INTO kp.customer (kind, name, region, industry, created_at, last_event_at)
  SELECT 'company', 'customer ' || n, CASE WHEN n IN (1, 3, 5) THEN '重庆市' WHEN n <> 6 THEN '四川省' END, CASE WHEN n < 5 THEN '机械' END, '2025-01-01', '2025-03-01' FROM generate_series(1, 8) n;
-- lead: customer, channel, stage now (1 new 2 contacted 3 qualified 4 proposal 5 negotiation 6 won 7 lost), amount, begun, closed
CREATE TEMP TABLE l (id int, customer int, channel text, stage int, amount numeric, begun text, closed text, reason text);
INSERT INTO l VALUES (1, 1, 'website', 6, 10000, '2025-03-01', '2025-03-10', NULL), (2, 1, 'manual', 6, 5000, '2025-03-05', '2025-03-20', NULL),
  (3, 2, 'website', 7, 8000, '2025-03-02', '2025-03-12', 'price'), (4, 3, 'website', 2, 3000, '2025-03-03', NULL, NULL), (5, 4, 'manual', 2, 2000, '2025-03-04', NULL, NULL),
  (6, 5, 'manual', 6, 20000, '2025-02-20', '2025-03-06', NULL), (7, 6, 'website', 2, 4000, '2025-03-06', NULL, NULL), (8, 7, 'manual', 6, 99999, '2025-03-01', '2025-03-02', NULL),
  (9, 8, 'website', 6, 1000, '2025-03-07', '2025-03-25', NULL), (10, 8, 'manual', 6, 7000, '2025-01-05', '2025-01-20', NULL), (11, 5, 'manual', 1, NULL, '2025-02-01', NULL, NULL);
INSERT INTO kp.lead (customer_id, stage_id, stage_since, channel_id, amount, created_at, closed_at, close_reason, imported, created_by, expected_on, line)
  SELECT l.customer, l.stage, (l.begun || ' 09:00+08')::timestamptz, c.id, l.amount, (l.begun || ' 09:00+08')::timestamptz, (l.closed || ' 09:00+08')::timestamptz, l.reason, l.id = 8,
    CASE l.id WHEN 1 THEN 1 END, CASE l.id WHEN 4 THEN '2025-05-20'::date WHEN 5 THEN '2025-03-31' END, CASE WHEN l.id < 4 THEN 'pump' ELSE '' END FROM l JOIN kp.channel c ON c.code = l.channel ORDER BY l.id;
-- lead, day at 09:00, kind, from, to, attempt, owner (1 zhang, 2 li, none = pool), data
CREATE TEMP TABLE e (lead_id bigint, day text, kind text, f int, t int, attempt int, owner_id int, data jsonb);
INSERT INTO e VALUES
  (1, '2025-03-01', 'entered', NULL, 1, 1, 1, NULL), (1, '2025-03-02', 'advanced', 1, 2, 1, 1, NULL), (1, '2025-03-10', 'won', 2, 6, 1, 1, NULL),
  (2, '2025-03-05', 'entered', NULL, 1, 1, 1, NULL), (2, '2025-03-15', 'handed', NULL, NULL, NULL, 2, NULL), (2, '2025-03-20', 'won', 1, 6, 1, 2, NULL),
  (3, '2025-03-02', 'entered', NULL, 1, 1, 2, NULL), (3, '2025-03-03', 'advanced', 1, 3, 1, 2, NULL), (3, '2025-03-12', 'lost', 3, 7, 1, 2, '{"reason": "price"}'),
  (4, '2025-03-03', 'entered', NULL, 1, 1, NULL, NULL), (4, '2025-03-06', 'handed', NULL, NULL, NULL, 1, NULL), (4, '2025-03-07', 'advanced', 1, 2, 1, 1, NULL),
  (5, '2025-03-04', 'entered', NULL, 1, 1, 2, NULL), (5, '2025-03-06', 'advanced', 1, 3, 1, 2, NULL), (5, '2025-03-08', 'advanced', 3, 2, 1, 2, NULL),
  (6, '2025-02-20', 'entered', NULL, 1, 1, 1, NULL), (6, '2025-02-25', 'lost', 1, 7, 1, 1, '{"reason": "no_need"}'), (6, '2025-03-01', 'reopened', 7, 1, 2, 1, NULL), (6, '2025-03-06', 'won', 1, 6, 2, 1, NULL),
  (7, '2025-03-06', 'entered', NULL, 1, 1, 2, NULL), (7, '2025-03-09', 'won', 1, 6, 1, 2, NULL), (7, '2025-03-11', 'reopened', 6, 2, 2, 2, NULL),
  (8, '2025-03-01', 'entered', NULL, 1, 1, 2, NULL), (8, '2025-03-02', 'won', 1, 6, 1, 2, NULL),
  (9, '2025-03-07', 'entered', NULL, 1, 1, 2, NULL), (9, '2025-03-10', 'handed', NULL, NULL, NULL, NULL, NULL), (9, '2025-03-14', 'handed', NULL, NULL, NULL, 2, NULL), (9, '2025-03-25', 'won', 1, 6, 1, 2, NULL),
  (10, '2025-01-05', 'entered', NULL, 1, 1, 1, NULL), (10, '2025-01-20', 'won', 1, 6, 1, 1, NULL),
  (11, '2025-02-01', 'entered', NULL, 1, 1, 1, NULL);
INSERT INTO kp.event (customer_id, lead_id, kind, at, recorded_at, owner_id, from_stage_id, to_stage_id, attempt, amount, data)
  SELECT g.customer_id, e.lead_id, e.kind, (e.day || ' 09:00+08')::timestamptz, now(), e.owner_id, e.f, e.t, e.attempt, g.amount, e.data FROM e JOIN kp.lead g ON g.id = e.lead_id ORDER BY day, lead_id;
INSERT INTO kp.activity (lead_id, customer_id, kind, note, occurred_at, recorded_at, author_id, effective, automatic, seconds)
  SELECT a.lead_id, g.customer_id, a.kind, 'note', a.at::timestamptz, now(), a.author_id, a.effective, a.lead_id = 5 AND a.kind = 'call', CASE WHEN a.kind = 'call' THEN CASE a.lead_id WHEN 1 THEN 120 WHEN 2 THEN 30 WHEN 4 THEN 0 END END
  FROM (VALUES (1, 'call', '2025-03-03 11:00+08', 1, true), (5, 'call', '2025-03-04 10:00+08', 2, false), (3, 'meeting', '2025-03-15 10:00+08', 2, true),
    (2, 'call', '2025-03-05 10:00+08', 1, true), (1, 'note', '2025-03-04 10:00+08', 1, false), (3, 'visit', '2025-03-03 12:00+08', 2, true), (5, 'mail', '2025-03-04 15:00+08', 2, true),
    (9, 'wechat', '2025-03-10 10:00+08', 2, true), (4, 'call', '2025-03-07 09:00+08', 1, true), (1, 'inquiry', '2025-03-02 09:00+08', NULL, false),
    (6, 'call', '2025-02-21 09:00+08', 1, true)) a(lead_id, kind, at, author_id, effective) JOIN kp.lead g ON g.id = a.lead_id;
-- registration: day at 09:00, member, channel, outcome, state, customer, lead, owner told, rival, settled
INSERT INTO kp.registration (channel_id, actor_id, session_role, submitted_at, payload, outcome, state, message, customer_id, lead_id, owner_id, rival_id, settled_at)
  SELECT c.id, r.actor, 'x', (r.day || ' 09:00+08')::timestamptz, '{}', r.outcome, r.state, 'x', r.customer, r.lead, r.owner, r.rival, r.settled::timestamptz FROM (VALUES
    (1, '2025-03-01', 1, 'website', 'created', 'approved', 1, 1, 1, NULL, NULL), (2, '2025-03-02', 2, 'manual', 'created', 'approved', 2, 3, 2, NULL, NULL),
    (3, '2025-03-03', 1, 'manual', 'blocked', 'blocked', 2, NULL, 2, NULL, NULL), (4, '2025-03-05', 2, 'manual', 'attached', 'attached', 2, 3, 2, NULL, NULL),
    (5, '2025-03-06', 1, 'manual', 'rejected', 'rejected', NULL, NULL, NULL, NULL, NULL), (6, '2025-03-04', 2, 'manual', 'pending', 'approved', 4, 5, NULL, NULL, '2025-03-04 15:00+08'),
    (7, '2025-03-04', 1, 'manual', 'queued', 'rejected', 4, NULL, NULL, 6, '2025-03-04 19:00+08'), (8, '2025-03-08', 2, 'manual', 'queued', 'queued', 5, NULL, NULL, NULL, NULL))
    r(id, day, actor, channel, outcome, state, customer, lead, owner, rival, settled) JOIN kp.channel c ON c.code = r.channel ORDER BY r.id;
-- ownership: customer, member or pool, from and to at 09:00 (but one), why
INSERT INTO kp.ownership (customer_id, member_id, pool_id, since, until, cause, end_cause, protected_until, next_due_at, lapse_pool_id, registration_id, decision_id, recorded_at)
  SELECT o.c, o.m, o.p, o.since::timestamptz, o.until::timestamptz, o.cause, o.end_cause, o.prot::timestamptz, o.due::timestamptz, CASE WHEN o.due IS NOT NULL THEN 1 END, o.reg, 1, now() FROM (VALUES
    (1, 1, NULL, '2025-03-01 09:00+08', '2025-03-15 09:00+08', 'registered', 'assigned', '2025-03-31 09:00+08', NULL, 1), (1, 2, NULL, '2025-03-15 09:00+08', NULL, 'assigned', NULL, NULL, NULL, NULL),
    (2, 2, NULL, '2025-03-02 09:00+08', '2025-03-20 09:00+08', 'registered', 'lapsed', '2025-04-01 09:00+08', NULL, 2), (2, NULL, 1, '2025-03-20 09:00+08', '2025-03-22 09:00+08', 'lapsed', 'moved', NULL, NULL, NULL),
    (2, NULL, 2, '2025-03-22 09:00+08', '2025-03-24 12:00+08', 'moved', 'claimed', NULL, NULL, NULL), (2, 1, NULL, '2025-03-24 12:00+08', '2025-03-28 09:00+08', 'claimed', 'released', NULL, NULL, NULL),
    (2, NULL, 1, '2025-03-28 09:00+08', NULL, 'released', NULL, NULL, NULL, NULL),
    (3, NULL, 1, '2025-03-03 09:00+08', '2025-03-06 09:00+08', 'routed', 'claimed', NULL, NULL, NULL), (3, 1, NULL, '2025-03-06 09:00+08', NULL, 'claimed', NULL, NULL, NULL, NULL),
    (4, 2, NULL, '2025-03-04 09:00+08', NULL, 'registered', NULL, '2025-05-01 09:00+08', '2025-03-30 09:00+08', 6), (5, 1, NULL, '2025-02-01 09:00+08', NULL, 'registered', NULL, NULL, NULL, NULL),
    (6, 2, NULL, '2025-03-06 09:00+08', NULL, 'registered', NULL, NULL, NULL, NULL), (7, 2, NULL, '2025-03-01 09:00+08', NULL, 'registered', NULL, NULL, NULL, NULL),
    (8, 1, NULL, '2025-01-05 09:00+08', '2025-03-07 09:00+08', 'registered', 'assigned', NULL, NULL, NULL), (8, 2, NULL, '2025-03-07 09:00+08', NULL, 'assigned', NULL, NULL, NULL, NULL))
    o(c, m, p, since, until, cause, end_cause, prot, due, reg);
RESET session_replication_role;
CALL leads.rebuild_journeys();

-- March by hand
CREATE TEMP TABLE hand (name text, by text[], attribution text, segment text, value numeric, how text);
INSERT INTO hand VALUES
  ('leads', NULL, NULL, '', 7, 'leads 1 2 3 4 5 7 9; 8 is imported, 6 10 11 are of before'),
  ('leads', '{channel}', NULL, 'website', 5, '1 3 4 7 9'), ('leads', '{channel}', NULL, 'manual', 2, '2 5'),
  ('leads', '{region}', NULL, '重庆市', 3, '1 2 of customer 1, 4 of 3'), ('leads', '{region}', NULL, '四川省', 3, '3 5 9'), ('leads', '{region}', NULL, '未知地区', 1, '7'),
  ('leads', '{industry}', NULL, '机械', 5, '1 2 3 4 5'), ('leads', '{industry}', NULL, '-', 2, '7 9'), ('leads', '{line}', NULL, 'pump', 3, '1 2 3'), ('leads', '{line}', NULL, '-', 4, '4 5 7 9'),
  ('leads', '{returning}', NULL, 'new', 5, '1 3 4 5 7'), ('leads', '{returning}', NULL, 'returning', 2, '2 after 1, 9 after 10'),
  ('leads', '{month}', NULL, '2025-03', 7, ''), ('leads', '{quarter}', NULL, '2025-Q1', 7, ''), ('leads', '{year}', NULL, '2025', 7, ''),
  ('leads', '{week}', NULL, '2025-W09', 2, '1 on Saturday, 3 on Sunday'), ('leads', '{week}', NULL, '2025-W10', 5, 'the others, 3 to 7 March'),
  ('new_leads', '{owner}', NULL, 'zhang', 2, '1 2'), ('new_leads', '{owner}', NULL, 'li', 4, '3 5 7 9'), ('new_leads', '{owner}', NULL, '公海', 1, '4, which zhang claimed'),
  ('new_leads', '{team}', NULL, 'north', 2, 'zhang'), ('new_leads', '{team}', NULL, '-', 4, 'li has none'), ('new_leads', '{team}', NULL, '公海', 1, ''),
  ('conversion', NULL, NULL, '', 28.57, 'customers 1 8 of 7 leads'),
  ('conversion', '{owner}', NULL, 'zhang', 50, '1 (customer 1 was won first by zhang) of 1 2'), ('conversion', '{owner}', NULL, 'li', 25, '9 of 3 5 7 9'), ('conversion', '{owner}', NULL, '公海', 0, '0 of 4'),
  ('conversion', '{owner}', 'closer', 'zhang', 50, '1 of 1 4'), ('conversion', '{owner}', 'closer', 'li', 25, '9 of 2 3 7 9'), ('conversion', '{owner}', 'closer', '公海', 0, '5 has lapsed'),
  ('conversion', '{owner}', 'creator', 'zhang', 100, '1 of 1'), ('conversion', '{owner}', 'creator', '公海', 16.67, '9 of six'),
  ('conversion', '{owner}', 'first_owner', 'zhang', 50, '1 of 1 2'), ('conversion', '{owner}', 'first_owner', 'li', 25, '9 of 3 5 7 9'), ('conversion', '{owner}', 'first_owner', '公海', 0, '0 of 4'),
  ('conversion_period', NULL, NULL, '', 57.14, 'won 1 2 6 9, begun 7'),
  ('opportunity_rate', NULL, NULL, '', 57.14, '1 2 9 won, 3 lost at qualified; 5 went back, the win of 7 was taken back: 4 of 7'),
  ('stage_conversion', '{stage}', NULL, 'new', 100, '7 of 7'), ('stage_conversion', '{stage}', NULL, 'contacted', 71.43, '1 2 3 5 9 of 7'), ('stage_conversion', '{stage}', NULL, 'qualified', 60, '1 2 9 of 5'),
  ('stage_conversion', '{stage}', NULL, 'proposal', 100, '3 of 3'), ('stage_conversion', '{stage}', NULL, 'negotiation', 100, '3 of 3'),
  ('first_response', NULL, NULL, '', 6, 'working hours 1 (2), 2 (1), 3 (3), 5 (6), 4 (10), 9 (36), 7 none: the fourth of seven'),
  ('first_response_p90', NULL, NULL, '', NULL, 'six of seven are less than nine of ten'),
  ('won', NULL, NULL, '', 4, '1 2 6 9'), ('lost', NULL, NULL, '', 1, '3; 6 was reopened'), ('won', '{stage}', NULL, 'contacted', 1, '1'), ('won', '{stage}', NULL, 'new', 3, '2 6 9'), ('lost', '{stage}', NULL, 'qualified', 1, '3'),
  ('win_rate', NULL, NULL, '', 80, '4 of 5'), ('win_rate', '{owner}', NULL, 'zhang', 100, '1 6'), ('win_rate', '{owner}', NULL, 'li', 66.67, '2 9 of 2 3 9'),
  ('win_rate_amount', NULL, NULL, '', 81.82, '36000 of 44000'),
  ('won_amount', NULL, NULL, '', 36000, '10000 + 5000 + 20000 + 1000'), ('won_amount', '{channel}', NULL, 'website', 11000, '1 9'), ('won_amount', '{channel}', NULL, 'manual', 25000, '2 6'),
  ('won_amount', '{owner}', NULL, 'zhang', 30000, '1 6'), ('won_amount', '{owner}', NULL, 'li', 6000, '2 9'), ('won_amount', '{owner}', 'first_owner', 'zhang', 35000, '1 2 6'), ('won_amount', '{owner}', 'first_owner', 'li', 1000, '9'),
  ('won_amount', '{owner}', 'creator', 'zhang', 10000, '1'), ('won_amount', '{owner}', 'creator', '公海', 26000, '2 6 9'),
  ('won_amount', '{channel,week}', NULL, 'website,2025-W11', 10000, '1'), ('won_amount', '{channel,week}', NULL, 'website,2025-W13', 1000, '9'),
  ('won_amount', '{channel,week}', NULL, 'manual,2025-W10', 20000, '6'), ('won_amount', '{channel,week}', NULL, 'manual,2025-W12', 5000, '2'),
  ('won_customers', NULL, NULL, '', 3, '1 5 8'), ('avg_deal', NULL, NULL, '', 12000, '36000 / 3'), ('avg_deal_size', NULL, NULL, '', 9000, '36000 / 4'),
  ('avg_deal', '{owner}', NULL, 'zhang', 15000, '30000 / customers 1 5'), ('avg_deal', '{owner}', NULL, 'li', 6000, '6000 / customer 8'),
  ('cycle_mean', NULL, NULL, '', 14, 'days 9 (1), 15 (2), 14 (6), 18 (9): 56 / 4'), ('cycle_median', NULL, NULL, '', 14.5, 'between 14 and 15'), ('cycle_p90', NULL, NULL, '', 17.1, '15 + 0.7 * 3'),
  ('cycle_attempt', NULL, NULL, '', 12, '6 from its reopening 5: between 9 and 15'), ('cycle_owned', NULL, NULL, '', 14, '9 without four days in the pool 14: between 14 and 14'),
  ('lost', '{reason}', NULL, 'price', 1, '3'),
  ('followups', NULL, NULL, '', 7, 'calls 1 2 4, visit and meeting 3, mail 5, wechat 9'), ('followups', '{owner}', NULL, 'zhang', 3, '1 2 4'), ('followups', '{owner}', NULL, 'li', 4, '3 3 5 9'),
  ('followups_raw', NULL, NULL, '', 9, 'and a note that was too short, and a call that a program wrote'), ('calls', NULL, NULL, '', 4, '1 2 4 5'),
  ('call_connect_rate', NULL, NULL, '', 66.67, '1 2 of 1 2 4; of 5 nobody knows'), ('talk_time', NULL, NULL, '', 120, '1; 2 was too short'),
  ('claimed', NULL, NULL, '', 2, 'customers 3 2'), ('claimed', '{owner}', NULL, 'zhang', 2, ''),
  ('pool_in', NULL, NULL, '', 4, '3 on the 3rd, 2 on the 20th and 28th, 4 on the 30th, which nobody has written down'), ('pool_out', NULL, NULL, '', 2, '3 on the 6th, 2 on the 24th'),
  ('claim_rate', NULL, NULL, '', 50, '2 of 4'), ('pool_dwell', NULL, NULL, '', 85.5, '72 and 99 hours; from pool to pool is one stay'), ('recycle_rate', NULL, NULL, '', 25, '2 came again: 1 of 4'),
  ('churn', '{owner}', NULL, 'li', 2, '2 and 4'), ('churn', '{owner}', NULL, 'zhang', 1, '2, released'),
  ('registrations', NULL, NULL, '', 8, ''), ('registrations', '{channel}', NULL, 'website', 1, '1'), ('registrations', '{channel}', NULL, 'manual', 7, '2 to 8'), ('registrations', '{owner}', NULL, 'zhang', 4, '1 3 5 7'), ('registrations', '{owner}', NULL, 'li', 4, '2 4 6 8'),
  ('duplicate_rate', NULL, NULL, '', 50, 'blocked 3, attached 4, queued 7 8: 4 of 8'), ('invalid_rate', NULL, NULL, '', 12.5, '5 of 8'), ('contention_rate', NULL, NULL, '', 25, '3 7; 8 waits for a look, not for a rival'),
  ('approval_rate', NULL, NULL, '', 50, '6 of 6 7'), ('approval_hours', NULL, NULL, '', 8, '6 and 10'),
  ('protected_won', NULL, NULL, '', 33.33, '1 of 1 2 6'), ('expired_unused', NULL, NULL, '', 2, '2 lapsed, so has 6'),
  ('channel_cost', NULL, NULL, '', 3100, 'salaries are no channel''s'), ('channel_cost', '{channel}', NULL, 'website', 3100, ''),
  ('channel_roi', NULL, NULL, '', 848.39, '(11000 * 0.4 + 25000 - 3100) / 3100'), ('channel_roi', '{channel}', NULL, 'website', 41.94, '(4400 - 3100) / 3100'), ('channel_roi', '{channel}', NULL, 'manual', NULL, 'cost nothing'),
  ('cac', NULL, NULL, '', 2550, '(3100 + 2000) / customers 1 5; 8 was won in January'), ('ltv', NULL, NULL, '', 14500, '(10000 * 0.4 + 5000 + 20000) / 2'),
  ('output_per_head', NULL, NULL, '', 14493.51, '36000 / (1 + 1 + 15/31)'), ('output_per_head', '{owner}', NULL, 'zhang', 30000, ''), ('output_per_head', '{owner}', NULL, 'li', 12400, '6000 / (15/31)'), ('output_per_head', '{owner}', NULL, 'boss', 0, '0 / 1'),
  ('open_leads', NULL, NULL, '', 3, '4 5 7'), ('open_leads', '{owner}', NULL, 'zhang', 1, '4'), ('open_leads', '{owner}', NULL, 'li', 1, '7'), ('open_leads', '{owner}', NULL, '公海', 1, '5 has lapsed'),
  ('open_leads', '{stage}', NULL, 'contacted', 3, ''), ('open_amount', NULL, NULL, '', 9000, '3000 + 2000 + 4000');
CREATE TEMP TABLE said AS SELECT a.name, a.by, a.attribution, array_to_string(k.segment, ',') AS segment, k.value FROM (SELECT DISTINCT name, by, attribution FROM hand) a,
  LATERAL leads.kpi(a.name, :march, a.by, a.attribution) k;
-- exact, times within the width of a bucket of the histogram
SELECT count(*) AS figures, count(DISTINCT name) AS kpis FROM hand;
SELECT h.name, h.by, h.attribution, coalesce(h.segment, s.segment) AS segment, h.value AS by_hand, s.value AS said, h.how FROM hand h FULL JOIN said s
  ON (h.name, coalesce(h.by, '{}'), coalesce(h.attribution, ''), h.segment) = (s.name, coalesce(s.by, '{}'), coalesce(s.attribution, ''), s.segment)
  WHERE h.name IS NULL OR s.name IS NULL OR CASE WHEN h.name IN ('first_response', 'cycle_median', 'cycle_p90', 'cycle_attempt', 'cycle_owned', 'pool_dwell', 'approval_hours')
    THEN coalesce(abs(h.value - s.value) > 0.016 * h.value, true) ELSE h.value IS DISTINCT FROM s.value END ORDER BY 1, 2, 3, 4;
-- the first channel, the last one, each of them: lead 1 of customer 1 asked again at a fair, and once more when it was won already
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO kp.registration (channel_id, actor_id, session_role, submitted_at, payload, outcome, state, message, customer_id, lead_id)
  SELECT c.id, 1, 'x', x.at::timestamptz, '{}', 'attached', 'attached', 'x', 1, 1 FROM (VALUES ('fair', '2025-03-04 09:00+08'), ('sem', '2025-03-11 09:00+08')) x(code, at) JOIN kp.channel c USING (code);
SET LOCAL session_replication_role = origin;
-- last: 10000 (fair) + 1000 * 0.4 (9) + 25000 - 3100; linear: 5000 * 0.4 + 5000 + 1000 * 0.4 + 25000 - 3100
SELECT k.name, k.segment, k.n, k.numerator, k.denominator, k.value FROM unnest('{channel_roi,channel_roi_last,channel_roi_linear}'::text[]) n, LATERAL leads.kpi(n, :march) k
  UNION ALL SELECT k.name, k.segment, k.n, k.numerator, k.denominator, k.value FROM unnest('{channel_roi_last,channel_roi_linear}'::text[]) n, LATERAL leads.kpi(n, :march, '{channel}') k WHERE k.n > 0 ORDER BY 1, 2;
ROLLBACK;
SELECT value AS gini FROM leads.kpi('load_gini'); -- zhang 4 and 11, li 7: 2 * (1*1 + 2*2) / (2*3) - 3/2
SELECT value AS ten_days FROM leads.kpi('channel_cost', '2025-03-01 00:00+08', '2025-03-11 00:00+08');
-- 100 over three days: nothing is lost in parts
INSERT INTO kp.channel_cost (channel_id, since, until, amount) SELECT id, '2025-04-01', '2025-04-04', 100 FROM kp.channel WHERE code = 'manual';
SELECT k.segment, k.value FROM leads.kpi('channel_cost', '2025-04-01 00:00+08', by => '{day}') k;
SELECT sum(value) AS sum FROM leads.kpi('channel_cost', '2025-04-01 00:00+08', by => '{day}');
SELECT value AS ltv_of_all FROM leads.kpi('ltv', :march, margin => 1); -- (15000 + 20000) / 2
SELECT value AS with_imported FROM leads.kpi('leads', :march, include_imported => true);
SELECT * FROM leads.kpi('win_rate', :march, '{owner}');
SELECT name, unit, mode, attribution, formula FROM leads.kpi('cac', :march);
-- stage by stage as the funnel says
SELECT count(*) AS stages, count(*) FILTER (WHERE k.value = round(100 * f.conversion_from_previous, 2)) AS alike FROM leads.kpi('stage_conversion', :march, '{stage}') k
  JOIN kp.stage s ON s.code = k.segment[1] JOIN leads.funnel(:march) f ON f."position" = s.position / 10 + 1;
-- people, channels and months add up to the whole, above and below the line, however a figure is credited
CREATE TEMP TABLE part AS SELECT n.name, c.by, a.attribution, sum(coalesce(k.numerator, k.value)) AS above, sum(k.denominator) AS below, count(*) AS parts FROM
  unnest(ARRAY['leads', 'new_leads', 'conversion', 'conversion_period', 'opportunity_rate', 'open_leads', 'open_amount', 'won', 'lost', 'win_rate', 'win_rate_amount', 'won_amount', 'won_customers', 'avg_deal', 'avg_deal_size', 'ltv']) n(name),
  (VALUES ('{owner}'::text[]), ('{team}'), ('{owner,channel}'), ('{month,owner}'), ('{channel}'), ('{region,industry}'), ('{day}'), ('{returning}'), ('{line}')) c(by),
  unnest(ARRAY['at_event', 'closer', 'creator', 'first_owner', NULL]) a(attribution), LATERAL leads.kpi(n.name, :march, c.by, a.attribution) k
  WHERE a.attribution IS NULL OR c.by && '{owner,team}' GROUP BY 1, 2, 3;
SELECT count(*) AS sums, count(*) FILTER (WHERE p.parts > 1) AS of_several, count(*) FILTER (WHERE p.above IS DISTINCT FROM coalesce(k.numerator, k.value) OR p.below IS DISTINCT FROM k.denominator) AS differ
  FROM part p, LATERAL leads.kpi(p.name, :march) k;
-- without journeys the same
CREATE TEMP TABLE built AS TABLE said;
SET session_replication_role = replica; DELETE FROM kp.lead_journey; DELETE FROM kp.journey_run; RESET session_replication_role;
SELECT count(*) AS rows, count(*) FILTER (WHERE b.value IS DISTINCT FROM k.value) AS differ FROM (SELECT a.name, a.by, a.attribution, array_to_string(k.segment, ',') AS segment, k.value
  FROM (SELECT DISTINCT name, by, attribution FROM hand) a, LATERAL leads.kpi(a.name, :march, a.by, a.attribution) k) k
  FULL JOIN built b ON (b.name, coalesce(b.by, '{}'), coalesce(b.attribution, ''), b.segment) = (k.name, coalesce(k.by, '{}'), coalesce(k.attribution, ''), k.segment);
CALL leads.rebuild_journeys();

-- reports, by hand
SELECT count(*) AS by_hand FROM leads.leaderboard(:march) b JOIN (VALUES (1, 'zhang', 'north', 2, 2, 3, 2, 0, 1.0, 30000, 2), (2, 'li', NULL, 4, 0, 4, 2, 1, 0.6667, 6000, 1), (NULL, '公海', NULL, 1, 0, 0, 0, 0, NULL, 0, 0))
  h(place, member, team, new_leads, claimed, followups, won, lost, win_rate, won_amount, won_customers) ON (b.place, b.member, b.team, b.new_leads, b.claimed, b.followups, b.won, b.lost, b.win_rate, b.won_amount, b.won_customers)
  IS NOT DISTINCT FROM (h.place, h.member, h.team, h.new_leads, h.claimed, h.followups, h.won, h.lost, h.win_rate, h.won_amount, h.won_customers);
SELECT period, place, member, name, new_leads, claimed, followups, won, lost, win_rate, won_amount FROM leads.leaderboard(per => 'month');
SELECT channel, name, leads, registrations AS regs, duplicate_rate AS dup, invalid_rate AS inv, opportunity_rate AS opp, conversion AS conv, won, win_rate, won_amount, avg_deal, cycle_days, cost, roi, cac FROM leads.channel_performance(:march);
SELECT * FROM leads.sales_cycle(:march);
SELECT segment, won, mean_days FROM leads.sales_cycle(:march, '{owner}', 'first_owner');
SELECT * FROM leads.loss_analysis(:march);
SELECT * FROM leads.loss_analysis(by => '{channel}');
SELECT reason, stage, share, amount_share FROM leads.loss_analysis(); -- 20000 and 8000 of 28000
SELECT * FROM leads.contact_effect(:march);
SELECT count(*) AS by_hand FROM leads.flow_report(:march) f JOIN (VALUES ('new', 1, 8, 4, 0, 0, 4, 0, 1, 8, 8, 1.0), ('contacted', 0, 4, 0, 0, 0, 1, 0, 3, 4, 1, 0.25), ('qualified', 0, 2, 0, 1, 1, 0, 0, 0, 2, 0, 0),
  ('proposal', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL), ('negotiation', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL), ('won', 1, 5, 0, 1, 0, 0, 0, 5, 5, 0, NULL))
  h(stage, opening, entries, forward, back, lost, won, moved, closing, entered, advanced, rate) ON (f.stage, f.opening, f.entries, f.forward, f.back, f.lost, f.won, f.moved, f.closing, f.entered, f.advanced, f.rate)
  IS NOT DISTINCT FROM (h.stage, h.opening, h.entries, h.forward, h.back, h.lost, h.won, h.moved, h.closing, h.entered, h.advanced, h.rate);
SELECT stage, entered, advanced, rate, median_hours FROM leads.flow_report(:march, within => '3 days') WHERE entered > 0;
-- what was there and came has gone or is there, each day, in each cut; what is there at the end is there when the next begins
CREATE TEMP TABLE flow AS SELECT d.at, c.by, a.attribution, f.* FROM generate_series('2025-02-27 09:00+08'::timestamptz, '2025-03-27 09:00+08', '1 day') d(at), (VALUES (NULL::text[]), ('{owner}'), ('{channel,region}')) c(by),
  unnest(ARRAY[NULL, 'at_event', 'closer', 'creator', 'first_owner']) a(attribution), LATERAL leads.flow_report(d.at, d.at + interval '1 day', c.by, attribution => a.attribution) f WHERE a.attribution IS NULL OR 'owner' = ANY (c.by);
SELECT count(*) > 400 AS enough, count(*) FILTER (WHERE entries > 0) AS with_entries, count(*) FILTER (WHERE opening + entries - forward - back - lost - won - moved <> closing) AS broken FROM flow;
SELECT count(*) AS days_that_do_not_join FROM flow x JOIN flow y ON (x.segment, x.stage, coalesce(x.by, '{}'), coalesce(x.attribution, '')) = (y.segment, y.stage, coalesce(y.by, '{}'), coalesce(y.attribution, '')) AND y.at = x.at + interval '1 day' WHERE x.closing <> y.opening;
SELECT count(*) AS parts_that_miss_the_whole FROM (SELECT at, stage, by, attribution, sum(entries) AS e, sum(forward) AS f, sum(won) AS w, sum(closing) AS c FROM flow WHERE by IS NOT NULL GROUP BY 1, 2, 3, 4) p
  JOIN flow w ON (w.at, w.stage) = (p.at, p.stage) AND w.by IS NULL WHERE (p.e, p.f, p.w, p.c) <> (w.entries, w.forward, w.won, w.closing);
-- open at the end of all: as the snapshot
SELECT count(*) AS stages, count(*) FILTER (WHERE f.closing <> s.open_here) AS differ FROM leads.flow_report() f JOIN leads.funnel(mode => 'snapshot') s USING (stage);
-- chances by hand: contacted for 30 days and more 0 of 4 5 7, at all 1 of 1 4 5 7, as the stage says; new 0 of 11, at all 1 2 6 9 10 of ten
SELECT month, stage, age, slipped, bucket, leads, amount, probability, weighted, support, source FROM leads.forecast(min_support => 1);
SELECT month, stage, age, slipped, bucket, leads, amount, probability, weighted, support, source FROM leads.forecast(min_support => 4);
SELECT segment, month, stage, age, slipped, bucket, leads, amount, probability, weighted, support, source FROM leads.forecast(by => '{owner}');
SELECT f.matured_before - '2025-03-24 21:00+08'::timestamptz BETWEEN '-7 hours' AND '7 hours' AS nine_of_ten_took_16_5_days, sum(f.leads) = 4 AS all_open FROM leads.forecast() f GROUP BY 1;
SELECT month, leads, amount FROM leads.forecast('2025-05-01', '2025-06-01');

-- a false clock in the past is a past now: 6 was open again, 10 was won, nothing of March was closed
SET leads.clock = '2025-03-05 09:00+08';
SELECT k.name, k.value, k.n FROM unnest(ARRAY['leads', 'open_leads', 'won', 'lost', 'won_amount', 'followups', 'pool_in', 'claimed', 'registrations', 'channel_cost']) u(name), LATERAL leads.kpi(u.name) k;
SET leads.clock = '2025-04-10 09:00+08';

-- who sees what: a rep its own, the head of a team the team, bi all; costs only who sees all
\set ask 'SELECT string_agg(k.name || '' '' || coalesce(k.value::text, ''-''), '', '') AS figures FROM unnest(ARRAY[''leads'', ''win_rate'', ''won_amount'', ''followups'', ''claimed'', ''pool_in'', ''registrations'', ''channel_cost'', ''channel_roi'', ''cac'', ''output_per_head'', ''load_gini'']) u(name), LATERAL leads.kpi(u.name, ''2025-03-01 00:00+08'', ''2025-04-01 00:00+08'') k'
SET ROLE regress_kp_zhang; :ask; SELECT segment, value FROM leads.kpi('followups', :march, '{owner}');
SELECT member, won_amount, followups FROM kp.leaderboard WHERE month = '2025-03'; SELECT channel, leads, won_amount, cost, roi FROM kp.channel_performance WHERE month = '2025-03';
SELECT month, channel, won FROM kp.sales_cycle; SELECT member, stage, leads, amount FROM kp.forecast; SELECT count(*) FROM leads.loss_analysis(); SELECT contact, n FROM leads.contact_effect(); SELECT sum(entries) FROM leads.flow_report(); RESET ROLE;
SET ROLE regress_kp_li; :ask; RESET ROLE;
SET ROLE regress_kp_boss; :ask; RESET ROLE;
SET ROLE regress_kp_bi; :ask; SELECT member, won_amount, followups FROM kp.leaderboard WHERE month = '2025-03'; SELECT channel, leads, won_amount, cost, roi FROM kp.channel_performance WHERE month = '2025-03';
SELECT month, channel, won FROM kp.sales_cycle; SELECT member, stage, leads, amount FROM kp.forecast; RESET ROLE;
SET ROLE regress_kp_admin; :ask; RESET ROLE;
\set VERBOSITY sqlstate
SET ROLE regress_kp_sender; :ask; SELECT * FROM kp.leaderboard; SELECT * FROM leads.forecast(); RESET ROLE;
SET ROLE regress_kp_zhang; SELECT * FROM kp.channel_cost; RESET ROLE;
-- what is asked wrongly
\set VERBOSITY terse
SELECT * FROM leads.kpi('sales');
SELECT * FROM leads.kpi(NULL);
SELECT * FROM leads.kpi('leads', by => '{colour}');
SELECT * FROM leads.kpi('leads', by => '{NULL}');
SELECT * FROM leads.kpi('leads', by => '{owner,owner}');
SELECT * FROM leads.kpi('leads', by => '{owner,team,channel,region,month}');
SELECT * FROM leads.kpi('leads', by => '{stage}');
SELECT * FROM leads.kpi('cac', by => '{owner}');
SELECT * FROM leads.kpi('stage_conversion');
SELECT * FROM leads.kpi('output_per_head');
SELECT * FROM leads.kpi('leads', attribution => 'closer');
SELECT * FROM leads.kpi('leads', by => '{owner}', attribution => 'split');
SELECT * FROM leads.kpi('followups', by => '{owner}', attribution => 'closer');
SELECT * FROM leads.kpi('ltv', margin => 1.5);
SELECT * FROM leads.kpi('ltv', margin => 'NaN');
SELECT * FROM leads.kpi('leads', '2025-03-02', '2025-03-01');
SELECT * FROM leads.kpi('leads', schema_name => 'nowhere');
SELECT * FROM leads.leaderboard(per => 'owner');
SELECT * FROM leads.channel_performance(per => 'decade');
SELECT * FROM leads.sales_cycle(by => '{stage}');
SELECT * FROM leads.sales_cycle(attribution => 'creator');
SELECT * FROM leads.loss_analysis(by => '{stage}');
SELECT * FROM leads.flow_report(by => '{month}');
SELECT * FROM leads.flow_report(within => '-1 day');
SELECT * FROM leads.forecast(by => '{month}');
SELECT * FROM leads.forecast(min_support => 0);
SELECT * FROM leads.forecast('infinity');
SELECT * FROM leads.forecast('2025-05-01', '2025-04-01');
INSERT INTO kp.channel_cost (since, until, amount) VALUES ('2025-03-02', '2025-03-01', 1);
UPDATE kp.channel SET margin = 1.5;
\set VERBOSITY default
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('kp', 'kp');
DROP OWNED BY regress_kp_zhang, regress_kp_li, regress_kp_boss, regress_kp_bi, regress_kp_sender, regress_kp_admin;
DROP ROLE regress_kp_zhang, regress_kp_li, regress_kp_boss, regress_kp_bi, regress_kp_sender, regress_kp_admin;
