-- What any service needs: idempotent answers, jobs, events, the audit log.
CREATE TABLE idempotency_keys (
  person_id BLOB NOT NULL CHECK (length(person_id) = 16),
  key TEXT NOT NULL CONSTRAINT idempotency_keys_key_rule_ck CHECK (length(key) BETWEEN 1 AND 255),
  operation TEXT NOT NULL,
  request_hash BLOB NOT NULL,
  status INTEGER,
  body TEXT,
  location TEXT,
  etag TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (person_id, key)
) STRICT;
CREATE INDEX idempotency_keys_age_ix ON idempotency_keys (created_at);

CREATE TABLE jobs (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  kind TEXT NOT NULL,
  payload TEXT NOT NULL CHECK (json_valid(payload)),
  status TEXT NOT NULL CONSTRAINT jobs_status_ck CHECK (status IN ('ready','running','done','dead')),
  run_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  locked_until INTEGER,
  last_error TEXT,
  dedupe TEXT UNIQUE,
  created_at INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;
CREATE INDEX jobs_ready_ix ON jobs (run_at, id) WHERE status = 'ready';
CREATE INDEX jobs_running_ix ON jobs (locked_until) WHERE status = 'running';
CREATE INDEX jobs_dead_ix ON jobs (id) WHERE status = 'dead';
CREATE INDEX jobs_finished_ix ON jobs (finished_at) WHERE status = 'done';

CREATE TABLE events (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name TEXT NOT NULL,
  payload TEXT NOT NULL CHECK (json_valid(payload)),
  person_id BLOB CHECK (length(person_id) = 16),
  occurred_at INTEGER NOT NULL
) STRICT;
CREATE INDEX events_name_ix ON events (name, id);
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN
  SELECT RAISE(ABORT, 'events only grows');
END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN
  SELECT RAISE(ABORT, 'events only grows');
END;

CREATE TABLE audit_log (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  person_id BLOB CHECK (length(person_id) = 16),
  request_id BLOB NOT NULL CHECK (length(request_id) = 16),
  action TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id BLOB NOT NULL CHECK (length(object_id) = 16),
  before TEXT CHECK (json_valid(before)),
  after TEXT CHECK (json_valid(after)),
  address TEXT
) STRICT;
CREATE INDEX audit_log_object_ix ON audit_log (object_kind, object_id, id);
CREATE INDEX audit_log_person_ix ON audit_log (person_id, id);
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log BEGIN
  SELECT RAISE(ABORT, 'audit_log only grows');
END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log BEGIN
  SELECT RAISE(ABORT, 'audit_log only grows');
END;
