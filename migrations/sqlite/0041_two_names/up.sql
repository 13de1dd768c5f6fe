-- Whom somebody acted for who attached a file or saved a version: both names are shown.
ALTER TABLE attachments ADD COLUMN uploaded_for BLOB CHECK (length(uploaded_for) = 16);
ALTER TABLE application_versions ADD COLUMN saved_for BLOB CHECK (length(saved_for) = 16);
