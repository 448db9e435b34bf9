-- A manager with a team sees, names and decides over its team and the teams below; without a team over everybody.
\ir include/company.sql
SET client_min_messages = error;
SELECT * FROM no_plan();
INSERT INTO crm.team (code, name, parent_id) VALUES ('north', '华北', NULL), ('north2', '华北二组', 1), ('south', '华南', NULL);
CREATE ROLE ts_boss; CREATE ROLE ts_chief; CREATE ROLE ts_loose; CREATE ROLE ts_admin; CREATE ROLE ts_app; CREATE ROLE ts_zhang; CREATE ROLE ts_head;
INSERT INTO crm.member (code, name, team_id, is_manager, db_role) VALUES
  ('zhang', '张伟', 1, false, 'ts_zhang'), ('li', '李娜', 2, false, NULL), ('wang', '王芳', 3, false, NULL), ('boss', '赵总', 1, true, 'ts_boss'),
  ('chief', '钱总', NULL, true, 'ts_chief'), ('south_boss', '孙总', 3, true, NULL), ('admin', '管理员', 1, false, 'ts_admin');
SELECT count(leads.grant_access(r, p)) FROM (VALUES ('ts_boss', 'manager'), ('ts_chief', 'manager'), ('ts_loose', 'manager'), ('ts_admin', 'admin'),
  ('ts_app', 'app'), ('ts_zhang', 'rep')) v(r, p);
INSERT INTO crm.pool (code, name) VALUES ('closed', '内部');
INSERT INTO crm.pool_member (pool_id, member_id) SELECT p.id, m.id FROM crm.pool p, crm.member m WHERE p.code = 'closed' AND m.code = 'wang';
-- 1 zhang, 2 li (the team below), 3 wang (another team), 4 open pool, 5 closed pool
SELECT lives_ok($$ SELECT leads.register('重庆鸿源商贸有限公司', by_member => 'zhang') $$);
SELECT lives_ok($$ SELECT leads.register('成都锦绣电子科技有限公司', by_member => 'li') $$);
SELECT lives_ok($$ SELECT leads.register('苏州蓝海机械制造有限公司', by_member => 'wang') $$);
SELECT lives_ok($$ SELECT leads.register('北京天桥科技有限公司', by_member => 'wang') $$);
SELECT lives_ok($$ SELECT leads.register('青岛海蓝水产有限公司', by_member => 'wang') $$);
SELECT lives_ok($$ SELECT leads.release(4, '不做了', by_member => 'wang') $$);
SELECT lives_ok($$ SELECT leads.release(5, '不做了', 'closed', by_member => 'wang') $$);
CREATE TEMP TABLE d AS SELECT customer_id, max(id) FILTER (WHERE kind = 'register') AS id FROM crm.decision GROUP BY 1;
GRANT SELECT ON d TO PUBLIC;
GRANT ALL ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC;

