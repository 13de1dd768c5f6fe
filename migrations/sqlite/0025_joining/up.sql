-- Applications that become one, and those that somebody else began.
CREATE TABLE merges (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  into_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(into_id) = 16),
  from_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(from_id) = 16),
  proposed_by BLOB NOT NULL REFERENCES people (id) CHECK (length(proposed_by) = 16),
  asked_id BLOB NOT NULL REFERENCES people (id) CHECK (length(asked_id) = 16),
  status TEXT NOT NULL CONSTRAINT merges_status_ck CHECK (status IN ('proposed','accepted','declined','withdrawn')),
  kept TEXT CHECK (kept IS NULL OR json_valid(kept)),
  created_at INTEGER NOT NULL,
  decided_at INTEGER,
  CONSTRAINT merges_two_ck CHECK (into_id <> from_id AND proposed_by <> asked_id),
  CONSTRAINT merges_decided_ck CHECK ((status = 'proposed') = (decided_at IS NULL)),
  CONSTRAINT merges_kept_ck CHECK ((status = 'accepted') = (kept IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX merges_proposed_ix ON merges (into_id, from_id) WHERE status = 'proposed';
CREATE UNIQUE INDEX merges_accepted_ix ON merges (from_id) WHERE status = 'accepted';
CREATE INDEX merges_into_ix ON merges (into_id, id);
CREATE INDEX merges_from_ix ON merges (from_id, id);

CREATE TABLE nominations (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  call_id BLOB NOT NULL REFERENCES calls (id) CHECK (length(call_id) = 16),
  nominator_id BLOB NOT NULL REFERENCES people (id) CHECK (length(nominator_id) = 16),
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  why TEXT NOT NULL,
  status TEXT NOT NULL CONSTRAINT nominations_status_ck CHECK (status IN ('open','taken','declined','withdrawn')),
  token_hash BLOB UNIQUE,
  expires_at INTEGER NOT NULL,
  nominee_id BLOB REFERENCES people (id) CHECK (length(nominee_id) = 16),
  application_id BLOB UNIQUE REFERENCES applications (id) CHECK (length(application_id) = 16),
  created_at INTEGER NOT NULL,
  decided_at INTEGER,
  CONSTRAINT nominations_taken_ck CHECK ((status = 'taken') = (application_id IS NOT NULL)),
  CONSTRAINT nominations_decided_ck CHECK ((status = 'open') = (decided_at IS NULL)),
  CONSTRAINT nominations_self_ck CHECK (nominee_id IS NULL OR nominee_id <> nominator_id)
) STRICT;
CREATE INDEX nominations_nominator_ix ON nominations (nominator_id, id);
CREATE INDEX nominations_made_ix ON nominations (nominator_id, created_at);
CREATE INDEX nominations_nominee_ix ON nominations (nominee_id, id);
CREATE INDEX nominations_email_ix ON nominations (email, id);

ALTER TABLE applications ADD COLUMN nominated_by BLOB;
