-- Who wrote to whom by way of the directory, and when: not what. It is counted, so that nobody is flooded.
CREATE TABLE directory_messages (
  sender_id BLOB NOT NULL REFERENCES people (id) CHECK (length(sender_id) = 16),
  recipient_id BLOB NOT NULL REFERENCES people (id) CHECK (length(recipient_id) = 16),
  sent_at INTEGER NOT NULL,
  PRIMARY KEY (sender_id, sent_at, recipient_id),
  CONSTRAINT directory_messages_other_ck CHECK (sender_id <> recipient_id)
) STRICT, WITHOUT ROWID;
-- The old ones are forgotten.
CREATE INDEX directory_messages_sent_ix ON directory_messages (sent_at);
