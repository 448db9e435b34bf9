-- Variant (a): the INSERTs that one leads.register() makes, bare. Copies the tables of the company with their indexes
-- (not the foreign keys) and their rows to schema bare, lets one registration happen, and writes what it inserted as
-- statements for pgbench: ids from the tables' own sequences, key values random, all else as it was (so is an id of a
-- table that is written later).
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS bare CASCADE;
CREATE SCHEMA bare;

CREATE FUNCTION bench.copy_tables() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t record;
BEGIN
  FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'crm'::regnamespace AND relkind = 'r' LOOP
    EXECUTE format('CREATE TABLE bare.%I (LIKE crm.%I INCLUDING ALL)', t.relname, t.relname);
    EXECUTE format('INSERT INTO bare.%I OVERRIDING SYSTEM VALUE SELECT * FROM crm.%I', t.relname, t.relname);
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = format('bare.%I', t.relname)::regclass AND attname = 'id' AND attidentity <> '') THEN
      EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), (SELECT coalesce(max(id), 0) + 1 FROM bare.%I))',
        format('bare.%I', t.relname), t.relname);
    END IF;
  END LOOP;
END
$$;

-- the statements, in the order of the tables' first rows
CREATE FUNCTION bench.bare_script() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  v_x bigint := pg_current_xact_id()::text::bigint % 4294967296;
  v_q record;
  t record;
  r record;
  c record;
  v_ids jsonb := '{}';
  v_cols text;
  v_vals text;
  v_rows text;
  v_key int := 0;
  v_done text[] := '{}';
  v_v text;
BEGIN
  -- a newcomer, no variant (names.sql)
  SELECT * INTO v_q FROM bench.queue WHERE (id + (SELECT count(*) FROM bench.base)) % 5 <> 0 ORDER BY id DESC LIMIT 1;
  PERFORM leads.register(v_q.name, phone => v_q.phone, by_member => v_q.member);
  CREATE TEMP TABLE sample (tab text, n bigint, j jsonb) ON COMMIT DROP;
  FOR t IN SELECT relname FROM pg_stat_xact_user_tables WHERE schemaname = 'crm' AND n_tup_ins > 0 LOOP
    EXECUTE format('INSERT INTO sample SELECT %L, row_number() OVER (), to_jsonb(x) FROM crm.%I x WHERE xmin::text::bigint >= %s',
      t.relname, t.relname, v_x);
  END LOOP;
  SELECT jsonb_object_agg(tab, j -> 'id') INTO v_ids FROM (SELECT DISTINCT ON (tab) tab, j FROM sample WHERE j ? 'id' ORDER BY tab, n) s;
  -- a table is written after those that its columns point to
  FOR t IN SELECT tab FROM sample GROUP BY tab
    ORDER BY CASE tab WHEN 'customer' THEN 1 WHEN 'contact' THEN 2 WHEN 'decision' THEN 3 WHEN 'registration' THEN 4 WHEN 'lead' THEN 5 ELSE 6 END, tab
  LOOP
    v_rows := NULL;
    FOR r IN SELECT j FROM sample WHERE tab = t.tab ORDER BY n LOOP
      v_cols := NULL;
      v_vals := NULL;
      FOR c IN SELECT attname, atttypid, atttypmod FROM pg_attribute
        WHERE attrelid = format('bare.%I', t.tab)::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' ORDER BY attnum
      LOOP
        v_v := r.j ->> c.attname;
        IF v_v IS NULL THEN CONTINUE; END IF;
        v_cols := concat_ws(', ', v_cols, quote_ident(c.attname));
        IF c.attname ~ '_id$' AND regexp_replace(c.attname, '_id$', '') = ANY (v_done)
          AND v_ids ->> regexp_replace(c.attname, '_id$', '') = v_v THEN
          v_v := format('currval(''bare.%s_id_seq'')', regexp_replace(c.attname, '_id$', ''));
        ELSIF t.tab = 'customer_key' AND c.attname ~ '^key_' THEN
          v_key := v_key + 1;
          v_v := format('(:r::bigint + %s)', v_key * 1000003::bigint);
        ELSE
          -- arrays come from jsonb as [..], but their text input is {..}
          IF c.atttypid::regtype::text ~ '\[\]$' THEN
            SELECT coalesce('{' || string_agg(to_json(e)::text, ',') || '}', '{}') INTO v_v
            FROM jsonb_array_elements_text(r.j -> c.attname::text) e;
          END IF;
          -- pgbench takes :word for a variable, in literals too
          v_v := CASE WHEN v_v ~ ':[[:alpha:]_]' THEN 'E''' || replace(replace(replace(v_v, '\', '\\'), '''', ''''''), ':', '\x3A') || ''''
            ELSE quote_literal(v_v) END || '::' || format_type(c.atttypid, c.atttypmod);
        END IF;
        v_vals := concat_ws(', ', v_vals, v_v);
      END LOOP;
      IF v_rows IS NULL THEN
        v_rows := format('INSERT INTO bare.%I (%s) VALUES (%s)', t.tab, v_cols, v_vals);
      ELSIF split_part(v_rows, ' VALUES ', 1) = format('INSERT INTO bare.%I (%s)', t.tab, v_cols) THEN
        v_rows := v_rows || format(', (%s)', v_vals);
      ELSE
        RETURN NEXT v_rows || ';';
        v_rows := format('INSERT INTO bare.%I (%s) VALUES (%s)', t.tab, v_cols, v_vals);
      END IF;
    END LOOP;
    RETURN NEXT v_rows || ';';
    v_done := v_done || t.tab;
  END LOOP;
END
$$;
SELECT bench.copy_tables();
