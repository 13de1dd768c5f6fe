-- How often a reviewer was reminded: before the day by which a review is asked for, and after it.
ALTER TABLE reviews ADD COLUMN reminders INTEGER NOT NULL DEFAULT 0 CONSTRAINT reviews_reminders_ck CHECK (reminders BETWEEN 0 AND 2);
CREATE INDEX reviews_due_ix ON reviews (due_on) WHERE status = 'assigned' AND reminders < 2;
