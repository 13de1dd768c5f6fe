-- Who was reminded of what they have not answered yet, and when.
ALTER TABLE lane_members ADD COLUMN reminded_on date;
ALTER TABLE screenings ADD COLUMN reminded_at timestamptz;
ALTER TABLE concerns ADD COLUMN reminded_at timestamptz;
ALTER TABLE application_members ADD COLUMN reminded_at timestamptz;
CREATE INDEX application_members_silent_ix ON application_members (created_at) WHERE consent = 'invited' AND reminded_at IS NULL;
