-- Disbursements, payment batches, reports and checkpoints, imports.
CREATE TABLE payment_batches (
  id uuid NOT NULL PRIMARY KEY,
  bank_account_id uuid NOT NULL REFERENCES bank_accounts (id),
  currency text NOT NULL,
  total bigint NOT NULL CONSTRAINT payment_batches_total_rule_ck CHECK (total > 0),
  payments integer NOT NULL CONSTRAINT payment_batches_payments_rule_ck CHECK (payments >= 1),
  status text NOT NULL CONSTRAINT payment_batches_status_ck CHECK (status IN ('instructed','closed')),
  file_sha256 text,
  created_by uuid,
  created_at timestamptz NOT NULL
);
CREATE INDEX payment_batches_status_ix ON payment_batches (status, id);

CREATE TABLE disbursements (
  id uuid NOT NULL PRIMARY KEY,
  grant_id uuid NOT NULL REFERENCES grants (id),
  tranche_id uuid NOT NULL REFERENCES tranches (id),
  payee_id uuid NOT NULL REFERENCES payees (id),
  payee_version integer NOT NULL,
  amount bigint NOT NULL CONSTRAINT disbursements_amount_rule_ck CHECK (amount > 0),
  currency text NOT NULL,
  status text NOT NULL CONSTRAINT disbursements_status_ck CHECK (status IN ('drafted','approved','instructed','settled','returned','voided')),
  reference text NOT NULL UNIQUE,
  drafted_by uuid,
  approved_by uuid,
  batch_id uuid REFERENCES payment_batches (id),
  status_reason text,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  instructed_at timestamptz,
  settled_on date,
  CONSTRAINT disbursements_two_persons_ck CHECK (approved_by IS NULL OR drafted_by IS NULL OR approved_by <> drafted_by)
);
CREATE UNIQUE INDEX disbursements_live_key ON disbursements (tranche_id) WHERE status IN ('drafted', 'approved', 'instructed', 'settled');
CREATE INDEX disbursements_status_ix ON disbursements (status, id);
CREATE INDEX disbursements_grant_ix ON disbursements (grant_id, id);
CREATE INDEX disbursements_payee_ix ON disbursements (payee_id, created_at);
CREATE INDEX disbursements_batch_ix ON disbursements (batch_id, id);

CREATE TABLE attempts (
  id uuid NOT NULL PRIMARY KEY,
  disbursement_id uuid NOT NULL REFERENCES disbursements (id),
  number integer NOT NULL CONSTRAINT attempts_number_rule_ck CHECK (number >= 1),
  batch_id uuid REFERENCES payment_batches (id),
  bank_account_id uuid NOT NULL REFERENCES bank_accounts (id),
  instructed_at timestamptz NOT NULL,
  entry_id uuid NOT NULL,
  outcome text CONSTRAINT attempts_outcome_ck CHECK (outcome IN ('settled','returned')),
  outcome_on date,
  outcome_entry_id uuid,
  reason text,
  UNIQUE (disbursement_id, number)
);
CREATE INDEX attempts_batch_ix ON attempts (batch_id, id);

CREATE TABLE reports (
  id uuid NOT NULL PRIMARY KEY,
  grant_id uuid NOT NULL REFERENCES grants (id),
  tranche_id uuid UNIQUE REFERENCES tranches (id),
  due_on date NOT NULL,
  status text NOT NULL CONSTRAINT reports_status_ck CHECK (status IN ('due','draft','submitted','accepted','changes_requested')),
  body text NOT NULL,
  author_id uuid,
  submitted_at timestamptz,
  decided_by uuid,
  decided_at timestamptz,
  feedback text,
  version integer NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX reports_grant_ix ON reports (grant_id, id);
CREATE INDEX reports_open_ix ON reports (due_on, id) WHERE status IN ('due', 'draft', 'changes_requested');

CREATE TABLE checkpoints (
  id uuid NOT NULL PRIMARY KEY,
  grant_id uuid NOT NULL REFERENCES grants (id),
  tranche_id uuid UNIQUE REFERENCES tranches (id),
  due_on date NOT NULL,
  status text NOT NULL CONSTRAINT checkpoints_status_ck CHECK (status IN ('due','reported','decided')),
  promised text NOT NULL,
  seen text NOT NULL,
  decision text CONSTRAINT checkpoints_decision_ck CHECK (decision IN ('continue','rescope','pause','wind_down')),
  reason text,
  reported_by uuid,
  decided_by uuid,
  decided_at timestamptz,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT checkpoints_decided_ck CHECK ((status = 'decided') = (decision IS NOT NULL))
);
CREATE INDEX checkpoints_grant_ix ON checkpoints (grant_id, id);
CREATE INDEX checkpoints_open_ix ON checkpoints (due_on, id) WHERE status <> 'decided';

CREATE TABLE import_rows (
  source text NOT NULL,
  external_id text NOT NULL,
  grant_id uuid NOT NULL REFERENCES grants (id),
  amount bigint NOT NULL,
  imported_at timestamptz NOT NULL,
  PRIMARY KEY (source, external_id)
);
