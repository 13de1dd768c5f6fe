-- Applications of which whoever answers for the call was told that they can be awarded. What only ends
-- their screening does not tell it again: that would say that something was looked at once more.
CREATE TABLE award_notices (
  application_id uuid NOT NULL PRIMARY KEY REFERENCES applications (id),
  told_at timestamptz NOT NULL
);
-- When those who may approve an offer were reminded of it last.
ALTER TABLE offers ADD COLUMN approvers_told_at timestamptz;
