-- The directions that an application names are found by their mark and their words.
DROP VIEW search_contents;
CREATE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body || coalesce(' ' || (SELECT group_concat(g.title, ' ')
      FROM application_agendas x JOIN agendas g ON g.id = x.agenda_id WHERE x.application_id = a.id), '') AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || lower(hex(a.call_id)) || 'x'
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested) || 'x sum' || lower(a.currency)
        || length(a.amount_requested) || 'from' || substr(a.amount_requested, 1, 1) || 'x', '')
      || ' team' || (SELECT min(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x'
      || coalesce(' ' || (SELECT group_concat('agenda' || lower(hex(x.agenda_id)) || 'x', ' ') FROM application_agendas x WHERE x.application_id = a.id), '') AS marks
  FROM applications a;
CREATE TRIGGER application_agendas_search_added AFTER INSERT ON application_agendas BEGIN
  UPDATE search_documents SET revision = revision + 1 WHERE application_id = new.application_id;
END;
CREATE TRIGGER application_agendas_search_removed AFTER DELETE ON application_agendas BEGIN
  UPDATE search_documents SET revision = revision + 1 WHERE application_id = old.application_id;
END;
UPDATE search_documents SET revision = revision + 1
  WHERE application_id IN (SELECT application_id FROM application_agendas);

-- Texts that are alike: what has to be looked at again, the signature of each text, and its bands;
-- texts that share a band are compared.
CREATE TABLE similar_due (
  application_id BLOB NOT NULL PRIMARY KEY REFERENCES applications (id) ON DELETE CASCADE CHECK (length(application_id) = 16)
) STRICT, WITHOUT ROWID;
CREATE TABLE similar_texts (
  application_id BLOB NOT NULL PRIMARY KEY REFERENCES applications (id) ON DELETE CASCADE CHECK (length(application_id) = 16),
  version INTEGER NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 256)
) STRICT;
CREATE TABLE similar_bands (
  band INTEGER NOT NULL CONSTRAINT similar_bands_band_rule_ck CHECK (band BETWEEN 0 AND 15),
  hash INTEGER NOT NULL,
  application_id BLOB NOT NULL REFERENCES similar_texts (application_id) ON DELETE CASCADE CHECK (length(application_id) = 16),
  PRIMARY KEY (band, hash, application_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX similar_bands_application_ix ON similar_bands (application_id);
CREATE TRIGGER search_documents_compare_added AFTER INSERT ON search_documents BEGIN
  INSERT INTO similar_due (application_id) VALUES (new.application_id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER search_documents_compare_changed AFTER UPDATE OF revision ON search_documents BEGIN
  INSERT INTO similar_due (application_id) VALUES (new.application_id) ON CONFLICT DO NOTHING;
END;
INSERT INTO similar_due (application_id) SELECT application_id FROM search_documents WHERE true
  ON CONFLICT DO NOTHING;
