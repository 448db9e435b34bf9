-- outcomes are written by import_commit() only
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.import_result
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.import_update
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.import_batch
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE VIEW @schema@.import_progress WITH (security_barrier) AS
SELECT
  b.code AS batch, --: name of the batch
  h.code AS channel, --: channel
  b.mode AS mode, --: mode of the last commit
  b.state AS state, --: staged, running, committed
  b.total AS total, --: rows staged when the last commit began
  b.done AS done, --: rows that have an outcome
  b.created AS created, --: new customers or new leads
  b.duplicates AS duplicates, --: met a customer
  b.rejected AS rejected, --: bad rows
  round((b.done / nullif(extract(epoch FROM b.progress_at - b.started_at), 0))::numeric) AS rows_per_s, --: rows a second since the first commit began
  b.gate_ms AS gate_ms, --: longest time that a chunk kept single registrations waiting, in milliseconds
  b.started_at AS started_at, --: when the first commit began
  b.progress_at AS progress_at, --: end of the last chunk
  b.finished_at AS finished_at, --: when no row was left
  b.updated AS updated --: customers changed
FROM @schema@.import_batch b
JOIN @schema@.channel h ON h.id = b.channel_id
WHERE (SELECT leads.sees_all(@company@)); --: how far each import is; a row of the view moves with every chunk
