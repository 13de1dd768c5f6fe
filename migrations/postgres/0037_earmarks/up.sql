-- Money that was given for one application: what somebody said they would give, and what came.
CREATE TABLE earmarks (
  id uuid NOT NULL PRIMARY KEY,
  contribution_id uuid NOT NULL UNIQUE REFERENCES contributions (id),
  application_id uuid NOT NULL REFERENCES applications (id),
  fund_id uuid NOT NULL REFERENCES funds (id),
  given bigint NOT NULL,
  amount bigint NOT NULL CONSTRAINT earmarks_amount_rule_ck CHECK (amount > 0 AND amount <= given),
  currency text NOT NULL,
  status text NOT NULL CONSTRAINT earmarks_status_ck CHECK (status IN ('held','offered','spent','reassigned')),
  offer_id uuid UNIQUE REFERENCES offers (id),
  reason text,
  decided_by uuid,
  decided_at timestamptz,
  created_at timestamptz NOT NULL,
  CONSTRAINT earmarks_offer_ck CHECK (offer_id IS NULL OR status IN ('offered','spent')),
  CONSTRAINT earmarks_spent_ck CHECK (status <> 'spent' OR offer_id IS NOT NULL),
  CONSTRAINT earmarks_reason_ck CHECK ((status = 'reassigned') = (reason IS NOT NULL))
);
CREATE INDEX earmarks_application_ix ON earmarks (application_id, id);
CREATE INDEX earmarks_status_ix ON earmarks (status, id);
CREATE INDEX earmarks_fund_ix ON earmarks (fund_id, status);

CREATE TABLE announcements (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  fund_id uuid NOT NULL REFERENCES funds (id),
  amount bigint NOT NULL CONSTRAINT announcements_amount_rule_ck CHECK (amount > 0),
  currency text NOT NULL,
  giver_name text,
  email text,
  message text NOT NULL,
  reference text NOT NULL UNIQUE,
  status text NOT NULL CONSTRAINT announcements_status_ck CHECK (status IN ('announced','received','expired')),
  contribution_id uuid UNIQUE REFERENCES contributions (id),
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT announcements_received_ck CHECK ((status = 'received') = (contribution_id IS NOT NULL)),
  CONSTRAINT announcements_email_ck CHECK (status <> 'announced' OR email IS NOT NULL)
);
CREATE INDEX announcements_application_ix ON announcements (application_id, id);
CREATE INDEX announcements_status_ix ON announcements (status, id);
