-- What was lifted holds again: programs before this one know of none that does not.
INSERT INTO conflicts (id, application_id, person_id, reason, declared_at)
  SELECT conflict_id, application_id, person_id, declared_reason, declared_at FROM lifted_conflicts
  WHERE true ORDER BY id DESC
  ON CONFLICT DO NOTHING;
DROP TABLE lifted_conflicts;
