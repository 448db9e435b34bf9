-- A page of my_lead or pool_item in its order reads its rows and no more, whatever the size of the tables; and who sees what does not
-- depend on the way that is taken.
\set rows 6000
\ir ../bench/pages_load.sql
SELECT * FROM no_plan();
SET jit = off;
CREATE FUNCTION pg_temp.buffers(q text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  j json;
BEGIN
  FOR i IN 1..2 LOOP
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT json) ' || q INTO j;
  END LOOP;
  RETURN (j -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint + (j -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint;
END $$;
GRANT EXECUTE ON FUNCTION pg_temp.buffers(text) TO PUBLIC;
GRANT USAGE ON SCHEMA public TO PUBLIC;

-- 3,000 in the pool, 3,000 leads in hands
SET ROLE bench_rep;
SELECT cmp_ok(pg_temp.buffers('SELECT * FROM crm.pool_item LIMIT 20'), '<', 500::bigint, 'the pool as it comes, to a rep');
SELECT cmp_ok(pg_temp.buffers('SELECT * FROM crm.pool_item ORDER BY since DESC LIMIT 20'), '<', 500::bigint, 'newest first');
SELECT cmp_ok(pg_temp.buffers('SELECT * FROM crm.pool_item ORDER BY since DESC, customer_id DESC LIMIT 20'), '<', 500::bigint, 'to the last key');
SELECT cmp_ok(pg_temp.buffers('SELECT * FROM crm.pool_item WHERE (since, customer_id) < (now() - interval ''100 days'', 7) ORDER BY since DESC, customer_id DESC LIMIT 20'), '<', 500::bigint, 'a later page');
SELECT cmp_ok(pg_temp.buffers('SELECT * FROM crm.pool_item WHERE customer_id = 501'), '<', 100::bigint, 'one');
SET ROLE bench_boss;
SELECT cmp_ok(pg_temp.buffers('SELECT * FROM crm.pool_item ORDER BY since DESC LIMIT 20'), '<', 500::bigint, 'to an administrator');
SELECT cmp_ok(pg_temp.buffers('SELECT * FROM crm.my_lead LIMIT 20'), '<', 700::bigint, 'leads as they come');
SELECT cmp_ok(pg_temp.buffers('SELECT * FROM crm.my_lead ORDER BY id DESC LIMIT 20'), '<', 700::bigint, 'newest first');
SELECT cmp_ok(pg_temp.buffers('SELECT * FROM crm.my_lead WHERE id < 3000 ORDER BY id DESC LIMIT 20'), '<', 700::bigint, 'a later page');
SELECT cmp_ok(pg_temp.buffers('SELECT * FROM crm.my_lead WHERE customer_id = 500'), '<', 100::bigint, 'one customer');
-- its leads come from the index in their order: where they had to be sorted, 18 walked over all of a table of this size instead
CREATE FUNCTION pg_temp.sorts(q text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  j jsonb;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || q INTO j;
  RETURN (SELECT count(*) FROM jsonb_path_query(j, '$.**{1 to last} ? (@."Node Type" == "Sort" && @."Sort Key"[*] like_regex "^l\\.id")'));
END $$;
SELECT is(pg_temp.sorts('SELECT * FROM crm.my_lead WHERE customer_id = 500'), 0::bigint, 'none is sorted');
RESET ROLE;

-- pages one behind the other are the whole, each row once, also where instants are equal and pools are many
SET session_replication_role = replica;
UPDATE crm.ownership SET since = (SELECT max(o.since) FROM crm.ownership o WHERE o.customer_id BETWEEN 2001 AND 2100) WHERE customer_id BETWEEN 2001 AND 2100 AND pool_id IS NOT NULL;
RESET session_replication_role;
INSERT INTO crm.pool (code, name) SELECT 'p' || i, 'p' || i FROM generate_series(2, 8) i;
SET session_replication_role = replica;
UPDATE crm.ownership SET pool_id = 1 + customer_id / 2 % 8 WHERE pool_id IS NOT NULL;
UPDATE crm.ownership SET lapse_pool_id = 1 + customer_id / 2 % 8 WHERE lapse_pool_id IS NOT NULL;
RESET session_replication_role;
CREATE TEMP TABLE paged (no bigint GENERATED ALWAYS AS IDENTITY, customer_id bigint, since timestamptz, pool text);
GRANT ALL ON paged TO PUBLIC;
GRANT ALL ON SEQUENCE paged_no_seq TO PUBLIC;
CREATE FUNCTION pg_temp.pages() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  last paged;
BEGIN
  LOOP
    INSERT INTO paged (customer_id, since, pool) SELECT p.customer_id, p.since, p.pool FROM crm.pool_item p
      WHERE (p.since, p.customer_id) < (coalesce(last.since, 'infinity'), coalesce(last.customer_id, 0)) ORDER BY p.since DESC, p.customer_id DESC LIMIT 150;
    EXIT WHEN NOT FOUND;
    SELECT * INTO last FROM paged ORDER BY no DESC LIMIT 1;
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION pg_temp.pages() TO PUBLIC;
SET ROLE bench_rep;
SELECT FROM pg_temp.pages();
RESET ROLE;
SELECT set_eq('SELECT p.customer_id, p.pool FROM paged p', $$ SELECT o.customer_id, q.code FROM crm.ownership o JOIN crm.pool q ON q.id = coalesce(o.pool_id, o.lapse_pool_id)
  WHERE o.until IS NULL AND (o.pool_id IS NOT NULL OR o.next_due_at <= leads.now()) $$, 'the pages are what lies in the pools');
SELECT is((SELECT count(*) FROM paged), (SELECT count(DISTINCT customer_id) FROM paged), 'each once');
SELECT is((SELECT count(*)::int FROM (SELECT (p.since, p.customer_id) >= lag((p.since, p.customer_id)) OVER (ORDER BY no) AS wrong FROM paged p) x WHERE wrong), 0, 'in order');
SELECT is((SELECT count(DISTINCT pool)::int FROM paged), 8, 'of eight pools');

-- who holds few has them sorted, for who holds many the leads are walked: the same rows
INSERT INTO crm.team (code, name) VALUES ('t', 't');
UPDATE crm.member SET team_id = (SELECT id FROM crm.team) WHERE id <= 3;
UPDATE crm.member SET is_manager = true WHERE id = 1;
SELECT FROM leads.add_collaborator((SELECT min(o.customer_id) FROM crm.ownership o WHERE o.member_id = 5 AND o.until IS NULL AND o.next_due_at > now()), 'm1');
SET ROLE bench_rep;
CREATE TEMP TABLE sorted AS SELECT * FROM crm.my_lead;
RESET ROLE;
SET session_replication_role = replica;
UPDATE crm.member_counter SET held = 5001 WHERE member_id = 2;
RESET session_replication_role;
SET ROLE bench_rep;
CREATE TEMP TABLE walked AS SELECT * FROM crm.my_lead;
SELECT results_eq('SELECT * FROM walked', 'SELECT * FROM sorted', 'both ways lead to the same leads, in the same order');
RESET ROLE;
SELECT cmp_ok((SELECT count(*) FROM walked), '>', 700::bigint, 'many');
SELECT is((SELECT string_agg(DISTINCT owner, ' ' ORDER BY owner) FROM walked), 'm1 m2 m3 m5', 'of the team, and the one that m1 works along on');
SELECT * FROM finish();
