ALTER TABLE attempts DROP COLUMN settled_entry_id;
ALTER TABLE attempts DROP COLUMN settled_on;
