-- Second factors, their recovery codes, logins that wait for one, and when a session last saw one.
CREATE TABLE factors (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  state TEXT NOT NULL CONSTRAINT factors_state_ck CHECK (state IN ('pending','active')),
  secret BLOB NOT NULL,
  last_step INTEGER NOT NULL CONSTRAINT factors_step_ck CHECK (last_step >= 0),
  created_at INTEGER NOT NULL,
  confirmed_at INTEGER,
  CONSTRAINT factors_one_each_uq UNIQUE (person_id, state),
  CONSTRAINT factors_confirmed_ck CHECK ((state = 'active') = (confirmed_at IS NOT NULL))
) STRICT;

CREATE TABLE recovery_codes (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  created_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
CREATE INDEX recovery_codes_person_ix ON recovery_codes (person_id);

CREATE TABLE challenges (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  tries INTEGER NOT NULL CONSTRAINT challenges_tries_ck CHECK (tries BETWEEN 0 AND 5),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
CREATE INDEX challenges_person_ix ON challenges (person_id);
CREATE INDEX challenges_age_ix ON challenges (expires_at);

-- SQLite cannot change a CHECK: both tables are made anew, with what they hold.
CREATE TABLE sessions_new (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  ended_at INTEGER,
  end_reason TEXT CONSTRAINT sessions_end_reason_ck CHECK (end_reason IN ('logout','ended','password_changed','password_reset','reuse','suspended','factor_changed','roles_changed')),
  address TEXT,
  agent TEXT,
  factor_at INTEGER,
  CONSTRAINT sessions_end_rule_ck CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT;
INSERT INTO sessions_new
  SELECT id, person_id, created_at, last_used_at, ended_at, end_reason, address, agent, NULL
  FROM sessions;
CREATE TABLE refresh_tokens_new (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  session_id BLOB NOT NULL REFERENCES sessions_new (id) CHECK (length(session_id) = 16),
  hash BLOB NOT NULL UNIQUE,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
INSERT INTO refresh_tokens_new
  SELECT id, session_id, hash, issued_at, expires_at, used_at FROM refresh_tokens;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
ALTER TABLE sessions_new RENAME TO sessions;
ALTER TABLE refresh_tokens_new RENAME TO refresh_tokens;
CREATE INDEX sessions_live_ix ON sessions (person_id, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_age_ix ON sessions (last_used_at);
CREATE INDEX refresh_tokens_session_ix ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_age_ix ON refresh_tokens (expires_at);
