-- The views that people read. None is a UNION ALL itself: it would be flattened, and a caller's function in WHERE would run
-- before ours (tried, and it did); within a view, whose own SELECT is a barrier, it may stand. Most are one join that begins
-- with the few ids that the caller may see: LIMIT then stops early, a rep's own rows come from the index on the holder, one
-- row from the key; what the caller works along on is a range of one key in the same index.
--
-- A barrier hands neither ORDER BY nor LIMIT down, only sorted rows up; so my_lead and pool_item are sorted themselves, and
-- what is read in the order of an index has the rest fetched by LATERAL with OFFSET 0, which is no other join than row by
-- row, and by subselects. The planner prices the whole then, not the page: ranges from low to high exclude nothing, but
-- make it expect so few rows that an index is the cheapest way to any, and that no page is worth compiling (jit). So a page
-- in that order costs the same in a table of any size.
--
-- Leads in the order of their keys: whoever holds few has them sorted; for who sees many the table is walked from its end.
CREATE OR REPLACE VIEW @schema@.my_lead WITH (security_barrier) AS
WITH eye AS MATERIALIZED (SELECT leads.sees_all(@company@) AS everything,
  leads.actor_id(@company@) AS self,
  leads.visible_shared(@company@) AS shared,
  leads.visible_members(@company@) AS members,
  leads.now() AS instant,
  -1::bigint AS low, 9223372036854775807 AS high),
road AS MATERIALIZED (SELECT e.everything OR (SELECT coalesce(sum(k.held), 0) > 5000 FROM @schema@.member_counter k WHERE k.member_id = ANY (e.members)) AS walks FROM eye e)
SELECT
  x.id AS id, --: key of the lead
  x.customer_id AS customer_id, --: key of the customer
  (SELECT c.name FROM @schema@.customer c WHERE c.id = x.customer_id) AS customer, --: name of the customer
  (SELECT s.code FROM @schema@.stage s WHERE s.id = x.stage_id) AS stage, --: code of the stage; update: another stage is advance(), win(), lose() or reopen()
  (SELECT CASE (SELECT g.lang FROM @schema@.settings g) WHEN 'zh' THEN s.label_zh ELSE s.label_en END FROM @schema@.stage s WHERE s.id = x.stage_id) AS label, --: its label in the language of the company
  NULL::text AS reason, --: write only: why, where a move back or a reopening wants a reason
  x.amount AS amount, --: expected amount; may be updated
  x.expected_on AS expected_on, --: expected close; may be updated
  x.need AS need, --: what the customer wants; may be updated
  x.line AS line, --: product line; may be updated
  x.project AS project, --: project; may be updated
  (SELECT h.code FROM @schema@.channel h WHERE h.id = x.channel_id) AS channel, --: channel it came through
  x.scope AS scope, --: scope of the ownership
  (SELECT m.code FROM @schema@.member m WHERE m.id = x.member_id AND (x.next_due_at IS NULL OR x.next_due_at > (SELECT e.instant FROM eye e))) AS owner, --: member that owns it now; NULL = in a pool
  (SELECT q.code FROM @schema@.pool q WHERE q.id = CASE WHEN x.next_due_at <= (SELECT e.instant FROM eye e) THEN x.lapse_pool_id ELSE x.pool_id END) AS pool, --: pool it lies in now; NULL = owned
  x.protected_until AS protected_until, --: end of the protection
  x.next_due_at AS next_due_at, --: it lapses at this instant unless something moves it
  leads.show_name((SELECT t.name FROM @schema@.contact t WHERE t.customer_id = x.customer_id AND t.state <> 'refused' ORDER BY t.state, t.id LIMIT 1), x.member_id = (SELECT e.self FROM eye e) OR x.ownership_id = ANY ((SELECT e.shared FROM eye e)::bigint[])) AS contact, --: first contact person; masked for others than the owner and who works along
  leads.show_phone((SELECT p.raw FROM @schema@.contact_point p WHERE p.customer_id = x.customer_id AND p.kind = 'phone' AND p.state <> 'refused' ORDER BY p.state, p.id LIMIT 1), x.member_id = (SELECT e.self FROM eye e) OR x.ownership_id = ANY ((SELECT e.shared FROM eye e)::bigint[])) AS phone, --: first telephone number; masked for others than the owner and who works along
  x.stage_since AS stage_since, --: in this stage since
  x.created_at AS created_at, --: when the lead began
  x.closed_at AS closed_at, --: won or lost at
  x.close_reason AS close_reason, --: reason of the loss; updated together with the stage
  x.close_note AS close_note, --: words about it; updated together with the stage
  x.row_version AS row_version, --: counts changes
  x.extra AS extra --: further fields; may be updated
