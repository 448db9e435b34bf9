CREATE FUNCTION leads.guard() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'leads_guard';
COMMENT ON FUNCTION leads.guard() IS
  'Trigger of install(), before a statement: refuses a direct change that only the functions may make. Error: LD009.';
CREATE FUNCTION leads.guard_gate() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'leads_guard_gate';
COMMENT ON FUNCTION leads.guard_gate() IS
  'Trigger of install(), before a statement that changes what customers are found by: no registration runs beside it. Errors: LD008, LD012.';
CREATE FUNCTION leads.guard_home() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_guard_home';
COMMENT ON FUNCTION leads.guard_home() IS
  'Trigger of contact, contact_point and customer_name: a row for a customer that was merged goes to the survivor.';
CREATE FUNCTION leads.guard_point() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'leads_guard_point';
COMMENT ON FUNCTION leads.guard_point() IS
  'Trigger of install(), before a row of contact_point: normalises the value as typed. Errors: LD008, LD012.';
CREATE FUNCTION leads.guard_rekey() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'leads_guard_rekey';
COMMENT ON FUNCTION leads.guard_rekey() IS
  'Trigger of install(), after a row of customer, customer_name or contact_point: keys the customer anew and writes an event collided if another one is now certainly the same. Errors: LD008, LD010, LD012, 40001.';
