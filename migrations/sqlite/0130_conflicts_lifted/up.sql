-- Conflicts that were declared and that an admin lifted, with the reasons of both. What holds is in conflicts
-- alone: whoever reads that finds none of these.
CREATE TABLE lifted_conflicts (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  conflict_id BLOB NOT NULL UNIQUE CHECK (length(conflict_id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  declared_reason TEXT NOT NULL,
  declared_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  decided_by BLOB NOT NULL REFERENCES people (id) CHECK (length(decided_by) = 16),
  decided_at INTEGER NOT NULL
) STRICT;
CREATE INDEX lifted_conflicts_application_ix ON lifted_conflicts (application_id, id);
CREATE INDEX lifted_conflicts_declared_ix ON lifted_conflicts (application_id, conflict_id);
CREATE TRIGGER lifted_conflicts_no_update BEFORE UPDATE ON lifted_conflicts BEGIN
  SELECT RAISE(ABORT, 'lifted_conflicts only grows');
END;
CREATE TRIGGER lifted_conflicts_no_delete BEFORE DELETE ON lifted_conflicts BEGIN
  SELECT RAISE(ABORT, 'lifted_conflicts only grows');
END;
CREATE TRIGGER lifted_conflicts_no_replace BEFORE INSERT ON lifted_conflicts
WHEN EXISTS (
  SELECT 1 FROM lifted_conflicts
  WHERE id = NEW.id
    OR conflict_id = NEW.conflict_id
) BEGIN
  SELECT RAISE(ABORT, 'lifted_conflicts only grows');
END;
