ALTER TABLE offers DROP COLUMN placed_at;
