-- What any service needs: idempotent answers, jobs, events, the audit log.
CREATE TABLE idempotency_keys (
  person_id uuid NOT NULL,
  key text NOT NULL CONSTRAINT idempotency_keys_key_rule_ck CHECK (length(key) BETWEEN 1 AND 255),
  operation text NOT NULL,
  request_hash bytea NOT NULL,
  status integer,
  body text,
  location text,
  etag text,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (person_id, key)
);
CREATE INDEX idempotency_keys_age_ix ON idempotency_keys (created_at);

CREATE TABLE jobs (
  id uuid NOT NULL PRIMARY KEY,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  status text NOT NULL CONSTRAINT jobs_status_ck CHECK (status IN ('ready','running','done','dead')),
  run_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  locked_until timestamptz,
  last_error text,
  dedupe text UNIQUE,
  created_at timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE INDEX jobs_ready_ix ON jobs (run_at, id) WHERE status = 'ready';
CREATE INDEX jobs_running_ix ON jobs (locked_until) WHERE status = 'running';
CREATE INDEX jobs_dead_ix ON jobs (id) WHERE status = 'dead';
CREATE INDEX jobs_finished_ix ON jobs (finished_at) WHERE status = 'done';

CREATE TABLE events (
  id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL,
  payload jsonb NOT NULL,
  person_id uuid,
  occurred_at timestamptz NOT NULL
);
CREATE INDEX events_name_ix ON events (name, id);
CREATE FUNCTION events_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'events only grows';
END $$;
CREATE TRIGGER events_no_change BEFORE UPDATE OR DELETE ON events
  FOR EACH ROW EXECUTE FUNCTION events_only_grows();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION events_only_grows();

CREATE TABLE audit_log (
  id uuid NOT NULL PRIMARY KEY,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  person_id uuid,
  request_id uuid NOT NULL,
  action text NOT NULL,
  object_kind text NOT NULL,
  object_id uuid NOT NULL,
  before jsonb,
  after jsonb,
  address text
);
CREATE INDEX audit_log_object_ix ON audit_log (object_kind, object_id, id);
CREATE INDEX audit_log_person_ix ON audit_log (person_id, id);
CREATE FUNCTION audit_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_log only grows';
END $$;
CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log
  FOR EACH ROW EXECUTE FUNCTION audit_log_only_grows();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION audit_log_only_grows();
