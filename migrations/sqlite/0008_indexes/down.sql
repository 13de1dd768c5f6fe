DROP INDEX grant_sources_budget_grant_ix;
DROP INDEX offers_status_ix;
