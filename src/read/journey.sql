CREATE FUNCTION leads.journey_stage_at(journey bytea, at timestamptz) RETURNS bigint
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_journey_stage_at';
COMMENT ON FUNCTION leads.journey_stage_at(bytea, timestamptz) IS
  'Stage of a lead at an instant, that instant included; a won or lost lead is in its won or lost stage. Result: id of the stage; NULL before the lead began. Errors: LD095.';
CREATE FUNCTION leads.journey_owner_at(journey bytea, at timestamptz) RETURNS bigint
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_journey_owner_at';
COMMENT ON FUNCTION leads.journey_owner_at(bytea, timestamptz) IS
  'Owner of a lead at an instant, that instant included; of a closed lead who had it when it was closed. Result: id of the member; 0 = nobody, in a pool; NULL before the lead began. Errors: LD095.';
CREATE FUNCTION leads.journey_time_in(journey bytea, stage bigint, until timestamptz) RETURNS interval
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_journey_time_in';
COMMENT ON FUNCTION leads.journey_time_in(bytea, bigint, timestamptz) IS
  'Time that a lead spent in a stage up to an instant: all its stays added up, the one that lasts included. stage: id of the stage. Result: an interval in hours, minutes and seconds. Errors: LD095.';
CREATE FUNCTION leads.journey_fault(journey bytea) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_journey_fault';
COMMENT ON FUNCTION leads.journey_fault(bytea) IS
  'What is wrong with the bytes of a journey: of lead_journey those rows that funnels would stop at. Result: in English; NULL: nothing, they can be read. rebuild_journeys() mends them all.';
CREATE FUNCTION leads.journey_entered(journey bytea, stage bigint) RETURNS timestamptz
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_journey_entered';
COMMENT ON FUNCTION leads.journey_entered(bytea, bigint) IS
  'When a lead first came to a stage. stage: id of the stage. Result: the instant; NULL if it never did. Errors: LD095.';
CREATE FUNCTION leads.journey_furthest(journey bytea, steps bigint[]) RETURNS integer
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_journey_furthest';
COMMENT ON FUNCTION leads.journey_furthest(bytea, bigint[]) IS
  'The furthest step that a lead ever reached; a win that was taken back does not count. steps: ids of stages in order, at most 32. Result: 1 = the first step; 0 = none. Errors: LD095, 22023, 54000 more than 32 steps.';
CREATE FUNCTION leads.journey_level(journey bytea, steps bigint[], within interval DEFAULT NULL, mode text DEFAULT 'cohort') RETURNS integer
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_journey_level';
COMMENT ON FUNCTION leads.journey_level(bytea, bigint[], interval, text) IS
  'How many steps a lead went. steps: ids of stages in order, at most 32; within: time limit in days or less, NULL = none; mode: cohort (the furthest step it reached, within so long after it began), strict (the longest chain of steps entered one after the other, the last so long after the first at most) or snapshot (the step that it is in, 0 = closed). Result: 0 to the number of steps; NULL of NULL. Errors: LD095, 22023, 54000 more than 32 steps.';
CREATE FUNCTION leads.journey_entries(journey bytea, OUT n integer, OUT at timestamptz, OUT kind text, OUT stage bigint, OUT owner bigint, OUT attempt integer)
  RETURNS SETOF record
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_journey_entries';
COMMENT ON FUNCTION leads.journey_entries(bytea) IS
  'The entries of a journey as rows. Result: n from 1; kind: entered, advanced (forward or back), won, lost, invalid (lost because it was no lead), reopened, reversed (a win taken back), handed (another owner) or moved (to another pipeline); stage: id, NULL of handed; owner: member from here on, 0 = in a pool; attempt: 1, and one more after each reopening. Errors: LD095.';
CREATE FUNCTION leads.journey_agg_step(state internal, at timestamptz, kind text, stage bigint, owner bigint) RETURNS internal
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_journey_agg_step';
COMMENT ON FUNCTION leads.journey_agg_step(internal, timestamptz, text, bigint, bigint) IS
  'Transition of aggregate journey_agg.';
CREATE FUNCTION leads.journey_agg_end(state internal) RETURNS bytea
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_journey_agg_end';
COMMENT ON FUNCTION leads.journey_agg_end(internal) IS
  'End of aggregate journey_agg.';
CREATE AGGREGATE leads.journey_agg(at timestamptz, kind text, stage bigint, owner bigint) (
  SFUNC = leads.journey_agg_step, STYPE = internal, FINALFUNC = leads.journey_agg_end, PARALLEL = SAFE);
COMMENT ON AGGREGATE leads.journey_agg(timestamptz, text, bigint, bigint) IS
  'A journey from rows of any table, in any order: a group is a lead. Rows of one instant are ordered by stage; the first one begins the journey whatever its kind. kind: as in journey_append; NULL = advanced; stage: a number; owner: NULL = nobody. Rows without an instant are left out. Result: bytes for the journey functions and funnel_agg; NULL without rows. Errors: 22023.';
CREATE FUNCTION leads.journey_append(journey bytea, at timestamptz, kind text, stage bigint, owner bigint) RETURNS bytea
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_journey_append';
COMMENT ON FUNCTION leads.journey_append(bytea, timestamptz, text, bigint, bigint) IS
  'A journey with one more entry, at its place in time. journey: NULL = a new one, which begins with an entry of kind entered; kind: entered, advanced, won, lost, reopened, handed, moved, as in event, invalid for one lost because it was no lead; stage: stage after it; owner: member after it, NULL = in a pool. Result: the journey; unchanged if the entry says nothing new. Errors: LD095, 22023.';
