-- Files that hang on applications. Their content is in a folder, under its SHA-256; a removed one
-- keeps its row as a trace.
CREATE TABLE attachments (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  uploaded_by uuid NOT NULL REFERENCES people (id),
  name text NOT NULL CONSTRAINT attachments_name_rule_ck CHECK (length(name) BETWEEN 1 AND 130),
  kind text NOT NULL CONSTRAINT attachments_kind_ck CHECK (kind IN ('application/pdf','image/png','image/jpeg','image/webp','text/plain','text/markdown')),
  bytes bigint NOT NULL CONSTRAINT attachments_bytes_rule_ck CHECK (bytes BETWEEN 1 AND 10000000),
  sha256 bytea NOT NULL CONSTRAINT attachments_sha256_rule_ck CHECK (length(sha256) = 32),
  created_at timestamptz NOT NULL,
  removed_at timestamptz
);
CREATE INDEX attachments_application_ix ON attachments (application_id, id) WHERE removed_at IS NULL;
CREATE INDEX attachments_sha256_ix ON attachments (sha256) WHERE removed_at IS NULL;
CREATE INDEX attachments_uploader_ix ON attachments (uploaded_by, created_at);
