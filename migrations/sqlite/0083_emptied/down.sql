DROP TABLE application_deletions;
