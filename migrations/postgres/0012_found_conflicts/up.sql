-- Accounts that people were ever paid to or wanted to be, as keyed hashes: who shares one may be
-- one person, or of one household. And what an admin looked at and found to be no conflict.
CREATE TABLE person_accounts (
  person_id uuid NOT NULL REFERENCES people (id),
  fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
  noted_at timestamptz NOT NULL,
  PRIMARY KEY (person_id, fingerprint)
);
CREATE INDEX person_accounts_fingerprint_ix ON person_accounts (fingerprint, person_id);
INSERT INTO person_accounts (person_id, fingerprint, noted_at)
  SELECT person_id, fingerprint, MIN(created_at) FROM payees GROUP BY person_id, fingerprint;

CREATE TABLE conflict_exceptions (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  person_id uuid NOT NULL REFERENCES people (id),
  ground text NOT NULL CONSTRAINT conflict_exceptions_ground_ck CHECK (ground IN ('email_domain','bank_account')),
  reason text NOT NULL,
  decided_by uuid NOT NULL REFERENCES people (id),
  decided_at timestamptz NOT NULL,
  UNIQUE (application_id, person_id, ground)
);
CREATE INDEX conflict_exceptions_application_ix ON conflict_exceptions (application_id, id);
CREATE FUNCTION conflict_exceptions_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'conflict_exceptions only grows';
END $$;
CREATE TRIGGER conflict_exceptions_no_change BEFORE UPDATE OR DELETE ON conflict_exceptions
  FOR EACH ROW EXECUTE FUNCTION conflict_exceptions_only_grows();
CREATE TRIGGER conflict_exceptions_no_truncate BEFORE TRUNCATE ON conflict_exceptions
  FOR EACH STATEMENT EXECUTE FUNCTION conflict_exceptions_only_grows();
