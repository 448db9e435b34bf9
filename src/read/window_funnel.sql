CREATE FUNCTION leads.window_funnel_step(state internal, within interval, at timestamptz, step integer) RETURNS internal
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_window_funnel_step';
COMMENT ON FUNCTION leads.window_funnel_step(internal, interval, timestamptz, integer) IS
  'Transition of aggregate window_funnel.';
CREATE FUNCTION leads.window_funnel_mode_step(state internal, within interval, at timestamptz, step integer, mode text) RETURNS internal
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_window_funnel_step';
COMMENT ON FUNCTION leads.window_funnel_mode_step(internal, interval, timestamptz, integer, text) IS
  'Transition of aggregate window_funnel with a mode.';
CREATE FUNCTION leads.window_funnel_combine(state internal, other internal) RETURNS internal
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_window_funnel_combine';
COMMENT ON FUNCTION leads.window_funnel_combine(internal, internal) IS
  'Two states of aggregate window_funnel as one.';
CREATE FUNCTION leads.window_funnel_out(state internal) RETURNS bytea
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_window_funnel_out';
COMMENT ON FUNCTION leads.window_funnel_out(internal) IS
  'State of aggregate window_funnel as bytes.';
CREATE FUNCTION leads.window_funnel_in(state bytea, ignored internal) RETURNS internal
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_window_funnel_in';
COMMENT ON FUNCTION leads.window_funnel_in(bytea, internal) IS
  'State of aggregate window_funnel from bytes.';
CREATE FUNCTION leads.window_funnel_end(state internal) RETURNS integer
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_window_funnel_end';
COMMENT ON FUNCTION leads.window_funnel_end(internal) IS
  'End of aggregate window_funnel.';
CREATE AGGREGATE leads.window_funnel(within interval, at timestamptz, step integer) (
  SFUNC = leads.window_funnel_step, STYPE = internal, SSPACE = 128, FINALFUNC = leads.window_funnel_end, COMBINEFUNC = leads.window_funnel_combine,
  SERIALFUNC = leads.window_funnel_out, DESERIALFUNC = leads.window_funnel_in, PARALLEL = SAFE);
COMMENT ON AGGREGATE leads.window_funnel(interval, timestamptz, integer) IS
  'How many steps the longest chain of a group went, as ClickHouse''s windowFunnel: step 1, then 2, 3 and so on in time, the last so long after the first at most; what lies between does not matter. within: days or less, limit included; step: number of the step that a row is, 1 to 32, 0 or NULL = none. Rows of one instant go by step; rows without an instant are left out. Result: 0 to the number of steps. Errors: 22023, 54000 more than 32 steps.';
CREATE AGGREGATE leads.window_funnel(within interval, at timestamptz, step integer, mode text) (
  SFUNC = leads.window_funnel_mode_step, STYPE = internal, SSPACE = 128, FINALFUNC = leads.window_funnel_end, COMBINEFUNC = leads.window_funnel_combine,
  SERIALFUNC = leads.window_funnel_out, DESERIALFUNC = leads.window_funnel_in, PARALLEL = SAFE);
COMMENT ON AGGREGATE leads.window_funnel(interval, timestamptz, integer, text) IS
  'The same with modes, as in ClickHouse, separated by commas: strict_deduplication (a step that comes again ends the chain), strict_order (any other row between the steps ends it), strict_increase (each step later than the one before); default or NULL = none. Errors: 22023, 54000 more than 32 steps.';
