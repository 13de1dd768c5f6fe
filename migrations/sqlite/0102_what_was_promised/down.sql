DROP INDEX delegations_warn_ix;
ALTER TABLE delegations DROP COLUMN warn_on;
DROP INDEX nominations_due_ix;
ALTER TABLE nominations DROP COLUMN due_at;
ALTER TABLE application_routes DROP COLUMN again_until;
ALTER TABLE application_declines DROP COLUMN remedy_until;
ALTER TABLE application_declines DROP COLUMN remedy;
