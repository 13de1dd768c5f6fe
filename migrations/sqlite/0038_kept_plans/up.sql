-- Only PostgreSQL plans anew: see its 0038.
SELECT 1;
