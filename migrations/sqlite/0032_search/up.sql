-- Finding applications: what was handed in is a document, in the order of handing in, with the words
-- of its title, of title and summary, and of everything. Triggers keep the words in step with the
-- rows, in the same transaction. Each list of words also holds the marks that filters look for; a
-- mark ends in x, so that it has no other stem.
CREATE TABLE search_documents (
  doc INTEGER NOT NULL PRIMARY KEY,
  application_id BLOB NOT NULL UNIQUE REFERENCES applications (id) ON DELETE CASCADE CHECK (length(application_id) = 16),
  revision INTEGER NOT NULL
) STRICT;
CREATE VIRTUAL TABLE search_titles USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE search_leads USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE search_texts USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2');

CREATE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || lower(hex(a.call_id)) || 'x'
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested) || 'x sum' || lower(a.currency)
        || length(a.amount_requested) || 'from' || substr(a.amount_requested, 1, 1) || 'x', '')
      || ' team' || (SELECT min(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x' AS marks
  FROM applications a;

CREATE TRIGGER search_documents_added AFTER INSERT ON search_documents BEGIN
  INSERT INTO search_titles (rowid, words) SELECT new.doc, title || ' ' || marks FROM search_contents WHERE application_id = new.application_id;
  INSERT INTO search_leads (rowid, words) SELECT new.doc, lead || ' ' || marks FROM search_contents WHERE application_id = new.application_id;
  INSERT INTO search_texts (rowid, words) SELECT new.doc, whole || ' ' || marks FROM search_contents WHERE application_id = new.application_id;
END;
CREATE TRIGGER search_documents_changed AFTER UPDATE OF revision ON search_documents BEGIN
  DELETE FROM search_titles WHERE rowid = new.doc;
  DELETE FROM search_leads WHERE rowid = new.doc;
  DELETE FROM search_texts WHERE rowid = new.doc;
  INSERT INTO search_titles (rowid, words) SELECT new.doc, title || ' ' || marks FROM search_contents WHERE application_id = new.application_id;
  INSERT INTO search_leads (rowid, words) SELECT new.doc, lead || ' ' || marks FROM search_contents WHERE application_id = new.application_id;
  INSERT INTO search_texts (rowid, words) SELECT new.doc, whole || ' ' || marks FROM search_contents WHERE application_id = new.application_id;
END;
CREATE TRIGGER search_documents_removed AFTER DELETE ON search_documents BEGIN
  DELETE FROM search_titles WHERE rowid = old.doc;
  DELETE FROM search_leads WHERE rowid = old.doc;
  DELETE FROM search_texts WHERE rowid = old.doc;
END;

CREATE TRIGGER applications_search_added AFTER INSERT ON applications
  WHEN new.submitted_at IS NOT NULL BEGIN
  INSERT INTO search_documents (application_id, revision) VALUES (new.id, 1);
END;
CREATE TRIGGER applications_search_changed
  AFTER UPDATE OF title, summary, body, amount_requested, currency, status, visibility, call_id, submitted_at ON applications
  WHEN new.submitted_at IS NOT NULL AND (old.submitted_at IS NULL OR new.title <> old.title
    OR new.summary <> old.summary OR new.body <> old.body OR new.status <> old.status
    OR new.visibility <> old.visibility OR new.call_id <> old.call_id
    OR new.amount_requested IS NOT old.amount_requested OR new.currency IS NOT old.currency) BEGIN
  INSERT INTO search_documents (application_id, revision) VALUES (new.id, 1)
    ON CONFLICT (application_id) DO UPDATE SET revision = revision + 1;
END;
CREATE TRIGGER application_members_search_added AFTER INSERT ON application_members
  WHEN new.consent = 'accepted' BEGIN
  UPDATE search_documents SET revision = revision + 1 WHERE application_id = new.application_id;
END;
CREATE TRIGGER application_members_search_changed AFTER UPDATE OF consent ON application_members
  WHEN new.consent <> old.consent BEGIN
  UPDATE search_documents SET revision = revision + 1 WHERE application_id = new.application_id;
END;

-- In the order of handing in, as those that follow.
INSERT INTO search_documents (application_id, revision)
  SELECT id, 1 FROM applications WHERE submitted_at IS NOT NULL ORDER BY submitted_at, id;

-- What is pressing, and what is new.
CREATE INDEX applications_pressing_ix ON applications (call_id, promised_on, id) WHERE status = 'open';
CREATE INDEX applications_opened_ix ON applications (opened_at, id) WHERE opened_at IS NOT NULL;
CREATE INDEX call_funds_fund_ix ON call_funds (fund_id, call_id);

-- What somebody looks for again and again, and when they were last told.
CREATE TABLE saved_searches (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  name TEXT NOT NULL,
  asked TEXT NOT NULL CHECK (json_valid(asked)),
  digest TEXT NOT NULL CONSTRAINT saved_searches_digest_ck CHECK (digest IN ('none','daily','weekly')),
  told_until INTEGER NOT NULL,
  due_at INTEGER,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  CONSTRAINT saved_searches_due_ck CHECK ((digest = 'none') = (due_at IS NULL))
) STRICT;
CREATE INDEX saved_searches_person_ix ON saved_searches (person_id, id);
CREATE INDEX saved_searches_due_ix ON saved_searches (due_at, id) WHERE due_at IS NOT NULL;

-- Offers on a condition, and what became of them when they were committed; and whether others read
-- who made one. Those that stand were made before anybody could choose: their makers stay unnamed.
ALTER TABLE offers ADD COLUMN kind TEXT NOT NULL DEFAULT 'plain' CONSTRAINT offers_kind_ck CHECK (kind IN ('plain','if_others','match'));
ALTER TABLE offers ADD COLUMN others_minimum INTEGER CONSTRAINT offers_others_ck CHECK ((kind = 'if_others') = (others_minimum IS NOT NULL) AND (others_minimum IS NULL OR others_minimum > 0));
ALTER TABLE offers ADD COLUMN effective INTEGER CONSTRAINT offers_effective_ck CHECK (effective IS NULL OR (status = 'committed' AND effective > 0 AND effective <= amount));
ALTER TABLE offers ADD COLUMN private INTEGER NOT NULL DEFAULT 0 CONSTRAINT offers_private_ck CHECK (private IN (0, 1));
UPDATE offers SET effective = CASE WHEN status = 'committed' THEN amount END, private = 1;
