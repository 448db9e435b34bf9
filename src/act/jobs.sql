CREATE FUNCTION leads.schedule_jobs(schema_name text DEFAULT NULL) RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_schedule_jobs';
COMMENT ON FUNCTION leads.schedule_jobs(text) IS
  'Have pg_cron call tick() every minute as the calling role. schema_name: data schema (default: leads.schema). Safe to repeat. For owner and admin. Result: pg_cron''s job id. Errors: LD004, LD008, LD015 (no pg_cron in this database), 42501 (no right to pg_cron).';
CREATE FUNCTION leads.unschedule_jobs(schema_name text DEFAULT NULL) RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_unschedule_jobs';
COMMENT ON FUNCTION leads.unschedule_jobs(text) IS
  'Take the calling role''s jobs of a company off pg_cron. schema_name: data schema (default: leads.schema). For owner and admin. Result: how many there were. Errors: LD004, LD008, LD015, 42501.';
