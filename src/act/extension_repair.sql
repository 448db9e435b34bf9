-- extensions that wait; filtered as view due
CREATE OR REPLACE VIEW @schema@.extension_list WITH (security_barrier) AS
WITH eye AS MATERIALIZED (SELECT leads.now() AS instant)
SELECT
  x.id AS extension_id, --: key, for approve_extension() and refuse_extension()
  o.customer_id AS customer_id, --: customer, after merges
  o.scope AS scope, --: scope of the ownership
  c.name AS customer, --: name of the customer
  m.code AS owner, --: member that owns it
  x.days AS days, --: days asked for
  x.reason AS reason, --: why
  x.asked_at AS asked_at, --: when it was asked for
  a.code AS asked_by, --: member that asked; NULL = the system
  o.protected_until AS protected_until, --: end of the protection that the days are added to
  o.extension_due AS deadline, --: the deadline that would stand if nobody had asked
  o.next_due_at AS held_until --: it lapses at this instant if nobody decides
FROM leads.visible_owners(@company@) v(member_id)
JOIN @schema@.ownership o ON o.member_id = v.member_id
JOIN @schema@.extension_request x ON x.id = o.extension_id
JOIN @schema@.customer c ON c.id = o.customer_id
JOIN @schema@.member m ON m.id = o.member_id
LEFT JOIN @schema@.member a ON a.id = x.asked_by
WHERE o.until IS NULL AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT e.instant FROM eye e)); --: extensions that wait for approval, of what the caller may see
