-- Where an application's work is done and what it looks for; and what is found besides its own texts:
-- its place, the answers that everybody may read who reads it, and who vouches for it in public.
-- `place_marks` holds a mark for each word of the place, made by the service.
ALTER TABLE applications ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN place_marks TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN looking_for INTEGER NOT NULL DEFAULT 0;

DROP VIEW search_contents;
CREATE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body || ' ' || a.place || coalesce(' ' || (SELECT group_concat(g.title, ' ')
      FROM application_agendas x JOIN agendas g ON g.id = x.agenda_id WHERE x.application_id = a.id), '')
      || coalesce(' ' || (SELECT group_concat(said.value, ' ') FROM application_answers p
        JOIN call_forms f ON f.call_id = a.call_id AND f.version = p.form_version
        JOIN json_each(f.form, '$.questions') asked ON json_extract(asked.value, '$.public') = 1
        JOIN json_each(p.answers) said ON said.key = json_extract(asked.value, '$.key')
        WHERE p.application_id = a.id), '') AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || lower(hex(a.call_id)) || 'x'
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested) || 'x sum' || lower(a.currency)
        || length(a.amount_requested) || 'from' || substr(a.amount_requested, 1, 1) || 'x', '')
      || ' team' || (SELECT min(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x'
      || coalesce(' ' || (SELECT group_concat('agenda' || lower(hex(x.agenda_id)) || 'x', ' ') FROM application_agendas x WHERE x.application_id = a.id), '')
      || coalesce(' ' || (SELECT group_concat('vouched' || lower(hex(v.voucher_id)) || 'x', ' ') FROM vouches v
          WHERE v.application_id = a.id AND v.status = 'signed' AND v.visibility = 'public'), '')
      || coalesce(' ' || nullif(a.place_marks, ''), '') AS marks
  FROM applications a;
CREATE TRIGGER applications_search_placed AFTER UPDATE OF place ON applications
  WHEN new.submitted_at IS NOT NULL AND new.place <> old.place BEGIN
  UPDATE search_documents SET revision = revision + 1 WHERE application_id = new.id;
END;
CREATE TRIGGER application_answers_search_added AFTER INSERT ON application_answers BEGIN
  UPDATE search_documents SET revision = revision + 1 WHERE application_id = new.application_id;
END;
CREATE TRIGGER application_answers_search_changed AFTER UPDATE ON application_answers
  WHEN new.answers <> old.answers OR new.form_version <> old.form_version BEGIN
  UPDATE search_documents SET revision = revision + 1 WHERE application_id = new.application_id;
END;
CREATE TRIGGER vouches_search_added AFTER INSERT ON vouches WHEN new.visibility = 'public' BEGIN
  UPDATE search_documents SET revision = revision + 1 WHERE application_id = new.application_id;
END;
CREATE TRIGGER vouches_search_changed AFTER UPDATE OF status, visibility ON vouches
  WHEN new.status <> old.status OR new.visibility <> old.visibility BEGIN
  UPDATE search_documents SET revision = revision + 1 WHERE application_id = new.application_id;
END;
UPDATE search_documents SET revision = revision + 1
  WHERE application_id IN (SELECT application_id FROM application_answers)
    OR application_id IN (SELECT application_id FROM vouches WHERE visibility = 'public');
