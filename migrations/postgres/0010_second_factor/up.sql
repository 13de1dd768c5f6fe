-- Second factors, their recovery codes, logins that wait for one, and when a session last saw one.
CREATE TABLE factors (
  id uuid NOT NULL PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people (id),
  state text NOT NULL CONSTRAINT factors_state_ck CHECK (state IN ('pending','active')),
  secret bytea NOT NULL,
  last_step bigint NOT NULL CONSTRAINT factors_step_ck CHECK (last_step >= 0),
  created_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  CONSTRAINT factors_one_each_uq UNIQUE (person_id, state),
  CONSTRAINT factors_confirmed_ck CHECK ((state = 'active') = (confirmed_at IS NOT NULL))
);

CREATE TABLE recovery_codes (
  id uuid NOT NULL PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people (id),
  hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
  created_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX recovery_codes_person_ix ON recovery_codes (person_id);

CREATE TABLE challenges (
  id uuid NOT NULL PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people (id),
  hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
  tries integer NOT NULL CONSTRAINT challenges_tries_ck CHECK (tries BETWEEN 0 AND 5),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX challenges_person_ix ON challenges (person_id);
CREATE INDEX challenges_age_ix ON challenges (expires_at);

ALTER TABLE sessions ADD COLUMN factor_at timestamptz;
ALTER TABLE sessions DROP CONSTRAINT sessions_end_reason_ck;
ALTER TABLE sessions ADD CONSTRAINT sessions_end_reason_ck CHECK (end_reason IN ('logout','ended','password_changed','password_reset','reuse','suspended','factor_changed','roles_changed'));
