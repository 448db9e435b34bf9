-- bench.base: :rows names to start from; bench.queue: newcomers and, every fifth, a variant of a base name.
-- psql variables: rows, names (a file of names, one a line)
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
CREATE TEMP TABLE raw (name text);
\copy raw from pstdin with (format text)
CREATE TABLE bench.base AS
SELECT row_number() OVER (ORDER BY md5(name), name) AS id, name FROM (SELECT DISTINCT name FROM raw) d;
DELETE FROM bench.base WHERE id > :rows * 13;
ALTER TABLE bench.base ADD PRIMARY KEY (id);
-- newcomers: names after the first :rows; variants: the legal form cut, a space put in, or 市 dropped
CREATE TABLE bench.queue AS
SELECT id - :rows AS id,
  CASE WHEN id % 5 = 0 THEN (SELECT CASE v.id % 3
      WHEN 0 THEN regexp_replace(v.name, '(股份)?(有限)?(责任)?公司$', '')
      WHEN 1 THEN left(v.name, 2) || ' ' || substr(v.name, 3)
      ELSE replace(v.name, '市', '') END
    FROM bench.base v WHERE v.id = 1 + (b.id * 7919) % :rows)
  ELSE name END AS name,
  '139' || lpad((id % 100000000)::text, 8, '0') AS phone,
  'm' || (1 + id % 20) AS member
FROM bench.base b WHERE id > :rows;
ALTER TABLE bench.queue ADD PRIMARY KEY (id);
DELETE FROM bench.base WHERE id > :rows;
ALTER TABLE bench.base ADD phone text, ADD member text;
UPDATE bench.base SET phone = '138' || lpad(id::text, 8, '0'), member = 'm' || (1 + id % 20);
CREATE SEQUENCE bench.next CACHE 1;
SELECT count(*) AS queue FROM bench.queue \gset
VACUUM ANALYZE bench.base;
VACUUM ANALYZE bench.queue;
