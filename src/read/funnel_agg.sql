CREATE FUNCTION leads.funnel_agg_step(state internal, journey bytea, steps bigint[], within interval, mode text) RETURNS internal
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_funnel_agg_step';
COMMENT ON FUNCTION leads.funnel_agg_step(internal, bytea, bigint[], interval, text) IS
  'Transition of aggregate funnel_agg.';
CREATE FUNCTION leads.funnel_agg_combine(state internal, other internal) RETURNS internal
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_funnel_agg_combine';
COMMENT ON FUNCTION leads.funnel_agg_combine(internal, internal) IS
  'Two states of aggregate funnel_agg as one.';
CREATE FUNCTION leads.funnel_agg_out(state internal) RETURNS bytea
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_funnel_agg_out';
COMMENT ON FUNCTION leads.funnel_agg_out(internal) IS
  'State of aggregate funnel_agg as bytes; also its result.';
CREATE FUNCTION leads.funnel_agg_in(state bytea, ignored internal) RETURNS internal
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_funnel_agg_in';
COMMENT ON FUNCTION leads.funnel_agg_in(bytea, internal) IS
  'State of aggregate funnel_agg from bytes.';
CREATE AGGREGATE leads.funnel_agg(journey bytea, steps bigint[], within interval, mode text) (
  SFUNC = leads.funnel_agg_step, STYPE = internal, FINALFUNC = leads.funnel_agg_out, COMBINEFUNC = leads.funnel_agg_combine,
  SERIALFUNC = leads.funnel_agg_out, DESERIALFUNC = leads.funnel_agg_in, PARALLEL = SAFE);
COMMENT ON AGGREGATE leads.funnel_agg(bytea, bigint[], interval, text) IS
  'A funnel over journeys. journey: as in lead_journey or from journey_agg, NULL is left out; steps: ids of stages in order, at most 32, the same in every row; within: time limit in days or less, NULL = none; mode: cohort (the furthest step ever, what was left out counts as passed; NULL = this), strict (only steps entered), flow (entries and what came of them) or snapshot (open ones by step). Result: bytes for funnel_steps(); NULL without a journey. Errors: LD095, 22023, 54000 more than 32 steps.';
CREATE FUNCTION leads.funnel_steps(state bytea, OUT step integer, OUT entered bigint, OUT advanced bigint, OUT lost_here bigint, OUT open_here bigint,
    OUT conversion_from_previous numeric, OUT conversion_overall numeric, OUT drop_off bigint, OUT drop_off_rate numeric, OUT mode text)
  RETURNS SETOF record
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_funnel_steps';
COMMENT ON FUNCTION leads.funnel_steps(bytea) IS
  'The result of funnel_agg or funnel_of_events as rows. Result: one row a step, entered = advanced + lost_here + open_here; rates from 0 to 1, NULL where there is nothing to divide by or the mode knows none. Errors: LD095.';
