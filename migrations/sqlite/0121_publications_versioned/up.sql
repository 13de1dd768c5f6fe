-- A decision on what of a grant is published is not replaced unseen.
ALTER TABLE publications ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
