-- What looks like a payment made twice is held until somebody else says why it is meant; and each payment
-- file that was given out is known by its hash, so that the same one is not sent twice.
ALTER TABLE disbursements ADD COLUMN double_of uuid;
ALTER TABLE disbursements ADD COLUMN double_confirmed_by uuid
  CONSTRAINT disbursements_double_ck CHECK (double_confirmed_by IS NULL OR drafted_by IS NULL OR double_confirmed_by <> drafted_by);
ALTER TABLE disbursements ADD COLUMN double_reason text;
CREATE TABLE payment_files (
  batch_id uuid NOT NULL REFERENCES payment_batches (id),
  sha256 text NOT NULL CHECK (length(sha256) = 64),
  made_by uuid,
  made_at timestamptz NOT NULL,
  despite_reason text,
  PRIMARY KEY (batch_id, sha256)
);
CREATE INDEX payment_files_sha256_ix ON payment_files (sha256, batch_id);
INSERT INTO payment_files (batch_id, sha256, made_by, made_at)
  SELECT id, file_sha256, created_by, created_at FROM payment_batches WHERE file_sha256 IS NOT NULL;
