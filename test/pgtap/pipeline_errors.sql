-- Every error that log_activity, advance, win, lose, reopen, edit_lead and the funnel can raise, by SQLSTATE.
\ir include/company.sql
SELECT * FROM no_plan();
SET leads.clock = '2025-03-01 09:00+08';
SET timezone = 'Asia/Shanghai';
INSERT INTO crm.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜');
INSERT INTO crm.member (code, name, left_at) VALUES ('wu', '吴刚', '2025-02-01');
SELECT FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SELECT FROM leads.register('四川天府物流有限公司', by_member => 'zhang');
SELECT 'rep_' || current_database() AS rep, 'out_' || current_database() AS outsider \gset
CREATE ROLE :"rep"; CREATE ROLE :"outsider";
INSERT INTO crm.member (code, name, db_role) VALUES ('zhao', '赵敏', :'rep');
SELECT leads.grant_access(:'rep', 'rep');
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA leads TO :"outsider";

-- each verb: unknown lead, no lead, not the owner, unknown member, one that has left
CREATE TEMP TABLE verb (call text);
INSERT INTO verb VALUES ('log_activity(%s, ''call'', ''已联系,需求明确'''), ('advance(%s, ''contacted'''), ('win(%s'),
  ('lose(%s, ''price'''), ('reopen(%s'), ('edit_lead(%s, need => ''x''');
SELECT throws_ok(format('SELECT leads.' || call || ')', 999), 'LD001', NULL, call || ' unknown lead') FROM verb;
SELECT throws_ok(format('SELECT leads.' || call || ')', -1), 'LD001', NULL, call || ' negative lead') FROM verb;
SELECT throws_ok(format('SELECT leads.' || call || ')', 'NULL'), 'LD005', NULL, call || ' no lead') FROM verb;
SELECT throws_ok(format('SELECT leads.' || call || ', by_member => ''li'')', 1), 'LD001', NULL, call || ' not the owner') FROM verb;
SELECT throws_ok(format('SELECT leads.' || call || ', by_member => ''nobody'')', 1), 'LD004', NULL, call || ' unknown member') FROM verb;
SELECT throws_ok(format('SELECT leads.' || call || ', by_member => ''wu'')', 1), 'LD004', NULL, call || ' a leaver') FROM verb;
SELECT throws_ok(format('SELECT leads.' || call || ', expected_version => %s)', 1, v), 'LD003', NULL, call || ' version ' || v)
  FROM verb, unnest(ARRAY[2, 0, -1]) v WHERE call !~ 'log_';
-- a rep names nobody else, an outsider nothing; a detail tells a rep nothing about the owner
GRANT SELECT ON verb TO :"rep", :"outsider";
SET ROLE :"rep";
SELECT throws_ok(format('SELECT leads.' || call || ', by_member => ''zhang'')', 1), 'LD004', NULL, call || ' forged by_member') FROM verb;
SELECT throws_ok(format('SELECT leads.' || call || ')', 1), 'LD001', 'there is no lead 1', call || ' by another rep') FROM verb;
SET ROLE :"outsider";
SELECT throws_ok(format('SELECT leads.' || call || ')', 1), 'LD004', NULL, call || ' by an outsider') FROM verb;
SELECT throws_ok('SELECT leads.funnel()', 'LD004', NULL, 'funnel() by an outsider');
SELECT throws_ok('SELECT leads.funnel_chart()', 'LD004', NULL, 'funnel_chart() by an outsider');
RESET ROLE;
-- another clock in a company that works for real
SELECT FROM leads.install('real', owner => :'owner');
INSERT INTO real.member (code, name) VALUES ('zhang', '张伟');
RESET leads.clock; SET leads.schema = 'real';
SELECT FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SET leads.clock = '2055-03-01';
SELECT throws_ok(format('SELECT leads.' || call || ')', 1), 'LD010', NULL, call || ' under a false clock') FROM verb;
SET leads.schema = 'crm'; SET leads.clock = '2025-03-01 10:00+08';

