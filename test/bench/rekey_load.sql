-- A company of the names in :dir, keyed and owned, written past the triggers, as a restore writes; bench.more: names that are not there.
SET client_min_messages = warning;
CREATE EXTENSION pg_leads CASCADE;
SELECT FROM leads.install();
SELECT FROM leads.set_match(probe_quota => 0);
INSERT INTO crm.member (code, name) SELECT 'm' || i, 'm' || i FROM generate_series(1, 20) i;
CREATE SCHEMA bench;
CREATE TABLE bench.base (id bigint, name text, core text, region text, city text, industry text);
\set file :dir '/customer.tsv'
COPY bench.base FROM :'file';
SET session_replication_role = replica;
INSERT INTO crm.customer (id, kind, name, core, region, city, industry, created_at, last_event_at) OVERRIDING SYSTEM VALUE
SELECT id, 'company', name, core, region, city, industry, now(), now() FROM bench.base ORDER BY id;
\set file :dir '/key.tsv'
COPY crm.customer_key (customer_id, nr, key_a, key_b) FROM :'file';
INSERT INTO crm.ownership (customer_id, member_id, since, cause, decision_id, recorded_at)
SELECT id, 1 + id % 20, now(), 'registered', 0, now() FROM crm.customer;
SELECT setval('crm.customer_id_seq', (SELECT max(id) + 1 FROM crm.customer));
RESET session_replication_role;
DROP TABLE bench.base;
CREATE TABLE bench.more (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
\set file :dir '/more.txt'
COPY bench.more (name) FROM :'file';
-- without a legal form most are still the same company; those that are nothing but one are left out
DELETE FROM bench.more WHERE length(regexp_replace(name, '(股份)?(有限)?(责任)?公司$', '')) < 5;
CREATE TABLE bench.dense AS SELECT row_number() OVER (ORDER BY md5(name)) AS id, name FROM bench.more;
DROP TABLE bench.more;
ALTER TABLE bench.dense RENAME TO more;
ALTER TABLE bench.more ADD PRIMARY KEY (id);
CREATE SEQUENCE bench.next;
CREATE UNLOGGED TABLE bench.met (outcome text, asked bigint, customer_id bigint, phase text);
CREATE UNLOGGED TABLE bench.missed (asked bigint);
CREATE VIEW bench.asked AS SELECT DISTINCT ON (c.id) c.id, c.name FROM crm.customer c JOIN crm.registration r ON r.customer_id = c.id AND r.outcome = 'created' ORDER BY c.id;
VACUUM ANALYZE;
CHECKPOINT;