FROM (
  (SELECT l.id, l.customer_id, l.stage_id, l.amount, l.expected_on, l.need, l.line, l.project, l.channel_id, l.scope, l.stage_since, l.created_at,
      l.closed_at, l.close_reason, l.close_note, l.row_version, l.extra,
      o.id AS ownership_id, o.member_id, o.pool_id, o.lapse_pool_id, o.protected_until, o.next_due_at
    FROM @schema@.lead l, LATERAL (SELECT w.id, w.member_id, w.pool_id, w.lapse_pool_id, w.protected_until, w.next_due_at
      FROM @schema@.ownership w WHERE w.customer_id = l.customer_id AND w.scope = l.scope AND w.until IS NULL OFFSET 0) o
    WHERE (SELECT r.walks FROM road r) AND l.merged_into IS NULL AND l.id >= (SELECT e.low FROM eye e) AND l.id <= (SELECT e.high FROM eye e)
      AND l.row_version >= (SELECT e.low FROM eye e) AND l.row_version <= (SELECT e.high FROM eye e) AND ((SELECT e.everything FROM eye e)
      OR ((o.member_id = ANY ((SELECT e.members FROM eye e)::bigint[]) OR o.id = ANY ((SELECT e.shared FROM eye e)::bigint[]))
        AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT e.instant FROM eye e))))
    ORDER BY l.id DESC)
  UNION ALL
  (SELECT l.id, l.customer_id, l.stage_id, l.amount, l.expected_on, l.need, l.line, l.project, l.channel_id, l.scope, l.stage_since, l.created_at,
      l.closed_at, l.close_reason, l.close_note, l.row_version, l.extra,
      o.id, o.member_id, o.pool_id, o.lapse_pool_id, o.protected_until, o.next_due_at
    FROM leads.visible_holdings(@company@) v
    JOIN @schema@.ownership o ON coalesce(o.member_id, 0) = v.member_id AND o.id BETWEEN v.low_id AND v.high_id
    JOIN @schema@.lead l ON l.customer_id = o.customer_id AND l.scope = o.scope AND l.merged_into IS NULL
    WHERE NOT (SELECT r.walks FROM road r) AND o.until IS NULL AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT e.instant FROM eye e))
    ORDER BY l.id DESC)
) x
ORDER BY x.id DESC; --: leads that the caller may see, newest first; an update walks the same way as the functions

CREATE OR REPLACE VIEW @schema@.my_customer WITH (security_barrier) AS
WITH eye AS MATERIALIZED (SELECT leads.sees_all(@company@) AS everything,
  leads.actor_id(@company@) AS self,
  leads.visible_shared(@company@) AS shared,
  leads.now() AS instant)
SELECT
  c.id AS customer_id, --: key of the customer
  o.scope AS scope, --: scope of the ownership
  c.name AS name, --: name
  c.kind AS kind, --: company or person
  c.region AS region, --: region
  c.city AS city, --: city
  c.industry AS industry, --: industry
  c.level AS level, --: grade
  c.tags AS tags, --: labels
  m.code AS owner, --: member that owns it now; NULL = in a pool
  q.code AS pool, --: pool it lies in now; NULL = owned
  CASE WHEN o.next_due_at <= (SELECT e.instant FROM eye e) THEN o.next_due_at ELSE o.since END AS since, --: there since
  o.protected_until AS protected_until, --: end of the protection
  o.next_due_at AS next_due_at, --: it lapses at this instant unless something moves it
  o.followed_at AS followed_at, --: last effective follow-up of the owner
  leads.show_name((SELECT t.name FROM @schema@.contact t WHERE t.customer_id = c.id AND t.state <> 'refused' ORDER BY t.state, t.id LIMIT 1), o.member_id = (SELECT e.self FROM eye e) OR o.id = ANY ((SELECT e.shared FROM eye e)::bigint[])) AS contact, --: first contact person; masked for others than the owner and who works along
  leads.show_phone((SELECT p.raw FROM @schema@.contact_point p WHERE p.customer_id = c.id AND p.kind = 'phone' AND p.state <> 'refused' ORDER BY p.state, p.id LIMIT 1), o.member_id = (SELECT e.self FROM eye e) OR o.id = ANY ((SELECT e.shared FROM eye e)::bigint[])) AS phone, --: first telephone number; masked for others than the owner and who works along
  leads.show_email((SELECT p.raw FROM @schema@.contact_point p WHERE p.customer_id = c.id AND p.kind = 'email' AND p.state <> 'refused' ORDER BY p.state, p.id LIMIT 1), o.member_id = (SELECT e.self FROM eye e) OR o.id = ANY ((SELECT e.shared FROM eye e)::bigint[])) AS email, --: first mail address; masked for others than the owner and who works along
  c.created_at AS created_at, --: when the customer was first registered
  c.extra AS extra --: further fields
