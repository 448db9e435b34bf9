-- Registrations with and without 1,000 active rules, in turn: wall clock and CPU time of this backend, in ms a registration.
-- psql variable: runs
SET client_min_messages = warning;
SET synchronous_commit = off;
CREATE FUNCTION pg_temp.cpu() RETURNS numeric LANGUAGE sql VOLATILE AS $$
  SELECT (split_part(s, ' ', 14)::numeric + split_part(s, ' ', 15)::numeric) * 10
    FROM pg_read_file('/proc/' || pg_backend_pid() || '/stat', 0, 1000) s $$;
CREATE PROCEDURE pg_temp.register_some(n int) LANGUAGE plpgsql AS $$
DECLARE id int;
BEGIN
  FOR i IN 1..n LOOP
    id := nextval('next_name');
    PERFORM outcome FROM leads.register('单条登记' || chr(20000 + id % 9973) || chr(20000 + id % 9941) || chr(20000 + id % 9931) || '有限公司',
      channel => 'website', region => '江苏省苏州市');
    COMMIT;
  END LOOP;
END $$;
CREATE TABLE rule_bench (what text, cpu numeric, wall numeric);
CREATE PROCEDURE pg_temp.measure(what text) LANGUAGE plpgsql AS $$
DECLARE cpu numeric; began timestamptz;
BEGIN
  UPDATE crm.routing_rule SET active = what = 'thousand' WHERE active <> (what = 'thousand');
  COMMIT;
  CALL pg_temp.register_some(50);
  cpu := pg_temp.cpu();
  began := clock_timestamp();
  CALL pg_temp.register_some(500);
  INSERT INTO rule_bench VALUES (what, (pg_temp.cpu() - cpu) / 500, extract(epoch FROM clock_timestamp() - began) * 1000 / 500);
  COMMIT;
END $$;
SELECT format('CALL pg_temp.measure(%L)', what) FROM generate_series(1, :runs) i, unnest('{none,thousand}'::text[]) WITH ORDINALITY w(what, n) ORDER BY i, n \gexec
SELECT what || ' wall ' || round(wall, 3) FROM rule_bench UNION ALL SELECT what || ' cpu ' || round(cpu, 3) FROM rule_bench;
