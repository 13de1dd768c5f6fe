-- Further calls that an application is routed to, beside its own: what the call asks besides, who
-- handed that in, and what was promised there.
CREATE TABLE application_routes (
  application_id uuid NOT NULL REFERENCES applications (id),
  call_id uuid NOT NULL REFERENCES calls (id),
  status text NOT NULL CONSTRAINT application_routes_status_ck CHECK (status IN ('draft','submitted','declined','withdrawn','ended')),
  form_version integer NOT NULL CONSTRAINT application_routes_form_version_rule_ck CHECK (form_version >= 0),
  answers jsonb NOT NULL,
  suggested jsonb NOT NULL,
  carried jsonb NOT NULL,
  routed_by uuid,
  routed_at timestamptz NOT NULL,
  submitted_by uuid,
  submitted_at timestamptz,
  promised_on date,
  step text NOT NULL CONSTRAINT application_routes_step_ck CHECK (step IN ('remind','final','overdue')),
  due_on date,
  rule_extensions integer NOT NULL CONSTRAINT application_routes_rule_extensions_rule_ck CHECK (rule_extensions BETWEEN 0 AND 2),
  answered_at timestamptz,
  ended_at timestamptz,
  reason text,
  version integer NOT NULL,
  PRIMARY KEY (application_id, call_id),
  CONSTRAINT application_routes_promised_ck CHECK ((submitted_at IS NULL) = (promised_on IS NULL)),
  CONSTRAINT application_routes_submitted_ck CHECK (status <> 'submitted' OR submitted_at IS NOT NULL)
);
CREATE INDEX application_routes_call_ix ON application_routes (call_id, application_id) WHERE status = 'submitted';
CREATE INDEX application_routes_live_ix ON application_routes (application_id, call_id) WHERE status = 'submitted';
CREATE INDEX application_routes_pressing_ix ON application_routes (call_id, promised_on, application_id) WHERE status = 'submitted';
CREATE INDEX application_routes_due_ix ON application_routes (due_on, application_id) WHERE due_on IS NOT NULL;

-- Found in each of its calls.
CREATE OR REPLACE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body || coalesce(' ' || (SELECT string_agg(g.title, ' ')
      FROM application_agendas x JOIN agendas g ON g.id = x.agenda_id WHERE x.application_id = a.id), '') AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || replace(a.call_id::text, '-', '') || 'x'
      || coalesce((SELECT string_agg(' call' || replace(r.call_id::text, '-', '') || 'x', '') FROM application_routes r
          WHERE r.application_id = a.id AND r.status = 'submitted'), '')
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested::text) || 'x sum' || lower(a.currency)
        || length(a.amount_requested::text) || 'from' || left(a.amount_requested::text, 1) || 'x', '')
      || ' team' || (SELECT least(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x'
      || coalesce(' ' || (SELECT string_agg('agenda' || replace(x.agenda_id::text, '-', '') || 'x', ' ') FROM application_agendas x WHERE x.application_id = a.id), '') AS marks
  FROM applications a;
CREATE TRIGGER application_routes_search_changed AFTER UPDATE OF status ON application_routes
  FOR EACH ROW WHEN (new.status <> old.status AND (new.status = 'submitted' OR old.status = 'submitted'))
  EXECUTE FUNCTION application_members_search();
