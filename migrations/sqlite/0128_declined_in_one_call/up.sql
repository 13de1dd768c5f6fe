-- An application that is in further calls can be declined in its own call alone, and goes on in the others. A
-- decline in a further call is kept as one of the application is, and can be appealed against there.
ALTER TABLE applications ADD COLUMN own_call_declined_at INTEGER;
DROP INDEX applications_seen_ix;
CREATE INDEX applications_seen_ix ON applications (visibility, status, id, withheld, call_id, own_call_declined_at);
DROP INDEX applications_waiting_ix;
CREATE INDEX applications_waiting_ix ON applications (call_id, status, submitted_at, own_call_declined_at)
  WHERE status IN ('submitted', 'open');
ALTER TABLE application_declines ADD COLUMN call_id BLOB REFERENCES calls (id) CHECK (length(call_id) = 16);
-- One appeal in each call; one that waits ends with its application. SQLite cannot take a UNIQUE off: the table
-- is made anew, with what it holds.
CREATE TABLE appeals_new (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  text TEXT NOT NULL,
  appealed_by BLOB NOT NULL REFERENCES people (id) CHECK (length(appealed_by) = 16),
  appealed_at INTEGER NOT NULL,
  declined_by BLOB REFERENCES people (id) CHECK (length(declined_by) = 16),
  outcome TEXT,
  answer TEXT,
  decided_by BLOB REFERENCES people (id) CHECK (length(decided_by) = 16),
  decided_at INTEGER,
  promised_on INTEGER,
  due_on INTEGER,
  call_id BLOB REFERENCES calls (id) CHECK (length(call_id) = 16),
  CONSTRAINT appeals_outcome_ck CHECK (outcome IS NULL OR outcome IN ('upheld','reopened','withdrawn','ended')),
  CONSTRAINT appeals_answered_ck CHECK ((outcome IS NULL) = (decided_at IS NULL)
    AND (outcome IS NULL OR outcome = 'ended') = (decided_by IS NULL)
    AND (outcome IS NULL OR outcome IN ('withdrawn','ended')) = (answer IS NULL)),
  CONSTRAINT appeals_two_persons_ck CHECK (decided_by IS NULL OR declined_by IS NULL OR decided_by <> declined_by)
) STRICT;
INSERT INTO appeals_new
  SELECT id, application_id, text, appealed_by, appealed_at, declined_by, outcome, answer, decided_by, decided_at,
    promised_on, due_on, NULL
  FROM appeals;
DROP TABLE appeals;
ALTER TABLE appeals_new RENAME TO appeals;
CREATE UNIQUE INDEX appeals_own_ix ON appeals (application_id) WHERE call_id IS NULL;
CREATE UNIQUE INDEX appeals_there_ix ON appeals (application_id, call_id) WHERE call_id IS NOT NULL;
CREATE INDEX appeals_application_ix ON appeals (application_id, id);
CREATE INDEX appeals_waiting_ix ON appeals (id) WHERE decided_at IS NULL;
CREATE INDEX appeals_answered_ix ON appeals (id) WHERE decided_at IS NOT NULL;
CREATE INDEX appeals_due_ix ON appeals (due_on, id) WHERE decided_at IS NULL;
