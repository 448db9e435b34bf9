-- The ownership machine, every (state, event) pair: fifteen states in which a customer can be, what every verb and system event does there, and
-- what refuses it. Each pair runs on the same company and is rolled back; after each that is done verify() must find nothing. No job runs here.
\ir include/company.sql
SET client_min_messages = error;
SELECT * FROM no_plan();
SET timezone = 'Asia/Shanghai';
SET leads.clock = '2026-03-02 10:00+08';
INSERT INTO crm.member (code, name, is_manager) VALUES ('zhang', '张伟', false), ('li', '李娜', false), ('gone', '赵离', false), ('chen', '陈静', true);
INSERT INTO crm.pool (code, name) VALUES ('other', '另一公海');
INSERT INTO crm.routing_rule (position, assign_to) VALUES (10, 'member:li');
SELECT leads.publish('protection', '', '{"days": 10, "extend_times": 2, "extend_days": 60, "lock_quota": 9, "grace_days": 3, "extension": {"approval": true},
  "entries": [{"when": "$.lead.line == \"free\"", "days": 0}]}') \gset
SET leads.clock = '2026-03-02 10:01+08';
-- what each state needs is done on its customer; the owner of each is zhang, but of the one whose owner has left
CREATE TEMP TABLE state (n int, state text, customer bigint, lead bigint, registration bigint, extension bigint, owner text DEFAULT 'zhang', name text);
INSERT INTO state (n, state, name) SELECT row_number() OVER (), s[1], s[2] FROM (VALUES (ARRAY['lapsed', '青岛海蓝水产有限公司']), (ARRAY['held', '桂林漓江旅行社有限公司']), (ARRAY['owned', '重庆鸿源商贸有限公司']),
  (ARRAY['endless', '成都锦绣电子科技有限公司']), (ARRAY['asked', '苏州蓝海机械制造有限公司']), (ARRAY['locked', '北京天桥印刷有限公司']), (ARRAY['won', '昆明滇池花卉有限公司']), (ARRAY['paused', '大理苍山石材有限公司']),
  (ARRAY['contract', '贵阳观山湖茶业有限公司']), (ARRAY['pool', '遵义红花岗酒业有限公司']), (ARRAY['left', '西安大雁塔餐饮有限公司']), (ARRAY['merged', '长沙岳麓文具有限公司']),
  (ARRAY['deleted', '南宁邕江航运有限公司']), (ARRAY['tomb', '合肥包河模具有限公司']), (ARRAY['pending', '南京紫金园林有限公司'])) v(s);
CREATE FUNCTION pg_temp.make(s text, line text DEFAULT '') RETURNS void LANGUAGE sql AS $$
  WITH r AS (SELECT r.* FROM state, LATERAL leads.register(name, line => make.line, by_member => CASE s WHEN 'left' THEN 'gone' ELSE 'zhang' END) r WHERE state = s)
  UPDATE state SET customer = r.customer_id, lead = r.lead_id, registration = r.registration_id FROM r WHERE state = s $$;
SELECT pg_temp.make('lapsed'), pg_temp.make('held') \gset
UPDATE state SET extension = x.extension_id FROM leads.extend((SELECT customer FROM state WHERE state = 'held'), 5, by_member => 'zhang') x WHERE state.state = 'held';
SET leads.clock = '2026-03-10 10:00+08';
SELECT count(pg_temp.make(state, CASE state WHEN 'endless' THEN 'free' ELSE '' END)::text) FROM state WHERE state NOT IN ('lapsed', 'held', 'pending', 'merged', 'tomb') \gset
UPDATE state SET extension = x.extension_id FROM leads.extend((SELECT customer FROM state WHERE state = 'asked'), 5, by_member => 'zhang') x WHERE state.state = 'asked';
SELECT leads.lock_customer(customer, by_member => 'zhang') FROM state WHERE state = 'locked' \gset
SELECT leads.advance(lead, 'contacted', by_member => 'zhang') FROM state WHERE state = 'won' \gset
SELECT leads.win(lead, 100, by_member => 'zhang') FROM state WHERE state = 'won' \gset
SELECT leads.pause(customer, '2026-03-20 10:00+08') FROM state WHERE state = 'paused' \gset
SELECT leads.set_contract(customer, '2026-12-31 10:00+08') FROM state WHERE state = 'contract' \gset
SELECT leads.release(customer, '不做了', by_member => 'zhang') FROM state WHERE state = 'pool' \gset
SELECT leads.delete_customer(customer, '测试') FROM state WHERE state = 'deleted' \gset
UPDATE crm.member SET left_at = '2026-03-11 10:00+08' WHERE code = 'gone';
SET leads.clock = '2026-03-10 10:01+08';
SELECT pg_temp.make('merged') \gset
SET leads.clock = '2026-03-10 10:02+08';
SELECT pg_temp.make('tomb') \gset
SELECT leads.merge((SELECT customer FROM state WHERE state = 'merged'), ARRAY[(SELECT customer FROM state WHERE state = 'tomb')], reason => '同一家') \gset
SELECT customer_id AS other FROM leads.register('沈阳浑河物流有限公司', by_member => 'zhang') \gset
SELECT set_config('test.other', :'other', false) \gset
SET leads.clock = '2026-03-10 10:03+08';
SELECT FROM leads.set_registration(approval => true);
SET leads.clock = '2026-03-10 10:04+08';
SELECT pg_temp.make('pending') \gset
SET leads.clock = '2026-03-10 10:05+08';
SELECT FROM leads.set_registration(approval => false);
SET leads.clock = '2026-03-12 12:00+08';
SELECT is((SELECT count(*)::int FROM state WHERE customer IS NOT NULL), 15, 'a customer in each state');

