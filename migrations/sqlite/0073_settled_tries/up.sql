-- A payment may come back after it arrived: that it did, when, and by which entry is kept beside the return.
ALTER TABLE attempts ADD COLUMN settled_on INTEGER;
ALTER TABLE attempts ADD COLUMN settled_entry_id BLOB CHECK (length(settled_entry_id) = 16);
