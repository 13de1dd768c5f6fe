CREATE TABLE sessions_old (
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
INSERT INTO sessions_old
  SELECT id, person_id, created_at, last_used_at, ended_at,
    CASE WHEN end_reason IN ('factor_changed','roles_changed') THEN 'ended' ELSE end_reason END,
    address, agent
  FROM sessions;
CREATE TABLE refresh_tokens_old (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  session_id BLOB NOT NULL REFERENCES sessions_old (id) CHECK (length(session_id) = 16),
  hash BLOB NOT NULL UNIQUE,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
INSERT INTO refresh_tokens_old
  SELECT id, session_id, hash, issued_at, expires_at, used_at FROM refresh_tokens;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
ALTER TABLE sessions_old RENAME TO sessions;
ALTER TABLE refresh_tokens_old RENAME TO refresh_tokens;
CREATE INDEX sessions_live_ix ON sessions (person_id, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_age_ix ON sessions (last_used_at);
CREATE INDEX refresh_tokens_session_ix ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_age_ix ON refresh_tokens (expires_at);
DROP TABLE challenges;
DROP TABLE recovery_codes;
DROP TABLE factors;
