DROP TRIGGER search_documents_added;
DROP TRIGGER search_documents_changed;
DROP TABLE search_titles;
DROP TABLE search_leads;
DROP TABLE search_texts;
CREATE VIRTUAL TABLE search_titles USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE search_leads USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE search_texts USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2');
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
INSERT INTO search_titles (rowid, words)
  SELECT d.doc, c.title || ' ' || c.marks FROM search_documents d JOIN search_contents c ON c.application_id = d.application_id ORDER BY d.doc;
INSERT INTO search_leads (rowid, words)
  SELECT d.doc, c.lead || ' ' || c.marks FROM search_documents d JOIN search_contents c ON c.application_id = d.application_id ORDER BY d.doc;
INSERT INTO search_texts (rowid, words)
  SELECT d.doc, c.whole || ' ' || c.marks FROM search_documents d JOIN search_contents c ON c.application_id = d.application_id ORDER BY d.doc;
