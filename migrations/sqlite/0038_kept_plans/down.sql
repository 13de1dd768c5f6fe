-- SQLite keeps its plans.
SELECT 1;
