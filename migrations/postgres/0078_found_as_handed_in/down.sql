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
      || coalesce((SELECT string_agg(' call' || replace(r.call_id::text, '-', '') || 'x', '') FROM application_routes r
          WHERE r.application_id = a.id AND r.status = 'submitted'), '')
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested::text) || 'x sum' || lower(a.currency)
        || length(a.amount_requested::text) || 'from' || left(a.amount_requested::text, 1) || 'x', '')
      || ' team' || (SELECT least(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x'
      || coalesce(' ' || (SELECT string_agg('agenda' || replace(x.agenda_id::text, '-', '') || 'x', ' ') FROM application_agendas x WHERE x.application_id = a.id), '')
      || coalesce(' ' || (SELECT string_agg('vouched' || replace(v.voucher_id::text, '-', '') || 'x', ' ') FROM vouches v
          WHERE v.application_id = a.id AND v.status = 'signed' AND v.visibility = 'public'), '')
      || coalesce(' ' || nullif(a.place_marks, ''), '') AS marks
  FROM applications a;
SELECT search_refresh(d.application_id) FROM search_documents d
  WHERE d.application_id IN (SELECT id FROM applications WHERE status = 'changes_requested');
