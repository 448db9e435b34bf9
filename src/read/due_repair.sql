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
  o.policy_version AS policy_version --: protection policy version it lives under
FROM leads.visible_holdings(@company@) v
JOIN @schema@.ownership o ON o.member_id = v.member_id AND o.id BETWEEN v.low_id AND v.high_id
JOIN @schema@.customer c ON c.id = o.customer_id
JOIN @schema@.member m ON m.id = o.member_id
WHERE o.until IS NULL AND o.next_due_at > (SELECT e.instant FROM eye e); --: deadlines of what the caller may see
