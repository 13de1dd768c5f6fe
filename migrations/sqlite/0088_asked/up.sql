-- When an applicant was asked about harm: a concern begins a screening before anybody is asked.
ALTER TABLE screenings ADD COLUMN asked_at INTEGER;
-- Where a concern began it nobody was asked, though some were reminded.
UPDATE screenings SET asked_at = opened_at
WHERE answered_at IS NOT NULL
  OR NOT EXISTS (SELECT 1 FROM concerns c
    WHERE c.application_id = screenings.application_id AND c.raised_at = screenings.opened_at);
UPDATE screenings SET reminded_at = NULL WHERE asked_at IS NULL;
-- When an appeal last brought back what was stopped.
ALTER TABLE screenings ADD COLUMN reopened_at INTEGER;
-- What came back before stood as cleared, though held: nobody could clear it.
UPDATE screenings SET status = 'waiting', cleared_at = NULL
WHERE status = 'cleared'
  AND EXISTS (SELECT 1 FROM applications a
    WHERE a.id = screenings.application_id AND a.status IN ('submitted', 'open'))
  AND EXISTS (SELECT 1 FROM lane_log l JOIN concerns c ON c.id = l.concern_id
    WHERE l.application_id = screenings.application_id AND l.act = 'decide_concern'
      AND c.outcome = 'stopped' AND c.decided_at >= screenings.cleared_at
      AND NOT EXISTS (SELECT 1 FROM concerns d
        WHERE d.application_id = screenings.application_id AND d.outcome <> 'stopped'
          AND d.decided_at > c.decided_at));
