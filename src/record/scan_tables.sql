-- step 30: scans of whole tables for duplicates
CREATE TABLE @schema@.duplicate_scan (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  code text NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 100), --: name of the scan, chosen by its caller
  source text, --: table that is scanned, as the caller saw its name; NULL = the customers
  asked jsonb NOT NULL, --: columns, kind and least band that were asked for
  state text NOT NULL CHECK (state IN ('reading', 'comparing', 'grouping', 'finished')), --: what it is at, or was when it was broken off
  runs integer NOT NULL DEFAULT 1, --: calls that worked on it
  checksum bigint NOT NULL DEFAULT 0, --: of what was read, the rules included: what was compared counts only for the same
  row_count bigint NOT NULL DEFAULT 0, --: rows read
  pair_count bigint NOT NULL DEFAULT 0, --: pairs to compare
  done bigint NOT NULL DEFAULT 0, --: pairs compared
  found bigint NOT NULL DEFAULT 0, --: of these, matches
  clusters bigint NOT NULL DEFAULT 0, --: groups of duplicates
  listed bigint NOT NULL DEFAULT 0, --: rows in these groups
  actor_id bigint, --: member that started it, NULL = system
  session_role text NOT NULL, --: role that called
  started_at timestamptz NOT NULL, --: when it began
  progress_at timestamptz NOT NULL, --: when it last wrote how far it is
  finished_at timestamptz --: when the list was complete
); --: scans of whole tables for duplicates
CREATE TABLE @schema@.duplicate_pair (
  scan_id bigint NOT NULL REFERENCES @schema@.duplicate_scan, --: scan
  pair bigint NOT NULL, --: the two rows by their number in the scan, the smaller one times 2^28
  score integer NOT NULL, --: score in hundredths
  band smallint NOT NULL, --: 1 possible, 2 likely, 3 certain
  PRIMARY KEY (scan_id, pair)
); --: matches that an unfinished scan has found so far
CREATE TABLE @schema@.duplicate_found (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key, in the order of the list
  scan_id bigint NOT NULL REFERENCES @schema@.duplicate_scan, --: scan
  cluster bigint, --: group within the scan; NULL = a match between two groups, or a group and a row outside
  item text NOT NULL, --: id in the table that was scanned
  name text, --: its name
  matched text, --: id of the row it was compared with, the head of the group; NULL = this is the head
  band text, --: how sure
  score numeric, --: log-odds that the two are one
  shares jsonb --: what each feature gave
); --: what scans found
CREATE INDEX duplicate_found_scan ON @schema@.duplicate_found (scan_id, id);
