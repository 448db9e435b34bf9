-- leads.explain(): evidence read out in either language, and only to who may see it
SET client_min_messages = warning;
-- rows are made by hand here, so the guards keep still
SET session_replication_role = replica;
SET timezone = 'UTC';
SELECT leads.install('rx', lang => 'zh', zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'rx';
CREATE ROLE regress_rx_zhang; CREATE ROLE regress_rx_li; CREATE ROLE regress_rx_bi; CREATE ROLE regress_rx_nobody;
GRANT EXECUTE ON FUNCTION leads.explain(bigint, text) TO regress_rx_zhang, regress_rx_li, regress_rx_bi, regress_rx_nobody;
GRANT USAGE ON SCHEMA rx TO regress_rx_zhang, regress_rx_li, regress_rx_bi;
INSERT INTO rx.access_grant (role_name, profile, granted_by, granted_at) VALUES
  ('regress_rx_zhang', 'rep', 'x', now()), ('regress_rx_li', 'rep', 'x', now()), ('regress_rx_bi', 'bi', 'x', now());
INSERT INTO rx.member (code, name, db_role) VALUES ('zhang', '张伟', 'regress_rx_zhang'), ('li', '李娜', 'regress_rx_li');
INSERT INTO rx.customer (kind, name, created_at, last_event_at) VALUES ('company', 'one', '2026-01-05', '2026-01-05'), ('company', 'two', '2026-01-05', '2026-01-05');
INSERT INTO rx.decision (kind, verdict, customer_id, actor_id, session_role, decided_at, recorded_at, policies, evidence) VALUES
  ('register', 'blocked', 1, 2, 'app', '2026-01-05 02:00+00', '2026-01-05 02:00:01+00', '{"match": 1, "routing": 4}',
   '[{"step": "match", "verdict": "certain", "code": "no_such_code", "args": []},
     {"step": "action", "verdict": "blocked", "code": "explain_policies", "args": ["重庆**公司"]},
     {"step": "odd", "verdict": null, "code": "explain_head", "args": [1, true, null, {"a": 1}]},
     {"step": "bare"}, 17]'),
  ('lapse', 'lapsed', 2, NULL, 'jobs', '2026-01-05 02:00+00', '2026-01-12 02:00+00', '{}', '[]');
INSERT INTO rx.ownership (customer_id, member_id, since, next_due_at, lapse_pool_id, cause, decision_id, recorded_at) VALUES
  (1, 1, '2026-01-05', now() + interval '1 hour', 1, 'registered', 1, '2026-01-05'),
  (2, 2, '2026-01-05', now() - interval '1 second', 1, 'registered', 2, '2026-01-05');
\pset format unaligned
SELECT * FROM leads.explain(1);
SELECT * FROM leads.explain(1, 'en');
SELECT * FROM leads.explain(2);
SELECT * FROM leads.explain(2, lang => 'en');
-- a decision without evidence that can be read
UPDATE rx.decision SET evidence = '"text"', policies = '[]' WHERE id = 2;
SELECT step_no, step, verdict FROM leads.explain(2);

-- who may see: the actor, the owner now, bi; nobody else, and the error is that of an unknown id
\set VERBOSITY sqlstate
SET ROLE regress_rx_li;    SELECT count(*) FROM leads.explain(1);
SET ROLE regress_rx_zhang; SELECT count(*) FROM leads.explain(1);
SET ROLE regress_rx_bi;    SELECT count(*) FROM leads.explain(1) a, leads.explain(2) b;
-- li's hold of customer 2 has lapsed a second ago, whether or not anything ran since
SET ROLE regress_rx_li;    SELECT count(*) FROM leads.explain(2);
SET ROLE regress_rx_zhang; SELECT count(*) FROM leads.explain(2);
\set VERBOSITY default
SELECT count(*) FROM leads.explain(2);
SELECT count(*) FROM leads.explain(999);
\set VERBOSITY sqlstate
SET ROLE regress_rx_nobody; SELECT count(*) FROM leads.explain(1);
RESET ROLE;
-- zhang has left: nothing is visible any more
UPDATE rx.member SET left_at = now() WHERE code = 'zhang';
SET ROLE regress_rx_zhang; SELECT count(*) FROM leads.explain(1); RESET ROLE;
-- the survivor's owner sees what was decided about the merged one
UPDATE rx.member SET left_at = NULL WHERE code = 'zhang';
UPDATE rx.customer SET status = 'merged', merged_into = 1 WHERE id = 2;
SET ROLE regress_rx_zhang; SELECT count(*) FROM leads.explain(2); RESET ROLE;

-- bad input
SELECT * FROM leads.explain(NULL);
SELECT * FROM leads.explain(-1);
SELECT * FROM leads.explain(1, 'fr');
SELECT * FROM leads.explain(1, '');
SELECT * FROM leads.explain(1, repeat('很', 1000000));
SET leads.schema = 'nowhere';
SELECT * FROM leads.explain(1);
SET leads.schema = 'rx';
SELECT leads.uninstall('rx', 'rx');
DROP OWNED BY regress_rx_zhang, regress_rx_li, regress_rx_bi, regress_rx_nobody;
DROP ROLE regress_rx_zhang, regress_rx_li, regress_rx_bi, regress_rx_nobody;
