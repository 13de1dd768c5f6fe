-- PostgreSQL has no REPLACE.
SELECT 1;
