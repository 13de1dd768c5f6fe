UPDATE search_documents SET revision = revision + 1
  WHERE application_id IN (SELECT application_id FROM search_due);
DROP TRIGGER calls_search_changed;
CREATE TRIGGER calls_search_changed AFTER UPDATE OF visibility ON calls
  WHEN new.visibility <> old.visibility BEGIN
  UPDATE search_documents SET revision = revision + 1
    WHERE application_id IN (SELECT a.id FROM applications a WHERE a.call_id = new.id
      AND EXISTS (SELECT 1 FROM application_answers p WHERE p.application_id = a.id));
END;
DROP TABLE search_due;
