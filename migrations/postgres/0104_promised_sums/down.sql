ALTER TABLE applications DROP COLUMN promised;
