CREATE TABLE earmarks_new (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  contribution_id BLOB NOT NULL UNIQUE REFERENCES contributions (id) CHECK (length(contribution_id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  fund_id BLOB NOT NULL REFERENCES funds (id) CHECK (length(fund_id) = 16),
  given INTEGER NOT NULL,
  amount INTEGER NOT NULL CONSTRAINT earmarks_amount_rule_ck CHECK (amount > 0 AND amount <= given),
  currency TEXT NOT NULL,
  status TEXT NOT NULL CONSTRAINT earmarks_status_ck CHECK (status IN ('held','offered','spent','reassigned')),
  offer_id BLOB UNIQUE REFERENCES offers (id) CHECK (length(offer_id) = 16),
  reason TEXT,
  decided_by BLOB CHECK (length(decided_by) = 16),
  decided_at INTEGER,
  created_at INTEGER NOT NULL,
  CONSTRAINT earmarks_offer_ck CHECK (offer_id IS NULL OR status IN ('offered','spent')),
  CONSTRAINT earmarks_spent_ck CHECK (status <> 'spent' OR offer_id IS NOT NULL),
  CONSTRAINT earmarks_reason_ck CHECK ((status = 'reassigned') = (reason IS NOT NULL))
) STRICT;
INSERT INTO earmarks_new
  SELECT id, contribution_id, application_id, fund_id, given, amount, currency, CASE status WHEN 'undone' THEN 'reassigned' ELSE status END, offer_id, reason,
    decided_by, decided_at, created_at
  FROM earmarks;
DROP TABLE earmarks;
ALTER TABLE earmarks_new RENAME TO earmarks;
CREATE INDEX earmarks_application_ix ON earmarks (application_id, id);
CREATE INDEX earmarks_status_ix ON earmarks (status, id);
CREATE INDEX earmarks_fund_ix ON earmarks (fund_id, status);
ALTER TABLE contributions DROP COLUMN undone_reason;
ALTER TABLE contributions DROP COLUMN undone_at;
ALTER TABLE contributions DROP COLUMN undone_by;
