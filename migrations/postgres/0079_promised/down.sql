DROP INDEX offers_lapsing_ix;
CREATE INDEX offers_expiry_ix ON offers (expires_at) WHERE status IN ('awaiting_approval', 'placed');
DROP INDEX applications_seen_ix;
CREATE INDEX applications_public_ix ON applications (visibility, status, id);
DROP INDEX application_routes_promised_ix;
DROP INDEX applications_promised_ix;
