-- A company of the names in :dir/base, keyed and owned; bench.name: the same names for pg_trgm, in a table of nothing else.
-- Written past the triggers, as a restore writes.
SET client_min_messages = warning;
CREATE EXTENSION pg_leads CASCADE;
SELECT FROM leads.install();
SELECT FROM leads.set_match(probe_quota => 0);
INSERT INTO crm.member (code, name) SELECT 'm' || i, 'm' || i FROM generate_series(1, 20) i;
CREATE SCHEMA bench;
CREATE TABLE bench.base (id bigint, name text, core text, region text, city text, industry text);
\set file :dir '/base/customer.tsv'
COPY bench.base FROM :'file';
SET session_replication_role = replica;
INSERT INTO crm.customer (id, kind, name, core, region, city, industry, created_at, last_event_at) OVERRIDING SYSTEM VALUE
SELECT id, 'company', name, core, region, city, industry, now(), now() FROM bench.base ORDER BY id;
\set file :dir '/base/key.tsv'
COPY crm.customer_key (customer_id, nr, key_a, key_b) FROM :'file';
INSERT INTO crm.ownership (customer_id, member_id, since, cause, decision_id, recorded_at)
SELECT id, 1 + id % 20, now(), 'registered', 0, now() FROM crm.customer;
RESET session_replication_role;

CREATE TABLE bench.name AS SELECT id, name FROM bench.base ORDER BY id;
\if :trgm
CREATE EXTENSION pg_trgm;
CREATE INDEX name_gin ON bench.name USING gin (name gin_trgm_ops);
CREATE INDEX name_gist ON bench.name USING gist (name gist_trgm_ops);
\endif
DROP TABLE bench.base;

CREATE TABLE bench.query (n serial, query text, target text, kind text, line int);
\set file :dir '/test.tsv'
COPY bench.query (query, target, kind) FROM :'file';
-- as accuracy.c counts them
UPDATE bench.query SET line = n - 1;
UPDATE bench.query q SET n = r.n FROM (SELECT n AS was, row_number() OVER (ORDER BY md5(n::text)) AS n FROM bench.query) r WHERE r.was = q.n;
-- names that are not there yet, with their keys
CREATE TABLE bench.more (id bigint, name text, core text, region text, city text, industry text);
CREATE TABLE bench.more_key (customer_id bigint, nr smallint, key_a bigint, key_b bigint);
\set file :dir '/more/customer.tsv'
COPY bench.more FROM :'file';
\set file :dir '/more/key.tsv'
COPY bench.more_key FROM :'file';
VACUUM ANALYZE;
