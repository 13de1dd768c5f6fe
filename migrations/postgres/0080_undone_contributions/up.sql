-- A contribution that was recorded in error is taken back by opposite entries, and says so.
ALTER TABLE contributions ADD COLUMN undone_by uuid;
ALTER TABLE contributions ADD COLUMN undone_at timestamptz;
ALTER TABLE contributions ADD COLUMN undone_reason text
  CONSTRAINT contributions_undone_ck CHECK ((undone_reason IS NULL) = (undone_at IS NULL));
ALTER TABLE earmarks DROP CONSTRAINT earmarks_status_ck;
ALTER TABLE earmarks ADD CONSTRAINT earmarks_status_ck
  CHECK (status IN ('held','offered','spent','reassigned','undone'));
ALTER TABLE earmarks DROP CONSTRAINT earmarks_reason_ck;
ALTER TABLE earmarks ADD CONSTRAINT earmarks_reason_ck
  CHECK ((status IN ('reassigned','undone')) = (reason IS NOT NULL));
