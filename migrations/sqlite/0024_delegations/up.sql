-- Who may do paperwork for whom, how far, and until when; and who handed in what.
CREATE TABLE delegations (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  principal_id BLOB NOT NULL REFERENCES people (id) CHECK (length(principal_id) = 16),
  delegate_id BLOB REFERENCES people (id) CHECK (length(delegate_id) = 16),
  email TEXT NOT NULL,
  errands INTEGER NOT NULL CONSTRAINT delegations_errands_rule_ck CHECK (errands BETWEEN 1 AND 7),
  expires_on INTEGER NOT NULL,
  status TEXT NOT NULL CONSTRAINT delegations_status_ck CHECK (status IN ('invited','accepted','declined','revoked','expired')),
  token_hash BLOB UNIQUE,
  created_at INTEGER NOT NULL,
  answered_at INTEGER,
  ended_at INTEGER,
  ended_by BLOB CHECK (length(ended_by) = 16),
  CONSTRAINT delegations_self_ck CHECK (delegate_id IS NULL OR delegate_id <> principal_id),
  CONSTRAINT delegations_accepted_ck CHECK (status <> 'accepted' OR (delegate_id IS NOT NULL AND answered_at IS NOT NULL)),
  CONSTRAINT delegations_ended_ck CHECK ((status IN ('invited', 'accepted')) = (ended_at IS NULL))
) STRICT;
CREATE INDEX delegations_principal_ix ON delegations (principal_id, id);
CREATE INDEX delegations_delegate_ix ON delegations (delegate_id, id);
CREATE INDEX delegations_pair_ix ON delegations (delegate_id, principal_id, status);
CREATE INDEX delegations_email_ix ON delegations (email, id);
CREATE INDEX delegations_expiry_ix ON delegations (expires_on) WHERE ended_at IS NULL;

ALTER TABLE applications ADD COLUMN submitted_by BLOB;
ALTER TABLE reports ADD COLUMN submitted_by BLOB;
