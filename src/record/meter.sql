CREATE FUNCTION leads.guard_member() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'leads_guard_member';
COMMENT ON FUNCTION leads.guard_member() IS
  'Trigger of install(), after a row of member: makes or drops the sequence that counts what the member learns of others'' customers. Errors: LD008, LD012.';
