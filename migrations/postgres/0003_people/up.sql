-- People, their sessions and their tokens.
CREATE TABLE people (
  id uuid NOT NULL PRIMARY KEY,
  email text NOT NULL UNIQUE,
  name text NOT NULL,
  search text NOT NULL,
  password_hash text,
  status text NOT NULL CONSTRAINT people_status_ck CHECK (status IN ('unconfirmed','active','suspended')),
  roles bigint NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  confirmed_at timestamptz
);

CREATE TABLE mail_tokens (
  id uuid NOT NULL PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people (id),
  kind text NOT NULL CONSTRAINT mail_tokens_kind_ck CHECK (kind IN ('confirm','reset')),
  hash bytea NOT NULL UNIQUE,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  created_at timestamptz NOT NULL
);
CREATE INDEX mail_tokens_person_ix ON mail_tokens (person_id);
CREATE INDEX mail_tokens_age_ix ON mail_tokens (expires_at);

CREATE TABLE sessions (
  id uuid NOT NULL PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people (id),
  created_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  ended_at timestamptz,
  end_reason text CONSTRAINT sessions_end_reason_ck CHECK (end_reason IN ('logout','ended','password_changed','password_reset','reuse','suspended')),
  address text,
  agent text,
  CONSTRAINT sessions_end_rule_ck CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_live_ix ON sessions (person_id, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_age_ix ON sessions (last_used_at);

CREATE TABLE refresh_tokens (
  id uuid NOT NULL PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES sessions (id),
  hash bytea NOT NULL UNIQUE,
  issued_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX refresh_tokens_session_ix ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_age_ix ON refresh_tokens (expires_at);

CREATE TABLE access_tokens (
  id uuid NOT NULL PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people (id),
  name text NOT NULL,
  hash bytea NOT NULL UNIQUE,
  scopes jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX access_tokens_person_ix ON access_tokens (person_id, id);
