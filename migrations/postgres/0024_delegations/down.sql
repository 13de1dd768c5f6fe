ALTER TABLE reports DROP COLUMN submitted_by;
ALTER TABLE applications DROP COLUMN submitted_by;
DROP TABLE delegations;
