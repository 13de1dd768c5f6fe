-- The ledger: accounts with guarded balances, entries and postings that only grow, their seals.
CREATE TABLE ledger_accounts (
  id uuid NOT NULL PRIMARY KEY,
  key text NOT NULL UNIQUE,
  code text NOT NULL CONSTRAINT ledger_accounts_code_ck CHECK (length(code) = 4),
  currency text NOT NULL CONSTRAINT ledger_accounts_currency_ck CHECK (length(currency) = 3),
  fund_id uuid,
  budget_id uuid,
  grant_id uuid,
  bank_account_id uuid,
  guarded boolean NOT NULL,
  balance bigint NOT NULL CONSTRAINT ledger_accounts_balance_ck CHECK (balance >= 0),
  created_at timestamptz NOT NULL
);
CREATE INDEX ledger_accounts_code_ix ON ledger_accounts (code, id);
CREATE INDEX ledger_accounts_fund_ix ON ledger_accounts (fund_id, id);
CREATE INDEX ledger_accounts_budget_ix ON ledger_accounts (budget_id, id);
CREATE INDEX ledger_accounts_grant_ix ON ledger_accounts (grant_id, id);

CREATE TABLE ledger_entries (
  id uuid NOT NULL PRIMARY KEY,
  kind text NOT NULL,
  effective_on date NOT NULL,
  recorded_at timestamptz NOT NULL,
  memo text NOT NULL,
  source_kind text NOT NULL,
  source_id uuid NOT NULL,
  person_id uuid,
  reverses_id uuid UNIQUE REFERENCES ledger_entries (id)
);
CREATE INDEX ledger_entries_day_ix ON ledger_entries (effective_on, id);
CREATE INDEX ledger_entries_source_ix ON ledger_entries (source_kind, source_id, id);
CREATE INDEX ledger_entries_kind_ix ON ledger_entries (kind, effective_on, id);

-- The code is the account's, kept here too: a list by code, and the sums of a code, need no join.
CREATE TABLE ledger_postings (
  id uuid NOT NULL PRIMARY KEY,
  entry_id uuid NOT NULL REFERENCES ledger_entries (id),
  line integer NOT NULL CONSTRAINT ledger_postings_line_ck CHECK (line >= 1),
  account_id uuid NOT NULL REFERENCES ledger_accounts (id),
  code text NOT NULL CONSTRAINT ledger_postings_code_ck CHECK (length(code) = 4),
  side text NOT NULL CONSTRAINT ledger_postings_side_ck CHECK (side IN ('debit','credit')),
  amount bigint NOT NULL CONSTRAINT ledger_postings_amount_ck CHECK (amount > 0),
  currency text NOT NULL CONSTRAINT ledger_postings_currency_ck CHECK (length(currency) = 3),
  effective_on date NOT NULL,
  fund_id uuid,
  budget_id uuid,
  grant_id uuid,
  UNIQUE (entry_id, line)
);
CREATE INDEX ledger_postings_account_ix ON ledger_postings (account_id, effective_on, entry_id);
CREATE INDEX ledger_postings_code_ix ON ledger_postings (code, effective_on, entry_id);
CREATE INDEX ledger_postings_fund_ix ON ledger_postings (fund_id, effective_on, entry_id)
  WHERE fund_id IS NOT NULL;
CREATE INDEX ledger_postings_budget_ix ON ledger_postings (budget_id, effective_on, entry_id)
  WHERE budget_id IS NOT NULL;
CREATE INDEX ledger_postings_grant_ix ON ledger_postings (grant_id, effective_on, entry_id)
  WHERE grant_id IS NOT NULL;

CREATE TABLE ledger_unsealed (
  entry_id uuid NOT NULL PRIMARY KEY REFERENCES ledger_entries (id)
);

CREATE TABLE ledger_seals (
  seq bigint NOT NULL PRIMARY KEY CONSTRAINT ledger_seals_seq_ck CHECK (seq >= 1),
  entry_id uuid NOT NULL UNIQUE REFERENCES ledger_entries (id),
  hash bytea NOT NULL CONSTRAINT ledger_seals_hash_ck CHECK (length(hash) = 32),
  sealed_at timestamptz NOT NULL
);

CREATE FUNCTION ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger only grows: % on % is refused', TG_OP, TG_TABLE_NAME;
END $$;
CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
  FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();
CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries
  FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();
CREATE TRIGGER ledger_entries_no_truncate BEFORE TRUNCATE ON ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows();
CREATE TRIGGER ledger_postings_no_update BEFORE UPDATE ON ledger_postings
  FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();
CREATE TRIGGER ledger_postings_no_delete BEFORE DELETE ON ledger_postings
  FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();
CREATE TRIGGER ledger_postings_no_truncate BEFORE TRUNCATE ON ledger_postings
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows();
CREATE TRIGGER ledger_seals_no_update BEFORE UPDATE ON ledger_seals
  FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();
CREATE TRIGGER ledger_seals_no_delete BEFORE DELETE ON ledger_seals
  FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();
CREATE TRIGGER ledger_seals_no_truncate BEFORE TRUNCATE ON ledger_seals
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows();
-- Of an account only the balance may change.
CREATE TRIGGER ledger_accounts_no_delete BEFORE DELETE ON ledger_accounts
  FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();
CREATE TRIGGER ledger_accounts_fixed
  BEFORE UPDATE OF id, key, code, currency, fund_id, budget_id, grant_id, bank_account_id, guarded
  ON ledger_accounts FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();
