-- step 4: customers, their names, contacts, contact points and keys
CREATE TABLE @schema@.customer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key; also the handle everywhere
  kind text NOT NULL CHECK (kind IN ('company', 'person')), --: company or person
  name text CHECK (length(name) BETWEEN 1 AND 200), --: name as registered; a person may have none
  core text, --: the distinctive part of the name (字号), folded
  region text, --: most specific region known, official spelling
  city text, --: city part of the region
  industry text, --: industry as given, else read from the name
  level text, --: grade, free text
  tags text[] NOT NULL DEFAULT '{}', --: labels
  extra jsonb NOT NULL DEFAULT '{}', --: further fields
  status text NOT NULL DEFAULT 'live' CHECK (status IN ('live', 'merged', 'deleted')), --: merged: a tombstone that redirects
  merged_into bigint REFERENCES @schema@.customer, --: the survivor, if merged
  created_at timestamptz NOT NULL, --: when the customer was first registered
  created_by bigint, --: member that registered it, NULL = system
  last_event_at timestamptz NOT NULL, --: instant of the last thing that happened; events of one customer are strictly ordered
  CHECK ((status = 'merged') = (merged_into IS NOT NULL)),
  CHECK (kind = 'person' OR name IS NOT NULL)
) WITH (fillfactor = 90); --: identities that are deduplicated
CREATE TABLE @schema@.customer_name (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: whose
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200), --: the name
  kind text NOT NULL CHECK (kind IN ('former', 'short', 'merged', 'alias')) --: why it is kept
); --: further names under which a customer is found
CREATE INDEX customer_name_customer ON @schema@.customer_name (customer_id, id);
CREATE TABLE @schema@.contact (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: whose
  name text CHECK (length(name) <= 200), --: name of the person
  title text CHECK (length(title) <= 200), --: position
  created_at timestamptz NOT NULL --: when it was recorded
); --: people at a customer
CREATE INDEX contact_customer ON @schema@.contact (customer_id, id);
CREATE TABLE @schema@.contact_point (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: whose
  contact_id bigint REFERENCES @schema@.contact, --: the person, if known
  kind text NOT NULL CHECK (kind IN ('phone', 'email', 'uscc')), --: what it is
  raw text NOT NULL CHECK (length(raw) BETWEEN 1 AND 400), --: as typed
  norm text, --: normalised; NULL if it is not valid
  weak boolean NOT NULL DEFAULT false, --: shared by many (hotline, free mail): no evidence
  strong_key text, --: the value, where it may stand only once in the company (USCC of a company, mobile of a person)
  created_at timestamptz NOT NULL, --: when it was recorded
  UNIQUE (kind, strong_key)
); --: phones, mail addresses and USCC of customers
CREATE INDEX contact_point_customer ON @schema@.contact_point (customer_id, id);
CREATE TABLE @schema@.customer_key (
  key bigint NOT NULL, --: 64-bit key
  customer_id bigint NOT NULL, --: who is found under it; no foreign key: ten checks a registration for rows that only the keeper writes
  kind smallint NOT NULL, --: sort of key, as in src/lib/keys.h
  PRIMARY KEY (key, customer_id)
); --: what the duplicate check looks up; rows are inserted and deleted, never updated
CREATE INDEX customer_key_customer ON @schema@.customer_key (customer_id);
-- step 25: keys and customers in one number, in two columns by kind: three rows a name, not nine, and indexes that answer alone
DROP TABLE @schema@.customer_key;
CREATE TABLE @schema@.customer_key (
  customer_id bigint NOT NULL, --: who is found under them; no foreign key: checks a registration for rows that only the keeper writes
  key_a bigint, --: a rare pair of characters of the name: 24 bits of its key, 8 of the place, 32 of the customer
  key_b bigint, --: any other key: 32 bits, 32 of the customer
  nr smallint NOT NULL, --: number of the row
  PRIMARY KEY (customer_id, nr)
); --: what the duplicate check looks up; install() writes it anew if it is empty; rows are inserted and deleted, never updated; the two keys of a row have nothing to do with each other
CREATE INDEX customer_key_a ON @schema@.customer_key (key_a) WHERE key_a IS NOT NULL;
CREATE INDEX customer_key_b ON @schema@.customer_key (key_b) WHERE key_b IS NOT NULL;
-- step 64: deleted customers are remembered by their keys
CREATE TABLE @schema@.former_key (
  key bigint NOT NULL, --: 64-bit key, whole
  customer_id bigint NOT NULL, --: deleted customer that was found under it
  PRIMARY KEY (key, customer_id)
); --: keys of deleted customers: who registers one again does not escape its cool-down
CREATE INDEX former_key_customer ON @schema@.former_key (customer_id);
CREATE TABLE @schema@.customer_former (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: customer that was registered again
  former_id bigint NOT NULL REFERENCES @schema@.customer, --: deleted one that it was likely the same as
  UNIQUE (customer_id, former_id)
); --: deleted customers that came back as new ones
-- step 90: what comes for a customer that is there waits for its owner's word
ALTER TABLE @schema@.contact ADD COLUMN state text NOT NULL DEFAULT 'confirmed' CHECK (state IN ('confirmed', 'unconfirmed', 'refused')); --: unconfirmed: somebody else than the owner sent it; only confirmed ones are compared
ALTER TABLE @schema@.contact_point ADD COLUMN state text NOT NULL DEFAULT 'confirmed' CHECK (state IN ('confirmed', 'unconfirmed', 'refused')); --: unconfirmed: somebody else than the owner sent it; the customer is found by confirmed ones alone
