DROP TABLE vouches;
DROP TABLE vouch_requests;
