DROP INDEX application_clocks_remind_ix;
ALTER TABLE application_clocks DROP COLUMN remind_on;
