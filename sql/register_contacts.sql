-- further numbers, addresses and persons of a customer: whose word counts, what waits, what is not kept
SET client_min_messages = warning;
SELECT leads.install('rc', lang => 'en', zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'rc';
INSERT INTO rc.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li'), ('boss', 'Boss');
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '13812345678', contact => '王芳', by_member => 'zhang');
CREATE TEMP VIEW points AS
  SELECT p.kind, p.raw, p.state, p.weak, p.strong_key IS NOT NULL AS strong, t.name AS person FROM rc.contact_point p
    LEFT JOIN rc.contact t ON t.id = p.contact_id WHERE p.customer_id = 1 ORDER BY p.id;
-- the owner registers it again from another number: from now on it is found by both
SELECT outcome, customer_id FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678', contact => '李强', email => 'li@hongyuan.example', by_member => 'zhang');
SELECT * FROM points;
SELECT step ->> 'verdict' AS verdict, step ->> 'code' AS code, step -> 'args' AS args FROM rc.decision d, jsonb_array_elements(d.evidence) step
 WHERE d.id = (SELECT max(id) FROM rc.decision) AND step ->> 'step' = 'contact';
SELECT band FROM leads.check_duplicate('重庆鸿源商贸', phone => '139 1234 5678');
-- what is there already adds nothing
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '+86 139 1234 5678', contact => '李强', by_member => 'zhang');
SELECT count(*) FROM points;
-- a web form: kept, marked, and nobody is found by it
SELECT outcome, customer_id, owner FROM leads.register('重庆鸿源商贸有限公司', phone => '13712345678', contact => '赵敏', channel => 'website');
SELECT * FROM points WHERE state <> 'confirmed';
SELECT count(*) FROM leads.check_duplicate('成都无关食品有限公司', phone => '13712345678');
SELECT score FROM leads.check_duplicate('重庆鸿源商贸', phone => '13712345678') \gset a_
SELECT score FROM leads.check_duplicate('重庆鸿源商贸', phone => '13912345678') \gset b_
SELECT :a_score < :b_score AS unconfirmed_is_no_evidence;
SELECT * FROM leads.verify();
-- the owner says that it is so
SELECT kind, state, decision_id IS NOT NULL AS decided FROM leads.confirm_contact(1, '137-1234-5678', by_member => 'zhang');
SELECT kind, state, decision_id IS NOT NULL AS decided FROM leads.confirm_contact(1, '13712345678', by_member => 'zhang');
SELECT * FROM points WHERE raw = '13712345678';
SELECT state FROM rc.contact WHERE name = '赵敏';
SELECT score > :a_score AS now_it_is FROM leads.check_duplicate('重庆鸿源商贸', phone => '13712345678');
SELECT * FROM leads.verify();
-- or that it is not: it stays refused, also when it comes again
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '13612345678', channel => 'website');
SELECT kind, state FROM leads.confirm_contact(1, '13612345678', false, by_member => 'zhang');
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '13612345678', channel => 'website');
SELECT state, count(*) FROM points WHERE raw = '13612345678' GROUP BY 1;
-- a hotline is kept and finds nobody, whoever sends it
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '400-820-8820', by_member => 'zhang');
SELECT * FROM points WHERE weak;
-- a number that finds another customer: the owner alone cannot take it over, a boss can
SELECT outcome FROM leads.register('成都天府物流有限公司', phone => '13512345678', by_member => 'li');
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', phone => '13512345678', by_member => 'zhang');
SELECT state FROM points WHERE raw = '13512345678';
SET leads.actor = 'zhang';
\set VERBOSITY sqlstate
SELECT leads.confirm_contact(1, '13512345678', by_member => 'zhang');
-- nobody else has a say, and nothing else is known
SELECT leads.confirm_contact(1, '13512345678', by_member => 'li');
SELECT leads.confirm_contact(1, '13000000000', by_member => 'zhang');
SELECT leads.confirm_contact(99, '13000000000', by_member => 'zhang');
SELECT leads.confirm_contact(1, ' ', by_member => 'zhang');
SELECT leads.confirm_contact(NULL, '13000000000', by_member => 'zhang');
-- by what counts the customer is found: its owner cannot hide it, to register it anew
SELECT leads.confirm_contact(1, '13812345678', false, by_member => 'zhang');
\set VERBOSITY default
RESET leads.actor;
SELECT kind, state FROM leads.confirm_contact(1, '13512345678');
-- a USCC beside another one is not kept; the first one is
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', uscc => '91350100M000100Y43', by_member => 'zhang');
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', uscc => '91500000MA5UTEQ7XL', phone => '13912345678', contact => '李强', by_member => 'zhang');
SELECT kind, state, strong FROM points WHERE kind = 'uscc';
-- a boss takes away what counts, and gives it back; one that is not confirmed is nobody's strong key
SELECT kind, state FROM leads.confirm_contact(1, '13812345678', false);
SELECT kind, state FROM leads.confirm_contact(1, '13812345678');
SELECT outcome, customer_id FROM leads.register('成都天府物流有限公司', uscc => '91350100M000100Y43', channel => 'website');
SELECT raw, state FROM rc.contact_point WHERE customer_id = 2 AND kind = 'uscc';
SELECT * FROM leads.verify();
-- so many a day
SELECT leads.set_match(unconfirmed_daily => 3) > 0 AS set;
SELECT DISTINCT outcome FROM generate_series(1, 9) n, LATERAL leads.register('重庆鸿源商贸有限公司', phone => '1330000000' || n, channel => 'website');
SELECT count(*) AS kept FROM points WHERE raw LIKE '1330000000_';
SELECT step ->> 'code' AS code FROM rc.decision d, jsonb_array_elements(d.evidence) step
 WHERE d.id = (SELECT max(id) FROM rc.decision) AND step ->> 'step' = 'contact';
SELECT leads.set_match(unconfirmed_daily => 1001);
-- back from the pool: by its new owner, who has the word
SELECT count(*) FROM leads.lose((SELECT id FROM rc.lead WHERE customer_id = 1 AND closed_at IS NULL LIMIT 1), 'price', by_member => 'zhang');
SELECT count(*) FROM leads.release(1, reason => 'later', by_member => 'zhang');
SELECT leads.set_match(returning_days => 0, unconfirmed_daily => 100) > 0 AS set;
SELECT outcome, customer_id, owner FROM leads.register('重庆鸿源商贸有限公司', phone => '13412345678', by_member => 'li');
SELECT state FROM points WHERE raw = '13412345678';
-- the view: whoever has it reads it, others see masks, and nobody a strangers' customer
SELECT kind, value, contact, state FROM rc.my_contact WHERE customer_id = 2;
SELECT * FROM leads.verify();
DROP VIEW points;
SELECT leads.uninstall('rc', 'rc');
