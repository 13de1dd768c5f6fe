-- What an application looks for can be asked for: in a search by its marks, in lists by an index of each
-- thing. A database takes such an index only where its condition is written the same.
CREATE OR REPLACE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body || ' ' || a.place || coalesce(' ' || (SELECT string_agg(g.title, ' ')
      FROM application_agendas x JOIN agendas g ON g.id = x.agenda_id WHERE x.application_id = a.id), '')
      || coalesce(' ' || (SELECT string_agg(said.value #>> '{}', ' ') FROM application_answers p
        JOIN calls c ON c.id = a.call_id AND c.visibility = 'public'
        JOIN call_forms f ON f.call_id = a.call_id AND f.version = coalesce((a.handed_in ->> 'form_version')::integer, p.form_version)
        JOIN LATERAL jsonb_array_elements(f.form -> 'questions') asked ON (asked ->> 'public')::boolean
        JOIN LATERAL jsonb_each(coalesce(a.handed_in -> 'answers', p.answers)) said ON said.key = asked ->> 'key'
        WHERE p.application_id = a.id), '') AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || replace(a.call_id::text, '-', '') || 'x'
      || coalesce((SELECT string_agg(' call' || replace(r.call_id::text, '-', '') || 'x', '') FROM application_routes r
          WHERE r.application_id = a.id AND r.status = 'submitted'), '')
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested) || 'x sum' || lower(a.currency)
        || length(a.amount_requested) || 'from' || left(a.amount_requested, 1) || 'x', '')
      || ' team' || (SELECT least(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x'
      || coalesce(' ' || (SELECT string_agg('agenda' || replace(x.agenda_id::text, '-', '') || 'x', ' ') FROM application_agendas x WHERE x.application_id = a.id), '')
      || coalesce(' ' || (SELECT string_agg('vouched' || replace(v.voucher_id::text, '-', '') || 'x', ' ') FROM vouches v
          WHERE v.application_id = a.id AND v.status = 'signed' AND v.visibility = 'public'), '')
      || coalesce(' ' || nullif(a.place_marks, ''), '')
      || CASE WHEN a.looking_for & 1 <> 0 THEN ' looksteamx' ELSE '' END || CASE WHEN a.looking_for & 2 <> 0 THEN ' looksteammatex' ELSE '' END
      || CASE WHEN a.looking_for & 4 <> 0 THEN ' looksmentorx' ELSE '' END || CASE WHEN a.looking_for & 8 <> 0 THEN ' lookscollaboratorx' ELSE '' END
      || CASE WHEN a.looking_for & 16 <> 0 THEN ' looksfundingx' ELSE '' END || CASE WHEN a.looking_for & 32 <> 0 THEN ' lookshiringx' ELSE '' END AS marks
  FROM (SELECT a.id, a.call_id, a.status, a.visibility, a.place, a.place_marks, a.looking_for,
      coalesce(v.content ->> 'title', a.title) AS title, coalesce(v.content ->> 'summary', a.summary) AS summary, coalesce(v.content ->> 'body', t.body) AS body,
      CASE WHEN v.id IS NULL THEN a.currency ELSE v.content #>> '{amount_requested,currency}' END AS currency,
      CASE WHEN v.id IS NULL THEN a.amount_requested::text ELSE ltrim(replace(v.content #>> '{amount_requested,amount}', '.', ''), '0') END AS amount_requested,
      v.content AS handed_in
    FROM applications a JOIN application_texts t ON t.application_id = a.id LEFT JOIN application_versions v ON a.status IN ('changes_requested', 'declined', 'withdrawn') AND v.application_id = a.id
      AND v.stage = 'submitted' AND v.number = (SELECT max(w.number) FROM application_versions w
        WHERE w.application_id = a.id AND w.stage = 'submitted')) a;
DROP TRIGGER applications_search_placed ON applications;
CREATE TRIGGER applications_search_placed AFTER UPDATE OF place, looking_for ON applications
  FOR EACH ROW WHEN (new.submitted_at IS NOT NULL AND (new.place <> old.place OR new.looking_for <> old.looking_for)) EXECUTE FUNCTION applications_search();
CREATE INDEX applications_looks_team_ix ON applications (visibility, status, id) WHERE looking_for & 1 <> 0;
CREATE INDEX applications_looks_team_mate_ix ON applications (visibility, status, id) WHERE looking_for & 2 <> 0;
CREATE INDEX applications_looks_mentor_ix ON applications (visibility, status, id) WHERE looking_for & 4 <> 0;
CREATE INDEX applications_looks_collaborator_ix ON applications (visibility, status, id) WHERE looking_for & 8 <> 0;
CREATE INDEX applications_looks_funding_ix ON applications (visibility, status, id) WHERE looking_for & 16 <> 0;
CREATE INDEX applications_looks_hiring_ix ON applications (visibility, status, id) WHERE looking_for & 32 <> 0;
-- What few look for is rare in a frequent status as well: without numbers of its own the planner does not know.
CREATE STATISTICS applications_looks_team_st ON (looking_for & 1) FROM applications;
CREATE STATISTICS applications_looks_team_mate_st ON (looking_for & 2) FROM applications;
CREATE STATISTICS applications_looks_mentor_st ON (looking_for & 4) FROM applications;
CREATE STATISTICS applications_looks_collaborator_st ON (looking_for & 8) FROM applications;
CREATE STATISTICS applications_looks_funding_st ON (looking_for & 16) FROM applications;
CREATE STATISTICS applications_looks_hiring_st ON (looking_for & 32) FROM applications;
SELECT search_refresh(d.application_id) FROM search_documents d JOIN applications a ON a.id = d.application_id
  WHERE a.looking_for <> 0;
