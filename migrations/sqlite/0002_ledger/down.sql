DROP TABLE ledger_seals;
DROP TABLE ledger_unsealed;
DROP TABLE ledger_postings;
DROP TABLE ledger_entries;
DROP TABLE ledger_accounts;
