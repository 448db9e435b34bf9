-- kept plans: one made while the tables were known to be empty must stay right when they are not
SET client_min_messages = warning;
SELECT leads.install('rp', lang => 'en', zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'rp';
INSERT INTO rp.member (code, name) VALUES ('zhang', 'Zhang Wei');
ANALYZE rp.customer, rp.customer_key, rp.contact_point, rp.contact, rp.customer_name, rp.registration, rp.ownership, rp.lead;
BEGIN;
SELECT outcome, count(*) FROM generate_series(1, 200) i,
  leads.register('第' || i || '号大街' || chr(20000 + i * 37) || chr(30000 + i * 41) || '有限公司', by_member => 'zhang') r GROUP BY outcome;
-- rows read through the index that finds the keys of one customer: none was asked for
SELECT pg_stat_get_xact_tuples_returned('rp.customer_key_customer'::regclass) AS walked;
COMMIT;
SELECT leads.uninstall('rp', 'rp');
