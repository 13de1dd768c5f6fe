-- What people answered, what of it is remembered, and how an application came to read as it does.
CREATE TABLE application_answers (
  application_id BLOB NOT NULL PRIMARY KEY REFERENCES applications (id) CHECK (length(application_id) = 16),
  form_version INTEGER NOT NULL CONSTRAINT application_answers_form_version_rule_ck CHECK (form_version >= 0),
  answers TEXT NOT NULL CHECK (json_valid(answers)),
  suggested TEXT NOT NULL CHECK (json_valid(suggested))
) STRICT;

CREATE TABLE answer_bank (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  reuse_key TEXT NOT NULL,
  kind TEXT NOT NULL CONSTRAINT answer_bank_kind_ck CHECK (kind IN ('short_text','long_text','number','money','date','choice','choices','file','table')),
  label TEXT NOT NULL,
  answer TEXT NOT NULL CHECK (json_valid(answer)),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  answered_at INTEGER NOT NULL,
  UNIQUE (person_id, reuse_key)
) STRICT;
CREATE INDEX answer_bank_person_ix ON answer_bank (person_id, id);

CREATE TABLE application_versions (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  number INTEGER NOT NULL CONSTRAINT application_versions_number_rule_ck CHECK (number > 0),
  stage TEXT NOT NULL CONSTRAINT application_versions_stage_ck CHECK (stage IN ('draft','submitted')),
  content TEXT NOT NULL CHECK (json_valid(content)),
  saved_by BLOB CHECK (length(saved_by) = 16),
  began_at INTEGER NOT NULL,
  saved_at INTEGER NOT NULL,
  UNIQUE (application_id, number)
) STRICT;
CREATE INDEX application_versions_stage_ix ON application_versions (application_id, stage, number);