-- each call, by somebody who reaches the customer and somebody who does not; hidden and missing answer alike
CREATE FUNCTION pg_temp.tries(who text, call text, state text, note text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE got text := '00000';
BEGIN
  EXECUTE format('SET ROLE %I', who);
  BEGIN
    EXECUTE call;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999';
  EXCEPTION WHEN OTHERS THEN
    got := CASE SQLSTATE WHEN 'ZZ999' THEN '00000' ELSE SQLSTATE END;
  END;
  RESET ROLE;
  RETURN NEXT is(got, state, who || ': ' || note);
END $$;
SELECT pg_temp.tries(who, 'SELECT * FROM leads.explain(' || (SELECT id FROM d WHERE customer_id = c) || ')', state, 'explain of customer ' || c)
  FROM (VALUES ('ts_boss', 1, '00000'), ('ts_boss', 2, '00000'), ('ts_boss', 3, 'LD001'), ('ts_chief', 3, '00000'), ('ts_loose', 3, '00000'),
               ('ts_admin', 3, '00000'), ('ts_zhang', 2, 'LD001')) v(who, c, state);
SELECT pg_temp.tries('ts_boss', 'SELECT * FROM leads.explain(999999)', 'LD001', 'no such decision');
SELECT pg_temp.tries(who, 'SELECT leads.owner_at(' || c || ')', state, 'owner_at of customer ' || c)
  FROM (VALUES ('ts_boss', 1, '00000'), ('ts_boss', 2, '00000'), ('ts_boss', 3, 'LD001'), ('ts_boss', 4, '00000'), ('ts_boss', 5, 'LD001'),
               ('ts_boss', 99, 'LD001'), ('ts_chief', 3, '00000'), ('ts_loose', 5, '00000'), ('ts_admin', 3, '00000')) v(who, c, state);
SELECT pg_temp.tries(who, format('SELECT leads.release(%s, %L)', c, 'x'), state, 'release of customer ' || c)
  FROM (VALUES ('ts_boss', 1, '00000'), ('ts_boss', 2, '00000'), ('ts_boss', 3, 'LD001'), ('ts_boss', 5, 'LD001'), ('ts_chief', 3, '00000'),
               ('ts_loose', 3, 'LD004'), ('ts_admin', 3, '00000'), ('ts_zhang', 2, 'LD001')) v(who, c, state);
SELECT pg_temp.tries(who, format('SELECT leads.release(%s, %L, by_member => %L)', c, 'x', m), state, 'release of customer ' || c || ' as ' || m)
  FROM (VALUES ('ts_boss', 2, 'li', '00000'), ('ts_boss', 3, 'wang', 'LD004'), ('ts_boss', 3, 'south_boss', 'LD004'), ('ts_boss', 3, 'nobody', 'LD004'),
               ('ts_boss', 1, 'boss', '00000'), ('ts_chief', 3, 'wang', '00000'), ('ts_loose', 3, 'wang', '00000'), ('ts_admin', 3, 'wang', '00000'),
               ('ts_app', 3, 'south_boss', '00000'), ('ts_app', 1, 'south_boss', 'LD001'), ('ts_app', 1, 'chief', '00000'), ('ts_app', 1, 'wang', 'LD001')) v(who, c, m, state);
SELECT pg_temp.tries(who, format('SELECT leads.assign(%s, %L)', c, m), state, 'assign customer ' || c || ' to ' || m)
  FROM (VALUES ('ts_boss', 1, 'li', '00000'), ('ts_boss', 4, 'li', '00000'), ('ts_boss', 3, 'li', 'LD001'), ('ts_boss', 5, 'li', 'LD001'), ('ts_boss', 99, 'li', 'LD001'),
               ('ts_boss', 1, 'wang', 'LD004'), ('ts_boss', 1, 'nobody', 'LD001'), ('ts_chief', 3, 'li', '00000'), ('ts_admin', 3, 'li', '00000'), ('ts_zhang', 1, 'li', '42501')) v(who, c, m, state);
SELECT pg_temp.tries(who, format('SELECT leads.route(%s, dry_run => %L)', c, dry), state, 'route customer ' || c || ', dry run ' || dry)
  FROM (VALUES ('ts_boss', 1, true, '00000'), ('ts_boss', 3, true, 'LD001'), ('ts_boss', 3, false, 'LD001'), ('ts_boss', 4, false, '00000'), ('ts_chief', 3, true, '00000')) v(who, c, dry, state);
SELECT pg_temp.tries(who, format('SELECT * FROM leads.transfer_all(%L, %L, %L)', m, t, 'x'), state, 'transfer from ' || m || ' to ' || t)
  FROM (VALUES ('ts_boss', 'li', 'member:zhang', '00000'), ('ts_boss', 'wang', 'member:zhang', 'LD001'), ('ts_boss', 'nobody', 'member:zhang', 'LD001'),
               ('ts_boss', 'li', 'member:wang', 'LD001'), ('ts_boss', 'li', 'rules', '00000'), ('ts_chief', 'wang', 'member:zhang', '00000'),
               ('ts_admin', 'wang', 'rules', '00000'), ('ts_zhang', 'zhang', 'rules', '42501')) v(who, m, t, state);
SELECT pg_temp.tries(who, format('SELECT * FROM leads.deactivate_member(%L, reason => %L)', m, 'x'), state, 'deactivate ' || m)
  FROM (VALUES ('ts_boss', 'li', '00000'), ('ts_boss', 'wang', 'LD001'), ('ts_boss', 'boss', 'LD004'), ('ts_chief', 'wang', '00000'), ('ts_admin', 'li', '00000')) v(who, m, state);
SELECT pg_temp.tries(who, format('SELECT leads.set_availability(%L)', m), state, 'absence of ' || m)
  FROM (VALUES ('ts_boss', 'li', '00000'), ('ts_boss', 'wang', 'LD001'), ('ts_zhang', 'zhang', '00000'), ('ts_zhang', 'li', 'LD001'), ('ts_chief', 'wang', '00000')) v(who, m, state);
-- clocks and contracts of what its team holds; what lies in no hands and no pool of its is not there
SELECT pg_temp.tries(who, format(call, c), state, format(call, c))
  FROM (VALUES ('SELECT leads.pause(%s, now() + interval ''1 day'')'), ('SELECT leads.resume(%s)'), ('SELECT leads.set_contract(%s, now())'),
               ('SELECT * FROM leads.explain_deadline(%s)')) q(call),
       (VALUES ('ts_boss', 1, '00000'), ('ts_boss', 2, '00000'), ('ts_boss', 3, 'LD001'), ('ts_boss', 4, '00000'), ('ts_boss', 5, 'LD001'),
               ('ts_boss', 99, 'LD001'), ('ts_chief', 3, '00000'), ('ts_admin', 5, '00000')) v(who, c, state);
SELECT leads.draft('protection', '', '{"days": 10}') AS shorter \gset
SET ROLE ts_boss;
SELECT results_eq(format($$ SELECT customer_id FROM leads.policy_diff('protection', '', 1, %s) WHERE customer_id IS NOT NULL ORDER BY 1 $$, :shorter),
  'VALUES (1::bigint), (2)', 'policy_diff() lists what the team holds');
SELECT results_eq(format($$ SELECT value_2 FROM leads.policy_diff('protection', '', 1, %s) WHERE item = 'count' AND path = 'sooner' $$, :shorter),
  $$ VALUES ('2'::jsonb) $$, 'and counts it');
RESET ROLE;
-- under the id that was asked for: the survivor of a merge is not told
SELECT lives_ok($$ SELECT leads.register('苏州蓝海机械制造厂', by_member => 'wang') $$);
SELECT lives_ok($$ SELECT leads.merge(3, ARRAY[(SELECT max(id) FROM crm.customer)], reason => '同一家') $$);
SELECT max(id) AS merged FROM crm.customer \gset
SET ROLE ts_boss;
SELECT throws_ok(format($$ SELECT leads.%s $$, format(call, :merged)), 'LD001', format('there is no customer %s', :merged), call)
  FROM unnest('{"assign(%s, ''li'')","move_pool(%s, ''public'')","route(%s)","route(%s, dry_run => true)","set_contract(%s, now())","pause(%s, now() + interval ''1 d'')","delete_customer(%s, ''x'')"}'::text[]) call;
-- naming somebody that one may not act for opens nothing
SET leads.actor = 'wang';
SELECT throws_ok(call, 'LD001', NULL, 'leads.actor beyond the team: ' || call)
  FROM unnest('{SELECT leads.owner_at(3),SELECT leads.matches(3),SELECT leads.explain_deadline(3),"SELECT leads.when_would_lapse(3, 1)"}'::text[]) call;
SELECT throws_ok('SELECT leads.explain(' || (SELECT id FROM d WHERE customer_id = 3) || ')', 'LD001', NULL, 'leads.actor beyond the team: explain');
SELECT is_empty(format($$ SELECT FROM leads.policy_diff('protection', '', 1, %s) WHERE customer_id IS NOT NULL $$, :shorter), 'leads.actor beyond the team: policy_diff');
RESET leads.actor; RESET ROLE;
SELECT throws_ok($$ SELECT leads.set_availability('li', kind => 'holiday') $$, '22023');
SELECT throws_ok($$ SELECT leads.set_availability('li', '2026-01-02', '2026-01-01') $$, '22023');
SELECT throws_ok($$ SELECT leads.set_availability('li', 'infinity') $$, '22023');
SELECT throws_ok($$ SELECT leads.set_availability(NULL) $$, 'LD005');
SELECT throws_ok($$ SELECT leads.set_routing(NULL) $$, 'LD005');
SELECT throws_ok($$ SELECT leads.set_routing('half') $$, 'LD014');
SELECT throws_ok($$ SELECT leads.assign(1, 'li', protection => 'half') $$, '22023');
SELECT throws_ok($$ SELECT leads.transfer_all('li', 'rules', repeat('理', 1001)) $$, 'LD007');
SELECT throws_ok($$ SELECT leads.deactivate_member('li') $$, 'LD005');
-- an app that acts as the manager of a team reaches that team alone, through the setting as well
SET leads.actor = 'boss';
SELECT pg_temp.tries('ts_app', 'SELECT leads.owner_at(2)', '00000', 'owner_at in the team, leads.actor');
SELECT pg_temp.tries('ts_app', 'SELECT leads.owner_at(3)', 'LD001', 'owner_at beyond the team, leads.actor');
SELECT pg_temp.tries('ts_app', 'SELECT * FROM leads.explain(' || (SELECT id FROM d WHERE customer_id = 3) || ')', 'LD001', 'explain beyond the team, leads.actor');
RESET leads.actor;
-- what joins, parts and scans customers: only whom the team holds whole; 1, 2 and 6 are the team's, 3 and 7 another's
SELECT lives_ok($$ SELECT leads.register('重庆鸿源商贸有限责任公司江北分公司', by_member => 'li') $$);
SELECT lives_ok($$ SELECT leads.register('昆明滇池花卉有限公司', by_member => 'li') $$);
SELECT lives_ok($$ SELECT leads.register('昆明滇海花木有限公司', by_member => 'li') $$);
SELECT max(id) AS b, max(id) - 1 AS a FROM crm.customer \gset
SELECT lives_ok($$ SELECT leads.register('大理苍山石材有限公司', by_member => 'wang') $$);
SELECT max(id) AS c FROM crm.customer \gset
SELECT pg_temp.tries(who, format('SELECT * FROM leads.%s(%s, %s, %L)', f, x, CASE f WHEN 'merge' THEN format('ARRAY[%s]::bigint[], %L', y, '{}') ELSE y::text END, 'x'), state, f || note)
  FROM unnest('{not_duplicate,merge}'::text[]) f,
       (VALUES ('ts_boss', :a, 3, 'LD001', ' with another team''s'), ('ts_boss', :a, :c, 'LD001', ' with a later one of another team'), ('ts_boss', 3, :a, 'LD001', ' into another team''s'),
               ('ts_boss', :a, 99, 'LD001', ' with none'), ('ts_boss', :a, :b, '00000', ' within the team')) v(who, x, y, state, note);
-- which of two is told does not tell that a hidden one is there
SET ROLE ts_boss;
SELECT throws_ok(format($$ SELECT leads.not_duplicate(%s, 99999, 'x') $$, :c), 'LD001', 'there is no customer ' || :c, 'a hidden one');
SELECT throws_ok($$ SELECT leads.not_duplicate(99998, 99999, 'x') $$, 'LD001', 'there is no customer 99998', 'none');
RESET ROLE;
SELECT lives_ok(format($$ SELECT leads.merge(%s, ARRAY[%s]::bigint[], reason => '同一家') $$, :a, :b));
SELECT max(id) AS m FROM crm.merge \gset
SELECT pg_temp.tries('ts_boss', format('SELECT * FROM leads.merge(%s, ARRAY[%s]::bigint[], reason => %L)', :a, :b, 'x'), '00000', 'merged before: nothing');
SELECT pg_temp.tries(who, format('SELECT * FROM leads.unmerge(%s)', merge), state, 'unmerge')
  FROM (VALUES ('ts_boss', :m, '00000'), ('ts_boss', 1, 'LD001'), ('ts_boss', 99, 'LD001'), ('ts_chief', 1, '00000')) v(who, merge, state);
SELECT lives_ok(format($$ SELECT leads.assign(%s, 'wang') $$, :a), 'the merged one goes to another team');
SELECT pg_temp.tries('ts_boss', format('SELECT * FROM leads.unmerge(%s)', :m), 'LD001', 'unmerge of what another team holds');
SELECT pg_temp.tries(who, call, state, call)
  FROM (VALUES ('ts_boss', 'SELECT * FROM leads.find_duplicates()', 'LD004'), ('ts_chief', 'SELECT * FROM leads.find_duplicates()', '00000'),
               ('ts_boss', 'CALL leads.scan_duplicates(''x'')', 'LD004'), ('ts_boss', 'SELECT leads.forget_scan(''x'')', 'LD004'),
               ('ts_chief', 'SELECT leads.forget_scan(''x'')', 'LD001')) v(who, call, state);
-- an import by the manager of a team gives to the team only
SET ROLE ts_boss;
SELECT lives_ok($$ SELECT leads.import_stage('旧系统', '[{"name": "贵阳观山湖茶业有限公司", "owner": "li"}, {"name": "遵义红花岗酒业有限公司", "owner": "wang"}]') $$);
SELECT lives_ok($$ CALL leads.import_commit('旧系统') $$);
RESET ROLE;
SELECT results_eq($$ SELECT row_no::int, outcome, code FROM leads.import_report('旧系统') ORDER BY 1 $$,
  $$ VALUES (1, 'created', 'register.created'), (2, 'rejected', 'import.owner_unknown') $$, 'owner of another team is refused');
-- names that a duplicate check and a registration tell
CREATE FUNCTION pg_temp.told(who text, name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE got text;
BEGIN
  EXECUTE format('SET ROLE %I', who);
  SELECT format('%s %s / %s %s', d.customer, d.customer_id IS NOT NULL, r.matches -> 0 ->> 'name', r.customer_id IS NOT NULL) INTO got
    FROM leads.check_duplicate(name) d, leads.register(name) r WHERE d.rank = 1;
  RESET ROLE;
  RETURN got;
END $$;
SELECT is(pg_temp.told('ts_boss', '大理苍山石材有限公司'), '大理****公司 f / 大理****公司 f', 'another team''s, to the manager of a team');
SELECT is(pg_temp.told('ts_boss', '成都锦绣电子科技有限公司'), '成都锦绣电子科技有限公司 t / 成都锦绣电子科技有限公司 t', 'its own team''s');
SELECT is(pg_temp.told('ts_chief', '大理苍山石材有限公司'), '大理苍山石材有限公司 t / 大理苍山石材有限公司 t', 'without a team: every name');
SELECT * FROM finish();
