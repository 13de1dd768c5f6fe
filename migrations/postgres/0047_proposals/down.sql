DROP INDEX merges_proposer_ix;
