-- Reports of sales: places and ties of the board, whose losses they are, what imports brought along, segments without a win.
SET client_min_messages = warning; SET timezone = 'UTC'; SET datestyle = 'ISO';
SELECT leads.install('sr', lang => 'en', simulation => true, zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'sr';
INSERT INTO sr.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li'), ('wu', 'Wu'), ('chen', 'Chen');
SET leads.clock = '2025-03-01 09:00+00';
-- one row a lead: 1 2 zhang, 3 li, 4 wu, 5 6 chen
SELECT outcome, count(*) FROM unnest('{Acme Pumps Ltd,Borealis Valves Inc,Cobalt Bearings GmbH,Delta Looms AG,Ember Kilns SA,Fjord Cranes Oy}'::text[], '{zhang,zhang,li,wu,chen,chen}'::text[]) n(name, code),
  LATERAL leads.register(n.name, by_member => n.code) r GROUP BY 1;
SET leads.clock = '2025-03-03 09:00+00';
SELECT stage FROM leads.win(1, 60); SELECT stage FROM leads.win(2, 40); SELECT stage FROM leads.win(3, 100); SELECT stage FROM leads.win(4, 100);
SELECT stage FROM leads.edit_lead(5, amount => 30); SELECT stage FROM leads.edit_lead(6, amount => 50);
SELECT stage FROM leads.lose(5, 'price'); SELECT stage FROM leads.lose(6, 'price');
SET leads.clock = '2025-03-04 09:00+00';
-- as much money: more wins are before, as many wins are one place; what nobody had comes last, whatever was won of it
SELECT r.customer_id AS pooled, r.lead_id AS lead FROM leads.register('Granite Mills Kft', by_member => 'chen') r \gset
SELECT into_pool FROM leads.release(:pooled, 'no time', by_member => 'chen');
SELECT stage FROM leads.win(:lead, 500);
SET leads.clock = '2025-03-05 09:00+00';
SELECT place, member, won, won_amount FROM leads.leaderboard('2025-03-01', '2025-04-01');
-- who only lost has no cycle; a win is his who had it when it was won
SET session_replication_role = replica;
UPDATE sr.lead SET created_by = 4, first_owner_id = 4 WHERE id = 3; UPDATE sr.lead_journey SET creator_id = 4, first_owner_id = 4 WHERE lead_id = 3;
RESET session_replication_role;
SELECT segment, won, mean_days FROM leads.sales_cycle('2025-03-01', '2025-04-01', '{owner}');
SELECT segment, won FROM leads.sales_cycle('2025-03-01', '2025-04-01', '{owner}', 'creator');
-- a loss is his who had it when it was lost, or who entered it, or who had it first
SET session_replication_role = replica;
UPDATE sr.lead SET created_by = 2, first_owner_id = 3 WHERE id = 5;
RESET session_replication_role;
SELECT a.a AS attribution, x.segment, x.losses, x.share, x.amount FROM unnest(ARRAY[NULL, 'at_event', 'closer', 'creator', 'first_owner']) a, LATERAL leads.loss_analysis(by => '{owner}', attribution => a.a) x ORDER BY 1 NULLS FIRST, 2;
-- what was imported counts where it is asked for
SET session_replication_role = replica;
UPDATE sr.lead SET imported = true WHERE id = 6;
RESET session_replication_role;
SELECT i AS include_imported, x.losses, x.amount, (SELECT c.n FROM leads.contact_effect(include_imported => i) c WHERE c.contact = 'all') AS closed FROM unnest('{f,t}'::boolean[]) i, LATERAL leads.loss_analysis(include_imported => i) x;
SELECT * FROM leads.loss_analysis(by => '{returning}');
-- who comes twice entered once, and went on once
SET leads.clock = '2025-05-01 09:00+00';
SELECT r.lead_id AS twice FROM leads.register('Hagen Looms AG', by_member => 'wu') r \gset
SET leads.clock = '2025-05-02 09:00+00'; SELECT stage FROM leads.advance(:twice, 'contacted');
SET leads.clock = '2025-05-03 09:00+00'; SELECT stage FROM leads.advance(:twice, 'qualified');
SET leads.clock = '2025-05-04 09:00+00'; SELECT stage FROM leads.advance(:twice, 'contacted', reason => 'once more');
SET leads.clock = '2025-05-05 09:00+00'; SELECT stage FROM leads.advance(:twice, 'qualified');
SET leads.clock = '2025-05-06 09:00+00';
SELECT stage, entries, forward, back, closing, entered, advanced, rate FROM leads.flow_report('2025-05-01') WHERE entries > 0;
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('sr', 'sr');
