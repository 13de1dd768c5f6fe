-- A payment may come back after it arrived: that it did, when, and by which entry is kept beside the return.
ALTER TABLE attempts ADD COLUMN settled_on date;
ALTER TABLE attempts ADD COLUMN settled_entry_id uuid;
