-- The ledger: accounts with guarded balances, entries and postings that only grow, their seals.
CREATE TABLE ledger_accounts (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  key TEXT NOT NULL UNIQUE,
  code TEXT NOT NULL CONSTRAINT ledger_accounts_code_ck CHECK (length(code) = 4),
  currency TEXT NOT NULL CONSTRAINT ledger_accounts_currency_ck CHECK (length(currency) = 3),
  fund_id BLOB CHECK (length(fund_id) = 16),
  budget_id BLOB CHECK (length(budget_id) = 16),
  grant_id BLOB CHECK (length(grant_id) = 16),
  bank_account_id BLOB CHECK (length(bank_account_id) = 16),
  guarded INTEGER NOT NULL CHECK (guarded IN (0, 1)),
  balance INTEGER NOT NULL CONSTRAINT ledger_accounts_balance_ck CHECK (balance >= 0),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ledger_accounts_code_ix ON ledger_accounts (code, id);
CREATE INDEX ledger_accounts_fund_ix ON ledger_accounts (fund_id, id);
CREATE INDEX ledger_accounts_budget_ix ON ledger_accounts (budget_id, id);
CREATE INDEX ledger_accounts_grant_ix ON ledger_accounts (grant_id, id);

CREATE TABLE ledger_entries (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  kind TEXT NOT NULL,
  effective_on INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  memo TEXT NOT NULL,
  source_kind TEXT NOT NULL,
  source_id BLOB NOT NULL CHECK (length(source_id) = 16),
  person_id BLOB CHECK (length(person_id) = 16),
  reverses_id BLOB UNIQUE REFERENCES ledger_entries (id) CHECK (length(reverses_id) = 16)
) STRICT;
CREATE INDEX ledger_entries_day_ix ON ledger_entries (effective_on, id);
CREATE INDEX ledger_entries_source_ix ON ledger_entries (source_kind, source_id, id);
CREATE INDEX ledger_entries_kind_ix ON ledger_entries (kind, effective_on, id);

-- The code is the account's, kept here too: a list by code, and the sums of a code, need no join.
CREATE TABLE ledger_postings (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  entry_id BLOB NOT NULL REFERENCES ledger_entries (id) CHECK (length(entry_id) = 16),
  line INTEGER NOT NULL CONSTRAINT ledger_postings_line_ck CHECK (line >= 1),
  account_id BLOB NOT NULL REFERENCES ledger_accounts (id) CHECK (length(account_id) = 16),
  code TEXT NOT NULL CONSTRAINT ledger_postings_code_ck CHECK (length(code) = 4),
  side TEXT NOT NULL CONSTRAINT ledger_postings_side_ck CHECK (side IN ('debit','credit')),
  amount INTEGER NOT NULL CONSTRAINT ledger_postings_amount_ck CHECK (amount > 0),
  currency TEXT NOT NULL CONSTRAINT ledger_postings_currency_ck CHECK (length(currency) = 3),
  effective_on INTEGER NOT NULL,
  fund_id BLOB CHECK (length(fund_id) = 16),
  budget_id BLOB CHECK (length(budget_id) = 16),
  grant_id BLOB CHECK (length(grant_id) = 16),
  UNIQUE (entry_id, line)
) STRICT;
CREATE INDEX ledger_postings_account_ix ON ledger_postings (account_id, effective_on, entry_id);
CREATE INDEX ledger_postings_code_ix ON ledger_postings (code, effective_on, entry_id);
CREATE INDEX ledger_postings_fund_ix ON ledger_postings (fund_id, effective_on, entry_id)
  WHERE fund_id IS NOT NULL;
CREATE INDEX ledger_postings_budget_ix ON ledger_postings (budget_id, effective_on, entry_id)
  WHERE budget_id IS NOT NULL;
CREATE INDEX ledger_postings_grant_ix ON ledger_postings (grant_id, effective_on, entry_id)
  WHERE grant_id IS NOT NULL;

CREATE TABLE ledger_unsealed (
  entry_id BLOB NOT NULL PRIMARY KEY REFERENCES ledger_entries (id) CHECK (length(entry_id) = 16)
) STRICT;

CREATE TABLE ledger_seals (
  seq INTEGER NOT NULL PRIMARY KEY CONSTRAINT ledger_seals_seq_ck CHECK (seq >= 1),
  entry_id BLOB NOT NULL UNIQUE REFERENCES ledger_entries (id) CHECK (length(entry_id) = 16),
  hash BLOB NOT NULL CONSTRAINT ledger_seals_hash_ck CHECK (length(hash) = 32),
  sealed_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries BEGIN
  SELECT RAISE(ABORT, 'the ledger only grows');
END;
CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries BEGIN
  SELECT RAISE(ABORT, 'the ledger only grows');
END;
CREATE TRIGGER ledger_postings_no_update BEFORE UPDATE ON ledger_postings BEGIN
  SELECT RAISE(ABORT, 'the ledger only grows');
END;
CREATE TRIGGER ledger_postings_no_delete BEFORE DELETE ON ledger_postings BEGIN
  SELECT RAISE(ABORT, 'the ledger only grows');
END;
CREATE TRIGGER ledger_seals_no_update BEFORE UPDATE ON ledger_seals BEGIN
  SELECT RAISE(ABORT, 'the ledger only grows');
END;
CREATE TRIGGER ledger_seals_no_delete BEFORE DELETE ON ledger_seals BEGIN
  SELECT RAISE(ABORT, 'the ledger only grows');
END;
-- REPLACE would delete without a word: what is there already cannot be inserted again.
CREATE TRIGGER ledger_entries_no_replace BEFORE INSERT ON ledger_entries
WHEN EXISTS (SELECT 1 FROM ledger_entries WHERE id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'the ledger only grows');
END;
CREATE TRIGGER ledger_postings_no_replace BEFORE INSERT ON ledger_postings
WHEN EXISTS (
  SELECT 1 FROM ledger_postings
  WHERE id = NEW.id OR (entry_id = NEW.entry_id AND line = NEW.line)
) BEGIN
  SELECT RAISE(ABORT, 'the ledger only grows');
END;
CREATE TRIGGER ledger_seals_no_replace BEFORE INSERT ON ledger_seals
WHEN EXISTS (SELECT 1 FROM ledger_seals WHERE seq = NEW.seq OR entry_id = NEW.entry_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger only grows');
END;
CREATE TRIGGER ledger_accounts_no_replace BEFORE INSERT ON ledger_accounts
WHEN EXISTS (SELECT 1 FROM ledger_accounts WHERE id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'the ledger only grows');
END;
-- Of an account only the balance may change.
CREATE TRIGGER ledger_accounts_no_delete BEFORE DELETE ON ledger_accounts BEGIN
  SELECT RAISE(ABORT, 'the ledger only grows');
END;
CREATE TRIGGER ledger_accounts_fixed
BEFORE UPDATE OF id, key, code, currency, fund_id, budget_id, grant_id, bank_account_id, guarded
ON ledger_accounts BEGIN
  SELECT RAISE(ABORT, 'the ledger only grows');
END;
