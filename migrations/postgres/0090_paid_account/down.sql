DROP INDEX disbursements_fingerprint_ix;
ALTER TABLE disbursements DROP COLUMN fingerprint;
