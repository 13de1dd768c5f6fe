-- What of a grant is published, where somebody has decided it: without a row the rule of the house
-- holds (all of a public application's, amounts and days of a private one's, no names).
CREATE TABLE publications (
  grant_id BLOB NOT NULL PRIMARY KEY REFERENCES grants (id) CHECK (length(grant_id) = 16),
  status TEXT NOT NULL CONSTRAINT publications_status_ck CHECK (status IN ('published','withheld')),
  recipient TEXT NOT NULL CONSTRAINT publications_recipient_ck CHECK (recipient IN ('individual','organisation')),
  organisation_name TEXT,
  organisation_id TEXT,
  fields TEXT NOT NULL CHECK (json_valid(fields)),
  decided_by BLOB CHECK (length(decided_by) = 16),
  decided_at INTEGER NOT NULL,
  CONSTRAINT publications_organisation_ck CHECK ((recipient = 'organisation') = (organisation_name IS NOT NULL)),
  CONSTRAINT publications_id_ck CHECK (organisation_id IS NULL OR recipient = 'organisation')
) STRICT;
