-- step 8: leads, activities
CREATE TABLE @schema@.lead (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: whose inquiry or deal
  scope text NOT NULL DEFAULT '', --: scope of the ownership it belongs to
  stage_id bigint NOT NULL REFERENCES @schema@.stage, --: stage now
  stage_since timestamptz NOT NULL, --: in this stage since
  attempt integer NOT NULL DEFAULT 1 CHECK (attempt > 0), --: 1, and one more after each reopening
  channel_id bigint NOT NULL REFERENCES @schema@.channel, --: where it came from
  registration_id bigint, --: registration it began with
  line text NOT NULL DEFAULT '' CHECK (length(line) <= 200), --: product line
  project text CHECK (length(project) <= 200), --: project name
  need text CHECK (length(need) <= 4000), --: what the customer wants
  amount numeric(20,4) CHECK (amount >= 0), --: expected amount
  expected_on date, --: expected close
  closed_at timestamptz, --: won or lost at
  close_reason text CHECK (length(close_reason) <= 200), --: reason of the loss
  close_note text CHECK (length(close_note) <= 4000), --: words about it
  created_at timestamptz NOT NULL, --: when the lead began
  created_by bigint, --: member that registered it, NULL = system
  first_owner_id bigint, --: first owner, NULL = began in a pool
  imported boolean NOT NULL DEFAULT false, --: history taken over from elsewhere
  test boolean NOT NULL DEFAULT false, --: test data: it began through a channel for tests
  invalid boolean NOT NULL DEFAULT false, --: lost for a reason that says it was no lead: spam, a wrong number
  row_version integer NOT NULL DEFAULT 1, --: counts changes; expected_version is compared with it
  extra jsonb NOT NULL DEFAULT '{}' --: further fields
) WITH (fillfactor = 85); --: inquiries and deals
-- id before scope: leads of one customer come in the order that pages want, so no size of the table makes a walk over all look as cheap
CREATE INDEX lead_customer ON @schema@.lead (customer_id, id, scope);
CREATE TABLE @schema@.activity (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  lead_id bigint NOT NULL REFERENCES @schema@.lead, --: about which lead
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: of which customer
  kind text NOT NULL CHECK (kind IN ('call', 'visit', 'mail', 'wechat', 'meeting', 'demo', 'note', 'inquiry')), --: what was done
  note text CHECK (length(note) <= 8000), --: what came of it
  occurred_at timestamptz NOT NULL, --: when it happened
  recorded_at timestamptz NOT NULL, --: when it was written down
  author_id bigint, --: member, NULL = system
  effective boolean NOT NULL, --: counts as a follow-up
  ineffective_reason text --: code of why not
); --: follow-ups and other contacts
CREATE INDEX activity_lead ON @schema@.activity (lead_id, occurred_at);
CREATE INDEX activity_customer ON @schema@.activity (customer_id, occurred_at);

-- step 117: an amount is a number
-- NaN >= 0 is true
ALTER TABLE @schema@.lead ADD CONSTRAINT lead_amount_number CHECK (amount < 'Infinity');
