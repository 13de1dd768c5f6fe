-- Who asked for a vouch takes the question back.
ALTER TABLE vouch_requests DROP CONSTRAINT vouch_requests_status_ck;
ALTER TABLE vouch_requests ADD CONSTRAINT vouch_requests_status_ck
  CHECK (status IN ('open','signed','declined','withdrawn'));
