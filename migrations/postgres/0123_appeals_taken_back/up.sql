-- Who appealed takes the appeal back: nobody answered it.
ALTER TABLE appeals DROP CONSTRAINT appeals_outcome_ck;
ALTER TABLE appeals ADD CONSTRAINT appeals_outcome_ck
  CHECK (outcome IS NULL OR outcome IN ('upheld','reopened','withdrawn'));
ALTER TABLE appeals DROP CONSTRAINT appeals_answered_ck;
ALTER TABLE appeals ADD CONSTRAINT appeals_answered_ck
  CHECK ((outcome IS NULL) = (decided_at IS NULL) AND (outcome IS NULL) = (decided_by IS NULL)
    AND (outcome IS NULL OR outcome = 'withdrawn') = (answer IS NULL));
