DROP INDEX requirements_remind_ix;
ALTER TABLE requirements DROP COLUMN remind_on;
