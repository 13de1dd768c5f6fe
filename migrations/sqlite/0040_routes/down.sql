DROP TRIGGER application_routes_search_changed;
DROP VIEW search_contents;
CREATE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body || coalesce(' ' || (SELECT group_concat(g.title, ' ')
      FROM application_agendas x JOIN agendas g ON g.id = x.agenda_id WHERE x.application_id = a.id), '') AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || lower(hex(a.call_id)) || 'x'
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested) || 'x sum' || lower(a.currency)
        || length(a.amount_requested) || 'from' || substr(a.amount_requested, 1, 1) || 'x', '')
      || ' team' || (SELECT min(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x'
      || coalesce(' ' || (SELECT group_concat('agenda' || lower(hex(x.agenda_id)) || 'x', ' ') FROM application_agendas x WHERE x.application_id = a.id), '') AS marks
  FROM applications a;
DROP TABLE application_routes;
