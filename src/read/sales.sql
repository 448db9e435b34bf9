CREATE FUNCTION leads.leaderboard(since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, per text DEFAULT NULL,
    schema_name text DEFAULT NULL, OUT period text, OUT place integer, OUT member text, OUT name text, OUT team text, OUT new_leads bigint,
    OUT claimed bigint, OUT followups bigint, OUT won bigint, OUT lost bigint, OUT win_rate numeric, OUT won_amount numeric, OUT won_customers bigint)
  RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_leaderboard';
COMMENT ON FUNCTION leads.leaderboard(timestamptz, timestamptz, text, text) IS
  'Members by what they won in a period. since, until: period, half-open, NULL = open end; per: day, week, month, quarter or year for a board of each, NULL = one; schema_name: data schema (default: leads.schema). Result: a row a member and period in the order of places: by won amount, then by wins; the same figures as kpi(); win_rate from 0 to 1; what nobody owns is a row without a place. Readers count what they may see. Errors: LD004, LD008, 22023.';
CREATE FUNCTION leads.channel_performance(since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, per text DEFAULT NULL,
    schema_name text DEFAULT NULL, OUT period text, OUT channel text, OUT name text, OUT leads bigint, OUT registrations bigint, OUT duplicate_rate numeric,
    OUT invalid_rate numeric, OUT opportunity_rate numeric, OUT conversion numeric, OUT won bigint, OUT win_rate numeric, OUT won_amount numeric, OUT avg_deal numeric,
    OUT cycle_days numeric, OUT cost numeric, OUT roi numeric, OUT cac numeric, OUT invalid_lead_rate numeric) RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_channel_performance';
COMMENT ON FUNCTION leads.channel_performance(timestamptz, timestamptz, text, text) IS
  'Channels: volume, quality, conversion, cycle, return. since, until: period, half-open, NULL = open end; per: day, week, month, quarter or year, NULL = the whole; schema_name: data schema (default: leads.schema). Result: a row a channel and period; the same figures as kpi(); rates from 0 to 1, NULL where there is nothing to divide by; cac without costs of sales that are no channel''s; cost, roi and cac are NULL for who does not see everything. Errors: LD004, LD008, 22023.';
CREATE FUNCTION leads.sales_cycle(since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, by text[] DEFAULT NULL, attribution text DEFAULT NULL,
    schema_name text DEFAULT NULL, OUT segment text[], OUT won bigint, OUT mean_days numeric, OUT median_days numeric, OUT p90_days numeric, OUT attempt_days numeric,
    OUT owned_days numeric) RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_sales_cycle';
COMMENT ON FUNCTION leads.sales_cycle(timestamptz, timestamptz, text[], text, text) IS
  'How long wins took. since, until: closed in this period, half-open, NULL = open end; by, attribution: as of kpi(); schema_name: data schema (default: leads.schema). Result: a row a segment: wins, mean, median and 90 per cent of days from the beginning of the lead, median from its last reopening, median without the time in pools. Errors: LD004, LD008, 22023.';
CREATE FUNCTION leads.loss_analysis(since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, by text[] DEFAULT NULL, attribution text DEFAULT NULL,
    include_imported boolean DEFAULT false, schema_name text DEFAULT NULL,
    include_test boolean DEFAULT false, include_invalid boolean DEFAULT false,
    OUT segment text[], OUT reason text, OUT stage text, OUT label text, OUT losses bigint,
    OUT share numeric, OUT amount numeric, OUT amount_share numeric) RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_loss_analysis';
COMMENT ON FUNCTION leads.loss_analysis(timestamptz, timestamptz, text[], text, boolean, text, boolean, boolean) IS
  'Losses by reason and by the stage they came from; each attempt of a lead that was lost counts. since, until: lost in this period, half-open, NULL = open end; by, attribution: as of kpi(), not stage or returning; include_imported, include_test, include_invalid: also imported history, test data, what was no lead; schema_name: data schema (default: leads.schema). Result: a row a segment, reason and stage; share of the losses and of the amount of the segment, from 0 to 1. Errors: LD004, LD008, 22023.';
