-- step 71: what a follow-up was, whose help the owner has, an ownership that a late entry gave back
ALTER TABLE @schema@.activity ADD COLUMN seconds integer CHECK (seconds >= 0); --: connected for so long; NULL = not known
ALTER TABLE @schema@.activity ADD COLUMN automatic boolean NOT NULL DEFAULT false; --: true: a program wrote it, nobody did it
ALTER TABLE @schema@.ownership ADD COLUMN counts_from timestamptz; --: where its conditions count from, if that is before since: a late follow-up gave the customer back
ALTER TABLE @schema@.ownership DROP CONSTRAINT ownership_cause_check;
ALTER TABLE @schema@.ownership ADD CONSTRAINT ownership_cause_check CHECK (cause IN ('registered', 'routed', 'claimed', 'assigned', 'released', 'lapsed', 'pooled', 'left', 'moved', 'merged', 'unmerged', 'revived'));
ALTER TABLE @schema@.ownership DROP CONSTRAINT ownership_end_cause_check;
ALTER TABLE @schema@.ownership ADD CONSTRAINT ownership_end_cause_check CHECK (end_cause IN ('registered', 'routed', 'claimed', 'assigned', 'released', 'lapsed', 'left', 'moved', 'merged', 'unmerged', 'revived'));
CREATE TABLE @schema@.collaborator (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: customer
  scope text NOT NULL DEFAULT '', --: scope of the ownership
  member_id bigint NOT NULL REFERENCES @schema@.member, --: who helps the owner
  level text NOT NULL CHECK (level IN ('read', 'work')), --: read: sees the customer with its contacts; work: also logs follow-ups and moves leads
  since timestamptz NOT NULL, --: from this instant
  until timestamptz, --: to this one, exclusive; NULL = for as long as the customer is in somebody's hands
  reason text CHECK (length(reason) <= 1000), --: why
  actor_id bigint, --: member that entered it, NULL = system
  decision_id bigint NOT NULL, --: decision that made it
  recorded_at timestamptz NOT NULL, --: when it was written down
  CHECK (until >= since),
  EXCLUDE USING gist (customer_id WITH =, scope WITH =, member_id WITH =, tstzrange(since, until) WITH &&)
); --: who works along with an owner; a right ends when the customer falls to a pool, whatever stands here
CREATE INDEX collaborator_member ON @schema@.collaborator (member_id, customer_id);
