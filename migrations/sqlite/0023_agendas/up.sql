-- The directory of research directions; what people say of themselves; and who and what works on
-- which.
CREATE TABLE agendas (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  slug TEXT NOT NULL UNIQUE CONSTRAINT agendas_slug_rule_ck CHECK (length(slug) BETWEEN 2 AND 60),
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  parent_id BLOB REFERENCES agendas (id) CHECK (length(parent_id) = 16),
  status TEXT NOT NULL CONSTRAINT agendas_status_ck CHECK (status IN ('active','retired')),
  version INTEGER NOT NULL,
  created_by BLOB CHECK (length(created_by) = 16),
  created_at INTEGER NOT NULL,
  retired_at INTEGER,
  CONSTRAINT agendas_parent_ck CHECK (parent_id IS NULL OR parent_id <> id),
  CONSTRAINT agendas_retired_ck CHECK ((status = 'retired') = (retired_at IS NOT NULL))
) STRICT;
CREATE INDEX agendas_status_ix ON agendas (status, id);
CREATE INDEX agendas_parent_ix ON agendas (parent_id, id);

CREATE TABLE profiles (
  person_id BLOB NOT NULL PRIMARY KEY REFERENCES people (id) CHECK (length(person_id) = 16),
  place TEXT NOT NULL,
  about TEXT NOT NULL,
  looking_for INTEGER NOT NULL CONSTRAINT profiles_looking_for_rule_ck CHECK (looking_for BETWEEN 0 AND 63),
  listed INTEGER NOT NULL CONSTRAINT profiles_listed_ck CHECK (listed IN (0, 1)),
  version INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE profile_agendas (
  person_id BLOB NOT NULL REFERENCES profiles (person_id) CHECK (length(person_id) = 16),
  agenda_id BLOB NOT NULL REFERENCES agendas (id) CHECK (length(agenda_id) = 16),
  PRIMARY KEY (person_id, agenda_id)
) STRICT, WITHOUT ROWID;

-- Those who want to be found, and only those: once for each thing that they look for, and once for
-- anything.
CREATE TABLE agenda_people (
  agenda_id BLOB NOT NULL REFERENCES agendas (id) CHECK (length(agenda_id) = 16),
  looking_for TEXT NOT NULL CONSTRAINT agenda_people_looking_for_ck CHECK (looking_for IN ('anything','team','team_mate','mentor','collaborator','funding','hiring')),
  person_id BLOB NOT NULL REFERENCES profiles (person_id) CHECK (length(person_id) = 16),
  PRIMARY KEY (agenda_id, looking_for, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX agenda_people_person_ix ON agenda_people (person_id);

CREATE TABLE application_agendas (
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  agenda_id BLOB NOT NULL REFERENCES agendas (id) CHECK (length(agenda_id) = 16),
  PRIMARY KEY (application_id, agenda_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX application_agendas_agenda_ix ON application_agendas (agenda_id, application_id);

CREATE TABLE budget_agendas (
  budget_id BLOB NOT NULL REFERENCES budgets (id) CHECK (length(budget_id) = 16),
  agenda_id BLOB NOT NULL REFERENCES agendas (id) CHECK (length(agenda_id) = 16),
  PRIMARY KEY (budget_id, agenda_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX budget_agendas_agenda_ix ON budget_agendas (agenda_id, budget_id);
