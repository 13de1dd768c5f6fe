-- What shows that the mail with the question was read; none once it was answered.
ALTER TABLE vouch_requests ADD COLUMN token_hash BLOB;
