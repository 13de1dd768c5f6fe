-- Calls, applications and the offers on them.
CREATE TABLE calls (
  id uuid NOT NULL PRIMARY KEY,
  title text NOT NULL,
  summary text NOT NULL,
  kind text NOT NULL CONSTRAINT calls_kind_ck CHECK (kind IN ('rolling','dated')),
  opens_on date NOT NULL,
  closes_on date,
  decision_days integer NOT NULL CONSTRAINT calls_decision_days_rule_ck CHECK (decision_days BETWEEN 1 AND 365),
  visibility text NOT NULL CONSTRAINT calls_visibility_ck CHECK (visibility IN ('public','private')),
  status text NOT NULL CONSTRAINT calls_status_ck CHECK (status IN ('draft','open','closed')),
  version integer NOT NULL,
  created_by uuid,
  created_at timestamptz NOT NULL,
  CONSTRAINT calls_dated_ck CHECK (kind = 'rolling' OR closes_on IS NOT NULL)
);
CREATE INDEX calls_status_ix ON calls (status, id);
CREATE INDEX calls_public_ix ON calls (visibility, status, id);

-- The funds that may spend in a call; none named: any.
CREATE TABLE call_funds (
  call_id uuid NOT NULL REFERENCES calls (id),
  fund_id uuid NOT NULL REFERENCES funds (id),
  PRIMARY KEY (call_id, fund_id)
);

CREATE TABLE applications (
  id uuid NOT NULL PRIMARY KEY,
  call_id uuid NOT NULL REFERENCES calls (id),
  applicant_id uuid NOT NULL REFERENCES people (id),
  title text NOT NULL,
  summary text NOT NULL,
  body text NOT NULL,
  amount_minimum bigint CONSTRAINT applications_amount_minimum_rule_ck CHECK (amount_minimum > 0),
  amount_requested bigint CONSTRAINT applications_amount_requested_rule_ck CHECK (amount_requested > 0),
  offered bigint NOT NULL DEFAULT 0,
  currency text,
  budget_lines jsonb NOT NULL,
  duration_months integer CONSTRAINT applications_duration_months_rule_ck CHECK (duration_months BETWEEN 1 AND 120),
  visibility text NOT NULL CONSTRAINT applications_visibility_ck CHECK (visibility IN ('public','private')),
  status text NOT NULL CONSTRAINT applications_status_ck CHECK (status IN ('draft','submitted','open','changes_requested','awarded','declined','withdrawn','lapsed')),
  returned_from text CONSTRAINT applications_returned_from_ck CHECK (returned_from IN ('submitted','open')),
  status_reason text,
  promised_on date,
  submitted_at timestamptz,
  opened_at timestamptz,
  decided_at timestamptz,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT applications_offered_ck CHECK (offered >= 0 AND (offered = 0 OR (amount_requested IS NOT NULL AND offered <= amount_requested))),
  CONSTRAINT applications_amounts_ck CHECK (amount_minimum IS NULL OR amount_requested IS NULL OR amount_minimum <= amount_requested),
  CONSTRAINT applications_complete_ck CHECK (status IN ('draft', 'withdrawn') OR (amount_minimum IS NOT NULL AND amount_requested IS NOT NULL AND currency IS NOT NULL)),
  CONSTRAINT applications_returned_ck CHECK ((status = 'changes_requested') = (returned_from IS NOT NULL))
);
CREATE INDEX applications_applicant_ix ON applications (applicant_id, id);
CREATE INDEX applications_status_ix ON applications (status, id);
CREATE INDEX applications_call_ix ON applications (call_id, id);
CREATE INDEX applications_public_ix ON applications (visibility, status, id);
CREATE INDEX applications_call_public_ix ON applications (call_id, visibility, status, id);
CREATE INDEX applications_submitted_ix ON applications (id) WHERE submitted_at IS NOT NULL;

CREATE TABLE application_members (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  person_id uuid REFERENCES people (id),
  email text NOT NULL,
  name text NOT NULL,
  role text NOT NULL CONSTRAINT application_members_role_ck CHECK (role IN ('lead','member','mentor','operations')),
  consent text NOT NULL CONSTRAINT application_members_consent_ck CHECK (consent IN ('invited','accepted','declined','removed')),
  token_hash bytea UNIQUE,
  invited_by uuid,
  created_at timestamptz NOT NULL,
  decided_at timestamptz,
  UNIQUE (application_id, email)
);
CREATE INDEX application_members_person_ix ON application_members (person_id, application_id);
CREATE INDEX application_members_email_ix ON application_members (email, application_id);
CREATE INDEX application_members_inviter_ix ON application_members (invited_by, created_at);

CREATE TABLE conflicts (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  person_id uuid NOT NULL REFERENCES people (id),
  reason text NOT NULL,
  declared_at timestamptz NOT NULL,
  UNIQUE (application_id, person_id)
);

CREATE TABLE offers (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  budget_id uuid NOT NULL REFERENCES budgets (id),
  regrantor_id uuid NOT NULL REFERENCES people (id),
  amount bigint NOT NULL CONSTRAINT offers_amount_rule_ck CHECK (amount > 0),
  currency text NOT NULL,
  conditions text NOT NULL,
  status text NOT NULL CONSTRAINT offers_status_ck CHECK (status IN ('awaiting_approval','placed','committed','released')),
  release_reason text CONSTRAINT offers_release_reason_ck CHECK (release_reason IN ('withdrawn','lapsed','application_ended','denied')),
  expires_at timestamptz NOT NULL,
  grant_id uuid,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  decided_at timestamptz,
  CONSTRAINT offers_released_ck CHECK ((status = 'released') = (release_reason IS NOT NULL)),
  CONSTRAINT offers_committed_ck CHECK ((status = 'committed') = (grant_id IS NOT NULL))
);
CREATE INDEX offers_application_ix ON offers (application_id, id);
CREATE INDEX offers_budget_ix ON offers (budget_id, id);
CREATE INDEX offers_regrantor_ix ON offers (regrantor_id, id);
CREATE INDEX offers_expiry_ix ON offers (expires_at) WHERE status IN ('awaiting_approval', 'placed');
