-- What was deleted does not come back.
SELECT 1;
