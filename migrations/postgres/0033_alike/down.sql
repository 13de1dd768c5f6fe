DROP TRIGGER search_documents_compare_changed ON search_documents;
DROP FUNCTION search_documents_compare();
DROP TABLE similar_bands;
DROP TABLE similar_texts;
DROP TABLE similar_due;
DROP TRIGGER application_agendas_search_changed ON application_agendas;
DROP FUNCTION application_agendas_search();
CREATE OR REPLACE VIEW search_contents AS
  SELECT a.id AS application_id,
    a.title AS title,
    a.title || ' ' || a.summary AS lead,
    a.title || ' ' || a.summary || ' ' || a.body AS whole,
    'anyx status' || replace(a.status, '_', '') || 'x seen' || a.visibility || replace(a.status, '_', '')
      || 'x call' || replace(a.call_id::text, '-', '') || 'x'
      || coalesce(' sum' || lower(a.currency) || length(a.amount_requested::text) || 'x sum' || lower(a.currency)
        || length(a.amount_requested::text) || 'from' || left(a.amount_requested::text, 1) || 'x', '')
      || ' team' || (SELECT least(count(*), 20) FROM application_members m
          WHERE m.application_id = a.id AND m.consent = 'accepted') || 'x' AS marks
  FROM applications a;
