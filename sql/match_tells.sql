-- whose customer it is, and until when: what a colleague without sight of it is told is the policy's to say
SET client_min_messages = warning;
SET timezone = 'UTC';
SELECT leads.install('mt', lang => 'en', simulation => true, zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'mt';
SET leads.clock = '2026-03-02 10:00+00';
INSERT INTO mt.team (code, name) VALUES ('north', 'North');
INSERT INTO mt.member (code, name, team_id) SELECT code, initcap(code), CASE WHEN code = 'zhang' THEN (SELECT id FROM mt.team) END FROM unnest(ARRAY['zhang', 'li', 'wang']) code;
SELECT customer_id AS a, protected_until IS NOT NULL AS protected FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang') \gset
SELECT outcome FROM leads.register('成都天府物流有限公司', by_member => 'wang');
-- one that li may ask the matches of
SELECT customer_id AS b FROM leads.register('昆明云岭花卉有限公司', by_member => 'li') \gset
UPDATE mt.customer SET name = '重庆弘远商贸有限公司' WHERE id = :b;
CREATE TEMP VIEW told AS
  SELECT 'register' AS how, owner, protected_until IS NOT NULL AS until, message FROM leads.register('重庆鸿源商贸', by_member => 'wang')
  UNION ALL SELECT 'possible', owner, protected_until IS NOT NULL, message FROM leads.register('鸿源', by_member => 'wang')
  UNION ALL SELECT 'check', owner, protected_until IS NOT NULL, message FROM leads.check_duplicate('重庆鸿源商贸', by_member => 'wang') WHERE rank = 1
  UNION ALL SELECT 'sees', owner, protected_until IS NOT NULL, NULL FROM leads.check_duplicate('重庆鸿源商贸') WHERE rank = 1
  UNION ALL SELECT 'own', owner, protected_until IS NOT NULL, NULL FROM leads.check_duplicate('重庆鸿源商贸', by_member => 'zhang') WHERE rank = 1;
SELECT * FROM told;
SET leads.clock = '2026-03-02 10:01+00';
SELECT leads.set_match(tells => 'team') > 0 AS set;
SELECT * FROM told;
SET leads.clock = '2026-03-02 10:02+00';
SELECT leads.set_match(tells_until => false) > 0 AS set;
SELECT * FROM told;
SET leads.clock = '2026-03-02 10:03+00';
SELECT leads.set_match(tells => 'owner') > 0 AS set;
SELECT * FROM told;
SET leads.clock = '2026-03-02 10:04+00';
SELECT leads.set_match(tells => 'nobody', tells_until => true) > 0 AS set;
SELECT * FROM told;
-- the same again is the same answer, and the row says no more
SELECT owner, message, outcome FROM leads.register('重庆鸿源商贸', by_member => 'wang', request_key => 'k');
SELECT owner, message, outcome FROM leads.register('重庆鸿源商贸', by_member => 'wang', request_key => 'k');
SELECT owner_id, pool_id, protected_until IS NOT NULL AS until FROM mt.registration WHERE request_key = 'k';
-- an owner without a team is nobody's
SET leads.clock = '2026-03-02 10:05+00';
SELECT leads.set_match(tells => 'team') > 0 AS set;
SELECT owner, message FROM leads.register('成都天府物流', by_member => 'li');
SET leads.actor = 'li';
SELECT match_id = :a AS a, owner FROM leads.matches(:b);
RESET leads.actor;
SET leads.clock = '2026-03-02 10:06+00';
SELECT leads.set_match(tells => 'somebody');
SELECT leads.publish('match', '', '{"tells_until": "no"}');
SELECT * FROM leads.verify();
RESET leads.clock;
SELECT leads.uninstall('mt', 'mt');
