CREATE TABLE appeals_new (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL UNIQUE REFERENCES applications (id) CHECK (length(application_id) = 16),
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
  CONSTRAINT appeals_outcome_ck CHECK (outcome IS NULL OR outcome IN ('upheld','reopened','withdrawn')),
  CONSTRAINT appeals_answered_ck CHECK ((outcome IS NULL) = (decided_at IS NULL) AND (outcome IS NULL) = (decided_by IS NULL)
    AND (outcome IS NULL OR outcome = 'withdrawn') = (answer IS NULL)),
  CONSTRAINT appeals_two_persons_ck CHECK (decided_by IS NULL OR declined_by IS NULL OR decided_by <> declined_by)
) STRICT;
-- What ended with its application stands as taken back; appeals in further calls are not known before.
INSERT INTO appeals_new
  SELECT id, application_id, text, appealed_by, appealed_at, declined_by,
    CASE outcome WHEN 'ended' THEN 'withdrawn' ELSE outcome END, answer,
    CASE outcome WHEN 'ended' THEN appealed_by ELSE decided_by END, decided_at, promised_on, due_on
  FROM appeals WHERE call_id IS NULL;
DROP TABLE appeals;
ALTER TABLE appeals_new RENAME TO appeals;
CREATE INDEX appeals_waiting_ix ON appeals (id) WHERE decided_at IS NULL;
CREATE INDEX appeals_answered_ix ON appeals (id) WHERE decided_at IS NOT NULL;
CREATE INDEX appeals_due_ix ON appeals (due_on, id) WHERE decided_at IS NULL;
DELETE FROM application_declines WHERE call_id IS NOT NULL;
ALTER TABLE application_declines DROP COLUMN call_id;
DROP INDEX applications_waiting_ix;
CREATE INDEX applications_waiting_ix ON applications (call_id, status, submitted_at)
  WHERE status IN ('submitted', 'open');
DROP INDEX applications_seen_ix;
CREATE INDEX applications_seen_ix ON applications (visibility, status, id, withheld, call_id);
-- What its own call had declined alone is back in it: there its day is kept again.
UPDATE application_clocks
  SET step = 'final',
    due_on = (SELECT a.promised_on - 2 FROM applications a WHERE a.id = application_clocks.application_id)
  WHERE paused_on IS NULL AND application_id IN (
    SELECT id FROM applications WHERE own_call_declined_at IS NOT NULL AND status IN ('submitted','open'));
ALTER TABLE applications DROP COLUMN own_call_declined_at;
