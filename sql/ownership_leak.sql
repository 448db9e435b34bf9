-- a thousand calls of each entry point leave no memory behind
SET client_min_messages = warning;
\set VERBOSITY sqlstate
SET leads.clock = '2026-03-02 09:00+08';
SELECT leads.install('ol', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'ol';
SET synchronous_commit = off;
INSERT INTO ol.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li');
SELECT outcome, customer_id FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SELECT leads.set_protection(extend_times => 1000, extend_days => 3650) AS version;
SET leads.clock = '2026-03-02 10:00+08';
-- a hundred customers, so that no history grows long
SET session_replication_role = replica;
INSERT INTO ol.customer (kind, name, created_at, last_event_at) SELECT 'company', 'c' || i, '2026-03-02', '2026-03-02' FROM generate_series(2, 100) i;
INSERT INTO ol.ownership (customer_id, pool_id, since, cause, decision_id, recorded_at)
  SELECT id, 1, created_at, 'pooled', 1, created_at FROM ol.customer WHERE id > 1;
RESET session_replication_role;
SELECT outcome, count(*) FROM leads.claim((SELECT array_agg(id) FROM ol.customer), by_member => 'zhang') GROUP BY 1 ORDER BY 1;
SET leads.clock = '2026-03-02 11:00+08';
CREATE TEMP TABLE used (entry text, warm bigint, after bigint);
CREATE FUNCTION pg_temp.used() RETURNS bigint LANGUAGE sql AS 'SELECT sum(used_bytes)::bigint FROM pg_backend_memory_contexts';
CREATE FUNCTION pg_temp.calls(VARIADIC statements text[]) RETURNS TABLE (s text) LANGUAGE sql AS
  $$ SELECT replace(st, '@', (1 + i % 100)::text) FROM generate_series(1, 1000) i, unnest(statements) WITH ORDINALITY x(st, n) ORDER BY i, n $$;
-- measuring fills caches itself
INSERT INTO used VALUES ('measuring', pg_temp.used());
UPDATE used SET after = pg_temp.used() WHERE after IS NULL;
DELETE FROM used;
-- warmed up by 50 calls, then 1000 more
\o /dev/null
\set ECHO none
SELECT s FROM pg_temp.calls('SELECT * FROM leads.release(@, ''x'', by_member => ''zhang'')', 'SELECT * FROM leads.claim(''{@}'', by_member => ''zhang'')') LIMIT 100 \gexec
INSERT INTO used VALUES ('claim and release', pg_temp.used());
SELECT s FROM pg_temp.calls('SELECT * FROM leads.release(@, ''x'', by_member => ''zhang'')', 'SELECT * FROM leads.claim(''{@}'', by_member => ''zhang'')') \gexec
UPDATE used SET after = pg_temp.used() WHERE after IS NULL;
SELECT s FROM pg_temp.calls('SELECT * FROM leads.assign(@, ''li'')', 'SELECT * FROM leads.assign(@, ''zhang'')') LIMIT 100 \gexec
INSERT INTO used VALUES ('assign', pg_temp.used());
SELECT s FROM pg_temp.calls('SELECT * FROM leads.assign(@, ''li'')', 'SELECT * FROM leads.assign(@, ''zhang'')') \gexec
UPDATE used SET after = pg_temp.used() WHERE after IS NULL;
SELECT s FROM pg_temp.calls('SELECT * FROM leads.extend(@, 1, by_member => ''zhang'')') LIMIT 50 \gexec
INSERT INTO used VALUES ('extend', pg_temp.used());
SELECT s FROM pg_temp.calls('SELECT * FROM leads.extend(@, 1, by_member => ''zhang'')') \gexec
UPDATE used SET after = pg_temp.used() WHERE after IS NULL;
SELECT s FROM pg_temp.calls('SELECT leads.owner_at(@)') LIMIT 50 \gexec
INSERT INTO used VALUES ('owner_at', pg_temp.used());
SELECT s FROM pg_temp.calls('SELECT leads.owner_at(@)') \gexec
UPDATE used SET after = pg_temp.used() WHERE after IS NULL;
SELECT s FROM pg_temp.calls('CALL leads.tick()') LIMIT 50 \gexec
INSERT INTO used VALUES ('tick', pg_temp.used());
SELECT s FROM pg_temp.calls('CALL leads.tick()') \gexec
UPDATE used SET after = pg_temp.used() WHERE after IS NULL;
-- refusals, too
SELECT s FROM pg_temp.calls('DO $$BEGIN PERFORM leads.claim(''{@}'', by_member => ''li''); EXCEPTION WHEN OTHERS THEN END$$', 'DO $$BEGIN PERFORM leads.release(@, ''x'', by_member => ''li''); EXCEPTION WHEN OTHERS THEN END$$') LIMIT 300 \gexec
INSERT INTO used VALUES ('refusals', pg_temp.used());
SELECT s FROM pg_temp.calls('DO $$BEGIN PERFORM leads.claim(''{@}'', by_member => ''li''); EXCEPTION WHEN OTHERS THEN END$$', 'DO $$BEGIN PERFORM leads.release(@, ''x'', by_member => ''li''); EXCEPTION WHEN OTHERS THEN END$$') \gexec
UPDATE used SET after = pg_temp.used() WHERE after IS NULL;
\o
\set ECHO all
-- 100 bytes a call would be 100 kB
SELECT entry, CASE WHEN after - warm < 60000 THEN 'no leak' ELSE 'grew by ' || (after - warm) END AS verdict FROM used;
SELECT sum(extended_times) AS times, sum(extended_days) AS days FROM ol.ownership WHERE until IS NULL;
SELECT kind, count(*) FROM ol.event GROUP BY 1 ORDER BY 1;
-- customers made by hand get their keys
CALL leads.rekey();
SELECT * FROM leads.verify();
SET client_min_messages = error;
SELECT FROM leads.uninstall('ol', 'ol');
