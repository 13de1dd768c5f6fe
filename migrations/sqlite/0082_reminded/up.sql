-- Reports and checkpoints: the day on which somebody is reminded next; none once nobody is waited for.
ALTER TABLE reports ADD COLUMN remind_on INTEGER;
ALTER TABLE checkpoints ADD COLUMN remind_on INTEGER;
UPDATE reports SET remind_on = due_on - 7 WHERE status <> 'accepted';
UPDATE checkpoints SET remind_on = due_on - 7 WHERE status <> 'decided';
CREATE INDEX reports_remind_ix ON reports (remind_on, id) WHERE remind_on IS NOT NULL;
CREATE INDEX checkpoints_remind_ix ON checkpoints (remind_on, id) WHERE remind_on IS NOT NULL;
-- What waits to be read and decided, the first day first. The partial indexes had no reader.
DROP INDEX reports_open_ix;
DROP INDEX checkpoints_open_ix;
CREATE INDEX reports_status_ix ON reports (status, due_on, id);
CREATE INDEX checkpoints_status_ix ON checkpoints (status, due_on, id);
-- Since when what was seen is written down.
ALTER TABLE checkpoints ADD COLUMN reported_at INTEGER;
