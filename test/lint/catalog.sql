-- Lint of what CREATE EXTENSION and leads.install() made, as the catalogs show it.
SET client_min_messages = warning;
CREATE TEMP TABLE no_search_path (line text);
\copy no_search_path from 'test/lint/no_search_path.txt' with (delimiter E'\x01')

SELECT to_regproc('leads.install') IS NULL AS missing \gset
\if :missing
SELECT * FROM plan(1);
SELECT pass('leads.install is not there yet');
SELECT * FROM finish();
\q
\endif

SELECT FROM leads.install();

-- functions of the extension
CREATE TEMP VIEW f AS
SELECT p.oid, p.oid::regprocedure::text AS name, p.proname, p.prokind, p.proconfig, p.proacl, p.proowner, p.prosecdef,
  p.provolatile, p.proparallel, p.proargnames, l.lanname, p.prorettype
FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
JOIN pg_language l ON l.oid = p.prolang
WHERE d.deptype = 'e' AND e.extname = 'pg_leads';

-- relations of a company
CREATE TEMP VIEW r AS
SELECT c.oid, c.oid::regclass::text AS name, c.relname, c.relkind, c.reloptions, c.relacl
FROM pg_class c WHERE c.relnamespace = 'crm'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f');

-- their columns
CREATE TEMP VIEW a AS
SELECT r.name || '.' || a.attname AS name, a.attname, a.attnum, a.atttypid, a.attidentity, a.attgenerated, r.oid, r.relkind, r.relname
FROM r JOIN pg_attribute a ON a.attrelid = r.oid WHERE a.attnum > 0 AND NOT a.attisdropped;

SELECT * FROM no_plan();

-- the extension

SELECT is_empty($$ SELECT name FROM f WHERE lanname NOT IN ('c', 'sql', 'internal') $$, 'functions are C or SQL');
SELECT is_empty($$ SELECT name FROM f WHERE prosecdef $$, 'no SECURITY DEFINER');
SELECT is_empty($$ SELECT name FROM f
  WHERE prokind <> 'a' AND NOT (lanname = 'c' AND provolatile = 'i')
    AND NOT ('search_path=pg_catalog, pg_temp' = ANY (coalesce(proconfig, '{}')))
    AND NOT EXISTS (SELECT FROM no_search_path WHERE line ~ ('^' || f.proname || '\s+\S')) $$,
  'what may run SQL sets search_path, or is listed in test/lint/no_search_path.txt with the reason');
SELECT is_empty($$ SELECT line FROM no_search_path
  WHERE line !~ '^\s*(#|$)' AND NOT EXISTS (SELECT FROM f WHERE no_search_path.line ~ ('^' || f.proname || '\s+\S')) $$,
  'test/lint/no_search_path.txt names only functions that exist');
SELECT is_empty($$ SELECT name FROM f JOIN no_search_path ON line ~ ('^' || proname || '\s+\S') WHERE lanname = 'sql' $$,
  'no SQL function is excused from search_path');
SELECT is_empty($$ SELECT name FROM f WHERE obj_description(oid, 'pg_proc') IS NULL $$, 'every function has a comment');
SELECT is_empty($$ SELECT name FROM f WHERE proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) x WHERE x.grantee = 0) $$,
  'PUBLIC may execute nothing');
SELECT is_empty($$ SELECT name FROM f WHERE proparallel = 's' AND provolatile = 'v' AND prokind <> 'p' $$,
  'what writes is not parallel safe');
SELECT is_empty($$ SELECT f.name, arg FROM f, unnest(proargnames) arg JOIN pg_get_keywords() k ON k.word = arg AND k.catcode IN ('R', 'T') $$,
  'no argument is a reserved word');
SELECT is_empty($$ SELECT pg_describe_object(classid, objid, objsubid)
  FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
  WHERE deptype = 'e' AND extname = 'pg_leads' AND classid = 'pg_class'::regclass
    AND objid NOT IN (SELECT typrelid FROM pg_type JOIN pg_class c ON c.oid = typrelid WHERE c.relkind = 'c') $$,
  'the extension owns no table, view or sequence');
SELECT is_empty($$ SELECT p.oid::regprocedure::text FROM pg_proc p
  WHERE p.pronamespace = 'leads'::regnamespace AND p.oid NOT IN (SELECT oid FROM f) $$, 'schema leads holds only members');
SELECT is_empty($$ SELECT t.typname FROM pg_type t WHERE t.typnamespace = 'leads'::regnamespace AND t.typtype IN ('e', 'd', 'r', 'm') $$,
  'no enum, domain or range type');
SELECT isnt(obj_description('leads'::regnamespace, 'pg_namespace'), NULL, 'schema leads has a comment');

-- a company

SELECT is_empty($$ SELECT name FROM r WHERE obj_description(oid, 'pg_class') IS NULL $$, 'every table and view has a comment');
SELECT is_empty($$ SELECT name FROM a WHERE col_description(oid, attnum) IS NULL $$, 'every column has a comment');
SELECT isnt(obj_description('crm'::regnamespace, 'pg_namespace'), NULL, 'the data schema has a comment');
SELECT is_empty($$ SELECT a.name, format_type(a.atttypid, NULL) FROM a JOIN pg_type t ON t.oid = a.atttypid
  WHERE a.relkind IN ('r', 'p') AND NOT (t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype = 'b'
    AND (t.typelem = 0 OR t.typcategory <> 'A' OR (SELECT e.typnamespace = 'pg_catalog'::regnamespace FROM pg_type e WHERE e.oid = t.typelem))) $$,
  'tables use core types only, no range is stored');
