-- People, their sessions and their tokens.
CREATE TABLE people (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  search TEXT NOT NULL,
  password_hash TEXT,
  status TEXT NOT NULL CONSTRAINT people_status_ck CHECK (status IN ('unconfirmed','active','suspended')),
  roles INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  confirmed_at INTEGER
) STRICT;

CREATE TABLE mail_tokens (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  kind TEXT NOT NULL CONSTRAINT mail_tokens_kind_ck CHECK (kind IN ('confirm','reset')),
  hash BLOB NOT NULL UNIQUE,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_tokens_person_ix ON mail_tokens (person_id);
CREATE INDEX mail_tokens_age_ix ON mail_tokens (expires_at);

CREATE TABLE sessions (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  ended_at INTEGER,
  end_reason TEXT CONSTRAINT sessions_end_reason_ck CHECK (end_reason IN ('logout','ended','password_changed','password_reset','reuse','suspended')),
  address TEXT,
  agent TEXT,
  CONSTRAINT sessions_end_rule_ck CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT;
CREATE INDEX sessions_live_ix ON sessions (person_id, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_age_ix ON sessions (last_used_at);

CREATE TABLE refresh_tokens (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  session_id BLOB NOT NULL REFERENCES sessions (id) CHECK (length(session_id) = 16),
  hash BLOB NOT NULL UNIQUE,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
CREATE INDEX refresh_tokens_session_ix ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_age_ix ON refresh_tokens (expires_at);

CREATE TABLE access_tokens (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  name TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  scopes TEXT NOT NULL CHECK (json_valid(scopes)),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;
CREATE INDEX access_tokens_person_ix ON access_tokens (person_id, id);
