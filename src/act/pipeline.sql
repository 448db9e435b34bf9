CREATE FUNCTION leads.advance(INOUT lead_id bigint, INOUT stage text, reason text DEFAULT NULL,
    expected_version integer DEFAULT NULL, by_member text DEFAULT NULL,
    OUT label text, OUT row_version integer, OUT owner text, OUT next_due_at timestamptz, OUT decision_id bigint)
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_advance';
COMMENT ON FUNCTION leads.advance(bigint, text, text, integer, text) IS
  'Move a lead to another open stage, forward or back. stage: code of the stage; reason: why, required for a move back unless the policy says otherwise; expected_version: row_version that the caller saw; by_member: for whom, where the caller may act for others. Result: lead_id, stage, label, row_version, owner, next_due_at, decision_id. Errors: LD001 unknown lead, LD002 closed or not allowed (the hint names what is), LD003, LD004, LD005, LD007, LD050 not the owner, 22023 unknown stage.';
CREATE FUNCTION leads.win(INOUT lead_id bigint, amount numeric DEFAULT NULL,
    expected_version integer DEFAULT NULL, by_member text DEFAULT NULL,
    OUT stage text, OUT label text, OUT row_version integer, OUT owner text, OUT next_due_at timestamptz, OUT decision_id bigint)
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_win';
COMMENT ON FUNCTION leads.win(bigint, numeric, integer, text) IS
  'Close a lead as won; its customer stays with its owner and no longer lapses. amount: what it was won for (default: the amount it has); other arguments and result as advance(). Errors: LD001, LD002 closed already, LD003, LD004, LD005, LD050, 22003 amount too large, 22023 negative amount.';
CREATE FUNCTION leads.lose(INOUT lead_id bigint, reason text, note text DEFAULT NULL,
    expected_version integer DEFAULT NULL, by_member text DEFAULT NULL,
    OUT stage text, OUT label text, OUT row_version integer, OUT owner text, OUT next_due_at timestamptz, OUT decision_id bigint)
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_lose';
COMMENT ON FUNCTION leads.lose(bigint, text, text, integer, text) IS
  'Close a lead as lost. reason: a code of the pipeline policy (price, competitor, no_budget, no_need, no_answer, other, and spam, wrong_number, test for what was no lead: figures leave it out); note: words about it, required for other; further arguments and result as advance(). Errors: LD001, LD002 closed already, LD003, LD004, LD005 without reason, or other without a note, LD007, LD050, 22023 unknown reason.';
CREATE FUNCTION leads.reopen(INOUT lead_id bigint, INOUT stage text DEFAULT NULL, reason text DEFAULT NULL,
    expected_version integer DEFAULT NULL, by_member text DEFAULT NULL,
    OUT label text, OUT row_version integer, OUT owner text, OUT next_due_at timestamptz, OUT decision_id bigint)
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_reopen';
COMMENT ON FUNCTION leads.reopen(bigint, text, text, integer, text) IS
  'Open a won or lost lead again, as a new attempt; the old close stays in its history, a win is taken back. stage: open stage to begin at (default: the first); reason: why; further arguments and result as advance(). Errors: LD001, LD002 still open, or the stage closes, LD003, LD004, LD007, LD050, 22023 unknown stage.';
CREATE FUNCTION leads.edit_lead(INOUT lead_id bigint, amount numeric DEFAULT NULL, need text DEFAULT NULL,
    line text DEFAULT NULL, project text DEFAULT NULL, expected_on date DEFAULT NULL, extra jsonb DEFAULT NULL,
    clear_fields text[] DEFAULT NULL, expected_version integer DEFAULT NULL, by_member text DEFAULT NULL,
    OUT stage text, OUT label text, OUT row_version integer, OUT owner text, OUT next_due_at timestamptz, OUT decision_id bigint)
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_edit_lead';
COMMENT ON FUNCTION leads.edit_lead(bigint, numeric, text, text, text, date, jsonb, text[], integer, text) IS
  'Change fields of a lead; NULL leaves a field as it is. amount, need, line, project, expected_on: new values; extra: keys put on top of those there; clear_fields: names of fields to empty; further arguments and result as advance() (decision_id NULL: nothing changed). Errors: LD001, LD002 line or project where they decide the owner, LD003, LD004, LD006, LD007, LD050, 22003, 22023.';
