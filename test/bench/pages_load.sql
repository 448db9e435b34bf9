-- :rows customers, each with a lead and a telephone number: half of them in the hands of members with 250 each, half in the
-- public pool, every 97th of the owned ones lapsed and not written down. Written past the triggers, as a restore writes.
SET client_min_messages = warning;
SELECT FROM leads.install();
INSERT INTO crm.member (code, name, db_role, is_manager) SELECT 'm' || i, 'm' || i, CASE i WHEN 1 THEN 'bench_rep' END, false FROM generate_series(1, greatest(:rows / 500, 1)) i;
SET session_replication_role = replica;
INSERT INTO crm.customer (kind, name, created_at, last_event_at)
SELECT 'company', '公司' || i, d.at, d.at FROM generate_series(1, :rows) i, LATERAL (SELECT now() - interval '300 days' + i * interval '300 days' / :rows AS at) d;
INSERT INTO crm.contact_point (customer_id, kind, raw, norm, weak, created_at)
SELECT c.id, 'phone', '139' || lpad(c.id::text, 8, '0'), '139' || lpad(c.id::text, 8, '0'), false, c.created_at FROM crm.customer c;
INSERT INTO crm.ownership (customer_id, member_id, pool_id, since, protected_until, next_due_at, due_by, lapse_pool_id, policy_version, cause, decision_id, recorded_at)
SELECT c.id, o.member, CASE WHEN o.member IS NULL THEN 1 END, c.created_at, o.due, o.due, CASE WHEN o.member IS NOT NULL THEN 'protection_end' END, CASE WHEN o.member IS NOT NULL THEN 1 END, 1, 'registered', 0, c.created_at
FROM crm.customer c, LATERAL (SELECT CASE WHEN c.id % 2 = 0 THEN 1 + c.id / 2 % greatest(:rows / 500, 1) END AS member,
  CASE WHEN c.id % 2 = 0 THEN now() + CASE c.id % 194 WHEN 0 THEN interval '-1 day' * random() ELSE interval '30 days' * random() END END AS due) o ORDER BY c.id;
INSERT INTO crm.lead (customer_id, stage_id, stage_since, channel_id, created_at, first_owner_id)
SELECT o.customer_id, 1 + o.customer_id % 4, o.since, 1, o.since, o.member_id FROM crm.ownership o ORDER BY o.customer_id;
INSERT INTO crm.member_counter (member_id, held) SELECT o.member_id, count(*) FROM crm.ownership o WHERE o.member_id IS NOT NULL GROUP BY 1
  ON CONFLICT (member_id) DO UPDATE SET held = excluded.held;
RESET session_replication_role;
DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bench_rep') THEN CREATE ROLE bench_rep LOGIN; CREATE ROLE bench_boss LOGIN; END IF; END $$;
SELECT FROM leads.grant_access('bench_rep', 'rep');
SELECT FROM leads.grant_access('bench_boss', 'admin');
VACUUM ANALYZE;
CHECKPOINT;
