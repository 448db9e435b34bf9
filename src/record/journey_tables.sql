-- step 70: journeys
CREATE TABLE @schema@.lead_journey (
  lead_id bigint PRIMARY KEY, --: lead
  entered_at timestamptz NOT NULL, --: when the lead began
  journey bytea NOT NULL, --: its stages and owners, packed; long ones lie out of line
  channel_id integer NOT NULL, --: where it came from
  first_owner_id integer, --: first owner, NULL = began in a pool
  creator_id integer, --: member that registered it, NULL = system
  region_id integer --: region of its customer in journey_region, NULL = none
) WITH (fillfactor = 90, toast_tuple_target = 512); --: the history of each lead in one narrow row; follows from event
CREATE TABLE @schema@.journey_region (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (id <= 2147483647), --: key
  region text NOT NULL --: region as its customers have it; who writes at the same time may give it two numbers, and nobody waits
); --: numbers of regions, so that rows of lead_journey are narrow; none is ever taken away
CREATE INDEX journey_region_text ON @schema@.journey_region USING hash (region);
CREATE INDEX lead_journey_entered ON @schema@.lead_journey USING brin (entered_at) WITH (pages_per_range = 16, autosummarize = on);
CREATE TABLE @schema@.journey_run (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  started_at timestamptz NOT NULL, --: when it began
  finished_at timestamptz, --: NULL = it was broken off and goes on with the next call
  after_id bigint NOT NULL DEFAULT 0, --: leads up to this one are done
  written bigint NOT NULL DEFAULT 0 --: journeys that were missing or differed
); --: runs of rebuild_journeys(); funnels read journeys once a run is finished
INSERT INTO @schema@.journey_run (started_at, finished_at)
  SELECT clock_timestamp(), clock_timestamp() WHERE NOT EXISTS (SELECT FROM @schema@.lead);
