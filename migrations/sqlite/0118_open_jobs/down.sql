CREATE INDEX events_name_ix ON events (name, id);
DROP INDEX jobs_old_mails_ix;
DROP INDEX jobs_open_ix;
