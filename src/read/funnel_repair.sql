-- who reads it is asked inside the function, which runs with the reader's rights
CREATE OR REPLACE VIEW @schema@.funnel WITH (security_barrier) AS
SELECT
  f.segment, --: all: the whole company
  f.position, --: 1 = first step; key with segment
  f.stage, --: code of the stage
  f.label, --: name of the stage
  f.entered, --: leads that reached it or a later one; entered = advanced + lost_here + open_here
  f.advanced, --: of these, went further; at the last step all
  f.lost_here, --: of these, lost, and this was the furthest
  f.open_here, --: of these, open, and this is the furthest
  f.conversion_from_previous, --: entered / entered of the step before; NULL at the first and where nobody entered
  f.conversion_overall, --: entered / entered of the first step
  f.drop_off, --: entered - advanced: lost or still open
  f.drop_off_rate, --: drop_off / entered
  f.median_hours, --: median of hours spent here by those that left
  f.p90_hours, --: nine of ten took at most so many hours
  f.as_of, --: instant it was counted for
  f.mode --: counting rule: cohort, each lead once by the furthest stage it reached
FROM leads.funnel(schema_name => (SELECT n.nspname::text FROM @schema@.settings s
  JOIN pg_catalog.pg_class c ON c.oid = s.tableoid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace)) f; --: leads of all time through the stages, one row a stage; leads.funnel() cuts it by period, channel, owner or region
