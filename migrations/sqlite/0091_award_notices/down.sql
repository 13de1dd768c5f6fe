ALTER TABLE offers DROP COLUMN approvers_told_at;
DROP TABLE award_notices;
