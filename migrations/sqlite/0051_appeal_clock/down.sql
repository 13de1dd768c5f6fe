DROP INDEX appeals_due_ix;
ALTER TABLE appeals DROP COLUMN due_on;
ALTER TABLE appeals DROP COLUMN promised_on;
