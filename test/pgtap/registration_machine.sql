-- The registration machine, every (state, event) pair: the states in which an attempt can be, with what stands against it, and what each call and system event makes of it: the rival
-- approved, rejected, withdrawn (and with it promotion), rulings, overrides, merge, lapse, release, a member that left. Each pair runs on the same rows and is rolled back; after each verify()
-- must find nothing. The ways that the library knows (decide/registration.c) stand here, too, from the specification (section 6); test/lint/machines.pl compares the two.
\ir include/company.sql
SET client_min_messages = error;
SELECT * FROM no_plan();
SET timezone = 'Asia/Shanghai';
SET leads.clock = '2026-03-02 10:00+08';
CREATE TEMP TABLE way (state text, event text, becomes text);
INSERT INTO way VALUES
  ('submitted', 'block', 'blocked'), ('submitted', 'queue', 'queued'), ('submitted', 'offer', 'offered'), ('submitted', 'attach', 'attached'),
  ('submitted', 'return', 'returning'), ('submitted', 'wait', 'pending'), ('submitted', 'approve', 'approved'), ('submitted', 'reject', 'rejected'),
  ('pending', 'approve', 'approved'), ('pending', 'reject', 'rejected'), ('pending', 'withdraw', 'withdrawn'),
  ('queued', 'wait', 'pending'), ('queued', 'approve', 'approved'), ('queued', 'block', 'blocked'), ('queued', 'withdraw', 'withdrawn'),
  ('approved', 'supersede', 'superseded');
INSERT INTO crm.member (code, name, is_manager) VALUES ('zhang', '张伟', false), ('li', '李娜', false), ('wang', '王强', false), ('zhao', '赵敏', false), ('chen', '陈静', true), ('zhou', '周洁', true);
SELECT leads.publish('protection', '', '{"days": 10, "registration": {"approval": false}}') \gset
-- state: the attempt of li; rival: the one before it, or that of the holder
CREATE TEMP TABLE state (n int, state text, is_state text, name text, attempt bigint, rival bigint, conflict bigint, customer bigint, holder bigint);
INSERT INTO state (n, state, is_state, name) SELECT row_number() OVER (), s[1], s[2], s[3] FROM (VALUES
  (ARRAY['waits', 'pending', '青岛海蓝水产有限公司']), (ARRAY['first', 'pending', '桂林漓江旅行社有限公司']), (ARRAY['second', 'queued', '重庆鸿源商贸有限公司']), (ARRAY['third', 'queued', '成都锦绣电子科技有限公司']),
  (ARRAY['maybe', 'queued', '苏州鹭鸯鲑机械有限公司']), (ARRAY['blocked', 'blocked', '北京天桥印刷有限公司']), (ARRAY['contested', 'blocked', '昆明滇池花卉有限公司']), (ARRAY['offered', 'offered', '大理苍山石材有限公司']),
  (ARRAY['attached', 'attached', '贵阳观山湖茶业有限公司']), (ARRAY['returning', 'returning', '遵义红花岗酒业有限公司']), (ARRAY['approved', 'approved', '西安大雁塔餐饮有限公司']), (ARRAY['rejected', 'rejected', '长沙岳麓文具有限公司']),
  (ARRAY['withdrawn', 'withdrawn', '南宁邕江航运有限公司']), (ARRAY['superseded', 'superseded', '合肥包河模具有限公司']), (ARRAY['invalid', 'rejected', NULL])) v(s);
CREATE FUNCTION pg_temp.reg(s text, who text, short boolean DEFAULT false) RETURNS bigint LANGUAGE sql AS $$
  SELECT registration_id FROM state, LATERAL leads.register(CASE WHEN short THEN substr(name, 3, 3) ELSE name END, by_member => who) WHERE state = s $$;
