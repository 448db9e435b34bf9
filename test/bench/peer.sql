-- The usual hand-written way: one PL/pgSQL function, a pg_trgm GIN index, "%" for the duplicate check, and the
-- inserts that any CRM makes (customer, contact, lead, owner, log). No lock against two sessions at once, no keys, no
-- pinyin, no explanation: it is the peer in speed only. PL/pgSQL is allowed in test/bench and nowhere else.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS peer CASCADE;
CREATE SCHEMA peer;

CREATE TABLE peer.customer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  phone text,
  owner text,
  protected_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE peer.contact (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES peer.customer,
  name text,
  phone text
);
CREATE TABLE peer.ownership (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES peer.customer,
  owner text NOT NULL,
  since timestamptz NOT NULL,
  until timestamptz
);
CREATE TABLE peer.lead (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES peer.customer,
  stage text NOT NULL,
  owner text,
  created_at timestamptz NOT NULL
);
CREATE TABLE peer.log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint REFERENCES peer.customer,
  lead_id bigint,
  what text NOT NULL,
  name text,
  outcome text,
  at timestamptz NOT NULL
);
CREATE INDEX ON peer.customer (phone);
CREATE INDEX ON peer.contact (customer_id);
CREATE INDEX ON peer.contact (phone);
CREATE INDEX ON peer.ownership (customer_id) WHERE until IS NULL;
CREATE INDEX ON peer.ownership (owner) WHERE until IS NULL;
CREATE INDEX ON peer.lead (customer_id);
CREATE INDEX ON peer.log (customer_id, at);

CREATE INDEX customer_trgm ON peer.customer USING gin (name gin_trgm_ops);

CREATE FUNCTION peer.register(p_name text, p_phone text, p_owner text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_hit record;
  v_id bigint;
  v_lead bigint;
BEGIN
  SELECT id, owner, similarity(name, p_name) AS s INTO v_hit
  FROM peer.customer WHERE name % p_name ORDER BY s DESC LIMIT 1;
  -- "%" finds at its default of 0.3; what is as far as that is no duplicate yet
  IF v_hit.s IS NULL OR v_hit.s < 0.6 THEN
    SELECT id, owner, 1::real AS s INTO v_hit FROM peer.customer WHERE phone = p_phone LIMIT 1;
  END IF;
  IF v_hit.id IS NOT NULL AND v_hit.s >= 0.6 THEN
    INSERT INTO peer.log (customer_id, what, name, outcome, at) VALUES (v_hit.id, 'register', p_name, 'blocked', now());
    RETURN 'blocked';
  END IF;
  INSERT INTO peer.customer (name, phone, owner, protected_until)
  VALUES (p_name, p_phone, p_owner, now() + interval '30 days') RETURNING id INTO v_id;
  INSERT INTO peer.contact (customer_id, phone) VALUES (v_id, p_phone);
  INSERT INTO peer.ownership (customer_id, owner, since) VALUES (v_id, p_owner, now());
  INSERT INTO peer.lead (customer_id, stage, owner, created_at) VALUES (v_id, 'new', p_owner, now()) RETURNING id INTO v_lead;
  INSERT INTO peer.log (customer_id, lead_id, what, name, outcome, at) VALUES
    (v_id, v_lead, 'register', p_name, 'created', now()), (v_id, v_lead, 'owner', p_name, p_owner, now());
  RETURN 'created';
END
$$;
