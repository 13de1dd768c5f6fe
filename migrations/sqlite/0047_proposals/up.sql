-- How many merges somebody has proposed lately.
CREATE INDEX merges_proposer_ix ON merges (proposed_by, created_at);
