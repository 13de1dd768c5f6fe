-- What banks do on their own: what they took of a fund's money, and what moved between two own accounts.
CREATE TABLE bank_charges (
  id uuid NOT NULL PRIMARY KEY,
  fund_id uuid NOT NULL REFERENCES funds (id),
  bank_account_id uuid NOT NULL REFERENCES bank_accounts (id),
  amount bigint NOT NULL CONSTRAINT bank_charges_amount_rule_ck CHECK (amount > 0),
  currency text NOT NULL,
  charged_on date NOT NULL,
  description text NOT NULL,
  recorded_by uuid,
  entry_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  undone_by uuid,
  undone_at timestamptz,
  undone_reason text,
  CONSTRAINT bank_charges_undone_ck CHECK ((undone_reason IS NULL) = (undone_at IS NULL))
);
CREATE INDEX bank_charges_fund_ix ON bank_charges (fund_id, id);

CREATE TABLE bank_transfers (
  id uuid NOT NULL PRIMARY KEY,
  from_account_id uuid NOT NULL REFERENCES bank_accounts (id),
  from_amount bigint NOT NULL CONSTRAINT bank_transfers_from_amount_rule_ck CHECK (from_amount > 0),
  from_currency text NOT NULL,
  to_account_id uuid NOT NULL REFERENCES bank_accounts (id),
  to_amount bigint NOT NULL CONSTRAINT bank_transfers_to_amount_rule_ck CHECK (to_amount > 0),
  to_currency text NOT NULL,
  moved_on date NOT NULL,
  description text NOT NULL,
  recorded_by uuid,
  entry_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  undone_by uuid,
  undone_at timestamptz,
  undone_reason text,
  CONSTRAINT bank_transfers_accounts_ck CHECK (from_account_id <> to_account_id),
  CONSTRAINT bank_transfers_amounts_ck CHECK (from_currency <> to_currency OR from_amount = to_amount),
  CONSTRAINT bank_transfers_undone_ck CHECK ((undone_reason IS NULL) = (undone_at IS NULL))
);
-- Whether one was recorded already is looked up by the account that it left and by its day.
CREATE INDEX bank_transfers_from_ix ON bank_transfers (from_account_id, moved_on);
