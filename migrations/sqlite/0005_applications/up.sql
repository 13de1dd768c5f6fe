-- Calls, applications and the offers on them.
CREATE TABLE calls (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  kind TEXT NOT NULL CONSTRAINT calls_kind_ck CHECK (kind IN ('rolling','dated')),
  opens_on INTEGER NOT NULL,
  closes_on INTEGER,
  decision_days INTEGER NOT NULL CONSTRAINT calls_decision_days_rule_ck CHECK (decision_days BETWEEN 1 AND 365),
  visibility TEXT NOT NULL CONSTRAINT calls_visibility_ck CHECK (visibility IN ('public','private')),
  status TEXT NOT NULL CONSTRAINT calls_status_ck CHECK (status IN ('draft','open','closed')),
  version INTEGER NOT NULL,
  created_by BLOB CHECK (length(created_by) = 16),
  created_at INTEGER NOT NULL,
  CONSTRAINT calls_dated_ck CHECK (kind = 'rolling' OR closes_on IS NOT NULL)
) STRICT;
CREATE INDEX calls_status_ix ON calls (status, id);
CREATE INDEX calls_public_ix ON calls (visibility, status, id);

-- The funds that may spend in a call; none named: any.
CREATE TABLE call_funds (
  call_id BLOB NOT NULL REFERENCES calls (id) CHECK (length(call_id) = 16),
  fund_id BLOB NOT NULL REFERENCES funds (id) CHECK (length(fund_id) = 16),
  PRIMARY KEY (call_id, fund_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE applications (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  call_id BLOB NOT NULL REFERENCES calls (id) CHECK (length(call_id) = 16),
  applicant_id BLOB NOT NULL REFERENCES people (id) CHECK (length(applicant_id) = 16),
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  body TEXT NOT NULL,
  amount_minimum INTEGER CONSTRAINT applications_amount_minimum_rule_ck CHECK (amount_minimum > 0),
  amount_requested INTEGER CONSTRAINT applications_amount_requested_rule_ck CHECK (amount_requested > 0),
  offered INTEGER NOT NULL DEFAULT 0,
  currency TEXT,
  budget_lines TEXT NOT NULL CHECK (json_valid(budget_lines)),
  duration_months INTEGER CONSTRAINT applications_duration_months_rule_ck CHECK (duration_months BETWEEN 1 AND 120),
  visibility TEXT NOT NULL CONSTRAINT applications_visibility_ck CHECK (visibility IN ('public','private')),
  status TEXT NOT NULL CONSTRAINT applications_status_ck CHECK (status IN ('draft','submitted','open','changes_requested','awarded','declined','withdrawn','lapsed')),
  returned_from TEXT CONSTRAINT applications_returned_from_ck CHECK (returned_from IN ('submitted','open')),
  status_reason TEXT,
  promised_on INTEGER,
  submitted_at INTEGER,
  opened_at INTEGER,
  decided_at INTEGER,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  CONSTRAINT applications_offered_ck CHECK (offered >= 0 AND (offered = 0 OR (amount_requested IS NOT NULL AND offered <= amount_requested))),
  CONSTRAINT applications_amounts_ck CHECK (amount_minimum IS NULL OR amount_requested IS NULL OR amount_minimum <= amount_requested),
  CONSTRAINT applications_complete_ck CHECK (status IN ('draft', 'withdrawn') OR (amount_minimum IS NOT NULL AND amount_requested IS NOT NULL AND currency IS NOT NULL)),
  CONSTRAINT applications_returned_ck CHECK ((status = 'changes_requested') = (returned_from IS NOT NULL))
) STRICT;
CREATE INDEX applications_applicant_ix ON applications (applicant_id, id);
CREATE INDEX applications_status_ix ON applications (status, id);
CREATE INDEX applications_call_ix ON applications (call_id, id);
CREATE INDEX applications_public_ix ON applications (visibility, status, id);
CREATE INDEX applications_call_public_ix ON applications (call_id, visibility, status, id);
CREATE INDEX applications_submitted_ix ON applications (id) WHERE submitted_at IS NOT NULL;

CREATE TABLE application_members (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  person_id BLOB REFERENCES people (id) CHECK (length(person_id) = 16),
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL CONSTRAINT application_members_role_ck CHECK (role IN ('lead','member','mentor','operations')),
  consent TEXT NOT NULL CONSTRAINT application_members_consent_ck CHECK (consent IN ('invited','accepted','declined','removed')),
  token_hash BLOB UNIQUE,
  invited_by BLOB CHECK (length(invited_by) = 16),
  created_at INTEGER NOT NULL,
  decided_at INTEGER,
  UNIQUE (application_id, email)
) STRICT;
CREATE INDEX application_members_person_ix ON application_members (person_id, application_id);
CREATE INDEX application_members_email_ix ON application_members (email, application_id);
CREATE INDEX application_members_inviter_ix ON application_members (invited_by, created_at);

CREATE TABLE conflicts (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  reason TEXT NOT NULL,
  declared_at INTEGER NOT NULL,
  UNIQUE (application_id, person_id)
) STRICT;

CREATE TABLE offers (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  budget_id BLOB NOT NULL REFERENCES budgets (id) CHECK (length(budget_id) = 16),
  regrantor_id BLOB NOT NULL REFERENCES people (id) CHECK (length(regrantor_id) = 16),
  amount INTEGER NOT NULL CONSTRAINT offers_amount_rule_ck CHECK (amount > 0),
  currency TEXT NOT NULL,
  conditions TEXT NOT NULL,
  status TEXT NOT NULL CONSTRAINT offers_status_ck CHECK (status IN ('awaiting_approval','placed','committed','released')),
  release_reason TEXT CONSTRAINT offers_release_reason_ck CHECK (release_reason IN ('withdrawn','lapsed','application_ended','denied')),
  expires_at INTEGER NOT NULL,
  grant_id BLOB CHECK (length(grant_id) = 16),
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  decided_at INTEGER,
  CONSTRAINT offers_released_ck CHECK ((status = 'released') = (release_reason IS NOT NULL)),
  CONSTRAINT offers_committed_ck CHECK ((status = 'committed') = (grant_id IS NOT NULL))
) STRICT;
CREATE INDEX offers_application_ix ON offers (application_id, id);
CREATE INDEX offers_budget_ix ON offers (budget_id, id);
CREATE INDEX offers_regrantor_ix ON offers (regrantor_id, id);
CREATE INDEX offers_expiry_ix ON offers (expires_at) WHERE status IN ('awaiting_approval', 'placed');
