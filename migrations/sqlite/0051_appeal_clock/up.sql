-- An appeal has a clock of its own: the day by which an answer is promised, and when somebody has to
-- do something about it. Those that wait already are promised a day at the next run.
ALTER TABLE appeals ADD COLUMN promised_on INTEGER;
ALTER TABLE appeals ADD COLUMN due_on INTEGER;
UPDATE appeals SET due_on = 0 WHERE decided_at IS NULL;
CREATE INDEX appeals_due_ix ON appeals (due_on, id) WHERE decided_at IS NULL;
