ALTER TABLE reviews DROP COLUMN former_told_at;
DROP INDEX vouch_requests_asker_ix;
DROP INDEX vouch_requests_silent_ix;
ALTER TABLE vouch_requests DROP COLUMN reminded_at;
ALTER TABLE vouch_requests DROP COLUMN sent_at;
CREATE INDEX vouch_requests_asker_ix ON vouch_requests (requested_by, created_at);
