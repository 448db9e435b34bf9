-- A company crm whose leads come from funnel_gen (see funnel_load). Written past the triggers, as a restore writes; indexes
-- beside the keys are made afterwards. Customers get no keys of the duplicate check (verify() says so): funnels need none.
SET client_min_messages = warning;
\o /dev/null
SET maintenance_work_mem = '512MB';
SET timezone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pg_leads CASCADE;
SELECT FROM leads.install(lang => 'en');
INSERT INTO crm.team (code, name) SELECT 't' || i, 'Team ' || i FROM generate_series(1, 20) i ORDER BY i;
INSERT INTO crm.member (code, name, team_id, is_manager) SELECT 'm' || i, 'Member ' || i, 1 + (i - 1) % 20, i <= 20 FROM generate_series(1, 400) i ORDER BY i;
SET session_replication_role = replica;
BEGIN;
CREATE TEMP TABLE made_later ON COMMIT DROP AS
SELECT pg_get_indexdef(i.indexrelid) AS def, format('DROP INDEX %s', i.indexrelid::regclass) AS gone FROM pg_index i
WHERE i.indrelid IN ('crm.event'::regclass, 'crm.lead'::regclass, 'crm.ownership'::regclass, 'crm.lead_journey'::regclass)
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid);
TRUNCATE crm.customer, crm.lead, crm.ownership, crm.event, crm.lead_journey, crm.journey_region, crm.decision CASCADE;
SELECT gone FROM made_later \gexec
INSERT INTO crm.decision (kind, verdict, session_role, decided_at, recorded_at) VALUES ('import', 'created', session_user, '2025-07-01Z', '2025-07-01Z');
\if :narrow
\else
\copy crm.customer (id, kind, name, region, created_at, created_by, last_event_at) FROM PROGRAM '"$FUNNEL_GEN" customer "$LEADS" "$SEED"' WITH (FREEZE)
\copy crm.ownership (id, customer_id, member_id, pool_id, since, until, cause, end_cause, decision_id, end_decision_id, recorded_at, end_recorded_at) FROM PROGRAM '"$FUNNEL_GEN" ownership "$LEADS" "$SEED"' WITH (FREEZE)
\copy crm.lead (id, customer_id, stage_id, stage_since, attempt, channel_id, need, amount, closed_at, close_reason, created_at, created_by, first_owner_id, imported, row_version, extra) FROM PROGRAM '"$FUNNEL_GEN" lead "$LEADS" "$SEED"' WITH (FREEZE)
\endif
\copy crm.event (id, customer_id, lead_id, kind, at, recorded_at, actor_id, owner_id, pool_id, from_stage_id, to_stage_id, attempt, amount, decision_id) FROM PROGRAM '"$FUNNEL_GEN" event "$LEADS" "$SEED"' WITH (FREEZE)
\copy crm.journey_region (id, region) FROM PROGRAM '"$FUNNEL_GEN" journey_region "$LEADS" "$SEED"'
\copy crm.lead_journey (lead_id, entered_at, journey, channel_id, first_owner_id, creator_id, region_id) FROM PROGRAM '"$FUNNEL_GEN" lead_journey "$LEADS" "$SEED"' WITH (FREEZE)
SELECT def FROM made_later WHERE NOT :narrow::boolean OR def ~ 'lead_journey' \gexec
DELETE FROM crm.member_counter;
INSERT INTO crm.member_counter (member_id, held) SELECT member_id, count(*) FROM crm.ownership WHERE member_id IS NOT NULL AND until IS NULL GROUP BY 1;
SELECT format('SELECT FROM setval(%L, %s)', pg_get_serial_sequence('crm.' || t, 'id'), n) FROM (
  SELECT 'customer', max(id) FROM crm.customer UNION ALL SELECT 'lead', max(id) FROM crm.lead
  UNION ALL SELECT 'ownership', max(id) FROM crm.ownership UNION ALL SELECT 'event', max(id) FROM crm.event UNION ALL SELECT 'journey_region', max(id) FROM crm.journey_region) v(t, n) WHERE n > 0 \gexec
COMMIT;
RESET session_replication_role;
VACUUM ANALYZE crm.lead, crm.event, crm.ownership, crm.lead_journey, crm.customer, crm.member_counter;
