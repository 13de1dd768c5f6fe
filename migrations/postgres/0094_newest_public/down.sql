DROP INDEX applications_granted_ix;
DROP INDEX applications_shown_in_call_ix;
DROP INDEX applications_shown_ix;
CREATE INDEX applications_shown_ix ON applications (opened_at, id) WHERE visibility = 'public' AND status = 'open';
CREATE INDEX applications_granted_ix ON applications (decided_at, id) WHERE visibility = 'public' AND status = 'awarded';
