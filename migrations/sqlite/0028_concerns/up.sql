-- The need-to-know lane: who is in it, what applicants are asked about harm, and what is raised.
CREATE TABLE lane_members (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  reason TEXT NOT NULL,
  added_by BLOB REFERENCES people (id) CHECK (length(added_by) = 16),
  added_at INTEGER NOT NULL,
  removed_by BLOB REFERENCES people (id) CHECK (length(removed_by) = 16),
  removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX lane_members_one_ix ON lane_members (person_id) WHERE removed_at IS NULL;

CREATE TABLE screening_sets (
  number INTEGER NOT NULL PRIMARY KEY CONSTRAINT screening_sets_number_ck CHECK (number > 0),
  questions TEXT NOT NULL CHECK (json_valid(questions)),
  set_by BLOB REFERENCES people (id) CHECK (length(set_by) = 16),
  set_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER screening_sets_no_update BEFORE UPDATE ON screening_sets BEGIN
  SELECT RAISE(ABORT, 'screening_sets only grows');
END;
CREATE TRIGGER screening_sets_no_delete BEFORE DELETE ON screening_sets BEGIN
  SELECT RAISE(ABORT, 'screening_sets only grows');
END;

CREATE TABLE screenings (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL UNIQUE REFERENCES applications (id) CHECK (length(application_id) = 16),
  status TEXT NOT NULL CONSTRAINT screenings_status_ck CHECK (status IN ('waiting','cleared')),
  set_number INTEGER,
  sealed BLOB,
  answered_at INTEGER,
  cleared_at INTEGER,
  opened_at INTEGER NOT NULL,
  CONSTRAINT screenings_answered_ck CHECK ((sealed IS NULL) = (answered_at IS NULL) AND (sealed IS NULL) = (set_number IS NULL)),
  CONSTRAINT screenings_cleared_ck CHECK ((status = 'cleared') = (cleared_at IS NOT NULL))
) STRICT;
CREATE INDEX screenings_status_ix ON screenings (status, id);
CREATE INDEX screenings_sealed_key_ix ON screenings (substr(sealed, 1, 34), id) WHERE sealed IS NOT NULL;

CREATE TABLE concerns (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  raised_by BLOB NOT NULL REFERENCES people (id) CHECK (length(raised_by) = 16),
  status TEXT NOT NULL CONSTRAINT concerns_status_ck CHECK (status IN ('open','closed')),
  outcome TEXT CONSTRAINT concerns_outcome_ck CHECK (outcome IN ('cleared','conditions','stopped')),
  conditions TEXT,
  sealed BLOB NOT NULL,
  raised_at INTEGER NOT NULL,
  asked_at INTEGER,
  answered_at INTEGER,
  decided_at INTEGER,
  CONSTRAINT concerns_decided_ck CHECK ((status = 'closed') = (outcome IS NOT NULL) AND (status = 'closed') = (decided_at IS NOT NULL)),
  CONSTRAINT concerns_conditions_ck CHECK ((conditions IS NOT NULL) = (outcome IS NOT NULL AND outcome = 'conditions')),
  CONSTRAINT concerns_heard_ck CHECK (answered_at IS NULL OR asked_at IS NOT NULL)
) STRICT;
CREATE INDEX concerns_application_ix ON concerns (application_id, id);
CREATE INDEX concerns_status_ix ON concerns (status, id);
CREATE INDEX concerns_raiser_ix ON concerns (raised_by, id);
CREATE INDEX concerns_sealed_key_ix ON concerns (substr(sealed, 1, 34), id);

-- Who did what in the lane; read in the lane alone. The audit log names the act.
CREATE TABLE lane_log (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  concern_id BLOB REFERENCES concerns (id) CHECK (length(concern_id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  act TEXT NOT NULL,
  done_at INTEGER NOT NULL
) STRICT;
CREATE INDEX lane_log_application_ix ON lane_log (application_id, id);
CREATE TRIGGER lane_log_no_update BEFORE UPDATE ON lane_log BEGIN
  SELECT RAISE(ABORT, 'lane_log only grows');
END;
CREATE TRIGGER lane_log_no_delete BEFORE DELETE ON lane_log BEGIN
  SELECT RAISE(ABORT, 'lane_log only grows');
END;
