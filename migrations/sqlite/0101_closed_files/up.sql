-- Files that answered, at any time, a question that is not public, or what a further call asks: who meets
-- an application only because it is public does not read them, whatever has become of the answers.
ALTER TABLE attachments ADD COLUMN closed INTEGER NOT NULL DEFAULT 0 CONSTRAINT attachments_closed_ck CHECK (closed IN (0, 1));
WITH RECURSIVE
  asked (call_id, version, key, open) AS (
    SELECT f.call_id, f.version, json_extract(q.value, '$.key'), coalesce(json_extract(q.value, '$.public'), 0) AND c.visibility = 'public'
    FROM call_forms f JOIN calls c ON c.id = f.call_id JOIN json_each(f.form, '$.questions') q ON json_extract(q.value, '$.kind') = 'file'),
  told (application_id, file) AS (
    SELECT p.application_id, unhex(json_extract(p.answers, '$.' || q.key), '-')
    FROM application_answers p JOIN applications a ON a.id = p.application_id
      JOIN asked q ON q.call_id = a.call_id AND q.version = p.form_version AND q.open = 0
    UNION
    SELECT v.application_id, unhex(json_extract(v.content, '$.answers.' || q.key), '-')
    FROM application_versions v JOIN applications a ON a.id = v.application_id
      JOIN asked q ON q.call_id = a.call_id AND q.version = json_extract(v.content, '$.form_version') AND q.open = 0
    UNION
    SELECT r.application_id, unhex(json_extract(r.answers, '$.' || q.key), '-')
    FROM application_routes r JOIN asked q ON q.call_id = r.call_id AND q.version = r.form_version),
  went (old_id, new_id) AS (
    SELECT resubmission_of, application_id FROM application_resubmissions
    UNION
    SELECT from_id, into_id FROM merges WHERE status = 'accepted'),
  -- Copies have no more in common with what they are of than their content.
  shut (id) AS (
    SELECT f.id FROM attachments f JOIN told ON told.application_id = f.application_id AND told.file = f.id
    UNION
    SELECT c.id FROM shut JOIN attachments f ON f.id = shut.id JOIN went ON went.old_id = f.application_id
      JOIN attachments c ON c.application_id = went.new_id AND c.sha256 = f.sha256)
UPDATE attachments SET closed = 1 WHERE id IN (SELECT id FROM shut);
-- Of a draft in a call that declined it before, the day of that is kept; of those that there are, it is not
-- known any more.
UPDATE application_routes SET ended_at = routed_at WHERE status = 'draft' AND again = 1;
