-- Lists that filter by status, and the grants that a budget pays for, newest first.
CREATE INDEX offers_status_ix ON offers (status, id);
CREATE INDEX grant_sources_budget_grant_ix ON grant_sources (budget_id, grant_id);
