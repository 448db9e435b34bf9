CREATE PROCEDURE leads.rebuild_journeys(batch integer DEFAULT 1000, schema_name text DEFAULT NULL)
  LANGUAGE c
  AS 'MODULE_PATHNAME', 'leads_rebuild_journeys';
COMMENT ON PROCEDURE leads.rebuild_journeys(integer, text) IS
  'Make the journeys of all leads anew from their events, where they are missing or differ. Commits after each batch and may run beside any work; broken off, the next call goes on where it was; inside a transaction block it does one batch. Until it has finished once, funnels read events; at its end rollups are counted anew. batch: leads a transaction, 1 to 100000; schema_name: data schema (default: leads.schema). For owner and admin. Errors: LD004, LD008, LD010, LD012, 22023.';
