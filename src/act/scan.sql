CREATE FUNCTION leads.find_duplicates(source regclass DEFAULT NULL, name_column text DEFAULT NULL, phone_column text DEFAULT NULL,
    contact_column text DEFAULT NULL, email_column text DEFAULT NULL, region_column text DEFAULT NULL,
    uscc_column text DEFAULT NULL, id_column text DEFAULT NULL, kind text DEFAULT 'company',
    least_band text DEFAULT 'likely', schema_name text DEFAULT NULL,
    OUT cluster bigint, OUT id text, OUT name text, OUT matched_id text, OUT band text, OUT score numeric, OUT shares jsonb)
  RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_find_duplicates';
COMMENT ON FUNCTION leads.find_duplicates(regclass, text, text, text, text, text, text, text, text, text, text) IS
  'Groups of rows of a whole table that are one customer. source: any table or view that the caller may read, NULL = the live customers of the company; name_column (default name) and so on: its columns, NULL = it has none; id_column: default its primary key; kind: company or person, what the rows of source are; least_band: certain, likely or possible; schema_name: data schema, whose match policy judges. Result: a row a member of a group, group by group, the head first: cluster, id, name, then the head''s id, band, score and each feature''s share; last, without cluster, the best match between two groups, or a group and a row outside, that clearly differ in others of their rows. Pairs of not_duplicate() are never together. For owner, admin and manager. Errors: LD004, LD005 (id_column), LD008, 22023, 42501, 42703, 42P01, 54000.';
CREATE PROCEDURE leads.scan_duplicates(scan text, source regclass DEFAULT NULL, name_column text DEFAULT NULL,
    phone_column text DEFAULT NULL, contact_column text DEFAULT NULL, email_column text DEFAULT NULL,
    region_column text DEFAULT NULL, uscc_column text DEFAULT NULL, id_column text DEFAULT NULL, kind text DEFAULT 'company',
    least_band text DEFAULT 'likely', again boolean DEFAULT false, schema_name text DEFAULT NULL)
  LANGUAGE c
  AS 'MODULE_PATHNAME', 'leads_scan_duplicates';
COMMENT ON PROCEDURE leads.scan_duplicates(text, regclass, text, text, text, text, text, text, text, text, text, boolean, text) IS
  'find_duplicates() with a list that stays, in view duplicate_list; how far it is stands in view duplicate_progress. scan: a name of your choice; again: scan anew what is finished already; the others as find_duplicates(). Commits about every second; broken off, it goes on when called again with the same arguments; finished, it does nothing. Inside a transaction block it is one transaction. For owner, admin and manager. Errors: LD002 (started with other arguments, or taken over by another call), LD004, LD005, LD007, LD008, LD010, 22023, 42501, 42703, 42P01, 54000.';
CREATE FUNCTION leads.forget_scan(scan text, schema_name text DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_forget_scan';
COMMENT ON FUNCTION leads.forget_scan(text, text) IS
  'Remove a scan of scan_duplicates() and its list. scan: its name; schema_name: data schema. For owner, admin and manager. Errors: LD001, LD004, LD005, LD008, LD010.';
