-- An application that is in further calls can be declined in its own call alone, and goes on in the others. A
-- decline in a further call is kept as one of the application is, and can be appealed against there.
ALTER TABLE applications ADD COLUMN own_call_declined_at timestamptz;
DROP INDEX applications_seen_ix;
CREATE INDEX applications_seen_ix ON applications (visibility, status, id, withheld, call_id, own_call_declined_at);
DROP INDEX applications_waiting_ix;
CREATE INDEX applications_waiting_ix ON applications (call_id, status, submitted_at, own_call_declined_at)
  WHERE status IN ('submitted', 'open');
ALTER TABLE application_declines ADD COLUMN call_id uuid REFERENCES calls (id);
-- One appeal in each call; one that waits ends with its application.
ALTER TABLE appeals ADD COLUMN call_id uuid REFERENCES calls (id);
ALTER TABLE appeals DROP CONSTRAINT appeals_application_id_key;
CREATE UNIQUE INDEX appeals_own_ix ON appeals (application_id) WHERE call_id IS NULL;
CREATE UNIQUE INDEX appeals_there_ix ON appeals (application_id, call_id) WHERE call_id IS NOT NULL;
CREATE INDEX appeals_application_ix ON appeals (application_id, id);
ALTER TABLE appeals DROP CONSTRAINT appeals_outcome_ck;
ALTER TABLE appeals ADD CONSTRAINT appeals_outcome_ck
  CHECK (outcome IS NULL OR outcome IN ('upheld','reopened','withdrawn','ended'));
ALTER TABLE appeals DROP CONSTRAINT appeals_answered_ck;
ALTER TABLE appeals ADD CONSTRAINT appeals_answered_ck
  CHECK ((outcome IS NULL) = (decided_at IS NULL)
    AND (outcome IS NULL OR outcome = 'ended') = (decided_by IS NULL)
    AND (outcome IS NULL OR outcome IN ('withdrawn','ended')) = (answer IS NULL));