FROM leads.visible_holdings(@company@) v
JOIN @schema@.ownership o ON coalesce(o.member_id, 0) = v.member_id AND o.id BETWEEN v.low_id AND v.high_id
JOIN @schema@.customer c ON c.id = o.customer_id
LEFT JOIN @schema@.member m ON m.id = o.member_id AND (o.next_due_at IS NULL OR o.next_due_at > (SELECT e.instant FROM eye e))
LEFT JOIN @schema@.pool q ON q.id = CASE WHEN o.next_due_at <= (SELECT e.instant FROM eye e) THEN o.lapse_pool_id ELSE o.pool_id END
WHERE o.until IS NULL AND ((SELECT e.everything FROM eye e) OR o.next_due_at IS NULL OR o.next_due_at > (SELECT e.instant FROM eye e)); --: customers that the caller may see, a row for each scope

-- as my_customer
CREATE OR REPLACE VIEW @schema@.my_contact WITH (security_barrier) AS
WITH eye AS MATERIALIZED (SELECT leads.sees_all(@company@) AS everything,
  leads.actor_id(@company@) AS self,
  leads.visible_shared(@company@) AS shared,
  leads.now() AS instant)
SELECT
  p.id AS id, --: key of the number or address
  p.customer_id AS customer_id, --: key of the customer
  o.scope AS scope, --: scope of the ownership
  c.name AS customer, --: name of the customer
  p.kind AS kind, --: phone, email or uscc
  CASE p.kind WHEN 'phone' THEN leads.show_phone(p.raw, o.member_id = (SELECT e.self FROM eye e) OR o.id = ANY ((SELECT e.shared FROM eye e)::bigint[]))
    WHEN 'email' THEN leads.show_email(p.raw, o.member_id = (SELECT e.self FROM eye e) OR o.id = ANY ((SELECT e.shared FROM eye e)::bigint[])) ELSE p.raw END AS value, --: as typed; masked for others than the owner and who works along
  leads.show_name(t.name, o.member_id = (SELECT e.self FROM eye e) OR o.id = ANY ((SELECT e.shared FROM eye e)::bigint[])) AS contact, --: whose it is, if known; masked for others than the owner and who works along
  p.state AS state, --: confirmed: the customer is found by it; unconfirmed: somebody else than the owner sent it, confirm_contact() decides; refused
  p.created_at AS created_at --: when it was recorded
FROM leads.visible_holdings(@company@) v
JOIN @schema@.ownership o ON coalesce(o.member_id, 0) = v.member_id AND o.id BETWEEN v.low_id AND v.high_id
JOIN @schema@.customer c ON c.id = o.customer_id
JOIN @schema@.contact_point p ON p.customer_id = o.customer_id
LEFT JOIN @schema@.contact t ON t.id = p.contact_id
-- a value that counts already asks for nobody's word: a merge may bring it once more
WHERE o.until IS NULL AND ((SELECT e.everything FROM eye e) OR o.next_due_at IS NULL OR o.next_due_at > (SELECT e.instant FROM eye e))
  AND (p.state <> 'unconfirmed' OR NOT EXISTS (SELECT FROM @schema@.contact_point s WHERE s.customer_id = p.customer_id AND s.kind = p.kind AND s.norm = p.norm AND s.state = 'confirmed')); --: numbers and addresses of the customers that the caller may see, a row for each scope

-- as my_customer
CREATE OR REPLACE VIEW @schema@.followup WITH (security_barrier) AS
WITH eye AS MATERIALIZED (SELECT leads.sees_all(@company@) AS everything,
  leads.now() AS instant)
SELECT
  a.id AS id, --: key of the activity
  a.lead_id AS lead_id, --: lead it is about
  a.customer_id AS customer_id, --: customer of the lead
  c.name AS customer, --: name of the customer
  a.kind AS kind, --: call, visit, mail, wechat, meeting, demo, note or inquiry
  a.note AS note, --: what came of it
  a.occurred_at AS occurred_at, --: when it happened; insert: default now
  u.code AS author, --: member that did it
  NULL::text AS by_member, --: write only: member to act as, where the caller may act for others
  a.effective AS effective, --: counts as a follow-up
  a.ineffective_reason AS reason, --: code of why it does not count
  o.next_due_at AS next_due_at, --: deadline of the owner now
  NULL::bigint AS decision_id, --: after an insert: the decision, for explain()
  a.seconds AS seconds, --: connected for so long
  nullif(a.automatic, false) AS automatic --: true: a program wrote it, nobody did it
