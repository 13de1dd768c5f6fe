ALTER TABLE checkpoints DROP COLUMN reported_at;
DROP INDEX reports_status_ix;
DROP INDEX checkpoints_status_ix;
DROP INDEX reports_remind_ix;
DROP INDEX checkpoints_remind_ix;
ALTER TABLE reports DROP COLUMN remind_on;
ALTER TABLE checkpoints DROP COLUMN remind_on;
CREATE INDEX reports_open_ix ON reports (due_on, id) WHERE status IN ('due', 'draft', 'changes_requested');
CREATE INDEX checkpoints_open_ix ON checkpoints (due_on, id) WHERE status <> 'decided';
