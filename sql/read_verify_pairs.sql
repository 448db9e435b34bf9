-- leads.verify(), I4: two customers that the judge of identity calls one
SET client_min_messages = warning;
SELECT leads.install('rp', lang => 'en', zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'rp';
INSERT INTO rp.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li');
SELECT outcome FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SELECT outcome FROM leads.register('成都天府物流有限公司', by_member => 'li');
SELECT * FROM leads.verify();
-- the second one takes the name of the first, around the guards
SET session_replication_role = replica;
UPDATE rp.customer SET name = '重慶鴻源商貿公司' WHERE id = 2;
-- without its keys nobody could have found it: no pair, but a fault
SELECT * FROM leads.verify();
INSERT INTO rp.customer_key (customer_id, nr, key_a, key_b) SELECT 2, nr + 100, key_a + 1, key_b + 1 FROM rp.customer_key WHERE customer_id = 1;
SELECT invariant, subject, problem ~ '^is certainly the same customer as 1 ' AS told FROM leads.verify();
-- as the policy of now says
BEGIN;
UPDATE rp.policy SET body = body || '{"certain": 1000}' WHERE kind = 'match';
INSERT INTO rp.policy (kind, version, status, body, active_from, created_at, created_by)
  SELECT 'match', 1, 'published', '{"certain": 1000}', now(), now(), 'x' WHERE NOT EXISTS (SELECT FROM rp.policy WHERE kind = 'match');
SELECT invariant, subject FROM leads.verify();
ROLLBACK;
-- a merged one is no second
UPDATE rp.customer SET status = 'merged', merged_into = 1 WHERE id = 2;
SELECT invariant, subject FROM leads.verify() WHERE invariant = 'I4';
RESET session_replication_role;
SELECT leads.uninstall('rp', 'rp');
