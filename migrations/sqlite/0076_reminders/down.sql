DROP INDEX application_members_silent_ix;
ALTER TABLE application_members DROP COLUMN reminded_at;
ALTER TABLE concerns DROP COLUMN reminded_at;
ALTER TABLE screenings DROP COLUMN reminded_at;
ALTER TABLE lane_members DROP COLUMN reminded_on;
