-- make 100 spread over the table due, and time the call that settles them: prints milliseconds, then how many are left
SET client_min_messages = warning;
SET session_replication_role = replica;
UPDATE crm.ownership SET protected_until = now() - interval '1 minute', next_due_at = now() - interval '1 minute'
WHERE id IN (SELECT id FROM crm.ownership WHERE until IS NULL AND member_id IS NOT NULL AND id % (:rows / 100) = :run LIMIT 100);
RESET session_replication_role;
-- full page images are written by the table's pages, not by its rows: for both sizes the same
CHECKPOINT;
SELECT clock_timestamp() AS t0 \gset
CALL leads.tick(1000, 'crm');
SELECT round(extract(epoch FROM clock_timestamp() - :'t0') * 1000, 3);
SELECT 'left ' || count(*) FROM crm.ownership WHERE until IS NULL AND next_due_at <= now();
