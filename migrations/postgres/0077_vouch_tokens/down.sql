ALTER TABLE vouch_requests DROP COLUMN token_hash;
