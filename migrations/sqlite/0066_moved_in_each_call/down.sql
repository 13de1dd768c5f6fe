ALTER TABLE application_extensions DROP COLUMN call_id;
