-- nobody may call anything that grant_access() did not grant; names are no secret
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA leads FROM PUBLIC;
REVOKE EXECUTE ON ALL PROCEDURES IN SCHEMA leads FROM PUBLIC;
GRANT USAGE ON SCHEMA leads TO PUBLIC;
COMMENT ON SCHEMA leads IS 'pg_leads: functions, procedures and aggregates; no table of a company lies here';
