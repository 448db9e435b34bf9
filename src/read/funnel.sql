CREATE FUNCTION leads.funnel(since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, by text DEFAULT NULL,
    OUT segment text, OUT "position" integer, OUT stage text, OUT label text, OUT entered bigint, OUT advanced
    bigint, OUT lost_here bigint, OUT open_here bigint, OUT conversion_from_previous numeric, OUT
    conversion_overall numeric, OUT drop_off bigint, OUT drop_off_rate numeric, OUT median_hours numeric, OUT
    p90_hours numeric,
    INOUT mode text DEFAULT 'cohort', INOUT as_of timestamptz DEFAULT NULL,
    include_imported boolean DEFAULT false, schema_name text DEFAULT NULL, attribution text DEFAULT NULL,
    within interval DEFAULT NULL, from_events boolean DEFAULT false, per_attempt boolean DEFAULT false,
    include_test boolean DEFAULT false, include_invalid boolean DEFAULT false,
    OUT immature bigint, OUT skipped bigint, OUT regressed bigint, OUT re_entries bigint, OUT moved_away bigint, OUT pool_hours numeric)
  RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_funnel';
COMMENT ON FUNCTION leads.funnel(timestamptz, timestamptz, text, text, timestamptz, boolean, text, text, interval, boolean, boolean, boolean, boolean) IS
  'Leads through the stages, counted from their journeys. since, until: leads that began in [since, until) (default: all), in mode flow the period of the entries; by: NULL for the whole, or channel, owner, region or month (in which the lead began, in flow of the entry; of the business zone); mode: cohort (each lead once, by the furthest stage it reached; stages left out count as passed; a win taken back does not count), strict (only stages that were entered), flow (who entered a stage in the period and what came of it) or snapshot (open leads by the stage they are in; not a conversion); as_of: events up to this instant (default: now); include_imported, include_test, include_invalid: also imported history, test data, what was no lead; schema_name: data schema (default: leads.schema); attribution, by owner: at_event (default: each stage goes to who had the lead when it came there), closer, creator or first_owner; within: time limit from the beginning of the lead, with per_attempt of the attempt (cohort), between a stage and the next (strict), between entry and exit (flow); from_events: count from event rows, which takes longer and gives the same; per_attempt: each attempt counts by itself; an attempt ends where a lost lead was reopened, a win taken back goes on. Result: one row a segment and stage, entered = advanced + lost_here + open_here; rates from 0 to 1, NULL where there is nothing to divide by; drop_off: entered and not advanced; median_hours, p90_hours: hours of those that left the stage, in snapshot of those that are there, off by 1.6 per cent at most; immature: of open_here, younger than the median time to close; skipped: of entered, passed without being there; regressed: left it backwards; re_entries: came again; moved_away: of open_here, in a stage of another pipeline that is no step here (in flow: left for one); pool_hours: of the hours of those that left the stage, all that they lay in a pool. A rep counts what it owns now. Errors: LD004, LD006 as_of in the future, LD008, 22023.';
CREATE FUNCTION leads.funnel_leads(stage text, measure text DEFAULT 'entered', since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL,
    by text DEFAULT NULL, mode text DEFAULT 'cohort', as_of timestamptz DEFAULT NULL,
    include_imported boolean DEFAULT false, schema_name text DEFAULT NULL, attribution text DEFAULT NULL,
    within interval DEFAULT NULL, from_events boolean DEFAULT false, per_attempt boolean DEFAULT false,
    include_test boolean DEFAULT false, include_invalid boolean DEFAULT false,
    OUT lead_id bigint, OUT began_at timestamptz, OUT segment text, OUT n bigint)
  RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_funnel_leads';
COMMENT ON FUNCTION leads.funnel_leads(text, text, timestamptz, timestamptz, text, text, timestamptz, boolean, text, text, interval, boolean, boolean, boolean, boolean) IS
  'The leads behind one figure of funnel(). stage: code of the stage; measure: the column of funnel() asked about: entered, advanced, lost_here, open_here, skipped, regressed, re_entries or moved_away; the other arguments as those of funnel(). Result: a row for each lead and segment in which it counts, in no order: lead_id, began_at, segment as funnel() names it, n: how often it counts there (more than 1 only of re_entries and per_attempt); by segment n adds up to the figure. Reads journeys, not rollups. A rep is told of leads of customers that it owns now. Errors: as funnel(), LD005 (stage is NULL), 22023 (unknown stage or measure).';
CREATE FUNCTION leads.funnel_chart(since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, mode text DEFAULT 'cohort',
    width integer DEFAULT 40, as_of timestamptz DEFAULT NULL, schema_name text DEFAULT NULL) RETURNS text
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_funnel_chart';
COMMENT ON FUNCTION leads.funnel_chart(timestamptz, timestamptz, text, integer, timestamptz, text) IS
  'The funnel as text bars for a terminal. width: columns of the longest bar, 1 to 200; other arguments as funnel(). Result: one line a stage: label, leads, rate of the step, overall rate, bar. Errors: as funnel().';
