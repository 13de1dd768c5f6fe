-- Facts about the database itself, by name.
CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY CONSTRAINT meta_key_ck CHECK (length(key) BETWEEN 1 AND 100),
  value TEXT NOT NULL CHECK (instr(value, char(0)) = 0)
) STRICT;
