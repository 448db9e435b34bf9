-- leads.matches() and leads.not_duplicate(); view collision
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT leads.install('dist', lang => 'en', simulation => true, zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'dist';
SET leads.clock = '2026-03-02 10:00+00';
CREATE ROLE dist_zhang;
CREATE ROLE dist_li;
CREATE ROLE dist_boss;
INSERT INTO dist.team (code, name) VALUES ('north', 'North'), ('south', 'South');
INSERT INTO dist.member (code, name, db_role, team_id, is_manager) VALUES ('zhang', 'Zhang', 'dist_zhang', 1, false), ('li', 'Li', 'dist_li', 2, false), ('chen', 'Chen', 'dist_boss', 2, true);
SELECT leads.grant_access('dist_zhang', 'rep'), leads.grant_access('dist_li', 'rep'), leads.grant_access('dist_boss', 'manager');
SELECT customer_id AS a FROM leads.register('重庆鸿源商贸有限公司', phone => '13912345678', by_member => 'zhang') \gset
SELECT customer_id AS b FROM leads.register('成都锦绣电子科技有限公司', phone => '13800001111', by_member => 'li') \gset
SELECT customer_id AS c FROM leads.register('昆明云岭花卉有限公司', by_member => 'li') \gset
CREATE VIEW dist_pairs AS SELECT low_id, high_id, reason, m.code AS said_by, decided_at, until FROM dist.customer_distinct d LEFT JOIN dist.member m ON m.id = d.actor_id ORDER BY d.id;
-- the second one gets the name of the first: they collide
SELECT * FROM leads.matches(:a);
UPDATE dist.customer SET name = '重慶鴻源商貿有限公司' WHERE id = :b;
SELECT count(*) AS collided FROM dist.event WHERE kind = 'collided';
SELECT invariant, subject FROM leads.verify();

\echo == matches
SELECT rank, match_id = :b AS b, customer, band, score > 3 AS high, jsonb_typeof(shares), state, owner, pool FROM leads.matches(:a);
SET ROLE dist_zhang;
SELECT rank, match_id, customer, band, state, owner FROM leads.matches(:a);
\set VERBOSITY sqlstate
SELECT * FROM leads.matches(:b);
RESET ROLE;
SELECT * FROM leads.matches(999999);
SELECT * FROM leads.matches(NULL);
-- one that lies in a pool the caller may see
SELECT into_pool FROM leads.release(:b, 'x', by_member => 'li');
SET ROLE dist_zhang;
SELECT rank, match_id = :a AS a, state, owner FROM leads.matches(:b);
SELECT rank, match_id = :b AS b, customer, state, pool FROM leads.matches(:a);
RESET ROLE;
SELECT outcome FROM leads.claim(ARRAY[:b], by_member => 'chen');

\echo == who may, and what is refused
SET ROLE dist_li;
SELECT * FROM leads.not_duplicate(:a, :b, 'two firms');
RESET ROLE;
SELECT * FROM leads.not_duplicate(:a, :b, 'two firms', by_member => 'li');
SELECT * FROM leads.not_duplicate(:a, NULL, 'two firms');
SELECT * FROM leads.not_duplicate(NULL, :b, 'two firms');
SELECT * FROM leads.not_duplicate(:a, :b, NULL);
SELECT * FROM leads.not_duplicate(:a, :b, E' \t');
SELECT * FROM leads.not_duplicate(:a, :b, repeat('x', 1001));
SELECT * FROM leads.not_duplicate(:a, :a, 'one');
SELECT * FROM leads.not_duplicate(:a, 999999, 'two firms');
SELECT * FROM leads.not_duplicate(-1, :a, 'two firms');
SELECT count(*) AS pairs FROM dist.customer_distinct;
INSERT INTO dist.customer_distinct (low_id, high_id, reason, decided_at, decision_id) VALUES (1, 2, 'x', now(), 1);
UPDATE dist.customer_distinct SET until = now();
DELETE FROM dist.customer_distinct;
TRUNCATE dist.customer_distinct;

\echo == told apart
-- without a team: of both
UPDATE dist.member SET team_id = NULL WHERE code = 'chen';
SET leads.clock = '2026-03-02 11:00+00';
SET ROLE dist_boss;
SELECT distinct_id IS NOT NULL AS pair, decision_id AS d FROM leads.not_duplicate(:b, :a, 'two firms of one name') \gset
SELECT * FROM leads.not_duplicate(:a, :b, 'again');
RESET ROLE;
SELECT low_id = :a AS a, high_id = :b AS b, reason, said_by, decided_at, until FROM dist_pairs;
SELECT step, verdict, reason FROM leads.explain(:d) WHERE step_no > 1;
SELECT customer_id, data, decision_id = :d AS same FROM dist.event WHERE kind = 'parted' ORDER BY customer_id;
SELECT count(*) FROM leads.matches(:a);
SELECT count(*) FROM leads.matches(:b);
SELECT * FROM leads.verify();
-- a new attempt meets the one that fits best, not the other one; so does a check
SELECT outcome, jsonb_array_length(matches) AS matches FROM leads.register('重庆鸿源商贸', phone => '13912345678', by_member => 'li');
SELECT count(*) AS shown, min(state) AS state FROM leads.check_duplicate('重庆鸿源商贸', phone => '13912345678', by_member => 'zhang');
-- of two that fit alike it is one's own
SELECT outcome, customer_id = :b AS b, owner FROM leads.register('重庆鸿源商贸', by_member => 'chen');
SELECT outcome, customer_id = :a AS a, owner FROM leads.register('重庆鸿源商贸', by_member => 'zhang');
SELECT outcome, owner FROM leads.register('重庆鸿源商贸', by_member => 'li');
-- an update that changes nothing keeps them apart and is no collision
UPDATE dist.contact_point SET raw = raw;
UPDATE dist.customer SET region = region, name = name;
UPDATE dist.customer SET city = '重庆' WHERE id = :a;
SELECT count(*) AS standing FROM dist.customer_distinct WHERE until IS NULL;
SELECT count(*) AS collided FROM dist.event WHERE kind = 'collided' AND data ? 'with';
-- another pair of the same customer is none of it
SELECT distinct_id IS NOT NULL AS pair FROM leads.not_duplicate(:c, :b, 'no likeness at all');
-- until what they are matched by changes
SET leads.clock = '2026-03-02 12:00+00';
UPDATE dist.contact_point SET raw = '13912340000' WHERE raw = '13912345678';
SELECT low_id = :a AS a, high_id = :b AS b, until IS NULL AS stands FROM dist_pairs;
SELECT until = '2026-03-02 12:00+00' AS ended_then FROM dist_pairs WHERE until IS NOT NULL;
SELECT count(*) AS collided FROM dist.event WHERE kind = 'collided' AND data ? 'with';
SELECT count(*) FROM leads.matches(:a);
SELECT invariant, subject FROM leads.verify();
-- again, and a new name of the other one
SELECT distinct_id IS NOT NULL AS pair FROM leads.not_duplicate(:a, :b, 'still two') ;
UPDATE dist.customer SET name = '重慶鴻源商貿公司' WHERE id = :b;
SELECT count(*) AS standing FROM dist.customer_distinct WHERE until IS NULL;
SELECT distinct_id IS NOT NULL AS pair FROM leads.not_duplicate(:a, :b, 'still two') ;
INSERT INTO dist.customer_name (customer_id, name, kind) VALUES (:a, '鸿源', 'short');
SELECT count(*) AS standing FROM dist.customer_distinct WHERE until IS NULL;
-- one credit code noted twice: I4, unless they were told apart
SET session_replication_role = replica;
INSERT INTO dist.contact_point (customer_id, kind, raw, norm, created_at) VALUES (:a, 'uscc', '91500000MA5U12345X', '91500000MA5U12345X', now()), (:c, 'uscc', '91500000MA5U12345X', '91500000MA5U12345X', now());
RESET session_replication_role;
SELECT invariant, subject, problem FROM leads.verify() WHERE problem ~ 'strong key';
SELECT distinct_id IS NOT NULL AS pair FROM leads.not_duplicate(:a, :c, 'the code was typed wrongly');
SELECT invariant, subject, problem FROM leads.verify() WHERE problem ~ 'strong key';

\echo == collisions
SELECT outcome FROM leads.register('成都锦绣电子科技有限公司', by_member => 'zhang');
SELECT outcome, band, score IS NOT NULL AS scored, registration_id IS NOT NULL AS registered, sent_name, by_member, channel, customer, owner, other_id IS NOT NULL AS other, decision_id IS NOT NULL AS decided FROM dist.collision ORDER BY id;
-- a manager sees those of its team, the other side's name masked
UPDATE dist.member SET team_id = 2 WHERE code = 'chen';
SET ROLE dist_boss;
SELECT outcome, by_member, customer, owner FROM dist.collision ORDER BY id;
RESET ROLE;
SET ROLE dist_li;
SELECT count(*) FROM dist.collision;
RESET ROLE;
DROP VIEW dist_pairs;
RESET leads.clock;
SET client_min_messages = error;
SELECT leads.uninstall('dist', 'dist');
DROP OWNED BY dist_zhang, dist_li, dist_boss;
DROP ROLE dist_zhang, dist_li, dist_boss;
