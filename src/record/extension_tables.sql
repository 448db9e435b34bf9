-- step 80: extensions that somebody must approve
CREATE TABLE @schema@.extension_request (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: whose protection is to last longer
  scope text NOT NULL DEFAULT '', --: scope of the ownership
  ownership_id bigint NOT NULL REFERENCES @schema@.ownership, --: interval that it was asked for; with that it ends
  days integer NOT NULL CHECK (days > 0), --: days asked for
  protected_until timestamptz NOT NULL, --: end of the protection when it was asked for
  reason text CHECK (length(reason) <= 1000), --: why
  asked_at timestamptz NOT NULL, --: when it was asked for
  asked_by bigint, --: member that asked, NULL = system
  decision_id bigint NOT NULL, --: decision of the request
  ruling text CHECK (ruling IN ('approved', 'refused')), --: NULL = waits while ownership.extension_id names it, else its interval ended first
  ruling_reason text CHECK (length(ruling_reason) <= 1000), --: why so
  ruled_at timestamptz, --: when it was decided
  ruled_by bigint, --: member that decided, NULL = system
  ruling_decision_id bigint, --: decision about it
  CHECK ((ruling IS NULL) = (ruled_at IS NULL))
); --: extensions that were asked for where the protection policy wants them approved
CREATE INDEX extension_request_customer ON @schema@.extension_request (customer_id, id);
ALTER TABLE @schema@.ownership ADD COLUMN extension_id bigint; --: extension that waits for approval; at the end of the protection it is held for a while
ALTER TABLE @schema@.ownership ADD COLUMN extension_due timestamptz; --: while it waits: the deadline that would stand if nobody had asked
