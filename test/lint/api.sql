-- Lint of API.md and the README files: every function, view and error is named, every policy document can be published.
SET client_min_messages = warning;
\set api `cat API.md`
\set readme `cat README.md`
\set readme_zh `cat README.zh-CN.md`
\set codes `cat src/core/error.h`
SELECT FROM leads.install();
INSERT INTO crm.member(code, name) VALUES ('li', '李娜');   -- the examples name her
SELECT * FROM no_plan();

CREATE TEMP TABLE page (name text, body text);
INSERT INTO page VALUES ('API.md', :'api'), ('README.md', :'readme'), ('README.zh-CN.md', :'readme_zh');
CREATE TEMP TABLE code AS
SELECT 'LD' || m[1] || m[2] || m[3] AS code FROM regexp_matches(:'codes', $$LEADS_ERRCODE\('(.)', '(.)', '(.)'\)$$, 'g') m;

SELECT is_empty($$
  SELECT p.oid::regprocedure FROM pg_proc p, page WHERE page.name = 'API.md' AND p.pronamespace = 'leads'::regnamespace
    AND position('leads.' || p.proname || '(' IN page.body) = 0
$$, 'every function of schema leads is named in API.md');
SELECT is_empty($$
  SELECT p.oid::regprocedure, a.name FROM pg_proc p
    CROSS JOIN LATERAL unnest(p.proargnames) WITH ORDINALITY a(name, n), page
   WHERE page.name = 'API.md' AND p.pronamespace = 'leads'::regnamespace AND page.body !~ ('\m' || a.name || '\M')
$$, 'and so is every argument and column of a result');
SELECT is_empty($$
  SELECT c.relname FROM pg_class c, page WHERE page.name = 'API.md' AND c.relnamespace = 'crm'::regnamespace AND c.relkind = 'v'
    AND position('`' || c.relname || '`' IN page.body) = 0
$$, 'every view is named in API.md');
SELECT is_empty($$
  SELECT m[1] FROM page, regexp_matches(page.body, 'leads\.([a-z_]+)\(', 'g') m
   WHERE NOT EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'leads'::regnamespace AND p.proname = m[1])
$$, 'the pages name no function that is not there');

SELECT cmp_ok((SELECT count(*) FROM code), '>', 20::bigint, 'error.h has codes');
SELECT is_empty($$ SELECT page.name, code FROM page, code WHERE position('| ' || code || ' |' IN page.body) = 0 $$,
  'the table of errors of each page has every code');
SELECT is_empty($$
  SELECT page.name, m[1] FROM page, regexp_matches(page.body, '\m(LD[0-9A-Z]{3})\M', 'g') m WHERE m[1] NOT IN (SELECT code FROM code)
$$, 'and no page names another');

CREATE TEMP TABLE example AS
SELECT m[1] AS kind, m[2] AS body FROM page, regexp_matches(page.body, '<!-- policy: (\w+?) -->\s*?```json\n(.*?)```', 'g') m
 WHERE page.name = 'API.md';
SELECT set_eq('SELECT kind FROM example', 'SELECT DISTINCT kind FROM crm.policy', 'API.md has a document of each kind of policy');
SELECT lives_ok(format('SELECT leads.publish(%L, %L, %L)', kind, '', body), 'the ' || kind || ' document can be published') FROM example;
SELECT * FROM finish();
