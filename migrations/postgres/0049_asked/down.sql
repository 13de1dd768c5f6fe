DROP INDEX merges_asked_ix;
