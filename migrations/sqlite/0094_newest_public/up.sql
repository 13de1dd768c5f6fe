-- What became public last, of all and of one call, in that order: visibility and status lead, so that the
-- indexes by id are no better choice, as they were to SQLite.
DROP INDEX applications_granted_ix;
DROP INDEX applications_shown_ix;
CREATE INDEX applications_shown_ix ON applications (visibility, status, opened_at, id) WHERE opened_at IS NOT NULL;
CREATE INDEX applications_shown_in_call_ix ON applications (call_id, visibility, status, opened_at, id) WHERE opened_at IS NOT NULL;
CREATE INDEX applications_granted_ix ON applications (visibility, status, decided_at, id) WHERE decided_at IS NOT NULL;
