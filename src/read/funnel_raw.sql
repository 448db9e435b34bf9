CREATE FUNCTION leads.funnel_of_events_step(state internal, lead_id bigint, at timestamptz, stage bigint, steps bigint[], within interval, mode text) RETURNS internal
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_funnel_of_events_step';
COMMENT ON FUNCTION leads.funnel_of_events_step(internal, bigint, timestamptz, bigint, bigint[], interval, text) IS
  'Transition of aggregate funnel_of_events.';
CREATE FUNCTION leads.funnel_of_kinds_step(state internal, lead_id bigint, at timestamptz, kind text, stage bigint, steps bigint[], within interval, mode text) RETURNS internal
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_funnel_of_kinds_step';
COMMENT ON FUNCTION leads.funnel_of_kinds_step(internal, bigint, timestamptz, text, bigint, bigint[], interval, text) IS
  'Transition of aggregate funnel_of_events with kinds.';
CREATE FUNCTION leads.funnel_of_events_end(state internal) RETURNS bytea
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_funnel_of_events_end';
COMMENT ON FUNCTION leads.funnel_of_events_end(internal) IS
  'End of aggregate funnel_of_events.';
CREATE AGGREGATE leads.funnel_of_events(lead_id bigint, at timestamptz, stage bigint, steps bigint[], within interval, mode text) (
  SFUNC = leads.funnel_of_events_step, STYPE = internal, SSPACE = 1048576, FINALFUNC = leads.funnel_of_events_end,
  FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE);
COMMENT ON AGGREGATE leads.funnel_of_events(bigint, timestamptz, bigint, bigint[], interval, text) IS
  'A funnel over rows of any table, in any order, in one pass: a row says that a lead came to a stage. Rows of one instant go by the position of their stage; a row without lead, instant or stage is left out. steps: stages in order, at most 32, the same in every row; within: time limit in days or less, NULL = none; mode: as funnel_agg, NULL = cohort. What does not fit in work_mem goes to a temporary file. Result: bytes for funnel_steps(), as funnel_agg gives of the journeys of the same rows; NULL without a row. Errors: 22023, 54000 more than 32 steps.';
CREATE AGGREGATE leads.funnel_of_events(lead_id bigint, at timestamptz, kind text, stage bigint, steps bigint[], within interval, mode text) (
  SFUNC = leads.funnel_of_kinds_step, STYPE = internal, SSPACE = 1048576, FINALFUNC = leads.funnel_of_events_end,
  FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE);
COMMENT ON AGGREGATE leads.funnel_of_events(bigint, timestamptz, text, bigint, bigint[], interval, text) IS
  'The same over rows that say how they leave the lead. kind: entered, advanced, reopened, moved or NULL (it is in that stage), won, lost, invalid (lost, too; stage may be NULL) or handed (left out), as in event. Result: bytes for funnel_steps(); NULL without a row. Errors: 22023, 54000 more than 32 steps.';
