-- The day on which an applicant is reminded of changes that they were asked for.
ALTER TABLE application_clocks ADD COLUMN remind_on INTEGER;
UPDATE application_clocks SET remind_on = paused_on + 14 WHERE paused_on IS NOT NULL;
CREATE INDEX application_clocks_remind_ix ON application_clocks (remind_on, application_id) WHERE remind_on IS NOT NULL;
