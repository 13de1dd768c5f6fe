-- What can be awarded is looked up among the applications of which that was told. What was awarded is
-- told of no more, and is forgotten with the award from now on.
DELETE FROM award_notices
WHERE application_id IN (SELECT id FROM applications WHERE status = 'awarded');