SELECT is_empty($$ SELECT a.name, format_type(a.atttypid, NULL) FROM a JOIN pg_type t ON t.oid = a.atttypid
  WHERE a.relkind IN ('r', 'p') AND (t.typname ~ '^_?(reg|oid$|xid|cid$|tid$)' OR t.typname = 'name') $$, 'no OID, reg* or system name is stored');
SELECT is_empty($$ SELECT name FROM r WHERE relkind NOT IN ('r', 'v') $$, 'ordinary tables and views only');
SELECT is_empty($$ SELECT name FROM a JOIN pg_get_keywords() k ON k.word = attname AND k.catcode IN ('R', 'T') $$, 'no column is a reserved word');
SELECT is_empty($$ SELECT name FROM a WHERE relkind = 'r' AND attname = 'id' AND (atttypid <> 'bigint'::regtype OR attidentity = '') $$,
  'id is a bigint identity');
SELECT is_empty($$ SELECT r.name FROM r WHERE relkind = 'r' AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = r.oid AND c.contype = 'p') $$,
  'every table has a primary key');
SELECT is_empty($$ SELECT pg_describe_object(d.classid, d.objid, d.objsubid)
  FROM pg_depend d JOIN f ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = f.oid
  WHERE d.classid IN ('pg_attrdef'::regclass, 'pg_constraint'::regclass)
     OR d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM pg_class WHERE relkind IN ('i', 'r')) $$,
  'no default, generated column, CHECK or index calls a function of the extension');
SELECT is_empty($$ SELECT c.conname, c.conrelid::regclass FROM pg_constraint c
  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.confrelid AND d.deptype = 'e' WHERE c.contype = 'f' $$,
  'no foreign key to a member table');
SELECT is_empty($$ SELECT c.conname, c.conrelid::regclass FROM pg_constraint c JOIN r ON r.oid = c.conrelid
  WHERE c.contype = 'f' AND (SELECT relnamespace FROM pg_class WHERE oid = c.confrelid) <> 'crm'::regnamespace $$,
  'no foreign key leaves the company');
SELECT is_empty($$ SELECT c.conrelid::regclass, c.conname FROM pg_constraint c JOIN r ON r.oid = c.conrelid
  WHERE c.contype = 'f' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.confrelid AND i.indisunique) $$, 'foreign keys refer to keys');
SELECT is_empty($$ SELECT pg_describe_object(d.classid, d.objid, d.objsubid)
  FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
  JOIN r ON d.classid = 'pg_class'::regclass AND d.objid = r.oid WHERE d.deptype = 'e' $$, 'nothing of a company belongs to the extension');
SELECT is_empty($$ SELECT r.name FROM r WHERE EXISTS (SELECT FROM aclexplode(r.relacl) x WHERE x.grantee = 0) $$, 'PUBLIC may read no relation');
SELECT is_empty($$ SELECT nspname FROM pg_namespace n WHERE nspname IN ('crm') AND EXISTS (SELECT FROM aclexplode(n.nspacl) x WHERE x.grantee = 0) $$,
  'PUBLIC has nothing in the data schema');
SELECT is_empty($$ SELECT r.name FROM r WHERE relkind = 'v' AND NOT (coalesce(reloptions, '{}') && '{security_barrier=true,security_barrier=on,security_barrier=1}'::text[]) $$,
  'every view is a security_barrier');
SELECT is_empty($$ SELECT r.name FROM r WHERE relkind = 'v' AND pg_get_viewdef(oid) ~* '\mUNION\M' AND pg_get_viewdef(oid) !~* '^\s*WITH\M' $$,
  'a view with UNION ALL has a CTE: without one the planner flattens it and the barrier is gone');
SELECT is_empty($$ SELECT r.name FROM r WHERE relkind = 'v' AND coalesce(reloptions, '{}') && '{security_invoker=true,security_invoker=on}'::text[] $$,
  'views run with the rights of their owner');
SELECT is_empty($$ SELECT tgrelid::regclass, tgname FROM pg_trigger JOIN r ON r.oid = tgrelid WHERE NOT tgisinternal AND tgenabled <> 'O' $$,
  'triggers keep still in a replica');

-- again, and no object is new: install() is idempotent, repairs included
CREATE TEMP TABLE before AS SELECT relname, relkind FROM pg_class WHERE relnamespace = 'crm'::regnamespace
  UNION ALL SELECT tgname, 't' FROM pg_trigger JOIN r ON r.oid = tgrelid
  UNION ALL SELECT polname, 'P' FROM pg_policy JOIN r ON r.oid = polrelid;
SELECT FROM leads.install();
SELECT results_eq($$ SELECT relname::text, relkind::text FROM pg_class WHERE relnamespace = 'crm'::regnamespace
  UNION ALL SELECT tgname::text, 't' FROM pg_trigger JOIN r ON r.oid = tgrelid
  UNION ALL SELECT polname::text, 'P' FROM pg_policy JOIN r ON r.oid = polrelid ORDER BY 1, 2 $$,
  $$ SELECT relname::text, relkind::text FROM before ORDER BY 1, 2 $$, 'a second install() makes nothing new');

SELECT * FROM finish();
