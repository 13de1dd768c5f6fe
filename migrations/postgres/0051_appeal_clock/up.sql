-- An appeal has a clock of its own: the day by which an answer is promised, and when somebody has to
-- do something about it. Those that wait already are promised a day at the next run.
ALTER TABLE appeals ADD COLUMN promised_on date;
ALTER TABLE appeals ADD COLUMN due_on date;
UPDATE appeals SET due_on = '2020-01-01' WHERE decided_at IS NULL;
CREATE INDEX appeals_due_ix ON appeals (due_on, id) WHERE decided_at IS NULL;
