-- step 5: decisions
CREATE TABLE @schema@.decision (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  kind text NOT NULL, --: which call decided: register, claim, release, lapse …
  verdict text NOT NULL, --: what came out
  customer_id bigint REFERENCES @schema@.customer, --: customer it is about
  lead_id bigint, --: lead it is about
  scope text NOT NULL DEFAULT '', --: scope of the ownership
  actor_id bigint, --: member that acted, NULL = system
  session_role text NOT NULL, --: database role of the call
  decided_at timestamptz NOT NULL, --: instant of the decision
  recorded_at timestamptz NOT NULL, --: when it was written down
  policies jsonb NOT NULL DEFAULT '{}', --: versions used: {"match": 1, "routing": 4}
  evidence jsonb NOT NULL DEFAULT '[]' --: steps: [{"step", "verdict", "code", "args"}]; explain() reads them out
); --: every decision with the evidence for it
CREATE INDEX decision_customer ON @schema@.decision (customer_id, id);