-- long ago: won, and given back; what comes back is new business
SELECT pg_temp.reg('returning', 'zhang') AS r \gset
SELECT leads.lose(lead_id, 'price', by_member => 'zhang') FROM crm.registration WHERE id = :r \gset
SELECT leads.release(customer_id, 'x', by_member => 'zhang') FROM crm.registration WHERE id = :r \gset
SET leads.clock = '2026-12-02 10:00+08';
UPDATE state SET rival = pg_temp.reg(state, 'zhang') WHERE state IN ('maybe', 'blocked', 'contested', 'offered', 'superseded');
SELECT count(leads.release(r.customer_id, 'x', by_member => 'zhang')) FROM crm.registration r JOIN state s ON s.rival = r.id WHERE s.state = 'offered' \gset
UPDATE state SET attempt = pg_temp.reg(state, 'li', state = 'maybe') WHERE state IN ('maybe', 'blocked', 'contested', 'offered', 'returning', 'approved', 'superseded');
SELECT pg_temp.reg('attached', 'li') AS r \gset
UPDATE state SET attempt = pg_temp.reg(state, 'li') WHERE state = 'attached';
UPDATE state SET attempt = (SELECT registration_id FROM leads.register(NULL, by_member => 'li')) WHERE state = 'invalid';
UPDATE state s SET conflict = c.conflict FROM (SELECT x.state AS s, leads.raise_conflict(x.attempt, '我先拜访', by_member => 'li') AS c FROM state x WHERE x.state IN ('contested', 'superseded')) q, LATERAL (SELECT (q.c).conflict) c WHERE s.state = q.s;
SELECT (leads.rule_conflict(conflict, 'registrant', '有拜访记录', by_member => 'chen')).registration AS won FROM state WHERE state = 'superseded' \gset
SELECT pg_temp.reg('superseded', 'zhang') AS r \gset
SELECT conflict AS back FROM leads.raise_conflict(:r, '合同在先', by_member => 'zhang') \gset
SELECT leads.rule_conflict(:back, 'registrant', '合同在先', by_member => 'chen') \gset
UPDATE state SET attempt = :won, conflict = NULL WHERE state = 'superseded';
SET leads.clock = '2026-12-02 10:01+08';
SELECT FROM leads.set_registration(approval => true);
SET leads.clock = '2026-12-02 10:02+08';
-- second: behind zhang's; third: behind wang's, which is behind zhang's; first: wang waits behind it
UPDATE state SET rival = pg_temp.reg(state, 'zhang') WHERE state IN ('second', 'third');
SELECT pg_temp.reg('third', 'wang') AS r \gset
UPDATE state SET attempt = pg_temp.reg(state, 'li') WHERE state IN ('waits', 'first', 'second', 'third', 'rejected', 'withdrawn');
SELECT pg_temp.reg('first', 'wang') AS r \gset
SELECT count(leads.reject_registration(attempt, '不符', by_member => 'chen')) FROM state WHERE state = 'rejected' \gset
SELECT count(leads.withdraw_registration(attempt, by_member => 'li')) FROM state WHERE state = 'withdrawn' \gset
UPDATE state s SET customer = r.customer_id FROM crm.registration r WHERE r.id = s.attempt;
UPDATE state s SET customer = r.customer_id FROM crm.registration r WHERE r.id = s.rival;
SELECT customer_id AS other FROM leads.register('沈阳浑河物流有限公司', channel => 'website') \gset
SELECT set_config('test.other', :'other', false) \gset
SET leads.clock = '2026-12-02 10:03+08';
SELECT is_empty($$ SELECT s.state, r.state FROM state s JOIN crm.registration r ON r.id = s.attempt WHERE r.state <> s.is_state $$, 'the fixture: each is in the state that it is to be in');
SELECT is((SELECT count(*)::int FROM state WHERE attempt IS NOT NULL), 15, 'all of them');

