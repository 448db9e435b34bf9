-- keys follow what rekey() wrote
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.key_state
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.key_frequency
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE VIEW @schema@.key_progress WITH (security_barrier) AS
SELECT
  k.generation AS generation, --: frequencies in use; 0 = the shipped ones
  k.phase AS phase, --: steady, building (further keys are written), dropping (keys of before are removed)
  s.norm_v AS norm_v, --: version of the folding and key rules that stored keys follow
  k.total AS total, --: customers when the last rekey() began
  k.done AS done, --: customers done in this phase
  k.changed AS changed, --: customers whose keys became other ones
  k.runs AS runs, --: calls that worked on it
  k.started_at AS started_at, --: when the last rekey() began
  k.progress_at AS progress_at, --: end of the last batch
  k.finished_at AS finished_at --: when it was complete
FROM @schema@.key_state k
CROSS JOIN @schema@.settings s
WHERE (SELECT leads.sees_all(@company@)); --: how far rekey() is
