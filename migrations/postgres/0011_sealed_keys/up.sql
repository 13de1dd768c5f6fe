-- Sealed fields are found by the key that they are under: it stands in their first 34 bytes. Mails
-- that wait get a sealed field of their own, so that their key can be changed like any other.
ALTER TABLE jobs ADD COLUMN sealed bytea;
CREATE INDEX factors_secret_key_ix ON factors (substr(secret, 1, 34), id);
CREATE INDEX jobs_sealed_key_ix ON jobs (substr(sealed, 1, 34), id) WHERE sealed IS NOT NULL;
CREATE INDEX payees_sealed_key_ix ON payees (substr(sealed, 1, 34), id);
