-- Money that was given for one application: what somebody said they would give, and what came.
CREATE TABLE earmarks (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  contribution_id BLOB NOT NULL UNIQUE REFERENCES contributions (id) CHECK (length(contribution_id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  fund_id BLOB NOT NULL REFERENCES funds (id) CHECK (length(fund_id) = 16),
  given INTEGER NOT NULL,
  amount INTEGER NOT NULL CONSTRAINT earmarks_amount_rule_ck CHECK (amount > 0 AND amount <= given),
  currency TEXT NOT NULL,
  status TEXT NOT NULL CONSTRAINT earmarks_status_ck CHECK (status IN ('held','offered','spent','reassigned')),
  offer_id BLOB UNIQUE REFERENCES offers (id) CHECK (length(offer_id) = 16),
  reason TEXT,
  decided_by BLOB CHECK (length(decided_by) = 16),
  decided_at INTEGER,
  created_at INTEGER NOT NULL,
  CONSTRAINT earmarks_offer_ck CHECK (offer_id IS NULL OR status IN ('offered','spent')),
  CONSTRAINT earmarks_spent_ck CHECK (status <> 'spent' OR offer_id IS NOT NULL),
  CONSTRAINT earmarks_reason_ck CHECK ((status = 'reassigned') = (reason IS NOT NULL))
) STRICT;
CREATE INDEX earmarks_application_ix ON earmarks (application_id, id);
CREATE INDEX earmarks_status_ix ON earmarks (status, id);
CREATE INDEX earmarks_fund_ix ON earmarks (fund_id, status);

CREATE TABLE announcements (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  fund_id BLOB NOT NULL REFERENCES funds (id) CHECK (length(fund_id) = 16),
  amount INTEGER NOT NULL CONSTRAINT announcements_amount_rule_ck CHECK (amount > 0),
  currency TEXT NOT NULL,
  giver_name TEXT,
  email TEXT,
  message TEXT NOT NULL,
  reference TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL CONSTRAINT announcements_status_ck CHECK (status IN ('announced','received','expired')),
  contribution_id BLOB UNIQUE REFERENCES contributions (id) CHECK (length(contribution_id) = 16),
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  CONSTRAINT announcements_received_ck CHECK ((status = 'received') = (contribution_id IS NOT NULL)),
  CONSTRAINT announcements_email_ck CHECK (status <> 'announced' OR email IS NOT NULL)
) STRICT;
CREATE INDEX announcements_application_ix ON announcements (application_id, id);
CREATE INDEX announcements_status_ix ON announcements (status, id);
