CREATE FUNCTION leads.check_duplicate(name text, phone text DEFAULT NULL, contact text DEFAULT NULL, email text DEFAULT NULL,
    region text DEFAULT NULL, industry text DEFAULT NULL, amount numeric DEFAULT NULL, need text DEFAULT NULL,
    channel text DEFAULT 'manual', line text DEFAULT '', project text DEFAULT NULL, uscc text DEFAULT NULL,
    kind text DEFAULT 'company', by_member text DEFAULT NULL, extra jsonb DEFAULT '{}',
    OUT rank integer, OUT customer text, OUT band text, OUT score numeric, OUT shares jsonb, OUT state text, OUT owner text,
    OUT pool text, OUT protected_until timestamptz, OUT customer_id bigint, OUT outcome text, OUT reason text, OUT message text)
  RETURNS SETOF record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_check_duplicate';
COMMENT ON FUNCTION leads.check_duplicate(text, text, text, text, text, text, numeric, text, text, text, text, text, text, text, jsonb) IS
  'What register() would meet, without registering: advisory, takes no locks, writes nothing but the meter. Arguments as register(). Result: at most 5 customers, best first: name (masked unless the caller may see it), band, score and each feature''s share, in whose hands it is (own, owned, pool, pool_closed, unowned), owner or pool, end of protection, customer_id where it is not masked; the first row says what register() would answer. No row: created. Costs one of the member''s probe_quota of the day (match policy), whatever becomes of the transaction, and goes to the server log. Errors: LD001 (unknown channel), LD004, LD005, LD007, LD008, LD067 (none left today), 22023, 25006 (read-only transaction).';
CREATE FUNCTION leads.matches(customer_id bigint, scope text DEFAULT '',
    OUT rank integer, OUT match_id bigint, OUT customer text, OUT band text, OUT score numeric, OUT shares jsonb, OUT state text,
    OUT owner text, OUT pool text)
  RETURNS SETOF record
  LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_matches';
COMMENT ON FUNCTION leads.matches(bigint, text) IS
  'Live customers that the judge of identity calls possibly the same as a stored one, or more, those told apart by not_duplicate() left out. customer_id: one that the caller owns, or that lies in a pool it may see; bosses: any; scope: for state and owner. Result: at most 24, best first; match_id and the name in full only where the caller may see them. Errors: LD001 (no such customer, or not to be seen), LD004, LD005, LD008.';
CREATE FUNCTION leads.not_duplicate(a bigint, b bigint, reason text, by_member text DEFAULT NULL,
    OUT distinct_id bigint, OUT decision_id bigint) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_not_duplicate';
COMMENT ON FUNCTION leads.not_duplicate(bigint, bigint, text, text) IS
  'Say that two customers are not one; for bosses. a, b: the customers, in any order; reason: required, at most 1000 characters; by_member: member to act as. They are no matches of each other any more until the names, region or contact points of either change. Result: key of the pair; decision, both NULL if they stood apart already. Errors: LD001, LD002 (they are one), LD004, LD005, LD007, LD008, LD010.';
