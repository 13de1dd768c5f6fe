-- What banks do on their own: what they took of a fund's money, and what moved between two own accounts.
CREATE TABLE bank_charges (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  fund_id BLOB NOT NULL REFERENCES funds (id) CHECK (length(fund_id) = 16),
  bank_account_id BLOB NOT NULL REFERENCES bank_accounts (id) CHECK (length(bank_account_id) = 16),
  amount INTEGER NOT NULL CONSTRAINT bank_charges_amount_rule_ck CHECK (amount > 0),
  currency TEXT NOT NULL,
  charged_on INTEGER NOT NULL,
  description TEXT NOT NULL,
  recorded_by BLOB CHECK (length(recorded_by) = 16),
  entry_id BLOB NOT NULL CHECK (length(entry_id) = 16),
  created_at INTEGER NOT NULL,
  undone_by BLOB CHECK (length(undone_by) = 16),
  undone_at INTEGER,
  undone_reason TEXT,
  CONSTRAINT bank_charges_undone_ck CHECK ((undone_reason IS NULL) = (undone_at IS NULL))
) STRICT;
CREATE INDEX bank_charges_fund_ix ON bank_charges (fund_id, id);

CREATE TABLE bank_transfers (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  from_account_id BLOB NOT NULL REFERENCES bank_accounts (id) CHECK (length(from_account_id) = 16),
  from_amount INTEGER NOT NULL CONSTRAINT bank_transfers_from_amount_rule_ck CHECK (from_amount > 0),
  from_currency TEXT NOT NULL,
  to_account_id BLOB NOT NULL REFERENCES bank_accounts (id) CHECK (length(to_account_id) = 16),
  to_amount INTEGER NOT NULL CONSTRAINT bank_transfers_to_amount_rule_ck CHECK (to_amount > 0),
  to_currency TEXT NOT NULL,
  moved_on INTEGER NOT NULL,
  description TEXT NOT NULL,
  recorded_by BLOB CHECK (length(recorded_by) = 16),
  entry_id BLOB NOT NULL CHECK (length(entry_id) = 16),
  created_at INTEGER NOT NULL,
  undone_by BLOB CHECK (length(undone_by) = 16),
  undone_at INTEGER,
  undone_reason TEXT,
  CONSTRAINT bank_transfers_accounts_ck CHECK (from_account_id <> to_account_id),
  CONSTRAINT bank_transfers_amounts_ck CHECK (from_currency <> to_currency OR from_amount = to_amount),
  CONSTRAINT bank_transfers_undone_ck CHECK ((undone_reason IS NULL) = (undone_at IS NULL))
) STRICT;
-- Whether one was recorded already is looked up by the account that it left and by its day.
CREATE INDEX bank_transfers_from_ix ON bank_transfers (from_account_id, moved_on);
