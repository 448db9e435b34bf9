-- For \ir include/company.sql at the top of a pgTAP file: the company crm in simulation (leads.clock may be set), owned by a
-- role of this database's own that is no superuser. Sets the psql variable owner.
SET client_min_messages = warning;
SELECT 'owner_' || current_database() AS owner \gset
SELECT format('CREATE ROLE %I', :'owner') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \gexec
SELECT format('GRANT CREATE ON DATABASE %I TO %I', current_database(), :'owner') \gexec
SELECT FROM leads.install(owner => :'owner', lang => 'zh', simulation => true);
