-- What waits for those who run the service: read by where it stands. The partial indexes that it
-- takes the place of had no reader, as no statement names their condition word by word.
DROP INDEX tranches_released_ix;
CREATE INDEX tranches_status_ix ON tranches (status, id);
DROP INDEX requirements_open_ix;
CREATE INDEX requirements_status_ix ON requirements (status, kind, id);
-- The payments of a tranche.
CREATE INDEX disbursements_tranche_ix ON disbursements (tranche_id);
-- Files that came along from the answer bank: they count for no limit of who attached the first.
ALTER TABLE attachments ADD COLUMN copied BOOLEAN NOT NULL DEFAULT FALSE;
