-- REPLACE takes a row away without asking the guard against deletion, unless a connection says
-- otherwise (ours do: recursive_triggers). What tells who did what is guarded against it whoever asks.
CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'audit_log only grows');
END;
CREATE TRIGGER events_no_replace BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'events only grows');
END;
CREATE TRIGGER lane_log_no_replace BEFORE INSERT ON lane_log
WHEN EXISTS (SELECT 1 FROM lane_log WHERE id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'lane_log only grows');
END;
