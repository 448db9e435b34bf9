-- step 9: events
CREATE TABLE @schema@.event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: whose history
  lead_id bigint, --: lead, if it is about one
  scope text NOT NULL DEFAULT '', --: scope of the ownership
  kind text NOT NULL, --: registered, entered, advanced, won, lost, reopened, owned, pooled, lapsed, released, claimed, assigned, extended, followed, reminded, collided, parted, edited, merged, unmerged
  at timestamptz NOT NULL, --: effective instant; one mutation, one instant: order by (at, id)
  recorded_at timestamptz NOT NULL, --: when it was written down
  actor_id bigint, --: member that did it, NULL = system
  owner_id bigint, --: owner after the event, NULL = none
  pool_id bigint, --: pool after the event, NULL = none
  from_stage_id bigint, --: stage before
  to_stage_id bigint, --: stage after
  attempt integer, --: attempt of the lead
  amount numeric(20,4), --: amount at that instant
  decision_id bigint, --: why
  data jsonb --: what else belongs to it
); --: append-only history; the truth that funnels are computed from
CREATE INDEX event_customer ON @schema@.event (customer_id, at);
CREATE INDEX event_lead ON @schema@.event (lead_id, at) WHERE lead_id IS NOT NULL;
CREATE INDEX event_entered ON @schema@.event (at) WHERE kind = 'entered';
CREATE INDEX event_claimed ON @schema@.event (owner_id, at) WHERE kind = 'claimed';
-- step 116: losses are read by time
CREATE INDEX event_lost ON @schema@.event (at) WHERE kind = 'lost';
