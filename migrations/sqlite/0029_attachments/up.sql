-- Files that hang on applications. Their content is in a folder, under its SHA-256; a removed one
-- keeps its row as a trace.
CREATE TABLE attachments (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  uploaded_by BLOB NOT NULL REFERENCES people (id) CHECK (length(uploaded_by) = 16),
  name TEXT NOT NULL CONSTRAINT attachments_name_rule_ck CHECK (length(name) BETWEEN 1 AND 130),
  kind TEXT NOT NULL CONSTRAINT attachments_kind_ck CHECK (kind IN ('application/pdf','image/png','image/jpeg','image/webp','text/plain','text/markdown')),
  bytes INTEGER NOT NULL CONSTRAINT attachments_bytes_rule_ck CHECK (bytes BETWEEN 1 AND 10000000),
  sha256 BLOB NOT NULL CONSTRAINT attachments_sha256_rule_ck CHECK (length(sha256) = 32),
  created_at INTEGER NOT NULL,
  removed_at INTEGER
) STRICT;
CREATE INDEX attachments_application_ix ON attachments (application_id, id) WHERE removed_at IS NULL;
CREATE INDEX attachments_sha256_ix ON attachments (sha256) WHERE removed_at IS NULL;
CREATE INDEX attachments_uploader_ix ON attachments (uploaded_by, created_at);
