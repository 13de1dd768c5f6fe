-- The directions that an application names are found by their mark and their words.
CREATE OR REPLACE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body || coalesce(' ' || (SELECT string_agg(g.title, ' ')
      FROM application_agendas x JOIN agendas g ON g.id = x.agenda_id WHERE x.application_id = a.id), '') AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || replace(a.call_id::text, '-', '') || 'x'
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested::text) || 'x sum' || lower(a.currency)
        || length(a.amount_requested::text) || 'from' || left(a.amount_requested::text, 1) || 'x', '')
      || ' team' || (SELECT least(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x'
      || coalesce(' ' || (SELECT string_agg('agenda' || replace(x.agenda_id::text, '-', '') || 'x', ' ') FROM application_agendas x WHERE x.application_id = a.id), '') AS marks
  FROM applications a;
CREATE FUNCTION application_agendas_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(d.application_id) FROM search_documents d
    WHERE d.application_id = CASE WHEN TG_OP = 'DELETE' THEN old.application_id ELSE new.application_id END;
  RETURN NULL;
END $$;
CREATE TRIGGER application_agendas_search_changed AFTER INSERT OR DELETE ON application_agendas
  FOR EACH ROW EXECUTE FUNCTION application_agendas_search();
SELECT search_refresh(d.application_id) FROM search_documents d
  WHERE d.application_id IN (SELECT application_id FROM application_agendas);

-- Texts that are alike: what has to be looked at again, the signature of each text, and its bands;
-- texts that share a band are compared.
CREATE TABLE similar_due (
  application_id uuid NOT NULL PRIMARY KEY REFERENCES applications (id) ON DELETE CASCADE
);
CREATE TABLE similar_texts (
  application_id uuid NOT NULL PRIMARY KEY REFERENCES applications (id) ON DELETE CASCADE,
  version integer NOT NULL,
  signature bytea NOT NULL CHECK (length(signature) = 256)
);
CREATE TABLE similar_bands (
  band integer NOT NULL CONSTRAINT similar_bands_band_rule_ck CHECK (band BETWEEN 0 AND 15),
  hash bigint NOT NULL,
  application_id uuid NOT NULL REFERENCES similar_texts (application_id) ON DELETE CASCADE,
  PRIMARY KEY (band, hash, application_id)
);
CREATE INDEX similar_bands_application_ix ON similar_bands (application_id);
CREATE FUNCTION search_documents_compare() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO similar_due (application_id) VALUES (new.application_id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER search_documents_compare_changed AFTER INSERT OR UPDATE ON search_documents
  FOR EACH ROW EXECUTE FUNCTION search_documents_compare();
INSERT INTO similar_due (application_id) SELECT application_id FROM search_documents;
