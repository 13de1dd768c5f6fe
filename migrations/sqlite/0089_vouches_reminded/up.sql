-- When the applicant's mail with the question went last, and when the service itself reminded of it.
ALTER TABLE vouch_requests ADD COLUMN sent_at INTEGER;
ALTER TABLE vouch_requests ADD COLUMN reminded_at INTEGER;
UPDATE vouch_requests SET sent_at = created_at;
CREATE INDEX vouch_requests_silent_ix ON vouch_requests (sent_at) WHERE status = 'open' AND reminded_at IS NULL;
DROP INDEX vouch_requests_asker_ix;
CREATE INDEX vouch_requests_asker_ix ON vouch_requests (requested_by, sent_at);
-- When whoever asked for a review heard that its reviewer cannot write it any more.
ALTER TABLE reviews ADD COLUMN former_told_at INTEGER;
