-- What people say on applications, and who is mentioned.
CREATE TABLE comments (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  author_id BLOB NOT NULL REFERENCES people (id) CHECK (length(author_id) = 16),
  visibility TEXT NOT NULL CONSTRAINT comments_visibility_ck CHECK (visibility IN ('public','applicant_and_funders','internal')),
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  edited_at INTEGER,
  removed_at INTEGER,
  removed_by BLOB REFERENCES people (id) CHECK (length(removed_by) = 16),
  version INTEGER NOT NULL,
  CONSTRAINT comments_removed_ck CHECK ((removed_at IS NULL) = (removed_by IS NULL)),
  CONSTRAINT comments_body_ck CHECK ((removed_at IS NULL) = (length(body) > 0))
) STRICT;
CREATE INDEX comments_application_ix ON comments (application_id, id);
CREATE INDEX comments_author_ix ON comments (author_id, created_at);

CREATE TABLE comment_mentions (
  comment_id BLOB NOT NULL REFERENCES comments (id) CHECK (length(comment_id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  PRIMARY KEY (comment_id, person_id)
) STRICT, WITHOUT ROWID;
