-- who reads it is asked inside the function, which runs with the reader's rights
CREATE OR REPLACE VIEW @schema@.funnel WITH (security_barrier) AS
SELECT
  f.segment, --: all: the whole company
  f.position, --: 1 = first step, 0 = registrations where the company counts them; key with segment
  f.stage, --: code of the stage
  f.label, --: name of the stage
  f.entered, --: leads that reached it or a later one; entered = advanced + lost_here + open_here
  f.advanced, --: of these, went further; at the last step all
  f.lost_here, --: of these, lost, and this was the furthest
  f.open_here, --: of these, open, and this is the furthest
  f.conversion_from_previous, --: entered / entered of the step before; NULL at the first and where nobody entered
  f.conversion_overall, --: entered / entered of the first step
  f.drop_off, --: entered - advanced: lost or still open
  f.drop_off_rate, --: drop_off / entered
  f.median_hours, --: median of hours spent here by those that left
  f.p90_hours, --: nine of ten took at most so many hours
  f.as_of, --: instant it was counted for
  f.mode --: counting rule: cohort, each lead once by the furthest stage it reached
FROM leads.funnel(schema_name => (SELECT n.nspname::text FROM @schema@.settings s
  JOIN pg_catalog.pg_class c ON c.oid = s.tableoid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace)) f; --: leads of all time through the stages, one row a stage; leads.funnel() cuts it by period, channel, owner or region

-- the same columns in all; new ones come at the end
CREATE OR REPLACE VIEW @schema@.funnel_by_channel WITH (security_barrier) AS
SELECT
  f.segment, --: code of the channel; key with position
  f.position, --: 1 = first step, 0 = registrations where the company counts them; key with segment
  f.stage, --: code of the stage
  f.label, --: name of the stage
  f.entered, --: leads that reached it or a later one; entered = advanced + lost_here + open_here
  f.advanced, --: of these, went further; at the last step all
  f.lost_here, --: of these, lost, and this was the furthest
  f.open_here, --: of these, open, and this is the furthest
  f.conversion_from_previous, --: share of those that entered the step before; NULL at the first and where nobody entered
  f.conversion_overall, --: entered / entered of the first step
  f.drop_off, --: entered - advanced
  f.drop_off_rate, --: drop_off / entered; NULL where nobody entered
  f.median_hours, --: median of hours spent here by those that left
  f.p90_hours, --: nine of ten took at most so many hours
  f.as_of, --: instant it was counted for
  f.mode --: counting rule: cohort, each lead once by the furthest stage it reached
FROM leads.funnel(by => 'channel', schema_name => @company@) f; --: leads of all time through the stages, by channel

CREATE OR REPLACE VIEW @schema@.funnel_by_owner WITH (security_barrier) AS
SELECT
  f.segment, --: code of the owner, or the name for what lies in a pool; key with position
  f.position, --: 1 = first step, 0 = registrations where the company counts them; key with segment
  f.stage, --: code of the stage
  f.label, --: name of the stage
  f.entered, --: leads that came here, or further, while the owner had them; entered = advanced + lost_here + open_here
  f.advanced, --: of these, went further; at the last step all
  f.lost_here, --: of these, lost, and this was the furthest
  f.open_here, --: of these, open, and this is the furthest
  f.conversion_from_previous, --: share of those that entered the step before; NULL at the first and where nobody entered
  f.conversion_overall, --: entered / entered of the first step
  f.drop_off, --: entered - advanced
  f.drop_off_rate, --: drop_off / entered; NULL where nobody entered
  f.median_hours, --: median of hours spent here by those that left
  f.p90_hours, --: nine of ten took at most so many hours
  f.as_of, --: instant it was counted for
  f.mode --: counting rule: cohort, each lead once by the furthest stage it reached
FROM leads.funnel(by => 'owner', schema_name => @company@) f; --: leads of all time through the stages, each step for who had the lead when it came there; owners add up to the company

CREATE OR REPLACE VIEW @schema@.funnel_by_region WITH (security_barrier) AS
SELECT
  f.segment, --: region of the customer, or a name for none; key with position
  f.position, --: 1 = first step, 0 = registrations where the company counts them; key with segment
  f.stage, --: code of the stage
  f.label, --: name of the stage
  f.entered, --: leads that reached it or a later one; entered = advanced + lost_here + open_here
  f.advanced, --: of these, went further; at the last step all
  f.lost_here, --: of these, lost, and this was the furthest
  f.open_here, --: of these, open, and this is the furthest
  f.conversion_from_previous, --: share of those that entered the step before; NULL at the first and where nobody entered
  f.conversion_overall, --: entered / entered of the first step
  f.drop_off, --: entered - advanced
  f.drop_off_rate, --: drop_off / entered; NULL where nobody entered
  f.median_hours, --: median of hours spent here by those that left
  f.p90_hours, --: nine of ten took at most so many hours
  f.as_of, --: instant it was counted for
  f.mode --: counting rule: cohort, each lead once by the furthest stage it reached
