-- The account that a payment was drafted for, as its payee had it then: what looks like a payment made twice
-- is found by it, whatever account the payee has since.
ALTER TABLE disbursements ADD COLUMN fingerprint bytea CONSTRAINT disbursements_fingerprint_ck CHECK (length(fingerprint) = 32);
UPDATE disbursements SET fingerprint = (SELECT payees.fingerprint FROM payees WHERE payees.id = disbursements.payee_id);
CREATE INDEX disbursements_fingerprint_ix ON disbursements (fingerprint, amount);
