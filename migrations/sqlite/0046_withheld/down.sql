ALTER TABLE applications DROP COLUMN withheld;
