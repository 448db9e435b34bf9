-- a claim looks again: another live customer is likely the same
SET client_min_messages = warning;
SELECT leads.install('cm', lang => 'en', zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'cm';
INSERT INTO cm.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li'), ('chen', 'Chen');
SELECT customer_id AS a FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang') \gset
SELECT customer_id AS b FROM leads.register('成都天府物流有限公司', by_member => 'li') \gset
SELECT customer_id AS c FROM leads.register('昆明云岭花卉有限公司', by_member => 'li') \gset
SELECT count(*) FROM leads.release(:b, reason => 'x', by_member => 'li');
-- nothing like it: nothing to tell
SELECT outcome FROM leads.claim(ARRAY[:b], by_member => 'li');
SELECT count(*) FROM cm.event WHERE kind = 'collided';
-- it becomes the same as zhang's, around the guards, and is claimed
SELECT count(*) FROM leads.release(:b, reason => 'x', by_member => 'li');
SET session_replication_role = replica;
UPDATE cm.customer SET name = '重慶市鴻源商貿公司' WHERE id = :b;
RESET session_replication_role;
SELECT decision_id AS d, reason IS NULL AS fine FROM leads.claim(ARRAY[:b], by_member => 'chen') \gset
SELECT :'fine' AS fine;
SELECT step, verdict, reason FROM leads.explain(:d) WHERE step = 'match';
SELECT outcome, band, score > 5 AS high, customer_id = :b AS b, other_id = :a AS a, owner, registration_id, decision_id = :d AS same FROM cm.collision;
-- whoever has the other one is told, and of this one no more than is seen in a duplicate check
SELECT topic, (SELECT code FROM cm.member m WHERE m.id = o.member_id) AS told, subject = 'customer/' || :a AS a, payload FROM cm.outbox o WHERE topic = 'collided';
-- the policy may refuse it, or not look
SELECT count(*) FROM leads.release(:b, reason => 'x', by_member => 'chen');
SELECT leads.set_match(on_claim => 'refuse') > 0 AS set;
SELECT leads.claim(ARRAY[:b], by_member => 'chen');
SELECT outcome, reason, message, owner FROM leads.claim(ARRAY[:b], all_or_nothing => false, by_member => 'chen');
-- whose own the other one is may have both
SELECT outcome FROM leads.claim(ARRAY[:b], by_member => 'zhang');
SELECT count(*) FROM leads.release(:b, reason => 'x', by_member => 'zhang');
SELECT leads.set_match(on_claim => 'off') > 0 AS set;
SELECT outcome FROM leads.claim(ARRAY[:b], by_member => 'li');
SELECT count(*), count(*) FILTER (WHERE data ->> 'as' = 'claimed') AS claimed FROM cm.event WHERE kind = 'collided';
SELECT leads.set_match(on_claim => 'perhaps');
-- told apart, they do not collide
SELECT leads.set_match(on_claim => 'refuse') > 0 AS set;
SELECT distinct_id IS NOT NULL AS apart FROM leads.not_duplicate(:a, :b, 'two firms');
SELECT count(*) FROM leads.release(:b, reason => 'x', by_member => 'li');
SELECT outcome FROM leads.claim(ARRAY[:b], by_member => 'chen');
-- a third one, more like it, that lies in the pool or is the claimer's own, does not hide that somebody has the other
SELECT count(*) FROM leads.release(:b, reason => 'x', by_member => 'chen');
SET session_replication_role = replica;
UPDATE cm.customer SET name = '昆明云岭花卉公司' WHERE id = :b;
RESET session_replication_role;
SELECT customer_id AS e FROM leads.register('宁波金诺五金厂', by_member => 'li') \gset
UPDATE cm.customer SET name = '昆明云岭花卉公司' WHERE id = :e;
SELECT match_id = :e AS first, state FROM leads.matches(:b) WHERE rank = 1;
UPDATE cm.customer SET name = '昆明市云岭花卉' WHERE id = :c;
SELECT count(*) FROM leads.release(:e, reason => 'x', by_member => 'li');
SELECT outcome, reason FROM leads.claim(ARRAY[:b], all_or_nothing => false, by_member => 'chen');
SELECT count(*) FROM leads.claim(ARRAY[:e], by_member => 'li');
SELECT leads.set_match(on_claim => 'off') > 0 AS set;
SELECT count(*) FROM leads.release(:e, reason => 'x', by_member => 'li');
SELECT count(*) FROM leads.claim(ARRAY[:e], by_member => 'chen');
SELECT leads.set_match(on_claim => 'refuse') > 0 AS set;
SELECT outcome, reason FROM leads.claim(ARRAY[:b], all_or_nothing => false, by_member => 'chen');
SELECT leads.uninstall('cm', 'cm');
