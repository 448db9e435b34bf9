CREATE FUNCTION leads.publish(kind text, key text, body jsonb, active_from timestamptz DEFAULT NULL) RETURNS integer
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_publish';
COMMENT ON FUNCTION leads.publish(text, text, jsonb, timestamptz) IS
  'Check a policy document whole and make it a version that rules from active_from on (default: now). kind: match, routing, protection, pipeline or calendar (which rules what runs, too, from now on); key: '''' for the company''s own. Result: version number. Errors: LD004, LD005, LD006 (in the past, infinite; a calendar: to come), LD007, LD014 (with the JSON path of the first fault).';
CREATE FUNCTION leads.draft(kind text, key text, body jsonb) RETURNS integer
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_draft';
COMMENT ON FUNCTION leads.draft(text, text, jsonb) IS
  'Check a policy document and store it as a version that never rules, for back-tests. Arguments and errors as publish(). Result: version number.';
