-- What looks like a payment made twice is held until somebody else says why it is meant; and each payment
-- file that was given out is known by its hash, so that the same one is not sent twice.
ALTER TABLE disbursements ADD COLUMN double_of BLOB CHECK (length(double_of) = 16);
ALTER TABLE disbursements ADD COLUMN double_confirmed_by BLOB CHECK (length(double_confirmed_by) = 16)
  CONSTRAINT disbursements_double_ck CHECK (double_confirmed_by IS NULL OR drafted_by IS NULL OR double_confirmed_by <> drafted_by);
ALTER TABLE disbursements ADD COLUMN double_reason TEXT;
CREATE TABLE payment_files (
  batch_id BLOB NOT NULL REFERENCES payment_batches (id) CHECK (length(batch_id) = 16),
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  made_by BLOB CHECK (length(made_by) = 16),
  made_at INTEGER NOT NULL,
  despite_reason TEXT,
  PRIMARY KEY (batch_id, sha256)
) STRICT;
CREATE INDEX payment_files_sha256_ix ON payment_files (sha256, batch_id);
INSERT INTO payment_files (batch_id, sha256, made_by, made_at)
  SELECT id, file_sha256, created_by, created_at FROM payment_batches WHERE file_sha256 IS NOT NULL;
