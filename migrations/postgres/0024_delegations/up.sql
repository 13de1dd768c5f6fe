-- Who may do paperwork for whom, how far, and until when; and who handed in what.
CREATE TABLE delegations (
  id uuid NOT NULL PRIMARY KEY,
  principal_id uuid NOT NULL REFERENCES people (id),
  delegate_id uuid REFERENCES people (id),
  email text NOT NULL,
  errands integer NOT NULL CONSTRAINT delegations_errands_rule_ck CHECK (errands BETWEEN 1 AND 7),
  expires_on date NOT NULL,
  status text NOT NULL CONSTRAINT delegations_status_ck CHECK (status IN ('invited','accepted','declined','revoked','expired')),
  token_hash bytea UNIQUE,
  created_at timestamptz NOT NULL,
  answered_at timestamptz,
  ended_at timestamptz,
  ended_by uuid,
  CONSTRAINT delegations_self_ck CHECK (delegate_id IS NULL OR delegate_id <> principal_id),
  CONSTRAINT delegations_accepted_ck CHECK (status <> 'accepted' OR (delegate_id IS NOT NULL AND answered_at IS NOT NULL)),
  CONSTRAINT delegations_ended_ck CHECK ((status IN ('invited', 'accepted')) = (ended_at IS NULL))
);
CREATE INDEX delegations_principal_ix ON delegations (principal_id, id);
CREATE INDEX delegations_delegate_ix ON delegations (delegate_id, id);
CREATE INDEX delegations_pair_ix ON delegations (delegate_id, principal_id, status);
CREATE INDEX delegations_email_ix ON delegations (email, id);
CREATE INDEX delegations_expiry_ix ON delegations (expires_on) WHERE ended_at IS NULL;

ALTER TABLE applications ADD COLUMN submitted_by uuid;
ALTER TABLE reports ADD COLUMN submitted_by uuid;
