-- What a call asks. A form is never changed: an edit makes the next version.
CREATE TABLE call_forms (
  call_id BLOB NOT NULL REFERENCES calls (id) CHECK (length(call_id) = 16),
  version INTEGER NOT NULL CONSTRAINT call_forms_version_rule_ck CHECK (version > 0),
  form TEXT NOT NULL CHECK (json_valid(form)),
  created_by BLOB CHECK (length(created_by) = 16),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (call_id, version)
) STRICT, WITHOUT ROWID;
