DROP INDEX applications_granted_ix;
DROP INDEX applications_shown_ix;
DROP INDEX calls_changed_ix;
ALTER TABLE calls DROP COLUMN search;
ALTER TABLE calls DROP COLUMN changed_at;
