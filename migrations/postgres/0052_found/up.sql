-- Where an application's work is done and what it looks for; and what is found besides its own texts:
-- its place, the answers that everybody may read who reads it, and who vouches for it in public.
-- `place_marks` holds a mark for each word of the place, made by the service.
ALTER TABLE applications ADD COLUMN place text NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN place_marks text NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN looking_for integer NOT NULL DEFAULT 0;

CREATE OR REPLACE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body || ' ' || a.place || coalesce(' ' || (SELECT string_agg(g.title, ' ')
      FROM application_agendas x JOIN agendas g ON g.id = x.agenda_id WHERE x.application_id = a.id), '')
      || coalesce(' ' || (SELECT string_agg(said.value #>> '{}', ' ') FROM application_answers p
        JOIN call_forms f ON f.call_id = a.call_id AND f.version = p.form_version
        JOIN LATERAL jsonb_array_elements(f.form -> 'questions') asked ON (asked ->> 'public')::boolean
        JOIN LATERAL jsonb_each(p.answers) said ON said.key = asked ->> 'key'
        WHERE p.application_id = a.id), '') AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || replace(a.call_id::text, '-', '') || 'x'
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested::text) || 'x sum' || lower(a.currency)
        || length(a.amount_requested::text) || 'from' || left(a.amount_requested::text, 1) || 'x', '')
      || ' team' || (SELECT least(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x'
      || coalesce(' ' || (SELECT string_agg('agenda' || replace(x.agenda_id::text, '-', '') || 'x', ' ') FROM application_agendas x WHERE x.application_id = a.id), '')
      || coalesce(' ' || (SELECT string_agg('vouched' || replace(v.voucher_id::text, '-', '') || 'x', ' ') FROM vouches v
          WHERE v.application_id = a.id AND v.status = 'signed' AND v.visibility = 'public'), '')
      || coalesce(' ' || nullif(a.place_marks, ''), '') AS marks
  FROM applications a;
CREATE TRIGGER applications_search_placed AFTER UPDATE OF place ON applications
  FOR EACH ROW WHEN (new.submitted_at IS NOT NULL AND new.place <> old.place) EXECUTE FUNCTION applications_search();
CREATE TRIGGER application_answers_search_added AFTER INSERT ON application_answers
  FOR EACH ROW EXECUTE FUNCTION application_members_search();
CREATE TRIGGER application_answers_search_changed AFTER UPDATE ON application_answers
  FOR EACH ROW WHEN (new.answers <> old.answers OR new.form_version <> old.form_version)
  EXECUTE FUNCTION application_members_search();
CREATE TRIGGER vouches_search_added AFTER INSERT ON vouches
  FOR EACH ROW WHEN (new.visibility = 'public') EXECUTE FUNCTION application_members_search();
CREATE TRIGGER vouches_search_changed AFTER UPDATE OF status, visibility ON vouches
  FOR EACH ROW WHEN (new.status <> old.status OR new.visibility <> old.visibility)
  EXECUTE FUNCTION application_members_search();
SELECT search_refresh(d.application_id) FROM search_documents d
  WHERE d.application_id IN (SELECT application_id FROM application_answers)
    OR d.application_id IN (SELECT application_id FROM vouches WHERE visibility = 'public');
