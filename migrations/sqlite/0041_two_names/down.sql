ALTER TABLE application_versions DROP COLUMN saved_for;
ALTER TABLE attachments DROP COLUMN uploaded_for;
