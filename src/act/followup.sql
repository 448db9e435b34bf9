CREATE FUNCTION leads.log_activity(lead_id bigint, kind text, note text DEFAULT NULL, occurred_at timestamptz DEFAULT NULL,
    by_member text DEFAULT NULL, seconds integer DEFAULT NULL, automatic boolean DEFAULT false,
    OUT activity_id bigint, OUT effective boolean, OUT reason text, OUT next_due_at timestamptz, OUT decision_id bigint)
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_log_activity';
COMMENT ON FUNCTION leads.log_activity(bigint, text, text, timestamptz, text, integer, boolean) IS
  'Write down what was done for a lead; an effective follow-up moves the deadline of its owner. kind: call, visit, mail, wechat, meeting, demo or note; note: up to 8000 characters; occurred_at: when it happened (default: now); by_member: for whom, where the caller may act for others; seconds: connected for so long; automatic: a program made it, so it does not count. Result: activity_id, effective, reason (code of why it does not count), next_due_at (deadline now), decision_id. Errors: LD001 unknown lead, LD004, LD005 without lead or kind, LD006 in the future or entered too late, LD007, LD032 (a late entry would give back a customer too many), LD050 not the owner, 22023 unknown kind, seconds beyond a day.';
