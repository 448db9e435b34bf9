CREATE FUNCTION leads.rollup_note() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'leads_rollup_note';
COMMENT ON FUNCTION leads.rollup_note() IS
  'Trigger on lead_journey: leaves what changed in rollup_delta.';
