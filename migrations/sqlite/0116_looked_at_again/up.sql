-- A call that becomes private, or public, says only which of its applications are to be found anew:
-- each is later, in a transaction of its own.
CREATE TABLE search_due (
  application_id BLOB NOT NULL PRIMARY KEY REFERENCES applications (id) ON DELETE CASCADE CHECK (length(application_id) = 16)
) STRICT, WITHOUT ROWID;
DROP TRIGGER calls_search_changed;
CREATE TRIGGER calls_search_changed AFTER UPDATE OF visibility ON calls
  WHEN new.visibility <> old.visibility BEGIN
  INSERT INTO search_due (application_id) SELECT a.id FROM applications a WHERE a.call_id = new.id
    AND EXISTS (SELECT 1 FROM application_answers p WHERE p.application_id = a.id)
    ON CONFLICT DO NOTHING;
END;
