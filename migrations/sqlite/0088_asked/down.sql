ALTER TABLE screenings DROP COLUMN reopened_at;
ALTER TABLE screenings DROP COLUMN asked_at;
