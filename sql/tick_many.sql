-- CALL leads.tick(): many customers written by a few statements, and one by one: the same rows
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';
SET leads.clock = '2026-03-02 09:00+08';
CREATE SCHEMA tm_work;
-- 200 customers of two members, leads with journeys; of each tenth also an interval of another scope, which lapses earlier,
-- of each twelfth one that lapses at the instant of the sweep; some leads closed, some without a journey
CREATE PROCEDURE tm_work.fill(company text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM leads.install(company, lang => 'en', simulation => true, zone => 'Asia/Shanghai');
  PERFORM set_config('search_path', company, false), set_config('session_replication_role', 'replica', false);
  INSERT INTO member (code, name) VALUES ('a', 'A'), ('b', 'B');
  INSERT INTO pool (code, name) VALUES ('other', 'O');
  INSERT INTO customer (kind, name, created_at, last_event_at) SELECT 'company', 'c' || i, '2026-03-01', '2026-03-01' FROM generate_series(1, 200) i;
  -- what happened last is in the future of the sweep, once at the very instant of a deadline
  UPDATE customer SET last_event_at = (CASE id % 3 WHEN 0 THEN '2026-04-01 12:00+08' ELSE '2026-04-01 12:00:00.5+08' END)::timestamptz WHERE id % 7 = 0;
  INSERT INTO decision (kind, verdict, session_role, decided_at, recorded_at) VALUES ('register', 'created', 'x', '2026-03-01', '2026-03-01');
  INSERT INTO ownership (customer_id, scope, member_id, since, protected_until, next_due_at, due_by, lapse_pool_id, policy_version, cause, decision_id, recorded_at)
    SELECT c.id, s.scope, 1 + c.id % 2, c.created_at, s.due, s.due, s.by, s.pool, 1, 'routed', 1, c.created_at
      FROM customer c, LATERAL (SELECT '' AS scope, '2026-03-31 08:00+08'::timestamptz + c.id % 3 * interval '1 hour' AS due, 'protection_end' AS by, 1 + c.id % 2 AS pool
        UNION ALL SELECT 'late', '2026-03-30', 'no_followup', 1 WHERE c.id % 10 = 0
        UNION ALL SELECT 'edge', '2026-04-01 12:00+08', NULL, 2 WHERE c.id % 12 = 0
        UNION ALL SELECT 'soon', '2026-04-01 12:00:00.4+08', 'owner_left', 2 WHERE c.id % 14 = 0) s ORDER BY c.id, s.scope;
  INSERT INTO lead (customer_id, scope, stage_id, stage_since, channel_id, created_at, first_owner_id, closed_at)
    SELECT o.customer_id, o.scope, 1, o.since, 1, o.since, o.member_id, CASE WHEN n = 2 THEN '2026-03-05'::timestamptz END
      FROM ownership o, generate_series(1, 1 + (o.customer_id % 5 = 0)::int) n ORDER BY o.id, n;
  INSERT INTO event (customer_id, lead_id, scope, kind, at, recorded_at, owner_id, to_stage_id, attempt, decision_id)
    SELECT l.customer_id, l.id, l.scope, 'entered', l.created_at, l.created_at, l.first_owner_id, 1, 1, 0 FROM lead l ORDER BY l.id;
  INSERT INTO lead_journey (lead_id, entered_at, journey, channel_id, first_owner_id)
    SELECT l.id, l.created_at, leads.journey_append(NULL, l.created_at, 'entered', 1, l.first_owner_id), 1, l.first_owner_id FROM lead l WHERE l.id % 9 <> 0 ORDER BY l.id;
  INSERT INTO member_counter (member_id, held) SELECT member_id, count(*) FROM ownership GROUP BY 1;
  PERFORM set_config('session_replication_role', 'origin', false);
  EXECUTE format($v$CREATE VIEW tm_work.%s AS
    SELECT 'ownership' AS what, customer_id AS c, jsonb_build_array(scope, member_id, pool_id, since, until, next_due_at, remind_at, due_by, cause, end_cause, recorded_at, end_recorded_at,
        (SELECT jsonb_build_array(kind, verdict, d.customer_id, d.scope, actor_id, decided_at, d.recorded_at, policies, evidence) FROM %1$s.decision d WHERE d.id = o.end_decision_id)) AS row FROM %1$s.ownership o
    UNION ALL SELECT 'event', customer_id, jsonb_build_array(lead_id, scope, kind, at, recorded_at, actor_id, owner_id, pool_id, attempt) FROM %1$s.event
    UNION ALL SELECT 'customer', id, jsonb_build_array(last_event_at) FROM %1$s.customer
    UNION ALL SELECT 'journey', NULL, jsonb_build_array(lead_id, entered_at, journey, channel_id, first_owner_id) FROM %1$s.lead_journey
    UNION ALL SELECT 'outbox', NULL, jsonb_build_array(topic, subject, member_id, payload, created_at, effective_at) FROM %1$s.outbox$v$, company);
  PERFORM set_config('search_path', 'public', false);
END $$;
CALL tm_work.fill('tm_many');
CALL tm_work.fill('tm_one');
-- the second company: a trigger that fails for one customer, so that each is taken alone
CREATE FUNCTION tm_work.trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no luck'; END $$;
CREATE TRIGGER users_own BEFORE UPDATE ON tm_one.ownership FOR EACH ROW WHEN (NEW.customer_id = 1) EXECUTE FUNCTION tm_work.trouble();
SET leads.clock = '2026-04-01 12:00+08';
CALL leads.tick(1000, 'tm_many');
CALL leads.tick(1000, 'tm_one');
SELECT 'many' AS how, settled, failed FROM tm_many.heartbeat UNION ALL SELECT 'one', settled, failed FROM tm_one.heartbeat ORDER BY 1;
SELECT how, what, count(*) FROM (SELECT 'many' AS how, * FROM tm_work.tm_many UNION ALL SELECT 'one', * FROM tm_work.tm_one) x GROUP BY 1, 2 ORDER BY 2, 1;
-- but for that customer no row differs, one way or the other
SELECT what, count(*) AS differ FROM ((TABLE tm_work.tm_many EXCEPT ALL TABLE tm_work.tm_one) UNION ALL (TABLE tm_work.tm_one EXCEPT ALL TABLE tm_work.tm_many)) x
  WHERE c IS DISTINCT FROM 1 AND row ->> 1 IS DISTINCT FROM 'customer/1' AND (what <> 'journey' OR (row ->> 0)::int > 1) GROUP BY 1 ORDER BY 1;
SELECT what, count(*) AS differ FROM (TABLE tm_work.tm_many EXCEPT ALL TABLE tm_work.tm_one) x GROUP BY 1 ORDER BY 1;
-- what lapsed of one customer is written in the order of the deadlines, and nothing that was due by its last event is left
SELECT customer_id, scope, kind, at, recorded_at FROM tm_many.event WHERE customer_id = 84 AND kind = 'lapsed' ORDER BY at, id;
SELECT last_event_at FROM tm_many.customer WHERE id = 84;
SELECT count(*) FROM tm_many.ownership o JOIN tm_many.customer c ON c.id = o.customer_id WHERE o.until IS NULL AND o.next_due_at <= greatest(leads.now(), c.last_event_at);
SELECT m.code, c.held, (SELECT count(*) FROM tm_many.ownership o WHERE o.member_id = m.id AND o.until IS NULL) AS counted FROM tm_many.member_counter c JOIN tm_many.member m ON m.id = c.member_id ORDER BY 1;
SELECT * FROM leads.verify('tm_many') WHERE invariant NOT IN ('I4', 'I7', 'I10');
-- beside parallel workers, too
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT (SELECT count(*) FROM leads.verify('tm_many') WHERE invariant NOT IN ('I4', 'I7', 'I10')) AS faults, count(*) > 0 AS rows FROM tm_many.ownership;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
-- later: the rest, in batches of one
SET leads.clock = '2026-04-01 13:00+08';
CALL leads.tick(1, 'tm_many');
CALL leads.tick(1, 'tm_many');
SELECT settled, failed FROM tm_many.heartbeat;
SELECT count(*) FROM tm_many.ownership WHERE until IS NULL AND member_id IS NOT NULL;
-- a row that meets none is somebody else's doing: the batch is taken back, each customer tells its own story
CREATE FUNCTION tm_work.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
DROP TRIGGER users_own ON tm_one.ownership;
CREATE TRIGGER users_own BEFORE UPDATE ON tm_one.ownership FOR EACH ROW WHEN (NEW.customer_id IN (1, 84)) EXECUTE FUNCTION tm_work.keep();
CALL leads.tick(1000, 'tm_one');
SELECT settled, failed FROM tm_one.heartbeat;
SELECT customer_id, error_code, error_text FROM tm_one.quarantine ORDER BY 1;
RESET leads.clock;
SET client_min_messages = error;
DROP SCHEMA tm_work CASCADE;
SELECT FROM leads.uninstall('tm_many', 'tm_many');
SELECT FROM leads.uninstall('tm_one', 'tm_one');
