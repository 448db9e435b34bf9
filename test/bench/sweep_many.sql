-- :rows customers with a lead each, all owned and all due at the same instant, a minute ago; and, in schema bare, the same
-- tables with their indexes and rows (not their foreign keys and triggers) for the statements that a sweep performs.
SET client_min_messages = warning;
SELECT FROM leads.install();
INSERT INTO crm.member (code, name) SELECT 'm' || i, 'm' || i FROM generate_series(1, 20) i;
SET session_replication_role = replica;
INSERT INTO crm.customer (kind, name, created_at, last_event_at)
SELECT 'company', '公司' || i, now() - interval '40 days', now() - interval '40 days' FROM generate_series(1, :rows) i;
INSERT INTO crm.ownership (customer_id, member_id, since, protected_until, next_due_at, due_by, lapse_pool_id, policy_version, cause, decision_id, recorded_at)
SELECT c.id, 1 + c.id % 20, c.created_at, d.at, d.at, 'protection_end', (SELECT id FROM crm.pool WHERE is_default), 1, 'registered', 0, c.created_at
FROM crm.customer c, (SELECT now() - interval '1 minute' AS at) d ORDER BY c.id;
INSERT INTO crm.lead (customer_id, stage_id, stage_since, channel_id, created_at, first_owner_id, created_by)
SELECT c.id, 1, c.created_at, (SELECT id FROM crm.channel WHERE code = 'manual'), c.created_at, 1 + c.id % 20, 1 + c.id % 20 FROM crm.customer c ORDER BY c.id;
INSERT INTO crm.event (customer_id, lead_id, kind, at, recorded_at, actor_id, owner_id, to_stage_id, attempt, decision_id)
SELECT l.customer_id, l.id, 'entered', l.created_at, l.created_at, l.created_by, l.first_owner_id, l.stage_id, 1, 0 FROM crm.lead l ORDER BY l.id;
INSERT INTO crm.lead_journey (lead_id, entered_at, journey, channel_id, first_owner_id, creator_id)
SELECT l.id, l.created_at, leads.journey_append(NULL, l.created_at, 'entered', l.stage_id, l.first_owner_id), l.channel_id, l.first_owner_id, l.created_by
FROM crm.lead l ORDER BY l.id;
INSERT INTO crm.member_counter (member_id, held)
SELECT member_id, count(*) FROM crm.ownership WHERE member_id IS NOT NULL GROUP BY 1
ON CONFLICT (member_id) DO UPDATE SET held = EXCLUDED.held;
RESET session_replication_role;
CREATE SCHEMA bare;
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY '{customer,decision,ownership,event,lead,lead_journey,outbox,member_counter,heartbeat}'::text[] LOOP
    EXECUTE format('CREATE TABLE bare.%I (LIKE crm.%I INCLUDING ALL)', t, t);
    EXECUTE format('INSERT INTO bare.%I OVERRIDING SYSTEM VALUE SELECT * FROM crm.%I', t, t);
    -- ids go on after those that are there
    IF t NOT IN ('member_counter', 'lead_journey') THEN
      EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), (SELECT coalesce(max(id), 0) + 1 FROM bare.%I))', 'bare.' || t, t);
    END IF;
  END LOOP;
END
$$;

-- the rows of a sweep, written by a statement a table and batch, as plain SQL would; the words are those of a real one
CREATE PROCEDURE bare.sweep(batch int) LANGUAGE plpgsql AS $$
DECLARE
  v_ids bigint[];
  v_leads bigint[];
  v_after bigint := 0;
  v_due timestamptz := (SELECT min(next_due_at) FROM bare.ownership);
  v_evidence jsonb := (SELECT evidence FROM crm.decision WHERE kind = 'lapse' ORDER BY id LIMIT 1);
  v_policies jsonb := (SELECT policies FROM crm.decision WHERE kind = 'lapse' ORDER BY id LIMIT 1);
  v_pool bigint := (SELECT lapse_pool_id FROM bare.ownership LIMIT 1);
BEGIN
  LOOP
    SELECT array_agg(x.id) INTO v_ids FROM (SELECT c.id FROM bare.customer c WHERE c.id > v_after ORDER BY c.id LIMIT batch FOR NO KEY UPDATE SKIP LOCKED) x;
    EXIT WHEN v_ids IS NULL;
    v_after := v_ids[array_length(v_ids, 1)];
    INSERT INTO bare.decision (kind, verdict, customer_id, session_role, decided_at, recorded_at, policies, evidence)
      SELECT 'lapse', 'lapsed', id, 'postgres', v_due, clock_timestamp(), v_policies, v_evidence FROM unnest(v_ids) id;
    UPDATE bare.ownership SET until = v_due, end_cause = 'lapsed', end_decision_id = 1, end_recorded_at = clock_timestamp(), next_due_at = NULL,
      remind_at = NULL, due_by = NULL WHERE customer_id = ANY (v_ids) AND until IS NULL;
    INSERT INTO bare.ownership (customer_id, pool_id, since, cause, decision_id, recorded_at)
      SELECT id, v_pool, v_due, 'lapsed', 1, clock_timestamp() FROM unnest(v_ids) id;
    INSERT INTO bare.event (customer_id, kind, at, recorded_at, pool_id, decision_id)
      SELECT id, 'lapsed', v_due, clock_timestamp(), v_pool, 1 FROM unnest(v_ids) id;
    SELECT array_agg(l.id) INTO v_leads FROM bare.lead l WHERE l.customer_id = ANY (v_ids) AND l.scope = '' AND l.closed_at IS NULL;
    INSERT INTO bare.event (customer_id, lead_id, kind, at, recorded_at, pool_id, attempt, decision_id)
      SELECT l.customer_id, l.id, 'handed', v_due, clock_timestamp(), v_pool, 1, 1 FROM bare.lead l WHERE l.id = ANY (v_leads);
    UPDATE bare.lead_journey SET journey = leads.journey_append(journey, v_due, 'handed', 0, 0) WHERE lead_id = ANY (v_leads);
    INSERT INTO bare.outbox (topic, subject, dedupe_key, member_id, payload, created_at, effective_at)
      SELECT 'lapsed', 'customer/' || id, id::text, 1 + id % 20, jsonb_build_object('customer', id::text, 'scope', '', 'pool', 'public', 'at', v_due), clock_timestamp(), v_due
      FROM unnest(v_ids) id ON CONFLICT DO NOTHING;
    UPDATE bare.customer SET last_event_at = clock_timestamp() WHERE id = ANY (v_ids);
    UPDATE bare.member_counter SET held = held - 1;
    INSERT INTO bare.heartbeat (job, started_at) VALUES ('tick', v_due) ON CONFLICT (job) DO UPDATE SET settled = bare.heartbeat.settled + 1;
    COMMIT;
  END LOOP;
END
$$;

-- a claim that may be refused: a random one of those that are due
CREATE SCHEMA IF NOT EXISTS bench;
CREATE FUNCTION bench.try_claim(id bigint, member text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM leads.claim(ARRAY[id], by_member => member);
  RETURN 'claimed';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END
$$;
CHECKPOINT;
