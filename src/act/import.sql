CREATE FUNCTION leads.import_stage(batch text, rows_json jsonb, channel text DEFAULT NULL, mapping jsonb DEFAULT NULL,
    schema_name text DEFAULT NULL) RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_import_stage';
COMMENT ON FUNCTION leads.import_stage(text, jsonb, text, jsonb, text) IS
  'Stage rows for an import; nothing is registered yet. batch: a name of your choice, more rows may be added under it; rows_json: an array of objects whose keys are columns of import_row, others go to extra; channel: where they come in (default: import, or what the batch has); mapping: {"header": "column"}; schema_name: data schema. Result: rows staged. For owner, admin and manager. Errors: LD001 (unknown channel), LD002 (the batch has another channel), LD004, LD005, LD007, LD008, LD010, 22023, 22P02 (row_no).';
CREATE FUNCTION leads.import_suggest_mapping(headers text[], OUT header text, OUT argument text, OUT certainty text)
  RETURNS SETOF record
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_import_suggest_mapping';
COMMENT ON FUNCTION leads.import_suggest_mapping(text[]) IS
  'Which column of import_row a Chinese or English header of a spreadsheet means. Result, a row a header in the order given: header, argument (extra if it means none, or one that is taken), certainty: exact, part or none. Errors: LD007 (over 1000 headers).';
CREATE FUNCTION leads.import_preview(batch text, compared integer DEFAULT 1000, problems integer DEFAULT 20, schema_name text DEFAULT NULL,
    OUT item text, OUT n bigint, OUT row_no bigint, OUT code text, OUT column_name text, OUT value text, OUT message text)
  RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_import_preview';
COMMENT ON FUNCTION leads.import_preview(text, integer, integer, text) IS
  'What import_commit() would meet; writes nothing. compared: so many good rows are compared with the stored customers, 0 to 100000; problems: so many bad rows are listed, 0 to 10000; schema_name: data schema. Result: rows of item and n: rows, bad, equal_in_file (same full name or USCC as an earlier row), compared, and of those certain, likely, possible, new; then the first bad rows: item problem, row_no, code, column_name, value, message. For owner, admin and manager. Errors: LD001, LD004, LD005, LD008, 22023.';
CREATE PROCEDURE leads.import_commit(batch text, mode text DEFAULT 'skip_bad', chunk integer DEFAULT 2000, prefer text DEFAULT 'first', schema_name text DEFAULT NULL)
  LANGUAGE c
  AS 'MODULE_PATHNAME', 'leads_import_commit';
COMMENT ON PROCEDURE leads.import_commit(text, text, integer, text, text) IS
  'Register the staged rows of a batch that have no outcome yet, in order. Commits after each chunk, which keeps single registrations waiting for less than a second; broken off, it goes on when called again; done, it does nothing. mode: skip_bad keeps bad rows with their reason, all_or_nothing imports in one transaction of at most 10000 rows or refuses all; update_by_id and update_by_key change customers that are there (customer_id of the row, or the one customer that it certainly is) and register nothing; chunk: most rows a chunk, 1 to 10000; prefer: which of several rows about one company counts, first or latest; schema_name: data schema. Inside a transaction block everything is one transaction. For owner, admin and manager. Errors: LD001, LD002 (bad rows, all_or_nothing), LD004, LD005, LD007, LD008, LD010, 0A000 (not READ COMMITTED), 22023 (mode, chunk, prefer), 55P03 (somebody kept the gate or a customer locked; call again).';
CREATE FUNCTION leads.import_report(batch text, only_problems boolean DEFAULT false, schema_name text DEFAULT NULL,
    OUT row_no bigint, OUT outcome text, OUT code text, OUT column_name text, OUT value text, OUT message text,
    OUT customer_id bigint, OUT matched text, OUT registration_id bigint)
  RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_import_report';
COMMENT ON FUNCTION leads.import_report(text, boolean, text) IS
  'What became of each staged row. only_problems: leave out created and returning; schema_name: data schema. Result, in order of rows: row_no, outcome (staged: none yet; updated, unchanged, repeated in the modes that update), code, column_name and value of a bad row (phones and mail addresses masked), message, customer_id of what was made or changed, matched: ids of the customers it met, best first, *** for who does not see everything, registration_id. For owner, admin and manager. Errors: LD001, LD004, LD005, LD008.';
