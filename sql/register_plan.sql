-- kept plans: one made while the tables were known to be empty must stay right when they are not
SET client_min_messages = warning;
SELECT leads.install('rp', lang => 'en', zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'rp';
INSERT INTO rp.member (code, name) VALUES ('zhang', 'Zhang Wei');
ANALYZE rp.customer, rp.customer_key, rp.contact_point, rp.contact, rp.customer_name, rp.registration, rp.ownership, rp.lead;
BEGIN;
SELECT outcome, count(*) FROM generate_series(1, 200) i,
  leads.register('第' || i || '号大街' || chr(20000 + i * 37) || chr(30000 + i * 41) || '有限公司', by_member => 'zhang') r GROUP BY outcome;
-- the keys asked for and no others: not the table from end to end, not an index against all keys
SELECT pg_stat_get_xact_tuples_returned('rp.customer_key'::regclass) AS rows,
  pg_stat_get_xact_tuples_returned('rp.customer_key_pkey'::regclass) AS walked,
  pg_stat_get_xact_tuples_returned('rp.customer_key_b'::regclass) BETWEEN 0 AND 2000 AS few;
COMMIT;
-- keys that a step laid out anew: install() writes them, the same ones
CREATE TEMP TABLE kept AS SELECT * FROM rp.customer_key;
SET session_replication_role = replica;
DELETE FROM rp.customer_key;
RESET session_replication_role;
SELECT leads.install('rp') IS NOT NULL AS installed;
SELECT count(*) >= 400 AS many, (SELECT count(*) FROM (TABLE kept EXCEPT ALL TABLE rp.customer_key) d) AS lost, (SELECT count(*) FROM kept) = count(*) AS whole FROM rp.customer_key;
SELECT leads.uninstall('rp', 'rp');
