DROP INDEX payees_sealed_key_ix;
DROP INDEX jobs_sealed_key_ix;
DROP INDEX factors_secret_key_ix;
ALTER TABLE jobs DROP COLUMN sealed;
