CREATE OR REPLACE VIEW @schema@.access_list WITH (security_barrier) AS
SELECT
  g.role_name AS role_name, --: database role
  g.profile AS profile, --: profile it holds here
  m.code AS member, --: member that the role acts as, if it is bound to one
  r.oid IS NOT NULL AS role_exists, --: false: the role was dropped or is not in this cluster
  g.granted_by AS granted_by, --: role that granted it
  g.granted_at AS granted_at --: when
FROM @schema@.access_grant g
LEFT JOIN @schema@.member m ON m.db_role = g.role_name
LEFT JOIN pg_catalog.pg_roles r ON r.rolname = g.role_name; --: who holds which profile
