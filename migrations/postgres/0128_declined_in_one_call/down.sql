-- What ended with its application stands as taken back; appeals in further calls are not known before.
DELETE FROM appeals WHERE call_id IS NOT NULL;
ALTER TABLE appeals DROP CONSTRAINT appeals_answered_ck;
UPDATE appeals SET outcome = 'withdrawn', decided_by = appealed_by WHERE outcome = 'ended';
ALTER TABLE appeals ADD CONSTRAINT appeals_answered_ck
  CHECK ((outcome IS NULL) = (decided_at IS NULL) AND (outcome IS NULL) = (decided_by IS NULL)
    AND (outcome IS NULL OR outcome = 'withdrawn') = (answer IS NULL));
ALTER TABLE appeals DROP CONSTRAINT appeals_outcome_ck;
ALTER TABLE appeals ADD CONSTRAINT appeals_outcome_ck
  CHECK (outcome IS NULL OR outcome IN ('upheld','reopened','withdrawn'));
DROP INDEX appeals_application_ix;
DROP INDEX appeals_there_ix;
DROP INDEX appeals_own_ix;
ALTER TABLE appeals ADD CONSTRAINT appeals_application_id_key UNIQUE (application_id);
ALTER TABLE appeals DROP COLUMN call_id;
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
