DROP TABLE audit_log;
DROP TABLE events;
DROP TABLE jobs;
DROP TABLE idempotency_keys;
