-- What a caller may not know of answers like what is not there: pools by code, ids of canonical(), the rivals and twins of registrations.
\ir include/company.sql
SET client_min_messages = error;
SELECT * FROM no_plan();
INSERT INTO crm.team (code, name) VALUES ('north', '华北'), ('south', '华南');
CREATE ROLE hd_boss; CREATE ROLE hd_chief; CREATE ROLE hd_zhang; CREATE ROLE hd_bi;
INSERT INTO crm.member (code, name, team_id, is_manager, db_role) VALUES ('zhang', '张伟', 1, false, 'hd_zhang'), ('li', '李娜', 1, false, NULL),
  ('wang', '王芳', 2, false, NULL), ('boss', '赵总', 1, true, 'hd_boss'), ('sboss', '孙总', 2, true, NULL), ('chief', '钱总', NULL, true, 'hd_chief');
SELECT count(leads.grant_access(r, p)) FROM (VALUES ('hd_boss', 'manager'), ('hd_chief', 'manager'), ('hd_zhang', 'rep'), ('hd_bi', 'bi')) v(r, p);
INSERT INTO crm.pool (code, name) VALUES ('closed', '内部'), ('north', '华北公海');
INSERT INTO crm.pool_member (pool_id, member_id) SELECT p.id, m.id FROM crm.pool p, crm.member m WHERE (p.code, m.code) IN (('closed', 'wang'), ('north', 'zhang'), ('north', 'boss'));
-- 1 to 3 of zhang, 4 of wang, 5 wang's in the closed pool, 6 wang's in the open one
SELECT lives_ok(format('SELECT leads.register(%L, by_member => %L)', n, m)) FROM (VALUES ('重庆鸿源商贸有限公司', 'zhang'), ('成都锦绣电子科技有限公司', 'zhang'), ('苏州蓝海机械制造有限公司', 'zhang'),
  ('北京天桥科技有限公司', 'wang'), ('青岛海蓝水产有限公司', 'wang'), ('大理苍山石材有限公司', 'wang')) v(n, m);
