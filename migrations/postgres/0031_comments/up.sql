-- What people say on applications, and who is mentioned.
CREATE TABLE comments (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  author_id uuid NOT NULL REFERENCES people (id),
  visibility text NOT NULL CONSTRAINT comments_visibility_ck CHECK (visibility IN ('public','applicant_and_funders','internal')),
  body text NOT NULL,
  created_at timestamptz NOT NULL,
  edited_at timestamptz,
  removed_at timestamptz,
  removed_by uuid REFERENCES people (id),
  version integer NOT NULL,
  CONSTRAINT comments_removed_ck CHECK ((removed_at IS NULL) = (removed_by IS NULL)),
  CONSTRAINT comments_body_ck CHECK ((removed_at IS NULL) = (length(body) > 0))
);
CREATE INDEX comments_application_ix ON comments (application_id, id);
CREATE INDEX comments_author_ix ON comments (author_id, created_at);

CREATE TABLE comment_mentions (
  comment_id uuid NOT NULL REFERENCES comments (id),
  person_id uuid NOT NULL REFERENCES people (id),
  PRIMARY KEY (comment_id, person_id)
);
