-- Words have the stems that SQLite gives them, so that both databases find the same: those of Porter
-- as he amended them. This dictionary has them as he first wrote them, so what differs is written for
-- it: a word of two letters keeps its s where an e follows, -logy is -log, and -bly is -ble.
ALTER TEXT SEARCH DICTIONARY search_stem (LANGUAGE = porter);
CREATE OR REPLACE FUNCTION search_plain(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(regexp_replace(regexp_replace(
    lower(regexp_replace(normalize(translate(said, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~',
      '                                '), NFKD), U&'[\0300-\036F]', '', 'g')),
    '\m([a-z0-9])s\M', '\1se', 'g'),
    '([aeiouy][b-df-hj-np-tv-xz][a-z]*log)(y|ies)\M', '\1', 'g'),
    '([aeiouy][b-df-hj-np-tv-xz][a-z]*b)ly\M', '\1le', 'g')
$$;
UPDATE search_documents d SET title_words = to_tsvector('search_words', search_plain(c.title)),
    lead_words = to_tsvector('search_words', search_plain(c.lead)), all_words = to_tsvector('search_words', search_plain(c.whole))
  FROM search_contents c WHERE c.application_id = d.application_id;
