DROP INDEX reviews_due_ix;
ALTER TABLE reviews DROP COLUMN reminders;
