-- Further calls that an application is routed to, beside its own: what the call asks besides, who
-- handed that in, and what was promised there.
CREATE TABLE application_routes (
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  call_id BLOB NOT NULL REFERENCES calls (id) CHECK (length(call_id) = 16),
  status TEXT NOT NULL CONSTRAINT application_routes_status_ck CHECK (status IN ('draft','submitted','declined','withdrawn','ended')),
  form_version INTEGER NOT NULL CONSTRAINT application_routes_form_version_rule_ck CHECK (form_version >= 0),
  answers TEXT NOT NULL CHECK (json_valid(answers)),
  suggested TEXT NOT NULL CHECK (json_valid(suggested)),
  carried TEXT NOT NULL CHECK (json_valid(carried)),
  routed_by BLOB CHECK (length(routed_by) = 16),
  routed_at INTEGER NOT NULL,
  submitted_by BLOB CHECK (length(submitted_by) = 16),
  submitted_at INTEGER,
  promised_on INTEGER,
  step TEXT NOT NULL CONSTRAINT application_routes_step_ck CHECK (step IN ('remind','final','overdue')),
  due_on INTEGER,
  rule_extensions INTEGER NOT NULL CONSTRAINT application_routes_rule_extensions_rule_ck CHECK (rule_extensions BETWEEN 0 AND 2),
  answered_at INTEGER,
  ended_at INTEGER,
  reason TEXT,
  version INTEGER NOT NULL,
  PRIMARY KEY (application_id, call_id),
  CONSTRAINT application_routes_promised_ck CHECK ((submitted_at IS NULL) = (promised_on IS NULL)),
  CONSTRAINT application_routes_submitted_ck CHECK (status <> 'submitted' OR submitted_at IS NOT NULL)
) STRICT;
CREATE INDEX application_routes_call_ix ON application_routes (call_id, application_id) WHERE status = 'submitted';
CREATE INDEX application_routes_live_ix ON application_routes (application_id, call_id) WHERE status = 'submitted';
CREATE INDEX application_routes_pressing_ix ON application_routes (call_id, promised_on, application_id) WHERE status = 'submitted';
CREATE INDEX application_routes_due_ix ON application_routes (due_on, application_id) WHERE due_on IS NOT NULL;

-- Found in each of its calls.
DROP VIEW search_contents;
CREATE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body || coalesce(' ' || (SELECT group_concat(g.title, ' ')
      FROM application_agendas x JOIN agendas g ON g.id = x.agenda_id WHERE x.application_id = a.id), '') AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || lower(hex(a.call_id)) || 'x'
      || coalesce((SELECT group_concat(' call' || lower(hex(r.call_id)) || 'x', '') FROM application_routes r
          WHERE r.application_id = a.id AND r.status = 'submitted'), '')
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested) || 'x sum' || lower(a.currency)
        || length(a.amount_requested) || 'from' || substr(a.amount_requested, 1, 1) || 'x', '')
      || ' team' || (SELECT min(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x'
      || coalesce(' ' || (SELECT group_concat('agenda' || lower(hex(x.agenda_id)) || 'x', ' ') FROM application_agendas x WHERE x.application_id = a.id), '') AS marks
  FROM applications a;
CREATE TRIGGER application_routes_search_changed AFTER UPDATE OF status ON application_routes
  WHEN new.status <> old.status AND (new.status = 'submitted' OR old.status = 'submitted') BEGIN
  UPDATE search_documents SET revision = revision + 1 WHERE application_id = new.application_id;
END;
