CREATE PROCEDURE leads.rekey(batch integer DEFAULT 1000, schema_name text DEFAULT NULL)
  LANGUAGE c
  AS 'MODULE_PATHNAME', 'leads_rekey';
COMMENT ON PROCEDURE leads.rekey(integer, text) IS
  'Make the keys by which duplicates are found anew: by how common characters are among the names of this company, and by the rules of this version of the library. Customers are registered meanwhile, and nobody is missed: new keys are written beside the old ones batch by batch, each committed, then looked up, then the old ones go. Broken off, it goes on when called again; view key_progress shows how far it is. While the stored keys are of another version of the library, register() and the like refuse with LD085 until they are written. batch: customers a batch, 1 to 100000; schema_name: data schema. For owner and admin. Errors: LD002 (another call is at it), LD004, LD008, LD010, 22023, 25001 (inside a transaction block).';
