-- step 10: outbox, heartbeat, quarantine
CREATE TABLE @schema@.outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key; send in this order within a subject
  topic text NOT NULL, --: owned, reminder, lapsed, inquiry, won …
  subject text NOT NULL, --: what it is about: customer/17
  dedupe_key text NOT NULL, --: the same message is never written twice
  member_id bigint, --: recipient, NULL = whoever listens to the topic
  payload jsonb NOT NULL, --: facts for the message; never a phone or a mail address
  created_at timestamptz NOT NULL, --: when it was written
  effective_at timestamptz NOT NULL, --: the instant it speaks of
  UNIQUE (topic, subject, dedupe_key)
); --: messages for senders outside the database; at least once
CREATE TABLE @schema@.heartbeat (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  job text NOT NULL UNIQUE, --: name of the job
  started_at timestamptz NOT NULL, --: start of the last run
  finished_at timestamptz, --: end of the last run that finished
  settled bigint NOT NULL DEFAULT 0, --: customers settled by the last run
  reminded bigint NOT NULL DEFAULT 0, --: reminders written by the last run
  failed bigint NOT NULL DEFAULT 0 --: customers put in quarantine by the last run
); --: signs of life of the jobs
CREATE TABLE @schema@.quarantine (
  customer_id bigint PRIMARY KEY REFERENCES @schema@.customer, --: which customer could not be settled
  error_code text NOT NULL, --: SQLSTATE of the failure
  error_text text NOT NULL, --: its message
  failed_at timestamptz NOT NULL, --: when it last failed
  failures integer NOT NULL DEFAULT 1, --: how often
  retry_at timestamptz NOT NULL --: tick() leaves it alone until then
); --: customers that tick() could not settle; every other one goes on
