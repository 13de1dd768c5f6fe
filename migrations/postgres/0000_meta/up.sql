-- Facts about the database itself, by name.
CREATE TABLE meta (
  key text NOT NULL PRIMARY KEY CONSTRAINT meta_key_ck CHECK (length(key) BETWEEN 1 AND 100),
  value text NOT NULL
);
