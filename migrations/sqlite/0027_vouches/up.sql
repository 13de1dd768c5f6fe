-- Signed trust in applicants, and the questions for it.
CREATE TABLE vouch_requests (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  requested_by BLOB NOT NULL REFERENCES people (id) CHECK (length(requested_by) = 16),
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  message TEXT NOT NULL,
  status TEXT NOT NULL CONSTRAINT vouch_requests_status_ck CHECK (status IN ('open','signed','declined')),
  created_at INTEGER NOT NULL,
  answered_at INTEGER,
  CONSTRAINT vouch_requests_answered_ck CHECK ((status = 'open') = (answered_at IS NULL)),
  UNIQUE (application_id, email)
) STRICT;
CREATE INDEX vouch_requests_application_ix ON vouch_requests (application_id, id);
CREATE INDEX vouch_requests_email_ix ON vouch_requests (email, id);
CREATE INDEX vouch_requests_asker_ix ON vouch_requests (requested_by, created_at);

CREATE TABLE vouches (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  voucher_id BLOB NOT NULL REFERENCES people (id) CHECK (length(voucher_id) = 16),
  signed_name TEXT NOT NULL,
  request_id BLOB REFERENCES vouch_requests (id) CHECK (length(request_id) = 16),
  scopes TEXT NOT NULL CHECK (json_valid(scopes)),
  strength TEXT NOT NULL CONSTRAINT vouches_strength_ck CHECK (strength IN ('positive','strong','exceptional')),
  how_known TEXT NOT NULL,
  statement TEXT NOT NULL,
  conflicts TEXT NOT NULL,
  visibility TEXT NOT NULL CONSTRAINT vouches_visibility_ck CHECK (visibility IN ('public','private')),
  status TEXT NOT NULL CONSTRAINT vouches_status_ck CHECK (status IN ('signed','withdrawn')),
  withdraw_reason TEXT,
  signed_quarter INTEGER NOT NULL,
  signed_at INTEGER NOT NULL,
  withdrawn_at INTEGER,
  CONSTRAINT vouches_withdrawn_ck CHECK ((status = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (status = 'withdrawn') = (withdraw_reason IS NOT NULL))
) STRICT;
CREATE INDEX vouches_application_ix ON vouches (application_id, id);
CREATE INDEX vouches_voucher_ix ON vouches (voucher_id, id);
CREATE INDEX vouches_quarter_ix ON vouches (voucher_id, signed_quarter);
CREATE UNIQUE INDEX vouches_one_ix ON vouches (application_id, voucher_id) WHERE status = 'signed';
