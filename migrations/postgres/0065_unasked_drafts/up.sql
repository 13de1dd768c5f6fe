-- Questions of the screening are answered once an application is handed in. Answers that were given
-- on drafts keep these from being deleted.
DELETE FROM screenings
WHERE status = 'waiting'
  AND application_id IN (SELECT id FROM applications WHERE submitted_at IS NULL)
  AND application_id NOT IN (SELECT application_id FROM concerns);
