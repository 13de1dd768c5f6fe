DROP TABLE audit_log;
DROP FUNCTION audit_log_only_grows();
DROP TABLE events;
DROP FUNCTION events_only_grows();
DROP TABLE jobs;
DROP TABLE idempotency_keys;
