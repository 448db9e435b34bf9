-- row security stands behind for whoever is granted a base table; its owner, views and functions pass
ALTER TABLE @schema@.customer ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS leads_sight ON @schema@.customer;
CREATE POLICY leads_sight ON @schema@.customer
  USING ((SELECT leads.sees_all(@company@)) OR EXISTS (SELECT FROM @schema@.ownership o
    WHERE o.customer_id = customer.id AND o.until IS NULL
      AND (o.member_id = ANY ((SELECT leads.visible_members(@company@))::bigint[])
        OR o.id = ANY ((SELECT leads.visible_shared(@company@))::bigint[]))
      AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT leads.now()))));
ALTER TABLE @schema@.contact ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS leads_sight ON @schema@.contact;
CREATE POLICY leads_sight ON @schema@.contact
  USING ((SELECT leads.sees_all(@company@)) OR EXISTS (SELECT FROM @schema@.ownership o
    WHERE o.customer_id = contact.customer_id AND o.until IS NULL
      AND (o.member_id = ANY ((SELECT leads.visible_members(@company@))::bigint[])
        OR o.id = ANY ((SELECT leads.visible_shared(@company@))::bigint[]))
      AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT leads.now()))));
ALTER TABLE @schema@.contact_point ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS leads_sight ON @schema@.contact_point;
CREATE POLICY leads_sight ON @schema@.contact_point
  USING ((SELECT leads.sees_all(@company@)) OR EXISTS (SELECT FROM @schema@.ownership o
    WHERE o.customer_id = contact_point.customer_id AND o.until IS NULL
      AND (o.member_id = ANY ((SELECT leads.visible_members(@company@))::bigint[])
        OR o.id = ANY ((SELECT leads.visible_shared(@company@))::bigint[]))
      AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT leads.now()))));
ALTER TABLE @schema@.lead ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS leads_sight ON @schema@.lead;
CREATE POLICY leads_sight ON @schema@.lead
  USING ((SELECT leads.sees_all(@company@)) OR EXISTS (SELECT FROM @schema@.ownership o
    WHERE o.customer_id = lead.customer_id AND o.scope = lead.scope AND o.until IS NULL
      AND (o.member_id = ANY ((SELECT leads.visible_members(@company@))::bigint[])
        OR o.id = ANY ((SELECT leads.visible_shared(@company@))::bigint[]))
      AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT leads.now()))));
ALTER TABLE @schema@.activity ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS leads_sight ON @schema@.activity;
CREATE POLICY leads_sight ON @schema@.activity
  USING ((SELECT leads.sees_all(@company@)) OR EXISTS (SELECT FROM @schema@.lead l JOIN @schema@.ownership o
      ON o.customer_id = l.customer_id AND o.scope = l.scope
    WHERE l.id = activity.lead_id AND o.until IS NULL
      AND (o.member_id = ANY ((SELECT leads.visible_members(@company@))::bigint[])
        OR o.id = ANY ((SELECT leads.visible_shared(@company@))::bigint[]))
      AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT leads.now()))));
ALTER TABLE @schema@.ownership ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS leads_sight ON @schema@.ownership;
CREATE POLICY leads_sight ON @schema@.ownership
  USING ((SELECT leads.sees_all(@company@)) OR member_id = ANY ((SELECT leads.visible_members(@company@))::bigint[])
    OR id = ANY ((SELECT leads.visible_shared(@company@))::bigint[]));
ALTER TABLE @schema@.registration ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS leads_sight ON @schema@.registration;
CREATE POLICY leads_sight ON @schema@.registration
  USING ((SELECT leads.sees_all(@company@)) OR actor_id = ANY ((SELECT leads.visible_members(@company@))::bigint[]));
ALTER TABLE @schema@.customer_name ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS leads_sight ON @schema@.customer_name;
CREATE POLICY leads_sight ON @schema@.customer_name
  USING ((SELECT leads.sees_all(@company@)) OR EXISTS (SELECT FROM @schema@.ownership o
    WHERE o.customer_id = customer_name.customer_id AND o.until IS NULL
      AND (o.member_id = ANY ((SELECT leads.visible_members(@company@))::bigint[])
        OR o.id = ANY ((SELECT leads.visible_shared(@company@))::bigint[]))
      AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT leads.now()))));
ALTER TABLE @schema@.customer_key ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS leads_sight ON @schema@.customer_key;
CREATE POLICY leads_sight ON @schema@.customer_key
  USING ((SELECT leads.sees_all(@company@)) OR EXISTS (SELECT FROM @schema@.ownership o
    WHERE o.customer_id = customer_key.customer_id AND o.until IS NULL
      AND (o.member_id = ANY ((SELECT leads.visible_members(@company@))::bigint[])
        OR o.id = ANY ((SELECT leads.visible_shared(@company@))::bigint[]))
      AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT leads.now()))));
-- read by the functions alone
ALTER TABLE @schema@.lead_journey ENABLE ROW LEVEL SECURITY;
ALTER TABLE @schema@.journey_region ENABLE ROW LEVEL SECURITY;
ALTER TABLE @schema@.event ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS leads_sight ON @schema@.event;
CREATE POLICY leads_sight ON @schema@.event
  USING ((SELECT leads.sees_all(@company@)) OR actor_id = ANY ((SELECT leads.visible_members(@company@))::bigint[])
    OR EXISTS (SELECT FROM @schema@.ownership o
      WHERE o.customer_id = event.customer_id AND o.until IS NULL
        AND (o.member_id = ANY ((SELECT leads.visible_members(@company@))::bigint[])
        OR o.id = ANY ((SELECT leads.visible_shared(@company@))::bigint[]))
        AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT leads.now()))));
ALTER TABLE @schema@.decision ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS leads_sight ON @schema@.decision;
CREATE POLICY leads_sight ON @schema@.decision
  USING ((SELECT leads.sees_all(@company@)) OR actor_id = ANY ((SELECT leads.visible_members(@company@))::bigint[])
    OR EXISTS (SELECT FROM @schema@.ownership o
      WHERE o.customer_id = decision.customer_id AND o.until IS NULL
        AND (o.member_id = ANY ((SELECT leads.visible_members(@company@))::bigint[])
        OR o.id = ANY ((SELECT leads.visible_shared(@company@))::bigint[]))
        AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT leads.now()))));
