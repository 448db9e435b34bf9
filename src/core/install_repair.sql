COMMENT ON SCHEMA @schema@ IS
  'A company of pg_leads: its tables, triggers, policies and views; made and repaired by leads.install(), deleted by leads.uninstall() alone';
