-- The state machine of registrations, every (state, event) pair. What is allowed is written here from the specification (section 6),
-- not from our table: pending -> approved, rejected, withdrawn; queued -> pending, approved, blocked, withdrawn; approved -> superseded.
\ir include/company.sql
SELECT * FROM no_plan();
SET leads.clock = '2025-03-03 09:00+08';
SET timezone = 'Asia/Shanghai';
INSERT INTO crm.member (code, name, is_manager) VALUES ('zhang', '张伟', false), ('li', '李娜', false), ('wang', '王强', false), ('chen', '陈静', true);

-- one registration in each state for each event, each about a company of its own
CREATE TEMP TABLE subject (state text, event text, registration_id bigint, customer_id bigint, note text);
CREATE FUNCTION pg_temp.company(n int) RETURNS text LANGUAGE sql AS $$
  SELECT (ARRAY['重庆','上海','广州','成都','青岛','昆明','西安','合肥','武汉','南京','杭州','长沙','济南','沈阳','福州','太原'])[1 + n % 16]
    || chr(20013 + n * 131) || chr(22269 + n * 197) || chr(26408 + n * 89)
    || (ARRAY['商贸','医疗器械','餐饮管理','水产','花卉','旅行社','园林','物流','印刷','纺织','模具'])[1 + n % 11] || '有限公司' $$;
CREATE FUNCTION pg_temp.reg(n int, who text, short boolean DEFAULT false) RETURNS bigint LANGUAGE sql AS $$
  SELECT registration_id FROM leads.register(pg_temp.company(n), by_member => who) $$;

-- what a person calls, and what the specification allows it to do
CREATE TEMP TABLE allowed (state text, event text, becomes text);
INSERT INTO allowed VALUES
  ('pending', 'approve', 'approved'), ('pending', 'reject', 'rejected'), ('pending', 'withdraw', 'withdrawn'),
  ('queued', 'approve', 'approved'), ('queued', 'reject', 'blocked'), ('queued', 'withdraw', 'withdrawn');
CREATE TEMP TABLE state (state text, n int);
INSERT INTO state SELECT s, row_number() OVER () FROM unnest(ARRAY['blocked', 'queued', 'offered', 'attached', 'returning', 'pending',
  'approved', 'rejected', 'withdrawn', 'superseded']) s;
CREATE TEMP TABLE event (event text, n int, call text);
INSERT INTO event VALUES ('approve', 1, 'SELECT leads.approve_registration(%s, by_member => ''chen'')'),
  ('reject', 2, 'SELECT leads.reject_registration(%s, ''不符'', by_member => ''chen'')'),
  ('withdraw', 3, 'SELECT leads.withdraw_registration(%s, by_member => ''li'')');

-- company number: 10 * state + event; li is the registrant everywhere
-- (one statement sees what its own functions wrote only in the next)
SELECT count(pg_temp.reg(s.n * 10 + e.n, 'zhang')) FROM state s, event e WHERE s.state IN ('blocked', 'queued', 'superseded') \gset
SELECT count(pg_temp.reg(s.n * 10 + e.n, 'zhang')) FROM state s, event e WHERE s.state IN ('offered', 'returning') \gset
SELECT count(leads.release(o.customer_id, 'x')) FROM crm.ownership o WHERE o.until IS NULL AND o.customer_id IN
  (SELECT r.customer_id FROM crm.registration r, state s, event e WHERE r.name = pg_temp.company(s.n * 10 + e.n) AND s.state = 'offered') \gset
SELECT count(leads.lose(l.id, 'price')) FROM crm.lead l WHERE l.customer_id IN
  (SELECT r.customer_id FROM crm.registration r, state s, event e WHERE r.name = pg_temp.company(s.n * 10 + e.n) AND s.state = 'returning') \gset
SELECT count(leads.release(o.customer_id, 'x')) FROM crm.ownership o JOIN crm.lead l USING (customer_id) WHERE o.until IS NULL AND l.closed_at IS NOT NULL \gset
SET leads.clock = '2025-12-01 09:00+08';
SELECT count(leads.assign(o.customer_id, 'zhang')) FROM crm.ownership o WHERE o.until IS NULL AND o.customer_id IN
  (SELECT r.customer_id FROM crm.registration r, state s, event e WHERE r.name = pg_temp.company(s.n * 10 + e.n) AND s.state IN ('blocked', 'queued', 'superseded')) \gset
-- queued: only possibly the same: a word of the industry more, another place
INSERT INTO subject SELECT s.state, e.event, r.registration_id, r.customer_id, r.outcome FROM state s, event e,
  LATERAL leads.register(pg_temp.company(s.n * 10 + e.n), by_member => 'li') r WHERE s.state IN ('blocked', 'offered', 'returning', 'approved', 'superseded');
INSERT INTO subject SELECT s.state, e.event, r.registration_id, r.customer_id, r.outcome FROM state s, event e,
  LATERAL leads.register(substr(pg_temp.company(s.n * 10 + e.n), 3, 3), by_member => 'li') r WHERE s.state = 'queued';
SELECT count(pg_temp.reg(s.n * 10 + e.n, 'li')) FROM state s, event e WHERE s.state = 'attached' \gset
INSERT INTO subject SELECT s.state, e.event, r.registration_id, r.customer_id, r.outcome FROM state s, event e,
  LATERAL leads.register(pg_temp.company(s.n * 10 + e.n), need => '再次', by_member => 'li') r WHERE s.state = 'attached';