FROM leads.funnel(by => 'region', schema_name => @company@) f; --: leads of all time through the stages, by region

CREATE OR REPLACE VIEW @schema@.cohort_funnel WITH (security_barrier) AS
SELECT
  f.segment, --: month in which the leads began, 2025-03, in the zone of the company; key with position
  f.position, --: 1 = first step, 0 = registrations where the company counts them; key with segment
  f.stage, --: code of the stage
  f.label, --: name of the stage
  f.entered, --: leads that reached it or a later one; entered = advanced + lost_here + open_here
  f.advanced, --: of these, went further; at the last step all
  f.lost_here, --: of these, lost, and this was the furthest
  f.open_here, --: of these, open, and this is the furthest
  f.conversion_from_previous, --: share of those that entered the step before; NULL at the first and where nobody entered
  f.conversion_overall, --: entered / entered of the first step
  f.drop_off, --: entered - advanced
  f.drop_off_rate, --: drop_off / entered; NULL where nobody entered
  f.median_hours, --: median of hours spent here by those that left
  f.p90_hours, --: nine of ten took at most so many hours
  f.as_of, --: instant it was counted for
  f.mode --: counting rule: cohort, each lead once by the furthest stage it reached
FROM leads.funnel(by => 'month', schema_name => @company@) f; --: leads through the stages by the month they began in; young months are not through yet

CREATE OR REPLACE VIEW @schema@.stage_flow WITH (security_barrier) AS
SELECT
  f.segment, --: month of the entries, 2025-03, in the zone of the company; key with position
  f.position, --: 1 = first step, 0 = registrations where the company counts them; key with segment
  f.stage, --: code of the stage
  f.label, --: name of the stage
  f.entered, --: leads that entered the stage in the month, whenever they began; entered = advanced + lost_here + open_here
  f.advanced, --: of these, left it forward since; at won, still won
  f.lost_here, --: of these, lost from here
  f.open_here, --: of these, there still, or gone back
  f.conversion_from_previous, --: share of those that entered the step before; NULL at the first and where nobody entered
  f.conversion_overall, --: NULL: a flow has no first step
  f.drop_off, --: entered - advanced
  f.drop_off_rate, --: drop_off / entered; NULL where nobody entered
  f.median_hours, --: median of hours spent here by those that left
  f.p90_hours, --: nine of ten took at most so many hours
  f.as_of, --: instant it was counted for
  f.mode --: counting rule: flow, entries of a month and what came of them
FROM leads.funnel(by => 'month', mode => 'flow', schema_name => @company@) f; --: entries of each month into each stage, and what came of them

CREATE OR REPLACE VIEW @schema@.stage_time WITH (security_barrier) AS
SELECT
  f.segment, --: code of the channel; key with position
  f.position, --: 1 = first step, 0 = registrations where the company counts them; key with segment
  f.stage, --: code of the stage
  f.label, --: name of the stage
  f.entered, --: leads that reached it or a later one; entered = advanced + lost_here + open_here
  f.advanced, --: of these, went further; at the last step all
  f.lost_here, --: of these, lost, and this was the furthest
  f.open_here, --: of these, open, and this is the furthest
  f.conversion_from_previous, --: share of those that entered the step before; NULL at the first and where nobody entered
  f.conversion_overall, --: entered / entered of the first step
  f.drop_off, --: entered - advanced
  f.drop_off_rate, --: drop_off / entered; NULL where nobody entered
  f.median_hours, --: median of hours spent here by those that left
  f.p90_hours, --: nine of ten took at most so many hours
  f.as_of, --: instant it was counted for
  f.mode, --: counting rule: cohort, each lead once by the furthest stage it reached
  n.open_here AS here, --: leads that are in the stage now
  n.median_hours AS here_median_hours, --: median of hours that these have been there
  n.p90_hours AS here_p90_hours --: nine of ten have been there at most so many hours
FROM leads.funnel(by => 'channel', schema_name => @company@) f
LEFT JOIN leads.funnel(by => 'channel', mode => 'snapshot', schema_name => @company@) n ON n.segment = f.segment AND n."position" = f."position"; --: how long leads stay in each stage, by channel: those that left it, and those that are there now

