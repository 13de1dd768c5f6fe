-- Files that answered, at any time, a question that is not public, or what a further call asks: who meets
-- an application only because it is public does not read them, whatever has become of the answers.
ALTER TABLE attachments ADD COLUMN closed BOOLEAN NOT NULL DEFAULT FALSE;
WITH RECURSIVE
  asked (call_id, version, key, open) AS (
    SELECT f.call_id, f.version, q ->> 'key', coalesce((q ->> 'public')::boolean, FALSE) AND c.visibility = 'public'
    FROM call_forms f JOIN calls c ON c.id = f.call_id JOIN LATERAL jsonb_array_elements(f.form -> 'questions') q ON q ->> 'kind' = 'file'),
  told (application_id, file) AS (
    SELECT p.application_id, p.answers ->> q.key
    FROM application_answers p JOIN applications a ON a.id = p.application_id
      JOIN asked q ON q.call_id = a.call_id AND q.version = p.form_version AND NOT q.open
    UNION
    SELECT v.application_id, v.content -> 'answers' ->> q.key
    FROM application_versions v JOIN applications a ON a.id = v.application_id
      JOIN asked q ON q.call_id = a.call_id AND q.version = (v.content ->> 'form_version')::integer AND NOT q.open
    UNION
    SELECT r.application_id, r.answers ->> q.key
    FROM application_routes r JOIN asked q ON q.call_id = r.call_id AND q.version = r.form_version),
  went (old_id, new_id) AS (
    SELECT resubmission_of, application_id FROM application_resubmissions
    UNION
    SELECT from_id, into_id FROM merges WHERE status = 'accepted'),
  -- Copies have no more in common with what they are of than their content.
  shut (id) AS (
    SELECT f.id FROM attachments f JOIN told ON told.application_id = f.application_id AND told.file = f.id::text
    UNION
    SELECT c.id FROM shut JOIN attachments f ON f.id = shut.id JOIN went ON went.old_id = f.application_id
      JOIN attachments c ON c.application_id = went.new_id AND c.sha256 = f.sha256)
UPDATE attachments SET closed = TRUE WHERE id IN (SELECT id FROM shut);
-- Of a draft in a call that declined it before, the day of that is kept; of those that there are, it is not
-- known any more.
UPDATE application_routes SET ended_at = routed_at WHERE status = 'draft' AND again;