-- every call that names a customer, and what else can happen to one; %1$s customer, %2$s lead, %3$s registration, %4$s extension, %5$L its owner, %6$L its name, %7$s another customer
CREATE TEMP TABLE event (n int GENERATED ALWAYS AS IDENTITY, event text, call text);
INSERT INTO event (event, call) VALUES
  ('claim', 'SELECT leads.claim(ARRAY[%1$s]::bigint[], by_member => ''li'')'),
  ('claim by the owner', 'SELECT leads.claim(ARRAY[%1$s]::bigint[], by_member => %5$L)'),
  ('release', 'SELECT leads.release(%1$s, ''x'', by_member => %5$L)'),
  ('release by another', 'SELECT leads.release(%1$s, ''x'', by_member => ''li'')'),
  ('release by a boss', 'SELECT leads.release(%1$s, ''x'', ''other'', by_member => ''chen'')'),
  ('extend', 'SELECT leads.extend(%1$s, 2, by_member => %5$L)'),
  ('extend by a boss', 'SELECT leads.extend(%1$s, 2, by_member => ''chen'')'),
  ('approve_extension', 'SELECT leads.approve_extension(%4$s)'),
  ('refuse_extension', 'SELECT leads.refuse_extension(%4$s, ''x'')'),
  ('assign', 'SELECT leads.assign(%1$s, ''li'')'),
  ('assign to the owner', 'SELECT leads.assign(%1$s, ''zhang'')'),
  ('route', 'SELECT leads.route(%1$s)'),
  ('transfer_all', 'SELECT leads.transfer_all(%5$L, ''member:li'', ''x'')'),
  ('deactivate_member', 'SELECT leads.deactivate_member(%5$L, ''member:li'', ''x'')'),
  ('move_pool', 'SELECT leads.move_pool(%1$s, ''other'')'),
  ('ask_help', 'SELECT leads.ask_help(%1$s, ''x'', by_member => %5$L)'),
  ('lock_customer', 'SELECT leads.lock_customer(%1$s, by_member => %5$L)'),
  ('unlock_customer', 'SELECT leads.unlock_customer(%1$s, by_member => %5$L)'),
  ('pause', 'SELECT leads.pause(%1$s, ''2026-03-25 10:00+08'')'),
  ('resume', 'SELECT leads.resume(%1$s)'),
  ('set_contract', 'SELECT leads.set_contract(%1$s, ''2026-06-30 10:00+08'')'),
  ('delete_customer', 'SELECT leads.delete_customer(%1$s, ''x'')'),
  ('log_activity', 'SELECT leads.log_activity(%2$s, ''call'', ''客户说下周再谈'', by_member => %5$L)'),
  ('log_activity by another', 'SELECT leads.log_activity(%2$s, ''call'', ''客户说下周再谈'', by_member => ''li'')'),
  ('edit_lead', 'SELECT leads.edit_lead(%2$s, need => ''x'', by_member => %5$L)'),
  ('advance', 'SELECT leads.advance(%2$s, ''qualified'', by_member => %5$L)'),
  ('win', 'SELECT leads.win(%2$s, 100, by_member => %5$L)'),
  ('lose', 'SELECT leads.lose(%2$s, ''price'', by_member => %5$L)'),
  ('reopen', 'SELECT leads.reopen(%2$s, ''contacted'', by_member => %5$L)'),
  ('register by the owner', 'SELECT leads.register(%6$L, by_member => %5$L)'),
  ('register by another', 'SELECT leads.register(%6$L, by_member => ''li'')'),
  ('inquiry', 'SELECT leads.register(%6$L, need => ''想了解价格'', channel => ''website'')'),
  ('approve_registration', 'SELECT leads.approve_registration(%3$s)'),
  ('reject_registration', 'SELECT leads.reject_registration(%3$s, ''x'')'),
  ('withdraw_registration', 'SELECT leads.withdraw_registration(%3$s, by_member => %5$L)'),
  ('merge another into it', 'SELECT leads.merge(%1$s, ARRAY[%7$s]::bigint[], reason => ''x'')'),
  ('merge it into another', 'SELECT leads.merge(%7$s, ARRAY[%1$s]::bigint[], reason => ''x'')'),
  ('add_collaborator', 'SELECT leads.add_collaborator(%1$s, ''li'', ''work'', by_member => %5$L)'),
  ('remove_collaborator', 'SELECT leads.remove_collaborator(%1$s, ''li'', by_member => %5$L)'),
  ('confirm_contact', 'SELECT leads.confirm_contact(%1$s, ''13800000000'', by_member => %5$L)'),
  ('tick', 'CALL leads.tick()'),
  ('apply_policy', 'SELECT leads.apply_policy()'),
  ('calendar', 'SELECT leads.publish(''calendar'', '''', ''{"week": {"mon": [["09:00", "12:00"]]}}'')'),
  ('member left', 'UPDATE crm.member SET left_at = ''2026-03-12 11:00+08'' WHERE code = ''zhang'''),
  ('seven weeks pass', 'SELECT set_config(''leads.clock'', ''2026-04-30 10:00+08'', true)'),
  ('seven weeks pass, tick', 'SELECT set_config(''leads.clock'', ''2026-04-30 10:00+08'', true); CALL leads.tick()'),
  ('member stays', 'UPDATE crm.member SET left_at = NULL WHERE code = ''gone''');

