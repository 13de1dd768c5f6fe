ALTER TABLE comments DROP COLUMN said_for;
