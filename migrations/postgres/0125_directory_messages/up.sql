-- Who wrote to whom by way of the directory, and when: not what. It is counted, so that nobody is flooded.
CREATE TABLE directory_messages (
  sender_id uuid NOT NULL REFERENCES people (id),
  recipient_id uuid NOT NULL REFERENCES people (id),
  sent_at timestamptz NOT NULL,
  PRIMARY KEY (sender_id, sent_at, recipient_id),
  CONSTRAINT directory_messages_other_ck CHECK (sender_id <> recipient_id)
);
-- The old ones are forgotten.
CREATE INDEX directory_messages_sent_ix ON directory_messages (sent_at);
