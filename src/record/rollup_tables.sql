-- step 105: rollups of the funnel
CREATE TABLE @schema@.rollup_cell (
  cut text NOT NULL CHECK (cut IN ('whole', 'channel', 'owner', 'region')), --: what the leads are told apart by
  month date NOT NULL, --: first day of the month in which they began, in the zone of rollup_state
  subject_id bigint NOT NULL DEFAULT 0, --: channel, owner (0 = none); 0 otherwise
  subject text NOT NULL DEFAULT '', --: region; empty = none
  cell bytea NOT NULL, --: what they count in each step, packed
  PRIMARY KEY (cut, month, subject_id, subject)
) WITH (fillfactor = 80); --: sums of journeys by month; figures are these and what lies in rollup_delta
CREATE TABLE @schema@.rollup_delta (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  lead_id bigint NOT NULL, --: lead
  entered_at timestamptz NOT NULL, --: when it began
  channel_id bigint NOT NULL, --: where it came from
  region_id integer, --: region of its customer in journey_region
  journey_before bytea, --: what counted of it until now; NULL = nothing
  journey_after bytea --: what counts from now on; NULL = nothing
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, vacuum_truncate = off, toast.vacuum_truncate = off); --: changes of journeys that are in no rollup_cell yet; tick() adds them up
CREATE TABLE @schema@.rollup_state (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key; there is one row
  built_at timestamptz, --: when all was counted last; NULL = the cells say nothing, journeys are read
  zone text NOT NULL, --: zone of the months
  steps text NOT NULL, --: which stage was which step
  last_at timestamptz --: latest instant that a cell knows of; figures of before come from journeys
); --: what the rollups were made with