-- superseded: a ruling gave zhang's to li, another gives li's back
CREATE TEMP TABLE ruling AS SELECT s.event, c.conflict FROM subject s, LATERAL leads.raise_conflict(s.registration_id, '我先拜访', by_member => 'li') c WHERE s.state = 'superseded';
SELECT count(leads.rule_conflict(conflict, 'registrant', '有拜访记录', by_member => 'chen')) FROM ruling \gset
UPDATE subject u SET registration_id = r.id FROM crm.registration r WHERE u.state = 'superseded' AND r.resubmits_id = u.registration_id;
CREATE TEMP TABLE back AS SELECT s.event, r.registration_id FROM subject s JOIN crm.registration l ON l.id = s.registration_id,
  LATERAL leads.register(l.name, by_member => 'zhang') r WHERE s.state = 'superseded';
CREATE TEMP TABLE back_conflict AS SELECT c.conflict FROM back b, LATERAL leads.raise_conflict(b.registration_id, '合同在先', by_member => 'zhang') c;
SELECT count(leads.rule_conflict(conflict, 'registrant', '合同在先', by_member => 'chen')) FROM back_conflict \gset
SELECT FROM leads.set_registration(approval => true);
INSERT INTO subject SELECT s.state, e.event, r.registration_id, r.customer_id, r.outcome FROM state s, event e,
  LATERAL leads.register(pg_temp.company(s.n * 10 + e.n), by_member => 'li') r WHERE s.state IN ('pending', 'rejected', 'withdrawn');
SELECT count(leads.reject_registration(registration_id, '不符', by_member => 'chen')) FROM subject WHERE state = 'rejected' \gset
SELECT count(leads.withdraw_registration(registration_id, by_member => 'li')) FROM subject WHERE state = 'withdrawn' \gset
SELECT is_empty($$ SELECT s.*, r.state FROM subject s JOIN crm.registration r ON r.id = s.registration_id WHERE r.state <> s.state $$, 'the fixture: each is in the state that it is to be in');
SELECT is((SELECT count(*) FROM subject), 30::bigint, 'ten states, three events');

-- what is not allowed is refused, and leaves nothing
SELECT throws_ok(format(e.call, s.registration_id), 'LD002', NULL, s.state || ' x ' || s.event) FROM subject s JOIN event e USING (event)
 WHERE NOT EXISTS (SELECT FROM allowed a WHERE a.state = s.state AND a.event = s.event);
SELECT is_empty($$ SELECT s.* FROM subject s JOIN crm.registration r ON r.id = s.registration_id WHERE r.state <> s.state $$, 'and nothing changed');
-- what is allowed leads where the specification says
SELECT lives_ok(format(e.call, s.registration_id), s.state || ' x ' || s.event) FROM subject s JOIN event e USING (event) JOIN allowed a USING (state, event);
SELECT is(r.state, a.becomes, s.state || ' x ' || s.event || ' becomes ' || a.becomes)
  FROM subject s JOIN allowed a USING (state, event) JOIN crm.registration r ON r.id = s.registration_id;
-- and what came of it is terminal, but for approved -> superseded (the fixture of that state)
SELECT throws_ok(format(e.call, s.registration_id), 'LD002', NULL, 'then ' || e.event || ' after ' || s.state || ' x ' || s.event)
  FROM subject s JOIN allowed a USING (state, event) CROSS JOIN event e;

-- rulings and overrides: from blocked, queued, and, for an override, offered; everything else is refused
SELECT throws_ok(format('SELECT leads.raise_conflict(%s, ''x'', by_member => ''li'')', s.registration_id), 'LD002', NULL, 'raise_conflict of ' || s.state)
  FROM subject s WHERE s.event = 'approve' AND s.state NOT IN ('blocked', 'queued');
SELECT throws_ok(format('SELECT leads.override_registration(%s, ''x'', by_member => ''chen'')', s.registration_id), 'LD002', NULL, 'override of ' || s.state)
  FROM subject s WHERE s.event = 'approve' AND s.state NOT IN ('blocked', 'queued', 'offered');
CREATE TEMP TABLE over AS SELECT s.state, s.registration_id AS old, o.registration AS new, o.customer_id, s.customer_id AS met FROM subject s,
  LATERAL leads.override_registration(s.registration_id, '确为两家', by_member => 'chen') o WHERE s.event = 'approve' AND s.state IN ('blocked', 'offered');
SELECT results_eq('SELECT v.state, r.state, n.state, n.outcome, n.resubmits_id = v.old FROM over v JOIN crm.registration r ON r.id = v.old JOIN crm.registration n ON n.id = v.new ORDER BY 1',
  $$ VALUES ('blocked', 'blocked', 'approved', 'created', true), ('offered', 'offered', 'approved', 'created', true) $$, 'an override is a new row, linked to the old, which stays as it was');
SELECT is_empty('SELECT * FROM leads.verify()', 'the company is sound');
SELECT is_empty($$ SELECT customer_id, scope FROM crm.registration WHERE state = 'pending' GROUP BY 1, 2 HAVING count(*) > 1 $$, 'one pending a customer and scope');
SELECT * FROM finish();
