-- What a call asks. A form is never changed: an edit makes the next version.
CREATE TABLE call_forms (
  call_id uuid NOT NULL REFERENCES calls (id),
  version integer NOT NULL CONSTRAINT call_forms_version_rule_ck CHECK (version > 0),
  form jsonb NOT NULL,
  created_by uuid,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (call_id, version)
);
