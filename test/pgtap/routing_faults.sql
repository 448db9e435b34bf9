-- Routing and match documents: a fault refuses the whole, with its place; who may do what.
\ir include/company.sql
SET client_min_messages = error;
SELECT * FROM no_plan();
INSERT INTO crm.member (code, name) VALUES ('li', '李娜');
INSERT INTO crm.territory (code, regions) VALUES ('west', ARRAY['四川']);
CREATE FUNCTION pg_temp.faulty(rule jsonb, path text, fault text) RETURNS text LANGUAGE sql AS $$
  SELECT throws_like(format('SELECT leads.publish(''routing'', '''', %L)', jsonb_build_object('rules', jsonb_build_array(rule))::text),
                     'policy document refused at ' || path || ': %' || fault || '%', path || ': ' || fault) $$;
CREATE FUNCTION pg_temp.bad_when(path text, fault text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.faulty(jsonb_build_object('position', 7, 'assign_to', 'member:li', 'when', path), '$.rules[0].when', 'rule at position 7: ' || fault) $$;

-- every fault is LD014
SELECT throws_ok($$ SELECT leads.publish('routing', '', '{"rules": [{"position": 1, "assign_to": "member:li"}, {"position": 2, "assign_to": "x"}]}') $$,
  'LD014', 'policy document refused at $.rules[1].assign_to: rule at position 2: missing or not owner, partner, nor member:, ring:, pool:, team: or role: with a code');
SELECT throws_ok($$ SELECT leads.publish('routing', '', '{}') $$, 'LD014', 'policy document refused at $.rules: missing or not a list');
SELECT throws_ok($$ SELECT leads.publish('routing', '', '{"rules": {}}') $$, 'LD014', 'policy document refused at $.rules: missing or not a list');
SELECT throws_ok($$ SELECT leads.publish('routing', '', '{"rules": [], "note": 1}') $$, 'LD014', 'policy document refused at $.note: unknown key');
SELECT throws_ok($$ SELECT leads.publish('routing', '', '[]') $$, 'LD014', 'policy document refused at $: not an object');
SELECT throws_ok($$ SELECT leads.publish('routing', '', '{"rules": [1]}') $$, 'LD014', 'policy document refused at $.rules[0]: not an object');
SELECT throws_ok($$ SELECT leads.publish('routing', '', jsonb_build_object('rules', (SELECT jsonb_agg(jsonb_build_object('position', i, 'assign_to', 'member:li')) FROM generate_series(1, 2001) i))) $$,
  'LD014', 'policy document refused at $.rules: more than 2000 rules');
SELECT throws_ok($$ SELECT leads.draft('routing', '', '{"rules": [{"position": 1, "assign_to": "member:nobody"}]}') $$, 'LD014', NULL, 'a draft is checked as well');
SELECT pg_temp.faulty('{"assign_to": "member:li"}', '$.rules[0].position', 'missing');
SELECT pg_temp.faulty('{"position": 1.5, "assign_to": "member:li"}', '$.rules[0].position', 'whole number');
SELECT pg_temp.faulty('{"position": 99999999999, "assign_to": "member:li"}', '$.rules[0].position', 'whole number');
SELECT throws_ok($$ SELECT leads.publish('routing', '', '{"rules": [{"position": 3, "assign_to": "member:li"}, {"position": 3, "assign_to": "member:li"}]}') $$,
  'LD014', 'policy document refused at $.rules[1].position: rule at position 3: used by another rule');
SELECT pg_temp.faulty('{"position": 1}', '$.rules[0].assign_to', 'missing');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:nobody"}', '$.rules[0].assign_to', 'there is no member:nobody');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "ring:none"}', '$.rules[0].assign_to', 'there is no ring:none');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "pool:none"}', '$.rules[0].assign_to', 'there is no pool:none');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "team:none"}', '$.rules[0].assign_to', 'there is no team:none');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "group:li"}', '$.rules[0].assign_to', 'nor member:');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "owner:li"}', '$.rules[0].assign_to', 'nor member:');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "skills": "外贸"}', '$.rules[0].skills', 'not a list');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "skills": []}', '$.rules[0].skills', '1 to 20');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "skills": ["外贸", ""]}', '$.rules[0].skills[1]', 'not a skill');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "id": 1, "member_cap": -1}', '$.rules[0].member_cap', 'whole number');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "member_cap": 3}', '$.rules[0].member_cap', 'needs an id');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "skip_previous": "yes"}', '$.rules[0].skip_previous', 'not true');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "hours": "defer"}', '$.rules[0].hours', 'not ignore or require');
SELECT throws_ok($$ SELECT leads.publish('routing', '', '{"rules": [], "handover": "half"}') $$, 'LD014', 'policy document refused at $.handover: not fresh or inherit');
SELECT throws_ok($$ SELECT leads.publish('routing', '', '{"rules": [], "handover": 1}') $$, 'LD014', 'policy document refused at $.handover: not fresh or inherit');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "channel": "fax"}', '$.rules[0].channel', 'there is no channel "fax"');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "colour": "red"}', '$.rules[0].colour', 'unknown key');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "region": 5}', '$.rules[0].region', 'not a text');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "industry": " "}', '$.rules[0].industry', 'blank');
SELECT pg_temp.faulty(jsonb_build_object('position', 1, 'assign_to', 'member:li', 'region', repeat('x', 801)), '$.rules[0].region', 'longer');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "min_amount": "5"}', '$.rules[0].min_amount', 'not a number');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "min_amount": 5, "max_amount": 4.99}', '$.rules[0].max_amount', 'less than min_amount');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "territory": "west"}', '$.rules[0].territory', 'not a list');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "territory": []}', '$.rules[0].territory', '1 to 500');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "territory": ["四川", 5]}', '$.rules[0].territory[1]', 'not a region');
SELECT pg_temp.faulty('{"position": 1, "assign_to": "member:li", "id": 0}', '$.rules[0].id', 'whole number');

-- conditions
SELECT pg_temp.bad_when('$.lead.amount >', 'syntax error');
SELECT pg_temp.bad_when('', '');
SELECT pg_temp.bad_when('$ ? (@.lead.amount > 1)', 'the root is not a predicate');
SELECT pg_temp.bad_when('$.lead.amount', 'the root is not a predicate');
SELECT pg_temp.bad_when('true', 'the root is not a predicate');
SELECT pg_temp.bad_when('($.lead.amount > 1).type()', 'the root is not a predicate');
SELECT pg_temp.bad_when('$.customer.name like_regex "^a"', 'like_regex is not allowed');
SELECT pg_temp.bad_when('exists($.customer ? (@.name like_regex "^a"))', 'like_regex is not allowed');
SELECT pg_temp.bad_when('$.now.datetime() < "2026-01-01".datetime()', 'datetime() is not allowed');
SELECT pg_temp.bad_when('$.lead.amount > $limit', 'variables are not known');
SELECT pg_temp.bad_when('$.customers.name == "a"', 'the document has no key "customers"');
SELECT pg_temp.bad_when('!($.lead.amounts > 1)', 'the document has no key "amounts" in "lead"');
SELECT pg_temp.bad_when('$.lead.extra.a[$.lead.colour] == 1', 'the document has no key "colour" in "lead"');
SELECT pg_temp.bad_when('$.** == 1', '.** needs bounds');
SELECT pg_temp.bad_when('$.lead.amount > ' || repeat(' ', 4000) || '1', 'the condition is longer than 4000 bytes');
SELECT lives_ok($$ SELECT leads.publish('routing', '', '{"rules": [{"position": 7, "id": 3, "name": "all", "region": null, "assign_to": "member:li",
  "when": "strict ($.lead.amount * 2 - 1 >= 100.5 || $.customer.tags[last] == \"vip\" || exists($.lead.extra.a[0 to 2] ? (@ > 1))) && ($.lead.extra.*.size() == 1) is unknown && !($.customer.name starts with \"A\")"}]}') $$,
  'what the language can is let in');

-- the plain face
SELECT throws_ok($$ INSERT INTO crm.routing_rule (position, assign_to) VALUES (40, 'member:nobody') $$, 'LD014',
  'policy document refused at $.rules[0].assign_to: rule at position 40: there is no member:nobody');
SELECT throws_ok($$ INSERT INTO crm.routing_rule (position, territory, assign_to) VALUES (40, 'east', 'member:li') $$, 'LD014',
  'policy document refused at $.rules: rule at position 40: there is no territory "east"');
SELECT throws_ok($$ INSERT INTO crm.routing_rule (position, min_amount, assign_to) VALUES (40, 'NaN', 'member:li') $$, 'LD014',
  'policy document refused at $.rules: rule at position 40: min_amount is not a number');
SELECT throws_ok($$ INSERT INTO crm.routing_rule (position, assign_to) VALUES (40, 'nobody') $$, '23514', NULL, 'a target is checked by the table');
SELECT throws_ok($$ INSERT INTO crm.routing_rule (position, assign_to) VALUES (40, 'member:li'), (40, 'member:li') $$, '23505', NULL, 'a position stands once');
SELECT lives_ok($$ INSERT INTO crm.routing_rule (position, active, assign_to) VALUES (40, false, 'member:nobody') $$, 'what is not active is not checked');
SELECT throws_ok($$ UPDATE crm.routing_rule SET active = true $$, 'LD014', NULL, 'until it is made active');
SELECT lives_ok($$ INSERT INTO crm.routing_rule (position, territory, assign_to) VALUES (50, 'west', 'member:li') $$);
SELECT throws_ok($$ DELETE FROM crm.territory $$, 'LD014', 'policy document refused at $.rules: rule at position 50: there is no territory "west"');
SELECT throws_ok($$ TRUNCATE crm.territory $$, 'LD014', NULL, 'nor is it truncated away');
SELECT throws_ok($$ SELECT leads.compile_rules() $$, '39P01', NULL, 'compile_rules() is no call');
CREATE TABLE public.elsewhere (id int);
CREATE TRIGGER wrong BEFORE INSERT ON public.elsewhere FOR EACH ROW EXECUTE FUNCTION leads.compile_rules();
SELECT throws_ok($$ INSERT INTO public.elsewhere VALUES (1) $$, '39P01', NULL, 'nor a row trigger');
SET session_replication_role = replica;
SELECT is((SELECT count(*) FROM leads.policy_history('routing')), 4::bigint, 'what was refused left no version');
UPDATE crm.routing_rule SET active = false;
SELECT is((SELECT count(*) FROM leads.policy_history('routing')), 4::bigint, 'a replica compiles nothing');
RESET session_replication_role;
-- there and back within one instant (a frozen clock): the last word stands
SET leads.clock = '2100-01-01 00:00+00';
TRUNCATE crm.routing_rule;
INSERT INTO crm.routing_rule (position, assign_to) VALUES (1, 'member:li');
TRUNCATE crm.routing_rule;
RESET leads.clock;
SET leads.clock = '2100-01-01 00:01+00';
SELECT results_eq($$ SELECT body FROM leads.policy_history('routing') WHERE status = 'active' $$, $$ VALUES ('{"rules": []}'::jsonb) $$, 'the last of three changes in one instant rules');
RESET leads.clock;
SELECT lives_ok($$ SELECT leads.install() $$);
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgname IN ('routing_rule_compile', 'territory_compile')), 2::bigint, 'install() keeps the triggers once each');

-- the match document
SELECT throws_ok($$ SELECT leads.set_match(certain => 0.5) $$, 'LD014', 'policy document refused at $.likely: above certain');
SELECT throws_ok($$ SELECT leads.set_match(possible => 2) $$, 'LD014', 'policy document refused at $.possible: above likely');
SELECT throws_ok($$ SELECT leads.set_match(certain => 1001) $$, 'LD014', 'policy document refused at $.certain: not a number between -1000 and 1000');
SELECT throws_ok($$ SELECT leads.set_match(certain => 'NaN') $$, 'LD014', 'policy document refused at $.certain: not a number between -1000 and 1000');
SELECT throws_ok($$ SELECT leads.set_match(returning_days => -1) $$, 'LD014', 'policy document refused at $.returning_days: not a whole number of days between 0 and 36500');
SELECT throws_ok($$ SELECT leads.publish('match', '', '{"returning_days": 1.5}') $$, 'LD014', NULL, 'half a day is none');
SELECT throws_ok($$ SELECT leads.set_match(scope => 'world') $$, 'LD014', 'policy document refused at $.scope: not customer, line or project');
SELECT throws_ok($$ SELECT leads.set_match(weights => '{"charm": 1}') $$, 'LD014', 'policy document refused at $.weights.charm: no such feature');
SELECT throws_ok($$ SELECT leads.set_match(weights => '[]') $$, '22023', 'weights is not a JSON object');
SELECT throws_ok($$ SELECT leads.publish('match', '', '{"weights": 1}') $$, 'LD014', 'policy document refused at $.weights: not an object');
SELECT throws_ok($$ SELECT leads.publish('match', '', '{"mood": 1}') $$, 'LD014', 'policy document refused at $.mood: unknown key');
SELECT lives_ok($$ SELECT leads.set_match(certain => 5, returning_days => 90, weights => '{"person_phone_equal": 2.5}') $$);
SELECT lives_ok($$ SELECT leads.set_match(likely => 2, scope => 'line') $$);
SELECT results_eq($$ SELECT body FROM leads.policy_history('match') LIMIT 1 $$,
  $$ VALUES ('{"certain": 5, "likely": 2, "scope": "line", "returning_days": 90, "weights": {"person_phone_equal": 2.5}}'::jsonb) $$, 'what is not named is kept');
SELECT lives_ok($$ SELECT leads.set_match(weights => '{"person_phone_equal": null}') $$);
SELECT results_eq($$ SELECT body -> 'weights' FROM leads.policy_history('match') LIMIT 1 $$, $$ VALUES ('{}'::jsonb) $$, 'null takes a weight back');

-- route() and policy_history(): input and rights
SELECT throws_ok($$ SELECT leads.route(NULL) $$, 'LD005', 'customer_id is required');
SELECT throws_ok($$ SELECT leads.route(999) $$, 'LD001', NULL, 'no such customer');
SELECT throws_ok($$ SELECT leads.route(999, dry_run => true) $$, 'LD001', NULL, 'nor in a dry run');
SELECT throws_ok($$ SELECT leads.policy_history(NULL) $$, 'LD005', 'kind is required');
SELECT is_empty($$ SELECT * FROM leads.policy_history('routing', 'other') $$);
INSERT INTO crm.member (code, name) VALUES ('zhang', '张伟');
SELECT isnt_empty($$ SELECT FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang') WHERE owner = 'zhang' $$);
SELECT throws_ok($$ SELECT leads.route(1, 'cloud') $$, 'LD002', NULL, 'no ownership in that scope');
SELECT throws_ok($$ SELECT leads.route(1, 'cloud', true) $$, 'LD002', NULL, 'nor in a dry run');
SELECT 'rep_' || current_database() AS rep, 'mgr_' || current_database() AS mgr \gset
CREATE ROLE :"rep"; CREATE ROLE :"mgr";
INSERT INTO crm.member (code, name, db_role, is_manager) VALUES ('rep', 'Rep', :'rep', false), ('mgr', 'Mgr', :'mgr', true);
SELECT FROM leads.grant_access(:'rep', 'rep'); SELECT FROM leads.grant_access(:'mgr', 'manager');
GRANT EXECUTE ON FUNCTION leads.route(bigint, text, boolean), leads.policy_history(text, text) TO :"rep";
SET ROLE :"rep";
SELECT throws_ok($$ SELECT leads.route(1) $$, 'LD004', NULL, 'a rep does not route');
SELECT throws_ok($$ SELECT leads.route(1, dry_run => true) $$, 'LD004', NULL, 'nor look where it would go');
SELECT throws_ok($$ SELECT * FROM leads.policy_history('routing') $$, 'LD004', NULL, 'nor read the rules');
SET ROLE :"mgr";
SELECT lives_ok($$ SELECT leads.route(1, dry_run => true) $$, 'a manager does');
SELECT isnt_empty($$ SELECT * FROM leads.policy_history('routing') $$);
RESET ROLE;
-- a false clock in a company that works for real
SET client_min_messages = error;
SELECT FROM leads.install('real');
SET leads.schema = 'real';
SET leads.clock = '+1 day';
SELECT throws_ok($$ INSERT INTO "real".routing_rule (position, assign_to) VALUES (1, 'pool:public') $$, 'LD010', NULL, 'no version from a false time');
RESET leads.clock; RESET leads.schema;
-- no pool at all: only then is there no answer
SET session_replication_role = replica;
DELETE FROM crm.pool; UPDATE crm.member SET active = false;
UPDATE crm.ownership SET exempt = 'locked', next_due_at = NULL;
RESET session_replication_role;
UPDATE crm.routing_rule SET active = false;
SELECT throws_ok($$ SELECT leads.route(1) $$, 'LD002', NULL, 'a company without a pool');
SELECT * FROM finish();
