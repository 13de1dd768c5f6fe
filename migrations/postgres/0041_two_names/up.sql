-- Whom somebody acted for who attached a file or saved a version: both names are shown.
ALTER TABLE attachments ADD COLUMN uploaded_for uuid;
ALTER TABLE application_versions ADD COLUMN saved_for uuid;
