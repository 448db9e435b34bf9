CREATE PROCEDURE leads.tick(batch integer DEFAULT 1000, schema_name text DEFAULT NULL)
  LANGUAGE c
  AS 'MODULE_PATHNAME', 'leads_tick';
COMMENT ON PROCEDURE leads.tick(integer, text) IS
  'Write down what is due: lapses at their due instants, reminders to the outbox. Commits after each batch; inside a transaction block it does one batch. A customer that fails goes to quarantine and keeps nobody. batch: customers a transaction, 1 to 100000; schema_name: data schema (default: leads.schema). For owner and admin. Errors: LD004, LD008, LD010, LD012, 22023.';
