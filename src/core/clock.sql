CREATE FUNCTION leads.now() RETURNS timestamptz
  LANGUAGE c STABLE PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'leads_now';
COMMENT ON FUNCTION leads.now() IS
  'The instant for which readers answer: the later of statement_timestamp() and the latest instant this transaction wrote, or leads.clock where it is set. Result: timestamptz. No errors.';
