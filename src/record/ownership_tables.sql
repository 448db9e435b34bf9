-- step 7: ownership
CREATE TABLE @schema@.ownership (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: customer
  scope text NOT NULL DEFAULT '', --: '' = the whole customer, else product line or project
  member_id bigint REFERENCES @schema@.member, --: owner …
  pool_id bigint REFERENCES @schema@.pool, --: … or pool, never both
  since timestamptz NOT NULL, --: from this instant
  until timestamptz, --: to this one, exclusive; NULL = open
  protected_until timestamptz, --: end of the protection period; NULL = none
  next_due_at timestamptz, --: at this instant ownership lapses unless something moves it; NULL = never
  remind_at timestamptz, --: when the owner is to be reminded; NULL = sent or not wanted
  followed_at timestamptz, --: last effective follow-up in this interval
  lapse_pool_id bigint REFERENCES @schema@.pool, --: where it goes when it lapses
  policy_version integer, --: protection policy version it lives under
  extended_times integer NOT NULL DEFAULT 0, --: extensions granted
  extended_days integer NOT NULL DEFAULT 0, --: days granted by extensions
  exempt text CHECK (exempt IN ('won', 'locked')), --: why it does not lapse
  registration_id bigint, --: registration it goes back to
  cause text NOT NULL CHECK (cause IN ('registered', 'routed', 'claimed', 'assigned', 'released', 'lapsed', 'pooled', 'left', 'moved', 'merged', 'unmerged')), --: why it began
  end_cause text CHECK (end_cause IN ('registered', 'routed', 'claimed', 'assigned', 'released', 'lapsed', 'left', 'moved', 'merged', 'unmerged')), --: why it ended
  decision_id bigint NOT NULL, --: decision that began it
  end_decision_id bigint, --: decision that ended it
  recorded_at timestamptz NOT NULL, --: when the beginning was written down
  end_recorded_at timestamptz, --: when the end was written down
  CHECK ((member_id IS NULL) <> (pool_id IS NULL)),
  CHECK (until > since),
  CHECK ((until IS NULL) = (end_cause IS NULL)),
  CHECK (member_id IS NOT NULL OR next_due_at IS NULL),
  EXCLUDE USING gist (customer_id WITH =, scope WITH =, tstzrange(since, until) WITH &&)
) WITH (fillfactor = 85); --: who had which customer when; never overlapping, never a gap
CREATE UNIQUE INDEX ownership_open ON @schema@.ownership (customer_id, scope) WHERE until IS NULL;
CREATE INDEX ownership_due ON @schema@.ownership (next_due_at) WHERE until IS NULL AND next_due_at IS NOT NULL;
CREATE INDEX ownership_remind ON @schema@.ownership (remind_at) WHERE until IS NULL AND remind_at IS NOT NULL;
CREATE INDEX ownership_holder ON @schema@.ownership (coalesce(member_id, 0), id) WHERE until IS NULL;
CREATE INDEX ownership_member_due ON @schema@.ownership (member_id, next_due_at) WHERE until IS NULL AND next_due_at IS NOT NULL;
CREATE INDEX ownership_pooled ON @schema@.ownership (coalesce(pool_id, lapse_pool_id), coalesce(next_due_at, '-infinity'::timestamptz))
  WHERE until IS NULL AND (pool_id IS NOT NULL OR next_due_at IS NOT NULL);
-- step 62: a partner keeps its right as an organisation
ALTER TABLE @schema@.ownership ADD COLUMN partner_id bigint REFERENCES @schema@.partner; --: partner whose right it is, held for it by member_id; NULL = the owner's own
-- step 40: what a deadline is made of
ALTER TABLE @schema@.ownership ADD COLUMN policy_entry integer NOT NULL DEFAULT 0; --: entry of the protection policy, 0 = the document itself
ALTER TABLE @schema@.ownership ADD COLUMN protect_from timestamptz; --: where the protection began; before since if a merge carried it on
ALTER TABLE @schema@.ownership ADD COLUMN protect_base timestamptz; --: where the protection ends without pauses, if that is not what period and extensions give (extended after a grace)
ALTER TABLE @schema@.ownership ADD COLUMN due_by text CHECK (due_by IN ('protection_end', 'no_followup', 'no_first_contact', 'no_stage_progress', 'no_opportunity', 'no_deal', 'contract_end', 'owner_left', 'any', 'all')); --: condition that gives next_due_at
CREATE TABLE @schema@.pause (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: whose clocks of protection stand still
  since timestamptz NOT NULL, --: from this instant
  until timestamptz NOT NULL CHECK (until >= since), --: to this one, exclusive; as since: taken back before it began
  reason text CHECK (length(reason) <= 1000), --: why
  decision_id bigint NOT NULL, --: decision that made it
  recorded_at timestamptz NOT NULL, --: when it was written down
  actor_id bigint --: member that made it, NULL = system
); --: pauses of single customers; overlapping ones count once
CREATE INDEX pause_customer ON @schema@.pause (customer_id, since);
CREATE TABLE @schema@.contract (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: with whom
  scope text NOT NULL DEFAULT '', --: scope of the ownership
  ends_at timestamptz, --: end of the contract; NULL = there is none any more
  reason text CHECK (length(reason) <= 1000), --: words about it
  decision_id bigint NOT NULL, --: decision that made it
  recorded_at timestamptz NOT NULL, --: when it was written down; the newest row counts
  actor_id bigint --: member that made it, NULL = system
); --: ends of contracts, which condition contract_end counts from
CREATE INDEX contract_customer ON @schema@.contract (customer_id, scope, id);
-- step 119: a page of a pool is read in the order of two indexes, which answer alone
DROP INDEX @schema@.ownership_pooled;
CREATE INDEX ownership_pooled ON @schema@.ownership (pool_id, since, customer_id) INCLUDE (scope) WHERE until IS NULL AND pool_id IS NOT NULL;
DROP INDEX @schema@.ownership_due;
CREATE INDEX ownership_due ON @schema@.ownership (next_due_at, customer_id) INCLUDE (scope, lapse_pool_id) WHERE until IS NULL AND next_due_at IS NOT NULL;
