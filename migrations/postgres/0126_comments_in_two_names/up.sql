-- In whose name a delegate said it: the API shows both, as the audit log does.
ALTER TABLE comments ADD COLUMN said_for uuid;
