-- who reads them is asked inside the functions; new columns come at the end
CREATE OR REPLACE VIEW @schema@.leaderboard WITH (security_barrier) AS
SELECT
  b.period AS month, --: month, 2025-03, in the zone of the company; key with member
  b.place, --: place in the month, by won amount, then by wins; NULL for what nobody owns
  b.member, --: code of the member, or the name of the pool; key with month
  b.name, --: name of the member
  b.team, --: code of its team
  b.new_leads, --: leads that began in the month with this first owner
  b.claimed, --: customers that it claimed from pools
  b.followups, --: effective follow-ups, by author
  b.won, --: leads won
  b.lost, --: leads lost
  b.win_rate, --: won / (won + lost), 0 to 1; NULL where nothing was closed
  b.won_amount, --: amount won
  b.won_customers --: customers won
FROM leads.leaderboard(per => 'month', schema_name => @company@) b; --: members by what they won, month by month
CREATE OR REPLACE VIEW @schema@.channel_performance WITH (security_barrier) AS
SELECT
  c.period AS month, --: month, 2025-03, in the zone of the company; key with channel
  c.channel, --: code of the channel; key with month
  c.name, --: name of the channel
  c.leads, --: leads that began
  c.registrations, --: registrations submitted
  c.duplicate_rate, --: share of these that met a customer already there
  c.invalid_rate, --: share of these rejected as invalid
  c.opportunity_rate, --: share of the leads begun that became opportunities
  c.conversion, --: customers won of the leads begun / leads begun
  c.won, --: leads won in the month
  c.win_rate, --: won / (won + lost), closed in the month
  c.won_amount, --: amount won in the month
  c.avg_deal, --: won amount a customer
  c.cycle_days, --: median days from the beginning to the win
  c.cost, --: cost of the channel in the month; NULL for who does not see everything
  c.roi, --: (won amount x margin - cost) / cost; NULL where it cost nothing
  c.cac, --: cost / customers won for the first time, without costs of sales that are no channel's
  c.invalid_lead_rate --: share of the leads begun, these included, that were found to be none
FROM leads.channel_performance(per => 'month', schema_name => @company@) c; --: channels month by month: volume, quality, conversion, cycle, return
CREATE OR REPLACE VIEW @schema@.sales_cycle WITH (security_barrier) AS
SELECT
  c.segment[1] AS month, --: month of the win, 2025-03, in the zone of the company; key with channel
  c.segment[2] AS channel, --: code of the channel; key with month
  c.won, --: leads won
  c.mean_days, --: mean days from the beginning of the lead to its win
  c.median_days, --: their median
  c.p90_days, --: nine of ten took at most so many days
  c.attempt_days, --: median days from the last reopening, else the beginning
  c.owned_days --: median days without the time in pools
FROM leads.sales_cycle(by => '{month,channel}', schema_name => @company@) c; --: how long wins took, month by month and by channel
CREATE OR REPLACE VIEW @schema@.forecast WITH (security_barrier) AS
SELECT
  f.segment[1] AS member, --: code of who has the leads, or the name of the pool; key
  f.month, --: month of the expected close, 2025-03, NULL = none said; key
  f.stage, --: code of the stage; key
  f.label, --: name of the stage
  f.age, --: days in the stage: 0-7, 7-30, 30-90, 90+; key
  f.slipped, --: the expected close is past; key
  f.bucket, --: commit (chance from 0.7), best (from 0.4), pipeline
  f.leads, --: open leads
  f.amount, --: their expected amounts
  f.probability, --: chance to win, 0 to 1
  f.weighted, --: amount x probability
  f.support, --: leads that the chance was taken from
  f.source, --: age: those that stayed as long; stage: at any age; default: what the stage says
  f.matured_before --: leads that began before it are the history
FROM leads.forecast(by => '{owner}', schema_name => @company@) f; --: what open leads may bring, by member, month, stage and age
