-- Concerns stand with what they were raised about, as before. The lane's log keeps where they went on.
UPDATE concerns SET application_id = raised_about WHERE raised_about IS NOT NULL;
ALTER TABLE concerns DROP COLUMN asked_id;
ALTER TABLE concerns DROP COLUMN raised_about;
