CREATE FUNCTION leads.rollup_step(state internal, funnel bytea) RETURNS internal
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_rollup_step';
COMMENT ON FUNCTION leads.rollup_step(internal, bytea) IS
  'Transition of aggregate rollup.';
CREATE FUNCTION leads.rollup_combine(state internal, other internal) RETURNS internal
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_rollup_combine';
COMMENT ON FUNCTION leads.rollup_combine(internal, internal) IS
  'Two states of aggregate rollup as one.';
CREATE FUNCTION leads.rollup_out(state internal) RETURNS bytea
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_rollup_out';
COMMENT ON FUNCTION leads.rollup_out(internal) IS
  'State of aggregate rollup as bytes; also its result.';
CREATE FUNCTION leads.rollup_in(state bytea, ignored internal) RETURNS internal
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_rollup_in';
COMMENT ON FUNCTION leads.rollup_in(bytea, internal) IS
  'State of aggregate rollup from bytes.';
CREATE AGGREGATE leads.rollup(funnel bytea) (
  SFUNC = leads.rollup_step, STYPE = internal, FINALFUNC = leads.rollup_out, COMBINEFUNC = leads.rollup_combine,
  SERIALFUNC = leads.rollup_out, DESERIALFUNC = leads.rollup_in, PARALLEL = SAFE);
COMMENT ON AGGREGATE leads.rollup(bytea) IS
  'Results of funnel_agg or funnel_of_events added up, each lead in one of them. funnel: bytes, all of the same mode and steps; NULL is left out. Result: bytes for funnel_steps(); NULL without one. Errors: LD095, 22023, 22003.';