CREATE OR REPLACE VIEW @schema@.pipeline_now WITH (security_barrier) AS
SELECT
  f.segment, --: code of the owner, or the name for what lies in a pool; key with position
  f.position, --: 1 = first step, 0 = registrations where the company counts them; key with segment
  f.stage, --: code of the stage
  f.label, --: name of the stage
  f.entered, --: open leads that are in the stage
  f.advanced, --: 0: nothing is said about where they go
  f.lost_here, --: 0
  f.open_here, --: as entered
  f.conversion_from_previous, --: NULL: this is no conversion
  f.conversion_overall, --: NULL
  f.drop_off, --: NULL
  f.drop_off_rate, --: NULL
  f.median_hours, --: median of hours that they have been there
  f.p90_hours, --: nine of ten have been there at most so many hours
  f.as_of, --: instant it was counted for
  f.mode, --: counting rule: snapshot, open leads by the stage they are in
  a.amount, --: sum of their amounts; NULL = none is known
  a.weighted_amount --: the same times the chance to win that the stage is given
FROM leads.funnel(by => 'owner', mode => 'snapshot', schema_name => @company@) f
LEFT JOIN @schema@.member m ON m.code = f.segment
LEFT JOIN (SELECT s.code, o.member_id, sum(l.amount) AS amount, round(sum(l.amount * s.probability), 4) AS weighted_amount
  FROM (SELECT v.customer_id, v.scope, CASE WHEN v.next_due_at <= (SELECT leads.now()) THEN NULL ELSE v.member_id END AS member_id
    FROM @schema@.ownership v WHERE v.until IS NULL) o
  JOIN @schema@.lead l ON l.customer_id = o.customer_id AND l.scope = o.scope
  JOIN @schema@.stage s ON s.id = l.stage_id
  WHERE s.kind = 'open' AND l.merged_into IS NULL AND NOT l.imported AND NOT l.test
    AND ((SELECT leads.sees_all(@company@)) OR o.member_id = ANY ((SELECT leads.visible_members(@company@))::bigint[]))
  GROUP BY s.code, o.member_id) a ON a.code = f.stage AND a.member_id IS NOT DISTINCT FROM m.id; --: open leads by owner and stage, what they are worth, and how long they have been there; not a conversion

CREATE OR REPLACE VIEW @schema@.velocity WITH (security_barrier) AS
WITH eye AS MATERIALIZED (SELECT leads.sees_all(@company@) AS everything, leads.visible_members(@company@) AS members, leads.now() AS instant)
SELECT
  t.segment, --: code of the channel; key
  t.open_leads, --: open opportunities: leads in the qualifying stage or a later one
  t.won, --: won in the last 365 days
  t.lost, --: lost in the last 365 days
  round(t.won::numeric / nullif(t.won + t.lost, 0), 4) AS win_rate, --: won / (won + lost); NULL where nothing was closed
  round(t.average_amount, 4) AS average_amount, --: mean amount of what was won and has an amount
  round(t.cycle_days::numeric, 2) AS cycle_days, --: median of days from the beginning of a lead to its win
  round(t.open_leads * t.won::numeric / nullif(t.won + t.lost, 0) * t.average_amount / nullif(t.cycle_days::numeric, 0), 4) AS velocity, --: open_leads * win_rate * average_amount / cycle_days: amount won a day; NULL where one of them is
  (SELECT e.instant FROM eye e) AS as_of --: instant it was counted for
FROM (SELECT h.code AS segment,
    count(*) FILTER (WHERE s.kind = 'open' AND s.position >= coalesce((SELECT min(q.position) FROM @schema@.stage q WHERE q.qualifies), 0)) AS open_leads,
    count(*) FILTER (WHERE s.kind = 'won' AND l.closed_at > (SELECT e.instant FROM eye e) - interval '8760 hours') AS won,
    count(*) FILTER (WHERE s.kind = 'lost' AND l.closed_at > (SELECT e.instant FROM eye e) - interval '8760 hours') AS lost,
    avg(l.amount) FILTER (WHERE s.kind = 'won' AND l.closed_at > (SELECT e.instant FROM eye e) - interval '8760 hours') AS average_amount,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM l.closed_at - coalesce(j.entered_at, l.created_at))::double precision / 86400)
      FILTER (WHERE s.kind = 'won' AND l.closed_at > (SELECT e.instant FROM eye e) - interval '8760 hours') AS cycle_days
  FROM @schema@.lead l
  JOIN @schema@.stage s ON s.id = l.stage_id
  LEFT JOIN @schema@.lead_journey j ON j.lead_id = l.id
  JOIN @schema@.channel h ON h.id = coalesce(j.channel_id, l.channel_id)
  WHERE l.merged_into IS NULL AND NOT l.imported AND NOT l.test AND NOT l.invalid AND ((SELECT e.everything FROM eye e) OR EXISTS (SELECT FROM @schema@.ownership o
    WHERE o.customer_id = l.customer_id AND o.scope = l.scope AND o.until IS NULL AND o.member_id = ANY ((SELECT e.members FROM eye e)::bigint[])
      AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT e.instant FROM eye e))))
  GROUP BY h.code) t; --: how fast the pipeline turns into money, by channel
