-- A call that becomes private, or public, says only which of its applications are to be found anew:
-- each is later, in a transaction of its own. Who finds one at this moment is waited for, and so is
-- who edits it, and what they wrote is read. No reference: one that is being deleted may be noted.
CREATE TABLE search_due (
  application_id uuid NOT NULL PRIMARY KEY
);
CREATE OR REPLACE FUNCTION calls_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_due (application_id) SELECT a.id FROM applications a WHERE a.call_id = new.id
    AND EXISTS (SELECT 1 FROM application_answers p WHERE p.application_id = a.id) ORDER BY a.id
    ON CONFLICT (application_id) DO UPDATE SET application_id = excluded.application_id;
  RETURN NULL;
END $$;
CREATE FUNCTION search_again(which uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM applications WHERE id = which FOR NO KEY UPDATE;
  DELETE FROM search_due WHERE application_id = which;
  PERFORM search_refresh(d.application_id) FROM search_documents d WHERE d.application_id = which;
END $$;
-- What is compared at this moment may have been read before the edit that asks for it: it is waited
-- for, or waits, and is compared again. What was missed was asked for by the migration before.
CREATE OR REPLACE FUNCTION search_documents_compare() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO similar_due (application_id) VALUES (new.application_id)
    ON CONFLICT (application_id) DO UPDATE SET application_id = excluded.application_id;
  RETURN NULL;
END $$;
