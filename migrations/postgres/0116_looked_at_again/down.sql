SELECT search_again(application_id) FROM search_due;
DROP FUNCTION search_again(uuid);
CREATE OR REPLACE FUNCTION calls_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Whoever hands in or edits one of them at this moment is waited for, and what they wrote is read.
  PERFORM 1 FROM applications a WHERE a.call_id = new.id
    AND EXISTS (SELECT 1 FROM application_answers p WHERE p.application_id = a.id) ORDER BY a.id FOR UPDATE;
  PERFORM search_refresh(d.application_id) FROM search_documents d JOIN applications a ON a.id = d.application_id
    WHERE a.call_id = new.id AND EXISTS (SELECT 1 FROM application_answers p WHERE p.application_id = a.id);
  RETURN NULL;
END $$;
DROP TABLE search_due;
CREATE OR REPLACE FUNCTION search_documents_compare() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO similar_due (application_id) VALUES (new.application_id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
