-- Applications that were handed in, ended, and were deleted by who applied: nothing of what they said
-- is kept, and that they were there is.
CREATE TABLE application_deletions (
  application_id uuid NOT NULL PRIMARY KEY REFERENCES applications (id),
  deleted_by uuid NOT NULL REFERENCES people (id),
  deleted_at timestamptz NOT NULL
);
