-- as :who: query, buffers, milliseconds (best of three)
SET jit = off;
SET statement_timeout = '120s';
CREATE FUNCTION pg_temp.page(q text, OUT buffers bigint, OUT ms numeric) LANGUAGE plpgsql AS $$
DECLARE
  j json;
BEGIN
  FOR i IN 1..3 LOOP
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT json) SELECT * FROM crm.' || q || ' LIMIT 20' INTO j;
    ms := least(ms, round((j -> 0 ->> 'Execution Time')::numeric, 2));
  END LOOP;
  buffers := (j -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint + (j -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint;
EXCEPTION WHEN query_canceled THEN
  NULL;
END
$$;
GRANT EXECUTE ON FUNCTION pg_temp.page(text) TO PUBLIC;
SET ROLE :who;
SELECT q, p.buffers, p.ms FROM unnest(ARRAY['my_lead', 'my_lead ORDER BY id DESC', 'my_lead ORDER BY created_at DESC', 'my_lead ORDER BY next_due_at',
  'my_lead WHERE stage = ''contacted'' ORDER BY id DESC', 'my_customer', 'my_customer ORDER BY customer_id DESC', 'pool_item', 'pool_item ORDER BY customer_id',
  'pool_item ORDER BY since DESC', 'pool_item WHERE customer_id BETWEEN 5001 AND 5100 ORDER BY customer_id']) q, LATERAL pg_temp.page(q) p;
