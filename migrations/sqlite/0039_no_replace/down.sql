DROP TRIGGER audit_log_no_replace;
DROP TRIGGER events_no_replace;
DROP TRIGGER lane_log_no_replace;
