-- install(): makes a company for an owner who is no superuser, twice is once, refuses what it must.
\ir include/company.sql
SELECT * FROM no_plan();
SELECT schema_owner_is('crm', :'owner', 'the company belongs to the role that was named');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c WHERE relnamespace = 'crm'::regnamespace AND relowner <> (SELECT nspowner FROM pg_namespace WHERE nspname = 'crm') $$,
  'so does all that is in it');
SELECT isnt_empty('SELECT FROM crm.schema_version', 'the steps are recorded');
SELECT is((SELECT count(*) FROM crm.schema_version), (SELECT count(DISTINCT step) FROM crm.schema_version), 'each once');
SELECT results_eq('SELECT lang, simulation FROM crm.settings', $$ VALUES ('zh', true) $$, 'settings are as asked for');
SELECT lives_ok('SELECT leads.install()', 'a second call is no fault');
SELECT results_eq('SELECT lang, simulation FROM crm.settings', $$ VALUES ('zh', true) $$, 'and keeps the settings');
SELECT throws_ok($$ SELECT leads.install('crm2', lang => 'fr') $$, '22023', NULL, 'an unknown language is refused');
SELECT throws_ok($$ SELECT leads.install('crm2', zone => 'Mars/Olympus') $$, '22023', NULL, 'an unknown zone is refused');
CREATE SCHEMA planted;
SELECT throws_ok($$ SELECT leads.install('planted') $$, 'LD012', NULL, 'a schema that install() did not make is refused');
SELECT hasnt_schema('crm2');
SELECT throws_ok($$ SELECT leads.uninstall('crm', 'yes') $$, 'LD005', NULL, 'uninstall() wants the name again');
SELECT has_schema('crm');
SELECT lives_ok($$ SELECT leads.uninstall('crm', 'crm') $$, 'uninstall() with the name');
SELECT hasnt_schema('crm');
SELECT * FROM finish();
