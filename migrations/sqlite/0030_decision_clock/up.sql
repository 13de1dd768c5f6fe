-- How a call is decided: who answers for it, and what somebody who was declined can do.
CREATE TABLE call_decisions (
  call_id BLOB NOT NULL PRIMARY KEY REFERENCES calls (id) CHECK (length(call_id) = 16),
  responsible_id BLOB REFERENCES people (id) CHECK (length(responsible_id) = 16),
  appeals TEXT NOT NULL CONSTRAINT call_decisions_appeals_ck CHECK (appeals IN ('none','appeal','resubmit')),
  appeal_days INTEGER NOT NULL CONSTRAINT call_decisions_appeal_days_rule_ck CHECK (appeal_days BETWEEN 1 AND 365),
  version INTEGER NOT NULL
) STRICT;

-- What is promised to an applicant, and what has to be done next so that it is kept.
CREATE TABLE application_clocks (
  application_id BLOB NOT NULL PRIMARY KEY REFERENCES applications (id) CHECK (length(application_id) = 16),
  first_promised_on INTEGER NOT NULL,
  paused_on INTEGER,
  step TEXT NOT NULL CONSTRAINT application_clocks_step_ck CHECK (step IN ('remind','final','overdue')),
  due_on INTEGER,
  rule_extensions INTEGER NOT NULL CONSTRAINT application_clocks_rule_extensions_rule_ck CHECK (rule_extensions BETWEEN 0 AND 2),
  answered_at INTEGER,
  decided_at INTEGER,
  CONSTRAINT application_clocks_paused_ck CHECK (paused_on IS NULL OR due_on IS NULL)
) STRICT;
CREATE INDEX application_clocks_due_ix ON application_clocks (due_on, application_id) WHERE due_on IS NOT NULL;

CREATE TABLE application_extensions (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  promised_before INTEGER NOT NULL,
  promised_on INTEGER NOT NULL,
  reason TEXT NOT NULL,
  extended_by BLOB REFERENCES people (id) CHECK (length(extended_by) = 16),
  extended_at INTEGER NOT NULL,
  CONSTRAINT application_extensions_later_ck CHECK (promised_on > promised_before)
) STRICT;
CREATE INDEX application_extensions_application_ix ON application_extensions (application_id, id);

-- Who waits in a call, in the order in which they came.
CREATE INDEX applications_waiting_ix ON applications (call_id, status, submitted_at)
  WHERE status IN ('submitted', 'open');

-- How many got their first answer, or their decision, after so many days: counted as it happens,
-- so that publishing it costs the same however many applications there are.
CREATE TABLE decision_tallies (
  call_id BLOB NOT NULL REFERENCES calls (id) CHECK (length(call_id) = 16),
  month INTEGER NOT NULL,
  kind TEXT NOT NULL CONSTRAINT decision_tallies_kind_ck CHECK (kind IN ('first_answer','decision')),
  days INTEGER NOT NULL CONSTRAINT decision_tallies_days_rule_ck CHECK (days >= 0),
  number INTEGER NOT NULL CONSTRAINT decision_tallies_number_rule_ck CHECK (number > 0),
  PRIMARY KEY (call_id, month, kind, days)
) STRICT, WITHOUT ROWID;

INSERT INTO application_clocks (application_id, first_promised_on, step, due_on, rule_extensions, answered_at, decided_at, paused_on)
  SELECT id, promised_on, 'final',
    CASE WHEN status IN ('submitted', 'open') THEN promised_on - 2 END, 0,
    COALESCE(opened_at, CASE WHEN status IN ('awarded', 'declined') THEN decided_at END),
    CASE WHEN status IN ('awarded', 'declined') THEN decided_at END,
    CASE WHEN status = 'changes_requested' THEN promised_on END
  FROM applications WHERE submitted_at IS NOT NULL AND promised_on IS NOT NULL;
INSERT INTO decision_tallies (call_id, month, kind, days, number)
  SELECT a.call_id, unixepoch(k.answered_at / 1000000, 'unixepoch', 'start of month') / 86400, 'first_answer',
    MAX(0, k.answered_at / 86400000000 - a.submitted_at / 86400000000), COUNT(*)
  FROM application_clocks k JOIN applications a ON a.id = k.application_id
  WHERE k.answered_at IS NOT NULL GROUP BY 1, 2, 4;
INSERT INTO decision_tallies (call_id, month, kind, days, number)
  SELECT a.call_id, unixepoch(k.decided_at / 1000000, 'unixepoch', 'start of month') / 86400, 'decision',
    MAX(0, k.decided_at / 86400000000 - a.submitted_at / 86400000000), COUNT(*)
  FROM application_clocks k JOIN applications a ON a.id = k.application_id
  WHERE k.decided_at IS NOT NULL GROUP BY 1, 2, 4;

-- Texts that reasons begin as; how applications were declined; and what came of it.
CREATE TABLE decline_templates (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  retired_at INTEGER,
  version INTEGER NOT NULL,
  created_by BLOB REFERENCES people (id) CHECK (length(created_by) = 16),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX decline_templates_used_ix ON decline_templates (id) WHERE retired_at IS NULL;

CREATE TABLE application_declines (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  declined_by BLOB REFERENCES people (id) CHECK (length(declined_by) = 16),
  reason TEXT NOT NULL,
  advice TEXT,
  template_id BLOB REFERENCES decline_templates (id) CHECK (length(template_id) = 16),
  declined_at INTEGER NOT NULL
) STRICT;
CREATE INDEX application_declines_application_ix ON application_declines (application_id, id);

CREATE TABLE appeals (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL UNIQUE REFERENCES applications (id) CHECK (length(application_id) = 16),
  text TEXT NOT NULL,
  appealed_by BLOB NOT NULL REFERENCES people (id) CHECK (length(appealed_by) = 16),
  appealed_at INTEGER NOT NULL,
  declined_by BLOB REFERENCES people (id) CHECK (length(declined_by) = 16),
  outcome TEXT CONSTRAINT appeals_outcome_ck CHECK (outcome IN ('upheld','reopened')),
  answer TEXT,
  decided_by BLOB REFERENCES people (id) CHECK (length(decided_by) = 16),
  decided_at INTEGER,
  CONSTRAINT appeals_answered_ck CHECK ((outcome IS NULL) = (decided_at IS NULL) AND (outcome IS NULL) = (decided_by IS NULL) AND (outcome IS NULL) = (answer IS NULL)),
  CONSTRAINT appeals_two_persons_ck CHECK (decided_by IS NULL OR declined_by IS NULL OR decided_by <> declined_by)
) STRICT;
CREATE INDEX appeals_waiting_ix ON appeals (id) WHERE decided_at IS NULL;
CREATE INDEX appeals_answered_ix ON appeals (id) WHERE decided_at IS NOT NULL;

CREATE TABLE application_resubmissions (
  application_id BLOB NOT NULL PRIMARY KEY REFERENCES applications (id) CHECK (length(application_id) = 16),
  resubmission_of BLOB NOT NULL UNIQUE REFERENCES applications (id) CHECK (length(resubmission_of) = 16)
) STRICT;

INSERT INTO application_declines (id, application_id, declined_by, reason, declined_at)
  SELECT id, id, NULL, COALESCE(status_reason, 'No reason was kept.'), decided_at
  FROM applications WHERE status = 'declined' AND decided_at IS NOT NULL;
