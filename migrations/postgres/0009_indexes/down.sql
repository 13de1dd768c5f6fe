DROP INDEX people_roles_ix;
DROP INDEX people_status_ix;
DROP INDEX grant_sources_budget_grant_ix;
DROP INDEX offers_regrantor_status_ix;
DROP INDEX offers_status_ix;
