CREATE FUNCTION leads.register(name text, phone text DEFAULT NULL, contact text DEFAULT NULL, email text DEFAULT NULL,
    region text DEFAULT NULL, industry text DEFAULT NULL, amount numeric DEFAULT NULL, need text DEFAULT NULL,
    channel text DEFAULT 'manual', line text DEFAULT '', project text DEFAULT NULL, uscc text DEFAULT NULL,
    kind text DEFAULT 'company', by_member text DEFAULT NULL, extra jsonb DEFAULT '{}', request_key text DEFAULT NULL,
    OUT registration_id bigint, OUT outcome text, OUT reason text, OUT message text, OUT customer_id bigint,
    OUT lead_id bigint, OUT owner text, OUT pool text, OUT protected_until timestamptz, OUT matches jsonb,
    OUT decision_id bigint)
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_register';
COMMENT ON FUNCTION leads.register(text, text, text, text, text, text, numeric, text, text, text, text, text, text, text, jsonb, text) IS
  'Register a customer: duplicate check, routing, protection, in one transaction. name .. kind: what is known of it; channel: where it came in; by_member: code of the member that registers (profiles app, manager, admin); extra: further fields; request_key: the same key and channel return the first answer. Result: outcome created, attached, returning, offered, queued, blocked or rejected, the reason as code and in words, ids, owner or pool, end of protection, matches with band, score and each feature''s share, decision_id for explain(). A refused attempt is kept as a row. Errors: LD001 (unknown channel), LD004, LD008, LD010, LD011, 22023, 40001 (retry).';
CREATE FUNCTION leads.register_json(payload jsonb,
    OUT registration_id bigint, OUT outcome text, OUT reason text, OUT message text, OUT customer_id bigint,
    OUT lead_id bigint, OUT owner text, OUT pool text, OUT protected_until timestamptz, OUT matches jsonb,
    OUT decision_id bigint)
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'leads_register_json';
COMMENT ON FUNCTION leads.register_json(jsonb) IS
  'register() for JSON senders. payload: an object whose keys are the arguments of register(). Result and errors as register(); LD005 if payload is NULL, 22023 for an unknown key or a wrong type.';
