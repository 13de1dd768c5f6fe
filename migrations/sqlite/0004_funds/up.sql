-- Where money comes from, and who may spend it.
CREATE TABLE bank_accounts (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name TEXT NOT NULL UNIQUE,
  currency TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE funds (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name TEXT NOT NULL UNIQUE,
  currency TEXT NOT NULL,
  restriction TEXT NOT NULL CONSTRAINT funds_restriction_ck CHECK (restriction IN ('none','purpose','time')),
  purpose TEXT NOT NULL,
  fee_basis_points INTEGER NOT NULL CONSTRAINT funds_fee_basis_points_rule_ck CHECK (fee_basis_points BETWEEN 0 AND 5000),
  bank_account_id BLOB NOT NULL REFERENCES bank_accounts (id) CHECK (length(bank_account_id) = 16),
  status TEXT NOT NULL CONSTRAINT funds_status_ck CHECK (status IN ('open','closed')),
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE contributions (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  fund_id BLOB NOT NULL REFERENCES funds (id) CHECK (length(fund_id) = 16),
  funder_id BLOB REFERENCES people (id) CHECK (length(funder_id) = 16),
  funder_name TEXT NOT NULL,
  amount INTEGER NOT NULL CONSTRAINT contributions_amount_rule_ck CHECK (amount > 0),
  fee INTEGER NOT NULL CONSTRAINT contributions_fee_rule_ck CHECK (fee >= 0 AND fee <= amount),
  currency TEXT NOT NULL,
  received_on INTEGER NOT NULL,
  reference TEXT NOT NULL,
  recorded_by BLOB CHECK (length(recorded_by) = 16),
  entry_id BLOB NOT NULL CHECK (length(entry_id) = 16),
  fee_entry_id BLOB CHECK (length(fee_entry_id) = 16),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX contributions_fund_ix ON contributions (fund_id, id);
CREATE INDEX contributions_funder_ix ON contributions (funder_id, id);

CREATE TABLE budgets (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  fund_id BLOB NOT NULL REFERENCES funds (id) CHECK (length(fund_id) = 16),
  holder_id BLOB NOT NULL REFERENCES people (id) CHECK (length(holder_id) = 16),
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  per_grant_cap INTEGER CONSTRAINT budgets_per_grant_cap_rule_ck CHECK (per_grant_cap > 0),
  approval_threshold INTEGER CONSTRAINT budgets_approval_threshold_rule_ck CHECK (approval_threshold >= 0),
  expires_on INTEGER,
  agendas TEXT NOT NULL CHECK (json_valid(agendas)),
  status TEXT NOT NULL CONSTRAINT budgets_status_ck CHECK (status IN ('active','closed')),
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX budgets_fund_ix ON budgets (fund_id, id);
CREATE INDEX budgets_holder_ix ON budgets (holder_id, id);

CREATE TABLE allocations (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  budget_id BLOB NOT NULL REFERENCES budgets (id) CHECK (length(budget_id) = 16),
  kind TEXT NOT NULL CONSTRAINT allocations_kind_ck CHECK (kind IN ('allocated','recalled')),
  amount INTEGER NOT NULL CONSTRAINT allocations_amount_rule_ck CHECK (amount > 0),
  currency TEXT NOT NULL,
  note TEXT NOT NULL,
  entry_id BLOB NOT NULL CHECK (length(entry_id) = 16),
  made_by BLOB CHECK (length(made_by) = 16),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX allocations_budget_ix ON allocations (budget_id, id);

CREATE TABLE approvals (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  subject_kind TEXT NOT NULL CONSTRAINT approvals_subject_kind_ck CHECK (subject_kind IN ('offer','disbursement')),
  subject_id BLOB NOT NULL CHECK (length(subject_id) = 16),
  subject_hash TEXT NOT NULL,
  needed INTEGER NOT NULL CONSTRAINT approvals_needed_rule_ck CHECK (needed BETWEEN 1 AND 5),
  status TEXT NOT NULL CONSTRAINT approvals_status_ck CHECK (status IN ('pending','approved','denied','ended')),
  requested_by BLOB CHECK (length(requested_by) = 16),
  created_at INTEGER NOT NULL,
  concluded_at INTEGER
) STRICT;
CREATE UNIQUE INDEX approvals_pending_key ON approvals (subject_kind, subject_id) WHERE status = 'pending';
CREATE INDEX approvals_subject_ix ON approvals (subject_kind, subject_id, id);

CREATE TABLE approval_votes (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  approval_id BLOB NOT NULL REFERENCES approvals (id) CHECK (length(approval_id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  vote TEXT NOT NULL CONSTRAINT approval_votes_vote_ck CHECK (vote IN ('approve','deny')),
  reason TEXT,
  voted_at INTEGER NOT NULL,
  UNIQUE (approval_id, person_id)
) STRICT;
CREATE TRIGGER approval_votes_no_update BEFORE UPDATE ON approval_votes BEGIN
  SELECT RAISE(ABORT, 'approval_votes only grows');
END;
CREATE TRIGGER approval_votes_no_delete BEFORE DELETE ON approval_votes BEGIN
  SELECT RAISE(ABORT, 'approval_votes only grows');
END;
