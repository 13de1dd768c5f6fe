-- Which further call a day was moved in; none where it is the application's own.
ALTER TABLE application_extensions ADD COLUMN call_id uuid REFERENCES calls (id);
