-- The directory of research directions; what people say of themselves; and who and what works on
-- which.
CREATE TABLE agendas (
  id uuid NOT NULL PRIMARY KEY,
  slug text NOT NULL UNIQUE CONSTRAINT agendas_slug_rule_ck CHECK (length(slug) BETWEEN 2 AND 60),
  title text NOT NULL,
  summary text NOT NULL,
  parent_id uuid REFERENCES agendas (id),
  status text NOT NULL CONSTRAINT agendas_status_ck CHECK (status IN ('active','retired')),
  version integer NOT NULL,
  created_by uuid,
  created_at timestamptz NOT NULL,
  retired_at timestamptz,
  CONSTRAINT agendas_parent_ck CHECK (parent_id IS NULL OR parent_id <> id),
  CONSTRAINT agendas_retired_ck CHECK ((status = 'retired') = (retired_at IS NOT NULL))
);
CREATE INDEX agendas_status_ix ON agendas (status, id);
CREATE INDEX agendas_parent_ix ON agendas (parent_id, id);

CREATE TABLE profiles (
  person_id uuid NOT NULL PRIMARY KEY REFERENCES people (id),
  place text NOT NULL,
  about text NOT NULL,
  looking_for integer NOT NULL CONSTRAINT profiles_looking_for_rule_ck CHECK (looking_for BETWEEN 0 AND 63),
  listed boolean NOT NULL,
  version integer NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE TABLE profile_agendas (
  person_id uuid NOT NULL REFERENCES profiles (person_id),
  agenda_id uuid NOT NULL REFERENCES agendas (id),
  PRIMARY KEY (person_id, agenda_id)
);

-- Those who want to be found, and only those: once for each thing that they look for, and once for
-- anything.
CREATE TABLE agenda_people (
  agenda_id uuid NOT NULL REFERENCES agendas (id),
  looking_for text NOT NULL CONSTRAINT agenda_people_looking_for_ck CHECK (looking_for IN ('anything','team','team_mate','mentor','collaborator','funding','hiring')),
  person_id uuid NOT NULL REFERENCES profiles (person_id),
  PRIMARY KEY (agenda_id, looking_for, person_id)
);
CREATE INDEX agenda_people_person_ix ON agenda_people (person_id);

CREATE TABLE application_agendas (
  application_id uuid NOT NULL REFERENCES applications (id),
  agenda_id uuid NOT NULL REFERENCES agendas (id),
  PRIMARY KEY (application_id, agenda_id)
);
CREATE INDEX application_agendas_agenda_ix ON application_agendas (agenda_id, application_id);

CREATE TABLE budget_agendas (
  budget_id uuid NOT NULL REFERENCES budgets (id),
  agenda_id uuid NOT NULL REFERENCES agendas (id),
  PRIMARY KEY (budget_id, agenda_id)
);
CREATE INDEX budget_agendas_agenda_ix ON budget_agendas (agenda_id, budget_id);
