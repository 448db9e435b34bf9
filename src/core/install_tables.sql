-- step 1: settings, versions and grants of one company
CREATE TABLE @schema@.settings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (id = 1), --: always 1: one row a company
  lang text NOT NULL CHECK (lang IN ('zh', 'en')), --: language of messages and reasons
  simulation boolean NOT NULL, --: true: writes are allowed while leads.clock is set; never for a company that works for real
  zone text NOT NULL, --: business time zone: days, months and quotas are counted in it
  norm_v integer NOT NULL, --: version of the folding and key rules that the stored keys follow
  installed_at timestamptz NOT NULL, --: when install() first made this company
  installed_by text NOT NULL --: role that called install() first
); --: one row: how this company was installed
CREATE TABLE @schema@.schema_version (
  step integer PRIMARY KEY, --: number of the table step
  title text NOT NULL, --: what the step makes
  library text NOT NULL, --: version of pg_leads that ran it
  applied_at timestamptz NOT NULL --: when it ran
); --: table steps of install() that have run here
CREATE TABLE @schema@.access_grant (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  role_name text NOT NULL CHECK (role_name <> ''), --: database role that holds the profile
  profile text NOT NULL CHECK (profile IN ('owner', 'admin', 'manager', 'rep', 'app', 'bi', 'sender', 'partner')), --: what the role may do in this company
  granted_by text NOT NULL, --: role that granted it
  granted_at timestamptz NOT NULL, --: when
  UNIQUE (role_name, profile)
); --: who holds which profile; written by grant_access() and revoke_access(), re-applied by install()
