-- What is promised first, over all calls: the queue of those who fund takes as much as it shows.
CREATE INDEX applications_promised_ix ON applications (status, promised_on, id);
CREATE INDEX application_routes_promised_ix ON application_routes (status, promised_on, application_id);
-- Who comes across what is read from the index alone, also whether it is withheld and in which call.
DROP INDEX applications_public_ix;
CREATE INDEX applications_seen_ix ON applications (visibility, status, id, withheld, call_id);
-- Which open offers lapse first: each status by itself.
DROP INDEX offers_expiry_ix;
CREATE INDEX offers_lapsing_ix ON offers (status, expires_at, application_id);
