ALTER TABLE publications DROP COLUMN version;
