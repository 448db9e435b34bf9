-- step 11: pairs that a person has told apart; collisions are read by time
CREATE TABLE @schema@.customer_distinct (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  low_id bigint NOT NULL REFERENCES @schema@.customer, --: the customer with the smaller id
  high_id bigint NOT NULL REFERENCES @schema@.customer, --: the other one
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000), --: why they are not one, in words
  decided_at timestamptz NOT NULL, --: when a person said so
  actor_id bigint, --: member that said so, NULL = system
  decision_id bigint NOT NULL, --: the decision
  until timestamptz, --: when either was renamed or got other contact points; NULL = it stands
  CHECK (low_id < high_id)
); --: pairs of customers that not_duplicate() told apart
CREATE UNIQUE INDEX customer_distinct_open ON @schema@.customer_distinct (low_id, high_id) WHERE until IS NULL;
CREATE INDEX customer_distinct_high ON @schema@.customer_distinct (high_id, low_id) WHERE until IS NULL;
CREATE INDEX event_collided ON @schema@.event (at) WHERE kind = 'collided';
