-- what lapses next; as the views of read/faces
CREATE OR REPLACE VIEW @schema@.due WITH (security_barrier) AS
WITH eye AS MATERIALIZED (SELECT leads.now() AS instant)
SELECT
  o.customer_id AS customer_id, --: key of the customer
  o.scope AS scope, --: scope of the ownership
  c.name AS customer, --: name of the customer
  m.code AS owner, --: member that owns it
  o.next_due_at AS due_at, --: it lapses at this instant unless something moves it
  o.due_by AS due_by, --: condition of the protection policy that gives the instant
  o.protected_until AS protected_until, --: end of the protection
  o.followed_at AS followed_at, --: last effective follow-up of the owner
  o.lapse_pool_id AS lapse_pool_id, --: pool it would go to
  o.policy_version AS policy_version, --: protection policy version it lives under
  o.deadline_at AS deadline_at, --: where release waits for a notice (min_notice): the deadline; due_at is then infinity until its owner was told
  o.noticed_at AS noticed_at, --: when its owner was told of that deadline
  o.id AS ownership_id --: key of the interval
FROM leads.visible_holdings(@company@) v
JOIN @schema@.ownership o ON o.member_id = v.member_id AND o.id BETWEEN v.low_id AND v.high_id
JOIN @schema@.customer c ON c.id = o.customer_id
JOIN @schema@.member m ON m.id = o.member_id
WHERE o.until IS NULL AND o.next_due_at > (SELECT e.instant FROM eye e); --: deadlines of what the caller may see
-- what owners were told; of what the caller may see now
CREATE OR REPLACE VIEW @schema@.notice_list WITH (security_barrier) AS
WITH eye AS MATERIALIZED (SELECT leads.now() AS instant)
SELECT
  n.customer_id AS customer_id, --: key of the customer
  n.scope AS scope, --: scope of the ownership
  c.name AS customer, --: name of the customer
  m.code AS owner, --: who was told
  n.due_at AS due_at, --: deadline that it is about
  n.ahead AS ahead, --: how long before: 3 days, 4 hours
  n.notify_at AS notify_at, --: instant at which it fell due
  n.state AS state, --: sent, collapsed (a more urgent one had fallen due before it was sent) or superseded (the deadline moved before)
  n.recorded_at AS recorded_at --: when it was sent, or dropped
FROM leads.visible_holdings(@company@) v
JOIN @schema@.ownership o ON o.member_id = v.member_id AND o.id BETWEEN v.low_id AND v.high_id
JOIN @schema@.notice n ON n.ownership_id = o.id
JOIN @schema@.customer c ON c.id = n.customer_id
JOIN @schema@.member m ON m.id = n.member_id
WHERE o.until IS NULL AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT e.instant FROM eye e)); --: notices about the intervals that run, of what the caller may see
