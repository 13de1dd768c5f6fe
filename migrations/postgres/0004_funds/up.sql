-- Where money comes from, and who may spend it.
CREATE TABLE bank_accounts (
  id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL UNIQUE,
  currency text NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE funds (
  id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL UNIQUE,
  currency text NOT NULL,
  restriction text NOT NULL CONSTRAINT funds_restriction_ck CHECK (restriction IN ('none','purpose','time')),
  purpose text NOT NULL,
  fee_basis_points integer NOT NULL CONSTRAINT funds_fee_basis_points_rule_ck CHECK (fee_basis_points BETWEEN 0 AND 5000),
  bank_account_id uuid NOT NULL REFERENCES bank_accounts (id),
  status text NOT NULL CONSTRAINT funds_status_ck CHECK (status IN ('open','closed')),
  version integer NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE contributions (
  id uuid NOT NULL PRIMARY KEY,
  fund_id uuid NOT NULL REFERENCES funds (id),
  funder_id uuid REFERENCES people (id),
  funder_name text NOT NULL,
  amount bigint NOT NULL CONSTRAINT contributions_amount_rule_ck CHECK (amount > 0),
  fee bigint NOT NULL CONSTRAINT contributions_fee_rule_ck CHECK (fee >= 0 AND fee <= amount),
  currency text NOT NULL,
  received_on date NOT NULL,
  reference text NOT NULL,
  recorded_by uuid,
  entry_id uuid NOT NULL,
  fee_entry_id uuid,
  created_at timestamptz NOT NULL
);
CREATE INDEX contributions_fund_ix ON contributions (fund_id, id);
CREATE INDEX contributions_funder_ix ON contributions (funder_id, id);

CREATE TABLE budgets (
  id uuid NOT NULL PRIMARY KEY,
  fund_id uuid NOT NULL REFERENCES funds (id),
  holder_id uuid NOT NULL REFERENCES people (id),
  name text NOT NULL,
  currency text NOT NULL,
  per_grant_cap bigint CONSTRAINT budgets_per_grant_cap_rule_ck CHECK (per_grant_cap > 0),
  approval_threshold bigint CONSTRAINT budgets_approval_threshold_rule_ck CHECK (approval_threshold >= 0),
  expires_on date,
  agendas jsonb NOT NULL,
  status text NOT NULL CONSTRAINT budgets_status_ck CHECK (status IN ('active','closed')),
  version integer NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX budgets_fund_ix ON budgets (fund_id, id);
CREATE INDEX budgets_holder_ix ON budgets (holder_id, id);

CREATE TABLE allocations (
  id uuid NOT NULL PRIMARY KEY,
  budget_id uuid NOT NULL REFERENCES budgets (id),
  kind text NOT NULL CONSTRAINT allocations_kind_ck CHECK (kind IN ('allocated','recalled')),
  amount bigint NOT NULL CONSTRAINT allocations_amount_rule_ck CHECK (amount > 0),
  currency text NOT NULL,
  note text NOT NULL,
  entry_id uuid NOT NULL,
  made_by uuid,
  created_at timestamptz NOT NULL
);
CREATE INDEX allocations_budget_ix ON allocations (budget_id, id);

CREATE TABLE approvals (
  id uuid NOT NULL PRIMARY KEY,
  subject_kind text NOT NULL CONSTRAINT approvals_subject_kind_ck CHECK (subject_kind IN ('offer','disbursement')),
  subject_id uuid NOT NULL,
  subject_hash text NOT NULL,
  needed integer NOT NULL CONSTRAINT approvals_needed_rule_ck CHECK (needed BETWEEN 1 AND 5),
  status text NOT NULL CONSTRAINT approvals_status_ck CHECK (status IN ('pending','approved','denied','ended')),
  requested_by uuid,
  created_at timestamptz NOT NULL,
  concluded_at timestamptz
);
CREATE UNIQUE INDEX approvals_pending_key ON approvals (subject_kind, subject_id) WHERE status = 'pending';
CREATE INDEX approvals_subject_ix ON approvals (subject_kind, subject_id, id);

CREATE TABLE approval_votes (
  id uuid NOT NULL PRIMARY KEY,
  approval_id uuid NOT NULL REFERENCES approvals (id),
  person_id uuid NOT NULL REFERENCES people (id),
  vote text NOT NULL CONSTRAINT approval_votes_vote_ck CHECK (vote IN ('approve','deny')),
  reason text,
  voted_at timestamptz NOT NULL,
  UNIQUE (approval_id, person_id)
);
CREATE FUNCTION approval_votes_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'approval_votes only grows';
END $$;
CREATE TRIGGER approval_votes_no_change BEFORE UPDATE OR DELETE ON approval_votes
  FOR EACH ROW EXECUTE FUNCTION approval_votes_only_grows();
CREATE TRIGGER approval_votes_no_truncate BEFORE TRUNCATE ON approval_votes
  FOR EACH STATEMENT EXECUTE FUNCTION approval_votes_only_grows();
