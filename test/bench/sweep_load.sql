-- :rows customers, each owned, none due for ten days at least. Written past the triggers, as a restore writes.
SET client_min_messages = warning;
SELECT FROM leads.install();
INSERT INTO crm.member (code, name) SELECT 'm' || i, 'm' || i FROM generate_series(1, 20) i;
SET session_replication_role = replica;
INSERT INTO crm.customer (kind, name, created_at, last_event_at)
SELECT 'company', '公司' || i, now() - interval '20 days', now() - interval '20 days' FROM generate_series(1, :rows) i;
INSERT INTO crm.ownership (customer_id, member_id, since, protected_until, next_due_at, lapse_pool_id, cause, decision_id, recorded_at)
SELECT c.id, m.id, c.created_at, d.at, d.at, (SELECT id FROM crm.pool WHERE is_default), 'registered', 0, c.created_at
FROM crm.customer c
JOIN LATERAL (SELECT now() + interval '10 days' + c.id % 10000 * interval '5 minutes' AS at) d ON true
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM crm.member) m ON m.n = c.id % 20;
INSERT INTO crm.member_counter (member_id, held)
SELECT member_id, count(*) FROM crm.ownership WHERE member_id IS NOT NULL GROUP BY 1
ON CONFLICT (member_id) DO UPDATE SET held = EXCLUDED.held;
RESET session_replication_role;
VACUUM ANALYZE crm.customer;
VACUUM ANALYZE crm.ownership;
