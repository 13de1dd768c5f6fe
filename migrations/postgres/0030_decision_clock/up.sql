-- How a call is decided: who answers for it, and what somebody who was declined can do.
CREATE TABLE call_decisions (
  call_id uuid NOT NULL PRIMARY KEY REFERENCES calls (id),
  responsible_id uuid REFERENCES people (id),
  appeals text NOT NULL CONSTRAINT call_decisions_appeals_ck CHECK (appeals IN ('none','appeal','resubmit')),
  appeal_days integer NOT NULL CONSTRAINT call_decisions_appeal_days_rule_ck CHECK (appeal_days BETWEEN 1 AND 365),
  version integer NOT NULL
);

-- What is promised to an applicant, and what has to be done next so that it is kept.
CREATE TABLE application_clocks (
  application_id uuid NOT NULL PRIMARY KEY REFERENCES applications (id),
  first_promised_on date NOT NULL,
  paused_on date,
  step text NOT NULL CONSTRAINT application_clocks_step_ck CHECK (step IN ('remind','final','overdue')),
  due_on date,
  rule_extensions integer NOT NULL CONSTRAINT application_clocks_rule_extensions_rule_ck CHECK (rule_extensions BETWEEN 0 AND 2),
  answered_at timestamptz,
  decided_at timestamptz,
  CONSTRAINT application_clocks_paused_ck CHECK (paused_on IS NULL OR due_on IS NULL)
);
CREATE INDEX application_clocks_due_ix ON application_clocks (due_on, application_id) WHERE due_on IS NOT NULL;

CREATE TABLE application_extensions (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  promised_before date NOT NULL,
  promised_on date NOT NULL,
  reason text NOT NULL,
  extended_by uuid REFERENCES people (id),
  extended_at timestamptz NOT NULL,
  CONSTRAINT application_extensions_later_ck CHECK (promised_on > promised_before)
);
CREATE INDEX application_extensions_application_ix ON application_extensions (application_id, id);

-- Who waits in a call, in the order in which they came.
CREATE INDEX applications_waiting_ix ON applications (call_id, status, submitted_at)
  WHERE status IN ('submitted', 'open');

-- How many got their first answer, or their decision, after so many days: counted as it happens,
-- so that publishing it costs the same however many applications there are.
CREATE TABLE decision_tallies (
  call_id uuid NOT NULL REFERENCES calls (id),
  month date NOT NULL,
  kind text NOT NULL CONSTRAINT decision_tallies_kind_ck CHECK (kind IN ('first_answer','decision')),
  days integer NOT NULL CONSTRAINT decision_tallies_days_rule_ck CHECK (days >= 0),
  number bigint NOT NULL CONSTRAINT decision_tallies_number_rule_ck CHECK (number > 0),
  PRIMARY KEY (call_id, month, kind, days)
);

INSERT INTO application_clocks (application_id, first_promised_on, step, due_on, rule_extensions, answered_at, decided_at, paused_on)
  SELECT id, promised_on, 'final',
    CASE WHEN status IN ('submitted', 'open') THEN promised_on - 2 END, 0,
    COALESCE(opened_at, CASE WHEN status IN ('awarded', 'declined') THEN decided_at END),
    CASE WHEN status IN ('awarded', 'declined') THEN decided_at END,
    CASE WHEN status = 'changes_requested' THEN promised_on END
  FROM applications WHERE submitted_at IS NOT NULL AND promised_on IS NOT NULL;
INSERT INTO decision_tallies (call_id, month, kind, days, number)
  SELECT a.call_id, date_trunc('month', k.answered_at AT TIME ZONE 'UTC')::date, 'first_answer',
    GREATEST(0, (k.answered_at AT TIME ZONE 'UTC')::date - (a.submitted_at AT TIME ZONE 'UTC')::date), COUNT(*)
  FROM application_clocks k JOIN applications a ON a.id = k.application_id
  WHERE k.answered_at IS NOT NULL GROUP BY 1, 2, 4;
INSERT INTO decision_tallies (call_id, month, kind, days, number)
  SELECT a.call_id, date_trunc('month', k.decided_at AT TIME ZONE 'UTC')::date, 'decision',
    GREATEST(0, (k.decided_at AT TIME ZONE 'UTC')::date - (a.submitted_at AT TIME ZONE 'UTC')::date), COUNT(*)
  FROM application_clocks k JOIN applications a ON a.id = k.application_id
  WHERE k.decided_at IS NOT NULL GROUP BY 1, 2, 4;

-- Texts that reasons begin as; how applications were declined; and what came of it.
CREATE TABLE decline_templates (
  id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL,
  body text NOT NULL,
  retired_at timestamptz,
  version integer NOT NULL,
  created_by uuid REFERENCES people (id),
  created_at timestamptz NOT NULL
);
CREATE INDEX decline_templates_used_ix ON decline_templates (id) WHERE retired_at IS NULL;

CREATE TABLE application_declines (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  declined_by uuid REFERENCES people (id),
  reason text NOT NULL,
  advice text,
  template_id uuid REFERENCES decline_templates (id),
  declined_at timestamptz NOT NULL
);
CREATE INDEX application_declines_application_ix ON application_declines (application_id, id);

CREATE TABLE appeals (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL UNIQUE REFERENCES applications (id),
  text text NOT NULL,
  appealed_by uuid NOT NULL REFERENCES people (id),
  appealed_at timestamptz NOT NULL,
  declined_by uuid REFERENCES people (id),
  outcome text CONSTRAINT appeals_outcome_ck CHECK (outcome IN ('upheld','reopened')),
  answer text,
  decided_by uuid REFERENCES people (id),
  decided_at timestamptz,
  CONSTRAINT appeals_answered_ck CHECK ((outcome IS NULL) = (decided_at IS NULL) AND (outcome IS NULL) = (decided_by IS NULL) AND (outcome IS NULL) = (answer IS NULL)),
  CONSTRAINT appeals_two_persons_ck CHECK (decided_by IS NULL OR declined_by IS NULL OR decided_by <> declined_by)
);
CREATE INDEX appeals_waiting_ix ON appeals (id) WHERE decided_at IS NULL;
CREATE INDEX appeals_answered_ix ON appeals (id) WHERE decided_at IS NOT NULL;

CREATE TABLE application_resubmissions (
  application_id uuid NOT NULL PRIMARY KEY REFERENCES applications (id),
  resubmission_of uuid NOT NULL UNIQUE REFERENCES applications (id)
);

INSERT INTO application_declines (id, application_id, declined_by, reason, declined_at)
  SELECT id, id, NULL, COALESCE(status_reason, 'No reason was kept.'), decided_at
  FROM applications WHERE status = 'declined' AND decided_at IS NOT NULL;
