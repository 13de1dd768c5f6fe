-- Whether an application was handed in to a further call again after it was declined there: once.
ALTER TABLE application_routes ADD COLUMN again BOOLEAN NOT NULL DEFAULT FALSE;