-- %1$s the attempt, %2$s its rival, %3$s conflict, %4$s customer, %5$s another customer
CREATE TEMP TABLE event (n int GENERATED ALWAYS AS IDENTITY, event text, call text);
INSERT INTO event (event, call) VALUES
  ('approve', 'SELECT leads.approve_registration(%1$s, by_member => ''chen'')'),
  ('approve by itself', 'SELECT leads.approve_registration(%1$s, by_member => ''li'')'),
  ('reject', 'SELECT leads.reject_registration(%1$s, ''x'', by_member => ''chen'')'),
  ('withdraw', 'SELECT leads.withdraw_registration(%1$s, by_member => ''li'')'),
  ('withdraw by another', 'SELECT leads.withdraw_registration(%1$s, by_member => ''zhao'')'),
  ('raise_conflict', 'SELECT leads.raise_conflict(%1$s, ''x'', by_member => ''li'')'),
  ('override', 'SELECT leads.override_registration(%1$s, ''x'', by_member => ''chen'')'),
  ('ruled: registrant', 'SELECT leads.rule_conflict(%3$s, ''registrant'', ''x'', by_member => ''chen'')'),
  ('ruled: holder', 'SELECT leads.rule_conflict(%3$s, ''holder'', ''x'', by_member => ''chen'')'),
  ('ruled: both', 'SELECT leads.rule_conflict(%3$s, ''both'', ''x'', by_member => ''chen'')'),
  ('rival approved', 'SELECT leads.approve_registration(%2$s, by_member => ''chen'')'),
  ('rival rejected', 'SELECT leads.reject_registration(%2$s, ''x'', by_member => ''chen'')'),
  ('rival withdrawn', 'SELECT leads.withdraw_registration(%2$s, by_member => ''zhang'')'),
  ('rival rejected, free', 'SELECT leads.set_registration(approval => false); SELECT set_config(''leads.clock'', ''2026-12-02 10:04+08'', true); SELECT leads.reject_registration(%2$s, ''x'', by_member => ''chen'')'),
  ('left, rival rejected', 'UPDATE crm.member SET left_at = leads.now() WHERE code = ''li''; SELECT leads.reject_registration(%2$s, ''x'', by_member => ''chen'')'),
  ('ruled against it', 'SELECT leads.rule_conflict((SELECT conflict FROM leads.raise_conflict((SELECT registration_id FROM leads.register((SELECT name FROM crm.customer WHERE id = %4$s), by_member => ''wang'')), ''x'', by_member => ''wang'')), ''registrant'', ''x'', by_member => ''chen'')'),
  ('merged into another', 'SELECT leads.merge(%5$s, ARRAY[%4$s]::bigint[], reason => ''x'')'),
  ('another merged into it', 'SELECT leads.merge(%4$s, ARRAY[%5$s]::bigint[], reason => ''x'')'),
  ('released', 'SELECT leads.release(%4$s, ''x'')'),
  ('claimed', 'SELECT leads.claim(ARRAY[%4$s]::bigint[], by_member => ''zhao'')'),
  ('deleted', 'SELECT leads.delete_customer(%4$s, ''x'')'),
  ('member left', 'UPDATE crm.member SET left_at = leads.now() WHERE code = ''li'''),
  ('lapse', 'SELECT set_config(''leads.clock'', ''2027-01-30 10:00+08'', true); CALL leads.tick()'),
  ('policy', 'SELECT leads.set_registration(approval => false, queue => false)');
