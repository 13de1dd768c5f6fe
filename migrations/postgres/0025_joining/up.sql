-- Applications that become one, and those that somebody else began.
CREATE TABLE merges (
  id uuid NOT NULL PRIMARY KEY,
  into_id uuid NOT NULL REFERENCES applications (id),
  from_id uuid NOT NULL REFERENCES applications (id),
  proposed_by uuid NOT NULL REFERENCES people (id),
  asked_id uuid NOT NULL REFERENCES people (id),
  status text NOT NULL CONSTRAINT merges_status_ck CHECK (status IN ('proposed','accepted','declined','withdrawn')),
  kept jsonb,
  created_at timestamptz NOT NULL,
  decided_at timestamptz,
  CONSTRAINT merges_two_ck CHECK (into_id <> from_id AND proposed_by <> asked_id),
  CONSTRAINT merges_decided_ck CHECK ((status = 'proposed') = (decided_at IS NULL)),
  CONSTRAINT merges_kept_ck CHECK ((status = 'accepted') = (kept IS NOT NULL))
);
CREATE UNIQUE INDEX merges_proposed_ix ON merges (into_id, from_id) WHERE status = 'proposed';
CREATE UNIQUE INDEX merges_accepted_ix ON merges (from_id) WHERE status = 'accepted';
CREATE INDEX merges_into_ix ON merges (into_id, id);
CREATE INDEX merges_from_ix ON merges (from_id, id);

CREATE TABLE nominations (
  id uuid NOT NULL PRIMARY KEY,
  call_id uuid NOT NULL REFERENCES calls (id),
  nominator_id uuid NOT NULL REFERENCES people (id),
  email text NOT NULL,
  name text NOT NULL,
  title text NOT NULL,
  summary text NOT NULL,
  why text NOT NULL,
  status text NOT NULL CONSTRAINT nominations_status_ck CHECK (status IN ('open','taken','declined','withdrawn')),
  token_hash bytea UNIQUE,
  expires_at timestamptz NOT NULL,
  nominee_id uuid REFERENCES people (id),
  application_id uuid UNIQUE REFERENCES applications (id),
  created_at timestamptz NOT NULL,
  decided_at timestamptz,
  CONSTRAINT nominations_taken_ck CHECK ((status = 'taken') = (application_id IS NOT NULL)),
  CONSTRAINT nominations_decided_ck CHECK ((status = 'open') = (decided_at IS NULL)),
  CONSTRAINT nominations_self_ck CHECK (nominee_id IS NULL OR nominee_id <> nominator_id)
);
CREATE INDEX nominations_nominator_ix ON nominations (nominator_id, id);
CREATE INDEX nominations_made_ix ON nominations (nominator_id, created_at);
CREATE INDEX nominations_nominee_ix ON nominations (nominee_id, id);
CREATE INDEX nominations_email_ix ON nominations (email, id);

ALTER TABLE applications ADD COLUMN nominated_by uuid;
