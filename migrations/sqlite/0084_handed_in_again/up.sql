-- Whether an application was handed in to a further call again after it was declined there: once.
ALTER TABLE application_routes ADD COLUMN again INTEGER NOT NULL DEFAULT 0 CONSTRAINT application_routes_again_ck CHECK (again IN (0, 1));
