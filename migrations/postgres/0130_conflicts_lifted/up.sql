-- Conflicts that were declared and that an admin lifted, with the reasons of both. What holds is in conflicts
-- alone: whoever reads that finds none of these.
CREATE TABLE lifted_conflicts (
  id uuid NOT NULL PRIMARY KEY,
  conflict_id uuid NOT NULL UNIQUE,
  application_id uuid NOT NULL REFERENCES applications (id),
  person_id uuid NOT NULL REFERENCES people (id),
  declared_reason text NOT NULL,
  declared_at timestamptz NOT NULL,
  reason text NOT NULL,
  decided_by uuid NOT NULL REFERENCES people (id),
  decided_at timestamptz NOT NULL
);
CREATE INDEX lifted_conflicts_application_ix ON lifted_conflicts (application_id, id);
CREATE INDEX lifted_conflicts_declared_ix ON lifted_conflicts (application_id, conflict_id);
CREATE FUNCTION lifted_conflicts_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'lifted_conflicts only grows';
END $$;
CREATE TRIGGER lifted_conflicts_no_change BEFORE UPDATE OR DELETE ON lifted_conflicts
  FOR EACH ROW EXECUTE FUNCTION lifted_conflicts_only_grows();
CREATE TRIGGER lifted_conflicts_no_truncate BEFORE TRUNCATE ON lifted_conflicts
  FOR EACH STATEMENT EXECUTE FUNCTION lifted_conflicts_only_grows();