FROM leads.visible_holdings(@company@) v
JOIN @schema@.ownership o ON coalesce(o.member_id, 0) = v.member_id AND o.id BETWEEN v.low_id AND v.high_id
JOIN @schema@.lead l ON l.customer_id = o.customer_id AND l.scope = o.scope
JOIN @schema@.activity a ON a.lead_id = l.id
JOIN @schema@.customer c ON c.id = a.customer_id
LEFT JOIN @schema@.member u ON u.id = a.author_id
WHERE o.until IS NULL AND ((SELECT e.everything FROM eye e) OR o.next_due_at IS NULL OR o.next_due_at > (SELECT e.instant FROM eye e)); --: follow-ups of the leads that the caller may see; an insert is log_activity()

-- In a pool, each of the first four read in the order of an index; then those in further pools, sorted; then, by an index
-- again, what has lapsed and is not written down yet. All are merged.
CREATE OR REPLACE VIEW @schema@.pool_item WITH (security_barrier) AS
WITH eye AS MATERIALIZED (SELECT leads.now() AS instant, leads.visible_pools(@company@) AS pools,
  '-infinity'::timestamptz AS low, 'infinity'::timestamptz AS high),
item AS NOT MATERIALIZED (SELECT o.customer_id, o.scope, o.pool_id, o.lapse_pool_id, o.since, o.next_due_at, c.*
  FROM @schema@.ownership o, LATERAL (SELECT k.name, k.kind, k.region, k.city, k.industry, k.level FROM @schema@.customer k
    WHERE k.id = o.customer_id OFFSET 0) c
  WHERE o.until IS NULL)
SELECT
  x.customer_id AS customer_id, --: key of the customer
  x.scope AS scope, --: scope of the ownership
  x.name AS name, --: name; contacts are not shown before a claim
  x.kind AS kind, --: company or person
  x.region AS region, --: region
  x.city AS city, --: city
  x.industry AS industry, --: industry
  x.level AS level, --: grade
  (SELECT q.code FROM @schema@.pool q WHERE q.id = x.pool_id) AS pool, --: pool it lies in
  (SELECT q.name FROM @schema@.pool q WHERE q.id = x.pool_id) AS pool_name, --: name of the pool
  x.since AS since, --: there since
  NULL::text AS claimed_by --: update: code of the member that claims it, which is claim()
FROM (
  (SELECT i.customer_id, i.scope, i.pool_id, i.since, i.name, i.kind, i.region, i.city, i.industry, i.level FROM item i
    WHERE i.pool_id = (SELECT e.pools[1] FROM eye e)
      AND i.since >= (SELECT e.low FROM eye e) AND i.since <= (SELECT e.high FROM eye e) ORDER BY i.since DESC, i.customer_id DESC)
  UNION ALL
  (SELECT i.customer_id, i.scope, i.pool_id, i.since, i.name, i.kind, i.region, i.city, i.industry, i.level FROM item i
    WHERE i.pool_id = (SELECT e.pools[2] FROM eye e)
      AND i.since >= (SELECT e.low FROM eye e) AND i.since <= (SELECT e.high FROM eye e) ORDER BY i.since DESC, i.customer_id DESC)
  UNION ALL
  (SELECT i.customer_id, i.scope, i.pool_id, i.since, i.name, i.kind, i.region, i.city, i.industry, i.level FROM item i
    WHERE i.pool_id = (SELECT e.pools[3] FROM eye e)
      AND i.since >= (SELECT e.low FROM eye e) AND i.since <= (SELECT e.high FROM eye e) ORDER BY i.since DESC, i.customer_id DESC)
  UNION ALL
  (SELECT i.customer_id, i.scope, i.pool_id, i.since, i.name, i.kind, i.region, i.city, i.industry, i.level FROM item i
    WHERE i.pool_id = (SELECT e.pools[4] FROM eye e)
      AND i.since >= (SELECT e.low FROM eye e) AND i.since <= (SELECT e.high FROM eye e) ORDER BY i.since DESC, i.customer_id DESC)
  UNION ALL
  (SELECT i.customer_id, i.scope, i.pool_id, i.since, i.name, i.kind, i.region, i.city, i.industry, i.level FROM item i
    WHERE i.pool_id = ANY ((SELECT e.pools[5:] FROM eye e)::bigint[]) AND (SELECT cardinality(e.pools) > 4 FROM eye e)
      AND i.since >= (SELECT e.low FROM eye e) AND i.since <= (SELECT e.high FROM eye e) ORDER BY i.since DESC, i.customer_id DESC)
  UNION ALL
  (SELECT i.customer_id, i.scope, i.lapse_pool_id, i.next_due_at, i.name, i.kind, i.region, i.city, i.industry, i.level FROM item i
    WHERE i.next_due_at >= (SELECT e.low FROM eye e) AND i.next_due_at <= (SELECT e.instant FROM eye e) AND i.lapse_pool_id = ANY ((SELECT e.pools FROM eye e)::bigint[])
    ORDER BY i.next_due_at DESC, i.customer_id DESC)
) x
ORDER BY x.since DESC, x.customer_id DESC; --: customers that lie in a pool now, lapsed but unwritten ones included, newest first; an update of claimed_by claims

