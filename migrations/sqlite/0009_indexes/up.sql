-- What lists filter by: offers and people in a status, people with any role, and the grants that a
-- budget pays for; each newest first.
CREATE INDEX offers_status_ix ON offers (status, id);
CREATE INDEX offers_regrantor_status_ix ON offers (regrantor_id, status, id);
CREATE INDEX grant_sources_budget_grant_ix ON grant_sources (budget_id, grant_id);
CREATE INDEX people_status_ix ON people (status, id);
CREATE INDEX people_roles_ix ON people (id) WHERE roles <> 0;
