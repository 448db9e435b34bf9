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
  UNIQUE (channel_id, request_key)
); --: every attempt to register, refused ones included
CREATE INDEX registration_customer ON @schema@.registration (customer_id, id);
CREATE INDEX registration_actor ON @schema@.registration (coalesce(actor_id, 0), id);
CREATE UNIQUE INDEX registration_one_pending ON @schema@.registration (customer_id, scope) WHERE state = 'pending';
