-- A payment that is taken out of its batch before the bank was given it did not come back from there.
ALTER TABLE attempts ADD COLUMN not_sent INTEGER NOT NULL DEFAULT 0 CONSTRAINT attempts_not_sent_ck CHECK (not_sent IN (0, 1));
