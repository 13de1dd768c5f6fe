DROP INDEX vouch_requests_token_ix;
