DROP INDEX grants_nothing_left_ix;
ALTER TABLE grants DROP COLUMN nothing_left;
