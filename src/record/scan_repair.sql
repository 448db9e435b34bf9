-- what a scan found is written by scan_duplicates() only
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.duplicate_scan
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.duplicate_pair
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.duplicate_found
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE VIEW @schema@.duplicate_progress WITH (security_barrier) AS
SELECT
  s.code AS scan, --: name of the scan
  s.source AS source, --: table that is scanned; NULL = the customers
  s.state AS state, --: reading, comparing, grouping, finished
  s.row_count AS row_count, --: rows read
  s.pair_count AS pair_count, --: pairs to compare
  s.done AS done, --: pairs compared
  CASE WHEN s.pair_count > 0 THEN round(100.0 * s.done / s.pair_count, 1) END AS percent, --: of the pairs compared
  s.found AS found, --: matching pairs so far
  s.clusters AS clusters, --: groups of duplicates
  s.listed AS listed, --: rows in duplicate_list
  s.runs AS runs, --: calls that worked on it
  s.started_at AS started_at, --: when it began
  s.progress_at AS progress_at, --: when it last wrote how far it is
  s.finished_at AS finished_at --: when the list was complete
FROM @schema@.duplicate_scan s
WHERE (SELECT leads.sees_all(@company@)); --: how far each scan for duplicates is
CREATE OR REPLACE VIEW @schema@.duplicate_list WITH (security_barrier) AS
SELECT
  s.code AS scan, --: name of the scan
  d.cluster AS cluster, --: group; NULL = a match between two groups, or a group and a row outside
  d.item AS item, --: id in the table that was scanned
  d.name AS name, --: its name
  d.matched AS matched, --: id of the row it was compared with, the head of the group; NULL = this is the head
  d.band AS band, --: certain, likely, possible
  d.score AS score, --: log-odds that the two are one
  d.shares AS shares --: what each feature gave
FROM @schema@.duplicate_scan s
JOIN @schema@.duplicate_found d ON d.scan_id = s.id
WHERE s.state = 'finished' AND (SELECT leads.sees_all(@company@)); --: groups of duplicates that finished scans found
