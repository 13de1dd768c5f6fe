-- A payment that is taken out of its batch before the bank was given it did not come back from there.
ALTER TABLE attempts ADD COLUMN not_sent boolean NOT NULL DEFAULT false;
