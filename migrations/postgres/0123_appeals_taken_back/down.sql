-- What was taken back stands as answered: the decision stays.
ALTER TABLE appeals DROP CONSTRAINT appeals_answered_ck;
UPDATE appeals SET outcome = 'upheld', answer = 'It was taken back.' WHERE outcome = 'withdrawn';
ALTER TABLE appeals ADD CONSTRAINT appeals_answered_ck
  CHECK ((outcome IS NULL) = (decided_at IS NULL) AND (outcome IS NULL) = (decided_by IS NULL)
    AND (outcome IS NULL) = (answer IS NULL));
ALTER TABLE appeals DROP CONSTRAINT appeals_outcome_ck;
ALTER TABLE appeals ADD CONSTRAINT appeals_outcome_ck
  CHECK (outcome IS NULL OR outcome IN ('upheld','reopened'));
