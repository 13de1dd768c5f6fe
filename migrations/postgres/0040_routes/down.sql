DROP TRIGGER application_routes_search_changed ON application_routes;
CREATE OR REPLACE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body || coalesce(' ' || (SELECT string_agg(g.title, ' ')
      FROM application_agendas x JOIN agendas g ON g.id = x.agenda_id WHERE x.application_id = a.id), '') AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || replace(a.call_id::text, '-', '') || 'x'
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested::text) || 'x sum' || lower(a.currency)
        || length(a.amount_requested::text) || 'from' || left(a.amount_requested::text, 1) || 'x', '')
      || ' team' || (SELECT least(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x'
      || coalesce(' ' || (SELECT string_agg('agenda' || replace(x.agenda_id::text, '-', '') || 'x', ' ') FROM application_agendas x WHERE x.application_id = a.id), '') AS marks
  FROM applications a;
DROP TABLE application_routes;
