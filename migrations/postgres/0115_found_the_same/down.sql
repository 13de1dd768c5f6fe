ALTER TEXT SEARCH DICTIONARY search_stem (LANGUAGE = english);
CREATE OR REPLACE FUNCTION search_plain(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(regexp_replace(normalize(translate(said, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~',
    '                                '), NFKD), U&'[\0300-\036F]', '', 'g'))
$$;
UPDATE search_documents d SET title_words = to_tsvector('search_words', search_plain(c.title)),
    lead_words = to_tsvector('search_words', search_plain(c.lead)), all_words = to_tsvector('search_words', search_plain(c.whole))
  FROM search_contents c WHERE c.application_id = d.application_id;
