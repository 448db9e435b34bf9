CREATE FUNCTION leads.train_match(customers integer DEFAULT 1000,
    OUT version integer, OUT confirmed integer, OUT refused integer, OUT unjudged integer,
    OUT precision_before float8, OUT precision_after float8, OUT recall_before float8, OUT recall_after float8,
    OUT f1_before float8, OUT f1_after float8, OUT weights jsonb)
  RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_train_match';
COMMENT ON FUNCTION leads.train_match(integer) IS
  'Fit the weights of the duplicate check, of names and regions, to what people decided: pairs confirmed by merge() and by attaching what was queued, pairs refused by not_duplicate() and unmerge(); the 5000 newest of each. They are held near to the shipped weights. customers: with fewer than 20 confirmed or refused pairs, so many of the newest customers (at most 5000, 0 = none) are looked at for pairs that share a key, and the two kinds that they fall into (EM) count a little. The weights are kept as a draft of the match policy, which never rules; publish() its body to use it. Result: version of the draft (NULL: nothing changed), pairs used, accuracy of "likely or more" among the judged pairs by the rules of now and, by cross-validation, by the new weights (NULL: fewer than 5 confirmed or refused, or precision of none called), and the weights changed. Errors: LD004, LD005, LD008, LD010, 22023, 40001.';
