-- Which further call a day was moved in; none where it is the application's own.
ALTER TABLE application_extensions ADD COLUMN call_id BLOB REFERENCES calls (id) CHECK (length(call_id) = 16);
