-- What somebody did of which only so much is done in a day, where what shows it was deleted: who, what
-- kind of thing, and when; nothing of what it was, and of nobody else. Forgotten after that day.
CREATE TABLE still_counted (
  id uuid NOT NULL PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people (id),
  kind text NOT NULL CONSTRAINT still_counted_kind_ck
    CHECK (kind IN ('invitation','nomination','merge','file','copy','vouch_request','mention','comment')),
  done_at timestamptz NOT NULL
);
CREATE INDEX still_counted_person_ix ON still_counted (person_id, kind, done_at);
-- The old ones are forgotten.
CREATE INDEX still_counted_done_ix ON still_counted (done_at);