CREATE TEMP TABLE seen (was text, is_now text);
CREATE FUNCTION pg_temp.run(s state, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE got text; fault text; more text;
BEGIN
  BEGIN
    EXECUTE format(call, s.attempt, coalesce(s.rival, 0), coalesce(s.conflict, 0), coalesce(s.customer, 0), current_setting('test.other'));
    SELECT r.state INTO got FROM crm.registration r WHERE r.id = s.attempt;
    -- what the attempt was answered by: a new row, linked to it
    SELECT string_agg('>' || r.state, '') INTO more FROM crm.registration r WHERE r.resubmits_id = s.attempt AND r.actor_id = (SELECT id FROM crm.member WHERE code = 'li') AND r.id > (SELECT max(attempt) FROM state);
    got := got || coalesce(more, '');
    SELECT string_agg(v::text, '; ') INTO fault FROM leads.verify() v;
    IF fault IS NOT NULL THEN got := 'verify: ' || fault; END IF;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999';
  EXCEPTION WHEN OTHERS THEN
    IF SQLSTATE <> 'ZZ999' THEN got := SQLSTATE; END IF;
  END;
  RETURN got;
END $$;
-- The table: a column a state. LD…: refused so; else the state afterwards, and behind > that of a new row linked to it. What a merge, a lapse, a release or a leaver does is ownership's story: the attempt
-- stays what it was; while one waits, its customer is neither merged nor deleted.
CREATE TEMP TABLE wanted (event text, results text);
INSERT INTO wanted VALUES
  --                         waits      first      second     third      maybe      blocked           contested         offered           attached  returning  approved    rejected  withdrawn  superseded  invalid
  ('approve',                'approved   approved   LD002      LD002      approved   LD002             LD002             LD002             LD002     LD002      LD002       LD002     LD002      LD002       LD002'),
  ('approve by itself',      'LD004      LD004      LD004      LD004      LD004      LD004             LD004             LD004             LD004     LD004      LD004       LD004     LD004      LD004       LD004'),
  ('reject',                 'rejected   rejected   blocked    blocked    blocked    LD002             LD002             LD002             LD002     LD002      LD002       LD002     LD002      LD002       LD002'),
  ('withdraw',               'withdrawn  withdrawn  withdrawn  withdrawn  withdrawn  LD002             LD002             LD002             LD002     LD002      LD002       LD002     LD002      LD002       LD002'),
  ('withdraw by another',    'LD001      LD001      LD001      LD001      LD001      LD001             LD001             LD001             LD001     LD001      LD001       LD001     LD001      LD001       LD001'),
  ('raise_conflict',         'LD002      LD002      queued     queued     queued     blocked           LD002             LD002             LD002     LD002      LD002       LD002     LD002      LD002       LD002'),
  ('override',               'LD002      LD002      approved   approved   approved   blocked>approved  blocked>approved  offered>approved  LD002     LD002      LD002       LD002     LD002      LD002       LD002'),
  ('ruled: registrant',      'LD001      LD001      LD001      LD001      LD001      LD001             blocked>approved  LD001             LD001     LD001      LD001       LD001     LD001      LD001       LD001'),
  ('ruled: holder',          'LD001      LD001      LD001      LD001      LD001      LD001             blocked           LD001             LD001     LD001      LD001       LD001     LD001      LD001       LD001'),
  ('ruled: both',            'LD001      LD001      LD001      LD001      LD001      LD001             blocked>approved  LD001             LD001     LD001      LD001       LD001     LD001      LD001       LD001'),
  ('rival approved',         'LD001      LD001      blocked    blocked    LD002      LD002             LD002             LD002             LD001     LD001      LD001       LD001     LD001      LD002       LD001'),
  ('rival rejected',         'LD001      LD001      pending    queued     LD002      LD002             LD002             LD002             LD001     LD001      LD001       LD001     LD001      LD002       LD001'),
  ('rival withdrawn',        'LD001      LD001      pending    queued     LD002      LD002             LD002             LD002             LD001     LD001      LD001       LD001     LD001      LD002       LD001'),
  ('rival rejected, free',   'LD001      LD001      approved   blocked    LD002      LD002             LD002             LD002             LD001     LD001      LD001       LD001     LD001      LD002       LD001'),
  ('left, rival rejected',   'LD001      LD001      withdrawn  queued     LD002      LD002             LD002             LD002             LD001     LD001      LD001       LD001     LD001      LD002       LD001'),
  ('ruled against it',       'rejected   rejected   blocked    blocked    queued     blocked           blocked           LD002             attached  returning  superseded  LD002     LD002      superseded  LD002'),
  ('merged into another',    'LD002      LD002      LD002      LD002      queued     blocked           blocked           offered           attached  returning  approved    rejected  withdrawn  superseded  LD001'),
  ('another merged into it', 'LD002      LD002      LD002      LD002      queued     blocked           blocked           offered           attached  returning  approved    rejected  withdrawn  superseded  LD001'),
  ('released',               'LD002      LD002      LD002      LD002      queued     blocked           blocked           LD002             attached  returning  approved    LD002     LD002      superseded  LD001'),
  ('claimed',                'LD001      LD001      LD001      LD001      LD001      LD001             LD001             offered           LD001     LD060      LD001       LD001     LD001      LD001       LD001'),
  ('deleted',                'LD002      LD002      LD002      LD002      queued     blocked           blocked           offered           attached  returning  approved    rejected  withdrawn  superseded  LD001'),
  ('member left',            'pending    pending    queued     queued     queued     blocked           blocked           offered           attached  returning  approved    rejected  withdrawn  superseded  rejected'),
  ('lapse',                  'pending    pending    queued     queued     queued     blocked           blocked           offered           attached  returning  approved    rejected  withdrawn  superseded  rejected'),
  ('policy',                 'pending    pending    queued     queued     queued     blocked           blocked           offered           attached  returning  approved    rejected  withdrawn  superseded  rejected');

CREATE TEMP TABLE pair AS SELECT s.n, s.state, s.is_state, w.event, r.result FROM wanted w, LATERAL regexp_split_to_table(w.results, ' +') WITH ORDINALITY r(result, n) JOIN state s ON s.n = r.n;
SELECT is((SELECT count(*) FROM pair), (SELECT count(*) FROM state) * (SELECT count(*) FROM event), 'the table has every pair');
SELECT is_empty('SELECT s.state, e.event FROM state s, event e EXCEPT SELECT state, event FROM pair', 'and no other');
SELECT is_empty($$ SELECT becomes FROM way EXCEPT SELECT is_state FROM state $$, 'every state that a way leads to is in the fixture');
SELECT is_empty($$ SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'leads'::regnamespace AND p.provolatile = 'v' AND p.proargnames[1] IN ('registration_id', 'conflict_id')
  AND NOT EXISTS (SELECT FROM event e WHERE e.call ~ ('leads\.' || p.proname || '\(')) $$, 'every call about a registration is an event');
CREATE TEMP TABLE got AS SELECT s.state, e.event, pg_temp.run(s, e.call) AS result FROM state s, event e;
SELECT is(g.result, p.result, p.state || ' x ' || p.event) FROM pair p JOIN got g USING (state, event) JOIN event e USING (event) ORDER BY e.n, p.n;
-- what happened are the ways, each of them, and nothing else
INSERT INTO seen SELECT DISTINCT 'submitted', is_state FROM state UNION SELECT DISTINCT p.is_state, split_part(g.result, '>', 1) FROM pair p JOIN got g USING (state, event)
  WHERE g.result !~ '^(LD|verify)' AND split_part(g.result, '>', 1) <> p.is_state UNION SELECT DISTINCT 'submitted', split_part(result, '>', 2) FROM got WHERE result ~ '>';
SELECT is_empty($$ SELECT state, becomes FROM way EXCEPT SELECT was, is_now FROM seen $$, 'every way was gone');
SELECT results_eq($$ SELECT was, is_now FROM seen EXCEPT SELECT state, becomes FROM way $$, $$ VALUES ('submitted', 'withdrawn'), ('submitted', 'superseded') $$, 'and no other (but those that the fixture went in two steps)');
SELECT is_empty('SELECT * FROM leads.verify()', 'nothing stayed');
SELECT * FROM finish();