CREATE FUNCTION leads.contact_effect(since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, include_imported boolean DEFAULT false,
    schema_name text DEFAULT NULL,
    include_test boolean DEFAULT false, include_invalid boolean DEFAULT false,
    OUT contact text, OUT n bigint, OUT won bigint, OUT win_rate numeric, OUT rate_without numeric, OUT share numeric, OUT caution text)
  RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_contact_effect';
COMMENT ON FUNCTION leads.contact_effect(timestamptz, timestamptz, boolean, text, boolean, boolean) IS
  'Which ways of contact go with winning: of the leads closed in a period, those with at least one effective activity of a kind before. since, until: half-open, NULL = open end; include_imported, include_test, include_invalid: also imported history, test data, what was no lead; schema_name: data schema (default: leads.schema). Result: a row a kind, before them all, after them none; n leads, won of these, win_rate and the rate of those without, from 0 to 1, share of all; caution: association only. Errors: LD004, LD008, 22023.';
CREATE FUNCTION leads.flow_report(since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, by text[] DEFAULT NULL, within interval DEFAULT NULL,
    attribution text DEFAULT NULL, include_imported boolean DEFAULT false, schema_name text DEFAULT NULL,
    include_test boolean DEFAULT false, include_invalid boolean DEFAULT false,
    OUT segment text[], OUT "position" integer, OUT stage text,
    OUT label text, OUT opening bigint, OUT entries bigint, OUT forward bigint, OUT back bigint, OUT lost bigint, OUT won bigint, OUT moved bigint, OUT closing bigint,
    OUT entered bigint, OUT advanced bigint, OUT rate numeric, OUT median_hours numeric, OUT p90_hours numeric) RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_flow_report';
COMMENT ON FUNCTION leads.flow_report(timestamptz, timestamptz, text[], interval, text, boolean, text, boolean, boolean) IS
  'What came into each stage in a period and where it went: opening + entries - forward - back - lost - won - moved = closing. since, until: half-open, NULL = open end; by: as of kpi(), not times; within: an entry counts as advanced if it left forward within so long; attribution: at_event (default: who had the lead when it came), closer, creator, first_owner; include_imported, include_test, include_invalid: also imported history, test data, what was no lead; schema_name: data schema (default: leads.schema). Result: a row a segment and stage, the won one last; entered and advanced count leads, each once; rate = advanced / entered; hours of the stays that ended in the period. Errors: LD004, LD008, 22023.';
CREATE FUNCTION leads.forecast(since date DEFAULT NULL, until date DEFAULT NULL, by text[] DEFAULT NULL, attribution text DEFAULT NULL,
    min_support integer DEFAULT 30, schema_name text DEFAULT NULL, OUT segment text[], OUT month text, OUT stage text, OUT label text, OUT age text, OUT slipped boolean,
    OUT bucket text, OUT leads bigint, OUT amount numeric, OUT probability numeric, OUT weighted numeric, OUT support bigint, OUT source text, OUT matured_before timestamptz)
  RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_forecast';
COMMENT ON FUNCTION leads.forecast(date, date, text[], text, integer, text) IS
  'What open leads may bring: amount times the chance to win that leads of the same stage had which stayed there as long. since, until: expected close, half-open, NULL = open end; by: as of kpi(), not times; attribution: closer (default: who has it now), creator, first_owner; min_support: fewer leads are no chance; schema_name: data schema (default: leads.schema). Result: a row a segment, month of the expected close (NULL = none said), stage, days in it and whether the date is past; bucket: commit from 0.7, best from 0.4, pipeline; probability and the leads it rests on; source: age, stage (at any age) or default (what the stage says); matured_before: leads that began before it are the history. Errors: LD004, LD008, 22023.';
