-- Disbursements, payment batches, reports and checkpoints, imports.
CREATE TABLE payment_batches (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  bank_account_id BLOB NOT NULL REFERENCES bank_accounts (id) CHECK (length(bank_account_id) = 16),
  currency TEXT NOT NULL,
  total INTEGER NOT NULL CONSTRAINT payment_batches_total_rule_ck CHECK (total > 0),
  payments INTEGER NOT NULL CONSTRAINT payment_batches_payments_rule_ck CHECK (payments >= 1),
  status TEXT NOT NULL CONSTRAINT payment_batches_status_ck CHECK (status IN ('instructed','closed')),
  file_sha256 TEXT,
  created_by BLOB CHECK (length(created_by) = 16),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX payment_batches_status_ix ON payment_batches (status, id);

CREATE TABLE disbursements (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  grant_id BLOB NOT NULL REFERENCES grants (id) CHECK (length(grant_id) = 16),
  tranche_id BLOB NOT NULL REFERENCES tranches (id) CHECK (length(tranche_id) = 16),
  payee_id BLOB NOT NULL REFERENCES payees (id) CHECK (length(payee_id) = 16),
  payee_version INTEGER NOT NULL,
  amount INTEGER NOT NULL CONSTRAINT disbursements_amount_rule_ck CHECK (amount > 0),
  currency TEXT NOT NULL,
  status TEXT NOT NULL CONSTRAINT disbursements_status_ck CHECK (status IN ('drafted','approved','instructed','settled','returned','voided')),
  reference TEXT NOT NULL UNIQUE,
  drafted_by BLOB CHECK (length(drafted_by) = 16),
  approved_by BLOB CHECK (length(approved_by) = 16),
  batch_id BLOB REFERENCES payment_batches (id) CHECK (length(batch_id) = 16),
  status_reason TEXT,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  instructed_at INTEGER,
  settled_on INTEGER,
  CONSTRAINT disbursements_two_persons_ck CHECK (approved_by IS NULL OR drafted_by IS NULL OR approved_by <> drafted_by)
) STRICT;
CREATE UNIQUE INDEX disbursements_live_key ON disbursements (tranche_id) WHERE status IN ('drafted', 'approved', 'instructed', 'settled');
CREATE INDEX disbursements_status_ix ON disbursements (status, id);
CREATE INDEX disbursements_grant_ix ON disbursements (grant_id, id);
CREATE INDEX disbursements_payee_ix ON disbursements (payee_id, created_at);
CREATE INDEX disbursements_batch_ix ON disbursements (batch_id, id);

CREATE TABLE attempts (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  disbursement_id BLOB NOT NULL REFERENCES disbursements (id) CHECK (length(disbursement_id) = 16),
  number INTEGER NOT NULL CONSTRAINT attempts_number_rule_ck CHECK (number >= 1),
  batch_id BLOB REFERENCES payment_batches (id) CHECK (length(batch_id) = 16),
  bank_account_id BLOB NOT NULL REFERENCES bank_accounts (id) CHECK (length(bank_account_id) = 16),
  instructed_at INTEGER NOT NULL,
  entry_id BLOB NOT NULL CHECK (length(entry_id) = 16),
  outcome TEXT CONSTRAINT attempts_outcome_ck CHECK (outcome IN ('settled','returned')),
  outcome_on INTEGER,
  outcome_entry_id BLOB CHECK (length(outcome_entry_id) = 16),
  reason TEXT,
  UNIQUE (disbursement_id, number)
) STRICT;
CREATE INDEX attempts_batch_ix ON attempts (batch_id, id);

CREATE TABLE reports (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  grant_id BLOB NOT NULL REFERENCES grants (id) CHECK (length(grant_id) = 16),
  tranche_id BLOB UNIQUE REFERENCES tranches (id) CHECK (length(tranche_id) = 16),
  due_on INTEGER NOT NULL,
  status TEXT NOT NULL CONSTRAINT reports_status_ck CHECK (status IN ('due','draft','submitted','accepted','changes_requested')),
  body TEXT NOT NULL,
  author_id BLOB CHECK (length(author_id) = 16),
  submitted_at INTEGER,
  decided_by BLOB CHECK (length(decided_by) = 16),
  decided_at INTEGER,
  feedback TEXT,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX reports_grant_ix ON reports (grant_id, id);
CREATE INDEX reports_open_ix ON reports (due_on, id) WHERE status IN ('due', 'draft', 'changes_requested');

CREATE TABLE checkpoints (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  grant_id BLOB NOT NULL REFERENCES grants (id) CHECK (length(grant_id) = 16),
  tranche_id BLOB UNIQUE REFERENCES tranches (id) CHECK (length(tranche_id) = 16),
  due_on INTEGER NOT NULL,
  status TEXT NOT NULL CONSTRAINT checkpoints_status_ck CHECK (status IN ('due','reported','decided')),
  promised TEXT NOT NULL,
  seen TEXT NOT NULL,
  decision TEXT CONSTRAINT checkpoints_decision_ck CHECK (decision IN ('continue','rescope','pause','wind_down')),
  reason TEXT,
  reported_by BLOB CHECK (length(reported_by) = 16),
  decided_by BLOB CHECK (length(decided_by) = 16),
  decided_at INTEGER,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  CONSTRAINT checkpoints_decided_ck CHECK ((status = 'decided') = (decision IS NOT NULL))
) STRICT;
CREATE INDEX checkpoints_grant_ix ON checkpoints (grant_id, id);
CREATE INDEX checkpoints_open_ix ON checkpoints (due_on, id) WHERE status <> 'decided';

CREATE TABLE import_rows (
  source TEXT NOT NULL,
  external_id TEXT NOT NULL,
  grant_id BLOB NOT NULL REFERENCES grants (id) CHECK (length(grant_id) = 16),
  amount INTEGER NOT NULL,
  imported_at INTEGER NOT NULL,
  PRIMARY KEY (source, external_id)
) STRICT;
