-- step 6: registrations
CREATE TABLE @schema@.registration (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key; ascending in lock order
  channel_id bigint NOT NULL REFERENCES @schema@.channel, --: where it came in
  request_key text CHECK (length(request_key) BETWEEN 1 AND 200), --: sender's key: the same key returns the first answer
  request_hash text, --: digest of the content sent under request_key
  actor_id bigint, --: member that registered, NULL = system
  session_role text NOT NULL, --: database role of the call
  submitted_at timestamptz NOT NULL, --: instant of the attempt
  payload jsonb NOT NULL, --: what was sent, cut at 64 kB
  name text, --: name as sent, cut at 200 characters
  scope text NOT NULL DEFAULT '', --: scope asked for
  outcome text NOT NULL CHECK (outcome IN ('created', 'pending', 'attached', 'returning', 'offered', 'queued', 'blocked', 'rejected')), --: answer at submit
  state text NOT NULL CHECK (state IN ('blocked', 'queued', 'offered', 'attached', 'returning', 'pending', 'approved', 'rejected', 'withdrawn', 'superseded')), --: state now
  reason text, --: code of the reason
  message text NOT NULL, --: answer in words
  customer_id bigint REFERENCES @schema@.customer, --: customer created or met
  lead_id bigint, --: lead created or continued
  owner_id bigint, --: owner told to the caller
  pool_id bigint, --: pool told to the caller
  protected_until timestamptz, --: end of protection told to the caller
  matches jsonb NOT NULL DEFAULT '[]', --: what was found, as shown to the caller
  decision_id bigint, --: why
  test boolean NOT NULL DEFAULT false, --: test data: its channel was for tests when it came
  UNIQUE (channel_id, request_key)
); --: every attempt to register, refused ones included
CREATE INDEX registration_customer ON @schema@.registration (customer_id, id);
CREATE INDEX registration_actor ON @schema@.registration (coalesce(actor_id, 0), id);
CREATE UNIQUE INDEX registration_one_pending ON @schema@.registration (customer_id, scope) WHERE state = 'pending';
-- step 61: registrations: who waits behind whom, what was decided, conflicts
ALTER TABLE @schema@.registration ADD COLUMN partner_id bigint REFERENCES @schema@.partner; --: partner that registered it, NULL = the company itself
ALTER TABLE @schema@.registration ADD COLUMN rival_id bigint REFERENCES @schema@.registration; --: queued: the one that it waits behind; blocked after that: the one that was approved
ALTER TABLE @schema@.registration ADD COLUMN resubmits_id bigint REFERENCES @schema@.registration; --: earlier attempt of the same registrant that had failed
ALTER TABLE @schema@.registration ADD COLUMN settled_at timestamptz; --: when the state last changed, NULL = as at submit
ALTER TABLE @schema@.registration ADD COLUMN settled_by bigint; --: member that decided, NULL = the system
ALTER TABLE @schema@.registration ADD COLUMN settle_reason text CHECK (length(settle_reason) <= 1000); --: why, in words
ALTER TABLE @schema@.registration ADD COLUMN settle_decision_id bigint; --: the decision, for explain()
CREATE INDEX registration_waiting ON @schema@.registration (customer_id, scope, id) WHERE state IN ('pending', 'queued');
CREATE TABLE @schema@.conflict (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  registration_id bigint NOT NULL REFERENCES @schema@.registration, --: registration that was blocked or queued, and whose registrant objects
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: customer that it met
  scope text NOT NULL DEFAULT '', --: scope asked for
  holder_id bigint, --: member that had the customer, or whose registration was first, when it was raised
  rival_id bigint REFERENCES @schema@.registration, --: registration of the holder, if it is known
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000), --: why the registrant objects
  raised_at timestamptz NOT NULL, --: when
  raised_by bigint, --: member that raised it, NULL = the system
  decision_id bigint NOT NULL, --: decision that raised it
  ruling text CHECK (ruling IN ('registrant', 'holder', 'both')), --: who keeps the right; both: they are two customers; NULL = open
  ruling_reason text CHECK (length(ruling_reason) BETWEEN 1 AND 1000), --: why
  ruled_at timestamptz, --: when
  ruled_by bigint, --: adjudicator, NULL = the system
  ruling_decision_id bigint, --: the decision
  granted_id bigint REFERENCES @schema@.registration, --: registration that was approved by the ruling
  CHECK ((ruling IS NULL) = (ruled_at IS NULL)),
  CHECK (ruling IS NULL OR ruling_reason IS NOT NULL)
); --: objections to a refusal (撞单仲裁), and their rulings
CREATE UNIQUE INDEX conflict_open ON @schema@.conflict (registration_id) WHERE ruling IS NULL;
CREATE INDEX conflict_customer ON @schema@.conflict (customer_id, scope, id);
