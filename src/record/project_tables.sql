-- step 65: projects: one project, one owner, whatever customer it is registered for
CREATE TABLE @schema@.project (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  key bigint NOT NULL UNIQUE, --: digest of the folded name: spellings of one name have one
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200), --: name as first registered: the scope of its ownership
  customer_id bigint NOT NULL REFERENCES @schema@.customer, --: customer that it was first registered for
  created_at timestamptz NOT NULL --: when
); --: projects, where the match policy says that the scope is the project