SELECT lives_ok($$ SELECT leads.release(5, '不做了', 'closed', by_member => 'wang') $$, 'into a pool that it may see');
SELECT lives_ok($$ SELECT leads.release(6, '不做了', by_member => 'wang') $$, 'into the one it would lapse to');
GRANT ALL ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC;
CREATE FUNCTION pg_temp.tries(who text, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE got text := 'done'; detail text;
BEGIN
  EXECUTE format('SET ROLE %I', who);
  BEGIN
    EXECUTE call;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999';
  EXCEPTION WHEN OTHERS THEN
    IF SQLSTATE <> 'ZZ999' THEN
      GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
      got := SQLSTATE || ': ' || SQLERRM || detail;
    END IF;
  END;
  RESET ROLE;
  RETURN got;
END $$;

-- pools
SELECT is(pg_temp.tries(who, format(call, pool)), state, who || ': ' || format(call, pool))
  FROM (VALUES ('hd_zhang', 'SELECT leads.release(1, ''x'', %L)'), ('hd_boss', 'SELECT leads.release(1, ''x'', %L)'), ('hd_boss', 'SELECT leads.move_pool(6, %L)'),
               ('hd_boss', 'SELECT * FROM leads.transfer_all(''zhang'', ''pool:%s'', ''x'')'), ('hd_boss', 'SELECT * FROM leads.deactivate_member(''zhang'', ''pool:%s'', ''x'')')) c(who, call),
       (VALUES ('closed', 'LD001: there is no pool "closed"'), ('nowhere', 'LD001: there is no pool "nowhere"'), ('north', 'done'), ('public', 'done')) p(pool, state);
SELECT is(pg_temp.tries(who, call), 'done', who || ': ' || call)
  FROM (VALUES ('hd_chief', 'SELECT leads.release(1, ''x'', ''closed'')'), ('hd_chief', 'SELECT leads.move_pool(5, ''public'')'), ('hd_chief', 'SELECT leads.move_pool(6, ''closed'')'),
               ('hd_chief', 'SELECT * FROM leads.transfer_all(''zhang'', ''pool:closed'', ''x'')')) v(who, call);
SELECT lives_ok($$ SELECT leads.set_protection(pool => 'closed') $$);
SELECT lives_ok($$ SELECT leads.register('昆明滇池花卉有限公司', by_member => 'zhang') $$);
SELECT is(pg_temp.tries('hd_zhang', 'SELECT leads.release(7, ''x'', ''closed'')'), 'done', 'the pool that it lapses to is told anyway');
SELECT lives_ok($$ SELECT leads.set_protection(pool => '') $$);

-- canonical()
SELECT is(pg_temp.tries(who, 'SELECT leads.canonical(' || c || ')'), CASE WHEN sees THEN 'done' ELSE 'LD001: there is no customer ' || c END, who || ': canonical(' || c || ')')
  FROM (VALUES ('hd_zhang', 1, true), ('hd_zhang', 4, false), ('hd_zhang', 5, false), ('hd_zhang', 6, true), ('hd_zhang', 99, false), ('hd_boss', 2, true), ('hd_boss', 4, false),
               ('hd_boss', 6, true), ('hd_chief', 4, true), ('hd_chief', 99, false), ('hd_bi', 4, true), ('hd_bi', 99, false)) v(who, c, sees);
SELECT lives_ok($$ SELECT leads.merge(4, ARRAY[3]::bigint[], reason => '同一家') $$, 'zhang''s goes into wang''s');
SELECT is(pg_temp.tries('hd_zhang', 'SELECT leads.canonical(3)'), 'done', 'who had the one that was merged may follow it');
SELECT lives_ok($$ SELECT leads.set_registration(approval => true) $$);
SELECT outcome, customer_id AS waits, registration_id AS wid FROM leads.register('桂林漓江旅行社有限公司', by_member => 'zhang') \gset
SELECT is(:'outcome'::text, 'pending', 'a registration that waits');
SELECT is(pg_temp.tries('hd_zhang', 'SELECT leads.canonical(' || :waits || ')'), 'done', 'its registrant was told the id');
SELECT is(pg_temp.tries('hd_boss', 'SELECT leads.canonical(' || :waits || ')'), 'done', 'and so was whoever decides over it');

-- a registration behind another team's: that is not named
SELECT outcome, registration_id AS behind FROM leads.register('桂林漓江旅行社', by_member => 'wang') \gset
SELECT is(:'outcome'::text, 'queued', 'another team''s, behind it');
SELECT throws_ok(format($$ SELECT leads.approve_registration(%s, by_member => 'sboss') $$, :behind), 'LD002', format('registration %s waits behind another one', :behind), 'its manager is not told which');
SELECT throws_ok(format($$ SELECT leads.approve_registration(%s, by_member => 'chief') $$, :behind), 'LD002', format('registration %s waits behind registration %s', :behind, :wid), 'who decides over both is');
SELECT lives_ok(format($$ SELECT leads.reject_registration(%s, 'x', by_member => 'chief') $$, :wid));
-- the same company was registered by another team meanwhile: it is not named either
SELECT lives_ok($$ SELECT leads.set_registration(approval => false) $$);
SELECT lives_ok($$ SELECT leads.register('南宁鹭鸯鲑茶业有限公司', region => '南宁', by_member => 'wang') $$);
SELECT outcome, registration_id AS maybe FROM leads.register('鹭鸯鲑', by_member => 'zhang') \gset
SELECT is(:'outcome'::text, 'queued', 'possibly the same, for a person to judge');
SELECT lives_ok($$ SELECT leads.register('鹭鸯鲑', by_member => 'wang') $$);
SELECT max(id) AS last FROM crm.registration \gset
SELECT lives_ok(format($$ SELECT leads.approve_registration(%s, by_member => 'chief') $$, :last)) FROM crm.registration WHERE id = :last AND state = 'queued';
SELECT is(pg_temp.tries('hd_boss', 'SELECT leads.approve_registration(' || :maybe || ')'), 'LD051: the same customer was registered meanwhile', 'the manager of a team is not told which customer it is');
SELECT is(pg_temp.tries('hd_chief', 'SELECT leads.approve_registration(' || :maybe || ')'),
  'LD051: the same customer was registered meanwhile' || format('It is customer %s.', (SELECT max(id) FROM crm.customer WHERE name = '鹭鸯鲑')), 'the manager of all is');

-- instants that are none
SELECT throws_ok($$ INSERT INTO crm.member (code, name, left_at) VALUES ('x', 'x', 'infinity') $$, 'LD006', NULL, 'a member that leaves at infinity');
SELECT throws_ok($$ INSERT INTO crm.member (code, name, left_at) VALUES ('x', 'x', '-infinity') $$, 'LD006', NULL, 'or did for ever');
SELECT lives_ok($$ INSERT INTO crm.member (code, name, left_at) VALUES ('x', 'x', now() + interval '1 year'), ('y', 'y', NULL) $$, 'an instant, or none');
-- one message for who is no boss
SELECT is(pg_temp.tries('hd_chief', format(call, 'zhang')), state, call)
  FROM (VALUES ('SELECT leads.assign(1, ''li'', by_member => %L)', 'LD004: no right to assign customersManagers and administrators do that.'),
               ('SELECT leads.move_pool(6, ''public'', by_member => %L)', 'LD004: no right to move customers between poolsManagers and administrators do that.'),
               ('SELECT leads.pause(1, now(), by_member => %L)', 'LD004: no right to stop or set the clocks of a customerManagers and administrators do that.'),
               ('SELECT leads.merge(1, ''{2}'', reason => ''x'', by_member => %L)', 'LD004: no right to merge customersManagers and administrators do that.'),
               ('SELECT leads.approve_extension(1, by_member => %L)', 'LD004: no right to decide over extensionsManagers and administrators do that.')) v(call, state);
SELECT * FROM finish();
