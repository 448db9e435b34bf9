-- step 12: merges and what each of them changed
CREATE TABLE @schema@.merge (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  survivor_id bigint NOT NULL REFERENCES @schema@.customer, --: customer that stays
  losers bigint[] NOT NULL CHECK (cardinality(losers) BETWEEN 1 AND 20), --: customers that became tombstones
  field_choices jsonb NOT NULL DEFAULT '{}', --: whose value of a field was asked for
  reason text NOT NULL CHECK (length(reason) <= 1000), --: why
  merged_at timestamptz NOT NULL, --: instant of the merge
  actor_id bigint, --: member that merged, NULL = system
  decision_id bigint NOT NULL, --: decision of the merge
  undone_at timestamptz, --: instant of the undo; NULL = it stands
  undo_actor_id bigint, --: member that undid it, NULL = system
  undo_reason text CHECK (length(undo_reason) <= 1000), --: why it was undone
  undo_decision_id bigint, --: decision of the undo
  CHECK ((undone_at IS NULL) = (undo_decision_id IS NULL)),
  CHECK (undone_at > merged_at)
); --: merges of customers; an undone one stays
CREATE INDEX merge_survivor ON @schema@.merge (survivor_id, id);
CREATE TABLE @schema@.merge_item (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key; in the order of the changes
  merge_id bigint NOT NULL REFERENCES @schema@.merge, --: which merge
  kind text NOT NULL CHECK (kind IN ('moved', 'field', 'made', 'ended', 'key', 'counter', 'tombstone', 'redirect')), --: moved: a row has another customer; field: overwritten; made: a new row; ended: an interval; key: taken from a loser; counter: difference of a count; tombstone: a loser; redirect: a tombstone of a loser
  object text NOT NULL, --: table
  row_id bigint NOT NULL, --: row of it; of customer_key the key
  field text, --: column
  value_before jsonb, --: what it was
  value_after jsonb --: what it became
); --: journal of merges, a row for each change; unmerge() reads it backwards
CREATE INDEX merge_item_merge ON @schema@.merge_item (merge_id, id);
CREATE INDEX merge_item_tombstone ON @schema@.merge_item (row_id) WHERE kind = 'tombstone';
CREATE INDEX merge_item_row ON @schema@.merge_item (object, row_id) WHERE kind IN ('moved', 'ended');
CREATE INDEX customer_merged_into ON @schema@.customer (merged_into) WHERE merged_into IS NOT NULL;

-- step 118: leads that turned out to be one
ALTER TABLE @schema@.lead ADD COLUMN merged_into bigint REFERENCES @schema@.lead CHECK (merged_into <> id); --: lead that it counts as since their customers were merged, NULL = itself
ALTER TABLE @schema@.lead ADD CONSTRAINT lead_merged_closed CHECK (merged_into IS NULL OR closed_at IS NOT NULL);
CREATE INDEX lead_merged_into ON @schema@.lead (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX merge_item_lead ON @schema@.merge_item (row_id, merge_id) WHERE object = 'lead' AND kind = 'field';
CREATE INDEX merge_merged_at ON @schema@.merge (merged_at);
CREATE INDEX merge_undone_at ON @schema@.merge (undone_at) WHERE undone_at IS NOT NULL;
