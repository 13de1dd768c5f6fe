-- What people answered, what of it is remembered, and how an application came to read as it does.
CREATE TABLE application_answers (
  application_id uuid NOT NULL PRIMARY KEY REFERENCES applications (id),
  form_version integer NOT NULL CONSTRAINT application_answers_form_version_rule_ck CHECK (form_version >= 0),
  answers jsonb NOT NULL,
  suggested jsonb NOT NULL
);

CREATE TABLE answer_bank (
  id uuid NOT NULL PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people (id),
  reuse_key text NOT NULL,
  kind text NOT NULL CONSTRAINT answer_bank_kind_ck CHECK (kind IN ('short_text','long_text','number','money','date','choice','choices','file','table')),
  label text NOT NULL,
  answer jsonb NOT NULL,
  application_id uuid NOT NULL REFERENCES applications (id),
  answered_at timestamptz NOT NULL,
  UNIQUE (person_id, reuse_key)
);
CREATE INDEX answer_bank_person_ix ON answer_bank (person_id, id);

CREATE TABLE application_versions (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  number integer NOT NULL CONSTRAINT application_versions_number_rule_ck CHECK (number > 0),
  stage text NOT NULL CONSTRAINT application_versions_stage_ck CHECK (stage IN ('draft','submitted')),
  content jsonb NOT NULL,
  saved_by uuid,
  began_at timestamptz NOT NULL,
  saved_at timestamptz NOT NULL,
  UNIQUE (application_id, number)
);
CREATE INDEX application_versions_stage_ix ON application_versions (application_id, stage, number);
