ALTER TABLE application_routes DROP COLUMN again;
