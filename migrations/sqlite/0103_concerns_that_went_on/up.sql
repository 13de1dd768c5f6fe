-- An open concern goes on with what goes on. Which application it was raised about, where it went on with
-- another; and who was asked about it: whoever applies with what goes on may be somebody else.
ALTER TABLE concerns ADD COLUMN raised_about BLOB CHECK (length(raised_about) = 16);
ALTER TABLE concerns ADD COLUMN asked_id BLOB CHECK (length(asked_id) = 16);
-- What was asked, answered or decided after it had gone on stands with the application where that was done.
UPDATE concerns SET raised_about = application_id,
  application_id = (SELECT l.application_id FROM lane_log l
    WHERE l.concern_id = concerns.id AND l.act IN ('ask_about_concern', 'respond_to_concern', 'decide_concern')
    ORDER BY l.id DESC LIMIT 1)
WHERE EXISTS (SELECT 1 FROM lane_log l
  WHERE l.concern_id = concerns.id AND l.act IN ('ask_about_concern', 'respond_to_concern', 'decide_concern')
    AND l.application_id <> concerns.application_id);
UPDATE concerns SET asked_id = (SELECT a.applicant_id FROM lane_log l JOIN applications a ON a.id = l.application_id
    WHERE l.concern_id = concerns.id AND l.act = 'ask_about_concern'
    ORDER BY l.id DESC LIMIT 1)
WHERE asked_at IS NOT NULL;
