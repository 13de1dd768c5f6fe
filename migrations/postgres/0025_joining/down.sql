ALTER TABLE applications DROP COLUMN nominated_by;
DROP TABLE nominations;
DROP TABLE merges;
