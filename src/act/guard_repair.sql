-- direct changes that only the functions may make; user-added columns are not listed and stay free
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.customer
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF id, kind, core, status, merged_into, created_at, created_by, last_event_at ON @schema@.customer
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.registration
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF id, channel_id, request_key, request_hash, actor_id, session_role, submitted_at,
    payload, name, scope, outcome, state, reason, message, customer_id, lead_id, owner_id, pool_id,
    protected_until, matches, decision_id, partner_id, rival_id, resubmits_id, settled_at, settled_by, settle_reason,
    settle_decision_id, test ON @schema@.registration
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.ownership
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF id, customer_id, scope, member_id, pool_id, since, until, protected_until, next_due_at, remind_at,
    followed_at, lapse_pool_id, policy_version, policy_entry, protect_from, protect_base, due_by, extended_times, extended_days, exempt, registration_id,
    cause, end_cause, decision_id, end_decision_id, recorded_at, end_recorded_at, partner_id, counts_from, deadline_at, noticed_at, extension_id, extension_due ON @schema@.ownership
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.extension_request
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.pause
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.notice
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.collaborator
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.contract
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.lead
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF id, customer_id, scope, stage_id, stage_since, attempt, channel_id, registration_id, line, project,
    closed_at, close_reason, close_note, created_at, created_by, first_owner_id, imported, test, invalid, row_version, merged_into ON @schema@.lead
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.activity
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF id, lead_id, customer_id, kind, note, occurred_at, recorded_at, author_id, effective,
    ineffective_reason, seconds, automatic ON @schema@.activity
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.event
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF id, customer_id, lead_id, scope, kind, at, recorded_at, actor_id, owner_id, pool_id, from_stage_id,
    to_stage_id, attempt, amount, decision_id, data ON @schema@.event
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.lead_journey
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF lead_id, entered_at, journey, channel_id, first_owner_id, creator_id, region_id ON @schema@.lead_journey
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.journey_region
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.journey_run
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.decision
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF id, kind, verdict, customer_id, lead_id, scope, actor_id, session_role, decided_at, recorded_at,
    policies, evidence ON @schema@.decision
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.outbox
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF id, topic, subject, dedupe_key, member_id, payload, created_at, effective_at ON @schema@.outbox
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.customer_key
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF customer_id, nr, key_a, key_b ON @schema@.customer_key
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.merge
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.merge_item
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.project
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.former_key
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.customer_former
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.conflict
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.customer_distinct
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF id, low_id, high_id, reason, decided_at, actor_id, decision_id, until ON @schema@.customer_distinct
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.member_counter
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF member_id, held, last_assigned_at, given_since, given, closed ON @schema@.member_counter
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @schema@.rule_counter
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.policy
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF id, kind, key, version, status, body, active_from, active_until, created_at, created_by, actor_id ON @schema@.policy
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.access_grant
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF id, role_name, profile, granted_by, granted_at ON @schema@.access_grant
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.settings
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF id, lang, simulation, zone, norm_v, installed_at, installed_by ON @schema@.settings
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard BEFORE INSERT OR DELETE OR TRUNCATE ON @schema@.schema_version
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF step, title, library, applied_at ON @schema@.schema_version
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF virtual_time, turn_no ON @schema@.ring
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_update BEFORE UPDATE OF pass, last_turn, seated ON @schema@.ring_seat
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_truncate BEFORE TRUNCATE ON @schema@.contact
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_truncate BEFORE TRUNCATE ON @schema@.contact_point
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
CREATE OR REPLACE TRIGGER leads_guard_truncate BEFORE TRUNCATE ON @schema@.customer_name
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();
-- deadlines follow the rows that come and go
CREATE OR REPLACE TRIGGER leads_guard_truncate BEFORE TRUNCATE ON @schema@.absence
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard();

-- what customers are found by: changed freely, keyed anew
CREATE OR REPLACE TRIGGER leads_guard_gate BEFORE UPDATE OF name, region, city ON @schema@.customer
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard_gate();
CREATE OR REPLACE TRIGGER leads_guard_rekey AFTER UPDATE OF name, region, city ON @schema@.customer
  FOR EACH ROW EXECUTE FUNCTION leads.guard_rekey();
CREATE OR REPLACE TRIGGER leads_guard_gate BEFORE INSERT OR UPDATE OR DELETE ON @schema@.contact_point
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard_gate();
CREATE OR REPLACE TRIGGER leads_guard_rekey AFTER INSERT OR UPDATE OR DELETE ON @schema@.contact_point
  FOR EACH ROW EXECUTE FUNCTION leads.guard_rekey();
CREATE OR REPLACE TRIGGER leads_guard_gate BEFORE INSERT OR UPDATE OR DELETE ON @schema@.customer_name
  FOR EACH STATEMENT EXECUTE FUNCTION leads.guard_gate();
CREATE OR REPLACE TRIGGER leads_guard_rekey AFTER INSERT OR UPDATE OR DELETE ON @schema@.customer_name
  FOR EACH ROW EXECUTE FUNCTION leads.guard_rekey();
CREATE OR REPLACE TRIGGER leads_guard_point BEFORE INSERT OR UPDATE ON @schema@.contact_point
  FOR EACH ROW EXECUTE FUNCTION leads.guard_point();
CREATE OR REPLACE TRIGGER leads_guard_home BEFORE INSERT OR UPDATE OF customer_id ON @schema@.contact
  FOR EACH ROW EXECUTE FUNCTION leads.guard_home();
CREATE OR REPLACE TRIGGER leads_guard_home BEFORE INSERT OR UPDATE OF customer_id ON @schema@.contact_point
  FOR EACH ROW EXECUTE FUNCTION leads.guard_home();
CREATE OR REPLACE TRIGGER leads_guard_home BEFORE INSERT OR UPDATE OF customer_id ON @schema@.customer_name
  FOR EACH ROW EXECUTE FUNCTION leads.guard_home();
