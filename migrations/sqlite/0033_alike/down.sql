DROP TRIGGER search_documents_compare_changed;
DROP TRIGGER search_documents_compare_added;
DROP TABLE similar_bands;
DROP TABLE similar_texts;
DROP TABLE similar_due;
DROP TRIGGER application_agendas_search_removed;
DROP TRIGGER application_agendas_search_added;
DROP VIEW search_contents;
CREATE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || lower(hex(a.call_id)) || 'x'
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested) || 'x sum' || lower(a.currency)
        || length(a.amount_requested) || 'from' || substr(a.amount_requested, 1, 1) || 'x', '')
      || ' team' || (SELECT min(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x' AS marks
  FROM applications a;
