CREATE FUNCTION leads.mask_name(name text) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_mask_name_sql';
COMMENT ON FUNCTION leads.mask_name(text) IS
  'A name for readers without sight: first two and last two characters; of up to four only the first. No errors.';
CREATE FUNCTION leads.mask_phone(phone text) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_mask_phone_sql';
COMMENT ON FUNCTION leads.mask_phone(text) IS
  'A telephone number for readers without sight: 138****5678. No errors.';
CREATE FUNCTION leads.mask_email(email text) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_mask_email_sql';
COMMENT ON FUNCTION leads.mask_email(text) IS
  'A mail address for readers without sight: z***@example.com. No errors.';
CREATE FUNCTION leads.show_phone(phone text, plain boolean) RETURNS text
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_show_phone';
COMMENT ON FUNCTION leads.show_phone(text, boolean) IS
  'A telephone number, masked unless plain is true. For views. No errors.';
CREATE FUNCTION leads.show_email(email text, plain boolean) RETURNS text
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_show_email';
COMMENT ON FUNCTION leads.show_email(text, boolean) IS
  'A mail address, masked unless plain is true. For views. No errors.';
CREATE FUNCTION leads.show_name(name text, plain boolean) RETURNS text
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'leads_show_name';
COMMENT ON FUNCTION leads.show_name(text, boolean) IS
  'A name, masked unless plain is true. For views. No errors.';
