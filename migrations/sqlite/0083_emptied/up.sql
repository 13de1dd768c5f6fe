-- Applications that were handed in, ended, and were deleted by who applied: nothing of what they said
-- is kept, and that they were there is.
CREATE TABLE application_deletions (
  application_id BLOB NOT NULL PRIMARY KEY REFERENCES applications (id) CHECK (length(application_id) = 16),
  deleted_by BLOB NOT NULL REFERENCES people (id) CHECK (length(deleted_by) = 16),
  deleted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
