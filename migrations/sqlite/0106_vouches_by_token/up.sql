-- A mailed link shows what it asks before its reader logs in: it is found by what is kept of its secret.
CREATE UNIQUE INDEX vouch_requests_token_ix ON vouch_requests (token_hash) WHERE token_hash IS NOT NULL;
