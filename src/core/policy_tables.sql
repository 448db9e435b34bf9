-- step 2: policy versions
CREATE TABLE @schema@.policy (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  kind text NOT NULL CHECK (kind IN ('match', 'routing', 'protection', 'pipeline')), --: what the document rules
  key text NOT NULL DEFAULT '' CHECK (length(key) <= 100), --: which one of its kind; '' is the company's default
  version integer NOT NULL CHECK (version > 0), --: counts up within kind and key
  status text NOT NULL CHECK (status IN ('draft', 'published')), --: drafts are for back-tests only
  body jsonb NOT NULL CHECK (jsonb_typeof(body) = 'object'), --: the document; API.md gives a complete example of each kind
  active_from timestamptz, --: first instant at which it rules; NULL for a draft
  active_until timestamptz, --: first instant at which it no longer rules; NULL = open
  created_at timestamptz NOT NULL, --: when it was written
  created_by text NOT NULL, --: database role that wrote it
  actor_id bigint, --: member that wrote it, NULL = system
  UNIQUE (kind, key, version),
  CHECK ((status = 'published') = (active_from IS NOT NULL)),
  CHECK (active_until > active_from),
  EXCLUDE USING gist (kind WITH =, key WITH =, tstzrange(active_from, active_until) WITH &&) WHERE (status = 'published')
); --: immutable versions of the rules; a decision names the version it used
-- step 41: calendars are policies, too
ALTER TABLE @schema@.policy DROP CONSTRAINT policy_kind_check;
ALTER TABLE @schema@.policy ADD CONSTRAINT policy_kind_check CHECK (kind IN ('match', 'routing', 'protection', 'pipeline', 'calendar'));