-- stages
SELECT throws_ok($$ SELECT leads.advance(1, NULL) $$, 'LD005', NULL, 'no stage');
SELECT throws_ok($$ SELECT leads.advance(1, E' \t ') $$, 'LD005', NULL, 'blank stage');
SELECT throws_ok($$ SELECT leads.advance(1, 'signed') $$, '22023', NULL, 'unknown stage');
SELECT throws_ok($$ SELECT leads.advance(1, repeat('意', 300000)) $$, '22023', NULL, 'a stage of 900 kB');
SELECT throws_ok($$ SELECT leads.advance(1, 'new') $$, 'LD002', NULL, 'there already');
SELECT throws_ok($$ SELECT leads.advance(1, 'won') $$, 'LD002', NULL, 'advance() does not win');
SELECT throws_ok($$ SELECT leads.advance(1, 'lost') $$, 'LD002', NULL, 'advance() does not lose');
SELECT throws_ok($$ SELECT leads.advance(1, 'contacted', repeat('x', 201)) $$, 'LD007', NULL, 'long reason');
SELECT throws_ok($$ SELECT leads.reopen(1) $$, 'LD002', NULL, 'reopen() of an open lead');
SELECT lives_ok($$ SELECT leads.advance(1, 'contacted', repeat('字', 200)) $$, 'a reason of 200 characters');
SELECT throws_ok($$ SELECT leads.advance(1, 'new') $$, 'LD005', NULL, 'back without a reason');
SELECT throws_ok($$ SELECT leads.lose(1, NULL) $$, 'LD005', NULL, 'lose() without a reason');
SELECT throws_ok($$ SELECT leads.lose(1, '') $$, 'LD005', NULL, 'lose() with a blank reason');
SELECT throws_ok($$ SELECT leads.lose(1, 'weather') $$, '22023', NULL, 'lose() with an unknown reason');
SELECT throws_ok($$ SELECT leads.lose(1, 'other', '123456789') $$, 'LD005', NULL, 'other with nine characters');
SELECT throws_ok($$ SELECT leads.lose(1, 'price', repeat('x', 4001)) $$, 'LD007', NULL, 'long note');
SELECT throws_ok($$ SELECT leads.win(1, -0.01) $$, '22023', NULL, 'negative amount');
SELECT throws_ok($$ SELECT leads.win(1, 'NaN') $$, '22023', NULL, 'an amount that is no number');
SELECT throws_ok($$ SELECT leads.win(1, 'Infinity') $$, '22023', NULL, 'an infinite amount');
SELECT throws_ok($$ SELECT leads.win(1, 1e16) $$, '22003', NULL, 'too large an amount');
SELECT is((SELECT row_version FROM crm.lead WHERE id = 1), 2, 'a refusal leaves nothing');
SELECT lives_ok($$ SELECT leads.win(1, 9999999999999999.9999) $$, 'the largest amount');
SELECT throws_ok($$ SELECT leads.win(1) $$, 'LD002', NULL, 'won already');
SELECT throws_ok($$ SELECT leads.lose(1, 'price') $$, 'LD002', NULL, 'lose() of a won lead');
SELECT throws_ok($$ SELECT leads.advance(1, 'proposal') $$, 'LD002', NULL, 'advance() of a won lead');
SELECT throws_ok($$ SELECT leads.reopen(1, 'won') $$, 'LD002', NULL, 'reopen() to a closing stage');
SELECT throws_ok($$ SELECT leads.reopen(1, 'signed') $$, '22023', NULL, 'reopen() to an unknown stage');
SELECT throws_ok($$ SELECT leads.reopen(1, 'new', repeat('x', 201)) $$, 'LD007', NULL, 'long reason');
-- fields
SELECT throws_ok($$ SELECT leads.edit_lead(2, need => repeat('x', 4001)) $$, 'LD007', NULL, 'long need');
SELECT throws_ok($$ SELECT leads.edit_lead(2, line => repeat('x', 201)) $$, 'LD007', NULL, 'long line');
SELECT throws_ok($$ SELECT leads.edit_lead(2, project => repeat('x', 201)) $$, 'LD007', NULL, 'long project');
SELECT throws_ok($$ SELECT leads.edit_lead(2, extra => jsonb_build_object('a', repeat('x', 70000))) $$, 'LD007', NULL, 'large extra');
SELECT throws_ok($$ SELECT leads.edit_lead(2, extra => '1') $$, '22023', NULL, 'extra is no object');
SELECT throws_ok($$ SELECT leads.edit_lead(2, amount => -1) $$, '22023', NULL, 'negative amount');
SELECT throws_ok($$ SELECT leads.edit_lead(2, amount => 1e16) $$, '22003', NULL, 'large amount');
SELECT throws_ok($$ SELECT leads.edit_lead(2, expected_on => '-infinity') $$, 'LD006', NULL, 'no day');
SELECT throws_ok($$ SELECT leads.edit_lead(2, clear_fields => '{stage}') $$, '22023', NULL, 'unknown field');
SELECT throws_ok($$ SELECT leads.edit_lead(2, clear_fields => '{NULL}') $$, '22023', NULL, 'a field that is NULL');
SELECT throws_ok($$ SELECT leads.edit_lead(2, clear_fields => '{{need},{line}}'), leads.edit_lead(2, clear_fields => '{{need},{x}}') $$, '22023', NULL, 'two dimensions read as one');
-- follow-ups
SELECT throws_ok($$ SELECT leads.log_activity(2, NULL) $$, 'LD005', NULL, 'no kind');
SELECT throws_ok($$ SELECT leads.log_activity(2, 'fax') $$, '22023', NULL, 'unknown kind');
SELECT throws_ok($$ SELECT leads.log_activity(2, 'inquiry') $$, '22023', NULL, 'a kind of the system');
SELECT throws_ok($$ SELECT leads.log_activity(2, 'call', repeat('x', 8001)) $$, 'LD007', NULL, 'long note');
SELECT throws_ok($$ SELECT leads.log_activity(2, 'call', 'tomorrow', '2025-03-02 09:00+08') $$, 'LD006', NULL, 'in the future');
SELECT throws_ok($$ SELECT leads.log_activity(2, 'call', 'long ago', '2025-02-22 09:00+08') $$, 'LD006', NULL, 'too late');
SELECT throws_ok($$ SELECT leads.log_activity(2, 'call', 'never', '-infinity') $$, 'LD006', NULL, 'no instant');
SELECT is_empty('SELECT FROM crm.activity', 'a refusal leaves no activity');
-- the deadline: refused at it
SELECT next_due_at AS due, next_due_at - interval '1 microsecond' AS before FROM crm.ownership WHERE customer_id = 2 AND until IS NULL \gset
SET leads.clock = :'before';
SELECT lives_ok($$ SELECT leads.advance(2, 'contacted', by_member => 'zhang') $$, 'a microsecond before the deadline');
SET leads.clock = :'due';
SELECT throws_ok($$ SELECT leads.advance(2, 'qualified', by_member => 'zhang') $$, 'LD050', NULL, 'advance() at the deadline');
SELECT throws_ok($$ SELECT leads.win(2, by_member => 'zhang') $$, 'LD050', NULL, 'win() at the deadline');
SELECT throws_ok($$ SELECT leads.edit_lead(2, amount => 1, by_member => 'zhang') $$, 'LD050', NULL, 'edit_lead() at the deadline');
-- damaged: the document
SELECT throws_ok($$ SELECT leads.publish('pipeline', '', '{"allow_skip": "yes"}') $$, 'LD014', NULL, 'a faulty document');
-- funnel
SELECT throws_ok($$ SELECT leads.funnel(mode => 'sideways') $$, '22023', NULL, 'a mode that is not there');
SELECT throws_ok($$ SELECT leads.funnel(by => 'segment') $$, '22023', NULL, 'a cut that is not there');
SELECT throws_ok($$ SELECT leads.funnel('2025-03-02', '2025-03-01') $$, '22023', NULL, 'a period that ends before it begins');
SELECT throws_ok($$ SELECT leads.funnel(as_of => leads.now() + interval '1 second') $$, 'LD006', NULL, 'as_of in the future');
SELECT throws_ok($$ SELECT leads.funnel(schema_name => 'public') $$, 'LD008', NULL, 'no company');
SELECT throws_ok($$ SELECT leads.funnel_chart(width => 0) $$, '22023', NULL, 'no width');

RESET leads.clock; SET leads.schema = 'real';
-- by hand as well an amount is a number, and a registration says it is not
SELECT throws_ok(format($$ UPDATE crm.lead SET amount = %L WHERE id = 1 $$, a), state, NULL, 'amount ' || a)
  FROM (VALUES ('NaN', '23514'), ('-1', '23514'), ('Infinity', '22003')) v(a, state);
SELECT is((leads.register('昆明滇池花卉有限公司', amount => a::numeric, by_member => 'zhang')).outcome, 'rejected', 'registered with amount ' || a) FROM unnest('{NaN,Infinity,-1}'::text[]) a;
SELECT * FROM finish();
