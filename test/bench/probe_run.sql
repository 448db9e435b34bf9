-- Times every query, prints figures, then what inserts cost. PL/pgSQL is allowed in test/bench and nowhere else.
SET client_min_messages = warning;
SET pg_trgm.similarity_threshold = 0.3;
CREATE TABLE bench.took (how text, n int, us float8, hit boolean);
CREATE TABLE bench.cpu (how text, ms float8);
-- CPU time of this process so far: what a call takes of a machine on which others work, too (Linux; else NULL)
CREATE FUNCTION bench.cpu_ms() RETURNS float8 LANGUAGE sql AS $$
  SELECT (f[12]::float8 + f[13]::float8) * 10 FROM string_to_array(regexp_replace(pg_read_file('/proc/self/stat', 0, 4000, true), '^.*\) ', ''), ' ') f
$$;
CREATE PROCEDURE bench.ask(p_how text, p_passes int, p_most int) LANGUAGE plpgsql AS $$
DECLARE
  q record;
  t0 timestamptz;
  v text[];
  v_cpu float8 := bench.cpu_ms();
BEGIN
  FOR i IN 0 .. p_passes LOOP
    FOR q IN SELECT * FROM bench.query WHERE n <= p_most ORDER BY n LOOP
      t0 := clock_timestamp();
      IF p_how = 'check_duplicate' THEN
        SELECT array_agg(customer) INTO v FROM leads.check_duplicate(q.query);
      ELSIF p_how = 'metered' THEN
        SELECT array_agg(customer) INTO v FROM leads.check_duplicate(q.query, by_member => 'm1');
      ELSIF p_how = 'gin' THEN
        SELECT array_agg(name) INTO v FROM (SELECT name FROM bench.name WHERE name % q.query ORDER BY similarity(name, q.query) DESC LIMIT 5) x;
      ELSE
        SELECT array_agg(name) INTO v FROM (SELECT name FROM bench.name ORDER BY name <-> q.query LIMIT 5) x;
      END IF;
      -- the first pass warms up
      IF i > 0 THEN
        INSERT INTO bench.took VALUES (p_how, q.n, extract(epoch FROM clock_timestamp() - t0) * 1e6, coalesce(q.target = ANY (v), false));
      END IF;
    END LOOP;
  END LOOP;
  INSERT INTO bench.cpu SELECT p_how, (bench.cpu_ms() - v_cpu) / (p_passes + 1) / count(*) FROM bench.query WHERE n <= p_most;
END
$$;
CALL bench.ask('check_duplicate', :passes, 1000000);
CALL bench.ask('metered', :passes, 1000000);
SET enable_seqscan = off;
-- one pass: a probe takes long enough not to be disturbed by what takes microseconds
CALL bench.ask('gin', 1, :gin);
CALL bench.ask('knn', 1, :knn);
RESET enable_seqscan;

CREATE TABLE bench.figure AS
SELECT how, count(*) AS queries, p[1] AS p50, p[2] AS p95, p[3] AS p99, recall FROM (
  SELECT how, count(*), percentile_cont(ARRAY[.5, .95, .99]) WITHIN GROUP (ORDER BY us) AS p,
         avg(hit::int) FILTER (WHERE target <> '') AS recall, count(*) AS queries
  FROM (SELECT how, n, percentile_cont(.5) WITHIN GROUP (ORDER BY us) AS us, bool_or(hit) AS hit FROM bench.took GROUP BY 1, 2) t
  JOIN bench.query USING (n) GROUP BY how) s GROUP BY how, p, recall;
