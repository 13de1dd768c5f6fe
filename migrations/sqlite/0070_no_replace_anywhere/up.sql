-- The guard against REPLACE for all other tables that only grow: whoever opens the file without our
-- settings replaces no vote, no signature and no decision either, by whatever key.
CREATE TRIGGER approval_votes_no_replace BEFORE INSERT ON approval_votes
WHEN EXISTS (
  SELECT 1 FROM approval_votes
  WHERE id = NEW.id OR (approval_id = NEW.approval_id AND person_id = NEW.person_id)
) BEGIN
  SELECT RAISE(ABORT, 'approval_votes only grows');
END;
CREATE TRIGGER review_versions_no_replace BEFORE INSERT ON review_versions
WHEN EXISTS (
  SELECT 1 FROM review_versions
  WHERE review_id = NEW.review_id AND number = NEW.number
) BEGIN
  SELECT RAISE(ABORT, 'review_versions only grows');
END;
CREATE TRIGGER review_decisions_no_replace BEFORE INSERT ON review_decisions
WHEN EXISTS (
  SELECT 1 FROM review_decisions
  WHERE application_id = NEW.application_id
) BEGIN
  SELECT RAISE(ABORT, 'review_decisions only grows');
END;
CREATE TRIGGER screening_sets_no_replace BEFORE INSERT ON screening_sets
WHEN EXISTS (
  SELECT 1 FROM screening_sets
  WHERE number = NEW.number
) BEGIN
  SELECT RAISE(ABORT, 'screening_sets only grows');
END;
CREATE TRIGGER signatures_no_replace BEFORE INSERT ON signatures
WHEN EXISTS (
  SELECT 1 FROM signatures
  WHERE id = NEW.id
    OR (agreement_id = NEW.agreement_id AND party = NEW.party)
    OR (agreement_id = NEW.agreement_id AND person_id = NEW.person_id)
) BEGIN
  SELECT RAISE(ABORT, 'signatures only grows');
END;
CREATE TRIGGER templates_no_replace BEFORE INSERT ON templates
WHEN EXISTS (
  SELECT 1 FROM templates
  WHERE id = NEW.id
    OR (kind = NEW.kind AND number = NEW.number)
) BEGIN
  SELECT RAISE(ABORT, 'templates only grows');
END;
CREATE TRIGGER conflict_exceptions_no_replace BEFORE INSERT ON conflict_exceptions
WHEN EXISTS (
  SELECT 1 FROM conflict_exceptions
  WHERE id = NEW.id
    OR (application_id = NEW.application_id AND person_id = NEW.person_id
    AND ground = NEW.ground)
) BEGIN
  SELECT RAISE(ABORT, 'conflict_exceptions only grows');
END;