-- runs one pair and takes it back: the SQLSTATE, or where it is afterwards: its owner (* exempt, ? asked for, + a later deadline, - an earlier one), pool:code, none
CREATE FUNCTION pg_temp.place(c bigint) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce((SELECT CASE WHEN o.pool_id IS NOT NULL OR o.next_due_at <= leads.now() THEN 'pool:' || (SELECT p.code FROM crm.pool p WHERE p.id = coalesce(o.pool_id, o.lapse_pool_id))
    ELSE (SELECT m.code FROM crm.member m WHERE m.id = o.member_id) || CASE WHEN o.exempt IS NOT NULL THEN '*' ELSE '' END || CASE WHEN o.extension_id IS NOT NULL THEN '?' ELSE '' END END
    FROM crm.ownership o WHERE o.customer_id = (SELECT coalesce(merged_into, id) FROM crm.customer WHERE id = c) AND o.until IS NULL ORDER BY o.scope = '' DESC LIMIT 1), 'none') $$;
CREATE FUNCTION pg_temp.due(c bigint) RETURNS timestamptz LANGUAGE sql AS $$
  SELECT coalesce(o.next_due_at, 'infinity') FROM crm.ownership o WHERE o.customer_id = (SELECT coalesce(merged_into, id) FROM crm.customer WHERE id = c) AND o.until IS NULL AND o.member_id IS NOT NULL $$;
