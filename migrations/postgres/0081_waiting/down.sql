ALTER TABLE attachments DROP COLUMN copied;
DROP INDEX disbursements_tranche_ix;
DROP INDEX requirements_status_ix;
CREATE INDEX requirements_open_ix ON requirements (due_on, id) WHERE status IN ('open', 'provided', 'refused');
DROP INDEX tranches_status_ix;
CREATE INDEX tranches_released_ix ON tranches (id) WHERE status = 'released';
