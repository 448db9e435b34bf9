-- step 72: notices before a deadline, a row each; a release that waits for one
CREATE TABLE @schema@.notice (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  ownership_id bigint NOT NULL REFERENCES @schema@.ownership, --: interval that it is about
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: customer of the interval
  scope text NOT NULL DEFAULT '', --: scope of the ownership
  member_id bigint NOT NULL REFERENCES @schema@.member, --: owner who is told
  due_at timestamptz NOT NULL, --: deadline that it is about: another deadline has notices of its own
  ahead text NOT NULL, --: how long before: 3 days, 4 hours
  notify_at timestamptz NOT NULL, --: instant at which it fell due
  state text NOT NULL CHECK (state IN ('sent', 'collapsed', 'superseded')), --: sent; collapsed: a more urgent one had fallen due before it was sent; superseded: the deadline moved before it was sent
  recorded_at timestamptz NOT NULL, --: when it was sent, or dropped
  UNIQUE (ownership_id, due_at, ahead)
); --: what owners were told before a deadline, each once
CREATE INDEX notice_customer ON @schema@.notice (customer_id, notify_at);
ALTER TABLE @schema@.ownership ADD COLUMN deadline_at timestamptz; --: with min_notice: the deadline; next_due_at is then the release, infinity while its owner was not told
ALTER TABLE @schema@.ownership ADD COLUMN noticed_at timestamptz; --: with min_notice: when its owner was told of deadline_at