CREATE FUNCTION pg_temp.run(s state, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE got text; was timestamptz := pg_temp.due(s.customer); before text := pg_temp.place(s.customer); fault text;
BEGIN
  BEGIN
    EXECUTE format(call, s.customer, coalesce(s.lead, 0), coalesce(s.registration, 0), coalesce(s.extension, 0), s.owner, s.name, current_setting('test.other'));
    got := pg_temp.place(s.customer);
    IF split_part(translate(got, '*?', ''), ':', 1) = split_part(translate(before, '*?', ''), ':', 1) THEN
      got := got || CASE WHEN pg_temp.due(s.customer) > was THEN '+' WHEN pg_temp.due(s.customer) < was THEN '-' ELSE '' END;
    END IF;
    SELECT string_agg(v::text, '; ') INTO fault FROM leads.verify() v;
    IF fault IS NOT NULL THEN got := 'verify: ' || fault; END IF;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999';
  EXCEPTION WHEN OTHERS THEN
    IF SQLSTATE <> 'ZZ999' THEN got := SQLSTATE; END IF;
  END;
  RETURN got;
END $$;
UPDATE state SET owner = 'gone' WHERE state = 'left';
-- The table: a column a state. LD…: refused so; none: in nobody's hands and no pool; pool, other: in that; else its owner: * exempt, ? an extension waits, + - a later or an earlier
-- deadline than before. Where a row says more than one thing of a state, the specification says it in section 7: at the deadline the right is gone (lapsed, left: as pool for everybody, and
-- whoever had it is told LD050), what the caller may not know of is not there (LD001), the hold ends with the request, an exemption has no deadline, a pending registration has no owner yet.
CREATE TEMP TABLE wanted (event text, results text);
INSERT INTO wanted VALUES
  --                          lapsed    held      owned     endless   asked     locked    won       paused    contract  pool      left      merged    deleted   tomb      pending
  ('claim',                   'li        LD001     LD001     LD001     LD001     LD001     LD001     LD001     LD001     li        li        LD001     LD001     LD001     LD001'),
  ('claim by the owner',      'zhang     zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     zhang     LD004     zhang     LD001     zhang     LD060'),
  ('release',                 'LD050     pool      pool      pool      pool      pool      pool      pool      pool      LD050     LD004     pool      LD001     pool      LD050'),
  ('release by another',      'LD050     LD001     LD001     LD001     LD001     LD001     LD001     LD001     LD001     LD050     LD050     LD001     LD001     LD001     LD001'),
  ('release by a boss',       'LD002     other     other     other     other     other     other     other     other     LD002     LD002     other     LD001     other     LD002'),
  ('extend',                  'LD050     LD045     zhang?+   LD043     LD045     LD043     LD043     zhang?+   zhang?+   LD050     LD004     zhang?+   LD001     zhang?+   LD050'),
  ('extend by a boss',        'LD043     LD045     zhang+    LD043     LD045     LD043     LD043     zhang+    zhang+    LD043     LD043     zhang+    LD001     zhang+    LD043'),
  ('approve_extension',       'LD001     zhang+    LD001     LD001     zhang+    LD001     LD001     LD001     LD001     LD001     LD001     LD001     LD001     LD001     LD001'),
  ('refuse_extension',        'LD001     pool      LD001     LD001     zhang-    LD001     LD001     LD001     LD001     LD001     LD001     LD001     LD001     LD001     LD001'),
  ('assign',                  'li        li        li        li        li        li*       li*       li        li        li        li        li        LD001     li        LD002'),
  ('assign to the owner',     'zhang     zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     zhang     zhang     zhang     LD001     zhang     LD002'),
  ('route',                   'li        li        li        li        li        li*       li*       li        li        li        li        li        LD001     li        LD002'),
  ('transfer_all',            'pool      li        li        li        li        li*       li*       li        li        pool      pool      li        none      li        none'),
  ('deactivate_member',       'pool      li        li        li        li        li*       li*       li        li        pool      pool      li        none      li        none'),
  ('move_pool',               'other     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     other     other     LD002     LD001     LD002     LD002'),
  ('ask_help',                'LD050     zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     LD050     LD004     zhang     LD001     zhang     LD050'),
  ('lock_customer',           'LD050     zhang*?+  zhang*+   zhang*    zhang*?+  zhang*    LD002     zhang*+   zhang*+   LD050     LD004     zhang*+   LD001     zhang*+   LD050'),
  ('unlock_customer',         'LD050     zhang?    zhang     zhang     zhang?    zhang-    zhang*    zhang     zhang     LD050     LD004     zhang     LD001     zhang     LD050'),
  ('pause',                   'pool      zhang?+   zhang+    zhang     zhang?+   zhang*    zhang*    zhang+    zhang+    pool      pool      zhang+    LD001     zhang+    none'),
  ('resume',                  'pool      zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang-    zhang     pool      pool      zhang     LD001     zhang     none'),
  ('set_contract',            'pool      zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     pool      pool      zhang     LD001     zhang     LD002'),
  ('delete_customer',         'none      none      none      none      none      none      none      none      none      none      none      none      LD001     none      LD002'),
  ('log_activity',            'LD050     zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     LD050     LD004     zhang     LD001     zhang     LD001'),
  ('log_activity by another', 'LD050     LD001     LD001     LD001     LD001     LD001     LD001     LD001     LD001     LD050     LD050     LD001     LD001     LD001     LD001'),
  ('edit_lead',               'LD050     zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     LD050     LD004     zhang     LD001     zhang     LD001'),
  ('advance',                 'LD050     zhang?    zhang     zhang     zhang?    zhang*    LD002     zhang     zhang     LD050     LD004     zhang     LD001     zhang     LD001'),
  ('win',                     'LD050     zhang*?+  zhang*+   zhang*    zhang*?+  zhang*    LD002     zhang*+   zhang*+   LD050     LD004     zhang*+   LD001     zhang*+   LD001'),
  ('lose',                    'LD050     zhang?    zhang     zhang     zhang?    zhang*    LD002     zhang     zhang     LD050     LD004     zhang     LD001     zhang     LD001'),
  ('reopen',                  'LD050     LD002     LD002     LD002     LD002     LD002     zhang-    LD002     LD002     LD050     LD004     LD002     LD001     LD002     LD001'),
  ('register by the owner',   'pool      zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     pool      LD004     zhang     none      zhang     none'),
  ('register by another',     'pool      zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     pool      pool      zhang     none      zhang     none'),
  ('inquiry',                 'li        zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     li        li        zhang     none      zhang     none'),
  ('approve_registration',    'LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     zhang'),
  ('reject_registration',     'LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     none'),
  ('withdraw_registration',   'LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD002     LD004     LD002     LD002     LD002     none'),
  ('merge another into it',   'zhang     zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     zhang     zhang     zhang     LD002     LD002     LD002'),
  ('merge it into another',   'zhang     zhang-    zhang     zhang     zhang-    zhang*    zhang*    zhang     zhang     zhang     zhang     zhang     LD002     LD002     LD002'),
  ('add_collaborator',        'LD050     zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     LD050     LD004     zhang     LD001     zhang     LD050'),
  ('remove_collaborator',     'LD050     zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     LD050     LD004     zhang     LD001     zhang     LD050'),
  ('confirm_contact',         'LD050     LD001     LD001     LD001     LD001     LD001     LD001     LD001     LD001     LD050     LD004     LD001     LD001     LD001     LD050'),
  ('tick',                    'pool      zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     pool      pool      zhang     none      zhang     none'),
  ('apply_policy',            'pool      zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     pool      pool      zhang     none      zhang     none'),
  ('calendar',                'pool      zhang?+   zhang     zhang     zhang?+   zhang*    zhang*    zhang     zhang     pool      pool      zhang     none      zhang     none'),
  ('member left',             'pool      pool      pool      pool      pool      pool      pool      pool      pool      pool      pool      pool      none      pool      none'),
  ('seven weeks pass',        'pool      pool      pool      zhang     pool      zhang*    zhang*    pool      pool      pool      pool      pool      none      pool      none'),
  ('seven weeks pass, tick',  'pool      pool      pool      zhang     pool      zhang*    zhang*    pool      pool      pool      pool      pool      none      pool      none'),
  ('member stays',            'pool      zhang?    zhang     zhang     zhang?    zhang*    zhang*    zhang     zhang     pool      pool      zhang     none      zhang     none');

-- no pair missing, and no call of the library that names a customer, lead, registration or extension
CREATE TEMP TABLE pair AS SELECT s.n, s.state, w.event, r.result FROM wanted w, LATERAL regexp_split_to_table(w.results, ' +') WITH ORDINALITY r(result, n) JOIN state s ON s.n = r.n;
SELECT is((SELECT count(*) FROM pair), (SELECT count(*) FROM state) * (SELECT count(*) FROM event), 'the table has every pair');
SELECT is_empty('SELECT s.state, e.event FROM state s, event e EXCEPT SELECT state, event FROM pair', 'and no other');
SELECT is_empty($$ SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'leads'::regnamespace AND p.provolatile = 'v' AND p.prorettype <> 'trigger'::regtype
  AND p.proargnames[1] IN ('customer_id', 'customer_ids', 'lead_id', 'registration_id', 'extension_id', 'survivor_id') AND NOT EXISTS (SELECT FROM event e WHERE e.call ~ ('leads\.' || p.proname || '\('))
  AND p.proname <> ALL ('{override_registration,raise_conflict}') $$, 'every call that changes a customer is an event (what becomes of refused registrations: contest_machine)');

CREATE TEMP TABLE got AS SELECT s.state, e.event, replace(replace(pg_temp.run(s, e.call), 'pool:public', 'pool'), 'pool:other', 'other') AS result FROM state s, event e;
UPDATE got SET result = rtrim(result, '+-') WHERE result ~ '^(pool|other)';
SELECT is(g.result, p.result, p.state || ' x ' || p.event) FROM pair p JOIN got g USING (state, event) JOIN event e USING (event) ORDER BY e.n, p.n;
SELECT is((SELECT count(*)::int FROM pair), 705, 'pairs');
SELECT is_empty('SELECT * FROM leads.verify()', 'nothing stayed');
SELECT * FROM finish();
