DROP INDEX applications_looks_hiring_ix;
DROP INDEX applications_looks_funding_ix;
DROP INDEX applications_looks_collaborator_ix;
DROP INDEX applications_looks_mentor_ix;
DROP INDEX applications_looks_team_mate_ix;
DROP INDEX applications_looks_team_ix;
DROP VIEW search_contents;
CREATE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body || ' ' || a.place || coalesce(' ' || (SELECT group_concat(g.title, ' ')
      FROM application_agendas x JOIN agendas g ON g.id = x.agenda_id WHERE x.application_id = a.id), '')
      || coalesce(' ' || (SELECT group_concat(said.value, ' ') FROM application_answers p
        JOIN calls c ON c.id = a.call_id AND c.visibility = 'public'
        JOIN call_forms f ON f.call_id = a.call_id AND f.version = coalesce(json_extract(a.handed_in, '$.form_version'), p.form_version)
        JOIN json_each(f.form, '$.questions') asked ON json_extract(asked.value, '$.public') = 1
        JOIN json_each(coalesce(json_extract(a.handed_in, '$.answers'), p.answers)) said ON said.key = json_extract(asked.value, '$.key')
        WHERE p.application_id = a.id), '') AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || lower(hex(a.call_id)) || 'x'
      || coalesce((SELECT group_concat(' call' || lower(hex(r.call_id)) || 'x', '') FROM application_routes r
          WHERE r.application_id = a.id AND r.status = 'submitted'), '')
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested) || 'x sum' || lower(a.currency)
        || length(a.amount_requested) || 'from' || substr(a.amount_requested, 1, 1) || 'x', '')
      || ' team' || (SELECT min(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x'
      || coalesce(' ' || (SELECT group_concat('agenda' || lower(hex(x.agenda_id)) || 'x', ' ') FROM application_agendas x WHERE x.application_id = a.id), '')
      || coalesce(' ' || (SELECT group_concat('vouched' || lower(hex(v.voucher_id)) || 'x', ' ') FROM vouches v
          WHERE v.application_id = a.id AND v.status = 'signed' AND v.visibility = 'public'), '')
      || coalesce(' ' || nullif(a.place_marks, ''), '') AS marks
  FROM (SELECT a.id, a.call_id, a.status, a.visibility, a.place, a.place_marks,
      coalesce(json_extract(v.content, '$.title'), a.title) AS title, coalesce(json_extract(v.content, '$.summary'), a.summary) AS summary, coalesce(json_extract(v.content, '$.body'), t.body) AS body,
      CASE WHEN v.id IS NULL THEN a.currency ELSE json_extract(v.content, '$.amount_requested.currency') END AS currency,
      CASE WHEN v.id IS NULL THEN a.amount_requested ELSE ltrim(replace(json_extract(v.content, '$.amount_requested.amount'), '.', ''), '0') END AS amount_requested,
      v.content AS handed_in
    FROM applications a JOIN application_texts t ON t.application_id = a.id LEFT JOIN application_versions v ON a.status IN ('changes_requested', 'declined', 'withdrawn') AND v.application_id = a.id
      AND v.stage = 'submitted' AND v.number = (SELECT max(w.number) FROM application_versions w
        WHERE w.application_id = a.id AND w.stage = 'submitted')) a;
DROP TRIGGER applications_search_placed;
CREATE TRIGGER applications_search_placed AFTER UPDATE OF place ON applications
  WHEN new.submitted_at IS NOT NULL AND new.place <> old.place BEGIN
  UPDATE search_documents SET revision = revision + 1 WHERE application_id = new.id;
END;
UPDATE search_documents SET revision = revision + 1
  WHERE application_id IN (SELECT id FROM applications WHERE looking_for <> 0);
