-- Nobody waits for what was taken back: it is as if it were answered with no.
UPDATE vouch_requests SET status = 'declined' WHERE status = 'withdrawn';
ALTER TABLE vouch_requests DROP CONSTRAINT vouch_requests_status_ck;
ALTER TABLE vouch_requests ADD CONSTRAINT vouch_requests_status_ck
  CHECK (status IN ('open','signed','declined'));
