-- Finding applications: what was handed in is a document, in the order of handing in, with the words
-- of its title, of title and summary, and of everything, and the marks that filters look for.
-- Triggers keep them in step with the rows, in the same transaction.
-- No word is too common to be looked for, so that both databases find the same.
CREATE TEXT SEARCH DICTIONARY search_stem (TEMPLATE = snowball, LANGUAGE = english);
CREATE TEXT SEARCH CONFIGURATION search_words (PARSER = "default");
ALTER TEXT SEARCH CONFIGURATION search_words
  ADD MAPPING FOR asciiword, word, numword WITH search_stem;
ALTER TEXT SEARCH CONFIGURATION search_words
  ADD MAPPING FOR uint, int, float, sfloat WITH simple;
-- Without accents and punctuation: what is joined by a slash or a dash is two words, and what looks
-- like an address or a file is its words.
CREATE FUNCTION search_plain(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(regexp_replace(normalize(translate(said, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~',
    '                                '), NFKD), U&'[\0300-\036F]', '', 'g'))
$$;

-- Documents of one leaf or branch carry its mark: the newest of a word that is everywhere are found
-- without looking at the others.
CREATE TABLE search_documents (
  doc bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  application_id uuid NOT NULL UNIQUE REFERENCES applications (id) ON DELETE CASCADE,
  marks text NOT NULL,
  title_words tsvector NOT NULL,
  lead_words tsvector NOT NULL,
  all_words tsvector NOT NULL,
  found_by tsvector NOT NULL GENERATED ALWAYS AS (array_to_tsvector(
    string_to_array(marks, ' ') || ('leaf' || (doc / 512)::text || 'x') || ('branch' || (doc / 8192)::text || 'x'))) STORED
) WITH (toast_tuple_target = 256);
CREATE INDEX search_documents_words_ix ON search_documents
  USING gin (title_words, lead_words, all_words, found_by) WITH (fastupdate = off);

CREATE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || replace(a.call_id::text, '-', '') || 'x'
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested::text) || 'x sum' || lower(a.currency)
        || length(a.amount_requested::text) || 'from' || left(a.amount_requested::text, 1) || 'x', '')
      || ' team' || (SELECT least(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x' AS marks
  FROM applications a;

CREATE FUNCTION search_refresh(which uuid) RETURNS void LANGUAGE sql AS $$
  INSERT INTO search_documents (application_id, marks, title_words, lead_words, all_words)
    SELECT application_id, marks, to_tsvector('search_words', search_plain(title)),
      to_tsvector('search_words', search_plain(lead)), to_tsvector('search_words', search_plain(whole))
    FROM search_contents WHERE application_id = which
    ON CONFLICT (application_id) DO UPDATE SET marks = excluded.marks, title_words = excluded.title_words,
      lead_words = excluded.lead_words, all_words = excluded.all_words
$$;
CREATE FUNCTION applications_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(new.id);
  RETURN NULL;
END $$;
CREATE FUNCTION application_members_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_refresh(d.application_id) FROM search_documents d WHERE d.application_id = new.application_id;
  RETURN NULL;
END $$;
CREATE TRIGGER applications_search_added AFTER INSERT ON applications
  FOR EACH ROW WHEN (new.submitted_at IS NOT NULL) EXECUTE FUNCTION applications_search();
CREATE TRIGGER applications_search_changed
  AFTER UPDATE OF title, summary, body, amount_requested, currency, status, visibility, call_id, submitted_at ON applications
  FOR EACH ROW WHEN (new.submitted_at IS NOT NULL AND (old.submitted_at IS NULL OR new.title <> old.title
    OR new.summary <> old.summary OR new.body <> old.body OR new.status <> old.status
    OR new.visibility <> old.visibility OR new.call_id <> old.call_id
    OR new.amount_requested IS DISTINCT FROM old.amount_requested OR new.currency IS DISTINCT FROM old.currency))
  EXECUTE FUNCTION applications_search();
CREATE TRIGGER application_members_search_added AFTER INSERT ON application_members
  FOR EACH ROW WHEN (new.consent = 'accepted') EXECUTE FUNCTION application_members_search();
CREATE TRIGGER application_members_search_changed AFTER UPDATE OF consent ON application_members
  FOR EACH ROW WHEN (new.consent <> old.consent) EXECUTE FUNCTION application_members_search();

-- In the order of handing in, as those that follow.
INSERT INTO search_documents (application_id, marks, title_words, lead_words, all_words)
  SELECT c.application_id, c.marks, to_tsvector('search_words', search_plain(c.title)),
    to_tsvector('search_words', search_plain(c.lead)), to_tsvector('search_words', search_plain(c.whole))
  FROM search_contents c JOIN applications a ON a.id = c.application_id
  WHERE a.submitted_at IS NOT NULL ORDER BY a.submitted_at, a.id;

-- What is pressing, and what is new.
CREATE INDEX applications_pressing_ix ON applications (call_id, promised_on, id) WHERE status = 'open';
CREATE INDEX applications_opened_ix ON applications (opened_at, id) WHERE opened_at IS NOT NULL;
CREATE INDEX call_funds_fund_ix ON call_funds (fund_id, call_id);

-- What somebody looks for again and again, and when they were last told.
CREATE TABLE saved_searches (
  id uuid NOT NULL PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people (id),
  name text NOT NULL,
  asked jsonb NOT NULL,
  digest text NOT NULL CONSTRAINT saved_searches_digest_ck CHECK (digest IN ('none','daily','weekly')),
  told_until timestamptz NOT NULL,
  due_at timestamptz,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT saved_searches_due_ck CHECK ((digest = 'none') = (due_at IS NULL))
);
CREATE INDEX saved_searches_person_ix ON saved_searches (person_id, id);
CREATE INDEX saved_searches_due_ix ON saved_searches (due_at, id) WHERE due_at IS NOT NULL;

-- Offers on a condition, and what became of them when they were committed; and whether others read
-- who made one. Those that stand were made before anybody could choose: their makers stay unnamed.
ALTER TABLE offers ADD COLUMN kind text NOT NULL DEFAULT 'plain' CONSTRAINT offers_kind_ck CHECK (kind IN ('plain','if_others','match'));
ALTER TABLE offers ADD COLUMN others_minimum bigint CONSTRAINT offers_others_ck CHECK ((kind = 'if_others') = (others_minimum IS NOT NULL) AND (others_minimum IS NULL OR others_minimum > 0));
ALTER TABLE offers ADD COLUMN effective bigint CONSTRAINT offers_effective_ck CHECK (effective IS NULL OR (status = 'committed' AND effective > 0 AND effective <= amount));
ALTER TABLE offers ADD COLUMN private boolean NOT NULL DEFAULT false;
UPDATE offers SET effective = CASE WHEN status = 'committed' THEN amount END, private = true;
