-- What waits is counted for the figures in an index alone, by state and kind, and mails of before 0011
-- are found without a look at all others. SQLite takes an index only where its condition is written
-- the same.
CREATE INDEX jobs_open_ix ON jobs (status, kind) WHERE status IN ('ready','running','dead');
CREATE INDEX jobs_old_mails_ix ON jobs (kind) WHERE kind = 'mail.send' AND sealed IS NULL AND status <> 'done';
-- Nothing looks for events by their name.
DROP INDEX events_name_ix;
