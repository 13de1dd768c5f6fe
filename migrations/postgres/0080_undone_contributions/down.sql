ALTER TABLE earmarks DROP CONSTRAINT earmarks_reason_ck;
ALTER TABLE earmarks DROP CONSTRAINT earmarks_status_ck;
UPDATE earmarks SET status = 'reassigned' WHERE status = 'undone';
ALTER TABLE earmarks ADD CONSTRAINT earmarks_status_ck
  CHECK (status IN ('held','offered','spent','reassigned'));
ALTER TABLE earmarks ADD CONSTRAINT earmarks_reason_ck
  CHECK ((status = 'reassigned') = (reason IS NOT NULL));
ALTER TABLE contributions DROP COLUMN undone_reason;
ALTER TABLE contributions DROP COLUMN undone_at;
ALTER TABLE contributions DROP COLUMN undone_by;
