-- schedule_jobs() and unschedule_jobs() where pg_cron is not: a clear refusal (with it: test/tap/t/cron.pl)
SET client_min_messages = warning;
\set VERBOSITY sqlstate
SELECT leads.install('tj', lang => 'en', zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'tj';
SELECT count(*) FROM pg_extension WHERE extname = 'pg_cron';
SELECT leads.schedule_jobs();
\echo :LAST_ERROR_MESSAGE
SELECT leads.schedule_jobs('tj');
SELECT leads.unschedule_jobs();
SELECT leads.schedule_jobs('nowhere');
SELECT FROM leads.uninstall('tj', 'tj');