-- as my_customer
CREATE OR REPLACE VIEW @schema@.intake WITH (security_barrier) AS
SELECT
  r.name AS name, --: name as sent
  leads.mask_phone(r.payload ->> 'phone') AS phone, --: telephone number; masked when read
  leads.mask_name(r.payload ->> 'contact') AS contact, --: contact person; masked when read
  leads.mask_email(r.payload ->> 'email') AS email, --: mail address; masked when read
  r.payload ->> 'region' AS region, --: region as sent
  r.payload ->> 'industry' AS industry, --: industry as sent
  (r.payload ->> 'amount')::numeric AS amount, --: expected amount
  r.payload ->> 'need' AS need, --: what the customer wants
  h.code AS channel, --: channel; insert: default manual
  r.payload ->> 'line' AS line, --: product line
  r.payload ->> 'project' AS project, --: project
  leads.mask_name(r.payload ->> 'uscc') AS uscc, --: unified social credit code; masked when read
  r.payload ->> 'kind' AS kind, --: company or person; insert: default company
  a.code AS by_member, --: member that registered; insert: member to act as, where the caller may act for others
  r.payload -> 'extra' AS extra, --: further fields
  r.request_key AS request_key, --: sender's key: the same key returns the first answer
  r.outcome AS outcome, --: answer: created, pending, attached, returning, offered, queued, blocked or rejected
  r.reason AS reason, --: answer: code of the reason
  r.message AS message, --: answer in words
  m.code AS owner, --: answer: owner
  q.code AS pool, --: answer: pool
  r.protected_until AS protected_until, --: answer: end of the protection
  CASE WHEN r.outcome IN ('created', 'attached', 'returning', 'offered', 'pending') THEN r.customer_id END AS customer_id, --: answer: customer, if it is not somebody else's
  r.lead_id AS lead_id, --: answer: lead
  r.id AS registration_id, --: key of the attempt
  r.decision_id AS decision_id, --: the decision, for explain()
  r.state AS state, --: state now
  r.submitted_at AS submitted_at --: instant of the attempt
FROM leads.visible_owners(@company@) v(member_id)
JOIN @schema@.registration r ON coalesce(r.actor_id, 0) = v.member_id
JOIN @schema@.channel h ON h.id = r.channel_id
LEFT JOIN @schema@.member a ON a.id = r.actor_id
LEFT JOIN @schema@.member m ON m.id = r.owner_id
LEFT JOIN @schema@.pool q ON q.id = r.pool_id; --: registrations of the caller; an insert, COPY included, is register()

-- what a picker needs
CREATE OR REPLACE VIEW @schema@.member_list WITH (security_barrier) AS
SELECT
  m.code AS code, --: short name used in calls
  m.name AS name, --: name to show
  t.code AS team, --: team
  m.is_manager AS is_manager --: leads its team
FROM @schema@.member m
LEFT JOIN @schema@.team t ON t.id = m.team_id
WHERE m.active AND (m.left_at IS NULL OR m.left_at > (SELECT leads.now()))
  AND ((SELECT leads.sees_all(@company@)) OR (SELECT leads.actor_id(@company@)) IS NOT NULL); --: members that work here now
CREATE OR REPLACE VIEW @schema@.stage_list WITH (security_barrier) AS
SELECT
  s.code AS code, --: name used in advance()
  CASE (SELECT g.lang FROM @schema@.settings g) WHEN 'zh' THEN s.label_zh ELSE s.label_en END AS label, --: label in the language of the company
  s.position AS position, --: order
  s.kind AS kind --: open, won or lost
FROM @schema@.stage s
WHERE (SELECT leads.sees_all(@company@)) OR (SELECT leads.actor_id(@company@)) IS NOT NULL; --: stages of the pipeline