SELECT 'names', count(*) FROM bench.name;
SELECT f, how, round(v::numeric, CASE WHEN f = 'recall' THEN 4 ELSE 0 END), CASE WHEN f = 'recall' THEN '' ELSE 'us' END
FROM bench.figure, LATERAL (VALUES (1, 'p50', p50), (2, 'p95', p95), (3, 'p99', p99), (4, 'recall', recall)) x(o, f, v)
-- who is metered is a member, and sees masked names
WHERE NOT (f = 'recall' AND how = 'metered')
ORDER BY o, how;
SELECT 'over', f.how, 'p50', round((f.p50 / o.p50)::numeric) || ' x, p95', round((f.p95 / o.p95)::numeric) || ' x'
FROM bench.figure f, (SELECT * FROM bench.figure WHERE how = 'check_duplicate') o WHERE f.how IN ('gin', 'knn') ORDER BY 2;
SELECT 'cpu', c.how, round(c.ms::numeric, 3), 'ms a call,', round((c.ms / o.ms)::numeric), 'x'
FROM bench.cpu c, (SELECT ms FROM bench.cpu WHERE how = 'check_duplicate') o ORDER BY 2;
SELECT 'bytes', 'keys', round(pg_total_relation_size('crm.customer_key')::numeric / count(*)), 'a name; pg_trgm GIN',
       round(pg_relation_size('bench.name_gin')::numeric / count(*)), 'GiST', round(pg_relation_size('bench.name_gist')::numeric / count(*))
FROM bench.name;

-- inserts, each into the heap of a bare name and its keys: 200 a statement, the two in turn. pg_trgm's GIN with its defaults:
-- whose insert finds the pending list full writes it out, and what is left at the end is written out as well.
CREATE TABLE bench.bare (id bigint, name text);
DROP INDEX bench.name_gist;
CREATE INDEX ON bench.more (id);
CREATE INDEX ON bench.more_key (customer_id);
ANALYZE bench.more, bench.more_key;
CREATE TABLE bench.insert_ms (how text, part int, ms float8);
CREATE PROCEDURE bench.put() LANGUAGE plpgsql AS $$
DECLARE
  t0 timestamptz;
  v_part int := 0;
  v_id bigint;
BEGIN
  FOR v_id IN SELECT id FROM bench.more ORDER BY id LOOP
    CONTINUE WHEN (v_id - 1000000000) % 200 <> 1;
    v_part := v_part + 1;
    t0 := clock_timestamp();
    INSERT INTO bench.bare SELECT id, name FROM bench.more WHERE id >= v_id AND id < v_id + 200;
    INSERT INTO crm.customer_key (customer_id, nr, key_a, key_b)
    SELECT customer_id, nr, key_a, key_b FROM bench.more_key WHERE customer_id >= v_id AND customer_id < v_id + 200;
    INSERT INTO bench.insert_ms VALUES ('keys', v_part, extract(epoch FROM clock_timestamp() - t0) * 1000);
    t0 := clock_timestamp();
    INSERT INTO bench.name SELECT id, name FROM bench.more WHERE id >= v_id AND id < v_id + 200;
    INSERT INTO bench.insert_ms VALUES ('gin', v_part, extract(epoch FROM clock_timestamp() - t0) * 1000);
    COMMIT;
  END LOOP;
  t0 := clock_timestamp();
  PERFORM gin_clean_pending_list('bench.name_gin');
  INSERT INTO bench.insert_ms VALUES ('gin_rest', v_part, extract(epoch FROM clock_timestamp() - t0) * 1000);
END
$$;
SET session_replication_role = replica;
CALL bench.put();
WITH m AS (SELECT how, sum(ms) AS ms, percentile_cont(.5) WITHIN GROUP (ORDER BY ms) AS median, max(ms) AS worst FROM bench.insert_ms GROUP BY 1),
     o AS (SELECT count(*) AS n FROM bench.more)
SELECT 'insert', m.how, round((m.ms * 1000 / n)::numeric, 1), 'us a name; of 200 names the median', round(m.median::numeric, 1), 'ms, the worst', round(m.worst::numeric, 1), 'ms'
FROM m, o WHERE how <> 'gin_rest' ORDER BY 2;
SELECT 'insert', 'ratio', round((sum(ms) FILTER (WHERE how = 'keys') / sum(ms) FILTER (WHERE how LIKE 'gin%'))::numeric, 2), 'keys over GIN, its pending list written out by whom it stops and at the end'
FROM bench.insert_ms;
