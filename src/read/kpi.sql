CREATE FUNCTION leads.kpi(INOUT name text, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, by text[] DEFAULT NULL,
    OUT segment text[], OUT value numeric, OUT unit text, OUT n bigint, OUT numerator numeric, OUT denominator numeric, OUT mode text,
    INOUT attribution text DEFAULT NULL, margin numeric DEFAULT NULL, include_imported boolean DEFAULT false, schema_name text DEFAULT NULL,
    include_test boolean DEFAULT false, include_invalid boolean DEFAULT false,
    OUT formula text) RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_kpi';
COMMENT ON FUNCTION leads.kpi(text, timestamptz, timestamptz, text[], text, numeric, boolean, text, boolean, boolean) IS
  'A figure by its name (API.md lists them), with the rule that made it. since, until: period, half-open, NULL = open end; by: cuts, at most four of channel, owner, team, region, industry, line, stage, returning, day, week, month, quarter, year; attribution: whose a figure cut by owner or team is: at_event, closer, creator, first_owner, NULL = as the figure has it; margin: share of a won amount that remains, NULL = that of each channel; include_imported, include_test, include_invalid: also imported history, test data, what was no lead. Result: a row a segment: values of the cuts; value NULL where there is nothing to divide by; unit; n = how many it rests on; what was divided; mode: cohort, period or now; formula in words. Readers count what they may see. Errors: LD004, LD005, LD008, 22023.';
