-- Who works along with an owner: what it may, what it sees, when it ends.
SET timezone = 'Asia/Shanghai';	-- the business zone
\ir include/company.sql
SET client_min_messages = error;
SELECT * FROM no_plan();
SET leads.clock = '2026-03-02 09:00+08';
CREATE ROLE co_zhang; CREATE ROLE co_li; CREATE ROLE co_wang; CREATE ROLE co_boss; CREATE ROLE co_bi;
INSERT INTO crm.team (code, name) VALUES ('north', '华北');
INSERT INTO crm.member (code, name, db_role, team_id, is_manager) VALUES ('zhang', '张伟', 'co_zhang', 1, false), ('li', '李娜', 'co_li', NULL, false),
  ('wang', '王强', 'co_wang', NULL, false), ('boss', '赵总', 'co_boss', 1, true);
SELECT count(leads.grant_access(r, p)) FROM (VALUES ('co_zhang', 'rep'), ('co_li', 'rep'), ('co_wang', 'rep'), ('co_boss', 'manager'), ('co_bi', 'bi')) v(r, p);
GRANT ALL ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC;
SELECT leads.publish('protection', '', '{"days": 10}');
SELECT FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678', contact => '王小芳', by_member => 'zhang');
SELECT FROM leads.register('成都锦绣电子科技有限公司', phone => '13800001111', by_member => 'zhang');
CREATE FUNCTION pg_temp.sees(who text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE t text; BEGIN
  EXECUTE format('SET ROLE %I', who);
  SELECT string_agg(c.customer_id || ':' || coalesce(c.contact, '-') || ':' || coalesce(c.phone, '-'), ' ' ORDER BY c.customer_id) INTO t FROM crm.my_customer c;
  RESET ROLE; RETURN t; END $$;
CREATE FUNCTION pg_temp.as(who text, call text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE s text := 'ok'; BEGIN
  EXECUTE format('SET ROLE %I', who);
  BEGIN EXECUTE call; EXCEPTION WHEN OTHERS THEN s := SQLSTATE; END;
  RESET ROLE; RETURN s; END $$;

SELECT is(pg_temp.sees('co_li'), NULL, 'nothing is hers');
SELECT is(pg_temp.as('co_li', 'SELECT leads.log_activity(1, ''call'', ''替张伟打了电话'')'), 'LD001', 'nor known to her');
-- who may ask for help
SELECT is(pg_temp.as('co_li', 'SELECT leads.add_collaborator(1, ''li'')'), 'LD001', 'nobody lets itself in');
SELECT is(pg_temp.as('co_zhang', 'SELECT leads.add_collaborator(1, ''nobody'')'), 'LD001', 'no such member');
SELECT is(pg_temp.as('co_zhang', 'SELECT leads.add_collaborator(1, ''li'', ''own'')'), '22023', 'no such level');
SELECT is(pg_temp.as('co_zhang', 'SELECT leads.add_collaborator(1, NULL)'), 'LD005', 'nobody named');
SELECT is(pg_temp.as('co_zhang', 'SELECT leads.add_collaborator(1, ''zhang'')'), 'LD002', 'the owner is the owner');
SELECT is(pg_temp.as('co_zhang', 'SELECT leads.add_collaborator(1, ''li'', until => ''2026-03-02 09:00+08'')'), '22023', 'over before it begins');
SELECT is(pg_temp.as('co_zhang', 'SELECT leads.add_collaborator(1, ''li'', until => ''infinity'')'), '22023', 'no instant');
SELECT is(pg_temp.as('co_zhang', 'SELECT leads.add_collaborator(1, ''li'', reason => repeat(''x'', 1001))'), 'LD007', 'too many words');
SELECT is(pg_temp.as('co_bi', 'SELECT leads.add_collaborator(1, ''li'')'), '42501', 'bi does not');
SELECT is(pg_temp.as('co_zhang', 'SELECT leads.add_collaborator(1, ''li'', reason => ''售前支持'')'), 'ok', 'the owner does');
-- read: sees it with its contacts, works on nothing
SELECT is(pg_temp.sees('co_li'), '1:王小芳:13912345678', 'sees the customer with its contacts, and no other');
SELECT is(pg_temp.sees('co_wang'), NULL, 'nobody else does');
SELECT is(pg_temp.as('co_li', 'SELECT leads.log_activity(1, ''call'', ''替张伟打了电话'')'), 'LD050', 'who reads works on nothing');
SELECT is(pg_temp.as('co_li', 'SELECT leads.advance(1, ''contacted'')'), 'LD050', 'moves no lead');
SELECT is(pg_temp.as('co_li', 'SELECT * FROM crm.followup'), 'ok', 'but reads what was done');
SET ROLE co_li;
SELECT is((SELECT array_agg(id) FROM crm.my_lead), '{1}', 'its lead');
SELECT is((SELECT array_agg(customer_id) FROM crm.due), '{1}', 'its deadline');
RESET ROLE;
GRANT SELECT ON crm.customer, crm.contact_point, crm.lead, crm.ownership TO co_li, co_wang;
SET ROLE co_li;
SELECT is((SELECT array_agg(id) FROM crm.customer), '{1}', 'row security behind it says the same');
SELECT is((SELECT array_agg(raw) FROM crm.contact_point), '{13912345678}', 'of contacts, too');
SET ROLE co_wang;
SELECT is((SELECT count(*)::int FROM crm.contact_point), 0, 'and nothing to others');
RESET ROLE;
-- the boss sees the team's without contacts; as a collaborator with them, and no row twice
SELECT is(pg_temp.sees('co_boss'), '1:王**:139****5678 2:-:138****1111', 'masked for the boss');
SELECT is(pg_temp.as('co_boss', 'SELECT leads.add_collaborator(1, ''boss'', ''work'')'), 'ok', 'a boss may, over its team');
SELECT is(pg_temp.sees('co_boss'), '1:王小芳:13912345678 2:-:138****1111', 'in full, once');
-- the same again writes nothing
SELECT is((SELECT decision_id FROM leads.add_collaborator(1, 'li', by_member => 'zhang')), NULL, 'it is so already');
-- work
SELECT isnt((SELECT decision_id FROM leads.add_collaborator(1, 'li', 'work', by_member => 'zhang')), NULL, 'another level');
SELECT is((SELECT count(*)::int FROM crm.collaborator WHERE until IS NULL), 2, 'takes the place of the one before');
SELECT is(pg_temp.as('co_li', 'SELECT leads.log_activity(1, ''call'', ''替张伟打了电话'')'), 'ok', 'logs');
SELECT is((SELECT effective FROM crm.activity ORDER BY id DESC LIMIT 1), true, 'which counts for the owner');
SELECT is(pg_temp.as('co_li', 'INSERT INTO crm.followup (lead_id, kind, note, seconds) VALUES (1, ''visit'', ''同去客户现场看设备'', 300)'), 'ok', 'by the view, too');
SELECT is(pg_temp.as('co_li', 'SELECT leads.advance(1, ''contacted'')'), 'ok', 'moves leads');
SELECT is(pg_temp.as('co_li', call), 'LD050', 'decides nothing over the customer: ' || call) FROM unnest(ARRAY['SELECT leads.release(1, ''x'')',
  'SELECT leads.extend(1, 1)', 'SELECT leads.lock_customer(1)', 'SELECT leads.add_collaborator(1, ''wang'')', 'SELECT leads.remove_collaborator(1, ''boss'')']) call;
SELECT is(pg_temp.as('co_li', 'SELECT leads.log_activity(2, ''call'', ''替张伟打了电话'')'), 'LD001', 'of other customers nothing');
-- back out
SELECT is(pg_temp.as('co_li', 'SELECT leads.remove_collaborator(1, ''li'', ''做完了'')'), 'ok', 'steps back by herself');
SET leads.clock = '2026-03-02 09:01+08';
SELECT is(pg_temp.sees('co_li'), NULL, 'and sees it no more');
SELECT is(leads.remove_collaborator(1, 'li', by_member => 'zhang'), NULL, 'there is none any more');
SELECT is(pg_temp.as('co_zhang', 'SELECT leads.remove_collaborator(1, NULL)'), 'LD005', 'nobody named');
-- until
SELECT FROM leads.add_collaborator(1, 'li', 'work', '2026-03-03 09:00+08', by_member => 'zhang');
SET leads.clock = '2026-03-03 08:59:59.999999+08';
SELECT is(pg_temp.sees('co_li'), '1:王小芳:13912345678', 'up to that instant');
SELECT is(pg_temp.as('co_li', 'SELECT leads.log_activity(1, ''call'', ''最后一个协同电话'')'), 'ok', 'and works');
SET leads.clock = '2026-03-03 09:00+08';
SELECT is(pg_temp.sees('co_li'), NULL, 'not at it, no job having run');
SELECT is(pg_temp.as('co_li', 'SELECT leads.log_activity(1, ''call'', ''再打一个协同电话'')'), 'LD001', 'nor works');
-- another owner keeps it; a pool ends it, written down or not
SELECT FROM leads.add_collaborator(1, 'li', 'work', by_member => 'zhang');
SELECT FROM leads.assign(1, 'wang');
SELECT is(pg_temp.sees('co_li'), '1:王小芳:13912345678', 'handed to another owner: she goes on');
SELECT is(pg_temp.sees('co_zhang'), '2:-:13800001111', 'the owner before does not');
SELECT to_char(next_due_at, 'YYYY-MM-DD HH24:MI:SS.US+08') AS due FROM crm.ownership WHERE customer_id = 1 AND until IS NULL \gset
SET leads.clock = :'due';
SELECT is(pg_temp.sees('co_li'), NULL, 'it lapsed: nothing, no job having run');
CALL leads.tick();
SELECT is(pg_temp.sees('co_li'), NULL, 'nor once it is written down');
SET leads.clock = '2026-03-20 09:00+08';
SELECT FROM leads.claim('{1}', by_member => 'wang');
SELECT is(pg_temp.sees('co_li'), NULL, 'nor with the next owner');
SELECT is(pg_temp.as('co_li', 'SELECT leads.log_activity(1, ''call'', ''再打一个协同电话'')'), 'LD050', 'who knows of it from the pool alone');
SELECT FROM leads.release(1, '不做了', by_member => 'wang');
SELECT is(pg_temp.as('co_boss', 'SELECT leads.add_collaborator(1, ''li'')'), 'LD002', 'in a pool nobody works along');
-- merge and back
SET leads.clock = '2026-03-21 09:00+08';
SELECT FROM leads.register('昆明云海物流有限公司', phone => '13700001111', by_member => 'zhang');
SELECT FROM leads.register('昆明云海运输有限公司', phone => '13600001111', by_member => 'zhang');
SELECT max(id) AS last FROM crm.customer \gset
SELECT FROM leads.add_collaborator(:last, 'li', by_member => 'zhang');
SELECT leads.merge(:last - 1, ARRAY[:last]::bigint[], reason => '同一客户') IS NOT NULL;
SELECT is(split_part(pg_temp.sees('co_li'), ':', 1), (:last - 1)::text, 'sees the survivor');
SELECT leads.unmerge((SELECT max(id) FROM crm.merge), reason => '弄错了') IS NOT NULL;
SELECT is(split_part(pg_temp.sees('co_li'), ':', 1), :last::text, 'and hers again');
-- the table is written by the calls
SELECT throws_ok('DELETE FROM crm.collaborator', 'LD009', NULL, 'not by hand');
UPDATE crm.member SET left_at = '2026-03-21 09:00+08' WHERE code = 'li';
SELECT is(pg_temp.as('co_zhang', format('SELECT leads.add_collaborator(%s, ''li'')', :last - 1)), 'LD031', 'who has left helps nobody');
SELECT is(pg_temp.sees('co_li'), NULL, 'and sees nothing');
SELECT is_empty('SELECT * FROM leads.verify()', 'verify() finds nothing');
SELECT * FROM finish();
