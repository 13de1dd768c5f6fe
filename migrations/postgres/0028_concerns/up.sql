-- The need-to-know lane: who is in it, what applicants are asked about harm, and what is raised.
CREATE TABLE lane_members (
  id uuid NOT NULL PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people (id),
  reason text NOT NULL,
  added_by uuid REFERENCES people (id),
  added_at timestamptz NOT NULL,
  removed_by uuid REFERENCES people (id),
  removed_at timestamptz
);
CREATE UNIQUE INDEX lane_members_one_ix ON lane_members (person_id) WHERE removed_at IS NULL;

CREATE TABLE screening_sets (
  number integer NOT NULL PRIMARY KEY CONSTRAINT screening_sets_number_ck CHECK (number > 0),
  questions jsonb NOT NULL,
  set_by uuid REFERENCES people (id),
  set_at timestamptz NOT NULL
);

CREATE TABLE screenings (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL UNIQUE REFERENCES applications (id),
  status text NOT NULL CONSTRAINT screenings_status_ck CHECK (status IN ('waiting','cleared')),
  set_number integer,
  sealed bytea,
  answered_at timestamptz,
  cleared_at timestamptz,
  opened_at timestamptz NOT NULL,
  CONSTRAINT screenings_answered_ck CHECK ((sealed IS NULL) = (answered_at IS NULL) AND (sealed IS NULL) = (set_number IS NULL)),
  CONSTRAINT screenings_cleared_ck CHECK ((status = 'cleared') = (cleared_at IS NOT NULL))
);
CREATE INDEX screenings_status_ix ON screenings (status, id);
CREATE INDEX screenings_sealed_key_ix ON screenings (substr(sealed, 1, 34), id) WHERE sealed IS NOT NULL;

CREATE TABLE concerns (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  raised_by uuid NOT NULL REFERENCES people (id),
  status text NOT NULL CONSTRAINT concerns_status_ck CHECK (status IN ('open','closed')),
  outcome text CONSTRAINT concerns_outcome_ck CHECK (outcome IN ('cleared','conditions','stopped')),
  conditions text,
  sealed bytea NOT NULL,
  raised_at timestamptz NOT NULL,
  asked_at timestamptz,
  answered_at timestamptz,
  decided_at timestamptz,
  CONSTRAINT concerns_decided_ck CHECK ((status = 'closed') = (outcome IS NOT NULL) AND (status = 'closed') = (decided_at IS NOT NULL)),
  CONSTRAINT concerns_conditions_ck CHECK ((conditions IS NOT NULL) = (outcome IS NOT NULL AND outcome = 'conditions')),
  CONSTRAINT concerns_heard_ck CHECK (answered_at IS NULL OR asked_at IS NOT NULL)
);
CREATE INDEX concerns_application_ix ON concerns (application_id, id);
CREATE INDEX concerns_status_ix ON concerns (status, id);
CREATE INDEX concerns_raiser_ix ON concerns (raised_by, id);
CREATE INDEX concerns_sealed_key_ix ON concerns (substr(sealed, 1, 34), id);

-- Who did what in the lane; read in the lane alone. The audit log names the act.
CREATE TABLE lane_log (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  concern_id uuid REFERENCES concerns (id),
  person_id uuid NOT NULL REFERENCES people (id),
  act text NOT NULL,
  done_at timestamptz NOT NULL
);
CREATE INDEX lane_log_application_ix ON lane_log (application_id, id);
CREATE FUNCTION screening_sets_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'screening_sets only grows';
END $$;
CREATE TRIGGER screening_sets_no_change BEFORE UPDATE OR DELETE ON screening_sets
  FOR EACH ROW EXECUTE FUNCTION screening_sets_only_grows();
CREATE TRIGGER screening_sets_no_truncate BEFORE TRUNCATE ON screening_sets
  FOR EACH STATEMENT EXECUTE FUNCTION screening_sets_only_grows();
CREATE FUNCTION lane_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'lane_log only grows';
END $$;
CREATE TRIGGER lane_log_no_change BEFORE UPDATE OR DELETE ON lane_log
  FOR EACH ROW EXECUTE FUNCTION lane_log_only_grows();
CREATE TRIGGER lane_log_no_truncate BEFORE TRUNCATE ON lane_log
  FOR EACH STATEMENT EXECUTE FUNCTION lane_log_only_grows();
