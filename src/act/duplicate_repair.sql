CREATE OR REPLACE VIEW @schema@.collision WITH (security_barrier) AS
WITH eye AS MATERIALIZED (SELECT leads.sees_all(@company@) AS everything,
  leads.visible_members(@company@) AS members)
SELECT
  e.id AS id, --: key of the event
  e.at AS at, --: when they met
  coalesce(r.outcome, e.data ->> 'as', 'renamed') AS outcome, --: what register() answered: blocked, queued or offered; claimed: claimed, and likely the same as another customer; renamed: a direct change made it equal to another customer
  coalesce(e.data ->> 'band', 'certain') AS band, --: how sure the judge of identity was: possible, likely or certain
  (e.data ->> 'score')::numeric AS score, --: score in log-odds; NULL if renamed
  r.id AS registration_id, --: the attempt; NULL if renamed or claimed
  leads.show_name(r.name, (SELECT y.everything FROM eye y) OR r.actor_id = ANY ((SELECT y.members FROM eye y)::bigint[])) AS sent_name, --: name as sent; masked if neither side is the caller's to see
  a.code AS by_member, --: member that registered
  h.code AS channel, --: channel it came through
  e.customer_id AS customer_id, --: customer met
  (e.data ->> 'with')::bigint AS other_id, --: the other customer, if renamed or claimed
  leads.show_name(c.name, (SELECT y.everything FROM eye y) OR e.owner_id = ANY ((SELECT y.members FROM eye y)::bigint[])) AS customer, --: its name; masked where its owner was another team's
  m.code AS owner, --: its owner then
  q.code AS pool, --: its pool then
  e.decision_id AS decision_id --: the decision, for explain()
FROM @schema@.event e
JOIN @schema@.customer c ON c.id = e.customer_id
LEFT JOIN @schema@.registration r ON r.id = (e.data ->> 'registration')::bigint
LEFT JOIN @schema@.channel h ON h.id = r.channel_id
LEFT JOIN @schema@.member a ON a.id = r.actor_id
LEFT JOIN @schema@.member m ON m.id = e.owner_id
LEFT JOIN @schema@.pool q ON q.id = e.pool_id
WHERE e.kind = 'collided' AND ((SELECT y.everything FROM eye y)
  OR e.owner_id = ANY ((SELECT y.members FROM eye y)::bigint[])
  OR r.actor_id = ANY ((SELECT y.members FROM eye y)::bigint[])); --: registrations that met somebody's customer, and customers that became equal; for bosses
