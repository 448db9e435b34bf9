-- step 13: import: batches, staged rows, results
CREATE TABLE @schema@.import_batch (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  code text NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 100), --: name of the batch, as in import_row.batch
  channel_id bigint NOT NULL REFERENCES @schema@.channel, --: channel its rows come in through
  mode text CHECK (mode IN ('skip_bad', 'all_or_nothing')), --: mode of the last commit
  state text NOT NULL DEFAULT 'staged' CHECK (state IN ('staged', 'running', 'committed')), --: running: a commit is under way or was broken off and may be called again
  total bigint NOT NULL DEFAULT 0, --: rows staged when the last commit began
  done bigint NOT NULL DEFAULT 0, --: rows that have an outcome
  created bigint NOT NULL DEFAULT 0, --: of these, new customers or new leads
  duplicates bigint NOT NULL DEFAULT 0, --: of these, met a customer: attached, offered, queued, blocked
  rejected bigint NOT NULL DEFAULT 0, --: of these, bad rows
  gate_ms integer NOT NULL DEFAULT 0, --: longest time that a chunk kept single registrations waiting
  created_at timestamptz NOT NULL, --: when the batch was made
  started_at timestamptz, --: when the first commit began
  progress_at timestamptz, --: end of the last chunk
  finished_at timestamptz --: when no row was left
); --: batches of bulk import
CREATE TABLE @schema@.import_row (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key; the first of two equal rows wins
  batch text NOT NULL CHECK (length(batch) BETWEEN 1 AND 100), --: name of the batch
  row_no bigint, --: row in the sender's file; NULL: counted in the order of arrival
  name text, --: argument of register(), as are the columns below
  phone text, --: phone
  contact text, --: contact person
  email text, --: mail address
  region text, --: region
  industry text, --: industry
  amount text, --: expected amount; thousands separators and a currency sign are allowed
  need text, --: what the customer wants
  line text, --: product line
  project text, --: project
  uscc text, --: unified social credit code
  kind text, --: company or person; NULL: company
  owner text, --: code of the member that owned it; NULL: rules decide
  created_by text, --: code of the member that first recorded it; NULL: the owner
  created_at text, --: when it was first recorded: 2024-01-31, 2024/1/31 10:20; NULL: now
  extra jsonb --: further fields, an object
); --: staged rows: COPY or leads.import_stage() writes them, leads.import_commit() registers them
CREATE INDEX import_row_batch ON @schema@.import_row (batch, id);
CREATE TABLE @schema@.import_result (
  row_id bigint PRIMARY KEY, --: row of import_row
  registration_id bigint NOT NULL, --: the registration it became
  outcome text NOT NULL, --: outcome of the registration
  code text, --: code of the reason
  column_name text, --: column at fault of a bad row
  value text --: what it held, cut at 200 characters; phones and mail addresses masked
) WITH (fillfactor = 100); --: what became of each staged row
-- step 36: import: updates of customers
ALTER TABLE @schema@.import_row ADD COLUMN customer_id text; --: customer to be changed, for mode update_by_id
ALTER TABLE @schema@.import_batch ADD COLUMN updated bigint NOT NULL DEFAULT 0; --: of these, changed a customer
ALTER TABLE @schema@.import_batch DROP CONSTRAINT import_batch_mode_check;
ALTER TABLE @schema@.import_batch ADD CONSTRAINT import_batch_mode_check CHECK (mode IN ('skip_bad', 'all_or_nothing', 'update_by_id', 'update_by_key'));
CREATE TABLE @schema@.import_update (
  row_id bigint PRIMARY KEY, --: row of import_row
  batch text NOT NULL, --: its batch
  customer_id bigint, --: customer it is about, if one was found
  outcome text NOT NULL CHECK (outcome IN ('updated', 'unchanged', 'repeated', 'rejected')), --: repeated: another row of the batch was about the same customer
  code text, --: code of the reason
  column_name text, --: column at fault of a bad row
  value text, --: what it held, cut at 200 characters; phones and mail addresses masked
  message text NOT NULL, --: the reason in words, or the fields changed
  matched bigint[] NOT NULL DEFAULT '{}', --: customers it might have been, best first; 0: not shown to the importer
  decision_id bigint --: why
); --: what became of each staged row in the modes that update customers
CREATE INDEX import_update_customer ON @schema@.import_update (customer_id) WHERE customer_id IS NOT NULL;
