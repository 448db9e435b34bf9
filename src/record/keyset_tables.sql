-- step 31: the rules that stored keys follow
CREATE TABLE @schema@.key_state (
  one boolean PRIMARY KEY CHECK (one), --: there is one row
  generation integer NOT NULL, --: frequencies that keys are looked up by, a row of key_frequency; 0 = the shipped ones
  next_generation integer, --: those that rekey() is about to go over to; new customers get both keys
  phase text NOT NULL CHECK (phase IN ('steady', 'building', 'dropping')), --: building: further keys are being written; dropping: keys of before are being removed
  whole boolean NOT NULL DEFAULT false, --: the keys are of another version of the library: nobody registers until they are written anew
  runs integer NOT NULL DEFAULT 0, --: calls of rekey() that worked on it
  after_id bigint NOT NULL DEFAULT 0, --: customers up to this id are done in this phase
  total bigint NOT NULL DEFAULT 0, --: customers when it began
  done bigint NOT NULL DEFAULT 0, --: customers done in this phase
  changed bigint NOT NULL DEFAULT 0, --: customers whose keys became other ones
  started_at timestamptz, --: when the last rekey() began
  progress_at timestamptz, --: end of the last batch
  finished_at timestamptz --: when it was complete
); --: by which rules customers are found, and how far rekey() is
INSERT INTO @schema@.key_state (one, generation, phase) VALUES (true, 0, 'steady');
CREATE TABLE @schema@.key_frequency (
  generation integer PRIMARY KEY, --: generation of keys
  names bigint NOT NULL, --: names it was counted over
  frequencies bytea NOT NULL, --: 65536 bytes, eight times log2 of the names in a million that have what falls into the slot
  made_at timestamptz NOT NULL --: when it was counted
); --: how common characters and pairs of them are among the names of this company
