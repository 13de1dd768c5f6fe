-- Signed trust in applicants, and the questions for it.
CREATE TABLE vouch_requests (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  requested_by uuid NOT NULL REFERENCES people (id),
  email text NOT NULL,
  name text NOT NULL,
  message text NOT NULL,
  status text NOT NULL CONSTRAINT vouch_requests_status_ck CHECK (status IN ('open','signed','declined')),
  created_at timestamptz NOT NULL,
  answered_at timestamptz,
  CONSTRAINT vouch_requests_answered_ck CHECK ((status = 'open') = (answered_at IS NULL)),
  UNIQUE (application_id, email)
);
CREATE INDEX vouch_requests_application_ix ON vouch_requests (application_id, id);
CREATE INDEX vouch_requests_email_ix ON vouch_requests (email, id);
CREATE INDEX vouch_requests_asker_ix ON vouch_requests (requested_by, created_at);

CREATE TABLE vouches (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  voucher_id uuid NOT NULL REFERENCES people (id),
  signed_name text NOT NULL,
  request_id uuid REFERENCES vouch_requests (id),
  scopes jsonb NOT NULL,
  strength text NOT NULL CONSTRAINT vouches_strength_ck CHECK (strength IN ('positive','strong','exceptional')),
  how_known text NOT NULL,
  statement text NOT NULL,
  conflicts text NOT NULL,
  visibility text NOT NULL CONSTRAINT vouches_visibility_ck CHECK (visibility IN ('public','private')),
  status text NOT NULL CONSTRAINT vouches_status_ck CHECK (status IN ('signed','withdrawn')),
  withdraw_reason text,
  signed_quarter integer NOT NULL,
  signed_at timestamptz NOT NULL,
  withdrawn_at timestamptz,
  CONSTRAINT vouches_withdrawn_ck CHECK ((status = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (status = 'withdrawn') = (withdraw_reason IS NOT NULL))
);
CREATE INDEX vouches_application_ix ON vouches (application_id, id);
CREATE INDEX vouches_voucher_ix ON vouches (voucher_id, id);
CREATE INDEX vouches_quarter_ix ON vouches (voucher_id, signed_quarter);
CREATE UNIQUE INDEX vouches_one_ix ON vouches (application_id, voucher_id) WHERE status = 'signed';
