-- Accounts that people were ever paid to or wanted to be, as keyed hashes: who shares one may be
-- one person, or of one household. And what an admin looked at and found to be no conflict.
CREATE TABLE person_accounts (
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
  noted_at INTEGER NOT NULL,
  PRIMARY KEY (person_id, fingerprint)
) STRICT;
CREATE INDEX person_accounts_fingerprint_ix ON person_accounts (fingerprint, person_id);
INSERT INTO person_accounts (person_id, fingerprint, noted_at)
  SELECT person_id, fingerprint, MIN(created_at) FROM payees GROUP BY person_id, fingerprint;

CREATE TABLE conflict_exceptions (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  ground TEXT NOT NULL CONSTRAINT conflict_exceptions_ground_ck CHECK (ground IN ('email_domain','bank_account')),
  reason TEXT NOT NULL,
  decided_by BLOB NOT NULL REFERENCES people (id) CHECK (length(decided_by) = 16),
  decided_at INTEGER NOT NULL,
  UNIQUE (application_id, person_id, ground)
) STRICT;
CREATE INDEX conflict_exceptions_application_ix ON conflict_exceptions (application_id, id);
CREATE TRIGGER conflict_exceptions_no_update BEFORE UPDATE ON conflict_exceptions BEGIN
  SELECT RAISE(ABORT, 'conflict_exceptions only grows');
END;
CREATE TRIGGER conflict_exceptions_no_delete BEFORE DELETE ON conflict_exceptions BEGIN
  SELECT RAISE(ABORT, 'conflict_exceptions only grows');
END;
