-- advance, win, lose, reopen, edit_lead: what they write, what they refuse
SET client_min_messages = warning; SET timezone = 'Asia/Shanghai'; SET datestyle = 'ISO';
SET leads.clock = '2025-03-01 09:00+08';
SELECT leads.install('pm', lang => 'zh', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'pm';
INSERT INTO pm.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜');
SELECT outcome, owner, protected_until FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
\set events 'SELECT e.kind, f.code AS before, t.code AS after, e.attempt, e.amount, e.owner_id, e.data FROM pm.event e LEFT JOIN pm.stage f ON f.id = e.from_stage_id LEFT JOIN pm.stage t ON t.id = e.to_stage_id WHERE e.lead_id = 1 AND e.kind <> ''registered'' ORDER BY e.at, e.id'
\set own 'SELECT exempt, protected_until, next_due_at FROM pm.ownership WHERE until IS NULL AND customer_id = 1'

-- forward, over a stage, back
SELECT * FROM leads.advance(1, 'contacted', by_member => 'zhang');
SELECT * FROM leads.advance(1, 'proposal', expected_version => 2, by_member => 'zhang');
SELECT * FROM leads.advance(1, 'contacted', E'  ', by_member => 'zhang');
SELECT * FROM leads.advance(1, 'contacted', '客户暂缓', by_member => 'zhang');
-- what is not allowed, with what is
SELECT * FROM leads.advance(1, 'contacted');
SELECT * FROM leads.advance(1, 'won');
SELECT * FROM leads.advance(1, 'lost');
SELECT * FROM leads.advance(1, 'signed');
SELECT * FROM leads.advance(1, 'new', 'again', expected_version => 3);
SELECT * FROM leads.advance(1, 'proposal', by_member => 'li');
SELECT * FROM leads.advance(2, 'proposal');
SELECT * FROM leads.reopen(1);
SELECT row_version, stage_id FROM pm.lead WHERE id = 1;

-- edit: only what changes counts
SELECT * FROM leads.edit_lead(1, amount => 50000, need => '年度采购', project => '新厂', expected_on => '2025-06-30', extra => '{"a": 1}');
SELECT row_version, decision_id FROM leads.edit_lead(1, amount => 50000.00001, need => '年度采购', extra => '{"a": 1}');
SELECT row_version, decision_id IS NOT NULL AS written FROM leads.edit_lead(1, extra => '{"b": 2}', clear_fields => '{need,expected_on}');
SELECT amount, need, line, project, expected_on, extra FROM pm.lead WHERE id = 1;
SELECT * FROM leads.edit_lead(1, clear_fields => '{stage_id}');
SELECT * FROM leads.edit_lead(1, amount => -1);
SELECT * FROM leads.edit_lead(1, amount => 'NaN');
SELECT * FROM leads.edit_lead(1, amount => 1e16);
SELECT * FROM leads.edit_lead(1, extra => '[]');
SELECT * FROM leads.edit_lead(1, expected_on => 'infinity');

-- win: no deadline any more; closed to everything but reopen
SELECT * FROM leads.win(1, 48000.126, by_member => 'zhang');
:own;
SELECT * FROM leads.win(1);
SELECT * FROM leads.lose(1, 'price');
SELECT * FROM leads.advance(1, 'new', 'x');
SELECT topic, subject, dedupe_key, payload FROM pm.outbox WHERE topic IN ('won', 'win_reversed') ORDER BY id;

-- the win is taken back long after the old deadline: grace, not a lapse at once
SET leads.clock = '2025-05-01 09:00+08';
SELECT * FROM leads.owner_at(1, '', NULL);
SELECT stage, row_version, owner, next_due_at FROM leads.reopen(1, reason => '客户退货');
:own;
-- a second lead of the customer is won: the first one's reversal changes nothing
SELECT stage, next_due_at FROM leads.win(1);
SELECT outcome, lead_id FROM leads.register('重庆鸿源商贸有限公司', channel => 'website', line => 'parts');
SELECT stage, next_due_at FROM leads.win(2);
SELECT stage, next_due_at FROM leads.reopen(1, 'negotiation');
SELECT stage, next_due_at FROM leads.reopen(2, 'won');
SELECT stage, next_due_at FROM leads.reopen(2, 'new');

-- lose
SELECT * FROM leads.lose(1, NULL);
SELECT * FROM leads.lose(1, ' ');
SELECT * FROM leads.lose(1, 'weather');
SELECT * FROM leads.lose(1, 'other');
SELECT * FROM leads.lose(1, 'other', '一二三四五六七八九  ');
SELECT stage, label FROM leads.lose(1, 'other', '一二三四五六七八九十');
SELECT close_reason, close_note, closed_at FROM pm.lead WHERE id = 1;
SELECT stage FROM leads.reopen(1);
SELECT attempt, closed_at, close_reason FROM pm.lead WHERE id = 1;
:events;
SELECT d.kind, d.verdict, d.policies, s.step, s.verdict, s.reason FROM pm.decision d, LATERAL leads.explain(d.id) s
  WHERE d.lead_id = 1 AND d.kind IN ('advance', 'win', 'lose', 'reopen', 'edit') AND s.step_no > 1 ORDER BY d.id, s.step_no;
SELECT * FROM leads.verify();

-- lost as no lead at all: the lead, its event, its journey and the decision say so; opened again it is one
SELECT stage FROM leads.lose(1, 'spam');
SELECT l.invalid, l.close_reason, e.data FROM pm.lead l, LATERAL (SELECT e.data FROM pm.event e WHERE e.lead_id = l.id AND e.kind = 'lost' ORDER BY e.id DESC LIMIT 1) e WHERE l.id = 1;
SELECT s.step, s.verdict, s.reason FROM pm.decision d, LATERAL leads.explain(d.id) s WHERE d.id = (SELECT max(id) FROM pm.decision WHERE lead_id = 1 AND kind = 'lose') AND s.step_no > 1;
SELECT j.kind, j.stage, j.attempt FROM pm.lead_journey q, LATERAL leads.journey_entries(q.journey) j WHERE q.lead_id = 1 ORDER BY j.n DESC LIMIT 1;
SELECT stage FROM leads.reopen(1);
SELECT l.invalid, l.close_reason FROM pm.lead l WHERE l.id = 1;
SELECT stage FROM leads.lose(1, 'no_need'); SELECT l.invalid FROM pm.lead l WHERE l.id = 1;
SELECT stage FROM leads.reopen(1);
-- nobody writes the mark by hand
UPDATE pm.lead SET invalid = true WHERE id = 1;
UPDATE pm.lead SET test = true WHERE id = 1;
UPDATE pm.registration SET test = true WHERE id = 1;

-- a policy that allows no skip, asks for no reason, and wants an amount and a date of an opportunity
SELECT leads.publish('pipeline', '', '{"allow_skip": false, "back_needs_reason": false, "lose_reasons": ["price"], "qualify_needs": ["amount", "expected_on"]}') > 1 AS published;
SELECT stage FROM leads.advance(1, 'contacted');
SELECT * FROM leads.advance(1, 'proposal');
SELECT * FROM leads.win(1);
SELECT * FROM leads.advance(1, 'qualified');
SELECT stage FROM leads.edit_lead(1, amount => 1, expected_on => '2025-07-01');
SELECT stage FROM leads.advance(1, 'qualified');
SELECT stage FROM leads.advance(1, 'new');
SELECT * FROM leads.lose(1, 'competitor');
SELECT e.data FROM pm.event e WHERE e.lead_id = 1 AND e.kind = 'advanced' ORDER BY id DESC LIMIT 2;

-- faults of the document, each with its path
SELECT leads.publish('pipeline', '', '{"allow_skip": 1}');
SELECT leads.publish('pipeline', '', '{"skip": true}');
SELECT leads.publish('pipeline', '', '{"lose_note_min": 1.5}');
SELECT leads.publish('pipeline', '', '{"lose_note_min": -1}');
SELECT leads.publish('pipeline', '', '{"lose_note_min": 1e9}');
SELECT leads.publish('pipeline', '', '{"lose_reasons": []}');
SELECT leads.publish('pipeline', '', '{"lose_reasons": "price"}');
SELECT leads.publish('pipeline', '', '{"lose_reasons": ["price", {"a": 1}]}');
SELECT leads.publish('pipeline', '', '{"lose_reasons": ["price", "price"]}');
SELECT leads.publish('pipeline', '', '{"lose_reasons": ["no price"]}');
SELECT leads.publish('pipeline', '', '{"invalid_reasons": "spam"}');
SELECT leads.publish('pipeline', '', '{"invalid_reasons": ["spam", "price", "no_lead"]}');
SELECT leads.publish('pipeline', '', '{"lose_reasons": ["price", "fake"], "invalid_reasons": ["spam"]}');
SELECT leads.publish('pipeline', '', '{"qualify_needs": ["need"]}');
SELECT leads.publish('pipeline', '', '{"followup_kinds": ["fax"]}');
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('pm', 'pm');
